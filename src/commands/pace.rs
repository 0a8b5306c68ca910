//! How often members and guilds may act. Each has a bucket that fills up again by itself: who
//! clicks as people do never meets its bottom. Who does is told so a few times, and then not
//! answered at all until there is something in the bucket again, so that a flood costs next to
//! nothing.
//!
//! Time is that of the interactions themselves. So those that Discord delivers together, after a
//! connection was lost, count as when they were made.

use super::invocation::Origin;
use crate::{
    config::Limits,
    domain::ids::{GuildId, UserId},
};
use governor::{
    Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Suggestions are asked for while somebody types, so there are more of them.
const TYPING_FACTOR: u32 = 4;

/// How often a minute a member is told to slow down.
const TOLD_PER_MINUTE: u32 = 4;

/// After how many interactions the buckets that are full again are let go of.
const SWEEP_EVERY: u64 = 1024;

/// How much earlier than another an interaction may be that comes after it. What seems older shows
/// that the other one's time was wrong, for an interaction's token lives no longer:
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages>
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_mins(15);

/// A longer pause fills no bucket more than this one does.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// What becomes of an interaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is handled.
    Go,
    /// It came too soon; the member is told to come back after so many seconds.
    Slow(u64),
    /// It came too soon, and the member has been told often enough.
    Ignore,
}

/// The buckets of all members and guilds.
pub struct Pace {
    now: Latest,
    members: Buckets<UserId>,
    guilds: Buckets<GuildId>,
    typing: Buckets<UserId>,
    told: Buckets<UserId>,
    seen: AtomicU64,
}

impl Pace {
    /// Full buckets.
    pub fn new(limits: Limits) -> Self {
        let now = Latest::default();
        let typing = limits.member_per_minute.saturating_mul(TYPING_FACTOR);
        Self {
            members: Buckets::new(limits.member_per_minute, &now),
            guilds: Buckets::new(limits.guild_per_minute, &now),
            typing: Buckets::new(typing, &now),
            told: Buckets::new(TOLD_PER_MINUTE * 2, &now),
            seen: AtomicU64::new(0),
            now,
        }
    }

    /// Whether a command, a click or a form is handled.
    pub fn judge(&self, origin: &Origin) -> Verdict {
        self.moved_on(origin.at);
        // A member's own bucket comes first, so that one member cannot empty the guild's.
        let own = self.members.take(&origin.user);
        let wait = own.and_then(|()| match origin.guild {
            Some(guild) => self.guilds.take(&guild),
            None => Ok(()),
        });
        match wait {
            Ok(()) => Verdict::Go,
            Err(_) if self.told.take(&origin.user).is_err() => Verdict::Ignore,
            Err(wait) => Verdict::Slow(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
        }
    }

    /// Whether suggestions are given.
    pub fn suggests(&self, origin: &Origin) -> bool {
        self.moved_on(origin.at);
        self.typing.take(&origin.user).is_ok()
    }

    /// How many buckets are kept.
    pub fn kept(&self) -> usize {
        self.members.kept() + self.guilds.kept() + self.typing.kept() + self.told.kept()
    }

    fn moved_on(&self, at: Timestamp) {
        self.now.move_on(at);
        if self.seen.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.members.sweep();
            self.guilds.sweep();
            self.typing.sweep();
            self.told.sweep();
        }
    }
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Latest, NoOpMiddleware<Nanos>>;

/// A bucket for each key, or no limit.
struct Buckets<K: Clone + Hash + Eq> {
    limiter: Option<Limiter<K>>,
    now: Latest,
}

impl<K: Clone + Hash + Eq> Buckets<K> {
    fn new(per_minute: u32, now: &Latest) -> Self {
        let limiter = NonZeroU32::new(per_minute).map(|per_minute| {
            let burst = NonZeroU32::new(per_minute.get() / 2).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_minute(per_minute).allow_burst(burst);
            RateLimiter::new(quota, HashMapStateStore::default(), now.clone())
        });
        Self { limiter, now: now.clone() }
    }

    /// Takes one, or says how long it is until there is one.
    fn take(&self, key: &K) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(key).map_err(|not_until| not_until.wait_time_from(self.now.now()))
    }

    fn sweep(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn kept(&self) -> usize {
        self.limiter.as_ref().map_or(0, RateLimiter::len)
    }
}

/// A clock that runs with the times of the interactions. It never goes back, and one time that is
/// wrong does not set it for good: what counts is how much later each is than the latest.
#[derive(Clone, Default, Debug)]
struct Latest(Arc<LatestParts>);

#[derive(Default, Debug)]
struct LatestParts {
    at: Mutex<Option<Timestamp>>,
    nanos: AtomicU64,
}

impl Latest {
    fn move_on(&self, at: Timestamp) {
        let mut latest = self.0.at.lock().unwrap_or_else(PoisonError::into_inner);
        let later = latest.map_or(SignedDuration::ZERO, |latest| at.duration_since(latest));
        if latest.is_none() || later.is_positive() || later < -OUT_OF_ORDER {
            *latest = Some(at);
        }
        let nanos = later.clamp(SignedDuration::ZERO, LONG).as_nanos();
        self.0.nanos.fetch_add(u64::try_from(nanos).unwrap_or(0), Ordering::Relaxed);
    }
}

impl Clock for Latest {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.nanos.load(Ordering::Relaxed).into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;

    const LIMITS: Limits = Limits { member_per_minute: 60, guild_per_minute: 200 };

    fn start() -> Timestamp {
        "2026-03-06T14:30:00Z".parse().unwrap()
    }

    fn origin(user: u64, seconds: i64) -> Origin {
        let at = start() + SignedDuration::from_secs(seconds);
        let (guild, channel, user) = (Some(GuildId(1)), ChannelId(1), UserId(user));
        Origin { at, guild, channel, user, manages: false }
    }

    fn go(pace: &Pace, user: u64, seconds: i64, times: usize) -> usize {
        let judged = (0..times).map(|_| pace.judge(&origin(user, seconds)));
        judged.filter(|verdict| *verdict == Verdict::Go).count()
    }

    #[test]
    fn half_a_minutes_worth_at_once_and_then_one_a_second() {
        let pace = Pace::new(LIMITS);
        assert_eq!(go(&pace, 1, 0, 30), 30);
        assert_eq!(pace.judge(&origin(1, 0)), Verdict::Slow(1));
        assert_eq!(go(&pace, 1, 1, 5), 1);
        assert_eq!(go(&pace, 1, 11, 50), 10);
        assert_eq!(go(&pace, 1, 300, 50), 30, "no more is saved up");
    }

    #[test]
    fn a_flood_is_told_a_few_times_and_costs_others_nothing() {
        let pace = Pace::new(LIMITS);
        let judged: Vec<Verdict> = (0..500).map(|_| pace.judge(&origin(1, 0))).collect();
        let told = judged.iter().filter(|verdict| matches!(verdict, Verdict::Slow(_))).count();
        assert_eq!(told, 4);
        assert_eq!(judged[34..], vec![Verdict::Ignore; 466]);
        assert_eq!(go(&pace, 2, 0, 30), 30);
    }

    #[test]
    fn a_guild_has_a_bucket_of_its_own() {
        let pace = Pace::new(LIMITS);
        assert_eq!((1..=5).map(|user| go(&pace, user, 0, 30)).sum::<usize>(), 100);
        let directly = Origin { guild: None, ..origin(9, 0) };
        assert_eq!(pace.judge(&directly), Verdict::Go);
        let elsewhere = Origin { guild: Some(GuildId(2)), ..origin(8, 0) };
        assert_eq!(pace.judge(&elsewhere), Verdict::Go);
    }

    #[test]
    fn suggestions_have_buckets_of_their_own() {
        let pace = Pace::new(LIMITS);
        let given = (0..500).filter(|_| pace.suggests(&origin(1, 0))).count();
        assert_eq!(given, 120);
        assert_eq!(pace.judge(&origin(1, 0)), Verdict::Go);
    }

    #[test]
    fn without_limits_all_goes() {
        let pace = Pace::new(Limits::NONE);
        assert_eq!(go(&pace, 1, 0, 5_000), 5_000);
        assert!((0..5_000).all(|_| pace.suggests(&origin(1, 0))));
        assert_eq!(pace.kept(), 0);
    }

    /// A hundred thousand members act once, a thousand a second.
    #[test]
    fn full_buckets_are_not_kept() {
        let pace = Pace::new(Limits { guild_per_minute: 0, ..LIMITS });
        let mut most = 0;
        for user in 0..100_000_u64 {
            pace.judge(&origin(user, i64::try_from(user / 1_000).unwrap()));
            most = most.max(pace.kept());
        }
        assert!((1_000..5_000).contains(&most), "{most}");
    }

    #[test]
    fn a_time_that_cannot_be_does_not_last() {
        let pace = Pace::new(LIMITS);
        pace.judge(&origin(9, 0));
        assert_eq!(go(&pace, 9, 1_000_000_000, 40), 30);
        assert_eq!(go(&pace, 9, 0, 40), 0);
        assert_eq!(go(&pace, 1, 0, 40), 30);
        assert_eq!(go(&pace, 1, 5, 40), 5);
        // One that comes a little later than a younger one does not turn the time back.
        assert_eq!(go(&pace, 1, 3, 40), 0);
    }
}
