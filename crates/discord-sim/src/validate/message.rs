//! Messages and embeds
//! (<https://discord.com/developers/docs/resources/message#create-message>).

use serde_json::Value;

use super::{at, component, items, text};
use crate::error::{ApiError, FormErrors};
use crate::id::{Id, id_of};
use crate::world::{AllowedMentions, Draft, Upload};

/// Most characters of a message's content.
const CONTENT: usize = 2000;
/// Most embeds of a message.
const EMBEDS: usize = 10;
/// Most characters of all embeds of a message together.
const EMBED_TOTAL: usize = 6000;
/// Most files of a message.
const FILES: usize = 10;
/// Most characters of a nonce.
const NONCE: usize = 25;
/// `IS_COMPONENTS_V2`, which this simulation does not know.
const COMPONENTS_V2: u64 = 1 << 15;

/// Reads a message that is to be sent.
pub(crate) fn new_message(body: &Value, files: Vec<Upload>) -> Result<Draft, ApiError> {
    let draft = read(body, files)?;
    if draft.is_empty() { Err(ApiError::empty_message()) } else { Ok(draft) }
}

/// Reads an edit, which may leave anything out.
pub(crate) fn edit(body: &Value, files: Vec<Upload>) -> Result<Draft, ApiError> {
    read(body, files)
}

fn read(body: &Value, files: Vec<Upload>) -> Result<Draft, ApiError> {
    let mut errors = FormErrors::default();
    let draft = Draft {
        content: content(&body["content"], &mut errors, body.get("content").is_some()),
        embeds: embeds(body, &mut errors),
        components: body.get("components").map(|list| {
            component::rows("components", list, &mut errors);
            items(list).to_vec()
        }),
        flags: flags(&body["flags"], &mut errors),
        allowed: allowed_mentions(&body["allowed_mentions"], &mut errors),
        nonce: nonce(&body["nonce"], &mut errors),
        enforce_nonce: body["enforce_nonce"] == true,
        reply_to: id_of(&body["message_reference"]["message_id"]),
        keep: kept(body, &files),
        files: described(body, files, &mut errors),
    };
    errors.finish()?;
    Ok(draft)
}

fn content(value: &Value, errors: &mut FormErrors, present: bool) -> Option<String> {
    if !present {
        return None;
    }
    if !value.is_string() && !value.is_null() {
        errors.add("content", "STRING_TYPE_CONVERT", "Could not interpret value as string.");
    }
    let content = text(value).trim();
    errors.length("content", content, 0, CONTENT);
    Some(content.to_owned())
}

fn flags(value: &Value, errors: &mut FormErrors) -> Option<u64> {
    let flags = value.as_u64()?;
    if flags & COMPONENTS_V2 != 0 {
        let message = "The simulation does not know IS_COMPONENTS_V2.";
        errors.add("flags", "MESSAGE_CANNOT_USE_COMPONENTS_V2", message);
    }
    Some(flags)
}

fn nonce(value: &Value, errors: &mut FormErrors) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    if let Some(nonce) = value.as_str() {
        errors.length("nonce", nonce, 0, NONCE);
    } else if !value.is_i64() && !value.is_u64() {
        errors.add("nonce", "NONCE_TYPE_INVALID", "Nonce must be a string or an integer.");
    }
    Some(value.clone())
}

fn embeds(body: &Value, errors: &mut FormErrors) -> Option<Vec<Value>> {
    let list = items(body.get("embeds")?);
    if list.len() > EMBEDS {
        let message = format!("Must be {EMBEDS} or fewer in length.");
        errors.add("embeds", "BASE_TYPE_MAX_LENGTH", &message);
    }
    let total: usize = (list.iter().enumerate())
        .map(|(index, value)| embed(&at("embeds", index), value, errors))
        .sum();
    if total > EMBED_TOTAL {
        let message = format!("Embed size exceeds maximum size of {EMBED_TOTAL}");
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", &message);
    }
    Some(list.iter().filter(|value| !is_blank(value)).cloned().collect())
}

/// Whether an embed shows nothing.
fn is_blank(embed: &Value) -> bool {
    let keys = ["title", "description", "fields", "author", "footer", "image", "thumbnail"];
    keys.iter().all(|key| match &embed[*key] {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    })
}

/// Checks an embed and gives how many of its characters count.
fn embed(path: &str, embed: &Value, errors: &mut FormErrors) -> usize {
    let mut total = 0;
    let mut count = |path: String, value: &Value, min: usize, max: usize| {
        let text = text(value).trim();
        errors.length(&path, text, min, max);
        total += text.chars().count();
    };
    count(at(path, "title"), &embed["title"], 0, 256);
    count(at(path, "description"), &embed["description"], 0, 4096);
    count(at(path, "footer.text"), &embed["footer"]["text"], 0, 2048);
    count(at(path, "author.name"), &embed["author"]["name"], 0, 256);
    for (index, field) in items(&embed["fields"]).iter().enumerate() {
        let path = at(path, format!("fields.{index}"));
        count(at(&path, "name"), &field["name"], 1, 256);
        count(at(&path, "value"), &field["value"], 1, 1024);
    }
    if items(&embed["fields"]).len() > 25 {
        let message = "Must be 25 or fewer in length.";
        errors.add(&at(path, "fields"), "BASE_TYPE_MAX_LENGTH", message);
    }
    embed_values(path, embed, errors);
    total
}

fn embed_values(path: &str, embed: &Value, errors: &mut FormErrors) {
    let color = &embed["color"];
    if !color.is_null() && color.as_u64().is_none_or(|color| color > 0xff_ffff) {
        let message = "int value should be less than or equal to 16777215.";
        errors.add(&at(path, "color"), "NUMBER_TYPE_MAX", message);
    }
    for pointer in ["/url", "/image/url", "/thumbnail/url", "/author/url", "/footer/icon_url"] {
        let Some(url) = embed.pointer(pointer).and_then(Value::as_str) else { continue };
        let known = ["http://", "https://", "attachment://"].iter().any(|s| url.starts_with(s));
        if !known {
            let message = "Scheme must be one of ('http', 'https').";
            let path = at(path, pointer.trim_start_matches('/').replace('/', "."));
            errors.add(&path, "URL_TYPE_INVALID_SCHEME", message);
        }
    }
    if let Some(time) = embed["timestamp"].as_str()
        && time.parse::<jiff::Timestamp>().is_err()
    {
        let message = format!("Could not parse {time}. Should be ISO8601.");
        errors.add(&at(path, "timestamp"), "DATE_TIME_TYPE_PARSE", &message);
    }
}

fn allowed_mentions(value: &Value, errors: &mut FormErrors) -> Option<AllowedMentions> {
    let object = value.as_object()?;
    let parse: Vec<&str> = items(&value["parse"]).iter().map(text).collect();
    let ids = |key: &str| items(&value[key]).iter().filter_map(id_of).collect::<Vec<Id>>();
    let (users, roles) = (ids("users"), ids("roles"));
    for (index, kind) in parse.iter().enumerate() {
        if !["users", "roles", "everyone"].contains(kind) {
            let path = format!("allowed_mentions.parse.{index}");
            let message = "Value must be one of ('everyone', 'roles', 'users').";
            errors.add(&path, "BASE_TYPE_CHOICES", message);
        }
    }
    for (key, list) in [("users", &users), ("roles", &roles)] {
        let path = at("allowed_mentions", key);
        if list.len() > 100 {
            errors.add(&path, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.");
        }
        if !list.is_empty() && parse.contains(&key) {
            let message = format!("parse:[\"{key}\"] and {key}:[ids...] are mutually exclusive.");
            errors.add(&path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", &message);
        }
    }
    Some(AllowedMentions {
        parse_users: parse.contains(&"users"),
        parse_roles: parse.contains(&"roles"),
        parse_everyone: parse.contains(&"everyone"),
        users,
        roles,
        replied_user: object.get("replied_user") == Some(&Value::Bool(true)),
    })
}

/// The attachments of before that an edit names, and so keeps.
fn kept(body: &Value, files: &[Upload]) -> Option<Vec<Id>> {
    let named = body.get("attachments")?;
    let new = |id: &Id| files.iter().any(|file| file.index == id.0);
    Some(items(named).iter().filter_map(|file| id_of(&file["id"])).filter(|id| !new(id)).collect())
}

/// Adds what `attachments` says of the files that came along.
fn described(body: &Value, mut files: Vec<Upload>, errors: &mut FormErrors) -> Vec<Upload> {
    if files.len() > FILES {
        errors.add("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.");
    }
    for (index, said) in items(&body["attachments"]).iter().enumerate() {
        let path = format!("attachments.{index}.description");
        errors.length(&path, text(&said["description"]), 0, 1024);
        let id = id_of(&said["id"]);
        let Some(file) = files.iter_mut().find(|file| Some(Id(file.index)) == id) else { continue };
        file.description = said["description"].as_str().map(str::to_owned);
        if let Some(name) = said["filename"].as_str() {
            file.filename = name.to_owned();
        }
    }
    files
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(body: &Value, pointer: &str) -> Value {
        let errors = new_message(body, Vec::new()).unwrap_err().errors.unwrap();
        errors.pointer(&format!("{pointer}/_errors/0/code")).cloned().unwrap_or(errors)
    }

    #[test]
    fn sizes_are_held() {
        let long = |n: usize| "x".repeat(n);
        let content = json!({ "content": long(2001) });
        assert_eq!(fault(&content, "/content"), "BASE_TYPE_MAX_LENGTH");
        let title = json!({ "embeds": [{ "title": long(257) }] });
        assert_eq!(fault(&title, "/embeds/0/title"), "BASE_TYPE_MAX_LENGTH");
        let both =
            json!({ "embeds": [{ "description": long(4096) }, { "description": long(1905) }] });
        assert_eq!(fault(&both, "/embeds"), "MAX_EMBED_SIZE_EXCEEDED");
        let field = json!({ "embeds": [{ "fields": [{ "name": "n", "value": " " }] }] });
        assert_eq!(fault(&field, "/embeds/0/fields/0/value"), "BASE_TYPE_REQUIRED");
        let nonce = json!({ "content": "x", "nonce": long(26) });
        assert_eq!(fault(&nonce, "/nonce"), "BASE_TYPE_MAX_LENGTH");
    }

    #[test]
    fn nothing_to_show_is_an_empty_message() {
        for body in [json!({}), json!({ "content": " \n" }), json!({ "embeds": [{}] })] {
            assert_eq!(new_message(&body, Vec::new()).unwrap_err().code, 50006, "{body}");
        }
    }

    #[test]
    fn mentions_cannot_be_named_both_ways() {
        let both = json!({
            "content": "x", "allowed_mentions": { "parse": ["users"], "users": ["1"] },
        });
        assert_eq!(
            fault(&both, "/allowed_mentions/users"),
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
        );
    }
}
