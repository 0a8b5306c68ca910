//! What the bot says, free of any chat platform's types and of words: messages, embeds, buttons and
//! forms, and what each button means.

mod action;

pub use action::{Action, Meaning, Parts};

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
