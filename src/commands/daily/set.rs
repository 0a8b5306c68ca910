//! `/daily set`: what is not given stays as it is, or takes its default in a new daily.

use super::{
    Invocation, Opt, OptKind,
    options::{self, bad},
};
use crate::{
    app::App,
    commands::spec::SUGGESTED,
    domain::{
        daily::{Daily, DailyName, NAME_MAX, Settings},
        ids::GuildId,
        question::{Filter, parse_levels},
        schedule::{self, Day, Schedule},
    },
    error::{Mistake, Result},
    text::dailies as words,
    ui::Reply,
};

pub(super) fn options() -> Vec<Opt> {
    let text = |max| OptKind::Text { max, autocomplete: false };
    vec![
        Opt::required("channel", OptKind::Channel),
        Opt::required("time", text(5)),
        Opt::required("zone", SUGGESTED),
        Opt::optional("name", text(NAME_MAX as u16)),
        Opt::optional("days", text(60)),
        Opt::optional("levels", text(40)),
        Opt::optional(
            "topics",
            // Longer than a single suggestion, for there may be many.
            OptKind::Text { max: 400, autocomplete: true },
        ),
        Opt::optional("role", OptKind::Role),
        Opt::optional("thread", OptKind::Boolean),
        Opt::optional("pin", OptKind::Boolean),
    ]
}

pub(super) async fn run(app: &App, invocation: &Invocation) -> Result<Reply> {
    let origin = &invocation.origin;
    let guild = origin.managed_guild()?;
    let existing = existing(app, guild, invocation.text("name")).await?;
    let settings = settings(app, guild, invocation, existing.as_ref())?;
    let id = existing.map(|daily| daily.id);
    let saved = app.save_daily(guild, id, settings, origin.user, origin.at).await?;
    Ok(words::saved(&saved))
}

/// The daily that is meant to be changed, if there is one.
async fn existing(app: &App, guild: GuildId, name: Option<&str>) -> Result<Option<Daily>> {
    let mut dailies = app.dailies(guild).await?;
    match name {
        Some(name) => Ok(dailies.into_iter().find(|daily| *daily.settings.name == *name.trim())),
        None if dailies.len() > 1 => {
            let names = dailies.into_iter().map(|daily| daily.settings.name).collect();
            Err(Mistake::WhichDaily { names }.into())
        }
        None => Ok(dailies.pop()),
    }
}

fn settings(
    app: &App,
    guild: GuildId,
    invocation: &Invocation,
    existing: Option<&Daily>,
) -> Result<Settings> {
    let old = existing.map(|daily| &daily.settings);
    let days = match invocation.text("days") {
        Some(text) => schedule::parse_days(text).map_err(|why| bad("days", why))?,
        None => old.map_or_else(|| Day::WORKING.into(), |old| old.schedule.days.clone()),
    };
    let schedule = Schedule {
        time: schedule::parse_time(invocation.text("time").unwrap_or_default())
            .map_err(|why| bad("time", why))?,
        zone: schedule::zone(invocation.text("zone").unwrap_or_default())
            .map_err(|why| bad("zone", why))?,
        days,
        skips: old.map(|old| old.schedule.skips.clone()).unwrap_or_default(),
    };
    let old_filter = old.map(|old| old.filter.clone()).unwrap_or_default();
    let filter = Filter {
        levels: match invocation.text("levels") {
            Some(text) => parse_levels(text).map_err(|why| bad("levels", why))?,
            None => old_filter.levels,
        },
        topics: match invocation.text("topics") {
            Some(text) => options::topics(app, text)?,
            None => old_filter.topics,
        },
    };
    let name = invocation.text("name").map(|name| DailyName::parse(name.trim()));
    let name = name.transpose().map_err(Mistake::BadDailyName)?;
    let role = invocation.role("role").or(old.and_then(|old| old.role));
    Ok(Settings {
        name: name.or(old.map(|old| old.name.clone())).unwrap_or_default(),
        channel: invocation.channel("channel").ok_or(Mistake::StaleButton)?,
        schedule,
        filter,
        // The role @everyone has the guild's id; nobody means to ping everyone each day.
        role: role.filter(|role| role.0 != guild.0),
        thread: invocation.boolean("thread").unwrap_or(old.is_none_or(|old| old.thread)),
        pin: invocation.boolean("pin").unwrap_or(old.is_some_and(|old| old.pin)),
    })
}
