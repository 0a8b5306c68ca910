//! Every metric: its name, what it counts, in which unit, and by which labels. Whoever records
//! calls a function of this file, so that a label can hold nothing but one of a few fixed words.
//! Until somebody asks for the metrics, recording them does next to nothing.
//!
//! Names follow Prometheus: a prefix, the unit in the plural, `_total` for what only grows.
//! <https://prometheus.io/docs/practices/naming/>

use super::version;
use jiff::Timestamp;
use metrics::{Label, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use std::time::Duration;

/// What kind of metric it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How many values were at most as large as each of these.
    Histogram(&'static [f64]),
}

/// A metric without its values.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Metric {
    /// As `/metrics` calls it.
    pub name: &'static str,
    /// Of what kind it is.
    pub kind: Kind,
    /// What is counted or measured.
    pub unit: Unit,
    /// One line for whoever reads it.
    pub help: &'static str,
}

/// Seconds up to the three that Discord waits for an answer, and beyond.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0];
/// Seconds of a sync of the disk.
const SYNC_SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// Seconds by which a post was late, up to the catch-up window's default and beyond.
const LATE_SECONDS: &[f64] = &[1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10800.0, 21600.0];
/// Seconds that a request waited for its turn.
const WAIT_SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];
/// Writers that share a commit.
const WRITERS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 256.0, 1024.0, 4096.0];

macro_rules! table {
    ($($id:ident: $kind:expr, $unit:ident, $name:literal, $help:literal;)*) => {
        $(#[doc = $help] const $id: &str = $name;)*
        /// All of them.
        pub const ALL: &[Metric] = &[
            $(Metric { name: $id, kind: $kind, unit: Unit::$unit, help: $help },)*
        ];
    };
}

table! {
    INTERACTIONS: Kind::Counter, Count, "whetstone_interactions_total",
        "Interactions, by command (buttons count as the command they belong to) and outcome.";
    ANSWER_SECONDS: Kind::Histogram(SECONDS), Seconds, "whetstone_interaction_answer_seconds",
        "Time from an interaction's arrival to the first answer that Discord took, by command.";
    POSTS: Kind::Counter, Count, "whetstone_posts_total",
        "Rounds that were due or asked for, by what became of them.";
    LATE_POSTS: Kind::Counter, Count, "whetstone_late_posts_total",
        "Rounds that were posted more than a minute after their time.";
    POST_DELAY: Kind::Histogram(LATE_SECONDS), Seconds, "whetstone_post_delay_seconds",
        "How long after its time a round was posted.";
    NOTICES: Kind::Counter, Count, "whetstone_notices_total",
        "Notices that a daily fails, by where they went.";
    COMMIT_WRITERS: Kind::Histogram(WRITERS), Count, "whetstone_store_commit_writers",
        "How many writers shared a commit.";
    COMMIT_SECONDS: Kind::Histogram(SYNC_SECONDS), Seconds, "whetstone_store_commit_seconds",
        "Time that a commit took until it was on the disk.";
    COMMIT_FAILURES: Kind::Counter, Count, "whetstone_store_commit_failures_total",
        "Commits that the disk refused.";
    STORE_BYTES: Kind::Gauge, Bytes, "whetstone_store_size_bytes",
        "Size of the store on the disk.";
    STORE_FREE: Kind::Gauge, Bytes, "whetstone_store_free_bytes",
        "Room that the store's disk has left.";
    STORE_WRITABLE: Kind::Gauge, Count, "whetstone_store_writable",
        "Whether the last trial write reached the disk (1) or not (0).";
    BACKUPS: Kind::Counter, Count, "whetstone_backups_total",
        "Backups that the bot made on its own, or could not make, by outcome.";
    LAST_BACKUP: Kind::Gauge, Seconds, "whetstone_backup_last_success_timestamp_seconds",
        "When the newest good backup was made, in seconds since 1970; 0 without one.";
    LIMIT_WAITS: Kind::Histogram(WAIT_SECONDS), Seconds, "whetstone_rate_limit_wait_seconds",
        "How long requests waited for a rate limit: the bot's own pace, or Discord's.";
    GATEWAY: Kind::Gauge, Count, "whetstone_gateway_connected",
        "Whether the gateway is connected (1) or not (0).";
    SESSIONS: Kind::Counter, Count, "whetstone_gateway_sessions_total",
        "Sessions with the gateway that were begun anew or resumed.";
    UNKNOWN_EVENTS: Kind::Counter, Count, "whetstone_gateway_unknown_events_total",
        "Events of the gateway that could not be read; one of them may have been an interaction.";
    AWAKE: Kind::Gauge, Count, "whetstone_scheduler_awake",
        "Whether the scheduler is awake (1) or has slept past its time (0).";
    BUILD: Kind::Gauge, Count, "whetstone_build_info",
        "Always 1; the labels are the version that runs, its commit and its time zone rules.";
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As a label.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// What became of an interaction.
    Answer {
        /// It was done.
        Done => "done",
        /// The member was told what they did wrong.
        Mistake => "mistake",
        /// Something went wrong on our side.
        Fault => "fault",
        /// It came too fast after others, and was not handled.
        TooFast => "too_fast",
        /// Discord did not take the answer.
        Unanswered => "unanswered",
    }
}

words! {
    /// What became of a round.
    Posting {
        /// It is out.
        Posted => "posted",
        /// Discord does not take it, and the daily is paused.
        Refused => "refused",
        /// The bot was away, or Discord was, for longer than the catch-up window.
        Missed => "missed",
        /// It was not wanted any more, or its question has left the bank.
        Withdrawn => "withdrawn",
    }
}

words! {
    /// Where a notice went.
    NoticeTo {
        /// To the channel that the guild chose.
        Channel => "channel",
        /// To the one who set the daily up.
        Member => "member",
        /// To the log alone.
        Nobody => "nobody",
    }
}

words! {
    /// What became of a backup.
    BackupOutcome {
        /// It is there, and was read again.
        Made => "made",
        /// There is none.
        Failed => "failed",
    }
}

words! {
    /// Whose limit a request waited for.
    Limiter {
        /// The bot's own pace.
        Own => "own",
        /// Discord's.
        Discord => "discord",
    }
}

words! {
    /// How a session with the gateway came about.
    Session {
        /// Anew.
        Started => "started",
        /// Taken up where it broke off.
        Resumed => "resumed",
    }
}

/// A round that is posted that long after its time is late.
const LATE_AFTER: Duration = Duration::from_secs(60);

/// An interaction is over.
pub fn interaction(command: &'static str, outcome: Answer) {
    counter!(INTERACTIONS, "command" => command, "outcome" => outcome.word()).increment(1);
}

/// Discord took the first answer to an interaction.
pub fn answered(command: &'static str, took: Duration) {
    metrics::histogram!(ANSWER_SECONDS, "command" => command).record(took);
}

/// That has become of a round.
pub fn round(outcome: Posting) {
    counter!(POSTS, "outcome" => outcome.word()).increment(1);
}

/// A round was posted that long after its time.
pub fn post_delay(delay: Duration) {
    metrics::histogram!(POST_DELAY).record(delay);
    if delay > LATE_AFTER {
        counter!(LATE_POSTS).increment(1);
    }
}

/// Somebody was told that a daily fails.
pub fn notice(to: NoticeTo) {
    counter!(NOTICES, "to" => to.word()).increment(1);
}

/// A commit is over.
pub fn commit(writers: usize, took: Duration, failed: bool) {
    // No batch is so large that the conversion would lose anything.
    metrics::histogram!(COMMIT_WRITERS).record(u32::try_from(writers).unwrap_or(u32::MAX));
    metrics::histogram!(COMMIT_SECONDS).record(took);
    if failed {
        counter!(COMMIT_FAILURES).increment(1);
    }
}

/// A backup was made, or could not be made.
pub fn backup(outcome: BackupOutcome) {
    counter!(BACKUPS, "outcome" => outcome.word()).increment(1);
}

/// When the newest good backup was made.
pub fn last_backup(made_at: Timestamp) {
    gauge!(LAST_BACKUP).set(made_at.as_duration().as_secs_f64());
}

/// A request waited for a rate limit.
pub fn limit_wait(limiter: Limiter, waited: Duration) {
    metrics::histogram!(LIMIT_WAITS, "limiter" => limiter.word()).record(waited);
}

/// There is a session with the gateway.
pub fn session(kind: Session) {
    counter!(SESSIONS, "kind" => kind.word()).increment(1);
}

/// An event could not be read.
pub fn unknown_event() {
    counter!(UNKNOWN_EVENTS).increment(1);
}

/// What is looked at when somebody asks, and not before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gauges {
    /// Whether the gateway is connected.
    pub gateway: bool,
    /// Whether the store takes writes.
    pub writable: bool,
    /// Whether the scheduler is awake.
    pub awake: bool,
    /// The store's size, if it can be told.
    pub store_bytes: Option<u64>,
    /// The room that its disk has left, if it can be told.
    pub free_bytes: Option<u64>,
}

/// The metrics as they are read.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    /// What Prometheus' own clients tell of each process: memory, descriptors, CPU, its start.
    process: Collector,
}

impl Metrics {
    /// Begins to count, for the whole process. `commands` are all words that an interaction's
    /// command can be.
    ///
    /// # Errors
    /// Where the process counts already.
    pub fn install(commands: &[&'static str]) -> Result<Self, BuildError> {
        let mut builder = PrometheusBuilder::new();
        for metric in ALL {
            if let Kind::Histogram(bounds) = metric.kind {
                let name = Matcher::Full(metric.name.to_owned());
                builder = builder.set_buckets_for_metric(name, bounds)?;
            }
        }
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)?;
        describe();
        begin_at_nothing(commands);
        let process = Collector::default();
        process.describe();
        Ok(Self { handle, process })
    }

    /// Sums up what was measured; without that, memory grows while nobody asks.
    pub fn sum_up(&self) {
        self.handle.run_upkeep();
    }

    /// All of it in Prometheus' text form.
    pub fn render(&self, now: Gauges) -> String {
        let number = |yes| f64::from(u8::from(yes));
        gauge!(GATEWAY).set(number(now.gateway));
        gauge!(STORE_WRITABLE).set(number(now.writable));
        gauge!(AWAKE).set(number(now.awake));
        for (name, bytes) in [(STORE_BYTES, now.store_bytes), (STORE_FREE, now.free_bytes)] {
            let Some(bytes) = bytes else { continue };
            #[expect(clippy::cast_precision_loss, reason = "it is exact up to 2^53 bytes")]
            gauge!(name).set(bytes as f64);
        }
        self.process.collect();
        self.handle.render()
    }
}

fn describe() {
    for Metric { name, kind, unit, help } in ALL {
        match kind {
            Kind::Counter => describe_counter!(*name, *unit, *help),
            Kind::Gauge => describe_gauge!(*name, *unit, *help),
            Kind::Histogram(_) => describe_histogram!(*name, *unit, *help),
        }
    }
}

/// Shows each series from the start on: one that appears with its first event has no increase
/// that an alert could see.
fn begin_at_nothing(commands: &[&'static str]) {
    let by = |name: &'static str, key: &'static str, words: &[&'static str]| {
        for word in words {
            counter!(name, vec![Label::from_static_parts(key, word)]).absolute(0);
        }
    };
    let words = |all: &[Posting]| all.iter().map(|each| each.word()).collect::<Vec<_>>();
    by(POSTS, "outcome", &words(Posting::ALL));
    by(NOTICES, "to", &NoticeTo::ALL.iter().map(|to| to.word()).collect::<Vec<_>>());
    let outcomes = BackupOutcome::ALL.iter().map(|outcome| outcome.word()).collect::<Vec<_>>();
    by(BACKUPS, "outcome", &outcomes);
    by(SESSIONS, "kind", &Session::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>());
    for name in [LATE_POSTS, COMMIT_FAILURES, UNKNOWN_EVENTS] {
        counter!(name).absolute(0);
    }
    for name in [POST_DELAY, COMMIT_WRITERS, COMMIT_SECONDS] {
        let _begun = metrics::histogram!(name);
    }
    for limiter in Limiter::ALL {
        let _begun = metrics::histogram!(LIMIT_WAITS, "limiter" => limiter.word());
    }
    for command in commands {
        let _begun = metrics::histogram!(ANSWER_SECONDS, "command" => *command);
        for outcome in Answer::ALL {
            counter!(INTERACTIONS, "command" => *command, "outcome" => outcome.word()).absolute(0);
        }
    }
    gauge!(LAST_BACKUP).set(0.0);
    let (version, commit, zones) = (version::VERSION, version::COMMIT, version::zone_rules());
    gauge!(BUILD, "version" => version, "commit" => commit, "tzdata" => zones).set(1.0);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Prometheus' rules for names, as far as a program can see them.
    #[test]
    fn the_names_are_as_prometheus_wants_them() {
        for Metric { name, kind, unit, help } in ALL {
            assert!(name.starts_with("whetstone_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            let counts = *kind == Kind::Counter;
            assert_eq!(name.ends_with("_total"), counts, "{name}");
            match unit {
                Unit::Seconds => assert!(name.ends_with("_seconds"), "{name}"),
                Unit::Bytes => assert!(name.ends_with("_bytes"), "{name}"),
                Unit::Count => assert!(!name.contains("seconds"), "{name}"),
                other => panic!("{name}: {other:?} is no base unit"),
            }
            assert!(help.ends_with('.') && help.len() < 120, "{name}: {help}");
            if let Kind::Histogram(bounds) = kind {
                assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
            }
        }
        let mut names: Vec<&str> = ALL.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    /// The only test in this process that installs them.
    #[test]
    fn all_are_shown_from_the_start_and_counted_where_they_belong() {
        let metrics = Metrics::install(&["streak"]).unwrap();
        let (store_bytes, free_bytes) = (Some(4096), Some(1 << 40));
        let gauges =
            Gauges { gateway: true, writable: false, awake: true, store_bytes, free_bytes };
        let text = metrics.render(gauges);
        for metric in ALL {
            assert!(text.contains(&format!("# HELP {} {}\n", metric.name, metric.help)), "{text}");
            let sample = |line: &str| line.starts_with(metric.name);
            assert!(text.lines().any(sample), "{} has no sample", metric.name);
        }
        let has = |text: &str, line: &str| text.lines().any(|found| found == line);
        assert!(has(&text, "whetstone_gateway_connected 1"), "{text}");
        assert!(has(&text, "whetstone_store_writable 0"), "{text}");
        assert!(has(&text, "whetstone_store_size_bytes 4096"), "{text}");
        assert!(has(&text, "whetstone_store_free_bytes 1099511627776"), "{text}");
        assert!(has(&text, "whetstone_backup_last_success_timestamp_seconds 0"), "{text}");
        last_backup(Timestamp::constant(1_770_000_000, 0));

        // A command that no other test counts; what others count meanwhile does not matter.
        interaction("streak", Answer::Mistake);
        post_delay(Duration::from_secs(61));
        answered("streak", Duration::from_millis(20));
        metrics.sum_up();
        let text = metrics.render(gauges);
        let made_at = "whetstone_backup_last_success_timestamp_seconds 1770000000";
        assert!(has(&text, made_at), "{text}");
        let counted = r#"whetstone_interactions_total{command="streak",outcome="mistake"} 1"#;
        assert!(has(&text, counted), "{text}");
        let bucket =
            r#"whetstone_interaction_answer_seconds_bucket{command="streak",le="0.025"} 1"#;
        assert!(has(&text, bucket), "{text}");
        assert!(Metrics::install(&[]).is_err());
    }
}
