//! What is public says what it means: every public item has a line of documentation, but for fields
//! and variants, whose names often say all. The compiler's own lint makes no such difference.

use std::{fs, path::Path};
use syn::{Attribute, ImplItem, Item, TraitItem, Visibility};

/// The public items of a file that have no documentation.
fn undocumented(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    look(&syn::parse_file(text).unwrap().items, &mut found);
    found
}

fn look(items: &[Item], found: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Fn(item) => judge(&item.vis, &item.attrs, &item.sig.ident, found),
            Item::Struct(item) => judge(&item.vis, &item.attrs, &item.ident, found),
            Item::Enum(item) => judge(&item.vis, &item.attrs, &item.ident, found),
            Item::Const(item) => judge(&item.vis, &item.attrs, &item.ident, found),
            Item::Static(item) => judge(&item.vis, &item.attrs, &item.ident, found),
            Item::Type(item) => judge(&item.vis, &item.attrs, &item.ident, found),
            Item::Trait(item) => {
                judge(&item.vis, &item.attrs, &item.ident, found);
                for inner in &item.items {
                    if let TraitItem::Fn(inner) = inner {
                        judge(&item.vis, &inner.attrs, &inner.sig.ident, found);
                    }
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                for inner in &item.items {
                    match inner {
                        ImplItem::Fn(inner) => {
                            judge(&inner.vis, &inner.attrs, &inner.sig.ident, found);
                        }
                        ImplItem::Const(inner) => {
                            judge(&inner.vis, &inner.attrs, &inner.ident, found);
                        }
                        _ => {}
                    }
                }
            }
            // A module in a file of its own is documented there.
            Item::Mod(item) => {
                if let Some((_, items)) = item.content.as_ref().filter(|_| !is_test(&item.attrs)) {
                    judge(&item.vis, &item.attrs, &item.ident, found);
                    look(items, found);
                }
            }
            _ => {}
        }
    }
}

fn judge(
    visibility: &Visibility,
    attributes: &[Attribute],
    name: &syn::Ident,
    found: &mut Vec<String>,
) {
    let documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    if matches!(visibility, Visibility::Public(_)) && !documented && !is_test(attributes) {
        found.push(name.to_string());
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn every_public_item_says_what_it_means() {
    let mut wrong = Vec::new();
    // The program's entry has modules of its own, which nobody else can name.
    let library = |file: &std::path::PathBuf| !file.starts_with("src/main");
    for file in files(Path::new("src")).into_iter().filter(library) {
        let found = undocumented(&fs::read_to_string(&file).unwrap());
        wrong.extend(found.into_iter().map(|item| format!("{}: {item}", file.display())));
    }
    assert!(wrong.is_empty(), "no line of documentation:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let blank = |file: &std::path::PathBuf| !fs::read_to_string(file).unwrap().starts_with("//!");
    let tests = |file: &std::path::PathBuf| file.file_name().is_some_and(|name| name == "tests.rs");
    let wrong: Vec<_> =
        files(Path::new("src")).into_iter().filter(|file| !tests(file) && blank(file)).collect();
    assert!(wrong.is_empty(), "no line of documentation: {wrong:?}");
}

#[test]
fn what_is_missing_is_found() {
    let text = "pub fn a() {}\n/// B.\npub struct B { pub c: u8 }\nimpl B { pub fn d(&self) {} }\n\
                pub(crate) fn e() {}\n/// T.\npub trait T { fn f(); }\n\
                #[cfg(test)]\npub mod tests { pub fn g() {} }\nmod h { pub const I: u8 = 1; }";
    assert_eq!(undocumented(text), ["a", "d", "f", "I"]);
}
