//! A signature in a form of the API's own.

use super::pass_through;
use super::secret::{self, SecretFile};
use crate::config::gateway::{
    BodyHash, Credential, Digest, Encoding, Hmac, KeyEncoding, Part, Stamp, StampFormat,
};
use crate::config::header;
use crate::config::resolver::Resolver;
use crate::config::text::Literal;
use crate::config::written::{List, Optional, Read, Required, Slot, Written, word, words, written};
use crate::diagnostic::Diagnostics;

written! {
    /// A keyed hash (HMAC) over parts of the request, for APIs that sign in a way of their own.
    #[schemars(inline)]
    pub(in crate::config) struct HmacFile<'t> {
        /// The key.
        #[schemars(extend("examples" = ["${API_SECRET}"]))]
        key: Required<'t, SecretFile<'t>>,
        /// How the key is written.
        #[schemars(extend("default" = "text"))]
        key_encoding: Optional<'t, KeyEncodingWord>,
        /// The hash.
        #[schemars(extend("default" = "sha256"))]
        algorithm: Optional<'t, DigestWord>,
        /// What is signed, in order: words for parts of the request (`method`, `url`, `host`, `path`, `query`, `target`,
        /// `body`, `body_hash`, `timestamp`, `nonce`), `{header: NAME}` for the value of a header, and `{text: …}`.
        #[schemars(extend("minItems" = 1, "examples" = [["timestamp", "method", "target", "body"]]))]
        sign: Required<'t, List<'t, PartFile<'t>>>,
        /// What stands between the parts.
        #[schemars(extend("default" = ""))]
        separator: Optional<'t, Literal<'t>>,
        /// How the signature is written.
        #[schemars(extend("default" = "hex"))]
        encoding: Optional<'t, EncodingWord>,
        /// The header that the signature is sent in.
        #[schemars(extend("examples" = ["X-Signature"]))]
        header: Required<'t, Literal<'t>>,
        /// The value of that header, in which `{signature}`, `{timestamp}` and `{nonce}` stand for what they are.
        #[schemars(extend("default" = "{signature}", "examples" = ["HMAC-SHA256 id=shop, signature={signature}"]))]
        value: Optional<'t, Literal<'t>>,
        /// The time of signing.
        timestamp: Optional<'t, StampFile<'t>>,
        /// A random value, of 32 hexadecimal digits.
        nonce: Optional<'t, NonceFile<'t>>,
        /// The hash of the body, by the same algorithm without the key.
        body_hash: Optional<'t, BodyHashFile<'t>>,
    }

    /// The time of signing.
    #[schemars(inline)]
    pub(in crate::config) struct StampFile<'t> {
        /// The header that it is sent in.
        header: Optional<'t, Literal<'t>>,
        /// How it is written.
        #[schemars(extend("default" = "unix"))]
        format: Optional<'t, StampWord>,
    }

    /// A random value.
    #[schemars(inline)]
    pub(in crate::config) struct NonceFile<'t> {
        /// The header that it is sent in.
        header: Required<'t, Literal<'t>>,
    }

    /// The hash of the body.
    #[schemars(inline)]
    pub(in crate::config) struct BodyHashFile<'t> {
        /// The header that it is sent in.
        header: Optional<'t, Literal<'t>>,
        /// How it is written.
        #[schemars(extend("default" = "hex"))]
        encoding: Optional<'t, EncodingWord>,
    }

    /// A part of what is signed that is no part of every request.
    #[schemars(inline)]
    pub(in crate::config) struct NamedPartFile<'t> {
        /// The value of this header; nothing when the request does not have it.
        header: Optional<'t, Literal<'t>>,
        /// This text.
        text: Optional<'t, Literal<'t>>,
    }
}

words! {
    /// How a key is written.
    pub(in crate::config) enum KeyEncodingWord {
        /// Its bytes are those of the text.
        Text = "text",
        /// In hexadecimal digits.
        Hex = "hex",
        /// In base64.
        Base64 = "base64",
    }

    /// A hash.
    pub(in crate::config) enum DigestWord {
        /// SHA-1, only for APIs that know nothing better.
        Sha1 = "sha1",
        /// SHA-256
        Sha256 = "sha256",
        /// SHA-384
        Sha384 = "sha384",
        /// SHA-512
        Sha512 = "sha512",
    }

    /// How bytes are written.
    pub(in crate::config) enum EncodingWord {
        /// In hexadecimal digits.
        Hex = "hex",
        /// In base64.
        Base64 = "base64",
        /// In base64 for URLs, without padding.
        Base64Url = "base64url",
    }

    /// How a time is written.
    pub(in crate::config) enum StampWord {
        /// Seconds since 1970.
        Unix = "unix",
        /// Milliseconds since 1970.
        UnixMilliseconds = "unix_ms",
        /// As in the header `Date`.
        HttpDate = "http_date",
    }
}

/// A part of what is signed: a word, or a mapping.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(in crate::config) enum PartFile<'t> {
    /// A part that every request has.
    #[schemars(with = "String")]
    Word(Part),
    /// Another part.
    Named(NamedPartFile<'t>),
}

/// The parts that every request has.
const PARTS: [(&str, Part); 10] = [
    ("method", Part::Method),
    ("url", Part::Url),
    ("host", Part::Host),
    ("path", Part::Path),
    ("query", Part::Query),
    ("target", Part::Target),
    ("body", Part::Body),
    ("body_hash", Part::BodyHash),
    ("timestamp", Part::Timestamp),
    ("nonce", Part::Nonce),
];

impl<'t> Read<'t> for PartFile<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.is_object() {
            return NamedPartFile::read(slot, problems).map(Self::Named);
        }
        let names = PARTS.each_ref().map(|(name, _)| *name);
        let found = word(slot, "PartWord", &names, problems)?;
        PARTS.into_iter().find(|(name, _)| *name == found).map(|(_, part)| Self::Word(part))
    }
}

pub(super) fn resolve(file: &HmacFile<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let key = file.key.0.as_ref().and_then(|written| key(written, file.key_encoding, resolver));
    let sign = file.sign.0.as_ref().and_then(|parts| self::parts(parts, resolver));
    let header = file.header.0.as_ref().and_then(|name| pass_through::header(name, resolver));
    let value = file.value.as_ref().map_or("{signature}", |value| value.value.0);
    let nonce = match &file.nonce {
        Some(nonce) => Some(pass_through::header(nonce.value.header.0.as_ref()?, resolver)?),
        None => None,
    };
    let (sign, header) = (sign?, header?);
    check(file, &sign, value, nonce.is_some(), resolver)?;
    Some(Credential::Hmac(Box::new(Hmac {
        key: key?,
        key_encoding: key_encoding(file.key_encoding),
        digest: match file.algorithm.map(|word| word.value) {
            Some(DigestWord::Sha1) => Digest::Sha1,
            Some(DigestWord::Sha384) => Digest::Sha384,
            Some(DigestWord::Sha512) => Digest::Sha512,
            Some(DigestWord::Sha256) | None => Digest::Sha256,
        },
        sign,
        separator: file.separator.as_ref().map(|text| text.value.0).unwrap_or_default().to_owned(),
        encoding: encoding(file.encoding),
        header,
        value: value.to_owned(),
        timestamp: stamp(file, resolver)?,
        nonce,
        body_hash: body_hash(file, resolver)?,
    })))
}

fn key(
    written: &Written<'_, SecretFile<'_>>,
    encoding: Optional<'_, KeyEncodingWord>,
    resolver: &mut Resolver<'_>,
) -> Option<crate::config::gateway::Secret> {
    let resolved = secret::wanted(written, resolver)?;
    let encoding = key_encoding(encoding);
    if resolved.text.is_some_and(|text| encoding.decode(text.expose()).is_none()) {
        resolver.problem(written.slot.invalid("this is not written as `key_encoding` says"));
        return None;
    }
    Some(resolved.secret)
}

fn parts(list: &Written<'_, List<'_, PartFile<'_>>>, resolver: &mut Resolver<'_>) -> Option<Vec<Part>> {
    if list.value.0.is_empty() {
        resolver.problem(list.slot.invalid("name at least one part of the request"));
        return None;
    }
    let part = |part: &Written<'_, PartFile<'_>>| match &part.value {
        PartFile::Word(part) => Some(part.clone()),
        PartFile::Named(NamedPartFile { header: Some(name), text: None }) => {
            let parsed = http::HeaderName::from_bytes(name.value.0.as_bytes());
            if parsed.is_err() {
                resolver.problem(name.slot.invalid("this is no name of a header"));
            }
            parsed.ok().map(Part::Header)
        }
        PartFile::Named(NamedPartFile { header: None, text: Some(text) }) => {
            Some(Part::Text(text.value.0.to_owned()))
        }
        PartFile::Named(_) => {
            resolver.problem(part.slot.invalid("a part is a word, `{header: NAME}` or `{text: …}`"));
            None
        }
    };
    list.value.0.iter().map(part).collect()
}

/// What is sent must let the API find the same signature, and be a header.
fn check(
    file: &HmacFile<'_>,
    sign: &[Part],
    value: &str,
    has_nonce: bool,
    resolver: &mut Resolver<'_>,
) -> Option<()> {
    let slot = file
        .value
        .as_ref()
        .map_or_else(|| file.header.0.as_ref().map(|name| name.slot), |text| Some(text.slot));
    let stamped = file.timestamp.as_ref().is_some_and(|stamp| stamp.value.header.is_some());
    let problem = if !value.contains("{signature}") {
        "`{signature}` is not in it: nothing would be proven"
    } else if !header::is_value(value) {
        "this cannot be the value of a header"
    } else if sign.contains(&Part::Timestamp) && !stamped && !value.contains("{timestamp}") {
        "the time is signed and sent nowhere: say `timestamp: {header: …}`, or `{timestamp}` in `value`"
    } else if (sign.contains(&Part::Nonce) || value.contains("{nonce}")) && !has_nonce {
        "the random value needs a header: say `nonce: {header: …}`"
    } else {
        return Some(());
    };
    resolver.problem(slot?.invalid(problem));
    None
}

fn stamp(file: &HmacFile<'_>, resolver: &mut Resolver<'_>) -> Option<Stamp> {
    let written = file.timestamp.as_ref().map(|stamp| &stamp.value);
    let header = match written.and_then(|stamp| stamp.header.as_ref()) {
        Some(name) => Some(pass_through::header(name, resolver)?),
        None => None,
    };
    let format = match written.and_then(|stamp| stamp.format).map(|word| word.value) {
        Some(StampWord::UnixMilliseconds) => StampFormat::UnixMilliseconds,
        Some(StampWord::HttpDate) => StampFormat::HttpDate,
        Some(StampWord::Unix) | None => StampFormat::Unix,
    };
    Some(Stamp { header, format })
}

fn body_hash(file: &HmacFile<'_>, resolver: &mut Resolver<'_>) -> Option<BodyHash> {
    let written = file.body_hash.as_ref().map(|hash| &hash.value);
    let header = match written.and_then(|hash| hash.header.as_ref()) {
        Some(name) => Some(pass_through::header(name, resolver)?),
        None => None,
    };
    Some(BodyHash { header, encoding: encoding(written.and_then(|hash| hash.encoding)) })
}

fn key_encoding(word: Optional<'_, KeyEncodingWord>) -> KeyEncoding {
    match word.map(|word| word.value) {
        Some(KeyEncodingWord::Hex) => KeyEncoding::Hex,
        Some(KeyEncodingWord::Base64) => KeyEncoding::Base64,
        Some(KeyEncodingWord::Text) | None => KeyEncoding::Text,
    }
}

fn encoding(word: Optional<'_, EncodingWord>) -> Encoding {
    match word.map(|word| word.value) {
        Some(EncodingWord::Base64) => Encoding::Base64,
        Some(EncodingWord::Base64Url) => Encoding::Base64Url,
        Some(EncodingWord::Hex) | None => Encoding::Hex,
    }
}
