//! One of everything that can be done with the bot, by members and a moderator.

use crate::support::{Stage, eventually};
use discord_sim::{ChannelKind, Fault, Id, MessageView, Response, Rule};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use whetstone::{bank::Bank, domain::question::Filter};

/// The longest name of a daily; each of its letters is escaped where it is shown.
pub const NAME: &str = "________________________________";

/// Friday morning in New York, before the first round.
pub const START: &str = "2026-03-06T14:00:00Z";

/// A stage, with notes of what was done on it.
pub struct Tour {
    pub stage: Stage,
    /// The topic of all questions, if not any will do.
    pub topic: Option<String>,
    /// What members answer.
    pub answer: String,
    /// Commands with their subcommands, and each with the options that were given.
    pub used: BTreeSet<String>,
    /// What buttons and forms were used: the first two parts of their custom ids.
    pub clicked: BTreeSet<String>,
    pub announcements: Id,
    pub forum: Id,
    pub role: Id,
    pub crowd: Vec<Id>,
}

impl Tour {
    pub fn on(stage: Stage, topic: Option<&str>, answer: &str) -> Self {
        let (sim, guild) = (&stage.sim, stage.guild);
        let crowd = (0..12).map(|n| sim.add_user(&format!("crowd{n}"), &format!("Crowd {n}")));
        let crowd: Vec<Id> = crowd.collect();
        crowd.iter().for_each(|user| sim.add_member(guild, *user, &[]));
        let role = sim.add_role(guild, "Team", 0);
        sim.set_mentionable(guild, role, true);
        Self {
            announcements: sim.add_channel(guild, "news", ChannelKind::Announcement),
            forum: sim.add_channel(guild, "forum", ChannelKind::Forum),
            role,
            crowd,
            topic: topic.map(str::to_owned),
            answer: answer.to_owned(),
            used: BTreeSet::new(),
            clicked: BTreeSet::new(),
            stage,
        }
    }

    /// Everything, in an order in which it works.
    pub async fn walk(&mut self) {
        self.before_any_daily().await;
        self.set_up().await;
        self.mistakes_of_admins().await;
        self.practice().await;
        self.in_a_direct_message().await;
        self.stage.travel("2026-03-06T15:00:00Z").await;
        self.rounds().await;
        self.look_after().await;
        // Clocks go forward on the Sunday between. The rounds of Friday close.
        self.stage.travel("2026-03-09T15:00:00Z").await;
        self.closed_round().await;
        self.boards().await;
        self.own_data().await;
        self.post_now().await;
        self.suggestions().await;
        self.remove().await;
    }

    pub async fn respond(
        &mut self,
        user: Id,
        channel: Id,
        name: &str,
        options: &[(&str, Value)],
    ) -> Response {
        self.used.insert(name.to_owned());
        self.used.extend(options.iter().map(|(option, _)| format!("{name} {option}")));
        let sent = self.stage.actor(user).command(channel, name, options).await;
        sent.unwrap_or_else(|error| panic!("/{name} {options:?}: {error}"))
    }

    /// Uses a command in the dailies' channel and gives the answer.
    pub async fn ask(&mut self, user: Id, name: &str, options: &[(&str, Value)]) -> MessageView {
        let channel = self.stage.channel;
        let response = self.respond(user, channel, name, options).await;
        let answer = response.message();
        answer.unwrap_or_else(|| panic!("/{name} {options:?} gets {response:?}")).clone()
    }

    /// Uses a command as the moderator; the answer must hold the words.
    pub async fn told(&mut self, name: &str, options: &[(&str, Value)], words: &str) {
        let said = self.ask(self.stage.mona, name, options).await.text();
        assert!(said.contains(words), "/{name} {options:?} says {said:?}, not {words:?}");
    }

    pub async fn click(&mut self, user: Id, on: &MessageView, label: &str) -> Response {
        let button = on.button(label).unwrap_or_else(|| panic!("no {label} in {:?}", on.labels()));
        self.note(&button["custom_id"]);
        let clicked = self.stage.actor(user).click_label(on.channel, on.id, label).await;
        clicked.unwrap_or_else(|error| panic!("{label}: {error}"))
    }

    /// Clicks a button; what comes of it must hold the words.
    pub async fn see(
        &mut self,
        user: Id,
        on: &MessageView,
        label: &str,
        words: &str,
    ) -> MessageView {
        let seen = message(&self.click(user, on, label).await);
        assert!(seen.text().contains(words), "{label} shows {:?}, not {words:?}", seen.text());
        seen
    }

    /// Clicks Answer, fills in the form and sends it.
    pub async fn answer(&mut self, user: Id, on: &MessageView) -> MessageView {
        let opened = self.click(user, on, "Answer").await;
        let modal = opened.modal().unwrap_or_else(|| panic!("a form, not {opened:?}"));
        self.note(&json!(modal.custom_id));
        let answer = self.answer.clone();
        let sent = self.stage.actor(user).submit(modal, &[("text", &answer)]).await.unwrap();
        message(&sent)
    }

    fn note(&mut self, custom_id: &Value) {
        let parts: Vec<&str> = custom_id.as_str().unwrap().splitn(3, ':').collect();
        self.clicked.insert(parts[..2].join(":"));
    }

    async fn before_any_daily(&mut self) {
        let (ada, mona) = (self.stage.ada, self.stage.mona);
        for command in ["streak", "leaderboard", "question today", "reveal"] {
            let said = self.ask(ada, command, &[]).await.text();
            assert!(said.contains("no daily question here yet"), "{said}");
        }
        let all = self.ask(mona, "help", &[]).await.text();
        let less = self.ask(ada, "help", &[]).await.text();
        assert!(all.contains("/daily") && !less.contains("/daily set"), "{all}\n{less}");
        self.ask(ada, "topics", &[]).await;
    }

    /// The options of a daily in a channel, with the tour's topic.
    pub fn daily(&self, channel: Id) -> Vec<(&'static str, Value)> {
        let zone = "America/New_York";
        let topics = self.topic.as_deref().unwrap_or("all");
        vec![
            ("channel", json!(channel)),
            ("time", json!("09:30")),
            ("zone", json!(zone)),
            ("topics", json!(topics)),
        ]
    }

    /// Three dailies, one in each kind of channel, with every option given to one of them.
    async fn set_up(&mut self) {
        let set = "daily set";
        let mut first = self.daily(self.stage.channel);
        self.told(set, &first, "is set up").await;
        first.extend([("pin", json!(true)), ("role", json!(self.role))]);
        self.told(set, &first, "is changed").await;
        let mut second = self.daily(self.announcements);
        second.extend([
            ("name", json!(NAME)),
            ("days", json!("mon-sun")),
            ("levels", json!("beginner, intermediate, advanced")),
            ("thread", json!(true)),
        ]);
        self.told(set, &second, "every day").await;
        let mut third = self.daily(self.forum);
        third.extend([("name", json!("forum")), ("thread", json!(false))]);
        self.told(set, &third, "is set up").await;
    }

    async fn mistakes_of_admins(&mut self) {
        let set = "daily set";
        let good = self.daily(self.stage.channel);
        let named = [good.clone(), vec![("name", json!("daily"))]].concat();
        let but = |option: &'static str, value: Value| {
            let kept = named.iter().filter(|(name, _)| *name != option).cloned();
            kept.chain([(option, value)]).collect::<Vec<_>>()
        };
        self.told(set, &good, "There are several dailies").await;
        self.told(set, &but("name", json!("***")), "cannot be a daily's name").await;
        self.told(set, &but("time", json!("25:99")), "`time`").await;
        self.told(set, &but("zone", json!("*".repeat(100))), "`zone`").await;
        self.told(set, &but("days", json!("someday")), "`days`").await;
        self.told(set, &but("levels", json!("expert")), "`levels`").await;
        self.told(set, &but("topics", json!("*".repeat(100))), "No topic").await;
        let elsewhere = "daily show";
        self.told(elsewhere, &[("daily", json!("*".repeat(100)))], "no daily named").await;
        let sim = &self.stage.sim;
        sim.deny_bot(self.stage.channel, u64::MAX);
        self.told(set, &named, "Nothing was saved").await;
        self.told("daily check", &[], "❌").await;
        self.stage.sim.deny_bot(self.stage.channel, 1 << 11 | 1 << 14);
        self.told(set, &named, "the bot lacks").await;
        self.stage.sim.deny_bot(self.stage.channel, 0);
        let fault = Fault::Status { status: 500, body: json!({ "code": 0, "message": "" }) };
        let broken = self.stage.sim.faults().add(Rule::new("GET /channels/*", fault));
        self.told(set, &named, "something went wrong on my side").await;
        broken.release();
        self.told("daily check", &[], "✅").await;
        let channel = ("channel", json!(self.stage.channel));
        self.told("daily notices", &[channel], "is told once").await;
        self.told("daily notices", &[("direct", json!(true))], "by direct message").await;
    }

    async fn practice(&mut self) {
        let (ada, topic) = (self.stage.ada, self.topic.clone());
        let topic = topic.unwrap_or_else(|| "http".to_owned());
        let stars = "*".repeat(100);
        self.ask(ada, "question find", &[("text", json!("zqxj"))]).await;
        self.ask(ada, "question find", &[("text", json!(stars))]).await;
        self.ask(ada, "question find", &[("text", json!("e"))]).await;
        self.ask(ada, "question find", &[("text", json!("title word"))]).await;
        self.ask(ada, "question show", &[("id", json!(stars))]).await;
        self.ask(ada, "question any", &[("topic", json!(stars))]).await;
        for level in ["beginner", "intermediate", "advanced", "any"] {
            let options = [("topic", json!(topic)), ("private", json!(level == "any"))];
            let shown = self.ask(ada, &format!("question {level}"), &options).await;
            assert_eq!(shown.labels(), ["Answer", "Quiz", "Hint", "Reveal"], "{}", shown.text());
            self.all_of_a_practice_question(ada, &shown).await;
        }
        let id = self.ids()[0].clone();
        let options = [("id", json!(id)), ("private", json!(true))];
        self.ask(ada, "question show", &options).await;
        self.ask(ada, "reveal", &[("question", json!(id))]).await;
    }

    pub async fn all_of_a_practice_question(&mut self, user: Id, shown: &MessageView) {
        let answer = self.answer.clone();
        let answered = self.answer(user, shown).await;
        assert!(answered.text().contains(&answer), "{}", answered.text());
        self.see(user, shown, "Hint", "Hint").await;
        self.see(user, shown, "Reveal", "Did the answer mention").await;
        for choice in ["A", "B"] {
            let quiz = self.see(user, shown, "Quiz", "Practice").await;
            self.see(user, &quiz, choice, "Why").await;
        }
    }

    /// The ids of the questions that the dailies draw from.
    pub fn ids(&self) -> Vec<String> {
        let bank = Bank::load(&self.stage.bank).unwrap();
        let topics = self.topic.iter().map(|topic| topic.as_str().into()).collect();
        let matching = bank.matching(&Filter { levels: Vec::new(), topics });
        matching.iter().map(|question| question.id.to_string()).collect()
    }

    async fn in_a_direct_message(&mut self) {
        let bob = self.stage.bob;
        let dm = self.stage.actor(bob).dm();
        for command in ["question any", "question today", "reveal", "topics", "help"] {
            let answer = self.respond(bob, dm, command, &[]).await;
            assert!(answer.message().is_some(), "{answer:?}");
        }
        let shown = message(&self.respond(bob, dm, "question any", &[]).await);
        self.all_of_a_practice_question(bob, &shown).await;
    }

    /// The newest round of each daily: in the text channel, the announcements, the forum.
    pub fn newest_rounds(&self) -> Vec<MessageView> {
        let sim = &self.stage.sim;
        let posts = sim.channels().into_iter().filter(|c| c.parent == Some(self.forum));
        let places = [self.stage.channel, self.announcements].into_iter();
        let places = places.chain(posts.max_by_key(|post| post.id).map(|post| post.id));
        let newest = |place: Id| {
            let mut messages = sim.messages(place).into_iter();
            messages.rfind(|message| message.author.bot && message.button("Reveal").is_some())
        };
        places.filter_map(newest).collect()
    }

    async fn rounds(&mut self) {
        let rounds = self.newest_rounds();
        assert_eq!(rounds.len(), 3, "{rounds:?}");
        assert!(rounds[0].pings.roles.contains(&self.role), "{:?}", rounds[0].pings);
        for round in &rounds {
            self.take_part(round).await;
        }
        let (ada, cleo) = (self.stage.ada, self.stage.cleo);
        self.ask(ada, "question today", &[]).await;
        self.ask(cleo, "question today", &[("daily", json!("forum"))]).await;
        self.ask(cleo, "reveal", &[("daily", json!(NAME))]).await;
        self.ask(ada, "streak", &[]).await;
        let options = [("member", json!(self.stage.bob)), ("daily", json!(NAME))];
        self.ask(ada, "streak", &options).await;
    }

    async fn take_part(&mut self, round: &MessageView) {
        let (ada, bob, cleo) = (self.stage.ada, self.stage.bob, self.stage.cleo);
        let answered = self.answer(ada, round).await;
        self.see(ada, &answered, "Full answer", "Sources").await;
        self.see(ada, &answered, "Go deeper", "Going deeper").await;
        self.see(ada, &answered, "Got it", "got it").await;
        self.see(ada, &answered, "Missed", "already").await;
        if answered.button("Share in thread").is_some() {
            self.see(ada, &answered, "Share in thread", "in the round's thread").await;
        }
        self.see(bob, round, "Hint", "Hint").await;
        let quiz = self.see(bob, round, "Quiz", "One try").await;
        self.see(bob, &quiz, "C", "Why").await;
        self.see(bob, round, "Quiz", "You have had your one try").await;
        let revealed = self.see(cleo, round, "Reveal", "Model answer").await;
        self.see(cleo, &revealed, "Partly", "partly").await;
        for user in self.crowd.clone() {
            let revealed = self.see(user, round, "Reveal", "Model answer").await;
            self.see(user, &revealed, "Missed", "missed").await;
        }
    }

    async fn look_after(&mut self) {
        let ids = self.ids();
        let daily = [None, Some(NAME), Some("forum")];
        for name in daily {
            let name: Vec<_> = name.map(|name| ("daily", json!(name))).into_iter().collect();
            let with = |more: &[(&'static str, Value)]| [name.clone(), more.to_vec()].concat();
            for id in &ids[..17] {
                self.told("daily ban", &with(&[("question", json!(id))]), "never").await;
            }
            for id in &ids[20..30] {
                self.told("daily queue", &with(&[("question", json!(id))]), "next").await;
            }
            let dates = [("date", json!("2026-12-21")), ("until", json!("2027-01-05"))];
            self.told("daily skip", &with(&dates), "will be skipped").await;
            self.told("daily preview", &name, "Next in").await;
            for command in ["daily show", "daily check"] {
                self.told(command, &name, "Next:").await;
            }
        }
        self.told("daily show", &[], "Banned").await;
        self.told("daily ban", &[("question", json!(ids[0]))], "may come").await;
        self.told("daily queue", &[("question", json!(ids[1]))], "This daily does not ask").await;
        self.told("daily skip", &[("date", json!("2026-12-24"))], "not be skipped").await;
        self.told("daily skip", &[("date", json!("1999-12-24"))], "has passed").await;
        let other = [("daily", json!(NAME))];
        self.told("daily pause", &other, "is paused").await;
        self.told("daily resume", &other, "running again").await;
        self.told("daily pause", &[], "is paused").await;
        self.told("daily pause", &[], "is paused").await;
        self.told("daily post-now", &[], "is paused").await;
        self.told("daily resume", &[], "running again").await;
        self.told("daily resume", &[], "is not paused").await;
        self.credits().await;
    }

    async fn credits(&mut self) {
        let member = ("member", json!(self.stage.mona));
        let credit = "daily credit";
        self.told(credit, std::slice::from_ref(&member), "is credited").await;
        self.told(credit, std::slice::from_ref(&member), "already").await;
        let back = [member.clone(), ("take-back", json!(true)), ("round", json!(1))];
        self.told(credit, &back, "taken back").await;
        self.told(credit, &back, "no credit").await;
        let unknown = [member, ("round", json!(1_000_000)), ("daily", json!(NAME))];
        self.told(credit, &unknown, "no round #1000000").await;
    }

    async fn closed_round(&mut self) {
        let cleo = self.stage.cleo;
        let round = self.stage.rounds().remove(0);
        assert!(round.text().contains("closed"), "{}", round.text());
        let mona = self.stage.mona;
        let answered = self.answer(mona, &round).await;
        assert!(answered.text().contains("this is practice"), "{}", answered.text());
        self.see(mona, &answered, "Share in thread", "in the round's thread").await;
        self.see(cleo, &round, "Hint", "Hint").await;
        self.see(cleo, &round, "Reveal", "Model answer").await;
        let quiz = self.see(cleo, &round, "Quiz", "One try").await;
        self.see(cleo, &quiz, "D", "Why").await;
    }

    async fn boards(&mut self) {
        let ada = self.stage.ada;
        for kind in ["month", "streak", "best", "all", "quiz"] {
            let options = [("kind", json!(kind)), ("daily", json!("daily"))];
            let page = self.ask(ada, "leaderboard", &options).await;
            if page.button("Lower ▶").is_none() {
                continue;
            }
            let second = self.see(ada, &page, "Lower ▶", "You:").await;
            assert_eq!(second.labels(), ["◀ Higher"], "{}", second.text());
            self.see(ada, &second, "◀ Higher", "You:").await;
        }
        assert!(self.clicked.contains("board1:month"), "no board had two pages");
    }

    /// One of the crowd hides and shows themselves, has their data, and has it deleted.
    async fn own_data(&mut self) {
        let user = self.crowd[0];
        let shown = self.ask(user, "settings", &[]).await;
        let hidden = self.see(user, &shown, "Hide me from boards", "Hidden").await;
        self.told("streak", &[("member", json!(user))], "to themselves").await;
        let board = self.ask(user, "leaderboard", &[("daily", json!("daily"))]).await;
        assert!(board.text().contains("hidden from everybody else"), "{}", board.text());
        self.see(user, &hidden, "Show me on boards", "Shown").await;
        let file = self.ask(user, "privacy export", &[]).await;
        assert_eq!(file.attachments.len(), 1, "{file:?}");
        let asked = self.ask(user, "privacy delete", &[]).await;
        self.click(user, &asked, "Delete it all").await;
        let actor = self.stage.actor(user);
        let is_gone = || {
            let seen = actor.look(asked.channel, asked.id);
            seen.is_some_and(|seen| seen.text().contains("is deleted"))
        };
        eventually("the data is deleted", is_gone).await;
    }

    async fn post_now(&mut self) {
        let mona = self.stage.mona;
        let already = self.ask(mona, "daily post-now", &[]).await;
        self.click(mona, &already, "Post an extra round").await;
        let actor = self.stage.actor(mona);
        let is_out = || {
            let seen = actor.look(already.channel, already.id);
            seen.is_some_and(|seen| seen.text().contains("is out:") && seen.labels().is_empty())
        };
        eventually("the extra round is out", is_out).await;
        // Before the time of the next day's round, it is brought forward.
        self.stage.travel("2026-03-10T05:00:00Z").await;
        self.told("daily post-now", &[], "is out").await;
        let fault = Fault::Status { status: 503, body: json!({ "code": 0, "message": "" }) };
        let rule = Rule::new("POST /channels/*/messages", fault);
        let down = self.stage.sim.faults().add(rule);
        self.told("daily post-now", &[("daily", json!(NAME))], "on its way").await;
        down.release();
        self.stage.travel("2026-03-10T06:00:00Z").await;
        let missing = Fault::Status {
            status: 403,
            body: json!({ "code": 50013, "message": "Missing Permissions" }),
        };
        let rule = Rule::new("POST /channels/*/threads", missing).once();
        self.stage.sim.faults().add(rule);
        self.told("daily post-now", &[("daily", json!("forum"))], "did not take it").await;
        self.told("daily show", &[("daily", json!("forum"))], "Paused").await;
    }

    /// Types into every option that has suggestions.
    async fn suggestions(&mut self) {
        let (mona, channel) = (self.stage.mona, self.stage.channel);
        let long = "*".repeat(100);
        let topics = self.topic.clone().unwrap_or_else(|| "http,".to_owned());
        for (command, option) in leaves(&self.stage, |option| option["autocomplete"] == true) {
            for typed in ["", "e", "berlin", "zqxj", &topics, &format!("{topics},"), &long] {
                let actor = self.stage.actor(mona);
                let choices = actor.autocomplete(channel, &command, &option, typed, &[]).await;
                let choices =
                    choices.unwrap_or_else(|error| panic!("/{command} {option}: {error}"));
                assert!(!typed.is_empty() || !choices.is_empty(), "/{command} {option}: nothing");
            }
        }
    }

    async fn remove(&mut self) {
        let (mona, ada) = (self.stage.mona, self.stage.ada);
        let round = self.newest_rounds().remove(1);
        let asked = self.ask(mona, "daily remove", &[("daily", json!(NAME))]).await;
        self.click(mona, &asked, "Remove it for good").await;
        let actor = self.stage.actor(mona);
        let is_gone = || {
            let seen = actor.look(asked.channel, asked.id);
            seen.is_some_and(|seen| seen.text().contains("is removed"))
        };
        eventually("the daily is removed", is_gone).await;
        self.see(ada, &round, "Hint", "").await;
        self.stage.settle().await;
    }
}

fn message(response: &Response) -> MessageView {
    response.message().unwrap_or_else(|| panic!("a message, not {response:?}")).clone()
}

/// All registered commands with their subcommands, each with those of its options that are wanted;
/// a command comes once for each of them.
pub fn leaves(stage: &Stage, wanted: impl Fn(&Value) -> bool) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut leaves = Vec::new();
    for (name, spec) in paths(stage) {
        let options = spec["options"].as_array().into_iter().flatten();
        let options = options.filter(|option| wanted(option));
        leaves.extend(options.map(|option| (name.clone(), text(&option["name"]))));
    }
    leaves
}

/// All registered commands with their subcommands.
pub fn paths(stage: &Stage) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    for command in stage.sim.commands(None) {
        let name = command["name"].as_str().unwrap().to_owned();
        let options = command["options"].as_array().cloned().unwrap_or_default();
        let subcommands: Vec<Value> =
            options.into_iter().filter(|option| option["type"] == 1).collect();
        match subcommands.is_empty() {
            true => paths.push((name, command)),
            false => paths.extend(subcommands.into_iter().map(|subcommand| {
                (format!("{name} {}", subcommand["name"].as_str().unwrap()), subcommand)
            })),
        }
    }
    paths
}
