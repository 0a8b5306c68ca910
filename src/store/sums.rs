//! What each table adds up to: its number of rows, and a sum of hashes, one a row. Both stand in
//! sled's default tree and change in the same transaction as the rows. sled takes a page that it
//! finds in an older state for the page; the sums tell, as they tell of every row that was lost,
//! changed or came back.

use super::{StoreError, Table};
use siphasher::sip::SipHasher13;
use std::{collections::BTreeMap, hash::Hasher};

/// Where the number of writes stands in the default tree.
pub(super) const WRITES: &[u8] = b"writes";

/// The sum of a table.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Sum {
    /// How many rows.
    pub(super) rows: u64,
    digest: u64,
}

impl Sum {
    /// Puts a row in.
    pub(super) fn add(&mut self, table: &str, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.digest = self.digest.wrapping_add(hash(table, key, value));
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, table: &str, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.digest = self.digest.wrapping_sub(hash(table, key, value));
    }

    /// As it is stored.
    pub(super) fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.rows.to_be_bytes());
        bytes[8..].copy_from_slice(&self.digest.to_be_bytes());
        bytes
    }

    /// From what is stored; a table that was never written to adds up to nothing.
    pub(super) fn read(bytes: Option<&[u8]>) -> Result<Self, StoreError> {
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        let (rows, digest) = bytes.split_first_chunk().ok_or(StoreError::BadKey)?;
        let digest = digest.try_into().map_err(|_| StoreError::BadKey)?;
        Ok(Self { rows: u64::from_be_bytes(*rows), digest: u64::from_be_bytes(digest) })
    }

    /// Reads a whole table and adds it up.
    pub(super) fn of(name: &str, tree: &sled::Tree) -> Result<Self, sled::Error> {
        let mut sum = Self::default();
        for row in tree.iter() {
            let (key, value) = row?;
            sum.add(name, &key, &value);
        }
        Ok(sum)
    }
}

/// The same for ever: it is stored.
fn hash(table: &str, key: &[u8], value: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    for part in [table.as_bytes(), key, value] {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    hasher.finish()
}

/// Where a table's sum stands in the default tree.
pub(super) fn key(table: &str) -> Vec<u8> {
    format!("sum/{table}").into_bytes()
}

/// What every table should add up to.
pub(super) fn stored(db: &sled::Db) -> Result<BTreeMap<&'static str, Sum>, StoreError> {
    let sum = |name: &'static str| Ok((name, Sum::read(db.get(key(name))?.as_deref())?));
    Table::ALL.into_iter().map(|(_, name)| sum(name)).collect()
}

/// How many transactions have been written, ever.
pub(super) fn writes(db: &sled::Tree) -> Result<u64, StoreError> {
    read_number(db.get(WRITES)?.as_deref())
}

/// A number of the default tree, 0 where it is not there.
pub(super) fn read_number(bytes: Option<&[u8]>) -> Result<u64, StoreError> {
    let Some(bytes) = bytes else { return Ok(0) };
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| StoreError::BadKey)
}

/// Adds every table up, and writes the sums down, in one go with what else is to be written.
pub(super) fn write_all(db: &sled::Db, mut batch: sled::Batch) -> Result<(), StoreError> {
    for (_, name) in Table::ALL {
        let sum = Sum::of(name, &db.open_tree(name)?)?;
        batch.insert(key(name), sum.bytes().as_slice());
    }
    Ok(db.apply_batch(batch)?)
}

/// How a table is not what was written, in words; nothing where it is.
pub(super) fn fault(db: &sled::Db, name: &str, should: Sum) -> Option<String> {
    let read = db.open_tree(name).and_then(|tree| Sum::of(name, &tree));
    match read {
        Ok(is) if is == should => None,
        Ok(is) if is.rows == should.rows => {
            Some(format!("of its {} rows some are not as they were written", is.rows))
        }
        Ok(is) => Some(format!("it has {} rows of the {} that were written", is.rows, should.rows)),
        Err(error) => Some(format!("it cannot be read: {}", sled_says(&error))),
    }
}

/// What sled's error means; its own words for damage are meant for its authors.
pub(super) fn sled_says(error: &sled::Error) -> String {
    match error {
        sled::Error::Corruption { at: Some(at), .. } => format!("it is damaged at {at}"),
        sled::Error::Corruption { at: None, .. } => "a checksum does not fit".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(Vec<u8>, Vec<u8>)>;

    fn sum(rows: &Rows) -> Sum {
        let mut sum = Sum::default();
        rows.iter().for_each(|(key, value)| sum.add("parts", key, value));
        sum
    }

    proptest! {
        #[test]
        fn a_row_put_in_and_taken_out_leaves_nothing(rows: Rows, key: Vec<u8>, value: Vec<u8>) {
            let before = sum(&rows);
            let mut after = before;
            after.add("parts", &key, &value);
            prop_assert_ne!(after, before);
            after.remove("parts", &key, &value);
            prop_assert_eq!(after, before);
            prop_assert_eq!(Sum::read(Some(&before.bytes())).unwrap(), before);
        }

        #[test]
        fn the_order_does_not_count_and_where_a_key_ends_does(mut rows: Rows) {
            rows.push((vec![1, 2], vec![3]));
            let before = sum(&rows);
            rows.reverse();
            prop_assert_eq!(sum(&rows), before);
            rows[0] = (vec![1], vec![2, 3]);
            prop_assert_ne!(sum(&rows), before);
        }
    }

    /// What is stored must be read by later programs.
    #[test]
    fn the_hash_is_the_same_for_ever() {
        assert_eq!(hash("parts", b"key", b"value"), 9_570_702_731_495_203_671);
    }
}
