//! A playground and a browser that looks at it.

mod chromium;

pub use chromium::Chromium;

use chromium::axe;
use discord_sim::Clock;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use thirtyfour::{WindowHandle, prelude::*};
use whetstone::playground::{Options, Playground};

/// A Thursday, 14:05 in Berlin.
const START: &str = "2026-11-12T13:05:00Z";

/// How long anything may take to show before a test gives up; no test depends on how fast it is.
const PATIENCE: Duration = Duration::from_secs(60);

/// The sizes at which the page is looked at: a laptop's and a phone's.
pub const LAPTOP: (u32, u32) = (1280, 800);
pub const PHONE: (u32, u32) = (390, 844);

/// Gives a stage, or says that the test is skipped and returns from it.
macro_rules! stage {
    () => {
        stage!(Vec::new())
    };
    ($bank:expr) => {
        match crate::browser::support::Stage::open($bank).await {
            Some(stage) => stage,
            None => return,
        }
    };
}
pub(crate) use stage;

/// A running playground with a window on it.
pub struct Stage {
    pub playground: Playground,
    pub driver: WebDriver,
    chromium: Chromium,
}

impl Stage {
    /// Opens the page; nothing where there is no Chromium.
    pub async fn open(bank: Vec<PathBuf>) -> Option<Self> {
        let chromium = Chromium::start()?;
        let options = Options { address: "127.0.0.1:0".parse().unwrap(), keep: None, bank };
        let clock = Clock::frozen(START.parse().unwrap());
        let playground = Playground::start_at(options, clock, "Europe/Berlin").await.unwrap();
        let driver = chromium.driver().await;
        let stage = Self { playground, driver, chromium };
        stage.size(LAPTOP).await;
        stage.visit("/").await;
        stage.sees("open until the next question").await;
        Some(stage)
    }

    /// Ends it all; what the page has complained about in its console fails the test.
    pub async fn close(self) {
        let complaints = self.driver.browser_log().await.unwrap();
        let complaints: Vec<_> = complaints
            .into_iter()
            .map(|entry| entry.message)
            .filter(|text| is_fault(text))
            .collect();
        assert_eq!(complaints, Vec::<String>::new());
        self.driver.quit().await.unwrap();
        drop(self.chromium);
        self.playground.stop().await.unwrap();
    }

    /// Goes to a page of the playground.
    pub async fn visit(&self, path: &str) {
        let url = format!("http://{}{path}", self.playground.address);
        self.driver.goto(url).await.unwrap();
    }

    /// Lets requests for addresses like these fail, or none.
    pub async fn block(&self, urls: &[&str]) {
        let cdp = self.driver.cdp();
        cdp.send_raw("Network.enable", json!({})).await.unwrap();
        cdp.send_raw("Network.setBlockedURLs", json!({ "urls": urls })).await.unwrap();
    }

    /// Sets the size of what is seen, in CSS pixels.
    pub async fn size(&self, (width, height): (u32, u32)) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    }

    /// Makes the system prefer dark or light.
    pub async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", feature).await.unwrap();
    }

    /// Runs a function body in the page.
    pub async fn eval(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// All that can be seen.
    pub async fn text(&self) -> String {
        self.eval("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Waits until something holds.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            assert!(
                begun.elapsed() < PATIENCE,
                "not so: {what}\n--- the page:\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until a text can be seen.
    pub async fn sees(&self, text: &str) {
        self.until(&format!("“{text}” is seen"), async || self.text().await.contains(text)).await;
    }

    /// Waits until a text can be seen no more.
    pub async fn sees_no_more(&self, text: &str) {
        let gone = async || !self.text().await.contains(text);
        self.until(&format!("“{text}” is gone"), gone).await;
    }

    /// Waits until a condition in the page's own language holds.
    pub async fn until_js(&self, condition: &str) {
        let script = format!("return Boolean({condition})");
        self.until(condition, async || self.eval(&script).await == true).await;
    }

    /// The last element of these that is displayed, once there is one.
    pub async fn find(&self, by: By) -> WebElement {
        let begun = Instant::now();
        loop {
            let all = self.driver.find_all(by.clone()).await.unwrap();
            for one in all.into_iter().rev() {
                // It may have been drawn anew meanwhile.
                if one.is_displayed().await.unwrap_or(false) {
                    return one;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "no {by:?}\n--- the page:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Clicks on the last that is displayed of these; if it is drawn anew meanwhile, on the new one.
    pub async fn click(&self, by: By) {
        for _ in 0..5 {
            if self.find(by.clone()).await.click().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.find(by).await.click().await.unwrap();
    }

    /// Presses the newest button with this label.
    pub async fn press(&self, label: &str) {
        self.click(button(label)).await;
    }

    /// Types into whatever has the focus.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// Says something in the channel.
    pub async fn say(&self, text: &str) {
        self.find(By::Id("main-box")).await.send_keys(text.to_owned() + Key::Enter).await.unwrap();
    }

    /// Uses a slash command that needs no options.
    pub async fn command(&self, name: &str) {
        self.find(By::Id("main-box")).await.send_keys(format!("/{name}")).await.unwrap();
        self.until_js("document.querySelector('#main-composer [aria-selected=true]')").await;
        self.keys(Key::Enter + Key::Enter).await;
    }

    /// Becomes one of the people.
    pub async fn become_person(&self, name: &str) {
        let label = format!(
            "//label[.//*[contains(@class,'name') and starts-with(normalize-space(.),'{name}')]]"
        );
        self.click(By::XPath(label)).await;
        self.until_js(&format!(
            "document.getElementById('viewer-chip').textContent.includes('{name}')"
        ))
        .await;
    }

    /// Opens a window of its own on the page and goes into it.
    pub async fn second_window(&self) -> (WindowHandle, WindowHandle) {
        let first = self.driver.window().await.unwrap();
        let second = self.driver.new_window().await.unwrap();
        self.driver.switch_to_window(second.clone()).await.unwrap();
        self.size(LAPTOP).await;
        self.visit("/").await;
        self.sees("open until the next question").await;
        (first, second)
    }

    /// Checks what is seen with axe-core; serious and critical faults fail the test. Gives false
    /// where axe-core is missing.
    pub async fn is_accessible(&self, what: &str) -> bool {
        let Some(source) = axe() else { return false };
        let found = self.eval(&format!("{source}; return axe.run(document, {{ resultTypes: ['violations'] }}).then(({{ violations, passes }}) => ({{ violations, passed: passes.length }}))")).await;
        assert!(found["passed"].as_u64().unwrap() > 5, "{what}: axe-core looked at nothing");
        let grave =
            |fault: &&Value| matches!(fault["impact"].as_str(), Some("serious" | "critical"));
        let faults: Vec<_> =
            found["violations"].as_array().unwrap().iter().filter(grave).map(in_short).collect();
        assert!(faults.is_empty(), "{what}: {faults:#?}");
        true
    }
}

/// A button by its label, or a link that looks like one.
pub fn button(label: &str) -> By {
    By::XPath(format!("//*[self::button or self::a][normalize-space(.)=\"{label}\"]"))
}

/// What axe-core found in one line: the rule, where, and what would mend it.
fn in_short(fault: &Value) -> String {
    let node = &fault["nodes"][0];
    format!("{} {} {} {}", fault["impact"], fault["id"], node["target"], node["failureSummary"])
}

/// Whether a line of the browser's console tells of a fault of the page. That requests fail while
/// a bot or a playground is stopped on purpose is none.
fn is_fault(text: &str) -> bool {
    !text.contains("Failed to load resource") && !text.contains("WebSocket connection")
}
