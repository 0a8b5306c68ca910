use super::{
    super::{
        RestoreError, Store, restore,
        testing::{self, daily, next_round, rows},
    },
    *,
};
use crate::domain::{ids::UserId, round::Act};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use proptest::prelude::*;
use std::io::{Read, Write};

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// A store with a daily, a round and a member's answer, and a backup of it.
async fn backed_up() -> (testing::Temporary, PathBuf) {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", now()).await.id;
    let round = next_round(&shop.store, id).await;
    shop.store.act(id, 1, UserId(101), round.post.at, Act::Answered).await.unwrap();
    let file = shop.folder.path().join("backup.jsonl.gz");
    shop.store.backup(&file, now()).await.unwrap();
    (shop, file)
}

fn unpack(file: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn pack(file: &Path, text: &str) {
    let mut out = GzEncoder::new(fs::File::create(file).unwrap(), Compression::default());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap();
}

async fn restored(file: &Path) -> Vec<testing::Row> {
    let place = tempfile::tempdir().unwrap();
    restore(file, place.path(), false).await.unwrap();
    rows(&testing::open(place.path()).await.unwrap())
}

#[tokio::test]
async fn a_person_can_read_it() {
    let (_shop, file) = backed_up().await;
    let text = unpack(&file);
    let wanted = "{\"table\":\"parts\",\"key\":\"0000000000000001000000000000006500000001\",\
        \"about\":\"daily 1, member 101, round 1\",\"form\":1,\"value\":{\"took_part_on\":";
    assert!(text.lines().any(|line| line.starts_with(wanted)), "{text}");
    assert!(
        text.starts_with(
            "{\"whetstone_backup\":1,\"schema\":2,\"made_at\":\"2026-03-02T12:00:00Z\""
        )
    );
    let file = file.with_extension("again");
    pack(&file, &text);
    contents(&file).unwrap();
}

/// Any rows at all: empty keys, values that are no JSON, JSON that is spaced in ways of its own.
fn any_rows() -> impl Strategy<Value = Vec<(usize, Vec<u8>, Vec<u8>)>> {
    let json =
        prop::sample::select(vec!["{\"a\": 1.0}", " 1", "\"\\u00e9\n\"", "[1,2]", "1e999", "null"]);
    let value = prop_oneof![
        any::<Vec<u8>>(),
        json.prop_map(|json| [&[1], json.as_bytes()].concat()),
        any::<String>()
            .prop_map(|text| [&[1], serde_json::to_vec(&text).unwrap().as_slice()].concat()),
    ];
    prop::collection::vec((0..Table::ALL.len(), any::<Vec<u8>>(), value), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_restored_is_what_was_there_byte_for_byte(input in any_rows()) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let shop = testing::store();
            shop.store.apply(|changes| {
                for (table, key, value) in &input {
                    changes.pending.insert((Table::ALL[*table].0, key.clone()), Some(value.clone()));
                }
                Ok::<_, StoreError>(())
            }).unwrap();
            let file = shop.folder.path().join("backup");
            shop.store.backup(&file, now()).await.unwrap();
            assert_eq!(restored(&file).await, rows(&shop.store));
        });
    }
}

/// What the store held at one instant is in the backup, and nothing of what came after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_of_one_instant_while_others_write() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", now()).await.id;
    let round = next_round(&shop.store, id).await;
    for user in 0..300 {
        shop.store.act(id, 1, UserId(user), round.post.at, Act::Answered).await.unwrap();
    }
    let before = rows(&shop.store);
    let snapshot = Snapshot::take(&shop.store).unwrap();
    let mut seen = Vec::new();
    for (table, name) in Table::ALL {
        let mut step = 0;
        snapshot
            .each(table, |key, value| {
                // Between any two rows something is changed, added and deleted, before and behind.
                step += 1;
                if step % 50 == 1 {
                    let act = shop.store.act(id, 1, UserId(1000 + step), now(), Act::Answered);
                    futures_util::FutureExt::now_or_never(act);
                    futures_util::FutureExt::now_or_never(
                        shop.store.set_note(&step.to_string(), ""),
                    );
                    if step == 151 {
                        for daily in shop.store.read_all_dailies().unwrap() {
                            let removal = shop.store.remove_daily(&daily);
                            futures_util::FutureExt::now_or_never(removal);
                        }
                    }
                }
                seen.push((name, key.to_vec(), value.to_vec()));
                Ok(())
            })
            .unwrap();
    }
    assert_ne!(rows(&shop.store), before, "nothing was changed meanwhile");
    assert!(seen == before, "{} rows are not the {} that there were", seen.len(), before.len());
    assert!(matches!(Snapshot::take(&shop.store).err(), Some(BackupError::UnderWay)));
    drop(snapshot);
    shop.store.backup(&shop.folder.path().join("later"), now()).await.unwrap();
}

#[tokio::test]
async fn every_flipped_bit_and_every_cut_is_noticed_and_changes_nothing() {
    let (_shop, file) = backed_up().await;
    let whole = fs::read(&file).unwrap();
    let good = contents(&file).unwrap();
    let place = tempfile::tempdir().unwrap();
    for at in 0..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&file, &bad).unwrap();
        // Some bits of gzip mean nothing: a time, a name of a system, padding.
        match contents(&file) {
            Ok(read) => assert_eq!(read, good, "byte {at}"),
            // A bit of the format's number makes it that of another program.
            Err(BackupError::Damaged { .. } | BackupError::TooNew { .. }) => {}
            Err(error) => panic!("{at}: {error}"),
        }
    }
    for length in (0..whole.len()).step_by(7) {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(contents(&file).is_err(), "cut to {length}");
        let error = restore(&file, place.path(), true).await.unwrap_err();
        assert!(matches!(error, RestoreError::Backup(BackupError::Damaged { .. })), "{error}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_line_that_was_changed_is_noticed_though_it_is_packed_well() {
    let (_shop, file) = backed_up().await;
    let text = unpack(&file);
    let lines: Vec<&str> = text.lines().collect();
    let without = |skip: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != skip);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let bad = (0..lines.len()).map(without).chain([
        text.replace("member 101", "member 102"),
        format!("{text}{}\n", lines[1]),
        String::new(),
    ]);
    for bad in bad {
        pack(&file, &bad);
        assert!(matches!(contents(&file), Err(BackupError::Damaged { .. })), "{bad}");
    }
}

#[tokio::test]
async fn a_newer_one_is_refused_with_what_to_do() {
    let (_shop, file) = backed_up().await;
    let text = unpack(&file);
    for (old, new) in [("\"schema\":2", "\"schema\":77"), ("backup\":1", "backup\":77")] {
        pack(&file, &text.replace(old, new));
        let place = tempfile::tempdir().unwrap();
        let told = restore(&file, place.path(), false).await.unwrap_err().to_string();
        assert!(told.contains(" 77, but this program knows those up to "), "{told}");
        assert!(told.contains("restore it with the newer whetstone"), "{told}");
    }
}

#[tokio::test]
async fn it_takes_the_place_of_a_store_only_where_that_is_said() {
    let (shop, file) = backed_up().await;
    let place = tempfile::tempdir().unwrap();
    restore(&file, place.path(), false).await.unwrap();
    let store = testing::open(place.path()).await.unwrap();
    store.set_note("later", "changed").await.unwrap();
    let open = restore(&file, place.path(), true).await.unwrap_err();
    assert!(matches!(open, RestoreError::Open(super::super::OpenError::Locked(_))), "{open}");
    drop(store);
    super::super::files::closed(place.path()).await.unwrap();
    let error = restore(&file, place.path(), false).await.unwrap_err();
    assert!(error.to_string().contains("--replace"), "{error}");
    let replaced = restore(&file, place.path(), true).await.unwrap().replaced.unwrap();
    let is = testing::open(place.path()).await.unwrap();
    assert_eq!(rows(&is), rows(&shop.store));
    let was = testing::open(&replaced).await.unwrap();
    assert_eq!(was.note("later").await.unwrap().as_deref(), Some("changed"));
}

#[tokio::test]
async fn a_file_that_is_there_is_left_alone() {
    let (shop, file) = backed_up().await;
    let before = fs::read(&file).unwrap();
    let error = shop.store.backup(&file, now()).await.unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn of_those_that_are_made_by_themselves_the_newest_stay_and_other_files_too() {
    let (shop, _) = backed_up().await;
    let folder = shop.folder.path().join("backups");
    let automatic = Automatic { folder: folder.clone(), keep: 3 };
    assert_eq!(automatic.newest().unwrap(), None);
    fs::create_dir(&folder).unwrap();
    let killed = "whetstone-20260228T040000Z.jsonl.gz.unfinished";
    fs::write(folder.join(killed), "half").unwrap();
    for other in ["notes.txt", "whetstone-mine.jsonl.gz"] {
        fs::write(folder.join(other), "mine").unwrap();
    }
    for day in 1..=5 {
        let at = format!("2026-03-0{day}T04:00:00Z").parse().unwrap();
        shop.store.automatic_backup(&automatic, at).await.unwrap();
        assert_eq!(automatic.newest().unwrap(), Some(at));
    }
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "notes.txt",
            "whetstone-20260303T040000Z.jsonl.gz",
            "whetstone-20260304T040000Z.jsonl.gz",
            "whetstone-20260305T040000Z.jsonl.gz",
            "whetstone-mine.jsonl.gz",
        ]
    );
}

/// A backup of what is damaged would push out those of what was whole.
#[tokio::test]
async fn a_damaged_store_is_not_backed_up() {
    let (shop, _) = backed_up().await;
    shop.store.tree(Table::Parts).pop_min().unwrap().unwrap();
    let automatic = Automatic { folder: shop.folder.path().join("backups"), keep: 1 };
    let error = shop.store.automatic_backup(&automatic, now()).await.unwrap_err();
    assert!(matches!(&error, BackupError::StoreDamaged(table) if table == "parts"), "{error}");
    assert_eq!(fs::read_dir(&automatic.folder).unwrap().count(), 0);
    assert!(Store::open(&shop.folder.path().join("other"), 1 << 20).is_ok());
}
