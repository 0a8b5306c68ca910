//! Several people: two windows as two of them, what only one may see, and direct messages.

use super::support::{button, stage};
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_are_two_people_live_at_once() {
    let stage = stage!();
    let (ada, bruno) = stage.second_window().await;
    stage.become_person("Bruno").await;

    // Ada's hint is for Ada.
    stage.driver.switch_to_window(ada.clone()).await.unwrap();
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    stage.driver.switch_to_window(bruno.clone()).await.unwrap();
    stage.say("Good morning, @Ada!").await;
    stage.sees("Good morning, @Ada!").await;
    assert!(!stage.text().await.contains("Only you can see this"));

    // What Bruno says is there without her asking, and marked, for it names her.
    stage.driver.switch_to_window(ada).await.unwrap();
    stage.sees("Good morning, @Ada!").await;
    stage.until_js("document.querySelector('.message.named')").await;
    stage.until_js("document.querySelector('#viewer-chip').textContent.includes('Ada')").await;
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    stage.keys("Mine.").await;
    stage.press("Submit").await;
    stage.sees("You are in.").await;

    stage.driver.switch_to_window(bruno).await.unwrap();
    stage.sees("1 person has taken part.").await;
    let seen = stage.text().await;
    assert!(!seen.contains("You are in.") && !seen.contains("Model answer"), "{seen}");
    assert_eq!(stage.eval("return document.querySelectorAll('.message.named').length").await, 0);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_for_moderators_are_shown_to_the_moderator() {
    let stage = stage!();
    stage.find(By::Id("main-box")).await.send_keys("/daily").await.unwrap();
    stage.until_js("document.querySelectorAll('#main-composer [role=option]').length === 0").await;
    stage.become_person("Mona").await;
    stage.find(By::Id("main-box")).await.send_keys("/daily").await.unwrap();
    stage.until_js("document.querySelectorAll('#main-composer [role=option]').length >= 10").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_can_be_written_to_directly() {
    let stage = stage!();
    stage.click(By::Id("go-direct")).await;
    stage.sees("Your direct messages with the bot.").await;
    stage.command("help").await;
    stage.sees("/question").await;
    // Another person's are others.
    stage.say("Are you there?").await;
    stage.sees("Are you there?").await;
    stage.become_person("Chen").await;
    stage.sees_no_more("Are you there?").await;
    stage.until_js("document.title.startsWith('@Whetstone')").await;
    stage.click(By::Id("go-guild")).await;
    stage.sees("Welcome to #questions").await;
    stage.find(button("Hint")).await;
    stage.close().await;
}
