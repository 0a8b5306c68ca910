//! How long the texts of the bank may be. Discord's own limits stand behind most of these: a
//! message's embeds hold 6,000 characters in all, an embed's title 256, one of its fields 1,024
//! (<https://discord.com/developers/docs/resources/message#embed-object-embed-limits>).
//!
//! Lengths are counted in UTF-16 code units, as Discord's clients do. Its servers count
//! characters, of which there are never more, so a text within the limit fits either way.

use std::{ops::RangeInclusive, time::Duration};

/// A question's title: it becomes an embed's title (256) and the name of a thread, which holds
/// 100 (<https://discord.com/developers/docs/resources/channel#channel-object-channel-structure>).
pub const TITLE_MAX: usize = 100;

/// A hint: one or two sentences; more would be half an answer.
pub const HINT_MAX: usize = 300;

/// One key point: [`KEY_POINTS`] of them fit one embed field of 1,024 as a checklist.
pub const KEY_POINT_MAX: usize = 150;

/// How many key points a question has: fewer are no checklist, more are not read.
pub const KEY_POINTS: RangeInclusive<usize> = 3..=6;

/// One source: [`SOURCES`] of them fit one embed field of 1,024 as a list.
pub const SOURCE_MAX: usize = 150;

/// How many sources a question has.
pub const SOURCES: RangeInclusive<usize> = 1..=5;

/// What a quiz asks: it stands above the four choices and should be read at a glance.
pub const QUIZ_ASK_MAX: usize = 250;

/// One choice of a quiz: the four are listed in the embed, since a button's label holds 80
/// (<https://discord.com/developers/docs/components/reference#button-button-structure>).
pub const CHOICE_MAX: usize = 150;

/// How many wrong choices a quiz has; with the right one they fill a row of buttons with A to D.
pub const WRONG_CHOICES: usize = 3;

/// Why the right choice is right.
pub const WHY_MAX: usize = 600;

/// The model answer: with the title, a member's own answer of [`OWN_ANSWER_MAX`], the checklist
/// and the sources it stays within the 6,000 of a message's embeds.
pub const ANSWER_MAX: usize = 2_600;

/// The answer that a member types, for which the model answer has to leave room.
pub const OWN_ANSWER_MAX: u16 = 1_500;

/// How many topics a question has.
pub const TOPICS: RangeInclusive<usize> = 1..=3;

/// A topic's name: three of them and the level stand in one line.
pub const TOPIC_NAME_MAX: usize = 50;

/// The line about a topic: a choice's name in an autocomplete list holds 100
/// (<https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure>).
pub const TOPIC_ABOUT_MAX: usize = 100;

/// Bytes of a file. A question with every text at its limit has a tenth of it, so a larger file
/// is not a question.
pub const FILE_MAX: usize = 64 * 1024;

/// Names in a folder of questions, those of its own folders included: more than anybody reads in a
/// lifetime, so a folder with more is not one of questions.
pub const NAMES_MAX: usize = 10_000;

/// Bytes of all files of one folder of questions.
pub const BANK_MAX: usize = 64 * 1024 * 1024;

/// How long all of a bank may take to be read. A network mount that hangs never answers.
pub const READ_WITHIN: Duration = Duration::from_secs(30);

/// Characters of an embed field that shows a list (Discord's embed limits, above).
const FIELD_MAX: usize = 1_024;

/// Characters of all embeds of a message (Discord's embed limits, above).
const EMBEDS_MAX: usize = 6_000;

/// What a list's bullet and line end add to each item, and a heading to each part.
const MARK: usize = 4;
const HEADINGS: usize = 100;

const CHECKLIST: usize = *KEY_POINTS.end() * (KEY_POINT_MAX + MARK);
const SOURCE_LIST: usize = *SOURCES.end() * (SOURCE_MAX + MARK);

const _: () = assert!(CHECKLIST <= FIELD_MAX && SOURCE_LIST <= FIELD_MAX);
const _: () = assert!(
    TITLE_MAX + OWN_ANSWER_MAX as usize + ANSWER_MAX + CHECKLIST + SOURCE_LIST + HEADINGS
        <= EMBEDS_MAX
);

/// How long Discord takes a text to be: its UTF-16 code units.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
