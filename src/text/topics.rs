//! The words of `/topics`.

use super::Words;

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "The topics and levels, with how many questions each has"),
    ("help", "topics and levels, with how many questions each has"),
];
