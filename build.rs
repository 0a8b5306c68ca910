//! Makes a new file under content/ rebuild the crate: the compiler tracks the files that
//! `include_dir!` found, but not those that it would find now. And tells the program of which commit
//! it is.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's standard output")]

use std::{path::Path, process::Command};

/// The variable that names the commit, for builds without git: the image's, and those of packages.
const COMMIT: &str = "BUILD_COMMIT";

fn main() {
    println!("cargo::rerun-if-changed=content");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={COMMIT}");
    let given = std::env::var(COMMIT).ok().filter(|commit| !commit.trim().is_empty());
    // While it is worked on, a commit is no reason to build everything again.
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = given.or_else(|| if release { of_git() } else { None });
    println!("cargo::rustc-env={COMMIT}={}", commit.as_deref().map_or("unknown", str::trim));
}

/// The commit that is checked out, where this is a clone and git is there.
fn of_git() -> Option<String> {
    let moved = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&moved).exists() {
        println!("cargo::rerun-if-changed={moved}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
