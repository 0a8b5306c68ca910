//! The arrows of the design point down only: reads which of the crate's modules each file under
//! src/ names, and fails on any that names one above itself. The files are read as tokens, so that
//! comments and texts do not count, and paths inside macros and test modules do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{collections::BTreeSet, fs, path::Path};

/// The modules, the highest first. Each may name itself and those behind it.
const ORDER: &[&str] = &[
    "main",
    "fuzzing",
    "playground",
    "ops",
    "bot",
    "discord",
    "scheduler",
    "commands",
    "text",
    "app",
    "config",
    "store",
    "bank",
    "ui",
    "error",
    "domain",
    "telemetry",
    "diagnostic",
    "files",
];

/// Libraries that one module alone may name.
const OWNED: [(&str, &str); 3] =
    [("sled", "store"), ("serenity", "discord"), ("discord_sim", "playground")];

/// What a file names: another module of the crate, or a library that has an owner.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Named {
    Module(String),
    Library(String),
}

/// Where in the tree of modules some tokens stand.
#[derive(Clone, Copy)]
struct Place {
    /// Modules between the crate's root and the tokens, the tokens' own module included.
    depth: usize,
    /// Whether they stand in the program's entry, which names the library from outside.
    outside: bool,
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for file in files(Path::new("src")) {
        let named = named_by(&file, &fs::read_to_string(&file).unwrap());
        let why = named.iter().filter_map(|named| forbidden(&module_of(&file), named));
        wrong.extend(why.map(|why| format!("{file}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_names_every_module() {
    let here: BTreeSet<String> = files(Path::new("src")).iter().map(|f| module_of(f)).collect();
    let mut known: BTreeSet<String> = ORDER.iter().map(|module| (*module).to_owned()).collect();
    known.insert("lib".to_owned());
    assert_eq!(here, known);
}

#[test]
fn the_simulated_discord_knows_nothing_of_the_bot() {
    let package = Path::new("crates/discord-sim");
    let mut all = files(package);
    assert!(all.len() > 30, "its files are not found");
    all.extend(["Cargo.toml", "README.md"].map(|file| package.join(file).display().to_string()));
    all.retain(|file| fs::read_to_string(file).unwrap().to_lowercase().contains("whetstone"));
    assert_eq!(all, Vec::<String>::new());
}

/// A check that sees nothing would pass for ever: some arrows that are surely there.
#[test]
fn the_arrows_are_seen() {
    let seen: BTreeSet<(String, Named)> = files(Path::new("src"))
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            named_by(file, &text).into_iter().map(|named| (module_of(file), named))
        })
        .collect();
    let module = |from: &str, to: &str| (from.to_owned(), Named::Module(to.to_owned()));
    let library = |from: &str, to: &str| (from.to_owned(), Named::Library(to.to_owned()));
    for arrow in [
        module("main", "bot"),
        module("playground", "bot"),
        module("bot", "scheduler"),
        module("discord", "commands"),
        module("commands", "text"),
        module("text", "app"),
        module("app", "store"),
        module("store", "domain"),
        module("config", "telemetry"),
        library("store", "sled"),
        library("discord", "serenity"),
        library("playground", "discord_sim"),
    ] {
        assert!(seen.contains(&arrow), "{arrow:?} is not seen");
    }
}

#[test]
fn made_up_violations_are_found() {
    let found = |file: &str, text: &str| -> Vec<String> {
        let named = named_by(file, text);
        named.into_iter().filter_map(|named| forbidden(&module_of(file), &named)).collect()
    };
    for (file, text) in [
        ("src/domain/deck.rs", "use crate::store::Store;"),
        ("src/app/mod.rs", "use crate::{bank::Bank, domain::{ids::UserId}, text::cut};"),
        ("src/store/mod.rs", "fn f() { let reply = crate::text::cut(\"\", 1); }"),
        ("src/text/words.rs", "#[cfg(test)] mod tests { use crate::commands::registry; }"),
        ("src/app/rounds.rs", "fn f() { assert_eq!(crate::scheduler::NAP, 1); }"),
        ("src/bank/mod.rs", "use super::store::Store;"),
        ("src/bank/find.rs", "use super::super::app;"),
        ("src/bank/find.rs", "mod inner { use super::super::{super::app}; }"),
        ("src/error.rs", "use super::{app::App};"),
        ("src/error.rs", "use crate::*;"),
        ("src/bot.rs", "use discord_sim::Clock;"),
        ("src/app/mod.rs", "fn f(db: ::sled::Db) {}"),
        ("src/bot.rs", "use {serenity::http::Http as H};"),
    ] {
        assert_eq!(found(file, text).len(), 1, "{file}: {text}");
    }
    for (file, text) in [
        (
            "src/commands/mod.rs",
            "use crate::{app::App, text::{rounds::card, cut}, ui::Reply, store};",
        ),
        ("src/app/mod.rs", "// crate::text::cut\nconst A: &str = \"crate::text\";"),
        ("src/app/mod.rs", "/// See [`crate::text::cut`].\npub(crate) fn f() {}"),
        ("src/bank/find.rs", "mod inner { use super::super::reader; } use super::reader;"),
        ("src/playground/page.rs", "use crate::bot::Bot; use discord_sim::Sim;"),
        ("src/main.rs", "use whetstone::{bot::Bot, playground};"),
        ("src/store/mod.rs", "use sled::Db;"),
    ] {
        assert_eq!(found(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

/// Why a module may not name that, or nothing if it may.
fn forbidden(from: &str, named: &Named) -> Option<String> {
    let rank = |module: &str| ORDER.iter().position(|name| *name == module);
    let target = match named {
        Named::Library(library) => {
            let owner = OWNED.iter().find(|(name, _)| name == library)?.1;
            return (owner != from).then(|| format!("only {owner} may name {library}"));
        }
        Named::Module(target) if target == from => return None,
        Named::Module(target) => target,
    };
    match (rank(from), rank(target)) {
        (Some(from), Some(target)) if from < target => None,
        (None, _) if from == "lib" => None,
        _ => Some(format!("{from} names {target}, which is not below it")),
    }
}

/// The Rust files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
    found.sort();
    found
}

/// The top module that a file belongs to.
fn module_of(file: &str) -> String {
    let path = file.strip_prefix("src/").unwrap();
    path.split(['/', '.']).next().unwrap().to_owned()
}

/// What a file names.
fn named_by(file: &str, text: &str) -> Vec<Named> {
    let path = file.strip_prefix("src/").unwrap().trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod");
    let root = matches!(path, "lib" | "main");
    let depth = if root { 0 } else { path.split('/').count() };
    let tokens: TokenStream = text.parse().unwrap();
    let mut named = Vec::new();
    walk(tokens, Place { depth, outside: path == "main" }, &mut named);
    named
}

/// Collects what some tokens name.
fn walk(tokens: TokenStream, place: Place, named: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inline_module = group.delimiter() == Delimiter::Brace
                    && at >= 2
                    && is_word(&tokens[at - 2], "mod");
                let depth = place.depth + usize::from(inline_module);
                walk(group.stream(), Place { depth, ..place }, named);
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                if OWNED.iter().any(|(library, _)| *library == word) {
                    named.push(Named::Library(word));
                } else if !follows_colons(&tokens, at) {
                    named.extend(path_from(&tokens[at..], place).into_iter().map(Named::Module));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The top modules that a path which begins here leads to: none unless it begins at the root.
fn path_from(tokens: &[TokenTree], place: Place) -> Vec<String> {
    let Some(TokenTree::Ident(head)) = tokens.first() else { return Vec::new() };
    match head.to_string().as_str() {
        "crate" => below(&tokens[1..], 0),
        "whetstone" if place.outside => below(&tokens[1..], 0),
        "super" if place.depth > 0 => below(&tokens[1..], place.depth - 1),
        _ => Vec::new(),
    }
}

/// The top modules that `::…` leads to from a module so deep below the root.
fn below(tokens: &[TokenTree], depth: usize) -> Vec<String> {
    if !starts_with_colons(tokens) {
        return Vec::new();
    }
    match tokens.get(2) {
        Some(TokenTree::Group(group)) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
            inner.split(is_comma).flat_map(|element| segment(element, depth)).collect()
        }
        Some(_) => segment(&tokens[2..], depth),
        None => Vec::new(),
    }
}

/// The same for what stands behind the colons.
fn segment(tokens: &[TokenTree], depth: usize) -> Vec<String> {
    match tokens.first() {
        Some(token) if is_word(token, "super") => below(&tokens[1..], depth.saturating_sub(1)),
        Some(token) if is_word(token, "self") => Vec::new(),
        Some(token) if depth == 0 => vec![token.to_string()],
        _ => Vec::new(),
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

fn starts_with_colons(tokens: &[TokenTree]) -> bool {
    is_colon(tokens.first()) && is_colon(tokens.get(1))
}

fn follows_colons(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && starts_with_colons(&tokens[at - 2..])
}
