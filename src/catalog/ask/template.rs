//! Texts for people and models in which `{{ name }}` stands for an argument.

use serde_json::{Map, Value};

use crate::catalog::text::visible;

/// A text with arguments in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// As it is.
    Text(Box<str>),
    /// The value of this argument; nothing when it is not given.
    Argument(Box<str>),
}

/// Why a text is no template.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// There is no such argument.
    #[error("`{{{{ {name} }}}}` stands for nothing: there is no such argument")]
    Unknown {
        /// What stands in the braces.
        name: String,
    },
    /// Braces that nothing closes.
    #[error("`{{{{` is not closed by `}}}}`")]
    Open,
}

/// The longest value in a text for a person, in characters. A longer one would push the question out of sight.
const LONGEST_LINE: usize = 300;

impl Template {
    /// Reads a text; `is_known` says which arguments there are.
    pub(super) fn parse(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or(TemplateError::Open)?;
            let name = name.trim();
            if !is_known(name) {
                return Err(TemplateError::Unknown { name: name.to_owned() });
            }
            pieces.push(Piece::Text(literal.into()));
            pieces.push(Piece::Argument(name.into()));
            rest = after;
        }
        pieces.push(Piece::Text(rest.into()));
        Ok(Self(pieces))
    }

    /// For a person: each value on one line, without what cannot be seen, and not too long.
    #[must_use]
    pub fn line(&self, arguments: &Map<String, Value>) -> String {
        self.filled(arguments, |text| shortened(&visible(text).replace('\n', " "), LONGEST_LINE))
    }

    /// For a model: each value whole, without what cannot be seen.
    #[must_use]
    pub fn whole(&self, arguments: &Map<String, Value>) -> String {
        self.filled(arguments, visible)
    }

    fn filled(&self, arguments: &Map<String, Value>, shown: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Argument(name) => match arguments.get(&**name) {
                Some(Value::String(text)) => shown(text),
                Some(value) => shown(&value.to_string()),
                None => String::new(),
            },
        };
        self.0.iter().map(piece).collect()
    }
}

/// At most `most` characters of a text, and how many there are.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let count = text.chars().count();
            format!("{}… ({count} characters in all)", text.get(..end).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}
