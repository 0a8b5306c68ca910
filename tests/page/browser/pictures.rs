//! Pictures of the page as it is, for people to look at: in target/pictures, and in docs/ where
//! `WHETSTONE_PICTURES=docs` asks for new ones.

use super::support::{LAPTOP, PHONE, Stage, stage};
use std::path::Path;
use thirtyfour::prelude::*;

async fn taken(stage: &Stage, name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root
        .join(std::env::var("WHETSTONE_PICTURES").unwrap_or_else(|_| "target/pictures".to_owned()));
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = stage.driver.screenshot_as_png().await.unwrap();
    // A PNG's header holds its size, big-endian.
    let size = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let wanted = stage.eval("return [innerWidth, innerHeight]").await;
    assert_eq!(serde_json::json!([size(16), size(20)]), wanted);
    std::fs::write(folder.join(name), bytes).unwrap();
}

/// Whether anything of the page is wider than the window.
const TOO_WIDE: &str = "return document.documentElement.scrollWidth > innerWidth";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_at_both_widths_and_in_both_colours() {
    let stage = stage!();
    stage.say("Morning! Who is in?").await;
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    stage.keys("Each request carries what is needed; **state** goes into a store.").await;
    stage.press("Submit").await;
    stage.sees("You are in.").await;
    stage.eval("document.querySelector('#messages').scrollTop = 150").await;
    for (size, name) in [(LAPTOP, "1280"), (PHONE, "390")] {
        stage.size(size).await;
        for (dark, colours) in [(false, "light"), (true, "dark")] {
            stage.dark(dark).await;
            assert_eq!(stage.eval(TOO_WIDE).await, false);
            taken(&stage, &format!("playground-{name}-{colours}.png")).await;
        }
    }
    stage.size(LAPTOP).await;
    for panel in ["Time", "Trouble", "Inspector"] {
        stage.press(panel).await;
        stage.until_js("document.querySelector('#panel-body').children.length > 0").await;
        taken(&stage, &format!("panel-{}.png", panel.to_lowercase())).await;
    }
    stage.visit("/bank").await;
    stage.sees("The model answer").await;
    for (size, name) in [(LAPTOP, "1280"), (PHONE, "390")] {
        stage.size(size).await;
        assert_eq!(stage.eval(TOO_WIDE).await, false);
        taken(&stage, &format!("bank-{name}.png")).await;
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_the_drawer_opens_and_closes() {
    let stage = stage!();
    stage.size(PHONE).await;
    stage.click(By::Id("open-menu")).await;
    stage.sees("Who am I?").await;
    stage.become_person("Bruno").await;
    stage.keys(Key::Escape).await;
    stage.until_js("!document.body.classList.contains('menu')").await;
    stage.sees("You are Bruno").await;
    stage.click(By::Css(".thread-link")).await;
    stage.until_js("document.querySelector('#thread').getBoundingClientRect().width === 390").await;
    stage.close().await;
}
