//! Single values: counters, and short notes that the program leaves for its next start.

use super::{Changes, Store, StoreError, Table};

impl Store {
    /// A note by its name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.get(Table::Meta, note_key(name).as_bytes())
    }

    /// Writes a note.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn set_note(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.write(|changes| changes.put(Table::Meta, note_key(name).into_bytes(), &text)).await
    }
}

impl Store {
    /// Writes something that means nothing, to see whether the disk takes it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.set_note("probe", "").await
    }
}

fn note_key(name: &str) -> String {
    format!("note/{name}")
}

/// The next number of a counter that begins at 1.
pub(super) fn next_number(changes: &mut Changes<'_>, counter: &str) -> Result<u64, StoreError> {
    let key = format!("counter/{counter}").into_bytes();
    let next = changes.get::<u64>(Table::Meta, &key)?.unwrap_or(0) + 1;
    changes.put(Table::Meta, key, &next)?;
    Ok(next)
}
