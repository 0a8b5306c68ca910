//! The playground's page in a real browser: headless Chromium, driven over WebDriver, as people
//! use it. Where Chromium or its driver are missing the tests say that they are skipped; in CI,
//! where nothing may be skipped, they fail.

mod access;
mod authoring;
mod hostile;
mod keyboard;
mod markdown;
mod network;
mod people;
mod pictures;
mod story;
mod support;
mod time;
mod trouble;
