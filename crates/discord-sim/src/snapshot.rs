//! The world at rest: what Discord would still know after everybody has gone, as JSON. What lives
//! with a connection or for minutes only (sessions, interactions, ephemeral messages) is left out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Sim;
use super::id::{Id, IdSource};
use super::world::{Channel, Command, Guild, User, World};

/// A world that can be taken up again by [`Sim::start_from`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    at: Timestamp,
    ids: IdSource,
    bot: Id,
    owner: Id,
    users: Vec<User>,
    guilds: Vec<Guild>,
    channels: Vec<Channel>,
    commands: Vec<Command>,
}

impl Sim {
    /// The world as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.shared.world())
    }
}

impl Snapshot {
    /// The simulated instant at which it was taken.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    fn of(world: &World) -> Self {
        let mut channels: Vec<Channel> = world.channels.values().cloned().collect();
        for channel in &mut channels {
            channel.messages.retain(|_, message| message.ephemeral_for.is_none());
        }
        Self {
            at: world.now(),
            ids: world.ids.clone(),
            bot: world.app.bot,
            owner: world.app.owner,
            users: world.users.values().cloned().collect(),
            guilds: world.guilds.values().cloned().collect(),
            channels,
            commands: world.commands.clone(),
        }
    }

    /// Puts it in the place of a new world, whose name and token for the bot stay.
    pub(super) fn restore(self, world: &mut World) {
        world.ids = self.ids;
        (world.app.id, world.app.bot, world.app.owner) = (self.bot, self.bot, self.owner);
        world.users = self.users.into_iter().map(|user| (user.id, user)).collect();
        world.guilds = self.guilds.into_iter().map(|guild| (guild.id, guild)).collect();
        world.channels = self.channels.into_iter().map(|channel| (channel.id, channel)).collect();
        world.commands = self.commands;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{ChannelKind, Clock, Options};

    #[tokio::test]
    async fn a_world_is_taken_up_again_with_its_ids_and_messages() {
        let options = || Options {
            clock: Clock::frozen("2026-03-06T14:30:00Z".parse().unwrap()),
            ..Options::default()
        };
        let first = Sim::start(options()).await.unwrap();
        let ada = first.add_user("ada", "Ada");
        let guild = first.add_guild("Team", ada);
        let channel = first.add_channel(guild, "questions", ChannelKind::Text);
        let said = first.user(ada).say(channel, "Hello").unwrap();
        let text = serde_json::to_string(&first.snapshot()).unwrap();
        assert!(!text.contains(first.token()));
        let bot = first.bot_id();
        first.stop().await;

        let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
        assert_eq!(snapshot.at(), options().clock.now());
        let second = Sim::start_from(options(), snapshot).await.unwrap();
        assert_eq!((second.bot_id(), second.application_id()), (bot, bot));
        let seen = second.user(ada).see(channel);
        assert_eq!(
            seen.iter().map(|m| (m.id, m.content.as_str())).collect::<Vec<_>>(),
            [(said, "Hello")]
        );
        assert!(second.user(ada).say(channel, "Again").unwrap() > said);
        second.stop().await;
    }
}
