//! The bank that is in use. It can be exchanged while the bot runs, for a good one only.

use super::Bank;
use crate::diagnostic::Faults;
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

/// Holds the bank in use and knows which folders it is read from.
#[derive(Debug)]
pub struct Shelf {
    bank: RwLock<Arc<Bank>>,
    extra: Vec<PathBuf>,
}

impl Shelf {
    /// Reads the built-in bank and the extra folders.
    ///
    /// # Errors
    /// Every fault of any of them, as [`Bank::load`].
    pub fn open(extra: Vec<PathBuf>) -> Result<Self, Faults> {
        let bank = RwLock::new(Arc::new(Bank::load(&extra)?));
        Ok(Self { bank, extra })
    }

    /// A shelf with this bank, until it is reloaded.
    pub fn holding(bank: Bank) -> Self {
        Self { bank: RwLock::new(Arc::new(bank)), extra: Vec::new() }
    }

    /// The bank in use. Who asks keeps it for as long as needed, whatever is loaded since.
    pub fn current(&self) -> Arc<Bank> {
        self.bank.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the folders again.
    ///
    /// # Errors
    /// Every fault of the new bank; the old one then stays in use.
    pub fn reload(&self) -> Result<(), Faults> {
        let bank = Arc::new(Bank::load(&self.extra)?);
        *self.bank.write().unwrap_or_else(PoisonError::into_inner) = bank;
        Ok(())
    }
}
