//! Values as text, by OpenAPI's styles (3.1, section 4.8.12.4) and RFC 6570.
//!
//! | style | primitive | array | array, explode | object | object, explode |
//! |---|---|---|---|---|---|
//! | matrix | `;c=a` | `;c=a,b` | `;c=a;c=b` | `;c=R,1,G,2` | `;R=1;G=2` |
//! | label | `.a` | `.a,b` | `.a.b` | `.R,1,G,2` | `.R=1.G=2` |
//! | simple | `a` | `a,b` | `a,b` | `R,1,G,2` | `R=1,G=2` |
//! | form | `c=a` | `c=a,b` | `c=a&c=b` | `c=R,1,G,2` | `R=1&G=2` |
//! | spaceDelimited | `c=a` | `c=a%20b` | `c=a&c=b` | `c=R%201%20G%202` | `R=1&G=2` |
//! | pipeDelimited | `c=a` | `c=a%7Cb` | `c=a&c=b` | `c=R%7C1%7CG%7C2` | `R=1&G=2` |
//! | deepObject | `c=a` | `c[]=a&c[]=b` | the same | `c[R]=1&c[G]=2` | the same |
//!
//! Where the specification says nothing: `null` is left out, as RFC 6570 leaves out what is undefined, and so is an
//! empty array or object, unless an empty value is allowed; what is nested deeper than a style can say is written as JSON;
//! deepObject goes on with brackets, `[]` for items that are primitive and `[0]` for others.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::Value;

use super::Reason;
use super::path::check;
use crate::catalog::encode;
use crate::openapi::operation::Style;

/// How texts are escaped for their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// A path value.
    Path,
    /// A path value whose reserved characters stay.
    ReservedPath,
    /// A query or form value.
    Query,
    /// A query or form value whose reserved characters stay.
    ReservedQuery,
    /// Not at all: the place is checked afterwards.
    None,
    /// A cookie value.
    Cookie,
}

impl Escape {
    /// Appends a text.
    pub(super) fn push(self, text: &str, out: &mut String) -> Result<(), Reason> {
        let set: &'static AsciiSet = match self {
            Self::Path => {
                check(text, false)?;
                encode::VALUE
            }
            Self::ReservedPath => {
                check(text, true)?;
                encode::RESERVED_PATH
            }
            Self::Query => encode::VALUE,
            Self::ReservedQuery => encode::RESERVED_QUERY,
            Self::Cookie => encode::COOKIE,
            Self::None => {
                out.push_str(text);
                return Ok(());
            }
        };
        out.extend(utf8_percent_encode(text, set));
        Ok(())
    }
}

/// A primitive as text; `None` for `null`, JSON for what is no primitive.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Array(_) | Value::Object(_) => Some(Cow::Owned(value.to_string())),
    }
}

/// Appends a value in a style of paths and headers: matrix, label, or simple for all others.
pub(super) fn write(
    name: &str,
    value: &Value,
    style: Style,
    explode: bool,
    escape: Escape,
    out: &mut String,
) -> Result<(), Reason> {
    let (first, exploded) = match style {
        Style::Matrix => (";", ";"),
        Style::Label => (".", "."),
        _ => ("", ","),
    };
    let name = (style == Style::Matrix).then_some(name);
    let mut list = List { name, first, between: if explode { exploded } else { "," }, explode, escape, out };
    let start = list.out.len();
    match value {
        Value::Object(object) => {
            for (index, (key, item)) in present(object).enumerate() {
                list.property(index, key, &item)?;
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().filter_map(text).enumerate() {
                list.item(index, &item)?;
            }
        }
        value => {
            if let Some(text) = text(value) {
                list.item(0, &text)?;
            }
        }
    }
    if list.out.len() == start { Err(Reason::Empty) } else { Ok(()) }
}

/// Values of a path or a header, one after the other.
struct List<'o> {
    /// The name that stands before values.
    name: Option<&'o str>,
    /// What stands before the first value.
    first: &'static str,
    /// What stands between two values.
    between: &'static str,
    explode: bool,
    escape: Escape,
    out: &'o mut String,
}

impl List<'_> {
    fn item(&mut self, index: usize, text: &str) -> Result<(), Reason> {
        self.begin(index);
        if index == 0 || self.explode {
            self.name(text.is_empty());
        }
        self.escape.push(text, self.out)
    }

    fn property(&mut self, index: usize, key: &str, text: &str) -> Result<(), Reason> {
        self.begin(index);
        if index == 0 && !self.explode {
            self.name(false);
        }
        self.escape.push(key, self.out)?;
        self.out.push(if self.explode { '=' } else { ',' });
        self.escape.push(text, self.out)
    }

    fn begin(&mut self, index: usize) {
        self.out.push_str(if index == 0 { self.first } else { self.between });
    }

    fn name(&mut self, is_empty: bool) {
        if let Some(name) = self.name {
            self.out.push_str(name);
            self.out.push_str(if is_empty { "" } else { "=" });
        }
    }
}

/// The properties of an object that are not `null`.
fn present(object: &serde_json::Map<String, Value>) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    object.iter().filter_map(|(key, value)| Some((key.as_str(), text(value)?)))
}

/// `name=value` pairs of a query, a form or a cookie header.
pub(super) struct Pairs<'o> {
    out: &'o mut String,
    before: &'static str,
    between: &'static str,
    is_first: bool,
    escape: Escape,
}

impl<'o> Pairs<'o> {
    /// Pairs after `before`, which is written with the first of them, and with `between` between them.
    pub(super) fn new(out: &'o mut String, before: &'static str, between: &'static str) -> Self {
        Self { out, before, between, is_first: true, escape: Escape::Query }
    }

    /// How the values that follow are escaped.
    pub(super) fn escape(&mut self, escape: Escape) {
        self.escape = escape;
    }

    /// How much has been written, in bytes.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Appends text that is already encoded.
    pub(super) fn encoded(&mut self, text: &str) {
        self.out.push_str(if self.is_first { self.before } else { self.between });
        self.is_first = false;
        self.out.push_str(text);
    }

    /// Appends `name=value`; the name is already encoded.
    pub(super) fn pair(&mut self, name: &str, value: &str) -> Result<(), Reason> {
        self.encoded(name);
        self.out.push('=');
        self.escape.push(value, self.out)
    }

    /// Appends a value in a style of queries: form, the delimited ones and deepObject; form for all others.
    pub(super) fn write(
        &mut self,
        name: &str,
        value: &Value,
        style: Style,
        explode: bool,
    ) -> Result<(), Reason> {
        let delimiter = match style {
            Style::DeepObject if value.is_object() || value.is_array() => return self.deep(name, value),
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited => "%7C",
            Style::TabDelimited => "%09",
            _ => ",",
        };
        match value {
            Value::Array(items) if explode => {
                items.iter().filter_map(text).try_for_each(|item| self.pair(name, &item))
            }
            Value::Object(object) if explode => {
                present(object).try_for_each(|(key, item)| self.pair(&encode::value(key), &item))
            }
            Value::Array(items) => self.delimited(name, items.iter().filter_map(text), delimiter),
            Value::Object(object) => {
                let texts = present(object).flat_map(|(key, item)| [Cow::Borrowed(key), item]);
                self.delimited(name, texts, delimiter)
            }
            value => text(value).map_or(Ok(()), |text| self.pair(name, &text)),
        }
    }

    fn delimited<'a>(
        &mut self,
        name: &str,
        texts: impl Iterator<Item = Cow<'a, str>>,
        delimiter: &str,
    ) -> Result<(), Reason> {
        for (index, text) in texts.enumerate() {
            if index == 0 {
                self.pair(name, &text)?;
            } else {
                self.out.push_str(delimiter);
                self.escape.push(&text, self.out)?;
            }
        }
        Ok(())
    }

    /// `name[key]=value`, brackets encoded, as deep as it goes.
    fn deep(&mut self, name: &str, value: &Value) -> Result<(), Reason> {
        match value {
            Value::Object(object) => object.iter().try_for_each(|(key, value)| {
                self.deep(&format!("{name}%5B{}%5D", encode::value(key)), value)
            }),
            Value::Array(items) => {
                let is_flat = !items.iter().any(|item| item.is_object() || item.is_array());
                items.iter().enumerate().try_for_each(|(index, item)| {
                    let name = match is_flat {
                        true if name.ends_with("%5B%5D") => name.to_owned(),
                        true => format!("{name}%5B%5D"),
                        false => format!("{name}%5B{index}%5D"),
                    };
                    self.deep(&name, item)
                })
            }
            value => text(value).map_or(Ok(()), |text| self.pair(name, &text)),
        }
    }
}

#[cfg(test)]
mod tests;
