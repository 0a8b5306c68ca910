//! Parts of the library on their own: the rules, the bank, and what reads from outside.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bank_check;
mod domain_properties;
mod fuzz_corpus;
