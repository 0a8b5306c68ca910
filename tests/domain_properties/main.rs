//! The rules of `domain/` tried on random histories, each against an oracle that reaches the same
//! answer by another and plainer way.
#![allow(clippy::unwrap_used)]

mod board;
mod deck;
mod schedule;
mod streak;
