//! What a button or a form means, as plain data: whoever owns the button writes it and reads it
//! again, and a chat platform carries it in its own form, so that a button works after a restart
//! and a year later.

/// What a click on a button, or a form that is sent, means: the family of buttons that it belongs
/// to, and words and numbers that only the family's owner understands. Nothing in it is trusted:
/// who clicked and in which guild is the platform's word.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Action {
    /// Lower-case letters; each family has one owner.
    pub family: String,
    /// Words and numbers, none of them with a colon or a space in it.
    pub parts: Vec<String>,
}

impl Action {
    /// An action of a family, its parts beginning with this word.
    pub fn new(family: &str, word: &str) -> Self {
        Self { family: family.to_owned(), parts: vec![word.to_owned()] }
    }

    /// The same with one more word.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(text.into());
        self
    }

    /// The same with one more number.
    #[must_use]
    pub fn number(self, number: impl Into<u64>) -> Self {
        let digits = base36(number.into());
        self.text(digits)
    }

    /// Its parts, to be read from the first on.
    pub fn reader(&self) -> Parts<'_> {
        Parts(self.parts.iter())
    }
}

/// The parts of an action that were not read yet.
#[derive(Clone, Debug)]
pub struct Parts<'a>(std::slice::Iter<'a, String>);

impl<'a> Parts<'a> {
    /// The next part; `None` where there is none.
    pub fn text(&mut self) -> Option<&'a str> {
        self.0.next().map(String::as_str)
    }

    /// The next part as a number; `None` where it is none, or too great for its type.
    pub fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(u64::from_str_radix(self.text()?, 36).ok()?).ok()
    }

    /// Whether every part was read.
    pub fn is_empty(&self) -> bool {
        self.0.len() == 0
    }
}

/// A number in base 36, as short as it gets.
fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// The buttons of one owner, typed: written as actions and read back.
pub trait Meaning: Sized {
    /// As an action.
    fn action(&self) -> Action;

    /// Reads an action of the owner's family, more leniently than it was written.
    fn read(action: &Action) -> Option<Self>;

    /// What an action means; `None` where this owner does not write it exactly so.
    fn of(action: &Action) -> Option<Self> {
        Self::read(action).filter(|meaning| meaning.action() == *action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(word in "[a-z]{1,9}", number: u64, text in "[a-z0-9-]{1,60}") {
            let action = Action::new("family", &word).number(number).text(&text);
            let mut parts = action.reader();
            prop_assert_eq!(parts.text(), Some(word.as_str()));
            prop_assert_eq!(parts.number(), Some(number));
            prop_assert!(!parts.is_empty());
            prop_assert_eq!(parts.text(), Some(text.as_str()));
            prop_assert!(parts.is_empty() && parts.text().is_none());
        }
    }

    #[test]
    fn a_number_that_does_not_fit_its_type_is_none() {
        let action = Action::new("family", "word").number(256_u64);
        let mut parts = action.reader();
        parts.text();
        assert_eq!(parts.clone().number::<u8>(), None);
        assert_eq!(parts.number::<u16>(), Some(256));
    }
}
