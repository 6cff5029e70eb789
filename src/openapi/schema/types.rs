//! The `type` keyword in all its spellings.

use serde_json::{Value, json};

use super::super::node::{Kind, Node};

/// A set of JSON Schema's types. Empty: nothing is said, every type is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

/// The types in the order in which a list of them is written.
const NAMES: [(&str, Types); 7] = [
    ("object", Types::OBJECT),
    ("array", Types::ARRAY),
    ("string", Types::STRING),
    ("integer", Types::INTEGER),
    ("number", Types::NUMBER),
    ("boolean", Types::BOOLEAN),
    ("null", Types::NULL),
];

/// What people write instead of one of them.
const OTHER_NAMES: [(&str, Types); 22] = [
    ("file", Types::STRING),
    ("date", Types::STRING),
    ("datetime", Types::STRING),
    ("date-time", Types::STRING),
    ("uuid", Types::STRING),
    ("uri", Types::STRING),
    ("url", Types::STRING),
    ("text", Types::STRING),
    ("str", Types::STRING),
    ("password", Types::STRING),
    ("enum", Types::STRING),
    ("int", Types::INTEGER),
    ("int32", Types::INTEGER),
    ("int64", Types::INTEGER),
    ("long", Types::INTEGER),
    ("float", Types::NUMBER),
    ("double", Types::NUMBER),
    ("decimal", Types::NUMBER),
    ("bool", Types::BOOLEAN),
    ("list", Types::ARRAY),
    ("map", Types::OBJECT),
    ("dict", Types::OBJECT),
];

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    pub(super) const NUMBER: Self = Self(8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);

    /// The types that `node`, the value of `type`, names, and whether each of its names is a type.
    pub(super) fn read(node: Node<'_>) -> (Self, bool) {
        let mut types = Self::default();
        let mut known = true;
        let names = std::iter::once(node).filter(|node| !node.is_array()).chain(node.items());
        for name in names {
            match Self::named(name) {
                Some(found) => types = types | found,
                None => known = false,
            }
        }
        (types, known && (!node.is_array() || !node.is_empty()))
    }

    /// The types that a schema names.
    pub(super) fn of(schema: Node<'_>) -> Self {
        schema.get("type").map_or_else(Self::default, |types| Self::read(types).0)
    }

    /// The value of the keyword: one name, or a list; `None` when nothing is said.
    pub(super) fn to_value(self) -> Option<Value> {
        let mut names = NAMES.iter().filter(|(_, types)| self.has(*types)).map(|(name, _)| *name);
        match (names.next(), names.next()) {
            (None, _) => None,
            (Some(name), None) => Some(json!(name)),
            (Some(first), Some(second)) => {
                Some(json!([first, second].into_iter().chain(names).collect::<Vec<_>>()))
            }
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, types: Self) -> bool {
        self.0 & types.0 != 0
    }

    /// Whether a value of one of these can be one of the others.
    pub(super) fn meets(self, others: Self) -> bool {
        let numbers = Self::NUMBER | Self::INTEGER;
        self.has(others) || (self.has(numbers) && others.has(numbers)) || self.is_empty() || others.is_empty()
    }

    /// Whether the value is of one of these types.
    pub(super) fn allow(self, value: &Value) -> bool {
        let number = Self::NUMBER | Self::INTEGER;
        self.is_empty()
            || match value {
                Value::Null => self.has(Self::NULL),
                Value::Bool(_) => self.has(Self::BOOLEAN),
                Value::Number(digits) if is_whole(digits) => self.has(number),
                Value::Number(_) => self.has(Self::NUMBER),
                Value::String(_) => self.has(Self::STRING),
                Value::Array(_) => self.has(Self::ARRAY),
                Value::Object(_) => self.has(Self::OBJECT),
            }
    }

    fn named(name: Node<'_>) -> Option<Self> {
        let text = match name.kind() {
            Kind::Null => "null",
            _ => name.as_str()?,
        };
        let all = NAMES.iter().chain(&OTHER_NAMES);
        all.clone().find(|(known, _)| text.trim().eq_ignore_ascii_case(known)).map(|(_, types)| *types)
    }
}

impl std::ops::BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn is_whole(number: &serde_json::Number) -> bool {
    let digits = number.as_str();
    !digits.contains(['.', 'e', 'E']) || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}
