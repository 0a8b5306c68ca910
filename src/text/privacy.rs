//! The words of `/privacy`. The file that a member gets is worded here, too: see [`mod@file`].

pub mod file;

use super::{Words, plural};
use crate::{
    app::privacy::MemberData,
    domain::ledger::Forgotten,
    error::Result,
    ui::{Action, Button, Reply, Style},
};

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "What I keep of you"),
    ("help", "all that I keep of you, as a file; or delete it, in every server"),
    ("export", "All that I keep of you, as a file for your eyes only"),
    ("delete", "Delete all that I keep of you, in every server"),
];

/// All that is stored of a member.
///
/// # Errors
/// Where the file cannot be written as JSON.
pub fn exported(data: &MemberData) -> Result<Reply> {
    let rounds: usize = data.dailies.iter().map(|daily| daily.rounds.len()).sum();
    let content = format!(
        "Here is all that I keep of you: what you did in {}, and what follows from it. The file \
         explains each of its fields. Answers that you typed are not in it, for I never keep them.",
        plural(rounds as u64, "round")
    );
    Ok(Reply { content, file: Some(file::of(data)?), ephemeral: true, ..Reply::default() })
}

/// Asks before all is deleted.
pub fn confirm_deletion(delete: Action) -> Reply {
    let content = "**Delete all that I keep of you?** In every server: what you did in rounds, your \
                   streaks and freezes, your places on all boards, and your settings, being hidden \
                   included. It cannot be undone. `/privacy export` gives you a copy first.\n\
                   What you shared in a thread is a message there and stays; a moderator can delete \
                   it.";
    let button = Button::new("Delete it all", Style::Danger, delete);
    Reply {
        content: content.to_owned(),
        rows: vec![vec![button]],
        ephemeral: true,
        ..Reply::default()
    }
}

/// All is deleted, except in as many daily backups as are kept.
pub fn deleted(forgotten: &Forgotten, backups_kept: usize) -> Reply {
    let what = match forgotten.rounds.len() {
        0 => "I keep nothing of you now; you were in no round.".to_owned(),
        rounds => format!(
            "All that I kept of you is deleted: what you did in {}, streaks, places on boards, and \
             settings.",
            plural(rounds as u64, "round")
        ),
    };
    let backups = match backups_kept {
        0 => "Daily backups are not made here; one from before, if whoever runs me has any, still \
              holds it."
            .to_owned(),
        kept => format!(
            "Backups from before still hold it for up to **{}**: one is made each day, and {} kept.",
            plural(kept as u64, "day"),
            if kept == 1 { "the newest is".to_owned() } else { format!("the newest {kept} are") }
        ),
    };
    let content = format!("{what}\n{backups} If you take part again, you begin anew.");
    Reply { content, ephemeral: true, ..Reply::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_long_backups_hold_what_was_deleted() {
        let told = |kept| deleted(&Forgotten::default(), kept).content;
        assert!(told(0).contains("are not made here"), "{}", told(0));
        let one = "for up to **1 day**: one is made each day, and the newest is kept.";
        assert!(told(1).contains(one), "{}", told(1));
        let month = "for up to **30 days**: one is made each day, and the newest 30 are kept.";
        assert!(told(30).contains(month), "{}", told(30));
    }
}
