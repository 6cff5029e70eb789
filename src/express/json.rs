//! Valid JSON taken apart as text: items of arrays and members of objects as slices of it.
//!
//! Nothing is rebuilt, so numbers keep their digits and members their order. The text has been checked before (by the
//! scanner of a call); of anything else these functions make something, but never more than there was.

/// What a JSON value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    /// A number, `true`, `false` or `null`.
    Other,
}

/// What the value is.
pub(crate) fn kind(text: &str) -> Kind {
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        _ => Kind::Other,
    }
}

/// The items of an array; none of anything else.
pub(crate) fn items(text: &str) -> Items<'_> {
    Items { rest: inside(text, '[') }
}

/// The members of an object, keys with their quotes; none of anything else.
pub(crate) fn members(text: &str) -> Members<'_> {
    Members(Items { rest: inside(text, '{') })
}

/// What is between the brackets.
fn inside(text: &str, open: char) -> &str {
    let text = text.trim_ascii();
    text.strip_prefix(open).and_then(|text| text.get(..text.len().saturating_sub(1))).unwrap_or_default()
}

/// See [`items`].
#[derive(Clone, Debug)]
pub(crate) struct Items<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_ascii_start();
        if rest.is_empty() {
            return None;
        }
        let end = length(rest.as_bytes(), b',');
        let (item, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = after.get(1..).unwrap_or_default();
        Some(item.trim_ascii_end())
    }
}

/// See [`members`].
#[derive(Clone, Debug)]
pub(crate) struct Members<'a>(Items<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let member = self.0.next()?;
        let colon = length(member.as_bytes(), b':');
        let (key, value) = member.split_at_checked(colon).unwrap_or((member, ""));
        Some((key.trim_ascii_end(), value.get(1..).unwrap_or_default().trim_ascii_start()))
    }
}

/// How many bytes there are before `end` outside of brackets and strings.
fn length(text: &[u8], end: u8) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at += string_length(text.get(at..).unwrap_or_default()) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            byte if *byte == end && depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// How many bytes the string has that `text` begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
            None => return text.len(),
            Some(found) if text.get(at + found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
        }
    }
}

/// The text that a JSON string stands for. Half of a surrogate pair becomes U+FFFD.
pub(crate) fn text(string: &str) -> String {
    if let Ok(text) = serde_json::from_str(string) {
        return text;
    }
    let mut text = String::new();
    let mut rest = string.trim_matches('"');
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        // An escape is at most `\uXXXX\uXXXX`.
        let whole = [12, 6, 2].into_iter().find_map(|length| {
            let escape = rest.get(before.len()..before.len() + length)?;
            let text: String = serde_json::from_str(&format!("\"{escape}\"")).ok()?;
            (text.chars().count() == 1).then_some((text, length - 1))
        });
        let (decoded, length) = whole.unwrap_or(("\u{fffd}".to_owned(), 5.min(after.len())));
        text.push_str(&decoded);
        rest = after.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// A text as a JSON string.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_apart_where_its_commas_and_colons_are() {
        let array = r#" [1, "a,]\"b" ,{"c":[2,3]}, [ ], null ] "#;
        assert_eq!(items(array).collect::<Vec<_>>(), ["1", r#""a,]\"b""#, r#"{"c":[2,3]}"#, "[ ]", "null"]);
        let object = r#"{"a:{": 1 , "b" :{"c":"}"}, "":[] }"#;
        assert_eq!(
            members(object).collect::<Vec<_>>(),
            [("\"a:{\"", "1"), ("\"b\"", r#"{"c":"}"}"#), ("\"\"", "[]")]
        );
        assert_eq!(
            items("[]").count() + items("{}").count() + members("[1]").count() + items("7").count(),
            0
        );
    }

    #[test]
    fn halves_of_surrogate_pairs_do_not_cost_the_text_around_them() {
        assert_eq!(text(r#""a\n\u00e9\ud83d\ude00""#), "a\né😀");
        assert_eq!(text(r#""a\n\ud83d b\ud83d\ude00 \"c""#), "a\n\u{fffd} b😀 \"c");
        assert_eq!(text(r#""\ude00""#), "\u{fffd}");
    }
}
