//! The words of `/settings`.

use super::Words;
use crate::{
    domain::member::Preferences,
    ui::{Action, Button, Embed, Field, Reply, Style},
};

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "Whether boards show you"),
    ("help", "hide yourself from the boards, or show yourself again"),
];

/// What a member has chosen, and how to choose otherwise.
pub fn settings(chosen: Preferences, hide: impl Fn(bool) -> Action) -> Reply {
    let (boards, label) = match chosen.hidden {
        true => (
            "**Hidden.** No board shows you to anybody, `/streak` tells nobody else about you, and \
             nobody's place counts you. You still see your own.",
            "Show me on boards",
        ),
        false => ("**Shown**, where you have taken part.", "Hide me from boards"),
    };
    let embed = Embed {
        title: "Your settings".to_owned(),
        description: "They hold in every server that I am in.".to_owned(),
        colour: 0x4B_6B_C9,
        fields: vec![Field { name: "Boards".to_owned(), value: boards.to_owned() }],
        footer: "/privacy gives you all that I keep of you, or deletes it".to_owned(),
    };
    let button = Button::new(label, Style::Secondary, hide(!chosen.hidden));
    Reply { embeds: vec![embed], rows: vec![vec![button]], ephemeral: true, ..Reply::default() }
}
