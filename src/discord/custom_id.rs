//! The codec of custom ids: what a button means, in at most 100 characters, behind a version so
//! that a later program can still read an old button. Nothing in it is trusted: who clicked and
//! in which guild comes from Discord.
//!
//! The form is `<family><version>:<verb>:<part>:…`, numbers in base 36.

use super::limits::CUSTOM_ID_MAX;
use crate::{
    bank::limits::ID_MAX,
    domain::{
        board::{BoardKind, Entry, Month},
        ids::{DailyId, QuestionId, UserId},
        round::Grade,
    },
    ui::{Action, Direction, Family, Turn, Verb},
};
use jiff::Timestamp;

const VERSION: char = '1';

/// The custom id of an action.
pub fn encode(action: &Action) -> String {
    let parts = match action {
        Action::Round(daily, number, verb) => {
            vec![verb_word(*verb).to_owned(), num(daily.0), num(u64::from(*number))]
        }
        Action::RoundQuiz(daily, number, place) => {
            words("pick", *daily, *number, &num((*place).into()))
        }
        Action::RoundGrade(daily, number, grade) => {
            words("grade", *daily, *number, &num(*grade as u64))
        }
        Action::RoundShare(daily, number) => words("share", *daily, *number, ""),
        Action::RoundForm(daily, number) => words("form", *daily, *number, ""),
        Action::Practice(id, verb) => vec![verb_word(*verb).to_owned(), id.0.clone()],
        Action::PracticeQuiz(id, place) => {
            vec!["pick".to_owned(), id.0.clone(), num((*place).into())]
        }
        Action::PracticeForm(id) => vec!["form".to_owned(), id.0.clone()],
        Action::Board(turn) => turn_words(turn),
        Action::PostExtra(daily, newest) => {
            vec!["extra".to_owned(), num(daily.0), num(u64::from(*newest))]
        }
        Action::RemoveDaily(daily) => vec!["remove".to_owned(), num(daily.0)],
        Action::Hide(true) => vec!["hide".to_owned()],
        Action::Hide(false) => vec!["show".to_owned()],
        Action::ForgetMe => vec!["forget".to_owned()],
    };
    format!("{}{VERSION}:{}", action.family().prefix(), parts.join(":"))
}

/// The action of a custom id; `None` for one that this program did not make.
pub fn decode(custom_id: &str) -> Option<Action> {
    // Discord takes no longer one, so a longer one did not come through Discord.
    if custom_id.len() > CUSTOM_ID_MAX {
        return None;
    }
    let (head, rest) = custom_id.split_once(':')?;
    let family = Family::ALL.into_iter().find(|family| {
        head.strip_prefix(family.prefix()).is_some_and(|version| version == VERSION.to_string())
    })?;
    let parts: Vec<&str> = rest.split(':').collect();
    let action = match family {
        Family::Round => round(&parts),
        Family::Practice => practice(&parts),
        Family::Board => board(&parts),
        Family::Daily => daily(&parts),
        Family::Settings => settings(&parts),
        Family::Privacy => (parts == ["forget"]).then_some(Action::ForgetMe),
    }?;
    // Only the one spelling of an action is accepted.
    (encode(&action) == custom_id).then_some(action)
}

fn round(parts: &[&str]) -> Option<Action> {
    let [word, daily, number, rest @ ..] = parts else { return None };
    let (daily, number) = (DailyId(parse(daily)?), u32::try_from(parse(number)?).ok()?);
    match (*word, rest) {
        ("pick", [place]) => {
            Some(Action::RoundQuiz(daily, number, u8::try_from(parse(place)?).ok()?))
        }
        ("grade", [grade]) => {
            let grade = usize::try_from(parse(grade)?).ok()?;
            Some(Action::RoundGrade(daily, number, *Grade::ALL.get(grade)?))
        }
        ("share", []) => Some(Action::RoundShare(daily, number)),
        ("form", []) => Some(Action::RoundForm(daily, number)),
        (word, []) => Some(Action::Round(daily, number, verb(word)?)),
        _ => None,
    }
}

fn practice(parts: &[&str]) -> Option<Action> {
    match parts {
        ["pick", id, place] => {
            Some(Action::PracticeQuiz(question(id)?, u8::try_from(parse(place)?).ok()?))
        }
        ["form", id] => Some(Action::PracticeForm(question(id)?)),
        [word, id] => Some(Action::Practice(question(id)?, verb(word)?)),
        _ => None,
    }
}

/// A question's id, if it has the form that the bank asks of one.
fn question(id: &str) -> Option<QuestionId> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (1..=ID_MAX).contains(&id.len()) && id.bytes().all(plain);
    fits.then(|| QuestionId::from(id))
}

fn daily(parts: &[&str]) -> Option<Action> {
    match parts {
        ["extra", id, newest] => {
            Some(Action::PostExtra(DailyId(parse(id)?), u32::try_from(parse(newest)?).ok()?))
        }
        ["remove", id] => Some(Action::RemoveDaily(DailyId(parse(id)?))),
        _ => None,
    }
}

fn settings(parts: &[&str]) -> Option<Action> {
    match parts {
        ["hide"] => Some(Action::Hide(true)),
        ["show"] => Some(Action::Hide(false)),
        _ => None,
    }
}

fn turn_words(turn: &Turn) -> Vec<String> {
    let month = turn.month.map_or_else(|| "-".to_owned(), |month| month.to_string());
    let mut parts = vec![turn.kind.to_string(), num(turn.daily.0), month];
    if let Some((direction, entry)) = turn.edge {
        parts.push(if direction == Direction::Down { "down" } else { "up" }.to_owned());
        parts.push(num(u64::from(entry.score)));
        parts.push(num(u64::try_from(entry.reached.as_millisecond()).unwrap_or(0)));
        parts.push(num(entry.user.0));
    }
    parts
}

fn board(parts: &[&str]) -> Option<Action> {
    let [kind, daily, month, edge @ ..] = parts else { return None };
    let kind: BoardKind = kind.parse().ok()?;
    let month = match *month {
        "-" => None,
        text => Some(parse_month(text)?),
    };
    let edge = match edge {
        [] => None,
        [direction, score, reached, user] => {
            let direction = match *direction {
                "down" => Direction::Down,
                "up" => Direction::Up,
                _ => return None,
            };
            let score = u32::try_from(parse(score)?).ok()?;
            let reached = Timestamp::from_millisecond(i64::try_from(parse(reached)?).ok()?).ok()?;
            Some((direction, Entry { score, reached, user: UserId(parse(user)?) }))
        }
        _ => return None,
    };
    Some(Action::Board(Turn { daily: DailyId(parse(daily)?), kind, month, edge }))
}

fn parse_month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    let month: i8 = month.parse().ok()?;
    (1..=12).contains(&month).then_some(Month { year: year.parse().ok()?, month })
}

fn words(word: &str, daily: DailyId, number: u32, last: &str) -> Vec<String> {
    let mut parts = vec![word.to_owned(), num(daily.0), num(u64::from(number))];
    if !last.is_empty() {
        parts.push(last.to_owned());
    }
    parts
}

fn verb_word(verb: Verb) -> &'static str {
    match verb {
        Verb::Answer => "answer",
        Verb::Quiz => "quiz",
        Verb::Hint => "hint",
        Verb::Reveal => "reveal",
    }
}

fn verb(word: &str) -> Option<Verb> {
    Verb::ALL.into_iter().find(|verb| verb_word(*verb) == word)
}

/// A number in base 36, as short as it gets.
fn num(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize] as char);
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

fn parse(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 36).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        app::testing::{ADA, BOB, MONA},
        commands::testing::Desk,
    };
    use futures_util::future::join_all;
    use proptest::{prelude::*, test_runner::TestRunner};

    fn any_verb() -> impl Strategy<Value = Verb> {
        prop::sample::select(Verb::ALL.to_vec())
    }

    fn any_id() -> impl Strategy<Value = QuestionId> {
        "[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?".prop_map(QuestionId)
    }

    fn any_turn() -> impl Strategy<Value = Action> {
        let edge = (any::<bool>(), any::<u32>(), 0..4_000_000_000_000_i64, any::<u64>());
        (
            any::<u64>(),
            prop::sample::select(BoardKind::ALL.to_vec()),
            prop::option::of((2015..3000_i16, 1..=12_i8)),
            prop::option::of(edge),
        )
            .prop_map(|(daily, kind, month, edge)| {
                Action::Board(Turn {
                    daily: DailyId(daily),
                    kind,
                    month: month.map(|(year, month)| Month { year, month }),
                    edge: edge.map(|(down, score, reached, user)| {
                        let direction = if down { Direction::Down } else { Direction::Up };
                        let reached = Timestamp::from_millisecond(reached).unwrap();
                        (direction, Entry { score, reached, user: UserId(user) })
                    }),
                })
            })
    }

    fn any_action() -> impl Strategy<Value = Action> {
        let grade = prop::sample::select(Grade::ALL.to_vec());
        prop_oneof![
            (any::<u64>(), any::<u32>(), any_verb()).prop_map(|(d, n, v)| Action::Round(
                DailyId(d),
                n,
                v
            )),
            (any::<u64>(), any::<u32>(), 0..4_u8).prop_map(|(d, n, p)| Action::RoundQuiz(
                DailyId(d),
                n,
                p
            )),
            (any::<u64>(), any::<u32>(), grade).prop_map(|(d, n, g)| Action::RoundGrade(
                DailyId(d),
                n,
                g
            )),
            (any::<u64>(), any::<u32>()).prop_map(|(d, n)| Action::RoundShare(DailyId(d), n)),
            (any::<u64>(), any::<u32>()).prop_map(|(d, n)| Action::RoundForm(DailyId(d), n)),
            (any_id(), any_verb()).prop_map(|(id, v)| Action::Practice(id, v)),
            (any_id(), 0..4_u8).prop_map(|(id, p)| Action::PracticeQuiz(id, p)),
            any_id().prop_map(Action::PracticeForm),
            any_turn(),
            (any::<u64>(), any::<u32>()).prop_map(|(d, n)| Action::PostExtra(DailyId(d), n)),
            any::<u64>().prop_map(|d| Action::RemoveDaily(DailyId(d))),
            any::<bool>().prop_map(Action::Hide),
            Just(Action::ForgetMe),
        ]
    }

    /// Custom ids and what looks like them: of this program, bent at one place, made up, anything.
    fn any_text() -> impl Strategy<Value = String> {
        let bent = (any_action(), any::<prop::sample::Index>(), any::<char>()).prop_map(
            |(action, place, letter)| {
                let mut letters: Vec<char> = encode(&action).chars().collect();
                *place.get_mut(&mut letters) = letter;
                letters.into_iter().collect()
            },
        );
        let families = "(round|practice|board|daily|settings|privacy)1";
        let verbs = "(answer|quiz|hint|reveal|pick|grade|share|form|all|month|extra|remove|hide|show|\
                     forget)";
        let like = format!("{families}:{verbs}:[0-2](:[0-3a-]{{1,2}}){{0,3}}");
        prop_oneof![
            any_action().prop_map(|action| encode(&action)),
            bent,
            prop::string::string_regex(&like).unwrap(),
            ".{0,120}",
        ]
    }

    /// All that may not change by what somebody may not do.
    async fn state(desk: &Desk, daily: DailyId) -> String {
        let store = &desk.app.store;
        let history = join_all([ADA, BOB, MONA].map(|user| store.history(daily, user))).await;
        let chosen = join_all([ADA, BOB].map(|user| store.preferences(user))).await;
        let (daily, round) =
            (store.daily(daily).await.unwrap(), store.round(daily, 1).await.unwrap());
        format!("{daily:?} {round:?} {history:?} {chosen:?}")
    }

    /// Bob does not manage the guild; Mona does, and tries from another one, where she manages too.
    async fn nothing_forbidden_is_done(desk: &Desk, daily: DailyId, action: Action) {
        let before = state(desk, daily).await;
        let family = action.family();
        if family == Family::Daily {
            let told = desk.act(BOB, action.clone()).await.to_string();
            assert!(told.contains("**Manage Server**"), "{action:?}: {told}");
        }
        let told = desk.act_elsewhere(MONA, action.clone()).await.to_string();
        let refused = told.contains("not here any more");
        // Practice is about no guild, and of the last two, whoever clicks is the one who is meant.
        let own = [Family::Practice, Family::Settings, Family::Privacy];
        assert!(refused || own.contains(&family), "{action:?}: {told}");
        assert_eq!(state(desk, daily).await, before, "{action:?}");
    }

    /// Whatever text comes for a custom id: it is no action, or one that its sender may do, or it
    /// is refused.
    #[test]
    fn no_text_does_what_its_sender_may_not() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (desk, daily) = runtime.block_on(Desk::with_rounds(1));
        let mut runner = TestRunner::new(ProptestConfig::with_cases(2_000));
        let mut seen = std::collections::BTreeSet::new();
        let read = std::cell::RefCell::new(&mut seen);
        runner
            .run(&any_text(), |text| {
                if let Some(action) = decode(&text) {
                    read.borrow_mut().insert(action.family().prefix());
                    runtime.block_on(nothing_forbidden_is_done(&desk, daily.id, action));
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(
            seen.len(),
            Family::ALL.len(),
            "some kinds of buttons were never read: {seen:?}"
        );
    }

    proptest! {
        #[test]
        fn every_action_comes_back_and_fits(action in any_action()) {
            let custom_id = encode(&action);
            prop_assert!(custom_id.chars().count() <= CUSTOM_ID_MAX, "{custom_id}");
            prop_assert_eq!(decode(&custom_id), Some(action));
        }

        #[test]
        fn nothing_foreign_is_an_action(text in any_text()) {
            if let Some(action) = decode(&text) {
                prop_assert_eq!(encode(&action), text);
            }
        }
    }

    #[test]
    fn buttons_that_are_out_there_stay_readable() {
        let round = Action::Round(DailyId(1), 41, Verb::Answer);
        assert_eq!(encode(&round), "round1:answer:1:15");
        assert_eq!(decode("round1:answer:1:15"), Some(round));
        assert_eq!(decode("round2:answer:1:15"), None, "another version");
        assert_eq!(decode("round1:answer:01:15"), None, "another spelling");
    }
}
