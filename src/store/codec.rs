//! How keys and values look on disk. Keys are big-endian so that their order is that of the
//! numbers; values are a byte with the form's version, then JSON, so that a field can be added
//! and an old record still be read.

use super::StoreError;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// The schema that this program writes. Schema 2 brought what each table adds up to.
pub const SCHEMA: u8 = 2;

/// The form of values, which their first byte tells.
const FORM: u8 = 1;

/// Builds a key from fixed-width parts.
#[derive(Clone, Default)]
pub(super) struct Key(Vec<u8>);

impl Key {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn u8(mut self, part: u8) -> Self {
        self.0.push(part);
        self
    }

    pub(super) fn u32(mut self, part: u32) -> Self {
        self.0.extend(part.to_be_bytes());
        self
    }

    pub(super) fn u64(mut self, part: u64) -> Self {
        self.0.extend(part.to_be_bytes());
        self
    }

    /// An instant, to the millisecond; instants before 1970 do not occur.
    pub(super) fn time(self, at: Timestamp) -> Self {
        self.u64(u64::try_from(at.as_millisecond()).unwrap_or(0))
    }

    pub(super) fn text(mut self, part: &str) -> Self {
        self.0.extend(part.as_bytes());
        self
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Takes a key apart again, from the front.
pub(super) struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    pub(super) fn of(key: &'a [u8]) -> Self {
        Self(key)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(StoreError::BadKey)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, StoreError> {
        self.take().map(u8::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, StoreError> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, StoreError> {
        self.take().map(u64::from_be_bytes)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        let millis = i64::try_from(self.u64()?).map_err(|_| StoreError::BadKey)?;
        Timestamp::from_millisecond(millis).map_err(|_| StoreError::BadKey)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value's bytes.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![FORM];
    serde_json::to_writer(&mut bytes, value).map_err(StoreError::Encode)?;
    Ok(bytes)
}

/// The value of those bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match bytes.split_first() {
        Some((&FORM, json)) => serde_json::from_slice(json).map_err(StoreError::Damaged),
        Some((version, _)) => Err(StoreError::ForeignValue(*version)),
        None => Err(StoreError::BadKey),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_sort_as_their_numbers(a: (u64, u32), b: (u64, u32)) {
            let key = |(x, y): (u64, u32)| Key::new().u64(x).u32(y).bytes();
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
        }

        #[test]
        fn keys_come_apart_again(b: u32, c: u64, millis in 0..253_402_207_200_000_i64) {
            let at = Timestamp::from_millisecond(millis).unwrap();
            let key = Key::new().u32(b).u64(c).time(at).bytes();
            let mut parts = Parts::of(&key);
            prop_assert_eq!(parts.u32().unwrap(), b);
            prop_assert_eq!(parts.u64().unwrap(), c);
            prop_assert_eq!(parts.time().unwrap(), at);
            prop_assert!(parts.u32().is_err());
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = decode::<crate::domain::round::Round>(&bytes);
        }
    }
}
