//! jq's order: null, false, true, numbers, texts, arrays, objects.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{Members, Text, Value};
use crate::express::jq::meter::step;

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Int(_) | Self::Float(_) | Self::Decimal(_) => 3,
            Self::String(_) => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        step();
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) if a == b => Ordering::Equal,
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.items.cmp(&b.items),
            (Self::Object(a), Self::Object(b)) => members(&a.members, &b.members),
            _ => self.rank().cmp(&other.rank()).then_with(|| numbers(self, other)),
        }
    }
}

/// Numbers by their value. Two that are the same as floats and differ in their digits are not the same.
fn numbers(a: &Value, b: &Value) -> Ordering {
    let (Some(x), Some(y)) = (a.float(), b.float()) else { return Ordering::Equal };
    let by_value =
        x.partial_cmp(&y).unwrap_or_else(|| if x.is_nan() { Ordering::Less } else { Ordering::Greater });
    by_value.then_with(|| match (integer(a), integer(b)) {
        (Some(a), Some(b)) if x.abs() >= 9e15 => by_digits(&a, &b),
        _ => Ordering::Equal,
    })
}

/// The digits of an integer.
fn integer(value: &Value) -> Option<String> {
    match value {
        Value::Int(int) => Some(int.to_string()),
        Value::Decimal(digits) if !digits.text.contains(['.', 'e', 'E']) => Some(digits.text.to_string()),
        _ => None,
    }
}

fn by_digits(a: &str, b: &str) -> Ordering {
    let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    if a.starts_with('-') { order.reverse() } else { order }
}

/// Objects by their sorted keys, then by the values in that order.
fn members(a: &Members, b: &Members) -> Ordering {
    let sorted = |members: &Members| {
        let mut entries: Vec<_> = members.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries
    };
    let (a, b) = (sorted(a), sorted(b));
    let keys = a.iter().map(|(key, _)| key).cmp(b.iter().map(|(key, _)| key));
    keys.then_with(|| a.iter().map(|(_, value)| value).cmp(b.iter().map(|(_, value)| value)))
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
