//! What JSON allows and a gateway must not: keys that come twice, and nesting without end.
//!
//! Of `{"a":1,"a":2}` one reader takes the first value and another the last, so that what was checked may not be
//! what is used (RFC 8259, section 4, leaves it open). Such a message is refused as a whole, before anything acts
//! on it.

use std::borrow::Cow;

use super::json;

/// How deep arrays and objects may lie in each other. Below serde_json's own limit of 128, so that whatever passes
/// here can be read by it.
pub(crate) const MAX_DEPTH: usize = 100;

/// Up to how many keys are compared pair by pair; more are sorted.
const FEW_KEYS: usize = 16;

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A key comes twice in one object.
    DuplicateKey(String),
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// Finds the first flaw of `text`, which must be valid JSON: of anything else the answer means nothing.
///
/// Takes time linear in the text (sorting the keys of large objects aside) and memory for its keys.
pub(crate) fn check(text: &str) -> Result<(), Flaw> {
    let mut scan = Scan { keys: Vec::with_capacity(FEW_KEYS), open: Vec::with_capacity(8), key_next: false };
    let mut bytes = text.as_bytes().iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                let (raw, after) = string(bytes.as_slice());
                if std::mem::take(&mut scan.key_next) {
                    scan.keys.push(raw);
                }
                bytes = after.iter();
            }
            b'{' => scan.enter(Some(scan.keys.len()))?,
            b'[' => scan.enter(None)?,
            b'}' | b']' => scan.leave()?,
            b',' => scan.key_next = matches!(scan.open.last(), Some(Some(_))),
            _ => {}
        }
    }
    Ok(())
}

/// What a string has between its quotes, and what comes after it. Its first quote has been read.
fn string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = json::string_end(bytes);
    let (raw, after) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    (raw.strip_suffix(b"\"").unwrap_or(raw), after)
}

struct Scan<'t> {
    /// Keys of all objects that are open, outermost first, as they are written.
    keys: Vec<&'t [u8]>,
    /// What is open: of an object, where its keys begin.
    open: Vec<Option<usize>>,
    /// Whether the next string is a key.
    key_next: bool,
}

impl Scan<'_> {
    fn enter(&mut self, first_key: Option<usize>) -> Result<(), Flaw> {
        if self.open.len() == MAX_DEPTH {
            return Err(Flaw::TooDeep);
        }
        self.open.push(first_key);
        self.key_next = first_key.is_some();
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Flaw> {
        self.key_next = false;
        let Some(Some(first_key)) = self.open.pop() else { return Ok(()) };
        let repeated = repeated(self.keys.get(first_key..).unwrap_or_default());
        if let Some(key) = repeated {
            return Err(Flaw::DuplicateKey(key));
        }
        self.keys.truncate(first_key);
        Ok(())
    }
}

/// A key that comes twice among these, whichever way it is written.
fn repeated(keys: &[&[u8]]) -> Option<String> {
    let is_plain = |key: &&[u8]| !key.contains(&b'\\');
    if keys.len() > FEW_KEYS || !keys.iter().all(is_plain) {
        let mut keys: Vec<_> = keys.iter().map(|key| meant(key)).collect();
        keys.sort_unstable();
        return keys.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(a.to_string()),
            _ => None,
        });
    }
    let mut rest = keys;
    while let Some((key, others)) = rest.split_first() {
        if others.contains(key) {
            return Some(meant(key).into_owned());
        }
        rest = others;
    }
    None
}

/// The text that a key means. An escape that serde_json refuses (half a surrogate pair) is compared as it was written.
fn meant(key: &[u8]) -> Cow<'_, str> {
    let raw = String::from_utf8_lossy(key);
    if !key.contains(&b'\\') {
        return raw;
    }
    serde_json::from_str(&format!("\"{raw}\"")).map_or(raw, Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(text: &str) -> Option<String> {
        match check(text) {
            Err(Flaw::DuplicateKey(key)) => Some(key),
            _ => None,
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_found_at_any_depth() {
        assert_eq!(twice(r#"{"a":1,"b":2,"a":3}"#).as_deref(), Some("a"));
        assert_eq!(twice(r#"{"a":[{"b":{"c":1,"c":1}}]}"#).as_deref(), Some("c"));
        assert_eq!(twice(r#"[{"a":1},{"a":1,"x":{},"a":1}]"#).as_deref(), Some("a"));
    }

    #[test]
    fn an_escaped_key_is_the_key_that_it_means() {
        assert_eq!(twice(r#"{"a":1,"\u0061":2}"#).as_deref(), Some("a"));
        assert_eq!(twice(r#"{"\"":1,"\u0022":2}"#).as_deref(), Some("\""));
    }

    #[test]
    fn the_same_key_in_different_objects_is_no_repetition() {
        for text in [
            r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#,
            r#"[{"a":1},{"a":2}]"#,
            r#"{"a":"a","b":["a","a"],"c":"a"}"#,
            r#"{"a\"b":1,"a":"\\","b":"\"a\""}"#,
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_repetition_among_many_keys_is_found() {
        let mut keys: Vec<String> = (0..5_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
        assert_eq!(check(&format!("{{{}}}", keys.join(","))), Ok(()));
        keys.push(r#""k17":0"#.to_owned());
        assert_eq!(twice(&format!("{{{}}}", keys.join(","))).as_deref(), Some("k17"));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(check(&nested(MAX_DEPTH + 1)), Err(Flaw::TooDeep));
        assert_eq!(check(&nested(200_000)), Err(Flaw::TooDeep));
        let objects = format!("{}1{}", r#"{"a":"#.repeat(101), "}".repeat(101));
        assert_eq!(check(&objects), Err(Flaw::TooDeep));
    }
}
