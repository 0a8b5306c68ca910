//! Who sees little, or uses no pointer, can use it, too: axe-core finds nothing serious on any page,
//! in light and dark, on a laptop and on a phone.

use super::support::{LAPTOP, PHONE, Stage, stage};
use thirtyfour::prelude::*;

/// Looks at the page as it is in both colours and sizes.
async fn looked_at(stage: &Stage, what: &str) {
    for size in [LAPTOP, PHONE] {
        stage.size(size).await;
        for dark in [false, true] {
            stage.dark(dark).await;
            let colours = if dark { "dark" } else { "light" };
            stage.is_accessible(&format!("{what}, {colours}, {} wide", size.0)).await;
        }
    }
    stage.size(LAPTOP).await;
    stage.dark(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_has_no_serious_fault() {
    let stage = stage!();
    stage.say("**Hello** @Bruno, ||a secret|| `code` https://example.com <t:1700000000:R>").await;
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    looked_at(&stage, "the channel").await;

    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    looked_at(&stage, "the form").await;
    stage.keys("Mine.").await;
    stage.press("Submit").await;
    stage.sees("Model answer").await;
    looked_at(&stage, "an answer").await;

    stage.click(By::Css(".thread-link")).await;
    stage.until_js("!document.querySelector('#thread').hidden").await;
    looked_at(&stage, "a thread").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_panels_have_no_serious_fault() {
    let stage = stage!();
    stage.find(By::Id("main-box")).await.send_keys("/").await.unwrap();
    stage.until_js("document.querySelector('#main-composer [aria-selected=true]')").await;
    looked_at(&stage, "the list of commands").await;
    stage.find(By::Id("main-box")).await.send_keys("question adv").await.unwrap();
    stage.keys(Key::Enter).await;
    stage.sees("Only questions of this topic").await;
    looked_at(&stage, "a command's options").await;
    // The list closes first, then the command.
    stage.keys(Key::Escape + Key::Escape).await;
    stage.find(By::Id("main-box")).await;
    for (tool, title) in [
        ("Pins", "Pinned messages"),
        ("Time", "Let a month pass"),
        ("Trouble", "End all trouble"),
        ("Inspector", "That contains"),
    ] {
        stage.press(tool).await;
        stage.sees(title).await;
        looked_at(&stage, tool).await;
    }
    stage.press("Trouble").await;
    stage.press("Kill the bot").await;
    stage.sees("Trouble: the bot is stopped").await;
    stage.command("topics").await;
    stage.sees("The application did not respond").await;
    looked_at(&stage, "trouble").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banks_page_has_no_serious_fault() {
    let folder = super::authoring::folder();
    let stage = stage!(vec![folder.path().to_owned()]);
    stage.visit("/bank").await;
    super::authoring::write(folder.path(), "beginner/broken.md", "no front matter");
    stage.sees("Files with faults").await;
    // Two or three are as good as all, and axe-core looks at each element.
    stage.find(By::Id("text")).await.send_keys("queue backpressure").await.unwrap();
    stage.sees("The model answer").await;
    stage.eval("document.querySelectorAll('details').forEach((box, place) => { box.open = place < 4; })").await;
    looked_at(&stage, "the bank").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_stays_in_a_form_and_comes_back() {
    let stage = stage!();
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    for _ in 0..8 {
        stage.keys(Key::Tab).await;
        let outside = "!document.querySelector('dialog').contains(document.activeElement) && document.activeElement !== document.body";
        assert_eq!(stage.eval(&format!("return {outside}")).await, false);
    }
    stage.keys(Key::Escape).await;
    stage.until_js("document.activeElement.textContent === 'Answer'").await;
    stage.close().await;
}
