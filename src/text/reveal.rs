//! The words of `/reveal`.

use super::Words;

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "The model answer, for you alone; of the open round if none is named"),
    ("help", "the model answer, for you alone; of the open round if you name no question"),
    ("question", "The question"),
];
