//! What both twilight and the OpenAPI description miss: unknown keys, capital letters in names,
//! content over 2,000, embeds over 6,000 in all, messages that show nothing, custom ids that occur
//! twice, and more than 25 choices. Also the few of their limits that only one of them knows, so
//! that nothing depends on the description being there.

use super::{Findings, Kind, items};
use serde_json::Value;
use std::collections::BTreeSet;

/// <https://discord.com/developers/docs/resources/message#create-message>
const CONTENT_MAX: usize = 2_000;
/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
const EMBEDS_MAX: usize = 6_000;
/// <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-structure>
const CHOICES_MAX: usize = 25;
/// <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-structure>
const COMMANDS_MAX: usize = 100;
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>
const MODAL_TITLE_MAX: usize = 45;
/// <https://discord.com/developers/docs/resources/channel#start-thread-from-message>
const THREAD_NAME_MAX: usize = 100;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const TEXT_INPUT: u64 = 4;

// The keys that Discord documents for what the bot sends. Those that it would ignore are most
// likely misspelt; those that it knows but the bot does not send yet can be added here.
const COMMAND: &[&str] = &[
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "integration_types",
    "contexts",
    "nsfw",
];
const OPTION: &[&str] = &[
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
];
const CHOICE: &[&str] = &["name", "name_localizations", "value"];
const MESSAGE: &[&str] = &[
    "content",
    "nonce",
    "enforce_nonce",
    "tts",
    "embeds",
    "allowed_mentions",
    "message_reference",
    "components",
    "attachments",
    "flags",
    "sticker_ids",
];
const EDIT: &[&str] =
    &["content", "embeds", "allowed_mentions", "components", "attachments", "flags"];
const ANSWER: &[&str] =
    &["content", "embeds", "allowed_mentions", "components", "attachments", "flags", "tts"];
const MENTIONS: &[&str] = &["parse", "roles", "users", "replied_user"];
const EMBED: &[&str] = &[
    "title",
    "type",
    "description",
    "url",
    "timestamp",
    "color",
    "footer",
    "image",
    "thumbnail",
    "author",
    "fields",
];
const BUTTON_KEYS: &[&str] = &["type", "id", "style", "label", "emoji", "custom_id", "disabled"];
const INPUT_KEYS: &[&str] = &[
    "type",
    "id",
    "custom_id",
    "style",
    "label",
    "min_length",
    "max_length",
    "required",
    "value",
    "placeholder",
];
const THREAD: &[&str] = &["name", "auto_archive_duration", "rate_limit_per_user"];
const POST: &[&str] =
    &["name", "auto_archive_duration", "rate_limit_per_user", "message", "applied_tags"];

pub(super) fn check(kind: Kind, body: &Value) -> Findings {
    let mut found = Findings::by("own");
    match kind {
        Kind::Commands => commands(body, &mut found),
        Kind::Callback => callback(body, &mut found),
        Kind::Message => message("", body, MESSAGE, Shows::Something, &mut found),
        Kind::Edit => message("", body, EDIT, Shows::WhatItDid, &mut found),
        // It fills a message that so far shows nothing but that the bot is thinking.
        Kind::LateAnswer => message("", body, EDIT, Shows::Something, &mut found),
        Kind::Thread => thread(body, THREAD, &mut found),
        Kind::OpenAgain => keys("", body, &["archived"], &mut found),
        Kind::Direct => keys("", body, &["recipient_id"], &mut found),
        Kind::Post => {
            thread(body, POST, &mut found);
            message("/message", &body["message"], MESSAGE, Shows::Something, &mut found);
        }
    }
    found
}

/// What a message has to show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// It is new, and so not without content or embeds.
    Something,
    /// It is there already, and keeps what is not named.
    WhatItDid,
}

fn keys(at: &str, body: &Value, known: &[&str], found: &mut Findings) {
    let Some(object) = body.as_object() else {
        return found.add(at, "an object belongs here");
    };
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        found.add(format!("{at}/{key}"), "an unknown key");
    }
}

fn length(text: &Value) -> usize {
    text.as_str().map_or(0, |text| text.chars().count())
}

fn blank(text: &Value) -> bool {
    text.as_str().is_none_or(|text| text.trim().is_empty())
}

fn at_most(at: String, count: usize, max: usize, what: &str, found: &mut Findings) {
    if count > max {
        found.add(at, format!("{count} {what}, of which {max} may be"));
    }
}

/// Adds a fault for each value that has occurred before.
fn distinct<'a>(
    values: impl Iterator<Item = (String, &'a Value)>,
    what: &str,
    found: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for (at, value) in values.filter(|(_, value)| !value.is_null()) {
        if !seen.insert(value.to_string()) {
            found.add(at, format!("{what} {value} occurs twice"));
        }
    }
}

fn commands(body: &Value, found: &mut Findings) {
    at_most(String::new(), items(body).len(), COMMANDS_MAX, "commands", found);
    let names = items(body).iter().enumerate();
    distinct(names.map(|(n, c)| (format!("/{n}/name"), &c["name"])), "the name", found);
    for (place, command) in items(body).iter().enumerate() {
        let at = format!("/{place}");
        keys(&at, command, COMMAND, found);
        name(&at, &command["name"], found);
        options(&at, &command["options"], found);
    }
}

/// A name of a slash command or of an option.
/// <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming>
fn name(at: &str, name: &Value, found: &mut Findings) {
    let text = name.as_str().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    let fits = (1..=32).contains(&length(name)) && text.chars().all(plain);
    if !fits || text.to_lowercase() != text {
        let message = format!("{name} is no name: 1 to 32 small letters, digits, - and _");
        found.add(format!("{at}/name"), message);
    }
}

fn options(at: &str, list: &Value, found: &mut Findings) {
    let places = || items(list).iter().enumerate();
    at_most(format!("{at}/options"), items(list).len(), 25, "options", found);
    let subcommand = |option: &Value| matches!(option["type"].as_u64(), Some(1 | 2));
    let subcommands = items(list).iter().filter(|option| subcommand(option)).count();
    if subcommands != 0 && subcommands != items(list).len() {
        found.add(format!("{at}/options"), "subcommands stand beside other options");
    }
    for (place, option) in places() {
        let at = format!("{at}/options/{place}");
        keys(&at, option, OPTION, found);
        name(&at, &option["name"], found);
        choices(&at, &option["choices"], found);
        if option["autocomplete"] == true && !items(&option["choices"]).is_empty() {
            found.add(&at, "autocomplete and choices exclude each other");
        }
        options(&at, &option["options"], found);
    }
}

fn choices(at: &str, list: &Value, found: &mut Findings) {
    at_most(format!("{at}/choices"), items(list).len(), CHOICES_MAX, "choices", found);
    let places = || items(list).iter().enumerate();
    let named = places().map(|(n, choice)| (format!("{at}/choices/{n}/name"), &choice["name"]));
    distinct(named, "the choice", found);
    for (place, choice) in places() {
        let at = format!("{at}/choices/{place}");
        keys(&at, choice, CHOICE, found);
        if blank(&choice["name"]) {
            found.add(format!("{at}/name"), "it is blank");
        }
    }
}

fn callback(body: &Value, found: &mut Findings) {
    keys("", body, &["type", "data"], found);
    let (at, data) = ("/data", &body["data"]);
    match body["type"].as_u64() {
        Some(4) => message(at, data, ANSWER, Shows::Something, found),
        Some(5) => keys(at, data, &["flags", "attachments"], found),
        Some(6) => {}
        Some(7) => message(at, data, ANSWER, Shows::WhatItDid, found),
        Some(8) => {
            keys(at, data, &["choices"], found);
            choices(at, &data["choices"], found);
        }
        Some(9) => modal(at, data, found),
        _ => found.add("/type", "no type of answer that has a check"),
    }
}

fn message(at: &str, body: &Value, known: &[&str], shows: Shows, found: &mut Findings) {
    keys(at, body, known, found);
    at_most(format!("{at}/content"), length(&body["content"]), CONTENT_MAX, "characters", found);
    let embeds = items(&body["embeds"]);
    for (place, body) in embeds.iter().enumerate() {
        embed(&format!("{at}/embeds/{place}"), body, found);
    }
    at_most(
        format!("{at}/embeds"),
        embeds_length(&body["embeds"]),
        EMBEDS_MAX,
        "characters in all",
        found,
    );
    let kept = |key: &str| shows == Shows::WhatItDid && body.get(key).is_none();
    let files = !items(&body["attachments"]).is_empty();
    if blank(&body["content"]) && embeds.is_empty() && !files && !kept("content") && !kept("embeds")
    {
        found.add(at, "an empty message");
    }
    if let Some(mentions) = body.get("allowed_mentions") {
        keys(&format!("{at}/allowed_mentions"), mentions, MENTIONS, found);
    }
    components(&format!("{at}/components"), &body["components"], BUTTON, found);
}

/// The characters that count towards the limit of all embeds.
pub fn embeds_length(embeds: &Value) -> usize {
    items(embeds).iter().map(embed_length).sum()
}

fn embed_length(embed: &Value) -> usize {
    let texts = ["/title", "/description", "/footer/text", "/author/name"];
    let own: usize = texts.iter().filter_map(|text| embed.pointer(text)).map(length).sum();
    let fields = items(&embed["fields"]).iter();
    own + fields.map(|field| length(&field["name"]) + length(&field["value"])).sum::<usize>()
}

fn embed(at: &str, body: &Value, found: &mut Findings) {
    keys(at, body, EMBED, found);
    if embed_length(body) == 0 && body["image"].is_null() && body["thumbnail"].is_null() {
        found.add(at, "an embed that shows nothing");
    }
    if !body["footer"].is_null() {
        keys(&format!("{at}/footer"), &body["footer"], &["text", "icon_url"], found);
    }
    for (place, field) in items(&body["fields"]).iter().enumerate() {
        let at = format!("{at}/fields/{place}");
        keys(&at, field, &["name", "value", "inline"], found);
        for key in ["name", "value"] {
            if blank(&field[key]) {
                found.add(format!("{at}/{key}"), "it is blank");
            }
        }
    }
}

/// Rows with components of one kind: buttons in a message, text inputs in a form.
fn components(at: &str, rows: &Value, kind: u64, found: &mut Findings) {
    let mut custom_ids = Vec::new();
    for (row, body) in items(rows).iter().enumerate() {
        let at = format!("{at}/{row}");
        keys(&at, body, &["type", "id", "components"], found);
        if body["type"] != ROW {
            found.add(format!("{at}/type"), "not an action row");
        }
        for (place, component) in items(&body["components"]).iter().enumerate() {
            let at = format!("{at}/components/{place}");
            custom_ids.push((format!("{at}/custom_id"), &component["custom_id"]));
            if component["type"] != kind {
                found.add(format!("{at}/type"), "no component that belongs here and has a check");
                continue;
            }
            keys(&at, component, if kind == BUTTON { BUTTON_KEYS } else { INPUT_KEYS }, found);
            if blank(&component["label"]) && component["emoji"].is_null() {
                found.add(format!("{at}/label"), "it is blank");
            }
        }
    }
    distinct(custom_ids.into_iter(), "the custom id", found);
}

fn modal(at: &str, body: &Value, found: &mut Findings) {
    keys(at, body, &["custom_id", "title", "components"], found);
    let title = &body["title"];
    at_most(format!("{at}/title"), length(title), MODAL_TITLE_MAX, "characters", found);
    if blank(title) {
        found.add(format!("{at}/title"), "it is blank");
    }
    if !(1..=5).contains(&items(&body["components"]).len()) {
        found.add(format!("{at}/components"), "a form has one to five inputs");
    }
    components(&format!("{at}/components"), &body["components"], TEXT_INPUT, found);
    for (row, body) in items(&body["components"]).iter().enumerate() {
        let input = &body["components"][0];
        let bounds = (input["min_length"].as_u64(), input["max_length"].as_u64());
        if matches!(bounds, (Some(min), Some(max)) if min > max) {
            found.add(format!("{at}/components/{row}"), "its shortest text is above its longest");
        }
    }
}

fn thread(body: &Value, known: &[&str], found: &mut Findings) {
    keys("", body, known, found);
    at_most("/name".to_owned(), length(&body["name"]), THREAD_NAME_MAX, "characters", found);
    if blank(&body["name"]) {
        found.add("/name", "it is blank");
    }
}
