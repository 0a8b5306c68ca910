//! The guild that a newcomer finds: four people and three simulated ones, two channels, a daily and
//! its first question.

use super::{Shared, company::Habit};
use crate::{
    domain::ids::GuildId,
    error::{Fault, Result},
};
use discord_sim::{ChannelKind, Id, Response, Sim, permissions};
use serde_json::{Value, json};

/// The channel of the daily.
const QUESTIONS: &str = "questions";
/// The channel for all else.
const GENERAL: &str = "general";
/// The moderator's user name.
const MODERATOR: &str = "mona";

/// Builds the guild. Its owner never shows: Manage Server is what the moderator needs, no more.
pub(super) fn build(sim: &Sim) -> Id {
    let owner = sim.add_user("owner", "Owner");
    let guild = sim.add_guild("Whetstone playground", owner);
    let moderators = sim.add_role(guild, "Moderators", permissions::MANAGE_GUILD);
    for (name, display) in [("ada", "Ada"), ("bruno", "Bruno"), ("chen", "Chen")] {
        sim.add_member(guild, sim.add_user(name, display), &[]);
    }
    sim.add_member(guild, sim.add_user(MODERATOR, "Mona"), &[moderators]);
    invite_company(sim, guild);
    sim.add_channel(guild, QUESTIONS, ChannelKind::Text);
    sim.add_channel(guild, GENERAL, ChannelKind::Text);
    guild
}

/// Adds the simulated members, unless they are there.
pub(super) fn invite_company(sim: &Sim, guild: Id) {
    let there: Vec<String> = sim.members(guild).into_iter().map(|member| member.name).collect();
    for (name, display, _) in Habit::PEOPLE {
        if !there.iter().any(|known| known == display) {
            sim.add_member(guild, sim.add_user(name, display), &[]);
        }
    }
}

/// Opens everybody's direct messages with the bot, so that the page can show them.
pub(super) fn open_direct_messages(sim: &Sim, guild: Id) {
    for person in sim.members(guild).iter().filter(|member| !member.bot && !member.owner) {
        sim.user(person.id).dm();
    }
}

/// Sets the daily up as a moderator would, and has the first question posted, so that there is
/// something to see at once.
pub(super) async fn greet(shared: &Shared) -> Result<()> {
    let sim = &shared.sim;
    let (questions, general) = (channel(sim, QUESTIONS)?, channel(sim, GENERAL)?);
    let moderator = sim.members(shared.guild).into_iter().find(|m| m.manages && !m.owner);
    let moderator = moderator.ok_or_else(|| Fault::new("the guild has no moderator"))?;
    let actor = sim.user(moderator.id);
    let hello = format!(
        "Welcome! There is a question in <#{questions}> every working day. \
         Type `/` below to see what Whetstone can do."
    );
    actor.say(general, &hello).map_err(|e| Fault::because("no greeting could be said", e))?;
    let zone = shared.zone.iana_name().unwrap_or("UTC");
    let settings = [("channel", json!(questions)), ("time", json!("09:30")), ("zone", json!(zone))];
    let commands: [(&str, &[(&str, Value)]); 2] =
        [("daily set", &settings), ("daily post-now", &[])];
    for (command, options) in commands {
        let response = actor.command(general, command, options).await;
        let response = response
            .map_err(|error| Fault::because(format!("/{command} could not be used"), error))?;
        tracing::debug!(command, answer = said(&response), "as the moderator");
    }
    let dailies = shared.life.dailies(GuildId(shared.guild.0)).await;
    match dailies.first().map(|daily| daily.rounds) {
        Some(rounds) if rounds > 0 => Ok(()),
        _ => Err(Fault::new("the first question could not be posted").into()),
    }
}

fn channel(sim: &Sim, name: &str) -> Result<Id> {
    let found = sim.channels().into_iter().find(|channel| channel.name == name);
    Ok(found.ok_or_else(|| Fault::new(format!("there is no channel {name}")))?.id)
}

fn said(response: &Response) -> String {
    response.message().map_or_else(|| format!("{response:?}"), discord_sim::MessageView::text)
}
