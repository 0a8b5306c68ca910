//! Enums whose variants have a code each: a short word that stands for them in rows, in files, in
//! commands and in metrics, and never changes. What people read is chosen in `text/`.

/// A word that is none of an enum's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode(pub String);

/// Declares such an enum: `ALL` in order, `as_str`, `FromStr`, and its code as serde's form.
macro_rules! codes {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$note:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$note])* $variant),+ }

        impl $name {
            /// Every one, in order.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// Its code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::codes::UnknownCode;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|known| known.as_str() == code);
                known.ok_or_else(|| $crate::domain::codes::UnknownCode(code.to_owned()))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let code = std::borrow::Cow::<'de, str>::deserialize(from)?;
                let unknown = |_| serde::de::Error::unknown_variant(&code, &[$($code),+]);
                code.parse().map_err(unknown)
            }
        }
    };
}

pub(crate) use codes;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::domain::{
        board::BoardKind, codes::UnknownCode, daily::Part, question::Level, round::Grade,
        schedule::Day,
    };
    use serde::{Serialize, de::DeserializeOwned};
    use std::{fmt::Debug, str::FromStr};

    fn check<T>(all: &[T], codes: &[&str], code: fn(T) -> &'static str)
    where
        T: Copy + PartialEq + Debug + Serialize + DeserializeOwned + FromStr,
    {
        assert_eq!(all.iter().map(|one| code(*one)).collect::<Vec<_>>(), codes);
        for (one, code) in all.iter().zip(codes) {
            assert_eq!(code.parse::<T>().ok(), Some(*one));
            assert_eq!(serde_json::to_value(one).unwrap(), *code);
            assert_eq!(serde_json::from_str::<T>(&format!("{code:?}")).unwrap(), *one);
        }
        for bad in ["", "x", &codes[0].to_uppercase()] {
            assert!(serde_json::from_str::<T>(&format!("{bad:?}")).is_err());
        }
    }

    /// What is in rows and custom ids stays readable.
    #[test]
    fn the_codes_never_change() {
        check(&Level::ALL, &["beginner", "intermediate", "advanced"], Level::as_str);
        check(&Grade::ALL, &["missed", "partly", "got_it"], Grade::as_str);
        check(&Part::ALL, &["post", "thread", "pin"], Part::as_str);
        check(&BoardKind::ALL, &["month", "streak", "best", "all", "quiz"], BoardKind::as_str);
        check(&Day::ALL, &["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Day::as_str);
        assert_eq!("weekly".parse::<BoardKind>(), Err(UnknownCode("weekly".to_owned())));
    }
}
