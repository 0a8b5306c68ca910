//! The check: what everybody was told, against what is stored, what stands in the channels, and
//! what the bot answers.

use super::{
    model::{Daily, Part, Record, Stored, record, takes_part},
    stored::{self, StoredDaily},
    support::Outcome,
    world::{Fault, PATIENCE, Promise, World},
};
use discord_sim::{ActError, Actor, Id, MessageView};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

impl World {
    /// The members, as the store knows them.
    pub fn member_ids(&self) -> Vec<Id> {
        self.members.iter().map(|(id, _)| *id).collect()
    }

    /// Compares what everybody was told with the stopped bot's store, and takes over what became
    /// of the acts to which nobody heard an answer.
    pub async fn check_store(&self) {
        let scratch = self.folder.path();
        match stored::read(&self.store(), scratch, self.guild, &self.member_ids()).await {
            Ok((stored, _)) => self.check_stored(&stored),
            Err(error) => self.fault(Fault::lost(format!("the store cannot be read: {error}"))),
        }
    }

    fn check_stored(&self, stored: &BTreeMap<String, StoredDaily>) {
        let mut state = self.state();
        let mut faults = Vec::new();
        for (name, daily) in &mut state.dailies {
            let told = faults.len();
            compare_daily(daily, stored.get(name), &mut faults);
            for fault in &mut faults[told..] {
                fault.text = format!("{name}: {}", fault.text);
            }
        }
        for name in stored.keys().filter(|name| !state.dailies.contains_key(*name)) {
            faults.push(Fault::wrong(format!("nobody has set {name} up")));
        }
        state.faults.extend(faults);
    }

    /// Compares a store's files with what everybody had been told at that microsecond. Nothing is
    /// taken over.
    pub async fn check_image(&self, folder: &Path, at: i64) -> Vec<Fault> {
        let stored = match stored::read_in_place(folder, self.guild, &self.member_ids()).await {
            Ok((stored, _)) => stored,
            Err(error) => return vec![Fault::lost(format!("an image cannot be read: {error}"))],
        };
        let state = self.state();
        let told = state.promises.iter().filter(|(heard, _)| *heard <= at);
        let told: Vec<&Promise> = told.map(|(_, promise)| promise).collect();
        let ended = |name: &String| {
            told.iter().any(|promise| matches!(promise, Promise::Ends(ended) if ended == name))
        };
        let is_kept = |promise: &&&Promise| match promise {
            Promise::Ends(_) => true,
            Promise::Exists(name) | Promise::Out(name, _) | Promise::Did(name, ..)
                if ended(name) =>
            {
                true
            }
            Promise::Exists(name) => stored.contains_key(name),
            Promise::Out(name, number) => {
                stored.get(name).is_some_and(|daily| daily.rounds.contains_key(number))
            }
            Promise::Did(name, key, deed) => {
                let part = stored.get(name).and_then(|daily| daily.parts.get(key));
                part.is_some_and(|part| part.contains_key(deed))
            }
        };
        let broken = told.iter().filter(|promise| !is_kept(promise));
        broken.map(|promise| Fault::lost(format!("in an image: {promise:?}"))).collect()
    }

    /// Waits until the bot has nothing left to do that members see, and compares the channels and
    /// its answers with what everybody was told.
    ///
    /// # Errors
    /// The simulation refuses to ask.
    pub async fn check_answers(&self) -> Outcome<()> {
        let live: Vec<(String, Id)> = {
            let state = self.state();
            let live = state.dailies.iter().filter(|(_, daily)| !daily.setups.contains(&None));
            live.map(|(name, daily)| (name.clone(), daily.channel)).collect()
        };
        for (name, channel) in live {
            self.check_channel(&name, channel).await?;
            self.check_members(&name, channel).await?;
            self.check_boards(&name, channel).await?;
        }
        Ok(())
    }

    async fn check_channel(&self, name: &str, channel: Id) -> Result<(), ActError> {
        let since = std::time::Instant::now();
        let due = self.state().dailies.get(name).map_or(i64::MAX, |daily| daily.due);
        let mona = self.sim.user(self.mona);
        loop {
            let shown = mona.command(channel, "daily show", &[("daily", json!(name))]).await?;
            let text = shown.message().map(MessageView::text).unwrap_or_default();
            let rounds = self.rounds(channel);
            let is_due = due + 100 < self.now().as_millisecond();
            let done = field(&text, "Rounds posted") == Some(rounds.len() as u32)
                && !text.contains("⏳ Round")
                && (!is_due || !rounds.is_empty())
                && are_closed(&rounds);
            if done {
                self.compare_rounds(name, &rounds);
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                let told = format!("{name} is not done: {} messages, {text}", rounds.len());
                self.fault(if rounds.is_empty() { Fault::lost(told) } else { Fault::wrong(told) });
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// One message a round, from 1 on, and those that somebody was told of.
    fn compare_rounds(&self, name: &str, rounds: &[(u32, MessageView)]) {
        let mut faults = Vec::new();
        let mut seen = BTreeMap::new();
        for (number, message) in rounds {
            if seen.insert(*number, message.id).is_some() {
                faults.push(Fault::double(format!("{name}: two messages of round {number}")));
            }
        }
        let wanted = 1..=rounds.len() as u32;
        if !seen.keys().copied().eq(wanted) && faults.is_empty() {
            faults.push(Fault::wrong(format!("{name} has rounds {:?}", seen.keys())));
        }
        let mut state = self.state();
        let Some(daily) = state.dailies.get(name) else { return };
        for (number, message) in &daily.told_out {
            if seen.get(number) != Some(message) {
                faults.push(Fault::lost(format!("{name}: the message of round {number}")));
            }
        }
        faults.extend(self.faults_of_threads(daily, rounds));
        state.faults.extend(faults);
    }

    fn faults_of_threads(&self, daily: &Daily, rounds: &[(u32, MessageView)]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (number, message) in rounds {
            let Some(thread) = &message.thread else { continue };
            let messages = self.sim.messages(thread.id);
            for member in self.member_ids() {
                let words = format!("<@{member}> answered:");
                let shared = messages.iter().filter(|m| m.content.contains(&words)).count();
                let told = daily.told_shared.contains(&(*number, member));
                if shared > 1 {
                    faults.push(Fault::double(format!("the answer of {member} to {number}")));
                } else if told && shared == 0 {
                    faults.push(Fault::lost(format!("the answer of {member} to {number}")));
                }
            }
        }
        faults
    }

    /// Each member's record as `/streak` tells it.
    async fn check_members(&self, name: &str, channel: Id) -> Result<(), ActError> {
        let newest = self.rounds(channel).len() as u32;
        let asking = self.member_ids().into_iter().map(async |member| {
            let told = self.record_told(name, channel, member).await?;
            let rounds = {
                let state = self.state();
                state.dailies.get(name).map(|daily| daily.took_part(member)).unwrap_or_default()
            };
            let wanted = record(&rounds, newest);
            if told != Some(wanted) {
                let text = format!(
                    "{name}: {member} is told {told:?}, not {wanted:?}: {rounds:?} of {newest}"
                );
                self.fault(Fault::wrong(text));
            }
            Ok::<(), ActError>(())
        });
        futures_util::future::try_join_all(asking).await.map(drop)
    }

    async fn record_told(
        &self,
        name: &str,
        channel: Id,
        member: Id,
    ) -> Result<Option<Record>, ActError> {
        let actor = self.sim.user(member);
        let answer = actor.command(channel, "streak", &[("daily", json!(name))]).await?;
        let Some(message) = answer.message() else { return Ok(None) };
        let text = message.text();
        dismiss(&actor, message);
        // The title is "Streak" as well, so that field is found behind the description.
        let streak = text.split_once("\nStreak\n").map(|(_, rest)| format!("Streak\n{rest}"));
        Ok(streak.and_then(|streak| {
            Some(Record {
                streak: field(&streak, "Streak")?,
                best: field(&streak, "Best")?,
                freezes: field(&streak, "Freezes left")?,
                rounds: field(&streak, "Rounds in all")?,
            })
        }))
    }

    async fn check_boards(&self, name: &str, channel: Id) -> Result<(), ActError> {
        let newest = self.rounds(channel).len() as u32;
        let mut kinds = vec!["all", "streak", "best"];
        // Where all of these days lie in one month, so do all acts, in whatever time zone.
        if is_within_a_month(self) {
            kinds.extend(["month", "quiz"]);
        }
        let asking = kinds.into_iter().map(async |kind| {
            let actor = self.sim.user(self.mona);
            let options = [("kind", json!(kind)), ("daily", json!(name))];
            let answer = actor.command(channel, "leaderboard", &options).await?;
            let text = answer.message().map(MessageView::text).unwrap_or_default();
            if let Some(message) = answer.message() {
                dismiss(&actor, message);
            }
            let told: BTreeSet<Row> = text.lines().filter_map(row).collect();
            let wanted = self.wanted_board(name, kind, newest);
            if told != wanted {
                let text = format!("{name}: the board {kind} is {told:?}, not {wanted:?}");
                self.fault(Fault::wrong(text));
            }
            Ok::<(), ActError>(())
        });
        futures_util::future::try_join_all(asking).await.map(drop)
    }

    fn wanted_board(&self, name: &str, kind: &str, newest: u32) -> BTreeSet<Row> {
        let state = self.state();
        let Some(daily) = state.dailies.get(name) else { return BTreeSet::new() };
        let score = |member: Id| {
            let record = record(&daily.took_part(member), newest);
            match kind {
                "streak" => record.streak,
                "best" => record.best,
                "quiz" => daily.quiz_right(member),
                _ => record.rounds,
            }
        };
        let scores = self.member_ids().into_iter().map(|member| (member, score(member)));
        let scores: Vec<(Id, u32)> = scores.filter(|(_, score)| *score > 0).collect();
        let rank = |own: u32| 1 + scores.iter().filter(|(_, score)| *score > own).count() as u32;
        scores.iter().map(|(member, score)| (rank(*score), *member, *score)).collect()
    }

    /// Whether the newest rounds' messages show how many took part.
    pub fn counts_are_shown(&self) -> bool {
        let state = self.state();
        let mut live = state.dailies.values().filter(|daily| !daily.setups.contains(&None));
        live.all(|daily| {
            let Some((number, message)) = self.rounds(daily.channel).pop() else { return true };
            let of_round = daily.parts.iter().filter(|((_, round), _)| *round == number);
            let took_part = of_round.filter(|(_, part)| takes_part(&part.told())).count();
            let shown =
                if took_part == 0 { "Nobody".to_owned() } else { format!("**{took_part}**") };
            message.text().contains(&shown)
        })
    }

    /// What a stopped bot has left: no claim, no work, and each message as the store has it.
    pub async fn check_end(&self) {
        let scratch = self.folder.path();
        let read = stored::read(&self.store(), scratch, self.guild, &self.member_ids()).await;
        let (stored, work) = match read {
            Ok(read) => read,
            Err(error) => {
                self.fault(Fault::lost(format!("the store cannot be read: {error}")));
                return;
            }
        };
        if work > 0 {
            self.fault(Fault::wrong(format!("{work} rounds still want work")));
        }
        for (name, daily) in &stored {
            if let Some(number) = daily.claimed {
                self.fault(Fault::lost(format!("{name}: round {number} is claimed, not posted")));
            }
            self.compare_messages(name, daily);
        }
    }

    fn compare_messages(&self, name: &str, daily: &StoredDaily) {
        let messages: BTreeMap<u32, MessageView> =
            self.rounds(daily.setup.channel).into_iter().collect();
        for (number, round) in &daily.rounds {
            let Some(message) = messages.get(number).filter(|m| m.id == round.message) else {
                self.fault(Fault::lost(format!("{name}: the message of round {number}")));
                continue;
            };
            let text = message.text();
            let shown = match round.took_part {
                0 if text.contains("· closed") => "Took part\nnobody".to_owned(),
                0 => "Nobody has taken part yet.".to_owned(),
                1 if text.contains("· closed") => "Took part\n1 member".to_owned(),
                1 => "**1** person has taken part.".to_owned(),
                more if text.contains("· closed") => format!("Took part\n{more} members"),
                more => format!("**{more}** people have taken part."),
            };
            if !text.contains(&shown) || (round.thread && message.thread.is_none()) {
                self.fault(Fault::wrong(format!("{name}, round {number}: not {shown:?}: {text}")));
            }
        }
    }
}

fn compare_daily(daily: &mut Daily, stored: Option<&StoredDaily>, faults: &mut Vec<Fault>) {
    let setup = stored.map(|stored| stored.setup.clone());
    if !daily.setups.contains(&setup) {
        faults.push(Fault::lost(format!("{setup:?} is stored, told {:?}", daily.setups)));
    }
    daily.setups = [setup].into();
    let Some(stored) = stored else { return };
    if let Some(why) = &stored.refused {
        faults.push(Fault::wrong(format!("it is paused: {why}")));
    }
    for key in stored.parts.keys() {
        daily.parts.entry(*key).or_default();
    }
    for (key, part) in &mut daily.parts {
        let wrong = part.settle(stored.parts.get(key).unwrap_or(&Stored::new()));
        faults.extend(wrong.into_iter().map(|text| fault(key, &text)));
    }
    for (number, message) in &daily.told_out {
        if stored.rounds.get(number).map(|round| round.message) != Some(*message) {
            faults.push(Fault::lost(format!("round {number} was out as {message}")));
        }
    }
    for (number, round) in &stored.rounds {
        let of_round = daily.parts.iter().filter(|((_, round), _)| round == number);
        let took_part = of_round.filter(|(_, part): &(_, &Part)| takes_part(&part.known)).count();
        if round.took_part as usize != took_part {
            let text = format!("round {number} counts {}, not {took_part}", round.took_part);
            faults.push(Fault::wrong(text));
        }
    }
}

fn fault(key: &(Id, u32), text: &str) -> Fault {
    let told = format!("{key:?}: {text}");
    if text.starts_with("lost") { Fault::lost(told) } else { Fault::wrong(told) }
}

/// Whether all rounds but the newest are closed, and none of those is pinned.
fn are_closed(rounds: &[(u32, MessageView)]) -> bool {
    let before = rounds.split_last().map_or(&[][..], |(_, before)| before);
    before.iter().all(|(_, message)| message.text().contains("· closed") && !message.pinned)
}

/// The number in the line behind the one with this name.
fn field(text: &str, name: &str) -> Option<u32> {
    let value = text.lines().skip_while(|line| *line != name).nth(1)?;
    value.split(' ').next()?.parse().ok()
}

/// Rank, member, score.
type Row = (u32, Id, u32);

fn row(line: &str) -> Option<Row> {
    let (medal, rest) = line.split_once(" <@")?;
    let (id, rest) = rest.split_once("> — **")?;
    let rank = match medal {
        "🥇" => 1,
        "🥈" => 2,
        "🥉" => 3,
        number => number.trim_matches(['*', '.']).parse().ok()?,
    };
    Some((rank, id.parse().ok()?, rest.split_once("**")?.0.parse().ok()?))
}

fn is_within_a_month(world: &World) -> bool {
    let day = jiff::SignedDuration::from_hours(36);
    let now = world.now();
    let month = |at: jiff::Timestamp| jiff::tz::TimeZone::UTC.to_datetime(at).month();
    let (before, after) = (now.saturating_sub(day), now.saturating_add(day));
    matches!((before, after), (Ok(before), Ok(after)) if month(before) == month(after))
}

/// Clears an answer away, so that the simulation does not fill up.
fn dismiss(actor: &Actor, message: &MessageView) {
    // It may be gone already.
    let _ = actor.dismiss(message.channel, message.id);
}
