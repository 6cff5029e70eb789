//! What a scalar is: the core schema of YAML 1.2 (section 10.3.2), less what nobody means.
//!
//! `yes`, `NO`, `on` and dates are texts, as the core schema has it. Digits with a zero in front (`0031381`) are
//! texts too: whoever writes them means a code, and JSON has no such number. `.inf` and `.nan` are texts, because
//! JSON has nothing for them.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, Tag};

/// What a scalar is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    /// A JSON number; borrowed when it is written as JSON writes it.
    Number(Cow<'t, str>),
    Text,
}

/// Whether a key is the merge key: `<<`, not in quotes.
pub(super) fn is_merge(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    match tag {
        Some(tag) => yaml_type(tag).as_deref() == Some("merge"),
        None => text == "<<" && style == ScalarStyle::Plain,
    }
}

/// Whether a tag is none of YAML's own. (`!` alone is: it says that a scalar is a text, however it looks.)
pub(super) fn is_foreign(tag: &Tag) -> bool {
    yaml_type(tag).is_none() && tag.original() != "!"
}

/// What a value is. A tag that its text does not fit is taken for a text.
pub(super) fn resolve<'t>(text: &'t str, style: ScalarStyle, tag: Option<&Tag>) -> Scalar<'t> {
    let is_plain = style == ScalarStyle::Plain;
    let Some(tag) = tag else {
        return if is_plain { plain(text) } else { Scalar::Text };
    };
    if is_foreign(tag) && is_plain {
        return plain(text);
    }
    match (yaml_type(tag).as_deref().unwrap_or_default(), plain(text)) {
        ("null", scalar @ Scalar::Null)
        | ("bool", scalar @ Scalar::Bool(_))
        | ("int" | "float", scalar @ Scalar::Number(_)) => scalar,
        _ => Scalar::Text,
    }
}

/// `int` of `!!int`.
fn yaml_type(tag: &Tag) -> Option<Cow<'_, str>> {
    tag.suffix_in_namespace("tag:yaml.org,2002:")
}

fn plain(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number(text).map_or(Scalar::Text, Scalar::Number),
    }
}

/// The number that a text is, as JSON writes it.
fn number(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return in_base(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return in_base(digits, 8);
    }
    decimal(text)
}

/// Whole numbers up to 128 bits; what is longer is surely no number.
fn in_base(digits: &str, base: u32) -> Option<Cow<'static, str>> {
    // `from_str_radix` takes a sign, which these have not.
    if !digits.starts_with(|first: char| first.is_digit(base)) {
        return None;
    }
    u128::from_str_radix(digits, base).ok().map(|number| Cow::Owned(number.to_string()))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn decimal(text: &str) -> Option<Cow<'_, str>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.get(1..).map(|power| power.strip_prefix(['-', '+']).unwrap_or(power));
    let well_formed = is_digits(whole)
        && fraction.is_none_or(is_digits)
        && power.is_none_or(|power| !power.is_empty() && is_digits(power))
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty));
    if !well_formed || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    if !text.starts_with('+') && !whole.is_empty() && fraction != Some("") {
        return Some(Cow::Borrowed(text));
    }
    let or_zero = |digits: &'_ str| if digits.is_empty() { "0" } else { digits }.to_owned();
    let sign = if text.starts_with('-') { "-" } else { "" };
    let fraction = fraction.map(|fraction| format!(".{}", or_zero(fraction))).unwrap_or_default();
    Some(Cow::Owned(format!("{sign}{}{fraction}{exponent}", or_zero(whole))))
}
