//! JSON looked at without building a tree: whether bytes are one JSON value, and how to put them on one line.
//!
//! An answer is handed on as the bytes that came: numbers beyond 2^53, the order of keys and repeated keys arrive as
//! they were sent, and a large answer costs one pass over it. But nothing is spliced into a protocol message that is
//! not known to be whole JSON on one line.

mod blocks;
mod compact;
pub(super) mod find;

pub(super) use compact::compact;

/// What is known about bytes that are one JSON value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Every parser can hold it: it is not nested deeper than they go ([`PORTABLE_DEPTH`]), and no text in it has half
    /// of a surrogate pair.
    pub(super) portable: bool,
    /// It has line breaks between its tokens.
    pub(super) line_breaks: bool,
}

/// The bytes are not one JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON from byte {offset} on")]
pub(super) struct NotJson {
    /// Where it stops being JSON.
    pub(super) offset: usize,
}

/// How deep a value may be nested to be spliced into a message: parsers in use stop at 128 levels or more, and the
/// message around it takes some.
const PORTABLE_DEPTH: usize = 100;
/// A text of this length is looked at by blocks first: of a shorter one that takes as long.
const LARGE: usize = 1024;
/// Deeper than this nothing is nested that means anything.
const GREATEST_DEPTH: usize = 10_000;

/// Checks that `text`, which is UTF-8, is one JSON value (RFC 8259).
///
/// # Errors
/// [`NotJson`] when it is not.
pub(super) fn scan(text: &[u8]) -> Result<Shape, NotJson> {
    if text.len() >= LARGE
        && let Some(blocks::Certain { line_breaks }) = blocks::check(text)
    {
        return Ok(Shape { portable: true, line_breaks });
    }
    scan_bytes(text)
}

/// The same byte by byte: what is unusual, and where it is wrong.
fn scan_bytes(text: &[u8]) -> Result<Shape, NotJson> {
    let mut scanner =
        Scanner { rest: text, open: Vec::new(), deepest: 0, lone_surrogate: false, line_breaks: false };
    match scanner.document() {
        Some(()) => Ok(Shape {
            portable: scanner.deepest <= PORTABLE_DEPTH && !scanner.lone_surrogate,
            line_breaks: scanner.line_breaks,
        }),
        None => Err(NotJson { offset: text.len() - scanner.rest.len() }),
    }
}

fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// Every method gives `None` where the text stops being JSON, with `rest` there.
struct Scanner<'a> {
    rest: &'a [u8],
    open: Vec<Container>,
    deepest: usize,
    lone_surrogate: bool,
    line_breaks: bool,
}

impl Scanner<'_> {
    fn document(&mut self) -> Option<()> {
        loop {
            self.whitespace();
            let complete = self.value()?;
            if complete && self.after_value()? {
                return self.rest.is_empty().then_some(());
            }
        }
    }

    /// A value, or the beginning of one that has others in it (`false`: one of those comes next).
    fn value(&mut self) -> Option<bool> {
        match self.rest.first()? {
            b'"' => self.string()?,
            b'{' => return self.container(Container::Object, b'}'),
            b'[' => return self.container(Container::Array, b']'),
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => return None,
        }
        Some(true)
    }

    fn container(&mut self, container: Container, end: u8) -> Option<bool> {
        self.advance(1);
        self.whitespace();
        if self.take(end) {
            self.deepest = self.deepest.max(self.open.len() + 1);
            return Some(true);
        }
        if self.open.len() == GREATEST_DEPTH {
            return None;
        }
        self.open.push(container);
        self.deepest = self.deepest.max(self.open.len());
        if container == Container::Object {
            self.key()?;
        }
        Some(false)
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.whitespace();
        self.take(b':').then_some(())
    }

    /// What follows a value: the ends of containers, then the next value (`false`) or the end of all (`true`).
    fn after_value(&mut self) -> Option<bool> {
        loop {
            self.whitespace();
            let Some(container) = self.open.last().copied() else { return Some(true) };
            match (container, self.rest.first()?) {
                (_, b',') => {
                    self.advance(1);
                    if container == Container::Object {
                        self.whitespace();
                        self.key()?;
                    }
                    return Some(false);
                }
                (Container::Object, b'}') | (Container::Array, b']') => {
                    self.advance(1);
                    self.open.pop();
                }
                _ => return None,
            }
        }
    }

    fn whitespace(&mut self) {
        while let Some((byte, after)) = self.rest.split_first()
            && is_whitespace(*byte)
        {
            self.line_breaks |= matches!(byte, b'\n' | b'\r');
            self.rest = after;
        }
    }

    fn string(&mut self) -> Option<()> {
        if !self.take(b'"') {
            return None;
        }
        loop {
            // Eight bytes at a time for as long as none of them means anything.
            while let Some((bytes, after)) = self.rest.split_first_chunk::<8>() {
                let plain = plain_bytes(u64::from_le_bytes(*bytes));
                if plain < 8 {
                    self.advance(plain);
                    break;
                }
                self.rest = after;
            }
            let (byte, after) = self.rest.split_first()?;
            match byte {
                b'"' => {
                    self.rest = after;
                    return Some(());
                }
                b'\\' => self.escape()?,
                0..0x20 => return None,
                _ => self.rest = after,
            }
        }
    }

    /// An escape, with the second half of a surrogate pair when it is the first.
    fn escape(&mut self) -> Option<()> {
        if self.rest.get(1)? != &b'u' {
            let known = matches!(self.rest.get(1)?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't');
            self.advance(2);
            return known.then_some(());
        }
        match self.unicode_escape()? {
            0xd800..0xdc00 if self.rest.starts_with(b"\\u") => {
                let low = self.unicode_escape()?;
                self.lone_surrogate |= !(0xdc00..0xe000).contains(&low);
            }
            0xd800..0xe000 => self.lone_surrogate = true,
            _ => {}
        }
        Some(())
    }

    fn unicode_escape(&mut self) -> Option<u32> {
        let digits = self.rest.get(2..6)?;
        let unit =
            digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))?;
        self.advance(6);
        Some(unit)
    }

    fn number(&mut self) -> Option<()> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.advance(count);
        (count > 0).then_some(())
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.advance(1);
        }
        found
    }

    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

/// How many bytes, from the lowest, are neither quote nor backslash nor control character.
fn plain_bytes(word: u64) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // A byte that is zero, or below a bound, borrows its high bit; what is wrong above the first hit does not matter.
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = is_zero(word ^ (ONES * u64::from(b'"')));
    let backslash = is_zero(word ^ (ONES * u64::from(b'\\')));
    (((control | quote | backslash) & HIGH).trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn scan_text(text: &str) -> Result<Shape, NotJson> {
        scan(text.as_bytes())
    }

    pub(super) const JSON: [&str; 16] = [
        "null",
        " true ",
        "-0.0e-0",
        "1E+9",
        "\"\"",
        "[]",
        "{}",
        "[ ]",
        "{ }",
        r#"[1,"a",{"b":[]},[[]],null,false]"#,
        r#"{"a":{"b":{"c":[1]}},"a":2}"#,
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 and more text than eight bytes""#,
        "\"ä 😀 \u{7f}\"",
        "9007199254740993000000000000000000001",
        "\t[\r\n1\n,\n2]\n",
        r#"{"":""}"#,
    ];

    pub(super) const NOT_JSON: [&str; 34] = [
        "",
        " ",
        "nul",
        "truefalse",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "-",
        "0x1",
        "NaN",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "[}",
        "{]",
        "]",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"a\nb\"",
        "\"a\u{0}\"",
        "1 2",
        "{}{}",
    ];

    #[test]
    fn json_is_told_from_what_is_none() {
        for text in JSON {
            assert!(scan_text(text).is_ok(), "{text}");
            assert_eq!(
                serde_json::from_str::<Value>(&compact(text)).unwrap(),
                serde_json::from_str::<Value>(text).unwrap()
            );
        }
        for text in NOT_JSON {
            assert!(scan_text(text).is_err(), "{text}");
        }
        assert_eq!(scan_text("[1, 2, x]"), Err(NotJson { offset: 7 }));
    }

    #[test]
    fn what_some_parser_cannot_hold_is_not_portable() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(scan_text(&nested(PORTABLE_DEPTH)).unwrap().portable);
        assert!(!scan_text(&nested(PORTABLE_DEPTH + 1)).unwrap().portable);
        assert!(scan_text(&nested(GREATEST_DEPTH + 2)).is_err());
        for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#"["\ud83dx"]"#] {
            assert!(!scan_text(text).unwrap().portable, "{text}");
        }
        assert!(scan_text(r#""\ud83d\ude00""#).unwrap().portable);
    }

    #[test]
    fn line_breaks_between_tokens_are_seen_and_removed() {
        let pretty = "{\r\n  \"a b\\\"\\n\": [1,\n2]\n}\n";
        assert!(scan_text(pretty).unwrap().line_breaks);
        assert_eq!(compact(pretty), r#"{"a b\"\n":[1,2]}"#);
        assert!(!scan_text(r#"{"a": "\n"}"#).unwrap().line_breaks);
    }

    pub(super) fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC*|[\\x00-\\x7f]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z\"\\\\]*", inner), 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_json_however_it_is_written(value in value()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert!(scan_text(&pretty).is_ok());
            prop_assert_eq!(compact(&pretty), value.to_string());
        }

        #[test]
        fn a_text_with_one_byte_changed_is_judged_as_by_another_parser(value in value(), at: prop::sample::Index, to in "[\\x00-\\x7f]") {
            let mut text = value.to_string();
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &to);
                let other = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
                prop_assert_eq!(scan_text(&text).is_ok(), other, "{}", text);
            }
        }
    }
}
