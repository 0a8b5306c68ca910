//! What guilds have chosen for all their dailies.

use super::{Store, StoreError, Table, codec::Key};
use crate::domain::{guild::GuildSettings, ids::GuildId};

impl Store {
    /// A guild's choices; the defaults where it has made none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn guild(&self, guild: GuildId) -> Result<GuildSettings, StoreError> {
        Ok(self.get(Table::Guilds, &guild_key(guild))?.unwrap_or_default())
    }

    /// Changes a guild's choices.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn update_guild(
        &self,
        guild: GuildId,
        change: impl FnOnce(&mut GuildSettings),
    ) -> Result<(), StoreError> {
        self.write(|changes| {
            let key = guild_key(guild);
            let mut settings = changes.get(Table::Guilds, &key)?.unwrap_or_default();
            change(&mut settings);
            if settings == GuildSettings::default() {
                changes.delete(Table::Guilds, key);
                return Ok(());
            }
            changes.put(Table::Guilds, key, &settings)
        })
        .await
    }
}

fn guild_key(guild: GuildId) -> Vec<u8> {
    Key::new().u64(guild.0).bytes()
}
