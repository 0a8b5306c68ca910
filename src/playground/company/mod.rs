//! The simulated members while a month passes. They see the rounds in their channels and use the
//! same buttons and forms as everybody, each act at its own simulated time. What the bot does not
//! answer is tried again twice, and then left.

mod habit;

pub(super) use habit::Habit;

use super::{Shared, journey::Patience};
use crate::{
    commands::round::RoundButton,
    discord::custom_id,
    domain::{
        daily::Daily,
        ids::{DailyId, GuildId},
        question::Question,
        round::Grade,
    },
    text::rounds::Offer,
    ui::Meaning,
};
use discord_sim::{Id, MessageView, Modal, Pending, Response};
use habit::Occasion;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;
use std::collections::BTreeSet;

/// How often an act is tried that came to nothing, and how much later each time.
const TRIES: u32 = 3;
const TRY_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What the members remember from month to month.
#[derive(Default)]
pub(super) struct Company {
    /// Who has taken part by which message.
    took_part: BTreeSet<(Id, Id)>,
    /// The weeks in which Farah has shared an answer.
    shared: BTreeSet<(i16, i8)>,
}

/// A round in its channel.
#[derive(Clone, PartialEq, Debug)]
struct Round {
    occasion: Occasion,
    channel: Id,
    message: Id,
    title: String,
}

/// What a member means to do, and when.
#[derive(Clone, Debug)]
struct Deed {
    at: Timestamp,
    who: Id,
    round: Round,
    what: What,
    tries: u32,
}

#[derive(Clone, Debug)]
enum What {
    /// Dana opens the quiz,
    OpenQuiz,
    /// and picks a choice of it.
    Pick(Box<MessageView>),
    /// Emil looks at the model answer,
    Reveal,
    /// and says how his own was.
    Grade(Box<MessageView>),
    /// Farah opens the form,
    OpenForm,
    /// sends off what she wrote,
    Send(Modal),
    /// and shows it to the others.
    Share(Box<MessageView>),
}

/// What comes after an act: the next one so many minutes later.
type Next = Option<(What, i64)>;

/// A month of the company's.
pub(super) struct Month<'a> {
    shared: &'a Shared,
    company: &'a mut Company,
    agenda: Vec<Deed>,
    /// How many rounds each daily had at the last look.
    known: Vec<(DailyId, u32)>,
    /// Who has made up their mind about which round's message.
    seen: BTreeSet<(Id, Id)>,
}

impl<'a> Month<'a> {
    pub(super) fn new(shared: &'a Shared, company: &'a mut Company) -> Self {
        let (agenda, known, seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { shared, company, agenda, known, seen }
    }

    /// When somebody does something next.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.agenda.iter().map(|deed| deed.at).min()
    }

    /// Looks for rounds that are new, and lets everybody make up their minds about them.
    pub(super) async fn look_around(&mut self) {
        let dailies = self.shared.life.dailies(GuildId(self.shared.guild.0)).await;
        let known = dailies.iter().map(|daily| (daily.id, daily.rounds)).collect();
        if self.known == known {
            return;
        }
        self.known = known;
        for person in self.shared.people() {
            if let Some(habit) = Habit::of(&person.name) {
                self.plan_for(person.id, habit, &dailies);
            }
        }
    }

    fn plan_for(&mut self, who: Id, habit: Habit, dailies: &[Daily]) {
        let (zone, now) = (&self.shared.zone, self.shared.now());
        for round in self.open_rounds(who, dailies) {
            let its = (who, round.message);
            if !self.seen.insert(its) || self.company.took_part.contains(&its) {
                continue;
            }
            if let Some(at) = habit.begins(&round.occasion, zone, now) {
                let what = match habit {
                    Habit::EveryMorning => What::OpenQuiz,
                    Habit::NeverOnFridays => What::Reveal,
                    Habit::EveryOtherWeek => What::OpenForm,
                };
                self.agenda.push(Deed { at, who, round, what, tries: TRIES });
            }
        }
    }

    /// The newest round of each daily, as the member finds it.
    fn open_rounds(&self, who: Id, dailies: &[Daily]) -> Vec<Round> {
        let actor = self.shared.sim.user(who);
        let channels = actor.channels().into_iter();
        let messages = channels.flat_map(|channel| actor.see(channel.id));
        let rounds = messages.filter(|message| !message.ephemeral).filter_map(round_of);
        let open = |round: &Round| {
            let number = round.occasion.number;
            dailies.iter().any(|d| (d.id, d.rounds) == (round.occasion.daily, number))
        };
        rounds.filter(open).collect()
    }

    /// Does what is next on the agenda.
    pub(super) async fn act(&mut self, patience: &mut Patience) {
        let next = (0..self.agenda.len()).min_by_key(|place| self.agenda[*place].at);
        let Some(deed) = next.map(|place| self.agenda.swap_remove(place)) else { return };
        if !self.shared.bot_is_there() {
            return;
        }
        let pending = self.shared.begin(&deed);
        let response = match pending {
            Some(pending) => patience.wait(pending.response()).await,
            None => return,
        };
        match response {
            Some(Response::Failed) | None => self.try_again(deed),
            Some(response) => self.go_on(deed, response),
        }
    }

    fn try_again(&mut self, deed: Deed) {
        if deed.tries > 1 {
            let at = later(deed.at, TRY_AGAIN_AFTER);
            self.agenda.push(Deed { at, tries: deed.tries - 1, ..deed });
        }
    }

    fn go_on(&mut self, deed: Deed, response: Response) {
        match deed.what {
            What::Pick(_) | What::Grade(_) | What::Send(_) => {
                self.company.took_part.insert((deed.who, deed.round.message));
            }
            What::Share(_) => {
                self.company.shared.insert(deed.round.occasion.week(&self.shared.zone));
            }
            What::OpenQuiz | What::Reveal | What::OpenForm => {}
        }
        if let Some((what, minutes)) = self.next(&deed, response) {
            let at = later(self.shared.now(), SignedDuration::from_mins(minutes));
            self.agenda.push(Deed { at, what, tries: TRIES, ..deed });
        }
    }

    fn next(&self, deed: &Deed, response: Response) -> Next {
        let occasion = &deed.round.occasion;
        let minutes = |range| occasion.dice(&self.shared.zone, "then", range);
        match (&deed.what, response) {
            (What::OpenQuiz, Response::Message { message, .. }) => {
                Some((What::Pick(message), minutes(1..=3)))
            }
            (What::Reveal, Response::Message { message, .. }) => {
                Some((What::Grade(message), minutes(4..=12)))
            }
            (What::OpenForm, Response::Modal(form)) => Some((What::Send(form), minutes(3..=10))),
            (What::Send(_), Response::Message { message, .. }) => {
                let shared = self.company.shared.contains(&occasion.week(&self.shared.zone));
                (!shared).then_some((What::Share(message), 1))
            }
            _ => None,
        }
    }
}

impl Shared {
    /// Whether the bot could hear of an act.
    fn bot_is_there(&self) -> bool {
        self.life.scheduling().is_some() && self.sim.gateway().connected() > 0
    }

    /// Begins a deed; nothing where it cannot be done any more.
    fn begin(&self, deed: &Deed) -> Option<Pending> {
        let Round { occasion, channel, message, .. } = &deed.round;
        let actor = self.sim.user(deed.who);
        let press = |offer| {
            let Occasion { daily, number, .. } = *occasion;
            let id = custom_id::encode(&RoundButton { daily, number, offer }.action());
            actor.start_click(*channel, *message, &id).ok()
        };
        let click = |on: &MessageView, wanted: Offer| {
            actor.start_click(on.channel, on.id, button(on, wanted)?).ok()
        };
        match &deed.what {
            What::OpenQuiz => press(Offer::Quiz),
            What::Reveal => press(Offer::Reveal),
            What::OpenForm => press(Offer::Answer),
            What::Pick(quiz) => {
                let pick = self.pick(&deed.round, quiz);
                click(quiz, Offer::Pick(pick))
            }
            What::Grade(shown) => {
                let grade = grade(occasion, &self.zone);
                click(shown, Offer::Grade(grade))
            }
            What::Send(form) => {
                let input = form.inputs.first()?;
                let text = self.own_words(&deed.round);
                actor.start_submit(form, &[(input.custom_id.as_str(), text.as_str())]).ok()
            }
            What::Share(shown) => click(shown, Offer::Share),
        }
    }

    /// The place of the choice that Dana picks.
    fn pick(&self, round: &Round, quiz: &MessageView) -> u8 {
        let well = round.occasion.quiz_goes_well(&self.zone);
        let right = self.question(round).map(|question| question.quiz.right).unwrap_or_default();
        let choices = quiz.embeds.first().and_then(|embed| embed["description"].as_str());
        // "**A** · the choice", one a line.
        let choices = choices.unwrap_or_default().lines().filter_map(|line| {
            line.strip_prefix("**")?.split_once("** · ").map(|(_, choice)| choice)
        });
        let place = (0..).zip(choices).find(|(_, choice)| (*choice == right) == well);
        place.map_or(0, |(place, _)| place)
    }

    /// Farah's answer: some of what matters, never all of it.
    fn own_words(&self, round: &Round) -> String {
        let Some(question) = self.question(round) else {
            return "I do not know, but I would read it up first.".to_owned();
        };
        let last = i64::try_from(question.key_points.len()).unwrap_or(1) - 1;
        let place = round.occasion.dice(&self.zone, "words", 0..=last);
        let point = usize::try_from(place).ok().and_then(|place| question.key_points.get(place));
        let point = point.map(String::as_str).unwrap_or_default();
        format!("The way I remember it: {point}\n\nThere is more to it, I am sure.")
    }

    fn question(&self, round: &Round) -> Option<Question> {
        let bank = self.library.bank();
        bank.iter().find(|question| question.title == round.title).cloned()
    }
}

/// How Emil thinks that he did.
fn grade(round: &Occasion, zone: &TimeZone) -> Grade {
    match round.dice(zone, "grade", 1..=6) {
        1 => Grade::Missed,
        2 | 3 => Grade::Partly,
        _ => Grade::GotIt,
    }
}

/// The round whose message this is.
fn round_of(message: MessageView) -> Option<Round> {
    let found = message.buttons().find_map(|button| match round_button(button)? {
        RoundButton { daily, number, offer: Offer::Answer } => Some((daily, number)),
        _ => None,
    });
    let (daily, number) = found?;
    let posted = message.id.timestamp();
    let title = message.embeds.first()?["title"].as_str()?.to_owned();
    let occasion = Occasion { daily, number, posted };
    Some(Round { occasion, channel: message.channel, message: message.id, title })
}

/// The custom id of the button that offers what is wanted.
fn button(message: &MessageView, wanted: Offer) -> Option<&str> {
    let offers = |button: &&Value| round_button(button).is_some_and(|found| found.offer == wanted);
    message.buttons().find(offers)?["custom_id"].as_str()
}

fn round_button(button: &Value) -> Option<RoundButton> {
    RoundButton::of(&custom_id::decode(button["custom_id"].as_str()?)?)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}
