//! The path: values that cannot leave their segment.
//!
//! Percent-encoding is no defence against `..`: URL parsers, proxies and servers decode `%2e`, some of them twice, and
//! then resolve it. So a value with a dot segment in any of these spellings is refused, as are empty values, which
//! would address the collection instead of the item, and control characters.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::style::{self, Escape};
use super::{Reason, Refusal, value};
use crate::catalog::plan::{ParameterPlan, PiecePlan, RequestPlan};
use crate::openapi::operation::{Encoding, Style};

/// How often something on the way to the API may decode a value.
const DECODED: usize = 2;

/// Appends the path below the prefix.
pub(super) fn write(
    request: &RequestPlan,
    arguments: &Map<String, Value>,
    out: &mut String,
) -> Result<(), Refusal> {
    for segment in &request.segments {
        out.push('/');
        let start = out.len();
        let mut last = None;
        for piece in segment {
            match piece {
                PiecePlan::Literal(text) => out.push_str(text),
                PiecePlan::Variable { parameter, reserved } => {
                    let parameter = request.parameters.get(*parameter).ok_or(Refusal::Url)?;
                    variable(parameter, *reserved, arguments, out).map_err(|reason| reason.of(parameter))?;
                    last = Some(parameter);
                }
            }
        }
        // `{a}{b}` makes `..` of two values neither of which is one.
        if let (Some(parameter), Some("." | "..")) = (last, out.get(start..)) {
            return Err(Reason::DotSegment.of(parameter));
        }
    }
    Ok(())
}

fn variable(
    parameter: &ParameterPlan,
    reserved: bool,
    arguments: &Map<String, Value>,
    out: &mut String,
) -> Result<(), Reason> {
    let value = value(parameter, arguments).ok_or(Reason::Missing)?;
    if value.as_str().is_some_and(str::is_empty) {
        return Err(Reason::Empty);
    }
    match &parameter.encoding {
        Encoding::Style { style, explode, allow_reserved, .. } => {
            let escape = if reserved || *allow_reserved { Escape::ReservedPath } else { Escape::Path };
            style::write(&parameter.encoded_name, value, *style, *explode, escape, out)
        }
        Encoding::Content { media_type } => {
            let text = super::body::content(value, media_type);
            style::write("", &Value::String(text), Style::Simple, false, Escape::Path, out)
        }
    }
}

/// Whether a text may stand in a path. With `reserved`, its slashes stay slashes.
pub(super) fn check(text: &str, reserved: bool) -> Result<(), Reason> {
    if is_harmless(text) {
        return Ok(());
    }
    check_once(text)?;
    if reserved && text.split('/').any(str::is_empty) {
        return Err(Reason::EmptySegment);
    }
    let mut text = text.to_owned();
    for _ in 0..DECODED {
        if !text.contains('%') {
            break;
        }
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        check_once(&text)?;
    }
    Ok(())
}

/// Letters, digits, `-` and `_`: most values, and nothing in them to look for.
fn is_harmless(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn check_once(text: &str) -> Result<(), Reason> {
    if text.chars().any(char::is_control) {
        return Err(Reason::Control);
    }
    // A path parameter (`..;x`) is cut off by some servers before they resolve dots.
    let is_dots = |part: &str| matches!(part.split(';').next(), Some("." | ".."));
    if text.split(['/', '\\']).any(is_dots) { Err(Reason::DotSegment) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_refused_in_every_spelling() {
        for text in [
            "..",
            ".",
            "%2e%2e",
            "%2E.",
            ".%2e",
            "..%2f",
            "..\\",
            "%252e%252e",
            "a/../b",
            "../x",
            "a%2f..",
            "..;x",
            "%2e%2e%5cx",
        ] {
            assert_eq!(check(text, false), Err(Reason::DotSegment), "{text}");
            assert_eq!(check(text, true), Err(Reason::DotSegment), "{text}");
        }
    }

    #[test]
    fn control_characters_are_refused_in_every_spelling() {
        for text in ["a\tb", "a\0", "%00", "a%0d%0ab", "%2500", "\u{85}"] {
            assert_eq!(check(text, false), Err(Reason::Control), "{text}");
        }
    }

    #[test]
    fn what_only_looks_odd_is_sent() {
        for text in [
            "...",
            "a..b",
            "main...feature",
            "a?x",
            "a#b",
            "//h",
            ";",
            "100%",
            "%",
            "ä b",
            ".env",
            "v1.",
            "%25",
        ] {
            assert_eq!(check(text, false), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_path_value_has_no_empty_segment() {
        for text in ["/etc", "a//b", "a/"] {
            assert_eq!(check(text, true), Err(Reason::EmptySegment), "{text}");
        }
        assert_eq!(check("a/b.c", true), Ok(()));
    }
}
