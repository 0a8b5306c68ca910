//! What Discord's OpenAPI description thinks of a body. The description is not part of the
//! project; it is read from `../shared` beside it. Where it is missing the check is left out,
//! which is said on standard error and is a failure in CI.

use super::{Findings, Kind};
use jsonschema::{
    Validator,
    error::{ValidationError, ValidationErrorKind},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    sync::{Arc, Mutex, OnceLock},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/discord-openapi.json");

/// Validators by method and path; none where the description knows no such body.
type Validators = BTreeMap<(String, String), Option<Arc<Validator>>>;

/// The description, with a validator for each request that was asked for.
struct Description {
    root: Value,
    validators: Mutex<Validators>,
}

/// Whether the description is there; if not, nothing is found by this judge.
pub fn is_there() -> bool {
    description().is_some()
}

pub(super) fn check(method: &str, path: &str, kind: Kind, body: &Value) -> Findings {
    let mut found = Findings::by("OpenAPI");
    let Some(description) = description() else { return found };
    let Some(validator) = description.validator(method, path) else {
        found.add("", "the description knows no such request with a JSON body");
        return found;
    };
    let body = without_known_error(kind, body);
    validator.iter_errors(&body).for_each(|error| tell(&error, &mut found));
    found
}

fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    DESCRIPTION.get_or_init(read).as_ref()
}

fn read() -> Option<Description> {
    let text = match std::fs::read_to_string(FILE) {
        Ok(text) => text,
        Err(error) => {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "{FILE} must be there in CI: {error}");
            // Past the test harness, which would swallow what is printed by a passing test.
            let _ = writeln!(io::stderr(), "skipped: bodies against {FILE}: {error}");
            return None;
        }
    };
    let root = serde_json::from_str(&text).expect("the description is JSON");
    Some(Description { root, validators: Mutex::default() })
}

impl Description {
    fn validator(&self, method: &str, path: &str) -> Option<Arc<Validator>> {
        let method = method.to_lowercase();
        let template = self.template(path)?;
        let key = (method.clone(), template.to_owned());
        let mut validators = self.validators.lock().unwrap();
        let build = || self.build(template, &method).map(Arc::new);
        validators.entry(key).or_insert_with(build).clone()
    }

    /// The path of the description that fits, the one with the fewest parameters if several do.
    fn template(&self, path: &str) -> Option<&str> {
        let fits = |template: &&String| {
            let (ours, theirs) = (path.split('/'), template.split('/'));
            ours.clone().count() == theirs.clone().count()
                && ours.zip(theirs).all(|(our, their)| their.starts_with('{') || our == their)
        };
        let paths = self.root["paths"].as_object()?.keys();
        paths.filter(fits).min_by_key(|template| template.matches('{').count()).map(String::as_str)
    }

    fn build(&self, template: &str, method: &str) -> Option<Validator> {
        let content = &self.root["paths"][template][method]["requestBody"]["content"];
        let schema = content.get("application/json")?.get("schema")?;
        // Only what the schema refers to, for to compile the whole description takes seconds.
        let mut needed = Map::new();
        self.collect(schema, &mut needed);
        let document = json!({ "allOf": [schema], "components": { "schemas": needed } });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Some(options.build(&document).expect("the schema compiles"))
    }

    /// Gathers the schemas that a schema refers to, and those that they refer to.
    fn collect(&self, schema: &Value, needed: &mut Map<String, Value>) {
        match schema {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, needed)),
            Value::Object(keys) => {
                let name = keys.get("$ref").and_then(Value::as_str);
                let name = name.and_then(|name| name.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| !needed.contains_key(*name)) {
                    let schema = &self.root["components"]["schemas"][name];
                    needed.insert(name.to_owned(), schema.clone());
                    self.collect(schema, needed);
                }
                keys.values().for_each(|value| self.collect(value, needed));
            }
            _ => {}
        }
    }
}

/// The body with `default_member_permissions` as a number. The description wants an integer there,
/// but Discord's documentation says "bit set, serialized as a string", and so does its API answer:
/// <https://discord.com/developers/docs/topics/permissions>
///
/// And with the ids of new attachments as texts. The description wants a snowflake there, but a file
/// that comes along is named by the number in its form field, which the documentation's example has
/// as a number: <https://discord.com/developers/docs/reference#uploading-files>
fn without_known_error(kind: Kind, body: &Value) -> Value {
    let mut body = body.clone();
    if kind == Kind::Commands {
        for command in body.as_array_mut().into_iter().flatten() {
            let Some(bits) = command.get_mut("default_member_permissions") else { continue };
            // What is no number stays, and is refused.
            if let Some(number) = bits.as_str().and_then(|text| text.parse::<u64>().ok()) {
                *bits = json!(number);
            }
        }
    }
    if kind == Kind::LateAnswer {
        let files = body.get_mut("attachments").and_then(Value::as_array_mut);
        for file in files.into_iter().flatten() {
            if let Some(number) = file["id"].as_u64() {
                file["id"] = json!(number.to_string());
            }
        }
    }
    body
}

/// Adds an error; where none of several schemas fits, the errors of the one that was meant.
fn tell(error: &ValidationError<'_>, found: &mut Findings) {
    let here = error.instance_path().as_str();
    let branches = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context
        }
        _ => return found.add(here, error.masked().to_string()),
    };
    // Meant is the one that differs least: neither in JSON's type nor in Discord's `type`.
    let kind = format!("{here}/type");
    let foreign = |error: &ValidationError<'_>| {
        let place = error.instance_path().as_str();
        place == kind || (place == here && error.kind().keyword() == "type")
    };
    let distance = |branch: &&Vec<ValidationError<'_>>| {
        (branch.iter().filter(|error| foreign(error)).count(), branch.len())
    };
    match branches.iter().min_by_key(distance) {
        Some(branch) => branch.iter().for_each(|error| tell(error, found)),
        None => found.add(here, error.masked().to_string()),
    }
}
