//! Telling that a daily fails: once, in the channel that the guild has chosen, or else to the one
//! who set the daily up; again only after it has worked and fails anew. What is to be told is
//! written down with the failure itself, so that no restart loses it or tells it twice.

use super::{
    App,
    messenger::{ChannelReport, MessengerError, Needs, Notice, Recipient},
    posting::WorkOutcome,
};
use crate::{
    domain::{
        daily::Daily,
        ids::{ChannelId, GuildId},
    },
    error::{BadOption, Fault, Mistake, Result},
    telemetry::metrics::{self, NoticeTo},
};

/// What a notice needs in its channel.
const NEEDS: Needs = Needs { embeds: false, thread: false, pin: false, role: None };

impl App {
    /// Where the guild's notices go.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn notices(&self, guild: GuildId) -> Result<Option<ChannelId>> {
        Ok(self.store.guild(guild).await?.notices)
    }

    /// Chooses where the guild's notices go, after the channel was looked at; nowhere means to
    /// the one who set the daily up.
    ///
    /// # Errors
    /// Mistakes for a channel that cannot work; nothing is saved then.
    pub async fn choose_notices(&self, guild: GuildId, channel: Option<ChannelId>) -> Result<()> {
        if let Some(channel) = channel {
            self.require_fit_for_notices(guild, channel).await?;
        }
        self.store.update_guild(guild, |settings| settings.notices = channel).await?;
        Ok(())
    }

    async fn require_fit_for_notices(&self, guild: GuildId, channel: ChannelId) -> Result<()> {
        match self.inspect_notices(guild, channel).await {
            Ok(report) if report.forum || !report.suitable => {
                let why = BadOption::NoticesNeedText;
                Err(Mistake::BadOption { option: "channel", why }.into())
            }
            Ok(report) if !report.missing.is_empty() => {
                let missing = report.missing;
                Err(Mistake::MissingPermissions { channel: channel.0, missing }.into())
            }
            Ok(_) => Ok(()),
            Err(MessengerError::Refused(_)) => {
                Err(Mistake::UnknownChannel { channel: channel.0 }.into())
            }
            Err(error @ MessengerError::Unavailable(_)) => {
                Err(Fault::because("the channel could not be looked at", error).into())
            }
        }
    }

    /// The channel's fitness for notices.
    ///
    /// # Errors
    /// Where the chat platform refuses or has a fault.
    pub async fn inspect_notices(
        &self,
        guild: GuildId,
        channel: ChannelId,
    ) -> Result<ChannelReport, MessengerError> {
        self.messenger.inspect(guild, channel, NEEDS).await
    }

    /// Tells what nobody was told of yet.
    pub(super) async fn tell(&self, daily: Daily) -> Result<WorkOutcome> {
        let troubles = daily.untold();
        if troubles.is_empty() {
            return Ok(WorkOutcome::Done);
        }
        let id = daily.id;
        let channel = self.inspect(daily.guild, &daily.settings).await;
        let notice = Notice { daily, troubles, channel };
        let to = match self.deliver(&notice).await? {
            Ok(to) => to,
            Err(reason) => return Ok(WorkOutcome::TryAgain(reason)),
        };
        tracing::info!(daily = id.0, ?to, "a notice that it fails");
        metrics::notice(to);
        let told = |daily: &mut Daily| {
            daily.told(&notice.troubles);
            Ok(())
        };
        self.store.update_daily(id, told).await?;
        Ok(WorkOutcome::Done)
    }

    /// Sends a notice to the first of those it is for who can be reached. Returns who that was, or
    /// why it has to be tried again.
    async fn deliver(&self, notice: &Notice) -> Result<Result<NoticeTo, String>> {
        let daily = &notice.daily;
        let chosen = self.store.guild(daily.guild).await?.notices;
        let channel = chosen.map(|id| (NoticeTo::Channel, Recipient::Channel(id)));
        let since = notice.troubles.values().map(|trouble| trouble.since).min();
        let (message, mark) = (self.wording.notice(notice), self.wording.notice_mark(notice));
        let member = daily.set_by.map(|id| (NoticeTo::Member, Recipient::Member(id)));
        for (to, recipient) in channel.into_iter().chain(member) {
            match self.messenger.notify(recipient, &message, &mark, since.unwrap_or_default()).await
            {
                Ok(()) => return Ok(Ok(to)),
                Err(MessengerError::Unavailable(reason)) => return Ok(Err(reason)),
                Err(MessengerError::Refused(refusal)) => {
                    tracing::warn!(daily = daily.id.0, ?recipient, %refusal, "a notice is refused");
                }
            }
        }
        tracing::warn!(daily = daily.id.0, troubles = ?notice.troubles, "nobody could be told");
        Ok(Ok(NoticeTo::Nobody))
    }
}
