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

/// What one hears from somebody who has read about it, or from somebody who has run it: one line.
pub const VOICE_MAX: usize = 200;

/// How many follow-ups a question has at most: nobody reads a fourth.
pub const FOLLOW_UPS_MAX: usize = 3;

/// What a follow-up asks: it is the name of an embed field, which holds 256.
pub const FOLLOW_UP_ASK_MAX: usize = 150;

/// What a good answer to a follow-up has: one line.
pub const FOLLOW_UP_GOOD_MAX: usize = 250;

/// A source that is a name and no more.
pub const SOURCE_MAX: usize = 150;

/// The name of a source with an address or a use.
pub const SOURCE_NAME_MAX: usize = 100;

/// The address of a source.
pub const SOURCE_URL_MAX: usize = 150;

/// What a source is named for.
pub const SOURCE_USE_MAX: usize = 100;

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

/// The model answer: it is an embed's description, which holds 4,096, and together with the title
/// and the sources it stays within the 6,000 of a message's embeds.
pub const ANSWER_MAX: usize = 2_600;

/// The answer that a member types: the checklist stands below it, in one message.
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

/// Characters of the parts of an embed, and of all embeds of a message (Discord's embed limits,
/// above).
const DESCRIPTION_MAX: usize = 4_096;
const FIELD_NAME_MAX: usize = 256;
const FIELD_MAX: usize = 1_024;
const EMBEDS_MAX: usize = 6_000;

/// What a list's bullet and line end add to each item, a link to a source, and the headings to a message.
const MARK: usize = 4;
const LINK: usize = "[](<>): ".len();
const HEADINGS: usize = 200;

const CHECKLIST: usize = *KEY_POINTS.end() * (KEY_POINT_MAX + MARK);
const SOURCE_LINE: usize = SOURCE_NAME_MAX + SOURCE_URL_MAX + SOURCE_USE_MAX + LINK + MARK;
const SOURCE_LIST: usize = *SOURCES.end() * SOURCE_LINE;

// The first message: a member's own answer, the checklist, and two voices to compare it with.
const _: () = assert!(CHECKLIST <= FIELD_MAX && VOICE_MAX <= FIELD_MAX);
const _: () = assert!(OWN_ANSWER_MAX as usize + CHECKLIST + 2 * VOICE_MAX + HEADINGS <= EMBEDS_MAX);

// The second: the whole answer. Its sources take several fields, each of which holds a line at least.
const _: () = assert!(ANSWER_MAX <= DESCRIPTION_MAX);
const _: () = assert!(SOURCE_LINE <= FIELD_MAX && SOURCE_MAX + MARK <= SOURCE_LINE);
const _: () = assert!(TITLE_MAX + ANSWER_MAX + SOURCE_LIST + HEADINGS <= EMBEDS_MAX);

// The third: the follow-ups, a field each.
const _: () = assert!(FOLLOW_UP_ASK_MAX <= FIELD_NAME_MAX && FOLLOW_UP_GOOD_MAX <= FIELD_MAX);
const _: () = assert!(
    TITLE_MAX + FOLLOW_UPS_MAX * (FOLLOW_UP_ASK_MAX + FOLLOW_UP_GOOD_MAX) + HEADINGS <= EMBEDS_MAX
);

/// How long Discord takes a text to be: its UTF-16 code units.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
