//! The values that filters work on: JSON, with what a bound must know about each of them.
//!
//! Every array and object knows how many bytes it takes written out and how deep it is nested: a value that refers
//! to itself twice at each of a hundred levels takes no memory and could never be written. Numbers that a filter does not
//! calculate with keep their digits.

mod access;
mod arithmetic;
mod order;

use std::fmt;
use std::rc::Rc;

use indexmap::IndexMap;
use jaq_core::{Error, ValR};

use super::meter::{Charge, DEPTH, Exceeded, exceeded, step};
use crate::express::json;

/// A value. Cloning it copies no data.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(isize),
    Float(f64),
    /// A number that is neither, with its digits.
    Decimal(Rc<Text>),
    String(Rc<Text>),
    Array(Rc<Array>),
    Object(Rc<Object>),
}

/// A text that was charged for.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: Box<str>,
    _charge: Charge,
}

#[derive(Debug)]
pub(super) struct Array {
    pub(super) items: Vec<Value>,
    size: Size,
    _charge: Charge,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) members: Members,
    size: Size,
    _charge: Charge,
}

pub(super) type Members = IndexMap<Rc<Text>, Value>;

/// What writing a value takes.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    /// Bytes, at least as many as it takes.
    written: usize,
    depth: usize,
}

/// What an error message shows of a value, in bytes.
const SHOWN: usize = 100;

impl Value {
    pub(super) fn string(text: impl Into<Box<str>>) -> Self {
        Self::String(Text::new(text))
    }

    /// A number by its digits.
    pub(super) fn number(digits: &str) -> Self {
        match digits.parse() {
            Ok(int) if digits != "-0" => Self::Int(int),
            _ => Self::Decimal(Text::new(digits)),
        }
    }

    pub(super) fn array(items: Vec<Self>) -> Self {
        let size = items.iter().fold(Size::default(), |size, item| size.around(2, item));
        let charge = Charge::of(size_of::<Array>() + items.capacity() * size_of::<Self>());
        Self::Array(Rc::new(Array { items, size: size.checked(), _charge: charge }))
    }

    pub(super) fn object(members: Members) -> Self {
        let size =
            members.iter().fold(Size::default(), |size, (key, value)| size.around(key.written() + 4, value));
        let each = size_of::<Self>() + 4 * size_of::<usize>();
        let charge = Charge::of(size_of::<Object>() + members.capacity() * each);
        Self::Object(Rc::new(Object { members, size: size.checked(), _charge: charge }))
    }

    fn size(&self) -> Size {
        let scalar = |written| Size { written, depth: 0 };
        match self {
            Self::Null | Self::Bool(_) => scalar(5),
            Self::Int(_) | Self::Float(_) => scalar(25),
            Self::Decimal(text) => scalar(text.text.len()),
            Self::String(text) => scalar(text.written()),
            Self::Array(array) => array.size,
            Self::Object(object) => object.size,
        }
    }

    /// As JSON. Ends the filter when that would be longer than its memory.
    pub(super) fn to_json(&self) -> String {
        // What is read back into a value is charged; this is for what is only on its way out.
        let charge = Charge::of(self.size().written.saturating_add(2));
        let mut out = String::new();
        self.write(&mut out);
        drop(charge);
        out
    }

    fn write(&self, out: &mut String) {
        step();
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(int) => out.push_str(&int.to_string()),
            Self::Float(float) => out.push_str(&written(*float)),
            Self::Decimal(digits) => out.push_str(&digits.text),
            Self::String(text) => out.push_str(&json::string(&text.text)),
            Self::Array(array) => {
                out.push('[');
                for (index, item) in array.items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (index, (key, value)) in object.members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(&json::string(&key.text));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Reads valid JSON. Of members with one name the last one counts.
    pub(super) fn read(text: &str) -> Self {
        Self::read_at(text, 0)
    }

    fn read_at(text: &str, depth: usize) -> Self {
        step();
        if depth > DEPTH {
            exceeded(Exceeded::Depth);
        }
        match json::kind(text) {
            json::Kind::Array => {
                Self::array(json::items(text).map(|item| Self::read_at(item, depth + 1)).collect())
            }
            json::Kind::Object => {
                let member = |(key, value)| (Text::new(json::text(key)), Self::read_at(value, depth + 1));
                Self::object(json::members(text).map(member).collect())
            }
            json::Kind::String => Self::string(json::text(text)),
            json::Kind::Other => match text.trim_ascii() {
                "null" => Self::Null,
                "true" => Self::Bool(true),
                "false" => Self::Bool(false),
                number => Self::number(number),
            },
        }
    }

    /// The number as a float, which may have fewer digits.
    pub(super) fn float(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what jq does")]
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            Self::Decimal(digits) => digits.text.parse().ok(),
            _ => None,
        }
    }
}

impl Size {
    /// With one more value in it, which has `more` bytes beside it.
    fn around(self, more: usize, value: &Value) -> Self {
        let inner = value.size();
        Self {
            written: self.written.saturating_add(inner.written).saturating_add(more),
            depth: self.depth.max(inner.depth + 1),
        }
    }

    fn checked(self) -> Self {
        if self.depth > DEPTH {
            exceeded(Exceeded::Depth);
        }
        Self { written: self.written.saturating_add(2), ..self }
    }
}

impl Text {
    pub(super) fn new(text: impl Into<Box<str>>) -> Rc<Self> {
        let text = text.into();
        let charge = Charge::of(size_of::<Self>() + text.len());
        Rc::new(Self { text, _charge: charge })
    }

    /// How long it is as a JSON string, at most.
    fn written(&self) -> usize {
        let escapes = |byte: &u8| match byte {
            b'"' | b'\\' => 1,
            0..0x20 => 5,
            _ => 0,
        };
        self.text.len() + 2 + self.text.as_bytes().iter().map(escapes).sum::<usize>()
    }
}

/// A float as JSON: what JSON cannot say becomes null or the greatest number, as with jq.
fn written(float: f64) -> String {
    if float.is_nan() {
        return "null".to_owned();
    }
    let finite = float.clamp(f64::MIN, f64::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds of an integer")]
    if finite.fract() == 0.0 && finite.abs() < 1e17 {
        return (finite as i64).to_string();
    }
    serde_json::Number::from_f64(finite).map_or_else(|| "null".to_owned(), |number| number.to_string())
}

/// The beginning of it: for messages.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A message that the filter itself gives as an error.
            Self::String(text) => {
                f.write_str(text.text.get(..text.text.floor_char_boundary(SHOWN * 5)).unwrap_or_default())
            }
            Self::Array(array) if self.size().written > SHOWN => {
                write!(f, "an array of {} items", array.items.len())
            }
            Self::Object(object) if self.size().written > SHOWN => {
                write!(f, "an object of {} members", object.members.len())
            }
            _ => f.write_str(&self.to_json()),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<isize> for Value {
    fn from(value: isize) -> Self {
        Self::Int(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        isize::try_from(value).map_or(Self::Null, Self::Int)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::string(value)
    }
}

impl From<jaq_core::val::Range<Self>> for Value {
    fn from(range: jaq_core::val::Range<Self>) -> Self {
        let bound = |name: &str, value: Option<Self>| value.map(|value| (Text::new(name), value));
        let bounds = [bound("start", range.start), bound("end", range.end)];
        Self::object(bounds.into_iter().flatten().collect())
    }
}

impl FromIterator<Self> for Value {
    /// Charged while it grows: the iterator may have no end.
    fn from_iter<I: IntoIterator<Item = Self>>(iterator: I) -> Self {
        let mut items = Vec::new();
        let mut charge = Charge::of(0);
        for item in iterator {
            step();
            if items.len() == items.capacity() {
                drop(charge);
                charge = Charge::of((items.capacity() * 2).max(4) * size_of::<Self>());
                items.reserve((items.capacity()).max(4));
            }
            items.push(item);
        }
        drop(charge);
        Self::array(items)
    }
}

/// An error of a filter that this value is the wrong type for.
fn wrong_type<T>(value: Value, wanted: &'static str) -> ValR<T, Value> {
    Err(Error::typ(value, wanted))
}
