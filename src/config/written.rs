//! Reads what was written in a gateway file, from a positioned tree.
//!
//! A declaration by [`written!`] is three things at once: the type, its reader and (by its doc comments) its JSON
//! Schema and reference page. They cannot disagree, because there is nothing to keep in step.
//!
//! Reading is by our own [`Read`] rather than by a deserializer. A deserializer ends at the first fault, so that an
//! author with three typos needs four runs, and it knows places only where a type asks for them. Here each key is read
//! on its own: whatever is wrong is noted at its place, the key counts as not written, and reading goes on. It also
//! leaves one reader of YAML in the program, with one opinion about `NO`, `0031381` and keys that come twice.
//!
//! Reading never fails as a whole. Which part of the file an error costs is decided by its place, in one spot, when
//! all errors are known: see [`super::blame`].

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::keyword;
use super::later;
use super::secrecy;
use super::suggest::did_you_mean;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::{EntryRef, Kind, Node};
use crate::source::{Place, Span};

/// A node and the key that it is the value of.
#[derive(Clone, Copy)]
pub(super) struct Slot<'t> {
    /// The value.
    pub(super) node: Node<'t>,
    /// Where its key is; `None` of an item of a list and of the root.
    pub(super) key: Option<Span>,
}

/// A value of the file and where it was written.
#[derive(Clone, Copy)]
pub(super) struct Written<'t, T> {
    /// What was written.
    pub(super) value: T,
    /// Where.
    pub(super) slot: Slot<'t>,
}

/// A key that may be left out. `None` also when its value was faulty, which has been reported.
pub(super) type Optional<'t, T> = Option<Written<'t, T>>;

/// A key that must be there. `None` only when that, or a fault of its value, has been reported.
#[derive(Clone, Copy)]
pub(super) struct Required<'t, T>(pub(super) Option<Written<'t, T>>);

/// A list; faulty items are left out.
pub(super) struct List<'t, T>(pub(super) Vec<Written<'t, T>>);

/// A mapping whose keys are names that the author chose; faulty entries are left out.
pub(super) struct Map<'t, T>(pub(super) Vec<Entry<'t, T>>);

/// An entry of a [`Map`].
pub(super) struct Entry<'t, T> {
    /// The name that the author chose.
    pub(super) key: &'t str,
    /// Where the name is.
    pub(super) key_place: Place,
    /// What was written under it.
    pub(super) value: T,
    /// Where.
    pub(super) slot: Slot<'t>,
}

/// What can be read from a node.
pub(super) trait Read<'t>: Sized {
    /// `None` when the node is nothing of the kind, and `problems` says why.
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self>;
}

/// What can be a field of a written form: takes its key from the mapping.
pub(super) trait Field<'t>: Sized {
    /// The field called `name`.
    fn take(keys: &mut Keys<'t, '_>, name: &'static str) -> Self;
}

/// The keys of a mapping while its fields are taken from it.
pub(super) struct Keys<'t, 'd> {
    pub(super) slot: Slot<'t>,
    pub(super) problems: &'d mut Diagnostics,
    form: &'static str,
    known: Vec<&'static str>,
    left: Vec<&'static str>,
}

/// Declares what is written: a struct whose fields are the keys of a mapping, with its reader and its schema.
macro_rules! written {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident<'t> {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    )*) => {$(
        #[derive(schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $(#[$meta])*
        $vis struct $name<'t> {
            $($(#[$field_meta])* $vis $field: $type,)*
        }

        impl<'t> $crate::config::written::Read<'t> for $name<'t> {
            fn read(
                slot: $crate::config::written::Slot<'t>,
                problems: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                let mut keys = $crate::config::written::Keys::of(slot, stringify!($name), problems)?;
                let read = Self { $($field: keys.field(stringify!($field)),)* };
                keys.finish();
                Some(read)
            }
        }
    )*};
}
pub(super) use written;

/// Declares a choice of words, with its reader and its schema.
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$word_meta:meta])* $variant:ident = $text:literal,)+
        }
    )*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
        #[schemars(inline)]
        $(#[$meta])*
        $vis enum $name {
            $($(#[$word_meta])* #[schemars(rename = $text)] $variant,)+
        }

        impl<'t> $crate::config::written::Read<'t> for $name {
            fn read(
                slot: $crate::config::written::Slot<'t>,
                problems: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                match $crate::config::written::word(slot, stringify!($name), &[$($text),+], problems)? {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )*};
}
pub(super) use words;

impl<'t, T: Copy> Entry<'t, T> {
    /// The value by itself.
    pub(super) fn written(&self) -> Written<'t, T> {
        Written { value: self.value, slot: self.slot }
    }
}

impl<'t> Slot<'t> {
    /// The outermost node.
    pub(super) fn root(node: Node<'t>) -> Self {
        Self { node, key: None }
    }

    /// Where the value is.
    pub(super) fn place(self) -> Place {
        self.node.place()
    }

    /// Where the key is, and where there is none, the value: what to underline when something is missing in it.
    pub(super) fn key_place(self) -> Place {
        Place::new(self.node.tree().source(), self.key.unwrap_or_else(|| self.node.span()))
    }

    /// Where `part` is within the value: the whole value when it is not written there word for word.
    pub(super) fn place_of(self, part: &str) -> Place {
        let (source, span) = (self.node.tree().source(), self.node.span());
        match source.slice(span).find(part) {
            Some(at) if !part.is_empty() => {
                let start = span.range().start + at;
                Place::new(source, Span::new(start, start + part.len()))
            }
            _ => self.place(),
        }
    }

    /// Notes that the value is not what its key takes.
    pub(super) fn invalid(self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Code::InvalidValue, message).at(self.place())
    }
}

impl<'t, 'd> Keys<'t, 'd> {
    /// `None`, with a diagnostic, when the node is no mapping.
    pub(super) fn of(slot: Slot<'t>, form: &'static str, problems: &'d mut Diagnostics) -> Option<Self> {
        if !slot.node.is_object() {
            problems.push(expected("a mapping", slot));
            return None;
        }
        Some(Self { slot, problems, form, known: Vec::new(), left: Vec::new() })
    }

    /// The field with the name of a Rust field.
    pub(super) fn field<F: Field<'t>>(&mut self, name: &'static str) -> F {
        F::take(self, name.strip_prefix("r#").unwrap_or(name))
    }

    /// The entry of a key, which is thereby known.
    fn entry(&mut self, name: &'static str) -> Option<EntryRef<'t>> {
        self.known.push(name);
        self.slot.node.entry(name)
    }

    /// Makes keys known that are read elsewhere.
    pub(super) fn leave(&mut self, names: impl Iterator<Item = &'static str>) {
        self.left.extend(names);
    }

    /// Notes every key that nobody has asked for.
    pub(super) fn finish(self) {
        for entry in self.slot.node.entries() {
            if self.known.contains(&entry.key) || self.left.contains(&entry.key) {
                continue;
            }
            let place = Place::new(self.slot.node.tree().source(), entry.key_span);
            let diagnostic = match entry.value.kind() {
                Kind::Null if entry.key.contains(' ') && !secrecy::is_secret(self.form) => {
                    Some(half_a_text(entry.key))
                }
                _ => self.unknown(entry.key),
            };
            if let Some(diagnostic) = diagnostic {
                self.problems.push(diagnostic.at(place));
            }
        }
    }

    fn unknown(&self, key: &str) -> Option<Diagnostic> {
        if later::is_ignored(self.form, key) {
            return None;
        }
        if later::is_later(self.form, key) {
            return Some(later::unavailable(key));
        }
        let all = self.known.iter().chain(&self.left).copied();
        let other_dialect = || keyword::elsewhere(key).filter(|_| !self.left.is_empty()).map(str::to_owned);
        let help = other_dialect()
            .or_else(|| later::other_file(self.form, key).map(str::to_owned))
            .or_else(|| did_you_mean(key, all))
            .unwrap_or_else(|| format!("the keys here are {}", self.known.join(", ")));
        let message = if secrecy::may_quote(self.form, key, &self.known) {
            format!("there is no key `{key}` here")
        } else {
            "there is no such key here".to_owned()
        };
        Some(Diagnostic::new(Code::UnknownKey, message).help(help))
    }
}

impl<'t, T: Read<'t>> Field<'t> for Option<Written<'t, T>> {
    fn take(keys: &mut Keys<'t, '_>, name: &'static str) -> Self {
        let entry = keys.entry(name)?;
        let slot = Slot { node: entry.value, key: Some(entry.key_span) };
        T::read(slot, keys.problems).map(|value| Written { value, slot })
    }
}

impl<'t, T: Read<'t>> Field<'t> for Required<'t, T> {
    fn take(keys: &mut Keys<'t, '_>, name: &'static str) -> Self {
        if keys.slot.node.get(name).is_none() {
            let missing = Diagnostic::new(Code::MissingKey, format!("`{name}` is missing"));
            keys.problems.push(missing.at(keys.slot.key_place()));
        }
        Self(<Option<Written<'t, T>> as Field<'t>>::take(keys, name))
    }
}

impl<'t, T: Read<'t>> Read<'t> for List<'t, T> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if !slot.node.is_array() {
            let diagnostic = expected("a list", slot);
            let is_scalar = slot.node.scalar().is_some();
            problems.push(if is_scalar { diagnostic.help("write it in brackets") } else { diagnostic });
            return None;
        }
        let items = slot.node.items().map(|node| Slot { node, key: None });
        let read = |slot| T::read(slot, problems).map(|value| Written { value, slot });
        Some(Self(items.filter_map(read).collect()))
    }
}

impl<'t, T: Read<'t>> Read<'t> for Map<'t, T> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if !slot.node.is_object() {
            problems.push(expected("a mapping", slot));
            return None;
        }
        let source = slot.node.tree().source();
        let read = |entry: EntryRef<'t>| {
            let key_place = Place::new(source, entry.key_span);
            if entry.key.contains("${") {
                let message = "`${…}` stands for nothing in a key";
                problems.push(Diagnostic::new(Code::InvalidValue, message).at(key_place));
                return None;
            }
            let slot = Slot { node: entry.value, key: Some(entry.key_span) };
            let value = T::read(slot, problems)?;
            Some(Entry { key: entry.key, key_place, value, slot })
        };
        Some(Self(slot.node.entries().filter_map(read).collect()))
    }
}

impl<'t> Read<'t> for bool {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let value = slot.node.as_bool();
        if value.is_none() {
            problems.push(expected("true or false", slot));
        }
        value
    }
}

/// The text of a node, which must be one of `words`; `choice` is the name of the type that they belong to.
pub(super) fn word<'t>(
    slot: Slot<'t>,
    choice: &str,
    words: &[&'static str],
    problems: &mut Diagnostics,
) -> Option<&'static str> {
    let text = text(slot, problems)?;
    let found = words.iter().copied().find(|word| *word == text);
    if found.is_none() {
        let diagnostic = if later::is_later(choice, text) {
            later::unavailable(text)
        } else {
            let choices = words.join(", ");
            let help = did_you_mean(text, words.iter().copied());
            Diagnostic::new(Code::InvalidValue, format!("`{text}` is none of {choices}"))
                .help(help.unwrap_or_else(|| format!("write one of {choices}")))
        };
        problems.push(diagnostic.at(slot.place()));
    }
    found
}

/// The text of a node, whatever is in it.
pub(super) fn text<'t>(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<&'t str> {
    let text = slot.node.as_str();
    if text.is_none() {
        let diagnostic = expected("a text", slot);
        let is_scalar = slot.node.scalar().is_some();
        problems.push(if is_scalar { diagnostic.help("write it in quotes") } else { diagnostic });
    }
    text
}

/// `{description: Books, new and old}` is a mapping with a key `new and old`.
fn half_a_text(key: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownKey, format!("there is no key `{key}` here"))
        .help("in braces, a text with a comma in it is written in quotes")
}

/// A node is not of the kind that its key takes.
pub(super) fn expected(kind: &str, slot: Slot<'_>) -> Diagnostic {
    let found = match slot.node.kind() {
        Kind::Null => "nothing",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::String => "a text",
        Kind::Array => "a list",
        Kind::Object => "a mapping",
    };
    let place = if slot.node.kind() == Kind::Null { slot.key_place() } else { slot.place() };
    Diagnostic::new(Code::InvalidValue, format!("expected {kind}, found {found}")).at(place)
}

/// The schema of a type is that of another one.
macro_rules! schema_of_inner {
    ($($type:ident),+) => {$(
        impl<T: JsonSchema> JsonSchema for $type<'_, T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    )+};
}
schema_of_inner!(Written, Required);

impl<T: JsonSchema> JsonSchema for List<'_, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"type": "array", "items": generator.subschema_for::<T>()})
    }
}

impl<T: JsonSchema> JsonSchema for Map<'_, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"type": "object", "additionalProperties": generator.subschema_for::<T>()})
    }
}
