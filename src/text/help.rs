//! The words of `/help` around the registry's lines.

use super::Words;
use crate::ui::{Embed, Reply};

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[("", "What I can do"), ("help", "this list")];

/// The list of commands.
pub fn commands(lines: &[String]) -> Reply {
    let embed = Embed {
        title: "Whetstone".to_owned(),
        description: format!(
            "A good question every working day. Answer it in your own words, take its quiz, or reveal \
             the model answer and grade yourself: each of these counts for your streak. A freeze \
             covers a missed round; weekends, holidays and pauses break nothing.\n\n{}",
            lines.join("\n")
        ),
        colour: 0x4B_6B_C9,
        ..Embed::default()
    };
    Reply { embeds: vec![embed], ephemeral: true, ..Reply::default() }
}
