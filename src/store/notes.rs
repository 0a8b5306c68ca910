//! Single values: counters, and short notes that the program leaves for its next start.

use super::{Store, StoreError, Table, keys::note_key};

impl Store {
    /// A note by its name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.get(Table::Meta, &note_key(name))
    }

    /// Writes a note.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn set_note(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.write(|changes| changes.put(Table::Meta, note_key(name), &text)).await
    }
}
