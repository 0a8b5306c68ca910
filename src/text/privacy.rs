//! The words of `/privacy`. The file that a member gets is worded here, too: see [`mod@file`].

pub mod file;

use super::{
    plural,
    reply::{Action, Button, Reply, Style},
};
use crate::{app::privacy::MemberData, config::Backup, error::Result, store::Forgotten};

/// For how many days a backup can still hold what was deleted: one is made each day.
const BACKUP_DAYS: u8 = Backup::KEEP;

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
pub fn confirm_deletion() -> Reply {
    let content = "**Delete all that I keep of you?** In every server: what you did in rounds, your \
                   streaks and freezes, your places on all boards, and your settings, being hidden \
                   included. It cannot be undone. `/privacy export` gives you a copy first.\n\
                   What you shared in a thread is a message there and stays; a moderator can delete \
                   it.";
    let button = Button::new("Delete it all", Style::Danger, Action::ForgetMe);
    Reply {
        content: content.to_owned(),
        rows: vec![vec![button]],
        ephemeral: true,
        ..Reply::default()
    }
}

/// All is deleted.
pub fn deleted(forgotten: &Forgotten) -> Reply {
    let what = match forgotten.rounds.len() {
        0 => "I keep nothing of you now; you were in no round.".to_owned(),
        rounds => format!(
            "All that I kept of you is deleted: what you did in {}, streaks, places on boards, and \
             settings.",
            plural(rounds as u64, "round")
        ),
    };
    let content = format!(
        "{what}\nBackups from before still hold it for up to **{}**: one is made each day, and the \
         newest {BACKUP_DAYS} are kept, unless whoever runs me has chosen another number. If you take \
         part again, you begin anew.",
        plural(BACKUP_DAYS, "day")
    );
    Reply { content, ephemeral: true, ..Reply::default() }
}
