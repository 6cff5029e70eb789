//! Bytes to text, by what the answer says about itself.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// `Content-Type`, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MediaType {
    /// Type and subtype in lower case; empty when nothing (readable) is said.
    pub(super) essence: String,
    /// The `charset` parameter, when it names one that is known.
    charset: Option<&'static Encoding>,
}

impl MediaType {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("charset")
                .then(|| Encoding::for_label(value.trim_matches([' ', '"', '\'']).as_bytes()))?
        });
        Self { essence, charset }
    }

    /// `application/json`, `+json`, and the names that were used before there was one.
    pub(super) fn is_json(&self) -> bool {
        matches!(
            self.essence.as_str(),
            "application/json" | "text/json" | "text/x-json" | "application/x-json"
        ) || self.essence.ends_with("+json")
    }

    pub(super) fn is_html(&self) -> bool {
        matches!(self.essence.as_str(), "text/html" | "application/xhtml+xml")
    }

    /// Whether it is text without a doubt.
    pub(super) fn is_text(&self) -> bool {
        let subtypes = [
            "xml",
            "yaml",
            "x-yaml",
            "toml",
            "javascript",
            "ecmascript",
            "x-javascript",
            "x-ndjson",
            "ndjson",
            "jsonl",
            "jsonlines",
            "json-seq",
            "graphql",
            "sql",
            "csv",
            "rtf",
            "x-sh",
            "x-www-form-urlencoded",
            "jwt",
            "x-jsonlines",
            "x-json-stream",
            "stream+json",
            "problem+xml",
            "x-pem-file",
        ];
        let subtype = self.essence.strip_prefix("application/").unwrap_or_default();
        self.charset.is_some()
            || self.essence.starts_with("text/")
            || self.is_json()
            || self.essence.ends_with("+xml")
            || self.essence.ends_with("+yaml")
            || subtypes.contains(&subtype)
    }

    /// Whether it is XML.
    pub(super) fn is_xml(&self) -> bool {
        let is_page = self.is_html() || self.essence == "image/svg+xml";
        !is_page
            && (matches!(self.essence.as_str(), "application/xml" | "text/xml")
                || self.essence.ends_with("+xml"))
    }

    /// What XML says about itself (XML 1.0, section 4.3.3).
    fn declared(&self, body: &[u8]) -> Option<&'static Encoding> {
        let head =
            body.get(..body.len().min(200)).filter(|head| self.is_xml() && head.starts_with(b"<?xml"))?;
        let head = String::from_utf8_lossy(head);
        let (_, after) = head.split_once("?>")?.0.split_once("encoding")?;
        let name = after.trim_start().strip_prefix('=')?.trim_start();
        Encoding::for_label(name.get(1..)?.split(['"', '\'']).next()?.as_bytes())
    }

    /// Whether its bytes decide: nothing is said, or no more than "some data".
    pub(super) fn may_be_text(&self) -> bool {
        let data = self.essence.starts_with("application/") && self.essence != "application/pdf";
        data || self.essence.is_empty() || self.essence == "binary/octet-stream"
    }

    /// The text, by byte order mark, charset, or UTF-8; shared when it is UTF-8 already. Other bytes without a word
    /// about them are read as browsers read them.
    pub(super) fn decode(&self, body: &Bytes) -> Bytes {
        let marked = Encoding::for_bom(body);
        let said = self.charset.or_else(|| self.declared(body)).unwrap_or(UTF_8);
        let encoding = marked.map_or(said, |(encoding, _)| encoding);
        let begin = marked.map_or(0, |(_, length)| length);
        let bytes = body.slice(begin..);
        // JSON is UTF-8 and its media type has no `charset` (RFC 8259, sections 8.1 and 11): a label that is wrong says
        // nothing. UTF-16 is told by its zeros.
        let is_utf_8 = encoding == UTF_8 || (self.is_json() && marked.is_none() && !bytes.contains(&0));
        if is_utf_8 && std::str::from_utf8(&bytes).is_ok() {
            return bytes;
        }
        let fallback = if encoding == UTF_8 && self.charset.is_none() { WINDOWS_1252 } else { encoding };
        let (text, _) = fallback.decode_without_bom_handling(&bytes);
        Bytes::from(text.into_owned())
    }
}

/// Whether bytes that nobody said anything about read as text.
pub(super) fn looks_like_text(bytes: &[u8]) -> bool {
    let control = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f);
    std::str::from_utf8(bytes).is_ok() && !bytes.iter().take(4096).any(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(value: &str) -> MediaType {
        MediaType::of(&HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]))
    }

    fn decoded(value: &str, body: &'static [u8]) -> String {
        String::from_utf8(media(value).decode(&Bytes::from_static(body)).to_vec()).unwrap()
    }

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        let json = media("Application/Vnd.API+JSON; profile=\"a;b\"; Charset=\"UTF-8\"");
        assert_eq!(json.essence, "application/vnd.api+json");
        assert!(json.is_json() && json.is_text());
        assert!(
            media("image/svg+xml").is_text()
                && media("text/csv").is_text()
                && media("x/y; charset=latin1").is_text()
        );
        assert!(!media("application/pdf").is_text() && !MediaType::default().is_text());
    }

    #[test]
    fn text_is_decoded_by_mark_by_charset_or_as_browsers_do() {
        assert_eq!(decoded("text/plain; charset=ISO-8859-1", b"caf\xe9 \x80"), "café €");
        assert_eq!(decoded("text/plain; charset=shift_jis", b"\x83e\x83X\x83g"), "テスト");
        assert_eq!(decoded("text/plain", b"caf\xe9"), "café");
        assert_eq!(decoded("text/plain", b"caf\xc3\xa9"), "café");
        assert_eq!(decoded("text/plain; charset=utf-8", b"a\xff"), "a\u{fffd}");
        assert_eq!(decoded("text/plain; charset=latin1", b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(decoded("application/json", b"\xff\xfe{\0}\0"), "{}");
        assert_eq!(decoded("text/plain; charset=unknown", b"a"), "a");
    }

    #[test]
    fn text_that_is_utf_8_already_is_shared() {
        let body = Bytes::from("text");
        assert_eq!(media("text/plain").decode(&body).as_ptr(), body.as_ptr());
    }
}
