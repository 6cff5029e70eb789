//! Pieces of JSON that are read and written as bytes, because nothing has to look inside.

pub(crate) mod escape;

use std::borrow::Cow;

use memchr::memchr2;

/// Most strings are over within so many bytes, before a search in blocks would have begun.
const NEAR: usize = 32;

/// The text that a raw JSON string means; `None` when `raw` is not one.
///
/// Borrows when there is no escape in it, which is nearly always.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inside));
    }
    serde_json::from_str(raw).ok().map(Cow::Owned)
}

/// How many bytes of `bytes` belong to the string whose first quote was before them, its last quote included; all of
/// them when it never ends.
pub(crate) fn string_end(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    for (at, byte) in bytes.iter().enumerate().take(NEAR) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'"' => return at + 1,
            b'\\' => is_escaped = true,
            _ => {}
        }
    }
    let mut at = NEAR + usize::from(is_escaped);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// Whether a raw JSON value is an object.
pub(crate) fn is_object(raw: &[u8]) -> bool {
    raw.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// Appends `text` as a JSON string, quotes included. `text` is UTF-8, often itself JSON.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &[u8]) {
    // A JSON text grows by a quarter when it is quoted: room for that, so that large answers are not moved.
    out.reserve(text.len() + text.len() / 4 + 2);
    out.push(b'"');
    escape::push(out, text);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = Vec::new();
        push_string(&mut out, text.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_byte_is_written_so_that_it_is_read_again() {
        for byte in 0..128_u8 {
            for before in 0..9 {
                let text = format!("{}{}tail", "x".repeat(before), char::from(byte));
                assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
            }
        }
    }

    proptest! {
        #[test]
        fn strings_come_out_as_they_went_in(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }

        #[test]
        fn quoted_json_has_no_line_break(text in "[\\x00-\\x7f\"\\\\]{0,80}") {
            let quoted = quoted(&text);
            prop_assert!(!quoted.contains(['\n', '\r']));
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn raw_strings_are_read_as_serde_json_reads_them(text in any::<String>()) {
            let raw = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(string(&raw).unwrap(), text.as_str());
            prop_assert_eq!(1 + string_end(format!("{}, 1", &raw[1..]).as_bytes()), raw.len());
            // Some that are longer than what is looked at byte by byte.
            let long = serde_json::to_string(&text.repeat(4)).unwrap();
            prop_assert_eq!(1 + string_end(&format!("{long}\"").as_bytes()[1..]), long.len());
        }
    }

    #[test]
    fn what_is_no_string_is_none() {
        for raw in ["1", "null", "{}", r#"["a"]"#, ""] {
            assert_eq!(string(raw), None, "{raw}");
        }
    }
}
