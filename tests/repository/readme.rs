//! What the README tells a newcomer is so.

use whetstone::{commands, discord::permissions};

const README: &str = include_str!("../../README.md");

#[test]
fn the_invite_link_asks_for_what_the_bot_needs() {
    let asked = format!("permissions={}\n", permissions::INVITE);
    assert!(README.contains(&asked), "the link must hold {asked}");
    assert!(README.contains("scope=bot+applications.commands"));
}

#[test]
fn every_command_is_listed() {
    for command in commands::registry() {
        let name = command.spec().name;
        assert!(README.contains(&format!("| `/{name}")), "/{name} is not in the table");
    }
}
