//! Reading everything as it was at one instant, while others go on writing. Writers keep the old
//! value of what they change, before they change it; the reader takes it instead of the new one.
//! Nobody waits for anybody.

use super::{Store, StoreError, Table, backup::BackupError, sums, sums::Sum};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
    sync::{Arc, Mutex, PoisonError},
};

/// Rows as they were; `None` for one that was not there.
type Rows = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// The rows of an instant that have changed since.
#[derive(Default)]
pub(super) struct View {
    before: Mutex<Rows>,
}

impl View {
    /// Keeps a row as it is, unless it was kept already.
    pub(super) fn keep(
        &self,
        table: Table,
        key: &[u8],
        tree: &sled::Tree,
    ) -> Result<(), StoreError> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(place) = before.entry((table, key.to_vec())) {
            place.insert(tree.get(key)?.map(|value| value.to_vec()));
        }
        Ok(())
    }

    /// A row as it was, if it was kept.
    fn kept(&self, table: Table, key: &[u8]) -> Option<Option<Vec<u8>>> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.get(&(table, key.to_vec())).cloned()
    }

    /// The rows that were there and were kept, from behind one key to before another.
    fn between(
        &self,
        table: Table,
        after: Option<&[u8]>,
        to: Option<&[u8]>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let begin = match after {
            Some(key) => Bound::Excluded((table, key.to_vec())),
            None => Bound::Included((table, Vec::new())),
        };
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = before
            .range((begin, Bound::Unbounded))
            .take_while(|((of, key), _)| *of == table && to.is_none_or(|to| key.as_slice() < to));
        rows.filter_map(|((_, key), value)| Some((key.clone(), value.clone()?))).collect()
    }
}

/// Everything as it was when this was made. There is one at a time.
pub(super) struct Snapshot<'a> {
    store: &'a Store,
    view: Arc<View>,
    /// What each table adds up to.
    pub(super) sums: BTreeMap<&'static str, Sum>,
}

impl<'a> Snapshot<'a> {
    pub(super) fn take(store: &'a Store) -> Result<Self, BackupError> {
        let _turn = store.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = store.inner.view.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_some() {
            return Err(BackupError::UnderWay);
        }
        let sums = sums::stored(&store.inner.db)?;
        let view = Arc::new(View::default());
        *current = Some(Arc::clone(&view));
        drop(current);
        Ok(Self { store, view, sums })
    }

    /// Shows each row of a table, in the order of the keys.
    pub(super) fn each(
        &self,
        table: Table,
        mut see: impl FnMut(&[u8], &[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let mut last: Option<Vec<u8>> = None;
        for row in self.store.tree(table).iter() {
            let (key, value) = row.map_err(StoreError::Sled)?;
            // Rows that were there and have gone since.
            for (key, value) in self.view.between(table, last.as_deref(), Some(&key)) {
                see(&key, &value)?;
            }
            match self.view.kept(table, &key) {
                Some(Some(value)) => see(&key, &value)?,
                // It was not there yet.
                Some(None) => {}
                None => see(&key, &value)?,
            }
            last = Some(key.to_vec());
        }
        for (key, value) in self.view.between(table, last.as_deref(), None) {
            see(&key, &value)?;
        }
        Ok(())
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        *self.store.inner.view.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
