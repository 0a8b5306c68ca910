//! Writing questions: the bank's page follows the folder, and shows faults where they are.

use super::support::stage;
use std::{fs, path::Path};
use tempfile::TempDir;
use thirtyfour::prelude::*;

/// A folder of questions with one good one.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "beginner/what-is-a-queue.md", &good());
    folder
}

fn good() -> String {
    let text = fs::read_to_string("tests/good_bank/questions/beginner/what-is-a-queue.md").unwrap();
    text.replace("\"queues\", ", "")
}

/// Writes a question's file.
pub fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join("questions").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_file_shows_at_once_and_a_broken_one_with_its_fault() {
    let folder = folder();
    let stage = stage!(vec![folder.path().to_owned()]);
    stage.visit("/bank").await;
    stage.sees("Watching").await;
    stage.find(By::Id("text")).await.send_keys("what-is-a-queue").await.unwrap();
    stage.sees("1 question of").await;
    stage.sees("beginner/what-is-a-queue.md").await;

    // A new title is there without a reload.
    write(
        folder.path(),
        "beginner/what-is-a-queue.md",
        &good().replace("What is a queue?", "What is a queue for?"),
    );
    stage.sees("What is a queue for?").await;

    // A broken file stays as it was, with the fault and its place beside it.
    write(folder.path(), "beginner/what-is-a-queue.md", &good().replace("hint =", "hnt ="));
    stage.sees("1 file with faults").await;
    stage
        .until_js("/`?hnt`?/.test(document.querySelector('.question.faulty .faults').innerText)")
        .await;
    stage.sees("What is a queue for?").await;
    stage.click(By::Id("faulty")).await;
    stage.sees("1 question of").await;

    // One that never was good is named by its path; mended, it joins the others.
    write(folder.path(), "advanced/new.md", "no front matter");
    stage.until_js("document.querySelector('#fault-list').innerText.includes('new.md')").await;
    write(
        folder.path(),
        "advanced/new.md",
        &good().replace("What is a queue?", "What is a queue splendid for?"),
    );
    write(folder.path(), "beginner/what-is-a-queue.md", &good());
    stage.until_js("document.querySelector('#faults').hidden").await;
    stage.click(By::Id("faulty")).await;
    let text = stage.find(By::Id("text")).await;
    text.clear().await.unwrap();
    text.send_keys("splendid").await.unwrap();
    stage.sees("What is a queue splendid for?").await;

    // The bot asks it, too.
    stage.visit("/").await;
    stage.sees("open until the next question").await;
    stage.find(By::Id("main-box")).await.send_keys("/question show").await.unwrap();
    stage.keys(Key::Enter + "splendid").await;
    stage.until_js("document.querySelector('#main-composer [aria-selected=true] b')?.textContent === 'What is a queue splendid for?'").await;
    stage.keys(Key::Enter + Key::Enter).await;
    stage
        .until_js(
            "document.querySelector('#messages').innerText.includes('What is a queue splendid for?')",
        )
        .await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_before_the_bank_is_there_counts_once_it_is() {
    let folder = folder();
    let stage = stage!(vec![folder.path().to_owned()]);
    stage.block(&["*/api/bank"]).await;
    stage.visit("/bank").await;
    stage.sees("The playground does not answer.").await;
    stage.find(By::Id("text")).await.send_keys("what-is-a-queue").await.unwrap();
    stage.block(&[]).await;
    write(
        folder.path(),
        "beginner/what-is-a-queue.md",
        &good().replace("What is a queue?", "What is a queue for?"),
    );
    stage.sees("1 question of").await;
    stage.sees("What is a queue for?").await;
    stage.sees_no_more("The playground does not answer.").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_is_filtered_by_level_topic_and_text() {
    let stage = stage!();
    stage.visit("/bank").await;
    stage.until_js("document.querySelectorAll('.question').length >= 50").await;
    let shown = "document.querySelectorAll('.question').length";
    let all = stage.eval(&format!("return {shown}")).await.as_u64().unwrap();
    stage.find(By::Id("level")).await.send_keys("advanced").await.unwrap();
    stage.until_js(&format!("{shown} > 0 && {shown} < {all}")).await;
    let advanced = stage.eval(&format!("return {shown}")).await.as_u64().unwrap();
    stage.find(By::Id("topic")).await.send_keys("Caching").await.unwrap();
    stage.until_js(&format!("{shown} > 0 && {shown} < {advanced}")).await;
    let about = "return [...document.querySelectorAll('.question .small:first-of-type')].every((line) => /^advanced · .*Caching/.test(line.textContent))";
    assert_eq!(stage.eval(about).await, true);
    stage.find(By::Id("text")).await.send_keys("zzzz").await.unwrap();
    stage.sees(&format!("0 questions of {all}")).await;
    stage.close().await;
}
