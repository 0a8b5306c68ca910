//! The words of the boards.

use super::{Words, plural};
use crate::{
    app::standings::BoardView,
    domain::board::{BoardKind, Cursor, Month},
    ui::{Action, Button, Embed, Reply, Style},
};
use jiff::civil::Date;

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "Who took part most: this month, in a row, ever; and who is best at quizzes"),
    ("help", "the boards: this month, current and best streaks, all time, quiz"),
    ("kind", "Which board; this month's if none"),
];

/// A page of a board.
pub fn page(view: &BoardView, action: impl Fn(Cursor) -> Action) -> Reply {
    let rows: Vec<String> = view
        .page
        .rows
        .iter()
        .map(|row| {
            format!(
                "{} <@{}> — {}",
                medal(row.place.rank),
                row.place.user,
                score(view, row.place.score)
            )
        })
        .collect();
    let mut description = match rows.is_empty() {
        true => nobody(view.board.kind).to_owned(),
        false => rows.join("\n"),
    };
    if let Some(own) = view.own {
        let hidden = if view.hidden { " · hidden from everybody else" } else { "" };
        let (place, score) = (ordinal(own.rank), score(view, own.score));
        let line = format!("\n\nYou: {place} — {score}{hidden}");
        description.push_str(&line);
    }
    let embed = Embed {
        title: title(view.board.kind, view.board.month),
        description,
        colour: 0x4B_6B_C9,
        footer: format!(
            "{} · {} · {}",
            view.daily.settings.name.as_str(),
            plural(view.page.total, "member"),
            explanation(view.board.kind)
        ),
        ..Embed::default()
    };
    Reply { embeds: vec![embed], rows: pager(view, action), ephemeral: true, ..Reply::default() }
}

fn title(kind: BoardKind, month: Option<Month>) -> String {
    let month = month.map(month_name).unwrap_or_default();
    match kind {
        BoardKind::Month => format!("Rounds in {month}"),
        BoardKind::Streak => "Current streaks".to_owned(),
        BoardKind::Best => "Best streaks".to_owned(),
        BoardKind::All => "Rounds of all time".to_owned(),
        BoardKind::Quiz => format!("Right quiz answers in {month}"),
    }
}

/// "March 2026".
fn month_name(month: Month) -> String {
    let first = Date::new(month.year, month.month, 1);
    first.map_or_else(|_| month.to_string(), |first| first.strftime("%B %Y").to_string())
}

fn explanation(kind: BoardKind) -> &'static str {
    match kind {
        BoardKind::Month => "everyone starts at zero each month",
        BoardKind::Streak => "rounds in a row, running now",
        BoardKind::Best => "the longest run ever",
        BoardKind::All => "rounds taken part in since the start",
        BoardKind::Quiz => "first tries that were right this month",
    }
}

fn nobody(kind: BoardKind) -> &'static str {
    match kind {
        BoardKind::Quiz => "Nobody has got a quiz right yet. The first right answer leads.",
        _ => "Nobody is here yet. Take part in the open round and you lead.",
    }
}

fn score(view: &BoardView, score: u32) -> String {
    match view.board.kind {
        BoardKind::Quiz => format!("**{score}** right"),
        _ if score == 1 => "**1** round".to_owned(),
        _ => format!("**{score}** rounds"),
    }
}

fn medal(rank: u32) -> String {
    match rank {
        1 => "🥇".to_owned(),
        2 => "🥈".to_owned(),
        3 => "🥉".to_owned(),
        rank => format!("**{rank}.**"),
    }
}

fn ordinal(rank: u32) -> String {
    let suffix = match (rank % 10, rank % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{rank}{suffix}")
}

fn pager(view: &BoardView, action: impl Fn(Cursor) -> Action) -> Vec<Vec<Button>> {
    let (first, last) = (view.page.rows.first(), view.page.rows.last());
    let up = first.map(|row| action(Cursor::Before(row.entry)));
    let down = last.map(|row| action(Cursor::After(row.entry)));
    let mut row = Vec::new();
    if view.page.more_above {
        row.extend(up.map(|action| Button::new("◀ Higher", Style::Secondary, action)));
    }
    if view.page.more_below {
        row.extend(down.map(|action| Button::new("Lower ▶", Style::Secondary, action)));
    }
    if row.is_empty() { Vec::new() } else { vec![row] }
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn ordinals_follow_english() {
        let all: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal).to_vec();
        let expected =
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"];
        assert_eq!(all, expected);
    }
}
