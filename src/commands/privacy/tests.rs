//! Holds three things against each other: what the store holds after everything was done that can
//! be done, what `docs/privacy.md` says that it holds, and what `/privacy` exports and deletes. A
//! new table and a new field of a stored record fail here until all three know of them.

use crate::{
    app::testing::{BOB, MONA, QUESTIONS, RUST},
    commands::testing::{Desk, Seen},
    domain::{
        daily::{Daily, Part, Pause},
        guild::{Departure, GuildSettings},
        ids::{GuildId, RoleId, UserId},
        ledger::Credit,
        question::Level,
        round::{Act, Grade, Round, Step},
    },
    store::testing::{self, Row, claim, create, next_round, rows, settings, tables},
    text::privacy::file::EXPLANATIONS,
};
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Members with ids that nothing else in the store looks like. The first is shown on boards, the
/// second hides.
const SHOWN: UserId = UserId(7_654_321_000_987_654_321);
const HIDING: UserId = UserId(8_765_432_100_098_765_432);

/// The second guild.
const OTHER: GuildId = GuildId(2);

/// A desk where each table has rows and each field of each record is filled in somewhere.
async fn filled() -> Desk {
    let (desk, daily) = Desk::with_rounds(3).await;
    let store = &desk.app.store;
    for user in [SHOWN, HIDING] {
        act_in_all(&desk, &daily, user).await;
    }
    store.set_hidden(HIDING, true).await.unwrap();
    let change = |round: &mut Round| {
        let gave_up = || Step::GaveUp("the channel is gone".to_owned());
        (round.thread, round.pin) = (gave_up(), gave_up());
        (round.results, round.unpin) = (gave_up(), gave_up());
    };
    store.update_round(daily.id, 1, change).await.unwrap();
    configure(&desk, &daily).await;
    let refused = Pause::Refused("the channel is gone".to_owned());
    for (name, pause) in [("refused", refused), ("empty", Pause::NoQuestions)] {
        let id = desk.daily(name, RUST).await.id;
        let pause = |daily: &mut Daily| {
            daily.pause = Some(pause);
            Ok(())
        };
        store.update_daily(id, pause).await.unwrap();
    }
    for (name, user) in [("by one", SHOWN), ("by the other", HIDING)] {
        let paused = desk.daily(name, RUST).await;
        desk.app.pause(&paused, user).await.unwrap();
    }
    for (name, user) in [("of one", SHOWN), ("of the other", HIDING)] {
        let fails = |daily: &mut Daily| {
            daily.set_by = Some(user);
            for part in [Part::Post, Part::Thread, Part::Pin] {
                daily.fails(part, "it is gone".to_owned(), desk.now);
            }
            Ok(())
        };
        store.update_daily(desk.daily(name, RUST).await.id, fails).await.unwrap();
    }
    let choose = |chosen: &mut GuildSettings| chosen.notices = Some(QUESTIONS);
    store.update_guild(testing::GUILD, choose).await.unwrap();
    in_another_guild(&desk).await;
    store.probe(std::time::Duration::ZERO).await.unwrap();
    store.set_note("registered commands", "[]").await.unwrap();
    desk
}

/// Does all that a member can do in the rounds of a daily, and credits them for one.
async fn act_in_all(desk: &Desk, daily: &Daily, user: UserId) {
    let store = &desk.app.store;
    let acts = [Act::Quiz { right: true }, Act::Revealed, Act::Graded(Grade::GotIt), Act::Shared];
    for number in [1, 2] {
        let at = desk.chat.message(daily.id, number).post.at;
        for (minute, act) in (1..).zip([Act::Answered].into_iter().chain(acts)) {
            let at = at + SignedDuration::from_mins(minute);
            store.act(daily.id, number, user, at, act).await.unwrap();
        }
    }
    store.credit(daily.id, 3, user, desk.now, Credit::Give).await.unwrap();
}

/// Fills in what an admin can choose, and leaves a post under way.
async fn configure(desk: &Desk, daily: &Daily) {
    let store = &desk.app.store;
    let choose = |daily: &mut Daily| {
        let chosen = &mut daily.settings;
        chosen.role = Some(RoleId(5));
        chosen.schedule.skips.insert(jiff::civil::date(2026, 12, 24));
        chosen.filter.levels.push(Level::Beginner);
        chosen.filter.topics.push("queues".into());
        daily.deck.queue.push("queue".into());
        daily.deck.banned.insert("endpoint".into());
        Ok(())
    };
    store.update_daily(daily.id, choose).await.unwrap();
    store.claim(daily.id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
}

/// A daily of a guild that the bot is no longer in, in which the members took part as well.
async fn in_another_guild(desk: &Desk) {
    let store = &desk.app.store;
    let settings = settings("elsewhere", QUESTIONS);
    let daily = create(store, OTHER, settings, 3, desk.now).await;
    let round = next_round(store, daily.id).await;
    for user in [SHOWN, HIDING] {
        store.act(daily.id, 1, user, round.post.at, Act::Quiz { right: true }).await.unwrap();
    }
    let departure = Departure { since: desk.now, until: desk.now + SignedDuration::from_hours(1) };
    assert!(store.depart(OTHER, departure).await.unwrap());
}

/// What the page says of a table.
#[derive(Default)]
struct Page {
    key: Vec<String>,
    kept: bool,
    /// Each field with the paths at which it is in the export.
    fields: BTreeMap<String, Vec<String>>,
}

/// The tables of `docs/privacy.md`.
fn documented() -> BTreeMap<String, Page> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/privacy.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    for section in text.split("\n### ").skip(1) {
        let (name, body) = section.split_once('\n').unwrap();
        let mut page = Page { kept: body.contains("Kept:"), ..Page::default() };
        for line in body.lines() {
            if let Some(key) = line.strip_prefix("Key: ") {
                page.key = ticked(key);
            }
            let cells: Vec<&str> = line.split('|').collect();
            if let ["", field, _, export, ""] = cells.as_slice()
                && let [field] = ticked(field).as_slice()
            {
                page.fields.insert(field.clone(), ticked(export));
            }
        }
        pages.insert(ticked(name).remove(0), page);
    }
    pages
}

/// The texts between backticks.
fn ticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Each scalar of a JSON value with its path. An empty list or object is a path without a scalar.
fn scalars(value: &Value) -> Vec<(String, Option<Value>)> {
    fn walk(path: String, value: &Value, found: &mut Vec<(String, Option<Value>)>) {
        match value {
            Value::Array(items) if items.is_empty() => found.push((format!("{path}[]"), None)),
            Value::Array(items) => {
                items.iter().for_each(|item| walk(format!("{path}[]"), item, found));
            }
            Value::Object(fields) => {
                for (name, item) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(format!("{path}{dot}{name}"), item, found);
                }
            }
            scalar => {
                let path = if path.is_empty() { "value".to_owned() } else { path };
                found.push((path, Some(scalar.clone())));
            }
        }
    }
    let mut found = Vec::new();
    walk(String::new(), value, &mut found);
    found
}

/// The value of a row: a byte with the schema, and JSON.
fn value_of(row: &Row) -> Value {
    serde_json::from_slice(&row.2[1..]).unwrap()
}

/// The fields that a table's rows have.
fn fields_of(rows: &[Row], table: &str) -> BTreeSet<String> {
    let values = rows.iter().filter(|row| row.0 == table).map(value_of);
    paths(values.filter(|value| !value.is_null()))
}

/// The paths in some values. One that leads to nothing is left out where something lies below it
/// in another.
fn paths(values: impl Iterator<Item = Value>) -> BTreeSet<String> {
    let found: Vec<(String, Option<Value>)> = values.flat_map(|value| scalars(&value)).collect();
    let deeper = |path: &str, other: &str| {
        let rest = other.strip_prefix(path);
        rest.is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]"))
    };
    let is_empty = |path: &str| {
        let values = found.iter().filter(|(other, _)| other == path);
        values.map(|(_, value)| value).all(|value| value.as_ref().is_none_or(Value::is_null))
            && found.iter().any(|(other, _)| deeper(path, other))
    };
    found.iter().map(|(path, _)| path.clone()).filter(|path| !is_empty(path)).collect()
}

/// Whether a row names a member, in its key or its value.
fn names(row: &Row, user: UserId) -> bool {
    let (bytes, digits) = (user.0.to_be_bytes(), user.to_string());
    row.1.windows(8).any(|part| part == bytes)
        || row.2.windows(8).any(|part| part == bytes)
        || row.2.windows(digits.len()).any(|part| part == digits.as_bytes())
}

fn tables_that_name(rows: &[Row], users: &[UserId]) -> BTreeSet<String> {
    let naming = rows.iter().filter(|row| users.iter().any(|user| names(row, *user)));
    naming.map(|row| row.0.to_owned()).collect()
}

/// The file of a member's export.
fn file(seen: &Seen) -> Value {
    serde_json::from_str(&seen.reply().file.as_ref().unwrap().text).unwrap()
}

#[tokio::test]
async fn every_table_and_every_field_is_documented() {
    let desk = filled().await;
    let (rows, documented) = (rows(&desk.app.store), documented());
    let known: BTreeSet<String> = tables().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(documented.keys().cloned().collect::<BTreeSet<_>>(), known);
    for (table, key) in tables() {
        let page = &documented[table];
        assert_eq!(page.key, key.iter().map(|(part, _)| *part).collect::<Vec<_>>(), "{table}");
        assert!(page.kept, "for how long is {table} kept?");
        let of_table: Vec<&Row> = rows.iter().filter(|row| row.0 == table).collect();
        assert!(!of_table.is_empty(), "the test puts nothing into {table}");
        let width: usize = key.iter().map(|(_, width)| width).sum();
        let open = key.iter().any(|(_, width)| *width == 0);
        for row in &of_table {
            assert!(row.1.len() == width || open && row.1.len() > width, "a key of {table}");
        }
        let fields: BTreeSet<String> = page.fields.keys().cloned().collect();
        assert_eq!(fields, fields_of(&rows, table), "the fields of {table}");
    }
}

#[tokio::test]
async fn all_that_is_stored_of_a_member_is_in_the_export() {
    let desk = filled().await;
    let (rows, documented) = (rows(&desk.app.store), documented());
    for user in [SHOWN, HIDING] {
        let file = file(&desk.ask(user, "privacy export", &[]).await);
        let exported = scalars(&file);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        for row in rows.iter().filter(|row| names(row, user)) {
            let page = &documented[row.0];
            let whole_row = page.key.iter().any(|part| part == "member");
            for (field, value) in scalars(&value_of(row)) {
                let Some(value) = value.filter(|value| !value.is_null()) else { continue };
                if !whole_row && text(&value) != user.to_string() {
                    continue;
                }
                let paths = &page.fields[&field];
                let there = exported.iter().any(|(path, exported)| {
                    let same = exported.as_ref().is_some_and(|found| text(found) == text(&value));
                    paths.contains(path) && same
                });
                assert!(there, "{} {field} = {value} is not at {paths:?} in {file:#}", row.0);
            }
        }
        // A row of a table with nothing but a key has its meaning in these.
        let servers = file["servers"].as_array().unwrap();
        let ids: Vec<Value> = servers.iter().map(|server| server["server"].clone()).collect();
        assert_eq!(ids, [testing::GUILD, OTHER].map(|guild| Value::from(guild.to_string())));
        for field in ["set_by_you", "paused_by_you"] {
            let dailies = servers.iter().flat_map(|server| server["dailies"].as_array().unwrap());
            assert_eq!(dailies.filter(|daily| daily[field] == true).count(), 1, "{file:#}");
        }
    }
}

#[tokio::test]
async fn the_export_explains_each_of_its_fields() {
    let desk = filled().await;
    let mut file = file(&desk.ask(SHOWN, "privacy export", &[]).await);
    file["explanations"] = Value::Null;
    let paths = paths([file].into_iter());
    let explained: BTreeSet<String> =
        EXPLANATIONS.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(paths, explained);
    // And each place that the page names is there.
    for (table, page) in documented() {
        for path in page.fields.values().flatten() {
            assert!(paths.contains(path), "{table}: {path}");
        }
    }
}

#[tokio::test]
async fn nothing_of_a_member_is_left_after_the_deletion() {
    let desk = filled().await;
    let store = &desk.app.store;
    desk.app.store.act(daily(&desk).await.id, 3, BOB, desk.now, Act::Answered).await.unwrap();
    let documented = documented();
    let personal = documented.iter().filter(|(_, page)| {
        page.key.iter().any(|part| part == "member") || !page.fields.values().all(Vec::is_empty)
    });
    let personal: BTreeSet<String> = personal.map(|(table, _)| table.clone()).collect();
    assert_eq!(tables_that_name(&rows(store), &[SHOWN, HIDING]), personal);
    for user in [SHOWN, HIDING] {
        let asked = desk.ask_directly(user, "privacy delete", &[]).await;
        desk.click(user, &asked, "Delete it all").await;
        assert_eq!(tables_that_name(&rows(store), &[user]), BTreeSet::new());
        let file = file(&desk.ask(user, "privacy export", &[]).await);
        assert_eq!(file["servers"], serde_json::json!([]));
    }
    // What others did is there, and no round counts who has gone.
    for (number, tally) in [(1, 0), (2, 0), (3, 1)] {
        let round = store.round(daily(&desk).await.id, number).await.unwrap().unwrap();
        assert_eq!(round.tally.took_part, tally, "of round {number}");
    }
    assert_eq!(store.history(daily(&desk).await.id, BOB).await.unwrap().len(), 1);
}

async fn daily(desk: &Desk) -> Daily {
    desk.app.dailies(testing::GUILD).await.unwrap().into_iter().find(|d| d.rounds == 3).unwrap()
}

#[tokio::test]
async fn it_is_asked_before_all_is_deleted_and_the_backups_are_told_of() {
    let desk = filled().await;
    let asked = desk.ask(SHOWN, "privacy delete", &[]).await;
    insta::assert_snapshot!(asked, @"
    **Delete all that I keep of you?** In every server: what you did in rounds, your streaks and freezes, your places on all boards, and your settings, being hidden included. It cannot be undone. `/privacy export` gives you a copy first.
    What you shared in a thread is a message there and stays; a moderator can delete it.
    [Delete it all (danger)]
    ");
    assert!(!tables_that_name(&rows(&desk.app.store), &[SHOWN]).is_empty());
    // Whoever clicks is the one who is meant: here somebody else, of whom nothing is stored.
    insta::assert_snapshot!(desk.click(MONA, &asked, "Delete it all").await, @"
    (in place of the message)
    I keep nothing of you now; you were in no round.
    Backups from before still hold it for up to **7 days**: one is made each day, and the newest 7 are kept. If you take part again, you begin anew.
    ");
    assert!(!tables_that_name(&rows(&desk.app.store), &[SHOWN]).is_empty());
    insta::assert_snapshot!(desk.click(SHOWN, &asked, "Delete it all").await, @"
    (in place of the message)
    All that I kept of you is deleted: what you did in 4 rounds, streaks, places on boards, and settings.
    Backups from before still hold it for up to **7 days**: one is made each day, and the newest 7 are kept. If you take part again, you begin anew.
    ");
}

#[tokio::test]
async fn the_export_is_a_file_for_the_member_alone() {
    let desk = filled().await;
    let seen = desk.ask_directly(SHOWN, "privacy export", &[]).await;
    insta::assert_snapshot!(seen, @"
    Here is all that I keep of you: what you did in 4 rounds, and what follows from it. The file explains each of its fields. Answers that you typed are not in it, for I never keep them.
    (file) whetstone-my-data.json
    ");
    assert!(seen.reply().ephemeral);
}
