//! Application commands
//! (<https://discord.com/developers/docs/interactions/application-commands>).

use serde_json::Value;

use super::{at, items, text};
use crate::error::FormErrors;

/// Most characters of a command: names, descriptions and choice values, with those of its options.
const TOTAL: usize = 8000;
const SUB_COMMAND: u64 = 1;
const GROUP: u64 = 2;

/// Checks a bulk overwrite.
pub(crate) fn commands(list: &[Value], errors: &mut FormErrors) {
    for (index, sent) in list.iter().enumerate() {
        command(&index.to_string(), sent, errors);
        let key = |command: &Value| {
            (command["type"].as_u64().unwrap_or(1), text(&command["name"]).to_owned())
        };
        if list[..index].iter().any(|earlier| key(earlier) == key(sent)) {
            let message = "Application command names must be unique";
            let path = at(&index.to_string(), "name");
            errors.add(&path, "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
    }
    let slash = list.iter().filter(|command| command["type"].as_u64().unwrap_or(1) == 1).count();
    if slash > 100 {
        errors.add("", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.");
    }
}

/// Checks one command.
pub(crate) fn command(path: &str, command: &Value, errors: &mut FormErrors) {
    let kind = command["type"].as_u64().unwrap_or(1);
    if kind != 1 {
        errors.length(&at(path, "name"), text(&command["name"]), 1, 32);
        if !text(&command["description"]).is_empty() {
            let message = "Context menu commands cannot have description";
            let path = at(path, "description");
            errors.add(&path, "APPLICATION_COMMAND_INVALID_DESCRIPTION", message);
        }
        return;
    }
    name(path, command, errors);
    errors.length(&at(path, "description"), text(&command["description"]), 1, 100);
    options(path, command, 0, errors);
    if size(command) > TOTAL {
        let message = format!("Command exceeds maximum size ({TOTAL})");
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", &message);
    }
}

/// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, and lower case where there is one.
fn name(path: &str, value: &Value, errors: &mut FormErrors) {
    let path = at(path, "name");
    let name = text(&value["name"]);
    errors.length(&path, name, 1, 32);
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    if !name.chars().all(good) || name.chars().any(|c| c.to_lowercase().next() != Some(c)) {
        errors.add(&path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

fn options(path: &str, holder: &Value, depth: u8, errors: &mut FormErrors) {
    let list = items(&holder["options"]);
    let list_path = at(path, "options");
    if list.len() > 25 {
        errors.add(&list_path, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
    }
    let mut optional_before = false;
    for (index, option) in list.iter().enumerate() {
        let path = at(&list_path, index);
        name(&path, option, errors);
        errors.length(&at(&path, "description"), text(&option["description"]), 1, 100);
        if list[..index].iter().any(|earlier| earlier["name"] == option["name"]) {
            let message = "Option name already exists";
            let path = at(&path, "name");
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message);
        }
        let required = option["required"] == true;
        if required && optional_before {
            let message = "Required options must be placed before non-required options";
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        optional_before |= !required;
        option_kind(&path, option, depth, errors);
    }
    let subs = list.iter().filter(|option| is_sub(option)).count();
    if subs != 0 && subs != list.len() {
        let message = "Sub-command and sub-command group option types are mutually exclusive to all other types";
        errors.add(&list_path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
}

fn is_sub(option: &Value) -> bool {
    matches!(option["type"].as_u64(), Some(SUB_COMMAND | GROUP))
}

/// Groups stand at the top only, sub-commands at the top or in a group.
fn option_kind(path: &str, option: &Value, depth: u8, errors: &mut FormErrors) {
    let misplaced = || (at(path, "type"), "Sub-commands cannot be nested here");
    match option["type"].as_u64() {
        Some(GROUP) if depth == 0 => options(path, option, 1, errors),
        Some(SUB_COMMAND) if depth <= 1 => options(path, option, 2, errors),
        Some(GROUP | SUB_COMMAND) => {
            let (path, message) = misplaced();
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        }
        Some(3..=11) => values(path, option, errors),
        _ => {
            let message = "Value must be one of (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).";
            errors.add(&at(path, "type"), "BASE_TYPE_CHOICES", message);
        }
    }
}

fn values(path: &str, option: &Value, errors: &mut FormErrors) {
    let choices = items(&option["choices"]);
    let path_of = |index: usize| at(path, format!("choices.{index}"));
    if choices.len() > 25 {
        let message = "Must be 25 or fewer in length.";
        errors.add(&at(path, "choices"), "BASE_TYPE_MAX_LENGTH", message);
    }
    for (index, value) in choices.iter().enumerate() {
        choice(&path_of(index), value, errors);
        if choices[..index].iter().any(|earlier| earlier["name"] == value["name"]) {
            let message = "Option choice name already exists";
            errors.add(&path_of(index), "APPLICATION_COMMAND_OPTION_CHOICE_DUPLICATE", message);
        }
    }
    if option["autocomplete"] == true && !choices.is_empty() {
        let message = "Autocomplete and choices are mutually exclusive";
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message);
    }
    if option["autocomplete"] == true && !matches!(option["type"].as_u64(), Some(3 | 4 | 10)) {
        let message = "Autocomplete is not allowed for this option type";
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_TYPE", message);
    }
}

/// Checks a choice, fixed or suggested.
pub(super) fn choice(path: &str, choice: &Value, errors: &mut FormErrors) {
    errors.length(&at(path, "name"), text(&choice["name"]), 1, 100);
    let value = &choice["value"];
    if let Some(text) = value.as_str() {
        errors.length(&at(path, "value"), text, 1, 100);
    } else if !value.is_number() {
        errors.add(&at(path, "value"), "BASE_TYPE_REQUIRED", "This field is required");
    }
}

fn size(value: &Value) -> usize {
    let length = |key: &str| text(&value[key]).chars().count();
    let nested = |key: &str| items(&value[key]).iter().map(size).sum::<usize>();
    length("name") + length("description") + length("value") + nested("options") + nested("choices")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(body: &Value, pointer: &str) -> Value {
        let mut errors = FormErrors::default();
        command("", body, &mut errors);
        let errors = errors.finish().unwrap_err().errors.unwrap();
        errors.pointer(&format!("{pointer}/_errors/0/code")).cloned().unwrap_or(errors)
    }

    fn with_options(options: &Value) -> Value {
        json!({ "name": "daily", "description": "d", "options": options })
    }

    #[test]
    fn names_are_lower_case_and_without_spaces() {
        for name in ["Daily", "a b", "a.b"] {
            let body = json!({ "name": name, "description": "d" });
            assert_eq!(fault(&body, "/name"), "APPLICATION_COMMAND_INVALID_NAME", "{name}");
        }
        let mut errors = FormErrors::default();
        command("", &json!({ "name": "größe-2", "description": "d" }), &mut errors);
        assert!(errors.finish().is_ok());
    }

    #[test]
    fn options_are_ordered_and_named_apart() {
        let option = |name: &str, required: bool| json!({ "type": 3, "name": name, "description": "d", "required": required });
        let body = with_options(&json!([option("a", false), option("b", true)]));
        assert_eq!(fault(&body, "/options/1"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID");
        let body = with_options(&json!([option("a", true), option("a", true)]));
        assert_eq!(
            fault(&body, "/options/1/name"),
            "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
        );
    }

    #[test]
    fn a_sub_command_holds_no_sub_command() {
        let inner = json!([{ "type": 1, "name": "b", "description": "d" }]);
        let body = with_options(
            &json!([{ "type": 1, "name": "a", "description": "d", "options": inner }]),
        );
        let code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID";
        assert_eq!(fault(&body, "/options/0/options/0/type"), code);
    }

    #[test]
    fn twenty_six_choices_are_one_too_many() {
        let choices: Vec<Value> =
            (0..26).map(|n| json!({ "name": n.to_string(), "value": "x" })).collect();
        let option = json!({ "type": 3, "name": "a", "description": "d", "choices": choices });
        let body = with_options(&json!([option]));
        assert_eq!(fault(&body, "/options/0/choices"), "BASE_TYPE_MAX_LENGTH");
    }
}
