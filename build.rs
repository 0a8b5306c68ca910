//! Makes a new file under content/ rebuild the crate: the compiler tracks the files that
//! `include_dir!` found, but not those that it would find now.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's standard output")]

fn main() {
    println!("cargo::rerun-if-changed=content");
}
