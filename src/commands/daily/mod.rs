//! `/daily`: for those with Manage Server. Discord hides it from others; it is checked here all
//! the same.

mod buttons;
mod options;
mod set;

use super::{
    Buttons, Command, Invocation, Later, Press, Spec, Typing,
    spec::{Opt, OptKind, SUGGESTED, daily_option},
    suggest_dailies, suggest_questions, suggest_topics,
};
use crate::{
    app::App,
    domain::{
        daily::Daily,
        ids::{DailyId, GuildId, QuestionId},
        ledger::Credit,
        schedule::{self, BadDates},
    },
    error::{BadOption, Mistake, Result},
    text::{self, Words, checks, dailies as words},
    ui::{Action, Meaning, Reply, Response, Suggestion},
};
use async_trait::async_trait;
use buttons::DailyButton;
use jiff::Timestamp;
use options::bad;

pub(super) struct DailyCommand;

#[async_trait]
impl Command for DailyCommand {
    fn name(&self) -> &'static str {
        "daily"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: subcommands(),
            manage_server: true,
            direct_messages: false,
        }
    }

    fn words(&self) -> Words {
        text::dailies::COMMAND
    }

    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[&Self]
    }

    fn is_slow(&self, invocation: &Invocation) -> bool {
        // These ask Discord about the channel, or post in it, before they answer.
        let subcommand = invocation.subcommand.as_deref();
        matches!(subcommand, Some("set" | "check" | "post-now" | "notices"))
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let guild = invocation.origin.managed_guild()?;
        let subcommand = invocation.subcommand.as_deref().unwrap_or_default();
        match subcommand {
            "set" => return set::run(app, invocation).await,
            "show" => return show(app, invocation).await,
            "check" => return check(app, guild, invocation).await,
            "notices" => return notices(app, guild, invocation).await,
            _ => {}
        }
        let daily = app.daily(guild, invocation.text("daily"), invocation.origin.channel).await?;
        match subcommand {
            "preview" => Ok(words::preview(&daily, &app.preview(&daily, invocation.origin.at))),
            "queue" => queue(app, &daily, invocation).await,
            "ban" => ban(app, &daily, invocation).await,
            "skip" => skip(app, &daily, invocation).await,
            "pause" => Ok(words::paused(&app.pause(&daily, invocation.origin.user).await?)),
            "resume" => Ok(words::resumed(&app.resume(&daily, invocation.origin.at).await?)),
            "post-now" => {
                let outcome = app.post_now(daily.id, invocation.origin.at).await?;
                Ok(words::posted_now(&outcome, guild.0, DailyButton::extra))
            }
            "credit" => credit(app, &daily, invocation).await,
            "remove" if daily.governed => {
                Err(Mistake::GovernedByFile { name: daily.settings.name }.into())
            }
            "remove" => Ok(words::confirm_removal(&daily, DailyButton::Remove(daily.id).action())),
            _ => Err(Mistake::StaleButton.into()),
        }
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        if typing.invocation.origin.managed_guild().is_err() {
            return Ok(Vec::new());
        }
        match typing.option.as_str() {
            "zone" => Ok(options::suggest_zones(&typing.text)),
            "question" => Ok(suggest_questions(app, &typing.text)),
            "topics" => Ok(options::suggest_list(&typing.text, |last| suggest_topics(app, last))),
            _ => suggest_dailies(app, &typing.invocation.origin, &typing.text).await,
        }
    }
}

#[async_trait]
impl Buttons for DailyCommand {
    fn family(&self) -> &'static str {
        buttons::FAMILY
    }

    fn may_press(&self, press: &Press, action: &Action) -> Result<()> {
        match DailyButton::of(action).ok_or(Mistake::StaleButton)? {
            // A notice stands in a direct message, too, where Discord knows of no permissions.
            DailyButton::Check(..) if press.origin.guild.is_none() => Ok(()),
            _ => press.origin.managed_guild().map(drop),
        }
    }

    /// The button goes, so that it cannot be clicked again.
    fn later(&self, action: &Action) -> Option<Later> {
        match DailyButton::of(action)? {
            DailyButton::Check(..) => Some(Later::Say),
            DailyButton::PostExtra(..) | DailyButton::Remove(_) => Some(Later::Update),
        }
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let button = DailyButton::of(action).ok_or(Mistake::StaleButton)?;
        if let DailyButton::Check(id, _) = button {
            return check_noticed(app, press, id).await.map(Response::Say);
        }
        let guild = press.origin.managed_guild()?;
        match button {
            DailyButton::PostExtra(id, newest) => {
                let outcome = app.post_extra(guild, id, newest, press.origin.at).await?;
                Ok(Response::Update(words::posted_now(&outcome, guild.0, DailyButton::extra)))
            }
            DailyButton::Remove(id) => {
                Ok(Response::Update(words::removed(&app.remove_daily(guild, id).await?)))
            }
            DailyButton::Check(..) => Err(Mistake::StaleButton.into()),
        }
    }
}

/// The button of a notice.
pub(super) fn check_button(daily: DailyId, since: Timestamp) -> Action {
    let since = u64::try_from(since.as_millisecond()).unwrap_or(0);
    DailyButton::Check(daily, since).action()
}

fn subcommands() -> Vec<Opt> {
    let named = |name| Opt::subcommand(name, vec![daily_option()]);
    let question = || Opt::required("question", SUGGESTED);
    let date = OptKind::Text { max: 20, autocomplete: false };
    vec![
        Opt::subcommand("set", set::options()),
        named("show"),
        named("preview"),
        Opt::subcommand("queue", vec![question(), daily_option()]),
        Opt::subcommand("ban", vec![question(), daily_option()]),
        Opt::subcommand(
            "skip",
            vec![Opt::required("date", date.clone()), Opt::optional("until", date), daily_option()],
        ),
        named("pause"),
        named("resume"),
        named("post-now"),
        Opt::subcommand(
            "credit",
            vec![
                Opt::required("member", OptKind::User),
                Opt::optional("round", OptKind::Integer(1, 1_000_000)),
                Opt::optional("take-back", OptKind::Boolean),
                daily_option(),
            ],
        ),
        named("remove"),
        named("check"),
        Opt::subcommand(
            "notices",
            vec![
                Opt::optional("channel", OptKind::Channel),
                Opt::optional("direct", OptKind::Boolean),
            ],
        ),
    ]
}

async fn show(app: &App, invocation: &Invocation) -> Result<Reply> {
    let origin = &invocation.origin;
    let guild = origin.guild()?;
    let dailies = match invocation.text("daily") {
        Some(name) => vec![app.daily(guild, Some(name), origin.channel).await?],
        None => app.dailies(guild).await?,
    };
    if dailies.is_empty() {
        return Err(Mistake::NoDaily.into());
    }
    let mut views = Vec::new();
    for daily in dailies {
        views.push(app.show_daily(daily).await?);
    }
    Ok(words::shown(&views))
}

/// Checks the daily that is named, or else all of the guild's.
async fn check(app: &App, guild: GuildId, invocation: &Invocation) -> Result<Reply> {
    let dailies = match invocation.text("daily") {
        Some(name) => vec![app.daily(guild, Some(name), invocation.origin.channel).await?],
        None => app.dailies(guild).await?,
    };
    if dailies.is_empty() {
        return Err(Mistake::NoDaily.into());
    }
    check_of(app, guild, dailies).await
}

/// Checks the daily of a notice, for whoever manages its guild, or for the one who set it up and was
/// told directly.
async fn check_noticed(app: &App, press: &Press, id: DailyId) -> Result<Reply> {
    let daily = match press.origin.guild {
        Some(_) => app.daily_in(press.origin.managed_guild()?, id).await?,
        None => app.daily_set_by(press.origin.user, id).await?,
    };
    check_of(app, daily.guild, vec![daily]).await
}

async fn check_of(app: &App, guild: GuildId, dailies: Vec<Daily>) -> Result<Reply> {
    let account = checks::account(&app.check_account().await);
    let mut reports = Vec::new();
    for daily in dailies {
        reports.push(app.check_daily(daily).await);
    }
    let notices = match app.notices(guild).await? {
        Some(channel) => Some((channel, app.inspect_notices(guild, channel).await)),
        None => None,
    };
    let notices = notices.map(|(id, found)| checks::notices(&format!("<#{id}>"), &found));
    Ok(words::checked(&account, &reports, notices.as_ref()))
}

async fn notices(app: &App, guild: GuildId, invocation: &Invocation) -> Result<Reply> {
    let chosen = match (invocation.channel("channel"), invocation.boolean("direct")) {
        (Some(_), Some(true)) => {
            return Err(bad("direct", BadOption::ChannelOrMember));
        }
        (Some(channel), _) => Some(Some(channel)),
        (None, Some(true)) => Some(None),
        (None, _) => None,
    };
    if let Some(channel) = chosen {
        app.choose_notices(guild, channel).await?;
    }
    Ok(words::notices_go_to(app.notices(guild).await?, chosen.is_some()))
}

async fn queue(app: &App, daily: &Daily, invocation: &Invocation) -> Result<Reply> {
    let shown = app.question(invocation.text("question").unwrap_or_default())?;
    app.queue(daily, &shown.question.id).await?;
    Ok(words::queued(daily, &shown.question))
}

async fn ban(app: &App, daily: &Daily, invocation: &Invocation) -> Result<Reply> {
    let shown = app.question(invocation.text("question").unwrap_or_default())?;
    let id: &QuestionId = &shown.question.id;
    let banned = app.ban(daily, id).await?;
    Ok(words::banned(daily, &shown.question, banned))
}

async fn skip(app: &App, daily: &Daily, invocation: &Invocation) -> Result<Reply> {
    let today = daily.settings.schedule.local_date(invocation.origin.at);
    let date = |option| {
        let text = invocation.text(option);
        let date = text.map(|text| schedule::parse_date(text, today));
        date.transpose().map_err(|why| bad(option, why))
    };
    let first = date("date")?.ok_or(Mistake::StaleButton)?;
    let last = date("until")?.unwrap_or(first);
    let dates = schedule::skipped_dates(first, last, today).map_err(|why| {
        let option = if matches!(why, BadDates::Passed { .. }) { "date" } else { "until" };
        bad(option, why)
    })?;
    let skipped = app.skip(daily, &dates, invocation.origin.at).await?;
    Ok(words::skipped(daily, &dates, skipped))
}

async fn credit(app: &App, daily: &Daily, invocation: &Invocation) -> Result<Reply> {
    let member = invocation.user("member").ok_or(Mistake::StaleButton)?;
    let number = match invocation.integer("round") {
        Some(number) => u32::try_from(number).unwrap_or(0),
        None if daily.rounds == 0 => {
            return Err(Mistake::NoRoundYet { name: daily.settings.name.clone() }.into());
        }
        None => daily.rounds,
    };
    let take_back = invocation.boolean("take-back").unwrap_or(false);
    let credit = if take_back { Credit::TakeBack } else { Credit::Give };
    app.credit(daily, number, member, invocation.origin.at, credit).await?;
    Ok(words::credited(member, number, credit))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
