//! What keys mean, in words: for backups and reports, which people read.

use super::{Table, codec::Parts};
use crate::domain::ids::{DailyId, UserId};

/// A part of a key.
enum Part {
    Daily,
    Guild,
    Round,
    User,
    Due,
    Text,
    Board,
    Rest,
}

fn form(table: Table) -> &'static [Part] {
    use Part::{Board, Daily, Due, Guild, Rest, Round, Text, User};
    match table {
        Table::Meta => &[Text],
        Table::Dailies => &[Daily],
        Table::DailyNames => &[Guild, Text],
        Table::Due => &[Due, Daily],
        Table::Rounds | Table::Work => &[Daily, Round],
        Table::Parts => &[Daily, User, Round],
        Table::Members => &[User, Daily],
        Table::Scores => &[Daily, Board, Round, User],
        Table::Ranking | Table::Counts => &[Daily, Board, Rest],
        Table::Preferences => &[User],
        Table::Guilds | Table::Departures => &[Guild],
        Table::Leaving => &[Due, Guild],
    }
}

/// What a key of a table means; nothing where it has not the table's form.
pub(super) fn row(table: &str, key: &[u8]) -> Option<String> {
    let (table, _) = Table::ALL.into_iter().find(|(_, name)| *name == table)?;
    let mut parts = Parts::of(key);
    let words: Option<Vec<String>> =
        form(table).iter().map(|part| word(part, table, &mut parts)).collect();
    words.filter(|_| parts.is_over()).map(|words| words.join(", "))
}

fn word(part: &Part, table: Table, parts: &mut Parts<'_>) -> Option<String> {
    Some(match part {
        Part::Daily => format!("daily {}", DailyId(parts.u64().ok()?)),
        Part::Guild => format!("guild {}", parts.u64().ok()?),
        // The months of a member's scores stand where other keys have the round.
        Part::Round if table == Table::Scores => format!("month {}", parts.u32().ok()?),
        Part::Round => format!("round {}", parts.u32().ok()?),
        Part::User => format!("member {}", UserId(parts.u64().ok()?)),
        Part::Due => format!("due {}", parts.time().ok()?),
        Part::Text => std::str::from_utf8(parts.rest()).ok()?.to_owned(),
        Part::Board => format!("board {}", parts.u8().ok()?),
        Part::Rest => {
            parts.rest();
            "an entry".to_owned()
        }
    })
}

/// A row by its table and what its key means, for reports.
pub(super) fn in_report(table: &str, key: &[u8]) -> String {
    match row(table, key) {
        Some(about) => format!("{table}, {about}"),
        None => format!("{table}, the key {key:02x?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::Key, row};

    #[test]
    fn keys_are_told_in_words() {
        let key = Key::new().u64(1).u64(101).u32(3).bytes();
        assert_eq!(row("parts", &key).as_deref(), Some("daily 1, member 101, round 3"));
        assert_eq!(row("parts", &key[1..]), None);
        assert_eq!(row("meta", b"counter/daily").as_deref(), Some("counter/daily"));
        assert_eq!(row("nothing", &key), None);
    }
}
