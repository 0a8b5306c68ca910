//! What the buttons of `/daily` mean.

use crate::{
    domain::{daily::Daily, ids::DailyId},
    ui::{Action, Meaning},
};

pub(super) const FAMILY: &str = "daily";

/// A button for admins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DailyButton {
    /// Posts an extra round, if the newest one still has this number.
    PostExtra(DailyId, u32),
    /// Removes the daily for good.
    Remove(DailyId),
    /// Checks whether the daily can post. A notice of what fails since an instant has it, and is
    /// found again by it; the instant is in milliseconds.
    Check(DailyId, u64),
}

impl DailyButton {
    /// The button that posts an extra round of a daily as it is now.
    pub(super) fn extra(daily: &Daily) -> Action {
        Self::PostExtra(daily.id, daily.rounds).action()
    }
}

impl Meaning for DailyButton {
    fn action(&self) -> Action {
        match self {
            Self::PostExtra(daily, newest) => {
                Action::new(FAMILY, "extra").number(daily.0).number(*newest)
            }
            Self::Remove(daily) => Action::new(FAMILY, "remove").number(daily.0),
            Self::Check(daily, since) => {
                Action::new(FAMILY, "check").number(daily.0).number(*since)
            }
        }
    }

    fn read(action: &Action) -> Option<Self> {
        let mut parts = action.reader();
        match parts.text()? {
            "extra" => Some(Self::PostExtra(DailyId(parts.number()?), parts.number()?)),
            "remove" => Some(Self::Remove(DailyId(parts.number()?))),
            "check" => Some(Self::Check(DailyId(parts.number()?), parts.number()?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_button_comes_back(daily: u64, newest: u32, since: u64) {
            let daily = DailyId(daily);
            for button in [
                DailyButton::PostExtra(daily, newest),
                DailyButton::Remove(daily),
                DailyButton::Check(daily, since),
            ] {
                prop_assert_eq!(DailyButton::of(&button.action()), Some(button));
            }
        }
    }
}
