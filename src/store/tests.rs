//! Opening the store: what was written is there again, and what cannot be opened says what to do
//! and is left as it is.

use super::{
    OpenError, Store,
    testing::{self, Temporary, daily, next_round, rows},
};
use crate::domain::{ids::UserId, round::Act};
use jiff::Timestamp;
use std::{fs, path::Path, time::Duration};

fn start() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// The files of a folder, by name, with what is in them. sled has folders too, but only empty ones.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// A copy of the files of a store in use, as a crash leaves them: with a daily, a round and a
/// member's answer in it.
async fn crashed() -> tempfile::TempDir {
    let Temporary { store, folder } = testing::store();
    let id = daily(&store, "daily", start()).await.id;
    let round = next_round(&store, id).await;
    store.act(id, 1, UserId(101), round.post.at, Act::Answered).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    for (name, bytes) in files(folder.path()) {
        fs::write(copy.path().join(name), bytes).unwrap();
    }
    copy
}

/// The same after it was opened and closed again, which leaves a snapshot.
async fn closed() -> tempfile::TempDir {
    let folder = crashed().await;
    drop(testing::open(folder.path()).await.unwrap());
    // Whoever opens it next waits until it is closed for good.
    drop(testing::open(folder.path()).await.unwrap());
    while !files(folder.path()).iter().any(|(name, _)| name.starts_with("snap.")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    folder
}

async fn refusal(folder: &Path) -> OpenError {
    match testing::open(folder).await {
        Ok(store) => panic!("it opened, with {} rows", rows(&store).len()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    for _ in 0..3 {
        let round = next_round(&shop.store, id).await;
        shop.store.act(id, round.number, UserId(101), round.post.at, Act::Answered).await.unwrap();
    }
    let before = rows(&shop.store);
    let shop = shop.reopen().await;
    assert_eq!(rows(&shop.store), before);
    assert_eq!(shop.store.daily(id).await.unwrap().unwrap().rounds, 3);
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash() {
    let folder = crashed().await;
    let store = testing::open(folder.path()).await.unwrap();
    let daily = store.all_dailies().await.unwrap().pop().unwrap();
    assert_eq!(daily.rounds, 1);
    assert_eq!(store.history(daily.id, UserId(101)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_in_use_is_not_opened_twice() {
    let Temporary { store, folder } = testing::store();
    daily(&store, "daily", start()).await;
    let error = Store::open(folder.path(), 1 << 20).err().unwrap();
    assert!(matches!(error, OpenError::Locked(_)), "{error:?}");
    let told = error.to_string().replace(folder.path().to_str().unwrap(), "DATA");
    insta::assert_snapshot!(told, @"the store in DATA is in use by another process; stop the other whetstone first, or give this one a store.path of its own");
    assert_eq!(store.all_dailies().await.unwrap().len(), 1);
}

/// Each of these would leave sled with a log that it takes for a new or a shorter one.
#[tokio::test]
async fn a_damaged_log_is_never_taken_for_an_empty_store() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 6] = [
        ("zeroes", |log| log.fill(0)),
        ("a bad beginning", |log| log[..64].fill(0xab)),
        ("a bad place behind the beginning", |log| log[600..700].fill(0xab)),
        ("another file", |log| *log = b"garbage".to_vec()),
        ("a cut", |log| log.truncate(300)),
        ("nothing", Vec::clear),
    ];
    for (what, damage) in damages {
        for folder in [crashed().await, closed().await] {
            let db = folder.path().join("db");
            let mut log = fs::read(&db).unwrap();
            damage(&mut log);
            fs::write(&db, log).unwrap();
            let error = refusal(folder.path()).await;
            assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error:?}");
            // Nor is it at the next try.
            let error = refusal(folder.path()).await;
            assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_told() {
    let folder = crashed().await;
    fs::remove_file(folder.path().join("db")).unwrap();
    let told = refusal(folder.path()).await.to_string();
    insta::assert_snapshot!(told.replace(folder.path().to_str().unwrap(), "DATA"), @"the store in DATA is damaged: its file db is gone or empty. No bot runs on it. `whetstone store repair` mends what can be mended, says what is lost, and keeps what it found; `whetstone store restore --replace FILE` puts a backup in its place");
}

/// A crash while sled writes its snapshot can leave it without length (spacejam/sled #1533).
#[tokio::test]
async fn a_snapshot_without_length_is_told_and_repaired_without_a_loss() {
    let folder = closed().await;
    let before = rows(&testing::open(folder.path()).await.unwrap());
    let folder = closed_again(folder).await;
    for (name, _) in files(folder.path()) {
        if name.starts_with("snap.") {
            fs::write(folder.path().join(name), b"").unwrap();
        }
    }
    let told = refusal(folder.path()).await.to_string();
    assert!(told.contains("`whetstone store repair` mends"), "{told}");
    let repaired = super::repair(folder.path()).await.unwrap();
    assert_eq!(repaired.lost, [""; 0]);
    assert!(repaired.mended[0].contains("the snapshot file was bad"), "{repaired:?}");
    assert!(repaired.kept.unwrap().join("db").exists());
    assert_eq!(rows(&testing::open(folder.path()).await.unwrap()), before);
}

/// Waits until nobody has the store open.
async fn closed_again(folder: tempfile::TempDir) -> tempfile::TempDir {
    drop(testing::open(folder.path()).await.unwrap());
    while let Err(OpenError::Locked(_)) = super::files::lock(folder.path()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    folder
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    let error = Store::open(&file, 1 << 20).err().unwrap();
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    let told = error.to_string().replace(folder.path().to_str().unwrap(), "DATA");
    insta::assert_snapshot!(told, @"the store's folder DATA/file cannot be used; see that it exists and is writable");
}

/// Whoever does not know how much was written cannot know whether anything is lost.
#[tokio::test]
async fn a_store_without_the_file_beside_it_is_told_and_repaired() {
    for damage in [None, Some("A store"), Some("")] {
        let folder = closed().await;
        let before = rows(&testing::open(folder.path()).await.unwrap());
        let folder = closed_again(folder).await;
        let beside = folder.path().join("whetstone-store");
        match damage {
            None => fs::remove_file(beside).unwrap(),
            Some(text) => fs::write(beside, text).unwrap(),
        }
        let told = refusal(folder.path()).await.to_string();
        assert!(told.contains("so a loss would not be noticed"), "{told}");
        let repaired = super::repair(folder.path()).await.unwrap();
        assert!(repaired.lost[0].contains("cannot be told"), "{repaired:?}");
        assert_eq!(rows(&testing::open(folder.path()).await.unwrap()), before);
    }
}

/// Damage that sled itself does not see: a page in an older state, a row that is gone.
#[tokio::test]
async fn a_table_that_is_not_what_was_written_is_refused() {
    for name in ["parts", "scores", "meta"] {
        let folder = closed().await;
        super::files::closed(folder.path()).await.unwrap();
        {
            let db = sled::open(folder.path()).unwrap();
            let tree = db.open_tree(name).unwrap();
            tree.pop_min().unwrap().unwrap();
            db.flush().unwrap();
        }
        let error = refusal(folder.path()).await;
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
        let wanted = format!("the table {name}: it has ");
        assert!(error.to_string().contains(&wanted), "{error}");
    }
}

/// A crash while sled writes a snapshot leaves a part of it under the name that it has until then.
#[tokio::test]
async fn a_snapshot_that_was_cut_off_is_taken_away() {
    let folder = closed().await;
    let before = rows(&testing::open(folder.path()).await.unwrap());
    let folder = closed_again(folder).await;
    for part in [&b""[..], &[7; 100]] {
        fs::write(folder.path().join("snap.00000000FFFFFFFF.generating"), part).unwrap();
        let store = testing::open(folder.path()).await.unwrap();
        assert_eq!(rows(&store), before);
    }
}

/// The power may fail while sled writes the file of its settings for the first time.
#[tokio::test]
async fn a_first_start_that_was_cut_off_begins_anew() {
    let folder = closed().await;
    let conf = fs::read(folder.path().join("conf")).unwrap();
    for torn in [&conf[..0], &conf[..conf.len() - 4], &vec![0; conf.len()]] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("conf"), torn).unwrap();
        fs::write(folder.path().join("db"), b"").unwrap();
        assert!(Store::open(folder.path(), 1 << 20).is_ok());
    }
    // In a store that was whole once it is damage, and told.
    fs::write(folder.path().join("conf"), &conf[..conf.len() - 4]).unwrap();
    let error = refusal(folder.path()).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

/// A folder that was made for the store, such as a volume's, is empty and no store yet.
#[tokio::test]
async fn an_empty_folder_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Store::open(&folder.path().join("a/b"), 1 << 20).is_ok());
    assert!(Store::open(folder.path(), 1 << 20).is_ok());
}
