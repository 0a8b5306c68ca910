//! Trouble at the press of a button: a permission that is gone, requests that fail or take long, a
//! gateway that cuts or refuses the connection, and a bot that is killed. All of it comes from the
//! simulated Discord's own handles, so the bot meets it as it would meet Discord's.

use super::{Shared, life::Pulse, problem::Problem};
use crate::domain::ids::GuildId;
use discord_sim::{Change, ChannelKind, Fault, Faults, Id, Rule, RuleHandle, permissions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The most requests that can be told to fail.
const FAILING_MAX: usize = 1_000;

/// The longest that a request can be told to take, in milliseconds.
const DELAY_MAX_MS: u64 = 10_000;

/// What is taken away from the bot: to write, in channels and in their threads.
const WRITING: permissions::Bits =
    permissions::SEND_MESSAGES | permissions::SEND_MESSAGES_IN_THREADS;

/// How long a connection that was cut may take to be seen to be gone.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// What the page asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub(super) enum Trouble {
    /// The bot may write nowhere, or may again.
    Posting { denied: bool },
    /// So many requests fail from now on; with 0 none does.
    Fail { times: usize },
    /// Each request is acted upon only after this time; with 0 at once.
    Slow { delay_ms: u64 },
    /// The gateway cuts its connections, once.
    Gateway,
    /// The gateway cuts its connections and takes no new ones, or does again.
    Offline { on: bool },
    /// The bot ends at once.
    Kill,
    /// The bot is started again.
    Start,
    /// One after the other.
    Restart,
    /// No trouble any more.
    End,
}

/// What trouble there is.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    posting_denied: bool,
    /// How many requests will still fail.
    failing: usize,
    delay_ms: u64,
    /// Whether the gateway takes no connections.
    offline: bool,
    bot: Pulse,
    /// Whether Discord sees the bot on the gateway.
    connected: bool,
}

/// The trouble in force that Discord itself would not remember.
#[derive(Default)]
pub(super) struct Troubles(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    failing: Option<Failing>,
    slow: Option<(RuleHandle, Duration)>,
    offline: bool,
}

struct Failing {
    rule: RuleHandle,
    times: usize,
}

impl Failing {
    fn left(&self) -> usize {
        self.times.saturating_sub(self.rule.hits())
    }
}

impl Troubles {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the gateway takes no connections.
    pub(super) fn offline(&self) -> bool {
        self.inner().offline
    }
}

impl Inner {
    fn failing(&self) -> usize {
        self.failing.as_ref().map_or(0, Failing::left)
    }

    fn delay(&self) -> Duration {
        self.slow.as_ref().map_or(Duration::ZERO, |(_, delay)| *delay)
    }

    /// Puts both rules in force anew. The oldest rule that fits a request decides, so failing comes
    /// first: what is slow for good would hide it.
    fn set(&mut self, faults: &Faults, times: usize, delay: Duration) {
        for rule in self.failing.take().map(|failing| failing.rule).iter() {
            rule.release();
        }
        for (rule, _) in self.slow.take().iter() {
            rule.release();
        }
        if times > 0 {
            let body = json!({ "message": "500: Internal Server Error", "code": 0 });
            let rule = Rule::new("* /**", Fault::Status { status: 500, body }).times(times);
            self.failing = Some(Failing { rule: faults.add(rule), times });
        }
        if !delay.is_zero() {
            let rule = Rule::new("* /**", Fault::Delay(delay));
            self.slow = Some((faults.add(rule), delay));
        }
    }
}

impl Shared {
    /// What trouble there is.
    pub(super) fn standing(&self) -> Standing {
        let inner = self.troubles.inner();
        Standing {
            posting_denied: self.posting_denied(),
            failing: inner.failing(),
            delay_ms: u64::try_from(inner.delay().as_millis()).unwrap_or(DELAY_MAX_MS),
            offline: inner.offline,
            bot: self.life.pulse(),
            connected: self.sim.gateway().connected() > 0,
        }
    }

    /// Makes trouble, or ends it.
    pub(super) async fn make(&self, trouble: Trouble) -> Result<Standing, Problem> {
        match trouble {
            Trouble::Posting { denied } => self.deny_posting(denied),
            Trouble::Fail { times } if times > FAILING_MAX => {
                return Err(Problem::nonsense(format!("at most {FAILING_MAX} requests can fail")));
            }
            Trouble::Fail { times } => self.set_rules(|inner| (times, inner.delay())),
            Trouble::Slow { delay_ms } if delay_ms > DELAY_MAX_MS => {
                let text = format!("a request can take {DELAY_MAX_MS} ms at most");
                return Err(Problem::nonsense(text));
            }
            Trouble::Slow { delay_ms } => {
                self.set_rules(|inner| (inner.failing(), Duration::from_millis(delay_ms)));
            }
            Trouble::Gateway => self.cut().await,
            Trouble::Offline { on } => self.take_offline(on).await,
            Trouble::Kill => self.kill().await,
            Trouble::Start => self.start().await?,
            Trouble::Restart => {
                self.kill().await;
                self.start().await?;
            }
            Trouble::End => self.end_trouble().await?,
        }
        self.news.changed();
        Ok(self.standing())
    }

    fn text_channels(&self) -> impl Iterator<Item = Id> {
        let own = move |guild: Option<Id>| guild == Some(self.guild);
        let channels = self.sim.channels().into_iter();
        channels.filter(move |c| c.kind == ChannelKind::Text && own(c.guild)).map(|c| c.id)
    }

    /// As the channels have it, so that it is still known after a restart of the playground.
    fn posting_denied(&self) -> bool {
        let bot = self.sim.bot_id();
        let mut allowed = self.text_channels().map(|channel| self.sim.permissions_in(channel, bot));
        allowed.any(|bits| bits & permissions::SEND_MESSAGES == 0)
    }

    fn deny_posting(&self, denied: bool) {
        for channel in self.text_channels() {
            self.sim.deny_bot(channel, if denied { WRITING } else { 0 });
        }
    }

    fn set_rules(&self, wanted: impl FnOnce(&Inner) -> (usize, Duration)) {
        let mut inner = self.troubles.inner();
        let (times, delay) = wanted(&inner);
        inner.set(self.sim.faults(), times, delay);
    }

    /// Cuts the gateway's connections, and sees them go.
    async fn cut(&self) {
        let mut changes = self.sim.subscribe();
        if self.sim.gateway().connected() == 0 {
            return;
        }
        self.sim.gateway().cut();
        let seen = async {
            while let Ok(change) = changes.recv().await {
                if matches!(change, Change::Sessions { .. }) {
                    return;
                }
            }
        };
        // The page is told when it is seen later.
        let _ = tokio::time::timeout(SEEN_WITHIN, seen).await;
    }

    async fn take_offline(&self, offline: bool) {
        self.troubles.inner().offline = offline;
        self.sim.gateway().refuse(offline);
        if offline {
            self.cut().await;
        }
    }

    /// Kills the bot, and sees it go from the gateway.
    async fn kill(&self) {
        let mut changes = self.sim.subscribe();
        self.life.kill(GuildId(self.guild.0)).await;
        let gone =
            async { while self.sim.gateway().connected() > 0 && changes.recv().await.is_ok() {} };
        // The page is told when it is seen later.
        let _ = tokio::time::timeout(SEEN_WITHIN, gone).await;
    }

    /// Starts the bot, and waits until it is connected, where it can be.
    async fn start(&self) -> Result<(), Problem> {
        self.life.start().await?;
        match self.troubles.offline() {
            true => self.life.awaited(),
            false => drop(self.life.connected(&self.sim).await),
        }
        Ok(())
    }

    async fn end_trouble(&self) -> Result<(), Problem> {
        self.deny_posting(false);
        self.set_rules(|_| (0, Duration::ZERO));
        self.take_offline(false).await;
        self.start().await
    }
}
