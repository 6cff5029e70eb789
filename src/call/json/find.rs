//! Looks for values in a JSON document without building a tree: what is found is a part of its text, byte for byte.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::config::gateway::BodyPath;

/// The value at a path; `None` when there is none. Of a key that comes twice, the last one counts.
pub(in crate::call) fn at<'t>(text: &'t str, path: &BodyPath) -> Option<&'t str> {
    path.names().try_fold(text.trim(), |text, name| match text.as_bytes().first()? {
        b'{' => member(text, name),
        b'[' => items(text)?.get(name.parse::<usize>().ok()?).copied(),
        _ => None,
    })
}

/// The members of an object, in their order; `None` when it is none.
pub(in crate::call) fn members(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    serde_json::Deserializer::from_str(text).deserialize_map(Members).ok()
}

/// The items of an array; `None` when it is none.
pub(in crate::call) fn items(text: &str) -> Option<Vec<&str>> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(RawValue::get).collect())
}

/// Where a part of a text is in it. It must be one that was found there.
pub(in crate::call) fn range(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start + part.len();
    (text.get(range.clone()) == Some(part)).then_some(range)
}

fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let found = serde_json::Deserializer::from_str(text).deserialize_map(Member(name)).ok()?;
    found.map(RawValue::get)
}

/// Reads the value of one key.
struct Member<'k>(&'k str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(Is(self.0))? {
            if is_it {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a key is this one.
struct Is<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// Reads all members.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            members.push((key.0, map.next_value::<&RawValue>()?.get()));
        }
        Ok(members)
    }
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(text: &'t str, path: &str) -> Option<&'t str> {
        at(text, &BodyPath::parse(path).unwrap())
    }

    #[test]
    fn values_are_found_as_they_are_written() {
        let text = r#" {"a": {"b": [1, {"c": 9007199254740993.10 }]}, "n\u0065xt": "x", "a.b": 0, "twice": 1, "twice": 2} "#;
        for (path, value) in [
            ("a.b.1.c", "9007199254740993.10"),
            ("/a/b/0", "1"),
            ("next", "\"x\""),
            ("/a.b", "0"),
            ("twice", "2"),
            ("a.b", r#"[1, {"c": 9007199254740993.10 }]"#),
        ] {
            assert_eq!(found(text, path), Some(value), "{path}");
        }
        for path in ["b", "a.c", "a.b.2", "a.b.x", "next.a"] {
            assert_eq!(found(text, path), None, "{path}");
        }
        assert_eq!(found("[1, 2]", ""), Some("[1, 2]"));
        assert_eq!(found("not json", "a"), None);
    }

    #[test]
    fn what_is_found_is_a_part_of_the_text() {
        let text = r#"{"a": [1, 2], "b": "é"}"#;
        let names: Vec<_> = members(text).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        let part = found(text, "b").unwrap();
        assert_eq!(&text[range(text, part).unwrap()], "\"é\"");
        assert_eq!(range(text, "elsewhere"), None);
        assert_eq!(items("[1, {\"a\": 2} ]").unwrap(), ["1", "{\"a\": 2}"]);
        assert!(items("{}").is_none() && members("[]").is_none());
    }
}
