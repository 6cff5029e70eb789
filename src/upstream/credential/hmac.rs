//! Signatures in a form of the API's own: a keyed hash (RFC 2104) over parts of the request.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::{digest, hmac};
use http::{HeaderName, HeaderValue};
use url::Position;

use super::proof::{Outgoing, Unsendable, secret_value};
use crate::config::gateway::{Digest, Hmac, Part, StampFormat};

/// Signs requests with one key.
pub(crate) struct Signer {
    hmac: Hmac,
    key: hmac::Key,
    nonce: String,
}

impl Signer {
    /// A signer of one request: its random value is its own.
    pub(super) fn new(hmac: &Hmac, key: &str) -> Result<Self, Unsendable> {
        let key = hmac
            .key_encoding
            .decode(key)
            .ok_or(Unsendable("its key is not written as `key_encoding` says"))?;
        let key = hmac::Key::new(algorithm(hmac.digest), &key);
        Ok(Self { hmac: hmac.clone(), key, nonce: format!("{:032x}", rand::random::<u128>()) })
    }

    /// Puts time, random value, hash and signature on the request.
    pub(super) fn sign(&self, request: &mut Outgoing<'_>) -> Result<(), Unsendable> {
        let stamp = written(request.now, self.hmac.timestamp.format);
        let hash = self
            .hmac
            .body_hash
            .encoding
            .encode(digest::digest(hash(self.hmac.digest), request.body).as_ref());
        let mut set = |name: &Option<HeaderName>, value: &str| {
            if let (Some(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                request.headers.insert(name.clone(), value);
            }
        };
        set(&self.hmac.timestamp.header, &stamp);
        set(&self.hmac.nonce, &self.nonce);
        set(&self.hmac.body_hash.header, &hash);
        let mut context = hmac::Context::with_key(&self.key);
        for (at, part) in self.hmac.sign.iter().enumerate() {
            if at > 0 {
                context.update(self.hmac.separator.as_bytes());
            }
            self.part(part, request, &stamp, &hash, &mut context);
        }
        let signature = self.hmac.encoding.encode(context.sign().as_ref());
        let value = self.hmac.value.replace("{signature}", &signature);
        let value = value.replace("{timestamp}", &stamp).replace("{nonce}", &self.nonce);
        request.headers.insert(self.hmac.header.clone(), secret_value(&[&value])?);
        Ok(())
    }

    fn part(
        &self,
        part: &Part,
        request: &Outgoing<'_>,
        stamp: &str,
        hash: &str,
        context: &mut hmac::Context,
    ) {
        let url = &*request.url;
        match part {
            Part::Method => context.update(request.method.as_str().as_bytes()),
            Part::Url => context.update(url.as_str().as_bytes()),
            Part::Host => context.update(url[Position::BeforeHost..Position::AfterPort].as_bytes()),
            Part::Path => context.update(url.path().as_bytes()),
            Part::Query => context.update(url.query().unwrap_or_default().as_bytes()),
            Part::Target => context.update(url[Position::BeforePath..Position::AfterQuery].as_bytes()),
            Part::Body => context.update(request.body),
            Part::BodyHash => context.update(hash.as_bytes()),
            Part::Timestamp => context.update(stamp.as_bytes()),
            Part::Nonce => context.update(self.nonce.as_bytes()),
            Part::Header(name) => {
                context.update(request.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default());
            }
            Part::Text(text) => context.update(text.as_bytes()),
        }
    }
}

fn written(now: SystemTime, format: StampFormat) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    match format {
        StampFormat::Unix => since.as_secs().to_string(),
        StampFormat::UnixMilliseconds => since.as_millis().to_string(),
        StampFormat::HttpDate => httpdate::fmt_http_date(now),
    }
}

fn algorithm(digest: Digest) -> hmac::Algorithm {
    match digest {
        Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha384 => hmac::HMAC_SHA384,
        Digest::Sha512 => hmac::HMAC_SHA512,
    }
}

fn hash(digest: Digest) -> &'static digest::Algorithm {
    match digest {
        Digest::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => &digest::SHA256,
        Digest::Sha384 => &digest::SHA384,
        Digest::Sha512 => &digest::SHA512,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;
    use crate::config::gateway::{BodyHash, Encoding, KeyEncoding, Stamp};

    fn hmac(digest: Digest, sign: Vec<Part>) -> Hmac {
        let name = HeaderName::from_static;
        Hmac {
            key: "Jefe".into(),
            key_encoding: KeyEncoding::Text,
            digest,
            sign,
            separator: "\n".to_owned(),
            encoding: Encoding::Hex,
            header: name("x-signature"),
            value: "{signature}".to_owned(),
            timestamp: Stamp { header: Some(name("x-timestamp")), format: StampFormat::Unix },
            nonce: Some(name("x-nonce")),
            body_hash: BodyHash { header: Some(name("x-hash")), encoding: Encoding::Base64 },
        }
    }

    fn signed(hmac: &Hmac, body: &str) -> HeaderMap {
        let mut url = Url::parse("https://api.example.com:8443/v1/a%20b?q=1&r").unwrap();
        let mut headers =
            HeaderMap::from_iter([(HeaderName::from_static("x-user"), HeaderValue::from_static("me"))]);
        let mut request = Outgoing {
            method: &Method::POST,
            url: &mut url,
            headers: &mut headers,
            body: &Bytes::from(body.to_owned()),
            now: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        };
        Signer::new(hmac, "Jefe").unwrap().sign(&mut request).unwrap();
        headers
    }

    #[test]
    fn the_hashes_are_those_of_rfc_4231_and_rfc_2202() {
        for (digest, expected) in [
            (Digest::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Digest::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ] {
            let headers = signed(&hmac(digest, vec![Part::Body]), "what do ya want for nothing?");
            assert_eq!(headers["x-signature"], expected);
            assert!(headers["x-signature"].is_sensitive());
        }
    }

    #[test]
    fn the_parts_are_what_is_sent_in_the_order_of_the_file() {
        let words = [
            Part::Method,
            Part::Host,
            Part::Path,
            Part::Query,
            Part::Target,
            Part::Url,
            Part::BodyHash,
            Part::Timestamp,
            Part::Header(HeaderName::from_static("x-user")),
            Part::Text("v1".to_owned()),
        ];
        let headers = signed(&hmac(Digest::Sha256, words.to_vec()), "{}");
        let hash = headers["x-hash"].to_str().unwrap();
        assert_eq!(hash, "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
        let text = format!(
            "POST\napi.example.com:8443\n/v1/a%20b\nq=1&r\n/v1/a%20b?q=1&r\n\
             https://api.example.com:8443/v1/a%20b?q=1&r\n{hash}\n1700000000\nme\nv1"
        );
        let expected = signed(&hmac(Digest::Sha256, vec![Part::Body]), &text);
        assert_eq!(headers["x-signature"], expected["x-signature"]);
        assert_eq!(headers["x-timestamp"], "1700000000");
        assert_eq!(headers["x-nonce"].len(), 32);
    }
}
