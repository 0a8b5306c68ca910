//! Files that are no files, and disks that do not answer: none of them holds the bot.

use super::{
    Served,
    support::{
        Stage, eventually,
        process::{Process, output, texts, whetstone},
    },
};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a command may take that meets such a file; much more than it needs on a busy machine.
const PROMPT: Duration = Duration::from_secs(20);

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs the program, which must fail soon, and gives what it says.
fn fails(command: &mut Command) -> String {
    let begun = Instant::now();
    let output = output(command);
    let (_, told) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(begun.elapsed() < PROMPT, "it took {:?}", begun.elapsed());
    assert!(!told.contains("panicked"), "{told}");
    told
}

/// What is said of something that is no file, and what makes it.
type Unfit<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// Makes what is no file of questions, each in its way, at this path.
fn unfit(path: &Path) -> [Unfit<'_>; 5] {
    [
        ("this is a named pipe", Box::new(move || pipe(path))),
        ("folder", Box::new(move || fs::create_dir(path).unwrap())),
        ("this is a device", Box::new(move || symlink("/dev/zero", path).unwrap())),
        ("Too many levels of symbolic links", Box::new(move || symlink(path, path).unwrap())),
        (
            "is larger than",
            Box::new(move || {
                fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
            }),
        ),
    ]
}

#[test]
fn every_file_that_an_operator_names_may_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("bank/beginner")).unwrap();
    fs::create_dir_all(at("store")).unwrap();
    let store = |args: &[&str]| {
        let mut command = whetstone(args);
        command.env("WHETSTONE_STORE_PATH", at("store")).env("DISCORD_TOKEN", "not.a.token");
        command
    };
    let file = at("file");
    let file_arg = file.to_str().unwrap();
    let question = at("bank/beginner/a.md");
    let bank = at("bank");
    let mut commands: Vec<(&Path, Command)> = vec![
        (&file, whetstone(&["run", "--config", file_arg])),
        (&file, whetstone(&["health", "--config", file_arg])),
        (&file, whetstone(&["doctor", "--config", file_arg])),
        (&file, whetstone(&["run"])),
        (&file, store(&["store", "restore", file_arg])),
        (&question, whetstone(&["bank", "check", bank.to_str().unwrap()])),
        (&question, store(&["run"])),
    ];
    commands[3].1.env("DISCORD_TOKEN_FILE", &file);
    commands[6].1.env("WHETSTONE_BANK_EXTRA", &bank);
    for (path, mut command) in commands {
        for (words, make) in unfit(path) {
            make();
            let told = fails(&mut command);
            // A backup of any size is read, and this one is none.
            let fits = told.contains(words) || words == "is larger than";
            assert!(fits, "{command:?}: no “{words}” in {told}");
            fs::remove_file(path).or_else(|_| fs::remove_dir(path)).unwrap();
        }
    }
    assert_eq!(fs::read_dir(at("store")).unwrap().count(), 0);
}

#[test]
fn no_file_of_the_store_may_be_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["db", "conf", "snap.0000000000000001", "whetstone-store", "blobs/1", "health.json"]
    {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        pipe(&path);
        let command = if name == "health.json" { "health" } else { "run" };
        let mut command = whetstone(&[command]);
        command.env("WHETSTONE_STORE_PATH", folder.path()).env("DISCORD_TOKEN", "not.a.token");
        let told = fails(&mut command);
        assert!(told.contains("this is a named pipe, not a file"), "{name}: {told}");
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_turns_into_pipes_and_thousands_of_faults_stays_as_it_was() {
    let stage = Stage::for_processes().await;
    let bank = stage.folder.path().join("bank");
    good_bank(&bank);
    let served = Served::start(&stage, stage.command().env("WHETSTONE_BANK_EXTRA", &bank)).await;
    let refused = |times: usize| {
        let log = served.bot.log();
        log.matches("the bank has faults and stays as it was").count() == times
    };
    pipe(&bank.join("beginner/two.md"));
    served.bot.signal("HUP");
    eventually("the pipe is told of", || refused(1)).await;
    assert!(served.bot.log().contains("this is a named pipe, not a file"), "{}", served.bot.log());

    let before = served.bot.log().len();
    for number in 0..3_000 {
        fs::write(bank.join(format!("beginner/Bad_{number}.md")), "+++\n".repeat(2_000)).unwrap();
    }
    served.bot.signal("HUP");
    eventually("the faults are told of", || refused(2)).await;
    let told = served.bot.log().split_off(before);
    assert!(told.contains("faults found; the first 20 are shown"), "{told}");
    assert!(told.len() < 32 * 1024, "{} bytes are told", told.len());
    assert_eq!(served.page("livez").await.0, 200);
    assert!(stage.ask(stage.ada, "topics", &[]).await.contains("questions"));
    served.bot.stop().await;
    stage.finish().await;
}

/// A file system over a folder that answers nothing, as a network mount does whose server has gone.
/// Ends with its drop.
struct Hung {
    /// Holds the end at which nobody answers.
    holder: Child,
    folder: PathBuf,
}

impl Hung {
    /// None where this user may not mount, except in CI, where nothing is skipped.
    fn over(folder: &Path) -> Option<Self> {
        let script = "exec 5<>/dev/fuse && mount -i -t fuse -o \
                      fd=5,rootmode=40000,user_id=0,group_id=0 hung \"$0\" && echo mounted && \
                      exec sleep 600";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut holder = shell.spawn().unwrap();
        let mut told = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut told).unwrap();
        let hung = Self { holder, folder: folder.to_owned() };
        if told == "mounted\n" {
            return Some(hung);
        }
        assert!(
            std::env::var_os("CI").is_none(),
            "nothing is skipped in CI, but nothing is mounted"
        );
        eprintln!("SKIPPED: a mount that hangs, for this user may not mount one");
        None
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        // Whoever waits for it is told that it has gone.
        self.holder.kill().unwrap();
        self.holder.wait().unwrap();
        // It may never have been mounted.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).stderr(Stdio::null()).status();
    }
}

/// A bank of one good question.
fn good_bank(bank: &Path) {
    fs::create_dir_all(bank.join("beginner")).unwrap();
    let good = "tests/good_bank/questions/beginner/what-is-a-queue.md";
    fs::copy(good, bank.join("beginner/one.md")).unwrap();
    fs::copy("tests/good_bank/topics.toml", bank.join("topics.toml")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_hangs_while_the_bot_runs_holds_nothing_but_the_reading() {
    let stage = Stage::for_processes().await;
    let bank = stage.folder.path().join("bank");
    good_bank(&bank);
    let served = Served::start(&stage, stage.command().env("WHETSTONE_BANK_EXTRA", &bank)).await;
    let Some(hung) = Hung::over(&bank.join("beginner")) else { return };
    for _ in 0..8 {
        served.bot.signal("HUP");
        assert_eq!(served.page("livez").await.0, 200);
        assert!(stage.ask(stage.ada, "topics", &[]).await.contains("questions"));
    }
    let (status, took) = served.bot.terminate().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status}, it took {took:?}");
    // What is in the stage's folder is removed with it.
    drop(hung);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_hangs_at_the_start_is_named_and_sigterm_is_heard_meanwhile() {
    let stage = Stage::for_processes().await;
    let place = stage.folder.path().join("mount");
    fs::create_dir(&place).unwrap();
    let Some(hung) = Hung::over(&place) else { return };
    let start = |name: &str| {
        let mut command = stage.command();
        let log = stage.folder.path().join(name);
        Process::start(command.env("WHETSTONE_BANK_EXTRA", &place), &log)
    };
    let (mut waits, told_to_stop) = (start("waits"), start("told to stop"));
    // It listens to signals from when it logs.
    let listening = || std::fs::read_to_string(format!("/proc/{}/status", told_to_stop.id()));
    eventually("it catches SIGTERM", || {
        let status = listening().unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap();
        u64::from_str_radix(caught, 16).unwrap() & (1 << 14) != 0
    })
    .await;
    let (status, took) = told_to_stop.terminate().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status}, it took {took:?}");

    let config = place.join("whetstone.toml");
    let told = fails(&mut whetstone(&["health", "--config", config.to_str().unwrap()]));
    assert!(
        told.contains("whetstone.toml") && told.contains("has not answered for 10 s"),
        "{told}"
    );
    assert_eq!(waits.ended(Duration::from_secs(60)).await.code(), Some(1));
    let told = waits.log();
    let words = format!("{} has not answered for 30 s", place.display());
    assert!(told.contains(&words) && told.contains("a network mount that hangs"), "{told}");
    // What is in the stage's folder is removed with it.
    drop(hung);
    stage.finish().await;
}
