//! The words of a streak: how it stands, and what happened to it.

use super::{Words, plural, rounds::field};
use crate::ui::{Embed, Reply};
use crate::{app::standings::StreakView, domain::ids::UserId, domain::streak::Event};

/// How many of the newest events are told.
const EVENTS_SHOWN: usize = 8;

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "Streak, best, freezes and what happened lately"),
    ("help", "your streak or a member's: best, freezes, and what happened lately"),
    ("member", "Somebody else"),
];

/// A member's streak; `asker` decides between "you" and a mention.
pub fn streak(view: &StreakView, asker: UserId) -> Reply {
    let own = view.user == asker;
    let who = if own { "You".to_owned() } else { format!("<@{}>", view.user) };
    let standing = &view.standing;
    let mut fields = vec![
        field("Streak", plural(standing.current, "round")),
        field("Best", plural(standing.best, "round")),
        field("Freezes left", standing.freezes.to_string()),
        field("Rounds in all", view.rounds.to_string()),
    ];
    if !view.events.is_empty() {
        fields.push(field("Lately", lately(view)));
    }
    let embed = Embed {
        title: "Streak".to_owned(),
        description: summary(view, own, &who),
        colour: 0xE0_7A_3F,
        fields,
        footer: format!(
            "{} · weekends, holidays and pauses break nothing; a freeze covers one missed round",
            view.daily.settings.name.as_str()
        ),
    };
    Reply { embeds: vec![embed], ephemeral: true, ..Reply::default() }
}

fn summary(view: &StreakView, own: bool, who: &str) -> String {
    let standing = &view.standing;
    let open = view.daily.rounds;
    let have = if own { "have" } else { "has" };
    if open == 0 {
        return "No round has been posted yet.".to_owned();
    }
    if view.rounds == 0 {
        return format!(
            "{who} {have} not taken part in a round yet. The open one is a good start."
        );
    }
    match (standing.current, standing.took_part_in_open) {
        (0, _) => format!("{who} {have} no streak now. Round #{open} can begin a new one."),
        (_, true) => format!("{who} {have} taken part in round #{open}. The streak is safe."),
        (_, false) => format!("{who} {have} a streak to keep: round #{open} is open."),
    }
}

fn lately(view: &StreakView) -> String {
    let mut lines: Vec<String> = view.events.iter().map(line).collect();
    for round in &view.standing.covered {
        lines.push(format!("❄️ #{round} missed; a freeze will cover it"));
    }
    lines.extend(view.ended.as_ref().map(line));
    let skip = lines.len().saturating_sub(EVENTS_SHOWN);
    let mut shown: Vec<String> = lines.drain(skip..).collect();
    shown.reverse();
    shown.join("\n")
}

fn line(event: &Event) -> String {
    match event {
        Event::TookPart { round, current } => {
            format!("✅ #{round} taken part, streak {current}")
        }
        Event::Covered { round } => format!("❄️ #{round} missed, covered by a freeze"),
        Event::Earned { round } => format!("🎁 #{round} earned a freeze"),
        Event::Broke { from, to, was } if from == to => {
            format!("💔 #{from} missed: the streak ended at {was}")
        }
        Event::Broke { from, to, was } => {
            format!("💔 #{from} to #{to} missed: the streak ended at {was}")
        }
    }
}
