//! The bank as its page shows it, and folders of questions that are read again when they change.

use super::{
    page::{Page, json_of},
    stream::Stream,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use whetstone::bank::Bank;

const GOOD: &str = "tests/good_bank";
const QUEUE: &str = "beginner/what-is-a-queue.md";

/// A folder with the topics and one question of the good bank.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    folder
}

fn fill(folder: &Path) {
    fs::create_dir_all(folder.join("beginner")).unwrap();
    fs::copy(format!("{GOOD}/topics.toml"), folder.join("topics.toml")).unwrap();
    fs::copy(format!("{GOOD}/questions/{QUEUE}"), folder.join(QUEUE)).unwrap();
}

fn good(title: &str) -> String {
    let text = fs::read_to_string(format!("{GOOD}/questions/{QUEUE}")).unwrap();
    text.replace("What is a queue?", title)
}

async fn bank(page: &Page) -> Value {
    json_of(page.get("/api/bank").await).await
}

fn question<'a>(bank: &'a Value, id: &str) -> &'a Value {
    let found = bank["questions"].as_array().unwrap().iter().find(|one| one["id"] == id);
    found.unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_shown_as_the_bot_would_show_it() {
    let page = Page::open().await;
    let shown = bank(&page).await;
    let builtin = Bank::builtin().unwrap();
    assert_eq!(shown["questions"].as_array().unwrap().len(), builtin.len());
    assert_eq!(shown["topics"].as_array().unwrap().len(), builtin.topics().len());
    assert_eq!(
        (&shown["watched"], &shown["read"], &shown["faults"]),
        (&json!([]), &json!(1), &json!([]))
    );
    let first = builtin.iter().next().unwrap();
    let one = question(&shown, first.id.as_str());
    assert_eq!((&one["source"], &one["title"]), (&json!("built-in"), &json!(first.title)));
    assert_eq!(one["level"], first.level.as_str());
    assert_eq!(one["faults"], json!([]));
    for word in [&first.title, &first.hint, &first.quiz.why, &first.sources[0].name] {
        assert!(one["search"].as_str().unwrap().contains(&word.to_lowercase()), "{word}");
    }
    // Its practice messages are what the bot answers, as far as Discord gives back what it was sent.
    let ask = json!({ "id": first.id.as_str(), "private": true });
    let practice = page.command(&page.ada, "question show", ask).await;
    let practice = &practice["message"];
    for (label, card) in [("Hint", "hint"), ("Reveal", "answer")] {
        let buttons = practice["components"][0]["components"].as_array().unwrap();
        let id = &buttons.iter().find(|button| button["label"] == label).unwrap()["custom_id"];
        let click = json!({ "message": practice["id"], "custom_id": id });
        let answer = page.act(&page.ada, "click", click).await;
        for part in ["title", "description", "color", "fields"] {
            let sent = &one["cards"][card]["embeds"][0][part];
            assert_eq!(answer["message"]["embeds"][0][part], *sent, "{card} {part}");
        }
    }
    let labels = |card: &str| -> Vec<String> {
        let row = &one["cards"][card]["components"][0]["components"];
        row.as_array().unwrap().iter().map(|b| b["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels("round"), ["Answer", "Quiz", "Hint", "Reveal"]);
    assert_eq!(labels("quiz"), ["A", "B", "C", "D"]);
    assert_eq!(one["cards"]["quiz_answer"]["content"], "**Right!**");
    assert_eq!(one["cards"]["quiz_answer"]["components"], json!([]));
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_leaves_the_bank_as_it_was_until_it_is_mended() {
    let folder = folder();
    let path = folder.path().join(QUEUE);
    let page = Page::open_with(None, vec![folder.path().to_owned()]).await;
    let before = bank(&page).await;
    assert_eq!(before["watched"], json!([folder.path()]));
    assert_eq!(question(&before, "what-is-a-queue")["source"], json!(path));
    let mut stream = Stream::open(&page).await;

    // One broken beside the version that was good, and one that never was.
    fs::write(&path, good("What is a queue?").replace("hint =", "hnit =")).unwrap();
    let noticed = |bank: &Value| question(bank, "what-is-a-queue")["faults"] != json!([]);
    until(&page, &mut stream, noticed).await;
    fs::write(folder.path().join("beginner/new.md"), "no front matter").unwrap();
    let broken = until(&page, &mut stream, |bank| bank["faults"] != json!([])).await;
    assert!(broken["read"].as_u64() > before["read"].as_u64());
    let queue = question(&broken, "what-is-a-queue");
    assert_eq!(queue["title"], "What is a queue?");
    let faults = queue["faults"].as_array().unwrap();
    let messages: Vec<&Value> = faults.iter().map(|fault| &fault["message"]).collect();
    assert_eq!(messages, ["`hint` is missing", "unknown key `hnit`"]);
    let text = faults[1]["text"].as_str().unwrap();
    assert!(text.contains("did you mean `hint`?") && text.contains("hnit = "), "{text}");
    assert_eq!((&faults[1]["line"], &faults[1]["column"]), (&json!(4), &json!(1)));
    assert_eq!(faults[1]["hint"], "did you mean `hint`?");
    assert_eq!(broken["faults"][0]["path"], json!(folder.path().join("beginner/new.md")));
    let state = page.state("").await;
    assert_eq!(state["bank"]["faults"], 3);
    assert_eq!(state["bank"]["questions"], before["questions"].as_array().unwrap().len());
    // The bot still has the good one.
    let show = json!({ "id": "what-is-a-queue" });
    assert_eq!(page.command(&page.ada, "question show", show).await["type"], "message");

    // Mended as editors do it: written beside the file, then put in its place.
    fs::remove_file(folder.path().join("beginner/new.md")).unwrap();
    let beside = folder.path().join("beginner/.what-is-a-queue.md.tmp");
    fs::write(&beside, good("What is a queue, after all?")).unwrap();
    fs::rename(&beside, &path).unwrap();
    let mended = until(&page, &mut stream, |bank| {
        question(bank, "what-is-a-queue")["title"] == "What is a queue, after all?"
    })
    .await;
    assert_eq!(question(&mended, "what-is-a-queue")["faults"], json!([]));
    assert_eq!(mended["faults"], json!([]));
    assert_eq!(page.state("").await["bank"]["faults"], 0);
    page.playground.stop().await.unwrap();
}

/// Waits for readings of the bank until one is as wanted.
async fn until(page: &Page, stream: &mut Stream, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let bank = bank(page).await;
        if wanted(&bank) {
            return bank;
        }
        stream.hear("bank").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_come_and_go() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("deep/bank");
    fill(&folder);
    let page = Page::open_with(None, vec![folder.clone()]).await;
    let mut stream = Stream::open(&page).await;
    let has = |id: &'static str| move |bank: &Value| !question(bank, id).is_null();
    assert!(has("what-is-a-queue")(&bank(&page).await));

    // A new name is a new id.
    fs::rename(folder.join(QUEUE), folder.join("beginner/queues.md")).unwrap();
    let renamed = until(&page, &mut stream, has("queues")).await;
    assert!(!has("what-is-a-queue")(&renamed));
    fs::remove_file(folder.join("beginner/queues.md")).unwrap();
    until(&page, &mut stream, |bank| !has("queues")(bank)).await;
    // A folder of its own for a level that had none.
    fs::create_dir(folder.join("advanced")).unwrap();
    fs::write(folder.join("advanced/late.md"), good("Late?")).unwrap();
    until(&page, &mut stream, has("late")).await;

    // All of it goes, which leaves the bank as it was, and comes back as another.
    fs::remove_dir_all(above.path().join("deep")).unwrap();
    let gone = |bank: &Value| bank["faults"].to_string().contains("cannot read this");
    let gone = until(&page, &mut stream, gone).await;
    assert!(has("late")(&gone));
    fill(&folder);
    let back = until(&page, &mut stream, has("what-is-a-queue")).await;
    assert!(!has("late")(&back) && back["faults"] == json!([]), "{}", back["faults"]);
    // And is watched again.
    fs::write(folder.join(QUEUE), good("Back?")).unwrap();
    let asks = |bank: &Value| question(bank, "what-is-a-queue")["title"] == "Back?";
    until(&page, &mut stream, asks).await;
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_folders_is_no_change_of_them() {
    let folder = folder();
    let page = Page::open_with(None, vec![folder.path().to_owned()]).await;
    let mut stream = Stream::open(&page).await;
    fs::write(folder.path().join(QUEUE), good("Changed?")).unwrap();
    let changed = |bank: &Value| question(bank, "what-is-a-queue")["title"] == "Changed?";
    until(&page, &mut stream, changed).await;
    // One save is several events, and each may lead to a reading. Were a reading one as well, this
    // would never come to rest.
    let read = async || page.state("").await["bank"]["read"].as_u64().unwrap();
    let (begun, mut last, mut at_rest) = (Instant::now(), read().await, 0);
    while at_rest < 50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = read().await;
        at_rest = if now == last { at_rest + 1 } else { 0 };
        last = now;
        assert!(begun.elapsed() < Duration::from_secs(60), "it was read {last} times");
    }
    page.playground.stop().await.unwrap();
}
