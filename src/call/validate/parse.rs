//! Arguments as text, to an object: without duplicate keys, without bottomless nesting, numbers with all their digits.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::call::error::ArgumentProblem;

/// How deep arguments may be nested. Nobody means more, and every stage after this may recurse.
const DEPTH: usize = 64;

/// Under this key a number with all its digits comes out of serde_json.
const NUMBER: &str = "$serde_json::private::Number";

/// Arguments that are an object.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The object.
    pub arguments: Map<String, Value>,
    /// The length of the longest text in it, keys included, in bytes.
    pub longest: usize,
}

/// Why arguments are not even an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NotAnObject(&'static str),
    DuplicateKey(String),
    TooDeep,
    Malformed,
}

/// Reads the arguments of a call. `null` is an empty object, as nothing is.
pub(super) fn parse(text: &str) -> Result<Parsed, Fault> {
    let state = State::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Reader { state: &state, depth: DEPTH }.deserialize(&mut deserializer);
    match value {
        Ok(Value::Object(arguments)) => Ok(Parsed { arguments, longest: state.longest.get() }),
        Ok(Value::Null) => Ok(Parsed::default()),
        Ok(other) => Err(Fault::NotAnObject(super::problem::kind(&other))),
        Err(_) => Err(state.fault.take().unwrap_or(Fault::Malformed)),
    }
}

#[derive(Default)]
struct State {
    longest: Cell<usize>,
    fault: Cell<Option<Fault>>,
}

impl State {
    fn seen(&self, text: &str) {
        self.longest.set(self.longest.get().max(text.len()));
    }

    fn fail<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }
}

#[derive(Clone, Copy)]
struct Reader<'s> {
    state: &'s State,
    depth: usize,
}

impl Reader<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.state.fail(Fault::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        self.state.seen(value);
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        self.state.seen(&value);
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let reader = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(reader)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let reader = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if key == NUMBER {
                let digits: String = access.next_value()?;
                return digits.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            self.state.seen(&key);
            if object.contains_key(&key) {
                return Err(self.state.fail(Fault::DuplicateKey(key)));
            }
            let value = access.next_value_seed(reader)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

impl From<Fault> for ArgumentProblem {
    fn from(fault: Fault) -> Self {
        let message = match &fault {
            Fault::NotAnObject(kind) => format!("the arguments must be an object, not {kind}"),
            Fault::DuplicateKey(key) => format!("the key {} comes twice", super::problem::quoted(key)),
            Fault::TooDeep => format!("the arguments are nested more than {DEPTH} deep"),
            Fault::Malformed => "the arguments are not valid JSON".to_owned(),
        };
        Self { argument: None, message, help: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let parsed = parse(r#"{"a": 9007199254740993, "b": 1.10, "c": 1e+400, "d": -0}"#).unwrap();
        let text = Value::Object(parsed.arguments).to_string();
        assert_eq!(text, r#"{"a":9007199254740993,"b":1.10,"c":1e+400,"d":-0}"#);
    }

    #[test]
    fn what_is_no_plain_object_is_refused() {
        assert_eq!(parse("[]").unwrap_err(), Fault::NotAnObject("a list"));
        assert_eq!(parse("\"a\"").unwrap_err(), Fault::NotAnObject("text"));
        assert_eq!(parse(r#"{"a": 1, "b": {"c": 1, "c": 2}}"#).unwrap_err(), Fault::DuplicateKey("c".into()));
        assert_eq!(parse(r#"{"a": 1, "\u0061": 1}"#).unwrap_err(), Fault::DuplicateKey("a".into()));
        let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(parse(&deep(DEPTH)).unwrap_err(), Fault::TooDeep);
        assert!(parse(&deep(DEPTH - 2)).is_ok());
        assert_eq!(parse(&deep(200_000)).unwrap_err(), Fault::TooDeep);
        assert_eq!(parse(r#"{"$serde_json::private::Number": "x"}"#).unwrap_err(), Fault::Malformed);
    }

    #[test]
    fn the_longest_text_is_measured() {
        assert_eq!(parse(r#"{"a": ["bcd", {"efghi": "j"}]}"#).unwrap().longest, 5);
    }

    #[test]
    fn nothing_is_an_empty_object() {
        assert!(parse("null").unwrap().arguments.is_empty());
    }
}
