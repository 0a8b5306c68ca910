//! A folder of questions with every text as long as the bank allows, in all topics there are and
//! some more, each of them with the longest words, too.

use std::{fs, path::Path};
use whetstone::{
    bank::limits,
    domain::{ids::ID_MAX, question::Level},
};

/// Questions of each level.
const QUESTIONS: usize = 12;
/// Topics besides the built-in ones.
const TOPICS: usize = 20;

/// The topic that all these questions have.
pub fn topic() -> String {
    id("topic", 0)
}

/// Writes the folder.
pub fn write(folder: &Path) {
    fs::write(folder.join("topics.toml"), topics()).unwrap();
    for level in Level::ALL {
        let folder = folder.join("questions").join(level.as_str());
        fs::create_dir_all(&folder).unwrap();
        for number in 0..QUESTIONS {
            let id = id(level.as_str(), number);
            fs::write(folder.join(format!("{id}.md")), question(&id, number)).unwrap();
        }
    }
}

/// An id of the longest length.
fn id(kind: &str, number: usize) -> String {
    let stem = format!("{kind}-{number}-");
    let rest = ID_MAX - stem.len();
    format!("{stem}{}", "x".repeat(rest))
}

/// A text of just this length that begins with `stem`: words, and no space at its end.
fn text(stem: &str, length: usize) -> String {
    let mut text = format!("{stem} ");
    while text.len() + 5 <= length {
        text.push_str("word ");
    }
    let rest = length - text.len();
    text.push_str(&"x".repeat(rest));
    if text.ends_with(' ') {
        text.pop();
        text.push('x');
    }
    assert_eq!(limits::length(&text), length);
    text
}

fn topics() -> String {
    let builtin: toml::Table =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/content/topics.toml"))
            .unwrap()
            .parse()
            .unwrap();
    let builtin = builtin["topic"].as_array().unwrap().iter();
    let builtin = builtin.map(|topic| topic["id"].as_str().unwrap().to_owned());
    let all = builtin.chain((0..TOPICS).map(|number| id("topic", number)));
    let entry = |(number, id)| {
        let name = text(&format!("Topic {number}"), limits::TOPIC_NAME_MAX);
        let about = text(&format!("About {number}"), limits::TOPIC_ABOUT_MAX);
        format!("[[topic]]\nid = \"{id}\"\nname = \"{name}\"\nabout = \"{about}\"\n")
    };
    all.enumerate().map(entry).collect()
}

fn list(stem: &str, count: usize, length: usize) -> String {
    let items = (0..count).map(|n| format!("\"{}\"", text(&format!("{stem} {n}"), length)));
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A list of tables, each with these keys at these lengths.
fn tables(count: usize, keys: &[(&str, usize)]) -> String {
    let value = |n: usize, key: &str, length: usize| match key {
        "url" => format!("https://example.org/{n}/{:x<1$}", "", length - 22),
        _ => text(&format!("{key} {n}"), length),
    };
    let table = |n: usize| {
        let pairs =
            keys.iter().map(|(key, length)| format!("{key} = \"{}\"", value(n, key, *length)));
        format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
    };
    format!("[{}]", (0..count).map(table).collect::<Vec<_>>().join(", "))
}

fn follow_ups() -> String {
    let keys = [("ask", limits::FOLLOW_UP_ASK_MAX), ("good", limits::FOLLOW_UP_GOOD_MAX)];
    tables(limits::FOLLOW_UPS_MAX, &keys)
}

fn sources() -> String {
    let keys = [
        ("name", limits::SOURCE_NAME_MAX),
        ("url", limits::SOURCE_URL_MAX),
        ("use", limits::SOURCE_USE_MAX),
    ];
    tables(*limits::SOURCES.end(), &keys)
}

fn question(id: &str, number: usize) -> String {
    let topics = [0, 1 + number % (TOPICS - 1), 1 + (number + 1) % (TOPICS - 1)];
    let topics = topics.map(|number| format!("\"{}\"", self::id("topic", number))).join(", ");
    let stem = &id[..id.len().min(16)];
    let choice = |n: usize| text(&format!("Choice {n}"), limits::CHOICE_MAX);
    format!(
        "+++\ntitle = \"{}\"\ntopics = [{topics}]\nhint = \"{}\"\nkey_points = {}\n\
         weak = \"{}\"\nstrong = \"{}\"\nfollow_ups = {}\nsources = {}\n\n\
         [quiz]\nask = \"{}\"\nright = \"{}\"\nwrong = [\"{}\", \"{}\", \"{}\"]\nwhy = \"{}\"\n+++\n{}\n",
        text(&format!("Title {stem}"), limits::TITLE_MAX),
        text("Hint", limits::HINT_MAX),
        list("Point", *limits::KEY_POINTS.end(), limits::KEY_POINT_MAX),
        text("Weak", limits::VOICE_MAX),
        text("Strong", limits::VOICE_MAX),
        follow_ups(),
        sources(),
        text("Ask", limits::QUIZ_ASK_MAX),
        choice(0),
        choice(1),
        choice(2),
        choice(3),
        text("Why", limits::WHY_MAX),
        text("Answer", limits::ANSWER_MAX),
    )
}
