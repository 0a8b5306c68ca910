//! The sign of life that a running bot leaves in its store's folder, for `whetstone health`.

use crate::files;
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The name of the sign in the store's folder.
const FILE: &str = "health.json";

/// Bytes of a sign, with room to spare.
const BYTES_MAX: usize = 4_096;

/// What tells one start of the machine from another.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A sign of life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Beat {
    /// When it was given.
    pub at: Timestamp,
    /// Whether the gateway was connected.
    pub connected: bool,
    /// When it was given by a clock that nobody sets, where the system has one.
    pub tick: Option<Tick>,
}

/// An instant of a clock that does not jump and does not run while the machine is suspended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tick {
    boot: String,
    millis: i64,
}

impl Tick {
    /// The instant it is, for all processes of this machine.
    pub fn now() -> Option<Self> {
        let boot = fs::read_to_string(BOOT_ID).ok()?.trim().to_owned();
        let now = clock_gettime(ClockId::Monotonic);
        Some(Self { boot, millis: now.tv_sec * 1000 + now.tv_nsec / 1_000_000 })
    }

    /// The time since another one, unless the machine was started again between.
    fn since(&self, earlier: &Self) -> Option<SignedDuration> {
        let same = self.boot == earlier.boot;
        same.then(|| SignedDuration::from_millis(self.millis.saturating_sub(earlier.millis)))
    }
}

/// Why a bot does not count as healthy.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// There is no sign of life.
    #[error("no sign of life in {0}: is whetstone running, with this store.path?")]
    Missing(PathBuf, #[source] io::Error),
    /// There is one that cannot be read.
    #[error("the sign of life in {0} cannot be read")]
    Unreadable(PathBuf, #[source] serde_json::Error),
    /// It is too old.
    #[error("the last sign of life is {0:#} old; health.max_age allows {1:#}")]
    TooOld(SignedDuration, SignedDuration),
}

/// Gives a sign of life, all or nothing.
///
/// # Errors
/// Where the folder cannot be written.
pub fn give(folder: &Path, beat: &Beat) -> io::Result<()> {
    files::replace(&folder.join(FILE), &serde_json::to_vec(beat)?)
}

/// Takes the last sign away: from now on nothing lives here.
///
/// # Errors
/// Where the folder cannot be written.
pub fn take_back(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The last sign of life, if it is young enough at an instant by the wall clock and, where there is
/// one, by a clock that does not jump, which then decides.
///
/// # Errors
/// Why the bot does not count as healthy.
pub fn health(
    folder: &Path,
    now: Timestamp,
    tick: Option<&Tick>,
    max_age: SignedDuration,
) -> Result<Beat, Unhealthy> {
    let path = folder.join(FILE);
    let bytes =
        files::read(&path, BYTES_MAX).map_err(|error| Unhealthy::Missing(path.clone(), error))?;
    let beat: Beat =
        serde_json::from_slice(&bytes).map_err(|error| Unhealthy::Unreadable(path, error))?;
    let by_tick = tick.zip(beat.tick.as_ref()).and_then(|(tick, given)| tick.since(given));
    let age = by_tick.unwrap_or_else(|| now.duration_since(beat.at));
    if age > max_age { Err(Unhealthy::TooOld(age, max_age)) } else { Ok(beat) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn noon() -> Timestamp {
        "2026-03-06T12:00:00Z".parse().unwrap()
    }

    fn tick(boot: &str, seconds: i64) -> Option<Tick> {
        Some(Tick { boot: boot.to_owned(), millis: seconds * 1000 })
    }

    /// Whether a sign with this tick counts, so long after it by the wall clock, at that tick.
    fn counts(given: Option<Tick>, after: SignedDuration, now: Option<Tick>) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let given = Beat { at: noon(), connected: true, tick: given };
        give(folder.path(), &given).unwrap();
        match health(folder.path(), noon() + after, now.as_ref(), MINUTE) {
            Ok(beat) => beat == given,
            Err(Unhealthy::TooOld(..)) => false,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_sign_of_life_ages() {
        assert!(counts(None, MINUTE, None));
        assert!(!counts(None, MINUTE * 2, None));
        assert!(counts(tick("a", 100), MINUTE, tick("a", 160)));
        assert!(!counts(tick("a", 100), MINUTE, tick("a", 161)));
    }

    #[test]
    fn a_clock_that_was_set_and_a_machine_that_slept_make_nothing_older() {
        let hour = SignedDuration::from_hours(1);
        assert!(counts(tick("a", 100), hour, tick("a", 110)));
        assert!(!counts(tick("a", 100), -hour, tick("a", 400)));
        // After a new start of the machine, only the wall clock can tell.
        assert!(!counts(tick("a", 100), hour, tick("b", 110)));
        assert!(!counts(tick("a", 100), hour, None));
    }

    #[test]
    fn one_that_was_taken_back_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let missing = || health(folder.path(), noon(), None, MINUTE).unwrap_err();
        assert!(matches!(missing(), Unhealthy::Missing(..)));
        give(folder.path(), &Beat { at: noon(), connected: false, tick: None }).unwrap();
        take_back(folder.path()).unwrap();
        take_back(folder.path()).unwrap();
        assert!(matches!(missing(), Unhealthy::Missing(..)));
    }

    #[test]
    fn the_clock_that_does_not_jump_runs_on() {
        let (first, second) = (Tick::now(), Tick::now());
        let passed = second.zip(first).and_then(|(second, first)| second.since(&first));
        // Where the system does not tell one start from another, there is none.
        assert!(passed.is_none_or(|passed| !passed.is_negative()), "{passed:?}");
        assert_eq!(passed.is_some(), Path::new(BOOT_ID).exists());
    }
}
