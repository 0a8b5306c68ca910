//! The words that admins see about their dailies.

use super::{
    Words,
    checks::{self, Finding},
    cut, date, escape, plural,
    rounds::field,
    short_time, when, words,
};
use crate::{
    app::{
        dailies::{CheckReport, DailyView, Saved, Upcoming},
        messenger::Notice,
        posting::PostNow,
    },
    domain::{
        daily::{Daily, Part, Pause},
        ids::{ChannelId, UserId},
        ledger::Credit,
        question::Question,
        round::StepName,
        schedule::Day,
    },
    ui::{Action, Button, EMBEDS_MAX, Embed, FIELD_MAX, Reply, Style},
};
use jiff::civil::Date;

/// How many dailies are shown at once, at most.
const SHOWN_MAX: usize = 3;

/// The room that is kept for saying how many more there are.
const REST: &str = " and 1000000 more";

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "Set up and look after the daily question"),
    ("help", "set up and look after the daily question (needs Manage Server)"),
    ("set", "Set a daily up, or change it"),
    ("set channel", "Where to post"),
    ("set time", "Local time, such as 09:30"),
    ("set zone", "Time zone, such as Europe/Berlin"),
    ("set name", "A name, where there are several"),
    ("set days", "Such as mon-fri or tue,thu; Monday to Friday if not set"),
    ("set levels", "Such as beginner, advanced; or all"),
    ("set topics", "Topic ids with commas between; or all"),
    ("set role", "A role to ping; @everyone for none"),
    ("set thread", "Start a thread below each question; yes if not set"),
    ("set pin", "Pin the open question; no if not set"),
    ("show", "What is set, when the next one comes, what is wrong"),
    ("preview", "The next seven questions, for your eyes only"),
    ("queue", "Ask this question next"),
    ("question", "The question"),
    ("ban", "Never ask this question; again, to allow it"),
    ("skip", "Post nothing on a date; again, to post after all"),
    ("skip date", "2026-12-24, today or tomorrow"),
    ("skip until", "The last date, to skip several"),
    ("pause", "Post nothing until it is resumed"),
    ("resume", "Post again"),
    ("post-now", "Bring today's question forward, or post an extra one"),
    ("credit", "Count a round as taken part in by a member"),
    ("credit member", "The member"),
    ("credit round", "The round's number; the newest if none"),
    ("credit take-back", "Take an earlier credit back"),
    ("remove", "Remove a daily with its rounds, streaks and boards"),
    ("check", "See whether it can post: permissions, questions, time"),
    ("notices", "See or choose who is told when a daily starts failing"),
    ("notices channel", "Tell this channel"),
    ("notices direct", "Tell the one who set the daily up"),
];

/// After `/daily set`.
pub fn saved(saved: &Saved) -> Reply {
    let daily = &saved.daily;
    let verb = if saved.created { "is set up" } else { "is changed" };
    let mut lines = vec![
        format!("**{}** {verb}.", escape(&daily.settings.name)),
        schedule_line(daily),
        format!("It draws from {}.", plural(saved.questions as u64, "question")),
        next_line(daily),
    ];
    if saved.created {
        lines.push("`/daily post-now` posts the first one at once.".to_owned());
    }
    say(lines.join("\n"))
}

/// `/daily show` for one daily.
pub fn show(view: &DailyView) -> Embed {
    let daily = &view.daily;
    let settings = &daily.settings;
    let on_off = |on| if on { "yes" } else { "no" };
    let mut description = format!("{}\n{}", schedule_line(daily), next_line(daily));
    if daily.governed {
        description.push_str("\n**The configuration file governs this daily**; change it there.");
    }
    if let Some(claim) = &daily.claim {
        description.push_str(&format!(
            "\n⏳ Round #{} has been waiting to be posted since {}; it goes out as soon as Discord \
             takes it.",
            claim.number,
            short_time(claim.at)
        ));
    }
    if let Some(missed) = daily.last_missed {
        description
            .push_str(&format!("\nMissed: {} (nothing could be posted in time).", date(missed)));
    }
    for (step, reason) in &view.gave_up {
        description.push_str(&format!(
            "\n⚠️ {} of the newest round: {}.",
            step_word(*step),
            reason
        ));
    }
    let mut fields = vec![
        field("Rounds posted", daily.rounds.to_string()),
        field("Questions", format!("{} match, {} used in this cycle", view.questions, view.used)),
        field(
            "Levels",
            list(settings.filter.levels.iter().map(|level| words::level(*level).to_owned()), "all"),
        ),
        field("Topics", fitting(settings.filter.topics.iter().map(ToString::to_string), "all")),
        field("Thread · pin", format!("{} · {}", on_off(settings.thread), on_off(settings.pin))),
    ];
    if let Some(role) = settings.role {
        fields.push(field("Pings", format!("<@&{role}>")));
    }
    if !settings.schedule.skips.is_empty() {
        let skips = settings.schedule.skips.iter().take(10).map(|day| date(*day));
        fields.push(field("Skipped dates", list(skips, "none")));
    }
    if !daily.deck.queue.is_empty() {
        let queue = daily.deck.queue.iter().take(10).map(|id| format!("`{id}`"));
        fields.push(field("Queued", list(queue, "none")));
    }
    if !daily.deck.banned.is_empty() {
        let banned = daily.deck.banned.iter().map(|id| format!("`{id}`"));
        fields.push(field("Banned", fitting(banned, "none")));
    }
    Embed {
        title: settings.name.as_str().to_owned(),
        description,
        colour: 0x4B_6B_C9,
        fields,
        footer: String::new(),
    }
}

/// `/daily show`.
pub fn shown(views: &[DailyView]) -> Reply {
    let mut room = EMBEDS_MAX;
    let fits = |embed: &Embed| {
        let left = room.checked_sub(embed.length());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let embeds: Vec<Embed> = views.iter().take(SHOWN_MAX).map(show).take_while(fits).collect();
    let more = views.len().saturating_sub(embeds.len());
    let content = match more {
        0 => String::new(),
        more => format!("{more} more; name one to see it."),
    };
    Reply { content, embeds, ephemeral: true, ..Reply::default() }
}

fn step_word(step: StepName) -> &'static str {
    match step {
        StepName::Thread => "The thread",
        StepName::Pin => "The pin",
        StepName::Results => "The results",
        StepName::Unpin => "Taking away the pin",
    }
}

fn schedule_line(daily: &Daily) -> String {
    let schedule = &daily.settings.schedule;
    format!(
        "<#{}> · {} at **{}** in {}",
        daily.settings.channel,
        days(&schedule.days.iter().copied().collect::<Vec<_>>()),
        schedule.time.strftime("%H:%M"),
        schedule.zone.iana_name().unwrap_or("UTC")
    )
}

fn days(days: &[Day]) -> String {
    match days {
        all if all.len() == Day::ALL.len() => "every day".to_owned(),
        working if working == Day::WORKING => "Monday to Friday".to_owned(),
        some => list(some.iter().map(|day| words::day(*day).to_owned()), "never"),
    }
}

fn next_line(daily: &Daily) -> String {
    match &daily.pause {
        Some(pause) => format!("⏸️ **Paused:** {}", pause_reason(pause)),
        None => match &daily.next_due {
            Some(due) => format!("Next: {}", when(due.at)),
            None => "It has no day on which to post: set `days`.".to_owned(),
        },
    }
}

fn pause_reason(pause: &Pause) -> String {
    match pause {
        Pause::Admin(Some(user)) => format!("by <@{user}>. `/daily resume` starts it again."),
        Pause::Admin(None) => "by an admin. `/daily resume` starts it again.".to_owned(),
        Pause::Refused(reason) => format!(
            "{}. Mend that (`/daily check` says what is missing), then `/daily resume`.",
            capital(reason)
        ),
        Pause::NoQuestions => {
            "No question matches its levels and topics. Widen them, then `/daily resume`.".to_owned()
        }
        Pause::LeftFile => {
            "It is no longer in the configuration file. `/daily resume` makes it an ordinary daily; \
             `/daily remove` removes it."
                .to_owned()
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn list(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}

/// As many whole items as a field holds, and how many more there are.
fn fitting(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    let mut shown = 0;
    let mut room = FIELD_MAX - REST.len();
    for item in &items {
        let Some(left) = room.checked_sub(item.chars().count() + ", ".len()) else { break };
        (shown, room) = (shown + 1, left);
    }
    let text = list(items[..shown].iter().cloned(), none);
    match items.len() - shown {
        0 => text,
        rest => format!("{text} and {rest} more"),
    }
}

/// `/daily preview`.
pub fn preview(daily: &Daily, upcoming: &[Upcoming]) -> Reply {
    let lines: Vec<String> = upcoming
        .iter()
        .map(|next| {
            let at = next.due.as_ref().map_or_else(|| "now".to_owned(), |due| short_time(due.at));
            format!(
                "{at} — {} (`{}`, {})",
                next.question.title,
                next.question.id,
                words::level(next.question.level)
            )
        })
        .collect();
    let body = if lines.is_empty() { "No question matches.".to_owned() } else { lines.join("\n") };
    let paused = daily
        .pause
        .as_ref()
        .map_or("", |_| "\nThe daily is paused; dates count from its resumption.");
    say(format!(
        "**Next in {}**, for your eyes only:\n{body}{paused}",
        escape(&daily.settings.name)
    ))
}

/// `/daily queue`.
pub fn queued(daily: &Daily, question: &Question) -> Reply {
    say(format!("“{}” comes next in **{}**.", question.title, escape(&daily.settings.name)))
}

/// `/daily ban`.
pub fn banned(daily: &Daily, question: &Question, banned: bool) -> Reply {
    let name = escape(&daily.settings.name);
    say(if banned {
        format!(
            "“{}” will never come in **{name}**. The same command allows it again.",
            question.title
        )
    } else {
        format!("“{}” may come in **{name}** again.", question.title)
    })
}

/// `/daily skip`.
pub fn skipped(daily: &Daily, dates: &[Date], skipped: bool) -> Reply {
    let dates = match dates {
        [first, .., last] => format!("{} to {}", date(*first), date(*last)),
        dates => list(dates.iter().map(|day| date(*day)), "nothing"),
    };
    let verb = if skipped { "will be skipped" } else { "will not be skipped any more" };
    say(format!("**{}**: {dates} {verb}. Streaks are not touched.", escape(&daily.settings.name)))
}

/// `/daily pause`.
pub fn paused(daily: &Daily) -> Reply {
    say(format!(
        "**{}** is paused. `/daily resume` starts it again; no streak is broken meanwhile.",
        escape(&daily.settings.name)
    ))
}

/// `/daily resume`.
pub fn resumed(daily: &Daily) -> Reply {
    say(format!("**{}** is running again. {}", escape(&daily.settings.name), next_line(daily)))
}

/// `/daily post-now`.
pub fn posted_now(outcome: &PostNow, guild: u64, extra: impl Fn(&Daily) -> Action) -> Reply {
    match outcome {
        PostNow::Posted(round) => say(format!(
            "Round #{} is out: https://discord.com/channels/{guild}/{}/{}",
            round.number, round.post.channel, round.post.message
        )),
        PostNow::AlreadyOut(daily) => Reply {
            content: "Today's round is out already. Post an extra one? It counts as a round of its \
                      own, and the open one closes."
                .to_owned(),
            rows: vec![vec![Button::new(
                "Post an extra round",
                Style::Primary,
                extra(daily),
            )]],
            ephemeral: true,
            ..Reply::default()
        },
        PostNow::Delayed => say(
            "Discord has a fault just now. The round is on its way and will be posted once, as soon \
             as Discord takes it."
                .to_owned(),
        ),
    }
}

/// `/daily credit`.
pub fn credited(user: UserId, number: u32, credit: Credit) -> Reply {
    say(match credit {
        Credit::Give => format!("<@{user}> is credited for round #{number}."),
        Credit::TakeBack => format!("The credit of <@{user}> for round #{number} is taken back."),
    })
}

/// `/daily remove`, before it is done.
pub fn confirm_removal(daily: &Daily, remove: Action) -> Reply {
    let button = Button::new("Remove it for good", Style::Danger, remove);
    Reply {
        content: format!(
            "Remove **{}** with its {}, streaks and boards? This cannot be undone. Messages in the \
             channel stay.",
            escape(&daily.settings.name),
            plural(daily.rounds, "round")
        ),
        rows: vec![vec![button]],
        ephemeral: true,
        ..Reply::default()
    }
}

/// `/daily remove`, done.
pub fn removed(daily: &Daily) -> Reply {
    say(format!("**{}** is removed.", escape(&daily.settings.name)))
}

/// `/daily check` of one daily or of several. Where there are many, those that are well are counted.
pub fn checked(account: &[Finding], reports: &[CheckReport], notices: Option<&Finding>) -> Reply {
    let bad = account.iter().filter(|found| !found.good);
    let mut parts: Vec<String> = bad.map(ToString::to_string).collect();
    if parts.is_empty() {
        parts.push(Finding::good("The bot's token and intents are in order.").to_string());
    }
    parts.extend(notices.map(ToString::to_string));
    let is_well = |report: &&CheckReport| {
        report.daily.pause.is_none() && found(report).iter().all(|found| found.good)
    };
    let (well, ill): (Vec<_>, Vec<_>) = reports.iter().partition(is_well);
    if reports.len() > SHOWN_MAX {
        parts.extend(ill.into_iter().map(checked_one));
        let count = format!("{} of {} dailies can post.", well.len(), reports.len());
        parts.push(Finding::good(count).to_string());
    } else {
        parts.extend(reports.iter().map(checked_one));
    }
    say(parts.join("\n"))
}

fn found(report: &CheckReport) -> Vec<Finding> {
    let place = format!("<#{}>", report.daily.settings.channel);
    let mut findings = checks::channel(&place, &report.channel);
    findings.push(match report.questions {
        0 => Finding::bad("No question matches its levels and topics."),
        count => Finding::good(format!("{} to draw from.", plural(count as u64, "question"))),
    });
    findings
}

fn checked_one(report: &CheckReport) -> String {
    let lines: Vec<String> = found(report).iter().map(ToString::to_string).collect();
    let (name, next) = (escape(&report.daily.settings.name), next_line(&report.daily));
    format!("**{name}**\n{}\n{next}", lines.join("\n"))
}

/// `/daily notices`.
pub fn notices_go_to(channel: Option<ChannelId>, changed: bool) -> Reply {
    let now = if changed { ", from now on" } else { "" };
    say(match channel {
        Some(channel) => format!(
            "When a daily starts failing, <#{channel}> is told once. `/daily notices direct:True` \
             lets the one who set the daily up be told instead."
        ),
        None => format!(
            "When a daily starts failing, the one who set it up is told once, by direct message{now}. \
             `/daily notices channel` chooses a channel instead."
        ),
    })
}

fn notice_head(notice: &Notice) -> String {
    let (settings, troubles) = (&notice.daily.settings, &notice.troubles);
    let what = match troubles.contains_key(&Part::Post) {
        true => "does not post any more",
        false => "posts, but not all of it works",
    };
    let since = troubles.values().map(|trouble| trouble.since).min().unwrap_or_default();
    format!(
        "⚠️ **{}** in <#{}> {what}, since {}.",
        escape(&settings.name),
        settings.channel,
        short_time(since)
    )
}

/// A daily fails: what, why, and what to do.
pub fn notice(notice: &Notice, check: Action) -> Reply {
    let daily = &notice.daily;
    let mut lines = vec![notice_head(notice)];
    for (part, trouble) in &notice.troubles {
        let part = match part {
            Part::Post => "The post",
            Part::Thread => "The thread",
            Part::Pin => "The pin",
        };
        lines.push(format!("{part}: {}.", trouble.reason));
    }
    let place = format!("<#{}>", daily.settings.channel);
    let findings = checks::channel(&place, &notice.channel);
    lines.extend(findings.iter().filter(|found| !found.good).map(ToString::to_string));
    if daily.pause.is_some() {
        lines
            .push("It is paused; once that is mended, `/daily resume` starts it again.".to_owned());
    }
    lines.push("This is told once, and again only if it works and then fails anew.".to_owned());
    let rows = vec![vec![Button::new("Check", Style::Primary, check)]];
    Reply { content: cut(&lines.join("\n"), 2000), rows, ..Reply::default() }
}

fn say(content: String) -> Reply {
    Reply { content: cut(&content, 2000), ephemeral: true, ..Reply::default() }
}
