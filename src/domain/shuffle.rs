//! A shuffle that never changes: the order of a deck or of a quiz's choices must be the same after
//! a restart and after an upgrade, so it comes from a published hash and not from a generator
//! whose stream a new version may alter.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Where `item` stands in the shuffle that `seed` and `turn` name: sort by it, smallest first.
///
/// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) keyed with
/// the two numbers, over the item's bytes.
pub fn position(seed: u64, turn: u64, item: &str) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed, turn);
    hasher.write(item.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn the_order_is_fixed_for_good() {
        assert_eq!(position(1, 2, "webhooks"), POSITION);
        assert_ne!(position(1, 2, "webhooks"), position(1, 3, "webhooks"));
        assert_ne!(position(1, 2, "webhooks"), position(2, 2, "webhooks"));
    }

    /// Written down once; a change of it would reshuffle every running deck.
    const POSITION: u64 = 2338828316962698907;
}
