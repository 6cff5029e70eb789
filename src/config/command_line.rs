//! The options of the command line that say of a bare document what a gateway file would say of it.

use std::path::Path;

use http::HeaderName;
use secrecy::SecretString;
use url::Url;

use super::env::{self, Environment};
use super::gateway::{Credential, Pattern, ServerVariable, Text};
use super::reference::{Piece, Unresolved, pieces};
use super::{credential, header as headers};
use crate::source::remote::{Permission, is_host};

/// Why an option cannot be used. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// `--header` without a colon.
    #[error("a header is written as `Name: value`")]
    NoColon,
    /// A name that HTTP or toolgate would not have.
    #[error("`{name}` cannot be set as a header: {reason}")]
    HeaderName {
        /// As it was written.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that HTTP would not have.
    #[error("the value of `{name}` is not visible text in one line")]
    HeaderValue {
        /// Name of the header.
        name: String,
    },
    /// `${…` that is no reference.
    #[error("`{written}` is no reference: write ${{NAME}}, ${{NAME:-default}} or ${{file:PATH}}")]
    Reference {
        /// As it was written.
        written: String,
    },
    /// An environment variable or a file is not there.
    #[error("{0}")]
    Unresolved(String),
    /// The environment variable does not hold a token.
    #[error("the environment variable `{name}` holds no bearer token: {reason}")]
    Token {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `--server-variable` without a name and a value.
    #[error("a server variable is written as `name=value`")]
    ServerVariable,
    /// No base URL.
    #[error("{0}")]
    BaseUrl(String),
    /// No pattern over operations.
    #[error("`{text}` is no pattern over operations: {reason}")]
    Pattern {
        /// As it was written.
        text: String,
        /// What to write.
        reason: String,
    },
    /// No host.
    #[error("`{0}` is no host: write `schemas.example.com` or `schemas.example.com:8443`")]
    Host(String),
}

/// A pattern over the operations of a document, as `operations.include` of a gateway file has them.
///
/// # Errors
/// [`OptionError::Pattern`] when it is none.
pub fn pattern(text: &str) -> Result<Pattern, OptionError> {
    match super::pattern::parse(text) {
        Ok(matches) => Ok(Pattern { matches, text: text.to_owned(), place: None }),
        Err(error) => Err(OptionError::Pattern { text: text.to_owned(), reason: error.to_string() }),
    }
}

/// What `--allow-remote-refs` says: `None` without the option, an empty text without hosts, else hosts with commas.
///
/// # Errors
/// [`OptionError::Host`] when one of them is none.
pub fn references(hosts: Option<&str>) -> Result<Permission, OptionError> {
    match hosts {
        None => Ok(Permission::Nothing),
        Some("") => Ok(Permission::Public),
        Some(hosts) => hosts
            .split(',')
            .map(|host| {
                is_host(host).then(|| host.to_owned()).ok_or_else(|| OptionError::Host(host.to_owned()))
            })
            .collect::<Result<_, _>>()
            .map(Permission::Hosts),
    }
}

/// What `--base-url` says: an http or https URL without query.
///
/// # Errors
/// [`OptionError::BaseUrl`] when it is none.
pub fn base_url(text: &str) -> Result<Url, OptionError> {
    super::base_url::parse(text).map_err(|error| OptionError::BaseUrl(error.to_string()))
}

/// What `--server-variable` says: `name=value`.
///
/// # Errors
/// [`OptionError::ServerVariable`] when it is something else.
pub fn server_variable(text: &str) -> Result<ServerVariable, OptionError> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok(ServerVariable { name: name.trim().to_owned(), value: value.trim().to_owned(), place: None })
        }
        _ => Err(OptionError::ServerVariable),
    }
}

/// What `--bearer-env` says: the bearer token in an environment variable.
///
/// # Errors
/// [`OptionError::Unresolved`] when it is not set, [`OptionError::Token`] when it holds something else.
pub fn bearer_from_environment(name: &str) -> Result<Credential, OptionError> {
    let token = Piece::Variable { written: name, name, default: None }.value(&env::System, Path::new(""))?;
    let token = token.trim();
    credential::check_token(token).map_err(|reason| OptionError::Token { name: name.to_owned(), reason })?;
    Ok(Credential::Bearer(token.into()))
}

/// What `--header` says: `Name: value`, with references resolved; files relative to the working directory.
///
/// # Errors
/// [`OptionError`] when name, value or a reference in it cannot be used.
pub fn header(text: &str) -> Result<(HeaderName, Text), OptionError> {
    header_in(&env::System, text)
}

fn header_in(environment: &dyn Environment, text: &str) -> Result<(HeaderName, Text), OptionError> {
    let (name, value) = text.split_once(':').ok_or(OptionError::NoColon)?;
    let name = headers::name(name.trim()).map_err(|error| OptionError::HeaderName {
        name: name.trim().to_owned(),
        reason: error.to_string(),
    })?;
    let value = resolved(environment, value.trim())?;
    if !headers::is_value(value.expose()) {
        return Err(OptionError::HeaderValue { name: name.to_string() });
    }
    Ok((name, value))
}

fn resolved(environment: &dyn Environment, text: &str) -> Result<Text, OptionError> {
    let pieces =
        pieces(text).map_err(|error| OptionError::Reference { written: error.written().to_owned() })?;
    let values: Result<Vec<String>, Unresolved> =
        pieces.iter().map(|piece| piece.value(environment, Path::new(""))).collect();
    let value = values?.concat();
    let plain = pieces.iter().all(|piece| piece.is_literal());
    Ok(if plain { Text::Plain(value) } else { Text::Secret(SecretString::from(value)) })
}

impl From<Unresolved> for OptionError {
    fn from(unresolved: Unresolved) -> Self {
        Self::Unresolved(unresolved.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::Fake;

    #[test]
    fn a_header_option_has_a_name_and_a_value_with_references() {
        let environment = Fake::new(&[("KEY", "s3cret")]);
        let (name, value) = header_in(&environment, "X-Api-Key:  id=${KEY} ").unwrap();
        assert_eq!((name.as_str(), value.expose(), value.is_secret()), ("x-api-key", "id=s3cret", true));
        let (_, value) = header_in(&environment, "Accept: text/csv").unwrap();
        assert!(!value.is_secret());
    }

    #[test]
    fn what_is_no_header_option_is_refused() {
        let environment = Fake::new(&[("BREAK", "a\r\nb")]);
        for (text, message) in [
            ("Accept", "a header is written as `Name: value`"),
            ("Host: a", "`Host` cannot be set as a header: it comes from base_url"),
            ("X-A: ${NONE}", "the environment variable `NONE` is not set"),
            ("X-A: ${a-b}", "`${a-b}` is no reference: write ${NAME}, ${NAME:-default} or ${file:PATH}"),
            ("X-A: ${BREAK}", "the value of `x-a` is not visible text in one line"),
        ] {
            assert_eq!(header_in(&environment, text).unwrap_err().to_string(), message);
        }
    }
}
