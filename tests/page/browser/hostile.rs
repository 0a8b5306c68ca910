//! Text from members and from the bank is never markup, wherever it shows.

use super::support::{Stage, stage};
use thirtyfour::prelude::*;

/// Would run a script, were it taken for HTML.
const HOSTILE: &str = "<img src=x onerror=\"window.ran=1\"><svg onload=\"window.ran=2\"></svg><script>window.ran=3</script>";

/// Nothing of a hostile text has become an element, or has run.
async fn is_unharmed(stage: &Stage) {
    let made = "return document.querySelectorAll('img[src=x], svg, script:not([type=module]), [onerror], [onload], iframe').length";
    assert_eq!(stage.eval(made).await, 0);
    assert_eq!(stage.eval("return window.ran ?? null").await, serde_json::Value::Null);
}

/// A question as hostile as the bank's reader lets one be: it refuses HTML where Markdown is read, so
/// there the text stands as code.
fn folder() -> tempfile::TempDir {
    let folder = super::authoring::folder();
    let short = "<img src=x onerror=window.ran=4>";
    let text = format!(
        r#"+++
title = "{short} hostile?"
topics = ["security"]
hint = "Think of `{short}`."
key_points = ["{short} a", "{short} b", "{short} c"]
sources = ["{short}"]

[quiz]
ask = "{short}?"
right = "{short} 1"
wrong = ["{short} 2", "{short} 3", "{short} 4"]
why = "Because of `{short}`."
+++
Text `{short}` and **more**.

```html
{HOSTILE}
```
"#
    );
    super::authoring::write(folder.path(), "beginner/hostile.md", &text);
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_names_and_answers_are_text() {
    let stage = stage!();
    let (sim, guild) = (stage.playground.sim(), stage.playground.guild());
    let mallory = sim.add_user("mallory", HOSTILE);
    sim.add_member(guild, mallory, &[]);
    let channel =
        sim.channels().into_iter().find(|channel| channel.name == "questions").unwrap().id;
    sim.user(mallory).say(channel, HOSTILE).unwrap();
    stage.until_js("document.querySelector('#people-list').innerText.includes('<img src=x')").await;
    stage
        .until_js("document.querySelector('#messages').innerText.includes('<script>window.ran=3')")
        .await;
    is_unharmed(&stage).await;

    stage.say(&format!("**{HOSTILE}** [x](javascript:window.ran=5) ||{HOSTILE}||")).await;
    stage.click(By::Css(".spoiler")).await;
    stage.until_js("document.querySelectorAll('.spoiler.shown').length === 1").await;
    assert_eq!(
        stage.eval("return document.querySelectorAll('[href^=javascript]').length").await,
        0
    );
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    stage.keys(HOSTILE).await;
    stage.press("Submit").await;
    stage.sees("You are in.").await;
    stage.press("Share in thread").await;
    stage.sees("1 message ›").await;
    stage.click(By::Css(".thread-link")).await;
    stage
        .until_js("document.querySelector('#thread-messages').innerText.includes('<script>')")
        .await;
    stage.press("Inspector").await;
    stage.sees("POST /channels").await;
    stage
        .eval(
            "document.querySelectorAll('.traffic details').forEach((box) => { box.open = true; })",
        )
        .await;
    stage.until_js("document.querySelector('.bodies pre')").await;
    is_unharmed(&stage).await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_text() {
    let folder = folder();
    let stage = stage!(vec![folder.path().to_owned()]);
    stage.find(By::Id("main-box")).await.send_keys("/question show").await.unwrap();
    stage.keys(Key::Enter + "hostile").await;
    stage.until_js("document.querySelector('#main-composer [role=option] b')?.textContent.includes('hostile?')").await;
    stage.keys(Key::Enter + Key::Enter).await;
    stage
        .until_js("[...document.querySelectorAll('.embed h3')].at(-1).innerText.includes('<img')")
        .await;
    for (button, shown) in [("Hint", "Think of <img"), ("Reveal", "☐ <img"), ("Quiz", "A · <img")]
    {
        stage.press(button).await;
        stage.sees(shown).await;
    }
    is_unharmed(&stage).await;

    stage.visit("/bank").await;
    stage.find(By::Id("text")).await.send_keys("hostile?").await.unwrap();
    stage.sees("1 question of").await;
    stage.eval("document.querySelectorAll('details').forEach((box) => { box.open = true; })").await;
    stage.until_js("document.querySelectorAll('.cards .embed').length > 3").await;
    super::authoring::write(folder.path(), "beginner/broken.md", HOSTILE);
    stage.sees("Files with faults").await;
    stage.until_js("document.querySelector('#fault-list').innerText.includes('broken.md')").await;
    is_unharmed(&stage).await;
    stage.close().await;
}
