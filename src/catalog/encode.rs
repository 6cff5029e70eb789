//! What is percent-encoded where (RFC 3986).

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but unreserved characters: for values, wherever they go.
pub(crate) const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For values in a path that may keep reserved characters (`{+path}`): what would end the path is encoded all the same.
pub(crate) const RESERVED_PATH: &AsciiSet = &VALUE
    .remove(b':')
    .remove(b'/')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// For values in a query that may keep reserved characters (`allowReserved`): what would end the value or the query, and
/// `+`, which many read as a space, are encoded all the same.
pub(crate) const RESERVED_QUERY: &AsciiSet =
    &RESERVED_PATH.remove(b'?').remove(b'[').remove(b']').add(b'&').add(b'+');

/// For cookie values: everything that is no `cookie-octet` (RFC 6265, section 4.1.1). Others stay, since most servers do
/// not decode cookies.
pub(crate) const COOKIE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

/// For fixed segments of a path template, which may hold escapes already.
const LITERAL: &AsciiSet = &RESERVED_PATH.add(b'/').remove(b'%');

/// A value, encoded.
pub(crate) fn value(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// A fixed piece of a path template, encoded where it is not yet.
pub(super) fn literal(text: &str) -> String {
    utf8_percent_encode(text, LITERAL).to_string()
}
