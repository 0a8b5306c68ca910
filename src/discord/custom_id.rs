//! The codec of custom ids: an action in at most 100 characters, behind a version so that a later
//! program can still read an old button. Nothing in it is trusted: who clicked and in which guild
//! comes from Discord.
//!
//! The form is `<family><version>:<part>:<part>…`.

use super::limits::CUSTOM_ID_MAX;
use crate::ui::Action;

const VERSION: char = '1';

/// The custom id of an action.
pub fn encode(action: &Action) -> String {
    format!("{}{VERSION}:{}", action.family, action.parts.join(":"))
}

/// The action of a custom id; `None` for one that has not the form of this program's.
pub fn decode(custom_id: &str) -> Option<Action> {
    // Discord takes no longer one, so a longer one did not come through Discord.
    if custom_id.len() > CUSTOM_ID_MAX {
        return None;
    }
    let (head, rest) = custom_id.split_once(':')?;
    let family = head.strip_suffix(VERSION)?;
    let is_family = !family.is_empty() && family.bytes().all(|b| b.is_ascii_lowercase());
    let parts: Vec<String> = rest.split(':').map(str::to_owned).collect();
    is_family.then(|| Action { family: family.to_owned(), parts })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        commands::round::RoundButton, domain::ids::DailyId, text::rounds::Offer, ui::Meaning,
    };
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_action_comes_back(family in "[a-z]{1,12}", parts in prop::collection::vec("[a-z0-9-]{1,8}", 1..8)) {
            let action = Action { family, parts };
            prop_assert_eq!(decode(&encode(&action)), Some(action));
        }

        #[test]
        fn what_is_read_has_one_spelling(text in "([a-z]{0,9}[0-9]?:)?.{0,120}") {
            if let Some(action) = decode(&text) {
                prop_assert_eq!(encode(&action), text);
            }
        }
    }

    #[test]
    fn buttons_that_are_out_there_stay_readable() {
        let button = RoundButton { daily: DailyId(1), number: 41, offer: Offer::Answer };
        assert_eq!(encode(&button.action()), "round1:answer:1:15");
        let read = |custom_id| decode(custom_id).and_then(|action| RoundButton::of(&action));
        assert_eq!(read("round1:answer:1:15"), Some(button));
        assert_eq!(read("round2:answer:1:15"), None, "another version");
        assert_eq!(read("round1:answer:01:15"), None, "another spelling");
        assert_eq!(read("round1:answer:1:15:"), None, "one part too many");
    }
}
