//! The store as its operator meets it: verify, repair, backup and restore, on the command line;
//! the backups that a bot makes by itself; a store and a backup of the first schema.

use crate::support::{
    Stage, closed, eventually,
    process::{output, texts, whetstone},
};
use crate::{first_schema, support};
use flate2::read::GzDecoder;
use serde_json::json;
use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};
use whetstone::{
    domain::{
        board::{BoardKind, Cursor, Month},
        ids::{DailyId, GuildId, UserId},
        member::Board,
    },
    store::Store,
};

/// `whetstone store …` on the store in a folder.
fn store_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = whetstone(&[&["store"], args].concat());
    command.env("WHETSTONE_STORE_PATH", folder);
    command
}

/// Runs it; it must succeed. Returns what it said.
fn does(folder: &Path, args: &[&str]) -> String {
    let output = output(&mut store_command(folder, args));
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {out}{err}");
    out
}

/// Runs it; it must fail with 1. Returns all that it said.
fn refuses(folder: &Path, args: &[&str]) -> String {
    let output = output(&mut store_command(folder, args));
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    format!("{out}{err}")
}

fn assert_holds(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
}

fn backups(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("backups")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "gz")).collect()
}

/// The files and folders inside of one that others than their owner may do something with.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.permissions().mode() & 0o077 != 0 {
            found.push(path.clone());
        }
        if metadata.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_alone_may_read_the_store_and_its_backups() {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    let folder = stage.store_path();
    eventually("a backup is made", || !backups(&folder).is_empty()).await;
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(open_to_others(&folder), [""; 0].map(PathBuf::from));
    bot.stop().await;
    stage.offline().await;

    // As an earlier version, or a copy, would have left them.
    for path in [folder.join("db"), folder.join("whetstone-store"), backups(&folder).remove(0)] {
        open_to_all(&path, 0o664);
    }
    open_to_all(&folder.join("blobs"), 0o755);
    assert_eq!(open_to_others(&folder).len(), 4);
    let bot = stage.run_process().await;
    assert_eq!(open_to_others(&folder), [""; 0].map(PathBuf::from));
    bot.stop().await;
    let by_hand = stage.folder.path().join("by-hand.jsonl.gz");
    stage.offline().await;
    does(&folder, &["backup", by_hand.to_str().unwrap()]);
    assert_eq!(fs::metadata(&by_hand).unwrap().permissions().mode() & 0o777, 0o600);
    stage.finish().await;
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_backup_is_verified_without_a_store_and_a_bad_one_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("none");
    let first = "tests/first_schema/backup.jsonl.gz";
    let told = does(&folder, &["verify", first]);
    assert_holds(&told, &["is as it should be: 283 rows", "of schema 1"]);
    let whole = fs::read(first).unwrap();
    let bad = place.path().join("bad.jsonl.gz");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for bytes in [&whole[..whole.len() / 2], &changed, b"", b"a letter"] {
        fs::write(&bad, bytes).unwrap();
        let told = refuses(&folder, &["verify", bad.to_str().unwrap()]);
        assert_holds(&told, &[bad.to_str().unwrap(), "is damaged", "use another one"]);
    }
    assert!(!folder.exists());
}

/// A store as the first version left it.
fn first_schema() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    first_schema::unpack(folder.path());
    folder
}

/// What the first version had been told, as it answered then.
async fn assert_is_the_first(store: &Store) {
    let dailies = store.all_dailies().await.unwrap();
    let names: Vec<&str> = dailies.iter().map(|daily| daily.settings.name.as_str()).collect();
    assert_eq!(
        (names.as_slice(), dailies[1].guild),
        (["daily 1", "daily 2"].as_slice(), GuildId(2))
    );
    assert_eq!(store.note("history").await.unwrap().as_deref(), Some("written whole"));
    assert_eq!(store.round(DailyId(2), 12).await.unwrap().unwrap().post.message.0, 200_012);
    let mut rows = 0;
    for (daily, member) in (1..=2).flat_map(|daily| (1..=5).map(move |member| (daily, member))) {
        let user = UserId(1000 * daily + member);
        rows += store.history(DailyId(daily), user).await.unwrap().len();
    }
    assert_eq!(rows, 100);
    let march = Board::new(BoardKind::Month, Month { year: 2026, month: 3 });
    let page = store.page(DailyId(1), march, 12, Cursor::Top, 4).await.unwrap();
    let places: Vec<(u32, u64, u32)> =
        page.rows.iter().map(|row| (row.place.rank, row.place.user.0, row.place.score)).collect();
    assert_eq!(places, [(1, 1002, 10), (2, 1004, 9), (2, 1003, 9), (4, 1001, 8)]);
}

async fn open(folder: &Path) -> Store {
    closed(folder).await;
    Store::open(folder, 4 << 20).unwrap()
}

#[tokio::test]
async fn a_store_of_the_first_schema_is_backed_up_and_then_migrated() {
    let folder = first_schema();
    let by_hand = folder.path().join("by-hand.gz");
    does(folder.path(), &["backup", by_hand.to_str().unwrap()]);
    let made = backups(folder.path());
    assert_eq!(made.len(), 1);
    assert!(made[0].to_str().unwrap().ends_with("-before-schema-2.jsonl.gz"), "{made:?}");
    let mut text = String::new();
    GzDecoder::new(File::open(&made[0]).unwrap()).read_to_string(&mut text).unwrap();
    assert!(text.starts_with("{\"whetstone_backup\":1,\"schema\":1,"), "{text}");
    assert_holds(&does(folder.path(), &["verify"]), &["is as it should be: 283 rows read"]);
    assert_is_the_first(&open(folder.path()).await).await;
    assert_eq!(backups(folder.path()).len(), 1, "it was migrated again");
}

/// Nothing is changed that there is no backup of.
#[tokio::test]
async fn without_the_backup_before_it_nothing_is_migrated() {
    let folder = first_schema();
    fs::write(folder.path().join("backups"), "in the way").unwrap();
    let file = folder.path().join("by-hand.gz");
    let told = refuses(folder.path(), &["backup", file.to_str().unwrap()]);
    assert_holds(&told, &["to schema 2, but the backup before it could not be made", "backups"]);
    fs::remove_file(folder.path().join("backups")).unwrap();
    does(folder.path(), &["backup", file.to_str().unwrap()]);
    assert_eq!(backups(folder.path()).len(), 1, "it had been migrated");
}

#[tokio::test]
async fn a_backup_of_the_first_schema_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let told = does(folder.path(), &["restore", "tests/first_schema/backup.jsonl.gz"]);
    assert_holds(&told, &["283 rows, of schema 1"]);
    assert_holds(&does(folder.path(), &["verify"]), &["is as it should be: 283 rows read"]);
    assert_is_the_first(&open(folder.path()).await).await;
}

/// A bot makes a backup by itself, refuses to share its store with any of the commands, and its
/// backup gives back what members were told.
#[tokio::test(flavor = "multi_thread")]
async fn the_bots_own_backup_gives_everything_back() {
    let stage = Stage::for_processes().await;
    let folder = stage.store_path();
    let bot = stage.run_process().await;
    stage.set_daily("11:00", &support::process::zone_at_noon(), &[("days", json!("daily"))]).await;
    eventually("a backup is made", || !backups(&folder).is_empty()).await;
    let file = folder.join("by-hand.gz");
    for args in [&["verify"][..], &["repair"], &["restore", "x.gz", "--replace"]] {
        if args[0] != "restore" {
            assert_holds(&refuses(&folder, args), &["in use by another process; stop the other"]);
        }
    }
    let made = backups(&folder)[0].clone();
    // A backup is looked at beside the bot, and nothing is left of it.
    let told = does(&folder, &["verify", made.to_str().unwrap()]);
    assert_holds(
        &told,
        &[made.to_str().unwrap(), "is as it should be: ", "a store was made of it"],
    );
    let left = |name: &str| name.starts_with("being-") || name.starts_with("replaced-");
    assert!(!names(&folder).iter().any(|name| left(name)), "{:?}", names(&folder));
    let restore = ["restore", made.to_str().unwrap(), "--replace"];
    assert_holds(&refuses(&folder, &restore), &["in use by another process; stop the other"]);
    let told = refuses(&folder, &["backup", file.to_str().unwrap()]);
    assert_holds(&told, &["a bot is running", folder.join("backups").to_str().unwrap()]);
    bot.stop().await;
    stage.offline().await;

    does(&folder, &["backup", file.to_str().unwrap()]);
    assert_holds(&refuses(&folder, &["backup", file.to_str().unwrap()]), &["already"]);
    let restore = ["restore", file.to_str().unwrap()];
    assert_holds(&refuses(&folder, &restore), &["already; with --replace"]);
    fs::remove_file(folder.join("db")).unwrap();
    let told = refuses(&folder, &["verify"]);
    assert_holds(&told, &["db is gone or empty", "the newest one is", "whetstone-20"]);
    assert_holds(&refuses(&folder, &["repair"]), &["nothing of the store", "Put a backup"]);
    let told = does(&folder, &["restore", file.to_str().unwrap(), "--replace"]);
    assert_holds(&told, &["what was there before is kept in"]);
    assert_holds(&does(&folder, &["repair"]), &["there is nothing to repair"]);

    let bot = stage.run_process().await;
    let shown = stage.ask(stage.mona, "daily show", &[]).await;
    assert_holds(&shown, &["11:00"]);
    bot.stop().await;
    stage.finish().await;
}

#[test]
fn where_no_store_is_each_command_says_so_and_makes_none() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("none");
    for args in [&["verify"][..], &["repair"], &["backup", "/nowhere/file"]] {
        assert_holds(&refuses(&folder, args), &["there is no store in", "store.path"]);
    }
    let told = refuses(&folder, &["restore", "/no/such/backup"]);
    assert_holds(&told, &["/no/such/backup", "No such file"]);
    assert!(!folder.exists());
}
