//! What whoever runs the bot relies on: the pages that it serves, `whetstone health` and the doctor,
//! and the files in docs/operating/, held against a bot that runs as a process of its own.

mod doctor;
mod files;
mod freeze;
mod pages;
mod tools;

use crate::support::{self, Stage, eventually, process::Process};
use std::time::Duration;

/// How long a page may take, whatever is wrong with the bot.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// A bot that serves its pages, on a port that the system has chosen.
struct Served {
    bot: Process,
    address: String,
}

impl Served {
    /// Starts it with what `command` adds.
    async fn start(stage: &Stage, command: &mut std::process::Command) -> Self {
        command.env("WHETSTONE_OPS_LISTEN", "127.0.0.1:0");
        let bot = Process::start(command, &stage.folder.path().join("log"));
        stage.online().await;
        eventually("it says where it serves", || address(&bot.log()).is_some()).await;
        let address = address(&bot.log()).unwrap();
        Self { bot, address }
    }

    /// A page: its status and its text.
    async fn page(&self, name: &str) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build().unwrap();
        let url = format!("http://{}/{name}", self.address);
        let answer = client.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Waits until a page says this.
    async fn says(&self, name: &str, status: u16, words: &str) {
        let mut last = (0, String::new());
        for _ in 0..1200 {
            last = self.page(name).await;
            if last.0 == status && last.1.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("in vain: /{name} says {status} and {words}, not {last:?}");
    }
}

/// The address in the log of a bot that serves its pages.
fn address(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("serving /livez"))?;
    let (_, address) = line.split_once("address=")?;
    Some(address.trim().to_owned())
}
