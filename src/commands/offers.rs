//! How the buttons of a question are written into an action, for rounds and practice alike: what is
//! offered as a word, what it is offered for, and a detail where the offer has one.

use crate::{
    domain::round::Grade,
    text::rounds::Offer,
    ui::{Action, Parts},
};

/// The offers without a detail.
const PLAIN: [Offer; 8] = [
    Offer::Answer,
    Offer::Quiz,
    Offer::Hint,
    Offer::Reveal,
    Offer::Send,
    Offer::Share,
    Offer::Full,
    Offer::Deeper,
];

/// The word of an offer.
pub(super) fn word(offer: Offer) -> &'static str {
    match offer {
        Offer::Answer => "answer",
        Offer::Quiz => "quiz",
        Offer::Hint => "hint",
        Offer::Reveal => "reveal",
        Offer::Send => "form",
        Offer::Pick(_) => "pick",
        Offer::Grade(_) => "grade",
        Offer::Share => "share",
        Offer::Full => "full",
        Offer::Deeper => "deeper",
    }
}

/// The action with the offer's detail behind all else.
pub(super) fn with_detail(action: Action, offer: Offer) -> Action {
    match offer {
        Offer::Pick(place) => action.number(place),
        Offer::Grade(grade) => action.number(grade as u64),
        _ => action,
    }
}

/// The offer of that word, with its detail read from what is left.
pub(super) fn read(word: &str, mut rest: Parts<'_>) -> Option<Offer> {
    let offer = match word {
        "pick" => Offer::Pick(rest.number()?),
        "grade" => Offer::Grade(*Grade::ALL.get(rest.number::<usize>()?)?),
        _ => PLAIN.into_iter().find(|offer| self::word(*offer) == word)?,
    };
    rest.is_empty().then_some(offer)
}

/// Any offer, for tests of those who write them.
#[cfg(test)]
pub(super) fn any() -> impl proptest::strategy::Strategy<Value = Offer> {
    use proptest::prelude::*;
    prop_oneof![
        prop::sample::select(PLAIN.to_vec()),
        (0..4_u8).prop_map(Offer::Pick),
        prop::sample::select(Grade::ALL.to_vec()).prop_map(Offer::Grade),
    ]
}
