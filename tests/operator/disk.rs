//! A disk that is full, one that can only be read, and damaged files: the bot refuses with what to
//! do, promises nothing that it cannot keep, and goes on once that is put right.

use crate::support::{
    Stage, eventually,
    process::{Process, output, texts, whetstone, zone_at_noon},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

/// A small file system in memory. It needs root, or at least the right to mount.
struct Disk {
    place: tempfile::TempDir,
}

impl Disk {
    fn mount(test: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = run("mount", &["-t", "tmpfs", "-o", "size=16m", "tmpfs"], place.path());
        if !mounted.status.success() {
            eprintln!("{test} is SKIPPED: a tmpfs cannot be mounted here: {:?}", texts(&mounted));
            return None;
        }
        Some(Self { place })
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let output = run("mount", &["-o", &options], self.place.path());
        assert!(output.status.success(), "{options}: {:?}", texts(&output));
    }

    fn store(&self) -> PathBuf {
        self.place.path().join("store")
    }

    fn ballast(&self) -> PathBuf {
        self.place.path().join("ballast")
    }

    /// Leaves no room for another byte.
    fn fill(&self) {
        let filled = fs::write(self.ballast(), vec![1; 32 << 20]).unwrap_err();
        assert_eq!(filled.kind(), std::io::ErrorKind::StorageFull);
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["-l"], self.place.path());
    }
}

fn run(program: &str, args: &[&str], place: &Path) -> Output {
    Command::new(program).args(args).arg(place).output().unwrap()
}

fn start(stage: &Stage, disk: &Disk) -> Process {
    let mut command = stage.command();
    command.env("WHETSTONE_STORE_PATH", disk.store());
    Process::start(&mut command, &stage.folder.path().join("log"))
}

/// Starts a bot that must refuse, and returns what it says.
fn refusal(stage: &Stage, disk: &Disk) -> String {
    let mut command = stage.command();
    command.env("WHETSTONE_STORE_PATH", disk.store());
    let output = output(&mut command);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    err
}

fn assert_holds(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
}

/// The date so many days on from one that is far away.
fn date(days: i64) -> String {
    let first = jiff::civil::date(2040, 1, 2);
    (first + jiff::SignedDuration::from_hours(24 * days)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_did_not_take_is_promised_to_nobody() {
    let Some(disk) = Disk::mount("what_a_full_disk_did_not_take_is_promised_to_nobody") else {
        return;
    };
    let stage = Stage::for_processes().await;
    let mut bot = start(&stage, &disk);
    stage.online().await;
    stage.set_daily("11:00", &zone_at_noon(), &[("days", json!("daily"))]).await;
    disk.fill();
    let mut promised = 0;
    let apology = loop {
        assert!(promised < 2000, "a full disk took everything");
        let skip = [("date", json!(date(promised)))];
        let told = stage.ask(stage.mona, "daily skip", &skip).await;
        if !told.contains("will be skipped") {
            break told;
        }
        promised += 1;
    };
    assert_holds(&apology, &["the reference"]);
    // It ends, so that whoever watches over it starts it again.
    assert_eq!(bot.ended(Duration::from_secs(20)).await.code(), Some(1));
    assert_holds(
        &bot.log(),
        &["nothing more is promised; see that the disk has room", "start again"],
    );
    drop(bot);
    stage.offline().await;
    assert_holds(&refusal(&stage, &disk), &["is full; make room on it, and start again"]);

    disk.make_room();
    let bot = start(&stage, &disk);
    stage.online().await;
    for day in 0..promised {
        // What is skipped already is taken back by saying it again.
        let skip = [("date", json!(date(day)))];
        let told = stage.ask(stage.mona, "daily skip", &skip).await;
        assert!(told.contains("will not be skipped any more"), "{day} of {promised}: {told}");
    }
    bot.stop().await;
    stage.finish().await;
}

/// A trial write alone would fit into what the store has allocated.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_filled_while_nobody_wrote_makes_the_bot_not_ready() {
    let test = "a_disk_that_filled_while_nobody_wrote_makes_the_bot_not_ready";
    let Some(disk) = Disk::mount(test) else { return };
    let stage = Stage::for_processes().await;
    let log = stage.folder.path().join("log");
    let mut command = stage.command();
    command.env("WHETSTONE_STORE_PATH", disk.store()).env("WHETSTONE_BACKUP_KEEP", "0");
    command.env("WHETSTONE_OPS_LISTEN", "127.0.0.1:0");
    let bot = Process::start(&mut command, &log);
    stage.online().await;
    let address = || {
        let log = bot.log();
        let (_, rest) = log.split_once("serving /livez, /readyz and /metrics address=")?;
        Some(rest.lines().next()?.trim().to_owned())
    };
    eventually("it says where it serves", || address().is_some()).await;
    let address = address().unwrap();
    let ready = || {
        let mut health = whetstone(&["health", "--ready"]);
        let output = output(health.env("WHETSTONE_OPS_LISTEN", &address));
        (output.status.code(), texts(&output).0 + &texts(&output).1)
    };
    let becomes = async |code: i32, words: &str| {
        let mut last = ready();
        // What was found holds for ten seconds.
        for _ in 0..120 {
            if last.0 == Some(code) && last.1.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            last = ready();
        }
        panic!("in vain: {code} and {words}, not {last:?}");
    };
    becomes(0, "alive, ready").await;
    disk.fill();
    becomes(1, "store: the disk is full: 0 KiB are left").await;
    disk.make_room();
    becomes(0, "alive, ready").await;
    bot.stop().await;
    stage.finish().await;
}

/// The log is on the disk that is full, and what is logged cannot be written either.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_that_holds_the_log_as_well_ends_the_bot() {
    let stage = Stage::for_processes().await;
    // What goes beyond the limit fails, instead of ending the process.
    let mut command = Command::new("sh");
    let run = stage.command();
    let script = format!("trap '' XFSZ; exec '{}' run", run.get_program().to_str().unwrap());
    command.args(["-c", &script]);
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut bot = Process::start(&mut command, &stage.folder.path().join("log"));
    stage.online().await;
    stage.set_daily("11:00", &zone_at_noon(), &[("days", json!("daily"))]).await;
    bot.limit_files(1);
    let told = stage.ask(stage.mona, "daily skip", &[("date", json!(date(0)))]).await;
    assert_holds(&told, &["the reference"]);
    assert_eq!(bot.ended(Duration::from_secs(20)).await.code(), Some(1));
    drop(bot);
    stage.offline().await;

    let bot = stage.run_process().await;
    let told = stage.ask(stage.mona, "daily skip", &[("date", json!(date(0)))]).await;
    assert_holds(&told, &["will be skipped"]);
    bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_can_only_be_read_is_refused_and_read_all_the_same() {
    let Some(disk) = Disk::mount("a_disk_that_can_only_be_read_is_refused") else { return };
    let stage = Stage::for_processes().await;
    let bot = start(&stage, &disk);
    stage.online().await;
    stage.set_daily("11:00", &zone_at_noon(), &[("days", json!("daily"))]).await;
    bot.stop().await;
    stage.offline().await;
    disk.remount("ro");
    let told = refusal(&stage, &disk);
    assert_holds(&told, &["is read-only; see that it is mounted", disk.store().to_str().unwrap()]);
    // To look at it nothing must be written there.
    let mut verify = whetstone(&["store", "verify"]);
    let verified = output(verify.env("WHETSTONE_STORE_PATH", disk.store()));
    assert_holds(&texts(&verified).0, &["is as it should be"]);
    disk.remount("rw");
    let bot = start(&stage, &disk);
    stage.online().await;
    bot.stop().await;
    stage.finish().await;
}

/// Some cases of the program that damages stores; it runs five hundred by default.
#[test]
fn no_damage_is_answered_from_in_silence() {
    let exe = std::env::current_exe().unwrap();
    let profile = exe.parent().and_then(Path::parent).unwrap();
    let target = profile.parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--offline", "--example", "damage_test", "--target-dir"]);
    build.arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let built = build.output().unwrap();
    assert!(built.status.success(), "{:?}", texts(&built));
    let program = profile.join("examples/damage_test");
    let mut damage = Command::new(program);
    // What is damaged here was closed before, so no disk need be waited for.
    if Path::new("/dev/shm").is_dir() {
        damage.env("TMPDIR", "/dev/shm");
    }
    let ran = damage.args(["--cases", "24", "--seed", "7"]).output().unwrap();
    let (out, err) = texts(&ran);
    assert!(ran.status.success(), "{out}{err}");
    assert_holds(&out, &["| all |  | 24 |"]);
}
