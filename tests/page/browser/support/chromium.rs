//! Headless Chromium with its driver, and axe-core.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use thirtyfour::{LoggingPrefsLogLevel, prelude::*};

/// Debian's chromium needs no sandbox as root, and is not to look for anybody on the network.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How often the driver is started anew where it finds no port.
const TRIES: usize = 5;

/// A driver of Chromium that runs. Dropping it ends it, with its browsers.
pub struct Chromium {
    driver: Child,
    port: u16,
    browser: PathBuf,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Chromium {
    /// Starts the driver; nothing where it or the browser is missing, which is said.
    pub fn start() -> Option<Self> {
        let browser =
            ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(program);
        let (Some(browser), Some(path)) = (browser, program("chromedriver")) else {
            skip("Chromium and chromedriver are not installed (Debian: chromium, chromium-driver)");
            return None;
        };
        // The port that it takes for IPv4 may be taken for IPv6; then it ends, and another is tried.
        let (driver, port) = (0..TRIES).find_map(|_| started(&path)).expect("chromedriver starts");
        Some(Self { driver, port, browser })
    }

    /// A window of a browser of its own.
    pub async fn driver(&self) -> WebDriver {
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(self.browser.to_str().unwrap()).unwrap();
        for argument in ARGUMENTS {
            wanted.add_arg(argument).unwrap();
        }
        for log in ["browser", "performance"] {
            wanted.set_logging_prefs(log, LoggingPrefsLogLevel::All).unwrap();
        }
        WebDriver::new(format!("http://127.0.0.1:{}", self.port), wanted).await.unwrap()
    }
}

/// Starts the driver on a free port, and reads which it is.
fn started(path: &Path) -> Option<(Child, u16)> {
    let mut command = Command::new(path);
    command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = command.spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        let (_, port) = line.split_once("was started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // What it says further must be read, or it waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?))
}

/// A program's place on the PATH.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Says that something is skipped, past the capture of a test's output. In CI nothing is skipped.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "nothing is skipped in CI, but {why}");
    let line = format!("skipped: a test in the browser, for {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The source of axe-core, where it is installed: `npm install --prefix target/axe axe-core`.
pub fn axe() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(file).ok();
    if source.is_none() {
        skip("axe-core is not installed (npm install --prefix target/axe axe-core)");
    }
    source
}
