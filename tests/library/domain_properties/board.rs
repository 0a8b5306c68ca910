//! Boards of random scores, with many ties.

use jiff::Timestamp;
use proptest::collection::btree_map;
use proptest::prelude::*;
use whetstone::domain::board::{Entry, Place, rank};
use whetstone::domain::ids::UserId;

/// Entries of different members in a random order.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    btree_map(0u64..1_000, (0u32..6, 0i64..4), 0..40)
        .prop_map(|members| {
            let entry = |(user, (score, second))| Entry {
                score,
                reached: Timestamp::from_second(second).unwrap(),
                user: UserId(user),
            };
            members.into_iter().map(entry).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

proptest! {
    #[test]
    fn a_rank_is_one_more_than_the_number_of_better_scores(entries in entries()) {
        let places = rank(entries.clone());
        prop_assert_eq!(places.len(), entries.len());
        for entry in &entries {
            let better = entries.iter().filter(|other| other.score > entry.score).count();
            let place = Place { rank: better as u32 + 1, user: entry.user, score: entry.score };
            prop_assert_eq!(places.iter().filter(|shown| **shown == place).count(), 1);
        }
    }

    #[test]
    fn who_reached_a_score_first_is_shown_first(entries in entries()) {
        let places = rank(entries.clone());
        let entry = |place: &Place| *entries.iter().find(|entry| entry.user == place.user).unwrap();
        for pair in places.windows(2) {
            let (above, below) = (entry(&pair[0]), entry(&pair[1]));
            prop_assert!(above.score >= below.score);
            if above.score == below.score {
                prop_assert!((above.reached, above.user) < (below.reached, below.user));
            }
        }
    }
}
