//! The fuzz targets over their seeds: a bounded replay of what docs/fuzzing.md runs for longer. Each
//! seed is also cut short and bent at places, a little of what a fuzzer does.

use std::{collections::BTreeSet, fs, path::PathBuf};
use whetstone::fuzzing::{TARGETS, Target};

/// How many places of each seed are bent.
const BENT: usize = 12;

fn folder(name: &str) -> PathBuf {
    PathBuf::from("fuzz").join(name)
}

fn names(folder: PathBuf) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder("seeds").join(target)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Tells which input it was, should the target panic.
fn feed(target: Target, what: &str, bytes: &[u8]) {
    let outcome = std::panic::catch_unwind(|| target(bytes));
    assert!(
        outcome.is_ok(),
        "{what} of {} bytes: {:?}",
        bytes.len(),
        bytes.escape_ascii().to_string()
    );
}

#[test]
fn every_target_has_its_file_its_seeds_and_its_place_in_the_manifest() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(folder("fuzz_targets")), targets);
    assert_eq!(names(folder("seeds")), targets);
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    let run = fs::read_to_string(folder("run")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(run.contains(&name), "{name}");
    }
}

#[test]
fn no_seed_shows_a_fault() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() > 5, "{name} has {} seeds", seeds.len());
        for (path, bytes) in seeds {
            feed(target, &path.display().to_string(), &bytes);
        }
    }
}

#[test]
fn no_seed_that_was_cut_or_bent_shows_a_fault() {
    for (name, target) in TARGETS {
        for (path, bytes) in seeds(name) {
            let step = (bytes.len() / BENT).max(1);
            for at in (0..bytes.len()).step_by(step) {
                let what = format!("{} at {at}", path.display());
                feed(target, &what, &bytes[..at]);
                for bent in [b'0', b'"', b'9', 0xff, bytes[at] ^ 1] {
                    let mut copy = bytes.clone();
                    copy[at] = bent;
                    feed(target, &what, &copy);
                }
            }
        }
    }
}

/// Targets that refuse everything would find nothing: some seeds are read to their end.
#[test]
fn seeds_are_read() {
    let read =
        |target: &str, seed: &str| fs::read(folder("seeds").join(target).join(seed)).unwrap();
    let bank = whetstone::bank::Bank::read_question("a".as_ref(), &read("bank", "good"));
    assert!(bank.unwrap().is_some());
    let config = whetstone::config::Config::parse("a".as_ref(), &read("config", "daily"), |_| None);
    assert_eq!(config.unwrap().daily.len(), 1);
    let id = String::from_utf8(read("custom_id", "00")).unwrap();
    assert!(whetstone::discord::custom_id::decode(&id).is_some());
    for seed in
        ["interaction_2_daily_set", "interaction_3_round1_share", "interaction_5_round1_form"]
    {
        assert!(whetstone::discord::fuzz::read(&read("gateway", seed)), "{seed}");
    }
    assert!(!whetstone::discord::fuzz::read(&read("gateway", "an_unknown_event")));
    for seed in ["dailies_0", "rounds_0", "parts", "scores_0", "ranking_0", "counter", "note"] {
        assert!(whetstone::store::fuzz::read(&read("records", seed)), "{seed}");
    }
}
