//! Walks the registry of commands and holds each against what Discord asks of a command
//! (<https://discord.com/developers/docs/interactions/application-commands>), and against what
//! the bot asks of itself: a line of help each, and one owner for each family of buttons.

use std::collections::BTreeSet;
use whetstone::{
    commands::{
        families, registry,
        spec::{Opt, OptKind, Spec},
        specs,
    },
    text::command_word,
};

/// The most characters of a name.
const NAME_MAX: usize = 32;
/// The most characters of a description, and of a choice's name and value.
const DESCRIPTION_MAX: usize = 100;
/// The most options of a command or a subcommand, and the most choices of an option.
const OPTIONS_MAX: usize = 25;
/// The most characters of a command's names, descriptions and choices taken together.
const COMMAND_MAX: usize = 8_000;
/// The most characters that an option may ask for.
const TEXT_MAX: u16 = 6_000;
/// The greatest number that an option may ask for.
const INTEGER_MAX: i64 = 1 << 53;

/// All that is wrong with a command, empty if nothing is.
fn faults(spec: &Spec) -> Vec<String> {
    let mut faults = Vec::new();
    named(spec.name, spec.description, spec.name, &mut faults);
    options(&spec.options, spec.name, 0, &mut faults);
    let length = spec.name.len() + spec.description.chars().count() + weight(&spec.options);
    if length > COMMAND_MAX {
        faults.push(format!("{}: {length} characters in all", spec.name));
    }
    faults
}

fn named(name: &str, description: &str, path: &str, faults: &mut Vec<String>) {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !(1..=NAME_MAX).contains(&name.chars().count()) || !name.chars().all(letter) {
        faults.push(format!("{path}: bad name"));
    }
    let length = description.chars().count();
    if !(1..=DESCRIPTION_MAX).contains(&length) || description.trim() != description {
        faults.push(format!("{path}: bad description of {length} characters"));
    }
}

fn options(options: &[Opt], path: &str, depth: usize, faults: &mut Vec<String>) {
    let mut fault = |what: &str| faults.push(format!("{path}: {what}"));
    if options.len() > OPTIONS_MAX {
        fault("too many options");
    }
    let names: BTreeSet<&str> = options.iter().map(|option| option.name).collect();
    if names.len() < options.len() {
        fault("two options of one name");
    }
    if !options.is_sorted_by_key(|option| !option.required) {
        fault("a required option behind an optional one");
    }
    let subcommands = options.iter().filter(|option| is_subcommand(option)).count();
    if subcommands > 0 && (subcommands < options.len() || depth > 0) {
        fault("subcommands beside options, or below a subcommand");
    }
    for option in options {
        let path = format!("{path} {}", option.name);
        named(option.name, option.description, &path, faults);
        kind(option, &path, depth, faults);
    }
}

fn is_subcommand(option: &Opt) -> bool {
    matches!(option.kind, OptKind::Subcommand(_))
}

fn kind(option: &Opt, path: &str, depth: usize, faults: &mut Vec<String>) {
    match &option.kind {
        OptKind::Subcommand(below) => options(below, path, depth + 1, faults),
        OptKind::Text { max, .. } if !(1..=TEXT_MAX).contains(max) => {
            faults.push(format!("{path}: a text of {max} characters"));
        }
        OptKind::Choice(choices) => self::choices(choices, path, faults),
        OptKind::Integer(least, most) => {
            if least > most || *least < -INTEGER_MAX || *most > INTEGER_MAX {
                faults.push(format!("{path}: numbers from {least} to {most}"));
            }
        }
        OptKind::Text { .. }
        | OptKind::Boolean
        | OptKind::User
        | OptKind::Channel
        | OptKind::Role => {}
    }
}

fn choices(choices: &[(&str, &str)], path: &str, faults: &mut Vec<String>) {
    let fits = |text: &str| (1..=DESCRIPTION_MAX).contains(&text.chars().count());
    if choices.is_empty() || choices.len() > OPTIONS_MAX {
        faults.push(format!("{path}: {} choices", choices.len()));
    }
    if !choices.iter().all(|(name, value)| fits(name) && fits(value)) {
        faults.push(format!("{path}: a choice that is empty or too long"));
    }
    let names: BTreeSet<_> = choices.iter().map(|(name, _)| name).collect();
    let values: BTreeSet<_> = choices.iter().map(|(_, value)| value).collect();
    if names.len() < choices.len() || values.len() < choices.len() {
        faults.push(format!("{path}: two choices alike"));
    }
}

/// The characters that options add to a command.
fn weight(options: &[Opt]) -> usize {
    let one = |option: &Opt| {
        let below = match &option.kind {
            OptKind::Subcommand(below) => weight(below),
            OptKind::Choice(choices) => choices.iter().map(|(n, v)| n.len() + v.len()).sum(),
            _ => 0,
        };
        option.name.len() + option.description.chars().count() + below
    };
    options.iter().map(one).sum()
}

#[test]
fn every_command_is_as_discord_asks() {
    let wrong: Vec<String> = specs().flat_map(|spec| faults(&spec)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_commands_have_one_name() {
    let names: BTreeSet<&str> = registry().iter().map(|command| command.spec().name).collect();
    assert_eq!(names.len(), registry().len());
}

#[test]
fn the_commands_are_those_of_the_design() {
    let names = registry().map(|command| command.spec().name);
    let expected = [
        "question",
        "reveal",
        "topics",
        "streak",
        "leaderboard",
        "settings",
        "privacy",
        "daily",
        "help",
    ];
    assert_eq!(names, expected);
    let below = |name: &str| -> Vec<&str> {
        let command = registry().into_iter().find(|command| command.spec().name == name).unwrap();
        command.spec().options.iter().map(|option| option.name).collect()
    };
    assert_eq!(
        below("question"),
        ["beginner", "intermediate", "advanced", "any", "today", "find", "show"]
    );
    assert_eq!(below("privacy"), ["export", "delete"]);
    assert_eq!(
        below("daily"),
        [
            "set", "show", "preview", "queue", "ban", "skip", "pause", "resume", "post-now",
            "credit", "remove", "check", "notices"
        ]
    );
}

#[test]
fn every_command_has_its_own_line_of_help() {
    let lines: BTreeSet<&str> =
        registry().iter().map(|command| command_word(command.words(), "help")).collect();
    assert_eq!(lines.len(), registry().len(), "{lines:?}");
    for line in lines {
        assert!(!line.is_empty() && line.trim() == line && !line.contains('\n'), "{line:?}");
        assert!(line.chars().count() <= 200, "{line:?} is no line");
    }
}

#[test]
fn only_the_command_for_admins_needs_manage_server() {
    let managed = registry().into_iter().filter(|command| command.spec().manage_server);
    assert_eq!(managed.map(|command| command.spec().name).collect::<Vec<_>>(), ["daily"]);
}

/// A custom id is read by its family, so no two may have one.
#[test]
fn families_of_buttons_are_unique() {
    let families: Vec<&str> = families().map(|buttons| buttons.family()).collect();
    for family in &families {
        assert!(!family.is_empty() && family.chars().all(|c| c.is_ascii_lowercase()), "{family:?}");
    }
    let distinct: BTreeSet<_> = families.iter().collect();
    assert_eq!(distinct.len(), families.len(), "{families:?}");
    assert_eq!(distinct.len(), 6);
}

#[test]
fn bad_commands_are_found() {
    let described = |option| Opt { description: "A word", ..option };
    let text = |max| OptKind::Text { max, autocomplete: false };
    let option = |name| described(Opt::optional(name, text(10)));
    let command = |options| Spec {
        name: "good",
        description: "Good",
        options,
        manage_server: false,
        direct_messages: false,
    };
    let long: &'static str = "A description that goes on and on, for longer than the hundred \
                              characters that Discord has room for in it";
    assert_eq!(faults(&command(vec![option("a"), option("b")])), Vec::<String>::new());
    let subcommand = |below| described(Opt::subcommand("sub", below));
    for bad in [
        Spec { name: "Bad", ..command(vec![]) },
        Spec { name: "", ..command(vec![]) },
        Spec { description: "", ..command(vec![]) },
        Spec { description: long, ..command(vec![]) },
        command(vec![option("a"), option("a")]),
        command(vec![option("a"), described(Opt::required("b", text(10)))]),
        command(vec![subcommand(vec![]), option("a")]),
        command(vec![subcommand(vec![subcommand(vec![])])]),
        command(vec![subcommand(vec![option("spa ce")])]),
        command(vec![described(Opt::optional("a", text(0)))]),
        command(vec![described(Opt::optional("a", OptKind::Integer(2, 1)))]),
        command(vec![described(Opt::optional("a", OptKind::Choice(&[("x", "y"), ("z", "y")])))]),
        command(vec![described(Opt::optional("a", OptKind::Choice(&[])))]),
    ] {
        assert_eq!(faults(&bad).len(), 1, "{bad:?}");
    }
    let names: Vec<&'static str> = (0..26).map(|n| &"abcdefghijklmnopqrstuvwxyz"[n..]).collect();
    let many = command(names.into_iter().map(option).collect());
    assert_eq!(faults(&many), ["good: too many options"]);
}
