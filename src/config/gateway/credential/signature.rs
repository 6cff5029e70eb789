//! A signature that an API asks for in a form of its own: what is signed, with which hash, and where it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderName;

use super::Secret;

/// A keyed hash (RFC 2104) over parts of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hmac {
    /// The key.
    pub key: Secret,
    /// How the key is written.
    pub key_encoding: KeyEncoding,
    /// The hash.
    pub digest: Digest,
    /// What is signed, in order.
    pub sign: Vec<Part>,
    /// What stands between the parts.
    pub separator: String,
    /// How the signature is written.
    pub encoding: Encoding,
    /// The header that it is sent in.
    pub header: HeaderName,
    /// The value of the header, with `{signature}`, `{timestamp}` and `{nonce}` in it.
    pub value: String,
    /// The time of signing, when it is signed or sent.
    pub timestamp: Stamp,
    /// The header that a random value is sent in.
    pub nonce: Option<HeaderName>,
    /// The hash of the body, when it is signed or sent.
    pub body_hash: BodyHash,
}

/// How a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEncoding {
    /// Its bytes are those of the text.
    Text,
    /// In hexadecimal digits.
    Hex,
    /// In base64 (RFC 4648, section 4).
    Base64,
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// SHA-1: only for APIs that know nothing better.
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// In lower-case hexadecimal digits.
    Hex,
    /// In base64 with padding (RFC 4648, section 4).
    Base64,
    /// In base64 for URLs without padding (RFC 4648, section 5).
    Base64Url,
}

/// A part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `POST`
    Method,
    /// `https://api.example.com/v1/orders?limit=2`
    Url,
    /// `api.example.com`, with the port when it is not that of the scheme.
    Host,
    /// `/v1/orders`
    Path,
    /// `limit=2`; empty without a query.
    Query,
    /// `/v1/orders?limit=2`
    Target,
    /// The bytes of the body.
    Body,
    /// The hash of the body.
    BodyHash,
    /// The time of signing.
    Timestamp,
    /// The random value.
    Nonce,
    /// The value of a header; empty when it is not there.
    Header(HeaderName),
    /// This text.
    Text(String),
}

/// The time of signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The header that it is sent in.
    pub header: Option<HeaderName>,
    /// How it is written.
    pub format: StampFormat,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampFormat {
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// `Fri, 06 Nov 2026 10:12:00 GMT`
    HttpDate,
}

/// The hash of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyHash {
    /// The header that it is sent in.
    pub header: Option<HeaderName>,
    /// How it is written.
    pub encoding: Encoding,
}

impl KeyEncoding {
    /// The bytes of a key that is written so.
    #[must_use]
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Text => Some(text.as_bytes().to_vec()),
            Self::Base64 => STANDARD.decode(text.trim()).ok(),
            Self::Hex => {
                let text = text.trim();
                let pairs =
                    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
                pairs.collect()
            }
        }
    }
}

impl Encoding {
    /// The bytes, written so.
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
}

impl Hmac {
    /// Names of the headers that it sets.
    pub(super) fn headers(&self) -> impl Iterator<Item = &str> {
        let more = [&self.timestamp.header, &self.nonce, &self.body_hash.header];
        std::iter::once(&self.header).chain(more.into_iter().flatten()).map(HeaderName::as_str)
    }
}
