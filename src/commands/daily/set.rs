//! `/daily set`: what is not given stays as it is, or takes its default in a new daily.

use super::{Invocation, Opt, OptKind, options};
use crate::{
    app::App,
    commands::spec::SUGGESTED,
    domain::{
        daily::{Daily, Settings},
        ids::GuildId,
        question::Filter,
        schedule::{Day, Schedule},
    },
    error::{Mistake, Result},
    text::dailies as words,
    ui::Reply,
};

/// The name of a guild's first daily, where none is given.
const DEFAULT_NAME: &str = "daily";

pub(super) fn options() -> Vec<Opt> {
    let text = |max| OptKind::Text { max, autocomplete: false };
    vec![
        Opt::required("channel", OptKind::Channel),
        Opt::required("time", text(5)),
        Opt::required("zone", SUGGESTED),
        Opt::optional("name", text(32)),
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
        Some(name) => Ok(dailies.into_iter().find(|daily| daily.settings.name == name.trim())),
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
        Some(text) => options::days(text)?,
        None => old.map_or_else(|| Day::WORKING.into(), |old| old.schedule.days.clone()),
    };
    let schedule = Schedule {
        time: options::time(invocation.text("time").unwrap_or_default())?,
        zone: options::zone(invocation.text("zone").unwrap_or_default())?,
        days,
        skips: old.map(|old| old.schedule.skips.clone()).unwrap_or_default(),
    };
    let old_filter = old.map(|old| old.filter.clone()).unwrap_or_default();
    let filter = Filter {
        levels: match invocation.text("levels") {
            Some(text) => options::levels(text)?,
            None => old_filter.levels,
        },
        topics: match invocation.text("topics") {
            Some(text) => options::topics(app, text)?,
            None => old_filter.topics,
        },
    };
    let name = invocation.text("name").map(|name| name.trim().to_owned());
    let role = invocation.role("role").or(old.and_then(|old| old.role));
    Ok(Settings {
        name: name.or(old.map(|old| old.name.clone())).unwrap_or(DEFAULT_NAME.to_owned()),
        channel: invocation.channel("channel").ok_or(Mistake::StaleButton)?,
        schedule,
        filter,
        // The role @everyone has the guild's id; nobody means to ping everyone each day.
        role: role.filter(|role| role.0 != guild.0),
        thread: invocation.boolean("thread").unwrap_or(old.is_none_or(|old| old.thread)),
        pin: invocation.boolean("pin").unwrap_or(old.is_some_and(|old| old.pin)),
    })
}
