//! The checks themselves: good bodies pass, and each kind of fault is caught.

use crate::support::validate::{faults_of, openapi};
use serde_json::{Value, json};

const COMMANDS: (&str, &str) = ("PUT", "/applications/1/commands");
const CALLBACK: (&str, &str) = ("POST", "/interactions/1/a.b.c/callback");
const MESSAGE: (&str, &str) = ("POST", "/channels/1/messages");
const EDIT: (&str, &str) = ("PATCH", "/channels/1/messages/2");
const LATE: (&str, &str) = ("PATCH", "/webhooks/1/a.b.c/messages/@original");
const THREAD: (&str, &str) = ("POST", "/channels/1/messages/2/threads");
const POST: (&str, &str) = ("POST", "/channels/1/threads");

fn option(name: &str) -> Value {
    json!({ "type": 3, "name": name, "description": "An option" })
}

fn command() -> Value {
    let subcommand =
        json!({ "type": 1, "name": "set", "description": "Sets", "options": [option("zone")] });
    json!({
        "name": "daily", "description": "A command", "type": 1, "contexts": [0, 1],
        "integration_types": [0], "default_member_permissions": "32", "options": [subcommand],
    })
}

fn button(custom_id: &str) -> Value {
    json!({ "type": 2, "style": 1, "label": "Go", "custom_id": custom_id, "disabled": false })
}

fn message() -> Value {
    json!({
        "content": "Hello", "allowed_mentions": { "parse": [] },
        "embeds": [{
            "type": "rich", "title": "Title", "description": "Text", "color": 0xff_ffff,
            "footer": { "text": "Small" },
            "fields": [{ "name": "Name", "value": "Value", "inline": false }],
        }],
        "components": [{ "type": 1, "components": [button("a"), button("b")] }],
    })
}

fn form() -> Value {
    let input = json!({
        "type": 4, "custom_id": "text", "style": 2, "label": "Answer", "min_length": 1,
        "max_length": 1500, "placeholder": "…", "required": true,
    });
    json!({
        "custom_id": "form", "title": "Form",
        "components": [{ "type": 1, "components": [input] }],
    })
}

fn answer(kind: u8, data: Value) -> Value {
    json!({ "type": kind, "data": data })
}

fn choices(count: usize) -> Value {
    let choice = |n| json!({ "name": format!("Choice {n}"), "value": format!("{n}") });
    (0..count).map(choice).collect()
}

/// A good body with one place changed, which may be a new one.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Array(items) => match key.parse::<usize>() {
            Ok(place) => items[place] = value,
            Err(_) => items.push(value),
        },
        object => object[key] = value,
    }
    body
}

fn long(count: usize) -> Value {
    json!("x".repeat(count))
}

#[test]
fn good_bodies_pass() {
    let good = [
        (COMMANDS, json!([command()])),
        (CALLBACK, answer(4, message())),
        (CALLBACK, json!({ "type": 5, "data": { "flags": 64 } })),
        (CALLBACK, answer(7, message())),
        (CALLBACK, answer(8, json!({ "choices": choices(25) }))),
        (CALLBACK, answer(9, form())),
        (MESSAGE, with(message(), "/nonce", json!("a-nonce"))),
        (EDIT, message()),
        (EDIT, json!({ "content": "" })),
        (LATE, message()),
        (THREAD, json!({ "name": "A thread" })),
        (POST, json!({ "name": "A post", "message": message() })),
    ];
    for ((method, path), body) in good {
        assert_eq!(faults_of(method, path, &body), [], "{method} {path} {body}");
    }
}

/// A name for the fault, the request, the bad body, who must find it, and where.
type Case =
    (&'static str, (&'static str, &'static str), Value, &'static [&'static str], &'static str);

const TWILIGHT: &str = "twilight";
const OPENAPI: &str = "OpenAPI";
const OWN: &str = "own";

fn bad_commands() -> Vec<Case> {
    let commands = |pointer: &str, value| with(json!([command()]), &format!("/0{pointer}"), value);
    let zone = "/options/0/options/0";
    let many: Value = (0..26).map(|n| option(&format!("o{n}"))).collect();
    vec![
        ("a capital letter", COMMANDS, commands("/name", json!("Daily")), &[TWILIGHT, OWN], "/0"),
        (
            "a capital letter far inside",
            COMMANDS,
            commands(&format!("{zone}/name"), json!("Zone")),
            &[OWN],
            "/0/options/0/options/0/name",
        ),
        ("a space in a name", COMMANDS, commands("/name", json!("a b")), &[OWN], "/0/name"),
        ("a long name", COMMANDS, commands("/name", long(33)), &[OPENAPI, OWN], "/0/name"),
        (
            "a long description",
            COMMANDS,
            commands("/description", long(101)),
            &[TWILIGHT, OPENAPI],
            "/0",
        ),
        (
            "permissions that are no number",
            COMMANDS,
            commands("/default_member_permissions", json!("all")),
            &[TWILIGHT, OPENAPI],
            "/0",
        ),
        (
            "26 choices",
            COMMANDS,
            commands(&format!("{zone}/choices"), choices(26)),
            &[OPENAPI, OWN],
            "/0/options/0/options/0/choices",
        ),
        (
            "26 options",
            COMMANDS,
            commands("/options/0/options", many),
            &[TWILIGHT, OWN],
            "/0/options",
        ),
        (
            "a subcommand beside an option",
            COMMANDS,
            commands("/options/-", option("zone")),
            &[OWN],
            "/0/options",
        ),
        (
            "an option's type that there is not",
            COMMANDS,
            commands(&format!("{zone}/type"), json!(99)),
            &[OPENAPI],
            "/0/options",
        ),
        ("two commands of one name", COMMANDS, json!([command(), command()]), &[OWN], "/1/name"),
        (
            "a misspelt key",
            COMMANDS,
            commands(&format!("{zone}/autocompletes"), json!(true)),
            &[OWN],
            "/0/options/0/options/0/autocompletes",
        ),
    ]
}

fn bad_messages() -> Vec<Case> {
    let m = |pointer: &str, value| with(message(), pointer, value);
    let buttons = "/components/0/components";
    let two = json!([
        { "type": "rich", "description": long(4000) },
        { "type": "rich", "description": long(2001) },
    ]);
    let empty = json!({ "content": " ", "embeds": [], "components": message()["components"] });
    vec![
        ("long content", MESSAGE, m("/content", long(2001)), &[TWILIGHT, OWN], "/content"),
        ("embeds over 6,000 in all", EDIT, m("/embeds", two), &[TWILIGHT, OWN], "/embeds"),
        ("an empty message", MESSAGE, empty.clone(), &[OWN], ""),
        ("an edit that leaves nothing", EDIT, empty.clone(), &[OWN], ""),
        ("an empty late answer", LATE, json!({ "content": "" }), &[OWN], ""),
        ("an empty answer", CALLBACK, answer(4, empty), &[OWN], "/data"),
        (
            "a custom id twice",
            MESSAGE,
            m(&format!("{buttons}/1"), button("a")),
            &[OWN],
            "/components/0/components/1/custom_id",
        ),
        (
            "a long custom id",
            CALLBACK,
            answer(4, m(&format!("{buttons}/0/custom_id"), long(101))),
            &[TWILIGHT, OPENAPI],
            "/data/components",
        ),
        (
            "a long label",
            MESSAGE,
            m(&format!("{buttons}/0/label"), long(81)),
            &[TWILIGHT, OPENAPI],
            "/components",
        ),
        (
            "a blank label",
            MESSAGE,
            m(&format!("{buttons}/0/label"), json!(" ")),
            &[OWN],
            "/components/0/components/0/label",
        ),
        (
            "six buttons in a row",
            MESSAGE,
            m(buttons, (0..6).map(|n| button(&n.to_string())).collect()),
            &[TWILIGHT, OPENAPI],
            "/components",
        ),
        (
            "a text input in a message",
            MESSAGE,
            m("/components", form()["components"].clone()),
            &[OPENAPI, OWN],
            "/components/0/components/0",
        ),
        ("a long title", MESSAGE, m("/embeds/0/title", long(257)), &[TWILIGHT, OPENAPI], "/embeds"),
        (
            "a long field",
            LATE,
            m("/embeds/0/fields/0/value", long(1025)),
            &[TWILIGHT, OPENAPI],
            "/embeds",
        ),
        (
            "a blank field",
            MESSAGE,
            m("/embeds/0/fields/0/value", json!("\n")),
            &[OWN],
            "/embeds/0/fields/0/value",
        ),
        ("an embed with nothing", MESSAGE, m("/embeds/0", json!({})), &[OWN], "/embeds/0"),
        (
            "a colour that is none",
            MESSAGE,
            m("/embeds/0/color", json!(0x100_0000)),
            &[TWILIGHT, OPENAPI],
            "/embeds",
        ),
        ("a misspelt key", MESSAGE, m("/embed", json!([])), &[OWN], "/embed"),
        (
            "a misspelt key in an embed",
            MESSAGE,
            m("/embeds/0/colour", json!(1)),
            &[OWN],
            "/embeds/0/colour",
        ),
        (
            "mentions that there are not",
            MESSAGE,
            m("/allowed_mentions/parse", json!(["all"])),
            &[TWILIGHT, OPENAPI],
            "",
        ),
        ("a long nonce", MESSAGE, m("/nonce", long(26)), &[OPENAPI], "/nonce"),
        ("content that is no text", EDIT, m("/content", json!(1)), &[TWILIGHT, OPENAPI], ""),
    ]
}

fn bad_answers_and_threads() -> Vec<Case> {
    let f = |pointer: &str, value| answer(9, with(form(), pointer, value));
    let input = "/components/0/components/0";
    let two = json!([form()["components"][0], form()["components"][0]]);
    let twice: Value = items_twice(choices(1));
    vec![
        (
            "26 suggestions",
            CALLBACK,
            answer(8, json!({ "choices": choices(26) })),
            &[OPENAPI, OWN],
            "/data/choices",
        ),
        (
            "a long suggestion",
            CALLBACK,
            answer(8, json!({ "choices": [{ "name": "n", "value": long(101) }] })),
            &[TWILIGHT],
            "/data/choices/0",
        ),
        (
            "a suggestion with a long name",
            CALLBACK,
            answer(8, json!({ "choices": [{ "name": long(101), "value": "v" }] })),
            &[TWILIGHT, OPENAPI],
            "/data/choices/0",
        ),
        (
            "a suggestion twice",
            CALLBACK,
            answer(8, json!({ "choices": twice })),
            &[OWN],
            "/data/choices/1/name",
        ),
        ("a form's long title", CALLBACK, f("/title", long(46)), &[OPENAPI, OWN], "/data/title"),
        (
            "a form's long label",
            CALLBACK,
            f(&format!("{input}/label"), long(46)),
            &[TWILIGHT, OPENAPI],
            "/data/components",
        ),
        (
            "a form's long placeholder",
            CALLBACK,
            f(&format!("{input}/placeholder"), long(101)),
            &[TWILIGHT, OPENAPI],
            "/data/components",
        ),
        (
            "a text that cannot be typed",
            CALLBACK,
            f(&format!("{input}/max_length"), json!(4001)),
            &[TWILIGHT, OPENAPI],
            "/data/components",
        ),
        (
            "a text that is to be longer than it may",
            CALLBACK,
            f(&format!("{input}/min_length"), json!(1501)),
            &[OWN],
            "/data/components/0",
        ),
        ("two inputs of one id", CALLBACK, f("/components", two), &[OWN], "/data/components/1"),
        (
            "a form with nothing",
            CALLBACK,
            f("/components", json!([])),
            &[OPENAPI, OWN],
            "/data/components",
        ),
        (
            "a type of answer that there is not",
            CALLBACK,
            answer(44, message()),
            &[TWILIGHT, OPENAPI, OWN],
            "",
        ),
        (
            "an answer without a type",
            CALLBACK,
            json!({ "data": message() }),
            &[TWILIGHT, OPENAPI, OWN],
            "",
        ),
        (
            "a long thread name",
            THREAD,
            json!({ "name": long(101) }),
            &[TWILIGHT, OPENAPI, OWN],
            "/name",
        ),
        ("a thread without a name", THREAD, json!({}), &[TWILIGHT, OPENAPI, OWN], ""),
        ("a post without its message", POST, json!({ "name": "A post" }), &[TWILIGHT, OWN], ""),
        (
            "a post with long content",
            POST,
            json!({ "name": "A post", "message": { "content": long(2001) } }),
            &[TWILIGHT, OWN],
            "/message/content",
        ),
        ("no body", MESSAGE, Value::Null, &["route"], ""),
        (
            "a route without a check",
            ("PATCH", "/users/@me"),
            json!({ "username": "w" }),
            &["route"],
            "",
        ),
    ]
}

fn items_twice(items: Value) -> Value {
    let items = items.as_array().unwrap();
    items.iter().chain(items).cloned().collect()
}

#[test]
fn each_kind_of_fault_is_caught() {
    let cases = [bad_commands(), bad_messages(), bad_answers_and_threads()].concat();
    let mut uncaught = Vec::new();
    for (name, (method, path), body, judges, pointer) in cases {
        let faults = faults_of(method, path, &body);
        for judge in judges.iter().filter(|judge| **judge != OPENAPI || openapi::is_there()) {
            let caught =
                faults.iter().any(|fault| fault.by == *judge && fault.pointer.starts_with(pointer));
            if !caught {
                uncaught.push(format!("{judge} misses {name} at {pointer:?}; found: {faults:#?}"));
            }
        }
    }
    assert!(uncaught.is_empty(), "{}", uncaught.join("\n"));
}
