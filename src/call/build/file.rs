//! Files in arguments: base64, or a data URI that also says what the file is.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

/// A file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub bytes: Vec<u8>,
    /// Media type, when it was said.
    pub media_type: Option<String>,
    /// Name, when it was said.
    pub name: Option<String>,
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl File {
    /// Whether a text begins as a data URI does.
    pub(super) fn is_data_uri(text: &str) -> bool {
        text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
    }

    /// Reads an argument: `data:image/png;name=a.png;base64,…` (RFC 2397), or base64 of either alphabet, padded or not.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some(uri) = text.get(5..).filter(|_| Self::is_data_uri(text)) else {
            return Some(Self { bytes: base64(text)?, media_type: None, name: None });
        };
        let (head, data) = uri.split_once(',')?;
        let mut parameters = head.split(';');
        let media_type = parameters.next().map(str::trim).filter(|media| media.contains('/'));
        let mut file = Self { bytes: Vec::new(), media_type: media_type.map(str::to_owned), name: None };
        let mut is_base64 = false;
        for parameter in parameters {
            match parameter.split_once('=') {
                Some(("name" | "filename", name)) => {
                    let name = percent_decode_str(name.trim_matches('"')).decode_utf8_lossy();
                    file.name = Some(name.into_owned()).filter(|name| !name.is_empty());
                }
                Some(("charset", charset)) => {
                    file.media_type = file.media_type.map(|media| format!("{media};charset={charset}"));
                }
                _ => is_base64 |= parameter.trim().eq_ignore_ascii_case("base64"),
            }
        }
        file.bytes = if is_base64 { base64(data)? } else { percent_decode_str(data).collect() };
        Some(file)
    }
}

/// Line breaks are tolerated; a space within is the sign of a text that is no base64 at all.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let compact: String;
    let text = if text.contains(['\r', '\n']) {
        compact = text.lines().collect();
        compact.as_str()
    } else {
        text
    };
    let engine = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    engine.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8], media_type: Option<&str>, name: Option<&str>) -> Option<File> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Some(File { bytes: bytes.to_vec(), media_type: own(media_type), name: own(name) })
    }

    #[test]
    fn base64_of_any_kind_is_read() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", " +/\r\n8=\n"] {
            assert_eq!(File::parse(text), file(&[0xfb, 0xff], None, None), "{text}");
        }
        assert_eq!(File::parse("aa"), file(b"i", None, None));
        assert_eq!(File::parse(""), file(b"", None, None));
        assert_eq!(File::parse("just text"), None);
    }

    #[test]
    fn a_data_uri_says_what_the_file_is() {
        let uri = "data:image/png;name=my%20cat.png;base64,aGk=";
        assert_eq!(File::parse(uri), file(b"hi", Some("image/png"), Some("my cat.png")));
        assert_eq!(File::parse("DATA:,a%20b"), file(b"a b", None, None));
        assert_eq!(
            File::parse("data:text/plain;charset=utf-8,ä"),
            file("ä".as_bytes(), Some("text/plain;charset=utf-8"), None)
        );
        assert_eq!(File::parse("data:image/png;base64"), None);
        assert_eq!(File::parse("data:;base64,%%%"), None);
    }
}
