//! The dailies that the configuration file declares.

use super::super::{App, Signal};
use crate::{
    domain::{
        daily::{Declared, Pause, Settings},
        ids::GuildId,
    },
    error::{Fault, Result},
};
use jiff::Timestamp;

impl App {
    /// Makes the stored dailies agree with those that the configuration file declares.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn declare(&self, declared: Vec<Declared>, now: Timestamp) -> Result<()> {
        for stored in self.store.all_dailies().await?.into_iter().filter(|daily| daily.governed) {
            let is_it = |one: &Declared| {
                one.guild == stored.guild && one.settings.name == stored.settings.name
            };
            let still = declared.iter().any(is_it);
            if !still {
                tracing::warn!(daily = stored.id.0, "no longer in the configuration file: paused");
                self.update(stored.guild, stored.id, |daily| {
                    daily.governed = false;
                    daily.pause = Some(Pause::LeftFile);
                    Ok(())
                })
                .await?;
            }
        }
        for Declared { guild, settings } in declared {
            let name = settings.name.clone();
            self.declare_one(guild, settings, now).await.map_err(|error| {
                Fault::because(
                    format!("the daily “{}” of guild {guild} cannot be kept", &*name),
                    error,
                )
            })?;
        }
        self.signal(Signal::Schedule);
        Ok(())
    }

    async fn declare_one(
        &self,
        guild: GuildId,
        mut settings: Settings,
        now: Timestamp,
    ) -> Result<()> {
        let existing = self.store.dailies_of(guild).await?;
        let existing = existing.into_iter().find(|daily| daily.settings.name == settings.name);
        let id = match existing {
            Some(daily) => daily.id,
            None => self.create_daily(None, guild, settings.clone(), now).await?.id,
        };
        self.update(guild, id, |daily| {
            // Dates to skip are set by command, whoever governs the rest.
            settings.schedule.skips = daily.settings.schedule.skips.clone();
            if daily.settings != settings {
                let moved = daily.settings.schedule != settings.schedule;
                daily.settings = settings;
                if moved {
                    daily.reschedule(now);
                }
                // Whoever changed the file may have mended what was wrong.
                if !matches!(daily.pause, Some(Pause::Admin(_)) | None) {
                    daily.pause = None;
                    daily.reschedule(now);
                }
            }
            if daily.pause == Some(Pause::LeftFile) {
                daily.pause = None;
                daily.reschedule(now);
            }
            daily.governed = true;
            Ok(())
        })
        .await
    }
}
