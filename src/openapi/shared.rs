//! JSON that is only read, and whose parts are shared.
//!
//! A schema is converted once and then looked at by everybody who refers to it. As the tree of `serde_json`, each of its
//! members takes a hundred bytes, and whoever wants a part of it or puts two together must copy. Here a member takes 48
//! bytes, words of JSON Schema take none, and a copy is a pointer. Objects keep their order. There is no way to change
//! one; it is made of a [`Value`], or of the members of others.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Number, Value};

/// A JSON value. Cloning it copies a pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number with the digits with which it was written.
    Number(Arc<Number>),
    /// A text.
    String(Text),
    /// A list.
    Array(Arc<[Json]>),
    /// An object.
    Object(Object),
}

/// A JSON object. Its members are in the order in which they were written.
#[derive(Clone, Default)]
pub struct Object {
    /// The members; after those of a long object all of them once more, in the order of their names. So which one it is
    /// can be seen by the length, and an object takes no more than a pointer and that.
    stored: Arc<[Member]>,
}

/// The members of an object in the making.
pub(crate) type Members = IndexMap<Text, Json, FxBuildHasher>;

/// A longer object is searched by the order of its names.
const SHORT: usize = 32;

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub key: Text,
    /// What it holds.
    pub value: Json,
}

/// A text that is shared.
#[derive(Clone)]
pub struct Text(Shared);

#[derive(Clone)]
enum Shared {
    Known(&'static str),
    Own(Arc<str>),
}

/// The words that stand in nearly every schema, by their length.
fn known(length: usize) -> &'static [&'static str] {
    match length {
        2 => &["id"],
        3 => &["uri"],
        4 => &["type", "$ref", "enum", "null", "name"],
        5 => &["items", "title", "anyOf", "allOf", "oneOf", "array", "const", "int32"],
        6 => &["string", "object", "format", "number"],
        7 => &["integer", "boolean", "default", "pattern", "minimum", "maximum"],
        8 => &["required", "minItems", "maxItems"],
        9 => &["minLength", "maxLength", "date-time"],
        10 => &["properties", "deprecated"],
        11 => &["description", "uniqueItems"],
        20 => &["additionalProperties"],
        _ => &[],
    }
}

impl Json {
    /// The member of this name, of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The text, of a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The items, of a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The number, of one that is such an integer.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// The number, of one that is such an integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The number, as near as that comes to it.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number()?.as_f64()
    }

    fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is `true` or `false`.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is a text.
    #[must_use]
    pub fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// Where an object is, as a number that copies of it have in common; 0 of anything else.
    pub(crate) fn address(&self) -> usize {
        self.as_object().map_or(0, |object| object.stored.as_ptr().addr())
    }

    /// The value, to be changed.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number((**number).clone()),
            Self::String(text) => Value::String(text.as_str().to_owned()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(object) => Value::Object(object.to_map()),
        }
    }
}

impl Object {
    /// The value of a member.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        let (members, sorted) = self.stored.split_at(self.len());
        let found = if sorted.is_empty() {
            members.iter().find(|member| member.key.as_str() == key)
        } else {
            let at = sorted.binary_search_by(|member| member.key.as_str().cmp(key));
            at.ok().and_then(|at| sorted.get(at))
        };
        found.map(|member| &member.value)
    }

    /// Whether there is a member of this name.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The names of all members.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.members().iter().map(|member| member.key.as_str())
    }

    /// The values of all members.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Json> + Clone {
        self.members().iter().map(|member| &member.value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> + Clone {
        self.members().iter().map(|member| (member.key.as_str(), &member.value))
    }

    /// All members.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        self.stored.split_at(self.len()).0
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let stored = self.stored.len();
        if stored > SHORT { stored / 2 } else { stored }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// The object, to be changed.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(key, value)| (key.to_owned(), value.to_value())).collect()
    }
}

impl Member {
    /// A member of this name.
    #[must_use]
    pub fn new(key: &str, value: Json) -> Self {
        Self { key: key.into(), value }
    }
}

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Shared::Known(text) => text,
            Shared::Own(text) => text,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let known = known(text.len()).iter().find(|known| **known == text);
        Self(known.map_or_else(|| Shared::Own(text.into()), |known| Shared::Known(known)))
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(Arc::new(number.clone())),
            Value::String(text) => Self::String(text.as_str().into()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(members.into()),
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&Map<String, Value>> for Object {
    fn from(members: &Map<String, Value>) -> Self {
        members.iter().map(|(key, value)| Member::new(key, value.into())).collect()
    }
}

impl From<Vec<Member>> for Object {
    /// Of members whose names differ.
    fn from(mut members: Vec<Member>) -> Self {
        let count = members.len();
        if count > SHORT {
            members.extend_from_within(..);
            if let Some(sorted) = members.get_mut(count..) {
                sorted.sort_unstable_by(|one, other| one.key.as_str().cmp(other.key.as_str()));
            }
        }
        Self { stored: members.into() }
    }
}

impl FromIterator<(Text, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (Text, Json)>>(members: I) -> Self {
        members.into_iter().map(|(key, value)| Member { key, value }).collect()
    }
}

impl FromIterator<Member> for Object {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        Self::from(Vec::from_iter(members))
    }
}

impl FromIterator<Json> for Json {
    fn from_iter<I: IntoIterator<Item = Json>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}

impl PartialEq for Object {
    /// Whatever the order of the members.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stored, &other.stored)
            || self.len() == other.len()
                && self.members().iter().zip(other.members()).all(|(member, same_place)| {
                    if member.key == same_place.key {
                        member.value == same_place.value
                    } else {
                        other.get(member.key.as_str()) == Some(&member.value)
                    }
                })
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Json {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Json {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(one), Value::Bool(other)) => one == other,
            (Self::Number(one), Value::Number(other)) => **one == *other,
            (Self::String(one), Value::String(other)) => one.as_str() == other,
            (Self::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
            }
            (Self::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| value == other))
            }
            _ => false,
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text.as_str()),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl fmt::Display for Json {
    /// As compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests;
