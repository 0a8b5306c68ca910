//! Repairs a store: mends what can be mended, says what is lost, and keeps what it found. The
//! files themselves are not touched: a new store is made of what can be read from a copy, and
//! takes the place of the old one, which moves aside.

use super::{
    Automatic, OpenError, SCRATCH_CACHE, Store, Table, files,
    marker::{self, Marker},
    migrations, opening,
    rebuild::{self, Findings},
    sums, swap, verify,
};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// What became of a repair.
#[derive(Debug, Default)]
pub struct Repaired {
    /// What was set right.
    pub mended: Vec<String>,
    /// What is lost, or may be.
    pub lost: Vec<String>,
    /// Where the files are that were there before; `None` where nothing had to be done.
    pub kept: Option<PathBuf>,
}

/// What to leave out of a copy, so that sled makes it anew.
#[derive(Clone, Copy)]
struct Without {
    snapshot: bool,
    conf: bool,
}

impl Without {
    /// What is tried, in this order.
    const TRIES: [Self; 4] = [
        Self { snapshot: false, conf: false },
        Self { snapshot: true, conf: false },
        Self { snapshot: false, conf: true },
        Self { snapshot: true, conf: true },
    ];

    fn mends(self) -> Vec<String> {
        let snapshot = "the snapshot file was bad; it is made anew from the log";
        let conf = "the file conf was bad; it is made anew";
        let mends = [(self.snapshot, snapshot), (self.conf, conf)];
        mends.into_iter().filter(|(is, _)| *is).map(|(_, mend)| mend.to_owned()).collect()
    }

    fn copy(self, from: &Path, to: &Path) -> std::io::Result<()> {
        files::copy(from, to)?;
        for name in files::parts(to)? {
            if (self.snapshot && name.starts_with("snap.")) || (self.conf && name == "conf") {
                fs::remove_file(to.join(name))?;
            }
        }
        Ok(())
    }
}

/// A copy that could be opened.
struct Opened {
    db: sled::Db,
    mended: Vec<String>,
    lost: Vec<String>,
}

/// Repairs a store that nobody has open.
///
/// # Errors
/// Where nothing of it can be read, or it cannot be worked on: then nothing has changed.
pub async fn repair(folder: &Path) -> Result<Repaired, OpenError> {
    let _lock = verify::take(folder)?;
    let of_io = |error| OpenError::of_io(folder, error);
    let work = verify::work_place(folder)?;
    if is_whole(folder, work.path()).await? {
        return Ok(Repaired::default());
    }
    let copy = best_copy(folder, work.path())?;
    let building = swap::begin(folder).map_err(of_io)?;
    let built = build(&copy, &building).await;
    let Findings { lost, mended } = built.inspect_err(|_| swap::abandon(folder))?;
    let kept = swap::commit(folder).map_err(of_io)?;
    let follows = "what follows from the rest (indexes, streaks, boards) is made anew".to_owned();
    Ok(Repaired {
        mended: [copy.mended, mended, vec![follows]].concat(),
        lost: [copy.lost, lost].concat(),
        kept,
    })
}

/// Whether there is nothing to be done.
async fn is_whole(folder: &Path, work: &Path) -> Result<bool, OpenError> {
    let copy = work.join("whole");
    files::copy(folder, &copy).map_err(|error| OpenError::of_io(folder, error))?;
    match Store::open(&copy, SCRATCH_CACHE) {
        Ok(store) => Ok(verify::check(&store, &work.join("anew")).await?.wrong.is_empty()),
        Err(error @ (OpenError::TooNew { .. } | OpenError::Full(_))) => Err(error),
        Err(_) => Ok(false),
    }
}

/// The first copy of which nothing is lost, or else the first that can be opened at all.
fn best_copy(folder: &Path, work: &Path) -> Result<Opened, OpenError> {
    let mut best: Option<Opened> = None;
    let mut refusal = None;
    for (number, without) in Without::TRIES.into_iter().enumerate() {
        let place = work.join(format!("try-{number}"));
        let copied = without.copy(folder, &place);
        copied.map_err(|error| OpenError::of_io(folder, error))?;
        match open(&place, without) {
            Ok(copy) if copy.lost.is_empty() => return Ok(copy),
            Ok(copy) => drop(best.get_or_insert(copy)),
            Err(error) => drop(refusal.get_or_insert(error)),
        }
    }
    let hopeless = || {
        let reason = match refusal {
            Some(OpenError::Damaged { reason, .. }) => reason,
            Some(error) => super::chain(&error),
            None => String::new(),
        };
        OpenError::Hopeless { path: folder.to_owned(), reason }
    };
    best.ok_or_else(hopeless)
}

fn open(place: &Path, without: Without) -> Result<Opened, OpenError> {
    let opened = catch_unwind(AssertUnwindSafe(|| open_as_it_is(place, without)));
    opened.unwrap_or_else(|panic| Err(OpenError::damaged(place, opening::said(&*panic))))
}

fn open_as_it_is(place: &Path, without: Without) -> Result<Opened, OpenError> {
    let of_store = |error| OpenError::of_store(place, error);
    let marker = marker::read(place).map_err(|error| OpenError::of_io(place, error))?;
    if opening::log_is_empty(place) {
        return Err(OpenError::damaged(place, "its file db is gone or empty"));
    }
    let db = opening::open_db(place, SCRATCH_CACHE)?;
    let mut copy = Opened { mended: without.mends(), lost: Vec::new(), db };
    let writes = sums::writes(&copy.db).map_err(of_store)?;
    let behind = opening::behind(marker, &copy.db, writes);
    let behind = behind.map_err(|error| of_store(error.into()))?;
    match (behind, marker) {
        (Some(_), Marker::None | Marker::Unreadable) => copy.lost.push(format!(
            "the file {} was of no use and is made anew; whether the last writes were lost cannot \
             be told",
            marker::NAME
        )),
        (Some(reason), _) => copy.lost.push(reason),
        (None, _) => {}
    }
    let schema = migrations::version(&copy.db, place)?;
    if schema.is_none() {
        return Err(OpenError::damaged(place, "it is empty"));
    }
    let old = schema < Some(super::codec::SCHEMA);
    migrations::run(&copy.db, place, None::<(&Automatic, jiff::Timestamp)>)?;
    let stored = if old { Default::default() } else { sums::stored(&copy.db).map_err(of_store)? };
    for (name, sum) in stored {
        let derived = Table::ALL.iter().any(|(table, of)| *of == name && table.is_derived());
        match sums::fault(&copy.db, name, sum) {
            Some(fault) if derived => copy.mended.push(format!("the table {name}: {fault}")),
            Some(fault) => copy.lost.push(format!("the table {name}: {fault}")),
            None => {}
        }
    }
    Ok(copy)
}

async fn build(copy: &Opened, building: &Path) -> Result<Findings, OpenError> {
    let store = Store::open(building, SCRATCH_CACHE)?;
    let built = catch_unwind(AssertUnwindSafe(|| rebuild::rebuild(&copy.db, &store)));
    let built = built.map_err(|panic| OpenError::damaged(building, opening::said(&*panic)))?;
    let findings = built.map_err(|error| OpenError::of_store(building, error))?;
    let flushed = store.flush().await;
    flushed.map_err(|error| OpenError::of_store(building, error))?;
    drop(store);
    files::closed(building).await?;
    Ok(findings)
}
