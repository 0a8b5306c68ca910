//! What the bot says, free of any chat platform's types and of words: messages, embeds, buttons, forms, and what each
//! button means.

use crate::domain::{
    board::{BoardKind, Entry, Month},
    ids::{DailyId, QuestionId},
    round::Grade,
};

/// A message.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reply {
    /// Text above the embeds.
    pub content: String,
    /// Framed parts.
    pub embeds: Vec<Embed>,
    /// Rows of buttons.
    pub rows: Vec<Vec<Button>>,
    /// A file that comes with it.
    pub file: Option<File>,
    /// Whether only the member who asked sees it.
    pub ephemeral: bool,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A framed part of a message.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Embed {
    /// Its heading.
    pub title: String,
    /// Its text, in Discord's Markdown.
    pub description: String,
    /// The colour of its bar, as 0xRRGGBB.
    pub colour: u32,
    /// Named parts.
    pub fields: Vec<Field>,
    /// The small print.
    pub footer: String,
}

impl Embed {
    /// How many characters count towards the limit of all embeds of a message, [`EMBEDS_MAX`].
    pub fn length(&self) -> usize {
        let own = [&self.title, &self.description, &self.footer].into_iter();
        let fields = self.fields.iter().flat_map(|field| [&field.name, &field.value]);
        own.chain(fields).map(|text| text.chars().count()).sum()
    }
}

/// The most characters of all embeds of a message.
/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const EMBEDS_MAX: usize = 6_000;

/// The most characters of a field's value.
/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const FIELD_MAX: usize = 1_024;

/// A named part of an embed.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: String,
}

/// A button's look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// The main thing to do.
    Primary,
    /// One of several.
    Secondary,
    /// It was right, or it is good.
    Success,
    /// It was wrong, or it destroys something.
    Danger,
}

/// A button.
#[derive(Clone, PartialEq, Debug)]
pub struct Button {
    /// Its text.
    pub label: String,
    /// Its look.
    pub style: Style,
    /// What it does.
    pub action: Action,
    /// Whether it cannot be clicked.
    pub disabled: bool,
}

impl Button {
    /// A button that can be clicked.
    pub fn new(label: impl Into<String>, style: Style, action: Action) -> Self {
        Self { label: label.into(), style, action, disabled: false }
    }
}

/// A form with one text input.
#[derive(Clone, PartialEq, Debug)]
pub struct Form {
    /// Its heading.
    pub title: String,
    /// What sending it does.
    pub action: Action,
    /// The input's label.
    pub label: String,
    /// What stands in the empty input.
    pub placeholder: String,
    /// The longest text, in characters.
    pub max: u16,
}

/// A suggestion while an option is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// What is shown.
    pub name: String,
    /// What is sent.
    pub value: String,
}

/// What the bot does about an interaction.
#[derive(Clone, PartialEq, Debug)]
pub enum Response {
    /// Answers with a new message.
    Say(Reply),
    /// Changes the message that was clicked on.
    Update(Reply),
    /// Opens a form.
    Ask(Form),
}

/// What can be done with a question by its buttons.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Verb {
    /// Write an answer.
    Answer,
    /// Take the quiz.
    Quiz,
    /// See the hint.
    Hint,
    /// See the model answer.
    Reveal,
}

impl Verb {
    /// In the order of the buttons.
    pub const ALL: [Self; 4] = [Self::Answer, Self::Quiz, Self::Hint, Self::Reveal];
}

/// What a button or a form means. A chat platform carries it in its own form, so that a button
/// works after a restart and a year later.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// One of the four buttons of a round.
    Round(DailyId, u32, Verb),
    /// A choice of a round's quiz, by its place.
    RoundQuiz(DailyId, u32, u8),
    /// The member's grade.
    RoundGrade(DailyId, u32, Grade),
    /// Post my answer in the thread.
    RoundShare(DailyId, u32),
    /// The answer form of a round.
    RoundForm(DailyId, u32),
    /// One of the four buttons of a practice question.
    Practice(QuestionId, Verb),
    /// A choice of a practice quiz, by its place.
    PracticeQuiz(QuestionId, u8),
    /// The answer form of a practice question.
    PracticeForm(QuestionId),
    /// Another page of a board.
    Board(Turn),
    /// Post an extra round, if the newest one still has this number.
    PostExtra(DailyId, u32),
    /// Remove the daily, for good.
    RemoveDaily(DailyId),
    /// Hide me from boards, or show me again.
    Hide(bool),
    /// Delete all that is stored of me.
    ForgetMe,
}

/// Which page of which board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The daily.
    pub daily: DailyId,
    /// The board.
    pub kind: BoardKind,
    /// The month, of those that count one month.
    pub month: Option<Month>,
    /// Where the page begins or ends; the top if nowhere.
    pub edge: Option<(Direction, Entry)>,
}

/// Which way a board is paged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Towards lower scores.
    Down,
    /// Towards higher scores.
    Up,
}

/// Actions that one place handles, with the prefix that marks them in a custom id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Family {
    /// Buttons of rounds.
    Round,
    /// Buttons of practice questions.
    Practice,
    /// Pages of boards.
    Board,
    /// Buttons for admins.
    Daily,
    /// A member's own settings.
    Settings,
    /// A member's own data.
    Privacy,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] =
        [Self::Round, Self::Practice, Self::Board, Self::Daily, Self::Settings, Self::Privacy];

    /// What custom ids of the family begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Practice => "practice",
            Self::Board => "board",
            Self::Daily => "daily",
            Self::Settings => "settings",
            Self::Privacy => "privacy",
        }
    }
}

impl Action {
    /// Which family it belongs to.
    pub fn family(&self) -> Family {
        match self {
            Self::Round(..)
            | Self::RoundQuiz(..)
            | Self::RoundGrade(..)
            | Self::RoundShare(..)
            | Self::RoundForm(..) => Family::Round,
            Self::Practice(..) | Self::PracticeQuiz(..) | Self::PracticeForm(..) => {
                Family::Practice
            }
            Self::Board(..) => Family::Board,
            Self::PostExtra(..) | Self::RemoveDaily(..) => Family::Daily,
            Self::Hide(..) => Family::Settings,
            Self::ForgetMe => Family::Privacy,
        }
    }
}
