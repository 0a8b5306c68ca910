//! Damages a store in many ways and looks at what becomes of it. Each case truncates, zeroes or
//! flips bits of one of the store's files at a random place. Then a process of its own opens the
//! store as the bot does and asks it everything. What it answers must be what was written; if it
//! is refused, it is repaired, and what a repair says nothing of must be what was written, too.
//!
//! `cargo run --release --example damage_test -- [--cases N] [--seed N]` (500 cases by default).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

#[path = "damage_test/damage.rs"]
mod damage;
#[path = "damage_test/history.rs"]
mod history;

use damage::{Damage, KINDS};
use history::Size;
use rand::{SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    error::Error,
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};
use whetstone::store::{self, Store};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The store's cache.
const CACHE: u64 = 16 << 20;

/// A process that takes longer than this hangs.
const HANGS_AFTER: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["look", folder] => look(Path::new(folder)).await,
        ["verify", folder] => verify(Path::new(folder)).await,
        ["repair", folder] => repair(Path::new(folder)).await,
        _ => match options(&args) {
            Ok((cases, seed)) => run(cases, seed).await,
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[String]) -> Outcome<(usize, u64)> {
    let (mut cases, mut seed) = (500, 1);
    for pair in args.chunks(2) {
        match pair {
            [name, value] if name == "--cases" => cases = value.parse()?,
            [name, value] if name == "--seed" => seed = value.parse()?,
            _ => return Err("usage: damage_test [--cases N] [--seed N]".into()),
        }
    }
    Ok((cases, seed))
}

/// Opens a store as the bot does, and prints all that can be asked of it.
async fn look(folder: &Path) -> Outcome<()> {
    let store = Store::open(folder, CACHE)?;
    print!("{}", history::picture(&store, Size::REALISTIC).await?);
    Ok(())
}

async fn verify(folder: &Path) -> Outcome<()> {
    let wrong = store::verify(folder).await?.wrong;
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Repairs a store, and prints what is lost.
async fn repair(folder: &Path) -> Outcome<()> {
    let repaired = store::repair(folder).await?;
    repaired.lost.iter().for_each(|lost| println!("{lost}"));
    Ok(())
}

/// What became of a damaged store. The last three must not be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// It opened, and answered as if nothing were, rightly.
    Readable,
    /// It was refused, and repaired with nothing lost.
    Repaired,
    /// It was refused, repaired, and the repair said what is lost or may be.
    RepairedInPart,
    /// It was refused, and nothing can be read: a backup must be restored.
    Refused,
    /// It answered what was not written, and nothing said so.
    WrongInSilence,
    /// The repair kept silent about a loss, or left a store that does not agree with itself.
    BadRepair,
    /// A process hung, or ended without a word of what to do.
    NoWord,
}

impl Found {
    const ALL: [(Self, &str); 7] = [
        (Self::Readable, "readable, all as written"),
        (Self::Repaired, "refused, repaired, nothing lost"),
        (Self::RepairedInPart, "refused, repaired, loss told"),
        (Self::Refused, "refused, needs a backup"),
        (Self::WrongInSilence, "WRONG IN SILENCE"),
        (Self::BadRepair, "BAD REPAIR"),
        (Self::NoWord, "HUNG OR WITHOUT A WORD"),
    ];

    fn is_bad(self) -> bool {
        matches!(self, Self::WrongInSilence | Self::BadRepair | Self::NoWord)
    }
}

async fn run(cases: usize, seed: u64) -> Outcome<()> {
    let place = tempfile::tempdir()?;
    let mut random = StdRng::seed_from_u64(seed);
    let stores = prepare(place.path(), &mut random).await?;
    let picture = child("look", &copy_of(&stores[0], place.path())?)?.out;
    println!("a store of {} bytes, {cases} cases, seed {seed}", size(&stores[0])?);
    let mut counts: BTreeMap<(String, &str, Found), usize> = BTreeMap::new();
    for case in 0..cases {
        let original = &stores[case % stores.len()];
        let folder = copy_of(original, place.path())?;
        let damage = Damage::choose(&folder, case / stores.len(), &mut random)?;
        damage.apply(&mut random)?;
        let (found, words) = judge(&folder, &picture)?;
        if found.is_bad() || std::env::var_os("DAMAGE_TEST_SHOWS_ALL").is_some() {
            println!("case {case}: {damage}: {}\n{words}", name(found));
        }
        *counts.entry((damage.file(), damage.kind(), found)).or_default() += 1;
    }
    summarise(&counts);
    let bad: usize = counts.iter().filter(|((.., found), _)| found.is_bad()).map(|(_, n)| n).sum();
    if bad == 0 { Ok(()) } else { Err(format!("{bad} cases are as they must not be").into()) }
}

/// The same history twice: as a crash leaves the files, and closed in order, with a snapshot.
async fn prepare(place: &Path, random: &mut StdRng) -> Outcome<Vec<PathBuf>> {
    let [crashed, closed] = ["crashed", "closed"].map(|name| place.join(name));
    let live = place.join("live");
    {
        let store = Store::open(&live, CACHE)?;
        history::write(&store, Size::REALISTIC, random).await?;
        copy(&live, &crashed)?;
    }
    copy(&crashed, &closed)?;
    child("look", &closed)?;
    child("look", &closed)?;
    Ok(vec![crashed, closed])
}

/// Looks at a damaged store as the bot would, and at what a repair makes of it.
fn judge(folder: &Path, picture: &str) -> Outcome<(Found, String)> {
    let looked = child("look", folder)?;
    if looked.ok {
        let right = looked.out == picture;
        return Ok((if right { Found::Readable } else { Found::WrongInSilence }, looked.err));
    }
    // Every refusal says what to do.
    if !["`whetstone store re", "see that", "make room"].iter().any(|s| looked.err.contains(s)) {
        return Ok((Found::NoWord, looked.err));
    }
    if child("verify", folder)?.ok {
        // sled may have cut off by now what could not be read; the store must not be whole.
        return Ok((Found::NoWord, format!("refused, and verified: {}", looked.err)));
    }
    let repaired = child("repair", folder)?;
    let words = format!("{}{}{}", looked.err, repaired.out, repaired.err);
    if !repaired.ok {
        let told = repaired.err.contains("restore --replace");
        return Ok((if told { Found::Refused } else { Found::NoWord }, words));
    }
    let again = child("look", folder)?;
    // What is left agrees with itself, but for what was told to be lost.
    let verified = child("verify", folder)?;
    let told = verified.err.lines().all(|wrong| repaired.out.lines().any(|lost| lost == wrong));
    let found = match (again.ok && told, again.out == picture, repaired.out.is_empty()) {
        (true, true, true) => Found::Repaired,
        (true, _, false) => Found::RepairedInPart,
        _ => Found::BadRepair,
    };
    Ok((found, format!("{words}{}{}", again.err, verified.err)))
}

/// What a process of this program said.
struct Said {
    ok: bool,
    out: String,
    err: String,
}

fn child(what: &str, folder: &Path) -> Outcome<Said> {
    let limit = HANGS_AFTER.as_secs().to_string();
    let mut command = Command::new("timeout");
    command.arg(limit).arg(std::env::current_exe()?).arg(what).arg(folder);
    let output = command.env("RUST_BACKTRACE", "0").output()?;
    Ok(Said {
        ok: output.status.success(),
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A fresh copy of a store, in the same place each time.
fn copy_of(original: &Path, place: &Path) -> Outcome<PathBuf> {
    let folder = place.join("case");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    copy(original, &folder)?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, to) = (entry?.path(), to);
        let to = to.join(path.file_name().ok_or("no name")?);
        if path.is_dir() { copy(&path, &to)? } else { fs::copy(&path, &to).map(drop)? }
    }
    Ok(())
}

fn size(folder: &Path) -> Outcome<u64> {
    let files = damage::files(folder)?;
    files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

fn name(found: Found) -> impl fmt::Display {
    Found::ALL.iter().find(|(of, _)| *of == found).map_or("", |(_, name)| name)
}

fn summarise(counts: &BTreeMap<(String, &str, Found), usize>) {
    println!("\n| file | damage | cases | {} |", Found::ALL.map(|(_, name)| name).join(" | "));
    println!("|---|---|{}", "---:|".repeat(Found::ALL.len() + 1));
    let files: std::collections::BTreeSet<&String> = counts.keys().map(|(f, ..)| f).collect();
    let sum = |fits: &dyn Fn(&(String, &str, Found)) -> bool| -> usize {
        counts.iter().filter(|(key, _)| fits(key)).map(|(_, count)| count).sum()
    };
    let row = |file: &str, kind: &str, fits: &dyn Fn(&(String, &str, Found)) -> bool| {
        let cells = Found::ALL.map(|(found, _)| sum(&|key| fits(key) && key.2 == found));
        let cells = cells.map(|count| count.to_string()).join(" | ");
        println!("| {file} | {kind} | {} | {cells} |", sum(fits));
    };
    for file in files {
        for kind in KINDS {
            row(file, kind, &|key| key.0 == *file && key.1 == kind);
        }
    }
    row("all", "", &|_| true);
}
