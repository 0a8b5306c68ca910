//! Action rows, buttons, selects, modals, and the choices of an autocompleted option
//! (<https://discord.com/developers/docs/components/reference>).

use serde_json::Value;

use super::{at, items, text};
use crate::error::{ApiError, FormErrors};
use crate::id::Id;
use crate::world::{Choice, Modal, ModalInput};

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;

fn kind(component: &Value) -> u64 {
    component["type"].as_u64().unwrap_or(0)
}

/// Checks the components of a message.
pub(super) fn rows(path: &str, value: &Value, errors: &mut FormErrors) {
    let rows = items(value);
    if rows.len() > 5 {
        errors.add(path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let mut seen = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let path = at(path, index);
        if kind(row) != ROW {
            errors.add(&at(&path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1,).");
            continue;
        }
        check_row(&at(&path, "components"), items(&row["components"]), errors);
        for (index, component) in items(&row["components"]).iter().enumerate() {
            let path = at(&path, format!("components.{index}"));
            message_component(&path, component, errors);
            distinct(&path, component, &mut seen, errors);
        }
    }
}

fn check_row(path: &str, row: &[Value], errors: &mut FormErrors) {
    if row.is_empty() || row.len() > 5 {
        errors.add(path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let selects = row.iter().filter(|component| kind(component) != BUTTON).count();
    if selects > 0 && row.len() > 1 {
        let message = "The specified component exceeds the maximum width";
        errors.add(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
    }
}

fn distinct<'a>(
    path: &str,
    component: &'a Value,
    seen: &mut Vec<&'a str>,
    errors: &mut FormErrors,
) {
    let Some(id) = component["custom_id"].as_str() else { return };
    if seen.contains(&id) {
        let message = "Component custom id cannot be duplicated";
        errors.add(&at(path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
    seen.push(id);
}

fn message_component(path: &str, component: &Value, errors: &mut FormErrors) {
    match kind(component) {
        BUTTON => button(path, component, errors),
        SELECT => {
            custom_id(path, component, errors);
            select(path, component, errors);
        }
        5..=8 => custom_id(path, component, errors),
        _ => {
            let message = "Value must be one of (2, 3, 5, 6, 7, 8).";
            errors.add(&at(path, "type"), "BASE_TYPE_CHOICES", message);
        }
    }
}

fn custom_id(path: &str, component: &Value, errors: &mut FormErrors) {
    errors.length(&at(path, "custom_id"), text(&component["custom_id"]), 1, 100);
}

fn button(path: &str, button: &Value, errors: &mut FormErrors) {
    let label = text(&button["label"]);
    errors.length(&at(path, "label"), label, 0, 80);
    let required = "This field is required";
    if label.is_empty() && button["emoji"].is_null() && button["style"] != 6 {
        errors.add(&at(path, "label"), "BASE_TYPE_REQUIRED", required);
    }
    match button["style"].as_u64() {
        Some(1..=4) => {
            custom_id(path, button, errors);
            if !button["url"].is_null() {
                let message = "A url and custom id cannot both be specified";
                errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", message);
            }
        }
        Some(5) => {
            if !button["custom_id"].is_null() {
                let message = "A custom id and url cannot both be specified";
                errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", message);
            }
            let url = text(&button["url"]);
            errors.length(&at(path, "url"), url, 1, 512);
            if !url.is_empty()
                && !["http://", "https://", "discord://"].iter().any(|s| url.starts_with(s))
            {
                let message = "Scheme must be one of ('http', 'https', 'discord').";
                errors.add(&at(path, "url"), "URL_TYPE_INVALID_SCHEME", message);
            }
        }
        _ => {
            let message = "Value must be one of (1, 2, 3, 4, 5, 6).";
            errors.add(&at(path, "style"), "BASE_TYPE_CHOICES", message);
        }
    }
}

fn select(path: &str, select: &Value, errors: &mut FormErrors) {
    let options = items(&select["options"]);
    if options.is_empty() || options.len() > 25 {
        let message = "Must be between 1 and 25 in length.";
        errors.add(&at(path, "options"), "BASE_TYPE_BAD_LENGTH", message);
    }
    errors.length(&at(path, "placeholder"), text(&select["placeholder"]), 0, 150);
    let mut values = Vec::new();
    for (index, option) in options.iter().enumerate() {
        let path = at(path, format!("options.{index}"));
        errors.length(&at(&path, "label"), text(&option["label"]), 1, 100);
        errors.length(&at(&path, "value"), text(&option["value"]), 1, 100);
        errors.length(&at(&path, "description"), text(&option["description"]), 0, 100);
        if values.contains(&text(&option["value"])) {
            let message = "The specified option value is already used";
            errors.add(&at(&path, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
        values.push(text(&option["value"]));
    }
    let max = select["max_values"].as_u64().unwrap_or(1);
    let min = select["min_values"].as_u64().unwrap_or(1);
    if max == 0 || max > options.len() as u64 || min > max {
        let message =
            "max_values must be between 1 and the number of options, and not below min_values";
        errors.add(&at(path, "max_values"), "NUMBER_TYPE_MAX", message);
    }
}

/// Reads the choices that answer an autocompletion.
pub(crate) fn choices(data: &Value) -> Result<Vec<Choice>, ApiError> {
    let mut errors = FormErrors::default();
    let list = items(&data["choices"]);
    if data["choices"].as_array().is_none() {
        errors.add("data.choices", "BASE_TYPE_REQUIRED", "This field is required");
    }
    if list.len() > 25 {
        let message = "Must be 25 or fewer in length.";
        errors.add("data.choices", "BASE_TYPE_MAX_LENGTH", message);
    }
    for (index, choice) in list.iter().enumerate() {
        super::command::choice(&format!("data.choices.{index}"), choice, &mut errors);
    }
    errors.finish()?;
    let choice =
        |c: &Value| Choice { name: text(&c["name"]).to_owned(), value: c["value"].clone() };
    Ok(list.iter().map(choice).collect())
}

/// Reads a modal.
pub(crate) fn modal(
    data: &Value,
    interaction: Id,
    channel: Id,
    message: Option<Id>,
) -> Result<Modal, ApiError> {
    let mut errors = FormErrors::default();
    errors.length("data.title", text(&data["title"]), 1, 45);
    errors.length("data.custom_id", text(&data["custom_id"]), 1, 100);
    let rows = items(&data["components"]);
    if rows.is_empty() || rows.len() > 5 {
        let message = "Must be between 1 and 5 in length.";
        errors.add("data.components", "BASE_TYPE_BAD_LENGTH", message);
    }
    let mut seen = Vec::new();
    let mut inputs = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let path = format!("data.components.{index}");
        let inside = items(&row["components"]);
        if kind(row) != ROW || inside.len() != 1 || kind(&inside[0]) != TEXT_INPUT {
            let message = "Each row of a modal holds one text input.";
            errors.add(&path, "BASE_TYPE_CHOICES", message);
            continue;
        }
        let path = at(&path, "components.0");
        distinct(&path, &inside[0], &mut seen, &mut errors);
        inputs.push(text_input(&path, &inside[0], &mut errors));
    }
    errors.finish()?;
    Ok(Modal {
        interaction,
        channel,
        message,
        custom_id: text(&data["custom_id"]).to_owned(),
        title: text(&data["title"]).to_owned(),
        inputs,
    })
}

fn text_input(path: &str, input: &Value, errors: &mut FormErrors) -> ModalInput {
    custom_id(path, input, errors);
    errors.length(&at(path, "label"), text(&input["label"]), 1, 45);
    errors.length(&at(path, "placeholder"), text(&input["placeholder"]), 0, 100);
    let min_length = input["min_length"].as_u64().unwrap_or(0);
    let max_length = input["max_length"].as_u64().unwrap_or(4000);
    if min_length > max_length || max_length == 0 || max_length > 4000 {
        let message = "int value should be between 1 and 4000, and not below min_length.";
        errors.add(&at(path, "max_length"), "NUMBER_TYPE_MAX", message);
    }
    if !matches!(input["style"].as_u64(), Some(1 | 2)) {
        errors.add(&at(path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).");
    }
    let value = input["value"].as_str().filter(|value| !value.is_empty());
    value.inspect(|value| {
        errors.length(&at(path, "value"), value, 0, usize::try_from(max_length).unwrap_or(4000));
    });
    ModalInput {
        custom_id: text(&input["custom_id"]).to_owned(),
        label: text(&input["label"]).to_owned(),
        paragraph: input["style"] == 2,
        min_length,
        max_length,
        required: input["required"].as_bool().unwrap_or(true),
        value: value.map(str::to_owned),
        placeholder: input["placeholder"].as_str().map(str::to_owned),
    }
}
