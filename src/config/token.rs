//! The bot's token, which comes from the environment alone and is shown nowhere.

use crate::files;
use secrecy::SecretString;
use std::{io, path::PathBuf};

/// The variable that holds the token.
pub const TOKEN: &str = "DISCORD_TOKEN";

/// The variable that names a file which holds the token.
pub const TOKEN_FILE: &str = "DISCORD_TOKEN_FILE";

/// Bytes of a file that holds a token, which has some seventy characters.
const FILE_MAX: usize = 4_096;

/// What Discord's documentation writes before a token, and libraries add by themselves.
const PREFIX: &str = "Bot ";

/// What whoever has no token can do, where it is in the program.
const TRY: &str =
    if cfg!(feature = "playground") { "; `whetstone playground` needs none" } else { "" };

/// Why there is no token. No error holds any of the token's text.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Neither variable is set.
    #[error(
        "there is no token: set {TOKEN}, or set {TOKEN_FILE} to the path of a file that holds it{TRY}"
    )]
    Missing,
    /// Both variables are set.
    #[error("both {TOKEN} and {TOKEN_FILE} are set: unset one of them")]
    Both,
    /// There is nothing but white space.
    #[error("the token in {0} is empty")]
    Empty(Place),
    /// It begins with `Bot `.
    #[error("the token in {0} begins with `Bot `: write the token alone")]
    Prefix(Place),
    /// It stands in quotes.
    #[error("the token in {0} stands in quotes: write the token alone")]
    Quoted(Place),
    /// It holds white space, control characters or such as are not ASCII.
    #[error("the token in {0} holds spaces or other characters that no token has")]
    Characters(Place),
    /// It is something else: a client secret, a public key, an application's id, or half a token.
    #[error(
        "what {0} holds is no bot's token, which has three parts with a dot between each; copy it \
         from the application's page, under Bot: the client secret, the public key and the \
         application's id are others"
    )]
    Form(Place),
    /// The file cannot be read.
    #[error("cannot read the token from {}, which {TOKEN_FILE} names: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// Where a token was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The variable [`TOKEN`].
    Variable,
    /// A file.
    File(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable => f.write_str(TOKEN),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Reads the token from the variable [`TOKEN`] or from the file that [`TOKEN_FILE`] names.
/// White space around it is left out.
///
/// # Errors
/// None or both of them, a file that cannot be read, or a text that is no token.
pub fn token(env: impl Fn(&str) -> Option<String>) -> Result<SecretString, TokenError> {
    match (env(TOKEN), env(TOKEN_FILE)) {
        (None, None) => Err(TokenError::Missing),
        (Some(_), Some(_)) => Err(TokenError::Both),
        (Some(text), None) => checked(&text.into(), Place::Variable),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            let bytes = files::read(&path, FILE_MAX);
            match bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| not_text())) {
                Ok(text) => checked(&text.into(), Place::File(path)),
                Err(error) => Err(TokenError::Unreadable { path, error }),
            }
        }
    }
}

/// That a file is not UTF-8, without any of what it holds.
fn not_text() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")
}

fn checked(text: &SecretString, place: Place) -> Result<SecretString, TokenError> {
    let token = secrecy::ExposeSecret::expose_secret(text).trim();
    if token.is_empty() {
        Err(TokenError::Empty(place))
    } else if token.starts_with(PREFIX) {
        Err(TokenError::Prefix(place))
    } else if token.starts_with(QUOTES) || token.ends_with(QUOTES) {
        Err(TokenError::Quoted(place))
    } else if !token.chars().all(|c| c.is_ascii_graphic()) {
        Err(TokenError::Characters(place))
    } else if !has_form(token) {
        Err(TokenError::Form(place))
    } else {
        Ok(token.into())
    }
}

/// What people put around a token, as one does in a shell and in many files.
const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

/// Whether it has three parts, each written as URLs have base64. What is in them is Discord's
/// affair. <https://discord.com/developers/docs/reference#authentication>
fn has_form(token: &str) -> bool {
    let of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let part = |part: &str| !part.is_empty() && part.chars().all(of_base64);
    token.split('.').count() == 3 && token.split('.').all(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs;

    fn read(variables: &[(&str, &str)]) -> Result<SecretString, TokenError> {
        token(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_token_comes_from_a_variable_or_a_file() {
        assert_eq!(read(&[(TOKEN, " abc.d-e.f_1\n")]).unwrap().expose_secret(), "abc.d-e.f_1");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "abc.def.ghi\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(read(&[(TOKEN_FILE, path)]).unwrap().expose_secret(), "abc.def.ghi");
    }

    #[test]
    fn without_a_token_the_ways_out_are_named() {
        let message = read(&[]).unwrap_err().to_string();
        for word in [TOKEN, TOKEN_FILE, "whetstone playground"] {
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_showing_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hush hush").unwrap();
        let path = file.path().to_str().unwrap();
        for (variables, word) in [
            (vec![(TOKEN, "hush"), (TOKEN_FILE, "hush")], "both"),
            (vec![(TOKEN, " ")], "DISCORD_TOKEN is empty"),
            (vec![(TOKEN, "Bot hush")], "begins with `Bot `"),
            (vec![(TOKEN, "hush hush")], "characters that no token has"),
            (vec![(TOKEN, "hush\u{e9}")], "characters that no token has"),
            (vec![(TOKEN, "\"hush.a.b\"")], "stands in quotes"),
            (vec![(TOKEN, "'hush.a.b'")], "stands in quotes"),
            (vec![(TOKEN, "hush.a.b”")], "stands in quotes"),
            (vec![(TOKEN, "hush")], "DISCORD_TOKEN holds is no bot's token"),
            (vec![(TOKEN, "hush.a")], "three parts with a dot between each"),
            (vec![(TOKEN, "hush.a.b.c")], "three parts"),
            (vec![(TOKEN, "hush..b")], "three parts"),
            (vec![(TOKEN, "hush.a=.b")], "three parts"),
            (vec![(TOKEN_FILE, path)], "characters that no token has"),
            (vec![(TOKEN_FILE, "/no/such/file")], "/no/such/file"),
        ] {
            let error = read(&variables).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
        assert!(!format!("{:?}", read(&[(TOKEN, "hush.a.b")]).unwrap()).contains("hush"));
    }
}
