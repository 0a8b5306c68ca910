//! The rules of `domain/` tried on random histories, each against an oracle that reaches the same
//! answer by another and plainer way.

mod board;
mod deck;
mod ledger;
mod schedule;
mod streak;
