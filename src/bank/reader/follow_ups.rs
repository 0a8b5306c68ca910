//! Reads what an interviewer would ask next.

use super::trimmed;
use crate::{
    bank::{limits, texts::Texts},
    diagnostic::fields::{Fields, Text},
    domain::question::FollowUp,
};

/// A follow-up whose texts have their places.
pub struct FollowUpDraft {
    /// What is asked.
    pub ask: Text,
    /// What a good answer has.
    pub good: Text,
}

impl FollowUpDraft {
    /// The follow-up itself.
    pub fn follow_up(self) -> FollowUp {
        FollowUp { ask: trimmed(self.ask), good: trimmed(self.good) }
    }
}

/// The follow-ups; nothing if there are none, or if one of them could not be read.
pub fn read(texts: Texts<'_>, fields: &mut Fields<'_>) -> Option<Vec<FollowUpDraft>> {
    let value = fields.optional("follow_ups")?;
    let entries = value.entries()?;
    texts.check_count("follow_ups", &value, entries.len(), 1..=limits::FOLLOW_UPS_MAX);
    // Each is read, so that a fault in one does not hide the next one's.
    let read: Vec<Option<FollowUpDraft>> =
        entries.iter().map(|entry| read_one(texts, entry.table()?)).collect();
    let follow_ups: Vec<FollowUpDraft> = read.into_iter().collect::<Option<_>>()?;
    texts.check_distinct("follow_ups", follow_ups.iter().map(|follow_up| &follow_up.ask));
    Some(follow_ups)
}

fn read_one(texts: Texts<'_>, mut fields: Fields<'_>) -> Option<FollowUpDraft> {
    let ask = texts.line(&mut fields, "ask", limits::FOLLOW_UP_ASK_MAX);
    let good = texts.line(&mut fields, "good", limits::FOLLOW_UP_GOOD_MAX);
    fields.finish();
    Some(FollowUpDraft { ask: ask?, good: good? })
}
