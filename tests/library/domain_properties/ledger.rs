//! The ledger against a book in memory that does nothing but write its plans down. After each deed
//! the book must be what a plain count of what everybody did gives.

use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*, sample::select};
use std::collections::{BTreeMap, BTreeSet};
use whetstone::domain::{
    daily::{Claim, Daily, DailyName, Pause, Settings},
    ids::{ChannelId, DailyId, GuildId, MessageId, UserId},
    ledger::{
        ActOutcome, Before, Change, Confirming, CreateOutcome, Credit, CreditOutcome, Forgotten,
        NewDaily, Plan, Spot, Trace, Traces, confirm, hide,
    },
    member::{Board, Chapter, Preferences, Record},
    question::Filter,
    round::{Act, Grade, Participation, Post, Round, Step, Tally},
    schedule::{Day, Schedule, zone},
    streak::Event,
};

const GUILD: GuildId = GuildId(1);
const DAILIES: u64 = 2;
const MEMBERS: u64 = 4;

/// What may happen. Dailies, members and rounds are picked among those that there are.
#[derive(Clone, Debug)]
enum Deed {
    Post { daily: u64 },
    Act { daily: u64, user: u64, round: u32, act: Act, minutes: i64 },
    Credit { daily: u64, user: u64, round: u32, credit: Credit, minutes: i64 },
    Hide { user: u64, hidden: bool },
    Forget { user: u64 },
    Pause { daily: u64, user: u64 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let acts = select(vec![
        Act::Answered,
        Act::Quiz { right: true },
        Act::Quiz { right: false },
        Act::Revealed,
        Act::Graded(Grade::Partly),
        Act::Shared,
    ]);
    let (daily, user, round) = (1..=DAILIES, 1..=MEMBERS, 1..9_u32);
    let whose = (daily.clone(), user.clone(), round);
    let credits = select(vec![Credit::Give, Credit::Give, Credit::TakeBack]);
    let deed = prop_oneof![
        4 => daily.clone().prop_map(|daily| Deed::Post { daily }),
        // Up to three days behind the post, so that many come too late.
        12 => (whose.clone(), acts, 0..4000_i64).prop_map(|((daily, user, round), act, minutes)| {
            Deed::Act { daily, user, round, act, minutes }
        }),
        3 => (whose, credits, 0..9000_i64).prop_map(|((daily, user, round), credit, minutes)| {
            Deed::Credit { daily, user, round, credit, minutes }
        }),
        1 => (user.clone(), any::<bool>()).prop_map(|(user, hidden)| Deed::Hide { user, hidden }),
        1 => user.clone().prop_map(|user| Deed::Forget { user }),
        1 => (daily, user).prop_map(|(daily, user)| Deed::Pause { daily, user }),
    ];
    vec(deed, 1..60)
}

impl Deed {
    /// Whose it is, where it is a member's.
    fn user(&self) -> Option<UserId> {
        match *self {
            Self::Post { .. } => None,
            Self::Act { user, .. }
            | Self::Credit { user, .. }
            | Self::Hide { user, .. }
            | Self::Forget { user }
            | Self::Pause { user, .. } => Some(UserId(user)),
        }
    }
}

/// What is written down.
#[derive(Clone, PartialEq, Debug, Default)]
struct Book {
    dailies: BTreeMap<DailyId, Daily>,
    rounds: BTreeMap<(DailyId, u32), Round>,
    parts: BTreeMap<(DailyId, UserId, u32), Chapter>,
    presences: BTreeSet<(DailyId, UserId)>,
    scores: BTreeMap<(DailyId, UserId, Board), Spot>,
    preferences: BTreeMap<UserId, Preferences>,
}

fn put<K: Ord, V>(rows: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => drop(rows.insert(key, value)),
        None => drop(rows.remove(&key)),
    }
}

impl Book {
    fn write(&mut self, plan: Plan) {
        for daily in plan.dailies {
            assert_eq!(self.dailies.get(&daily.after.id), daily.before.as_ref());
            self.dailies.insert(daily.after.id, daily.after);
        }
        for round in plan.rounds {
            self.rounds.insert((round.daily, round.number), round);
        }
        for part in plan.parts {
            put(&mut self.parts, (part.daily, part.user, part.round), part.to);
        }
        for presence in plan.presences {
            let key = (presence.daily, presence.user);
            match presence.there {
                true => self.presences.insert(key),
                false => self.presences.remove(&key),
            };
        }
        for moved in plan.moves {
            let key = (moved.daily, moved.user, moved.board);
            assert_eq!(self.scores.get(&key), moved.from.as_ref(), "{moved:?}");
            assert_ne!(moved.from, moved.to, "a move that is none");
            put(&mut self.scores, key, moved.to);
        }
        for (user, chosen) in plan.preferences {
            put(&mut self.preferences, user, Some(chosen).filter(|c| *c != Preferences::default()));
        }
    }

    fn history(&self, daily: DailyId, user: UserId) -> Vec<Chapter> {
        let rows = self.parts.range((daily, user, 0)..=(daily, user, u32::MAX));
        rows.map(|(_, chapter)| chapter.clone()).collect()
    }

    fn preferences(&self, user: UserId) -> Preferences {
        self.preferences.get(&user).copied().unwrap_or_default()
    }

    fn before(&self, daily: DailyId, user: UserId, number: u32) -> Before {
        Before {
            round: self.rounds.get(&(daily, number)).cloned(),
            user,
            preferences: self.preferences(user),
            history: self.history(daily, user),
        }
    }

    fn dailies_with(&self, user: UserId) -> Vec<DailyId> {
        self.presences.iter().filter(|(_, of)| *of == user).map(|(daily, _)| *daily).collect()
    }
}

fn start() -> Timestamp {
    "2026-03-26T12:00:00Z".parse().unwrap()
}

/// A book with its dailies, one in New York.
fn opened() -> Book {
    let mut book = Book::default();
    for (id, name) in (1..=DAILIES).zip(["UTC", "America/New_York"]) {
        let schedule = Schedule {
            time: jiff::civil::time(9, 30, 0, 0),
            zone: zone(name).unwrap(),
            days: Day::ALL.into(),
            skips: [].into(),
        };
        let settings = Settings {
            name: DailyName::parse(&name.replace('/', " ")).unwrap(),
            channel: ChannelId(10),
            schedule,
            filter: Filter::default(),
            role: None,
            thread: false,
            pin: true,
        };
        let new = NewDaily {
            guild: GUILD,
            settings,
            seed: 7,
            set_by: None,
            at: start(),
            most: DAILIES as usize,
        };
        let others: Vec<Daily> = book.dailies.values().cloned().collect();
        let (outcome, plan) = new.create(DailyId(id), &others);
        assert!(matches!(outcome, CreateOutcome::Created(_)), "{outcome:?}");
        book.write(plan);
    }
    book
}

/// Claims the daily's next round when it is due, and confirms it.
fn post(book: &mut Book, id: DailyId) {
    let before = book.dailies[&id].clone();
    let due = before.next_due.unwrap();
    let claim = Claim {
        number: before.rounds + 1,
        question: "queue".into(),
        channel: before.settings.channel,
        date: due.date,
        extra: false,
        until: due.at + SignedDuration::from_hours(6),
        at: due.at,
        nonce: format!("{id}-{}", before.rounds + 1),
        deck: before.deck.clone(),
        last_date_before: before.last_date,
    };
    let number = claim.number;
    let mut claimed = before.clone();
    claimed.claim(claim);
    book.write(Plan::of_daily(Some(before), claimed));
    let message = MessageId(1000 * id.0 + u64::from(number));
    let post = Post { channel: ChannelId(10), message, at: due.at };
    let round = confirmed(book, id, number, post);
    assert_eq!(round.as_ref().map(|round| (round.number, round.post)), Some((number, post)));
    let written = book.clone();
    let other = Post { message: MessageId(9), ..post };
    assert_eq!(confirmed(book, id, number, other), round);
    assert_eq!(confirmed(book, id, number + 1, other), None);
    assert_eq!(*book, written, "confirmed again, it is written again");
}

fn confirmed(book: &mut Book, id: DailyId, number: u32, post: Post) -> Option<Round> {
    let daily = book.dailies.get(&id).cloned();
    let newest = daily.as_ref().and_then(|daily| book.rounds.get(&(id, daily.rounds)).cloned());
    let existing = book.rounds.get(&(id, number)).cloned();
    let (round, plan) = confirm(Confirming { daily, newest, existing }, number, post);
    book.write(plan);
    round
}

/// The time so many minutes after a round's post; of one that is not there, any.
fn time(book: &Book, daily: DailyId, round: u32, minutes: i64) -> Timestamp {
    let posted = book.rounds.get(&(daily, round)).map_or(start(), |round| round.post.at);
    posted + SignedDuration::from_mins(minutes)
}

fn act(book: &mut Book, daily: DailyId, user: UserId, round: u32, act: Act, at: Timestamp) {
    let stored = book.rounds.get(&(daily, round)).cloned();
    let (outcome, plan) = book.before(daily, user, round).act(at, act);
    match (&outcome, stored) {
        (ActOutcome::UnknownRound, None) => assert!(plan.is_empty()),
        (ActOutcome::Late(late), Some(round)) => {
            assert!(round.closed_at.is_some_and(|closed| at >= closed));
            assert_eq!((late.as_ref(), plan.is_empty()), (&round, true));
        }
        (ActOutcome::Recorded(change), Some(round)) => {
            assert!(round.closed_at.is_none_or(|closed| at < closed));
            assert_eq!(plan.is_empty(), change.before == change.after);
            explained(change);
        }
        (outcome, round) => panic!("{outcome:?} of {round:?}"),
    }
    book.write(plan);
    if let ActOutcome::Recorded(change) = outcome {
        assert_eq!(change.round, book.rounds[&(daily, round)]);
        let (again, plan) = book.before(daily, user, round).act(at, act);
        let ActOutcome::Recorded(again) = again else { panic!("{again:?}") };
        assert!(plan.is_empty() && again.events.is_empty(), "{plan:?}");
        assert_eq!((&again.before, &again.after), (&change.after, &change.after));
    }
}

fn credit(book: &mut Book, daily: DailyId, user: UserId, round: u32, wish: (Credit, Timestamp)) {
    let (credit, at) = wish;
    let (outcome, plan) = book.before(daily, user, round).credit(at, credit);
    let part = book.parts.get(&(daily, user, round)).map(|chapter| chapter.part.clone());
    let part = part.unwrap_or_default();
    let possible = match credit {
        Credit::Give => part.took_part().is_none(),
        Credit::TakeBack => part.credited.is_some(),
    };
    match outcome {
        CreditOutcome::UnknownRound => assert!(!book.rounds.contains_key(&(daily, round))),
        CreditOutcome::Nothing => assert!(!possible && plan.is_empty()),
        CreditOutcome::Changed(change) => {
            assert!(possible && !plan.is_empty());
            assert_eq!(change.before, part);
            explained(&change);
        }
    }
    book.write(plan);
}

/// What is told of a streak is what is new in it.
fn explained(change: &Change) {
    let told = change.events.iter().any(|event| match event {
        Event::TookPart { round, .. } => *round == change.round.number,
        _ => false,
    });
    let began = change.before.took_part().is_none() && change.after.took_part().is_some();
    assert_eq!(told, began, "{change:?}");
    assert!(change.record.events.ends_with(&change.events));
}

fn forget(book: &mut Book, user: UserId) -> Forgotten {
    let trace = |daily: DailyId| {
        let history = book.history(daily, user);
        let round = |chapter: &Chapter| book.rounds[&(daily, chapter.round)].clone();
        Trace { daily, rounds: history.iter().map(round).collect(), history }
    };
    let dailies = book.dailies_with(user).into_iter().map(trace).collect();
    let named_in = book.dailies.values().filter(|daily| daily.names(user)).cloned().collect();
    let traces = Traces { user, preferences: book.preferences(user), dailies, named_in };
    let (forgotten, plan) = traces.forget();
    book.write(plan);
    forgotten
}

fn happens(book: &mut Book, deed: &Deed) {
    match *deed {
        Deed::Post { daily } => post(book, DailyId(daily)),
        Deed::Act { daily, user, round, act: what, minutes } => {
            let at = time(book, DailyId(daily), round, minutes);
            act(book, DailyId(daily), UserId(user), round, what, at);
        }
        Deed::Credit { daily, user, round, credit: what, minutes } => {
            let at = time(book, DailyId(daily), round, minutes);
            credit(book, DailyId(daily), UserId(user), round, (what, at));
        }
        Deed::Hide { user, hidden } => {
            let user = UserId(user);
            let dailies = book.dailies_with(user).into_iter();
            let histories: Vec<_> = dailies.map(|id| (id, book.history(id, user))).collect();
            let histories = histories.iter().map(|(id, history)| (*id, history.as_slice()));
            let before = book.preferences(user);
            let (changed, plan) = hide(user, before, hidden, histories);
            assert_eq!(changed, before.hidden != hidden);
            assert_eq!(changed, !plan.is_empty());
            book.write(plan);
        }
        Deed::Forget { user } => drop(forget(book, UserId(user))),
        Deed::Pause { daily, user } => {
            let before = book.dailies[&DailyId(daily)].clone();
            let pause = Some(Pause::Admin(Some(UserId(user))));
            let after = Daily { pause, set_by: Some(UserId(user)), ..before.clone() };
            book.write(Plan::of_daily(Some(before), after));
        }
    }
}

/// A round's tally, counted one by one.
fn counted(book: &Book, daily: DailyId, number: u32) -> Tally {
    let of_round = book.parts.iter().filter(|((of, _, n), _)| (*of, *n) == (daily, number));
    let parts: Vec<&Participation> = of_round.map(|(_, chapter)| &chapter.part).collect();
    let count = |is: &dyn Fn(&&&Participation) -> bool| parts.iter().filter(is).count() as u32;
    let grade = |grade| count(&|part| part.graded.is_some_and(|(given, _)| given == grade));
    Tally {
        took_part: count(&|part| part.took_part().is_some()),
        grades: Grade::ALL.map(grade),
        quiz_answers: count(&|part| part.quiz.is_some()),
        quiz_right: count(&|part| part.quiz.is_some_and(|quiz| quiz.right)),
    }
}

/// The date on the clocks of the round's zone.
fn dates_are_right(book: &Book) {
    for ((daily, _, number), chapter) in &book.parts {
        let round = &book.rounds[&(*daily, *number)];
        let here = |at: Timestamp| round.zone.to_offset(at).to_datetime(at).date();
        let took_part = chapter.part.took_part();
        let date = match chapter.part.credited.is_some() && took_part == chapter.part.credited {
            true => Some(round.date),
            false => took_part.map(here),
        };
        assert_eq!(chapter.took_part_on, date);
        assert_eq!(chapter.quiz_on, chapter.part.quiz.map(|quiz| here(quiz.at)));
    }
}

/// All that follows from what everybody did.
fn follows(book: &Book) {
    for ((daily, number), round) in &book.rounds {
        assert_eq!(round.tally, counted(book, *daily, *number), "of round {number}");
        let newest = book.dailies[daily].rounds;
        assert_eq!(round.closed_at.is_some(), *number < newest);
    }
    let with: BTreeSet<_> = book.parts.keys().map(|(daily, user, _)| (*daily, *user)).collect();
    assert_eq!(book.presences, with);
    let mut scores = BTreeMap::new();
    for (daily, user) in with {
        let record = Record::replay(&book.history(daily, user));
        let shown = !book.preferences(user).hidden;
        for board in record.scores.keys() {
            let placed = record.placed(*board).unwrap();
            scores.insert((daily, user, *board), Spot { placed, shown });
        }
    }
    assert_eq!(book.scores, scores);
    dates_are_right(book);
}

/// As far as it does not show whether somebody was there and is forgotten: results that were
/// published, and then changed, are still to be shown, and a pause and a name stay without them.
fn without_traces(mut book: Book) -> Book {
    for round in book.rounds.values_mut() {
        round.results = Step::NotWanted;
    }
    for daily in book.dailies.values_mut() {
        daily.pause = None;
        daily.set_by = None;
    }
    book
}

proptest! {
    #[test]
    fn the_book_is_what_everybody_did(deeds in deeds()) {
        let mut book = opened();
        for deed in &deeds {
            happens(&mut book, deed);
            follows(&book);
        }
    }

    #[test]
    fn who_is_forgotten_was_never_there(deeds in deeds(), user in 1..=MEMBERS) {
        let user = UserId(user);
        let (mut with, mut without) = (opened(), opened());
        for deed in &deeds {
            happens(&mut with, deed);
            if deed.user() != Some(user) {
                happens(&mut without, deed);
            }
        }
        let rounds: Vec<(DailyId, u32)> = with
            .parts
            .keys()
            .filter(|(_, of, _)| *of == user)
            .map(|(daily, _, round)| (*daily, *round))
            .collect();
        let forgotten = forget(&mut with, user);
        let dailies: BTreeSet<DailyId> = rounds.iter().map(|(daily, _)| *daily).collect();
        prop_assert_eq!(forgotten, Forgotten { dailies: dailies.len(), rounds });
        prop_assert!(with.dailies.values().all(|daily| !daily.names(user)));
        prop_assert_eq!(without_traces(with), without_traces(without));
    }
}

#[test]
fn a_guild_has_no_two_dailies_of_one_name_and_no_more_than_allowed() {
    let book = opened();
    let others: Vec<Daily> = book.dailies.values().cloned().collect();
    let create = |name: &str, most| {
        let settings =
            Settings { name: DailyName::parse(name).unwrap(), ..others[0].settings.clone() };
        let (guild, seed, set_by, at) = (GUILD, 7, None, start());
        let new = NewDaily { guild, settings, seed, set_by, at, most };
        new.create(DailyId(9), &others)
    };
    assert_eq!(create("UTC", 9), (CreateOutcome::NameTaken, Plan::default()));
    assert_eq!(create("utc", DAILIES as usize), (CreateOutcome::TooMany, Plan::default()));
    let (outcome, plan) = create("utc", 3);
    let CreateOutcome::Created(daily) = outcome else { panic!("{outcome:?}") };
    assert_eq!(plan, Plan::of_daily(None, *daily));
}
