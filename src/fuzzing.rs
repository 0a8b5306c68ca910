//! What the fuzz targets call, and the replay of their corpus in `tests/library/fuzz_corpus.rs`: each function
//! takes whatever bytes there are, reads them as the bot reads such bytes, and panics only where the
//! program has a fault. docs/fuzzing.md tells how to run them. Nothing else calls this module.

use crate::{
    bank::Bank, config::Config, diagnostic::Faults, discord, discord::custom_id, store, text::tame,
};
use std::path::Path;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its file in fuzz/fuzz_targets and of its folder in
/// fuzz/seeds.
pub const TARGETS: [(&str, Target); 6] = [
    ("bank", bank),
    ("custom_id", custom_ids),
    ("config", config),
    ("records", records),
    ("gateway", gateway),
    ("answer", answer),
];

/// A question's file, read and judged as `whetstone bank check` does, its faults shown.
pub fn bank(bytes: &[u8]) {
    show(Bank::read_question(Path::new("fuzz.md"), bytes));
}

/// A custom id: what is read has one spelling, and Discord takes it.
///
/// # Panics
/// Where that is not so.
pub fn custom_ids(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(action) = custom_id::decode(&text) {
        assert_eq!(custom_id::encode(&action), text, "two spellings of {action:?}");
        assert!(text.chars().count() <= discord::limits::CUSTOM_ID_MAX, "too long: {text}");
    }
}

/// A configuration file; a short text also as the value of each variable.
pub fn config(bytes: &[u8]) {
    show(Config::parse(Path::new("fuzz.toml"), bytes, |_| None));
    // No variable is as long as a file.
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= 64) {
        show(Config::load(None, |_| Some(text.to_owned())));
    }
}

/// A row of the store.
pub fn records(bytes: &[u8]) {
    store::fuzz::read(bytes);
}

/// What the gateway sends.
pub fn gateway(bytes: &[u8]) {
    discord::fuzz::read(bytes);
}

/// An answer that its author shares.
///
/// # Panics
/// Where nothing is left of it, or something that should have gone.
pub fn answer(bytes: &[u8]) {
    let tamed = tame(&String::from_utf8_lossy(bytes));
    assert!(!tamed.trim().is_empty() && !tamed.contains("](") && !tamed.contains("\n\n\n"));
    assert!(!tamed.contains(['\u{202e}', '\u{200b}', '\u{2066}']));
    assert!(!tamed.contains("\u{300}\u{300}\u{300}\u{300}"));
    assert_eq!(tame(&tamed), tamed, "taming twice changes something");
}

/// Faults are shown to people: with the line that they are in, which must be found.
fn show<T>(read: Result<T, Faults>) {
    if let Err(faults) = read {
        faults.render(faults.list.len() % 2 == 0, usize::MAX);
    }
}
