//! Bytes to text. Everything is UTF-8, but for files that some editors on Windows save as UTF-16: those say so with
//! a byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::{Place, Source, SourceError, Span};

/// The text of a source.
///
/// # Errors
/// [`SourceError::NotText`] with the place of the first byte that is not UTF-8.
pub(super) fn decode(name: &str, bytes: Vec<u8>) -> Result<String, SourceError> {
    let utf16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ => return String::from_utf8(bytes).map_err(|error| not_text(name, &error)),
    };
    Ok(utf16.decode_with_bom_removal(&bytes).0.into_owned())
}

fn not_text(name: &str, error: &std::string::FromUtf8Error) -> SourceError {
    let start = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(start).copied().unwrap_or_default();
    // With the wrong bytes replaced it can be shown, and up to the place nothing has moved.
    let shown = String::from_utf8_lossy(error.as_bytes());
    let width = if shown.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let start = start.saturating_sub(width);
    let end = start + char::REPLACEMENT_CHARACTER.len_utf8();
    SourceError::NotText { place: Place::new(&Source::new(name, shown), Span::new(start, end)), byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_with_a_byte_order_mark_is_read() {
        let text = "info: ä 語 𝄞";
        let little: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode("a", little).unwrap(), text);
        assert_eq!(decode("a", big).unwrap(), text);
    }

    #[test]
    fn a_byte_that_is_no_utf_8_is_an_error_at_its_place() {
        for (bytes, expected) in [
            (&b"a: 1\nb: \xe9t\xe9"[..], "a.yaml:2:4"),
            (b"\xef\xbb\xbf\xff", "a.yaml:1:1"),
            (b"\xc3\xa4\xc3", "a.yaml:1:2"),
        ] {
            let error = decode("a.yaml", bytes.to_vec()).unwrap_err();
            let SourceError::NotText { place, byte } = error else { panic!("{error}") };
            assert_eq!(place.to_string(), expected);
            assert!(matches!(byte, 0xe9 | 0xff | 0xc3));
        }
    }
}
