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
