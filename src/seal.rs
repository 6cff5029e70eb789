//! Texts that are given out and come back: sealed, so that nothing has to be remembered meanwhile.
//!
//! A cursor and the state of a request that waits for its caller go to clients, models and people, and come back in a
//! later request, at this process or at another one. So they are encrypted and authenticated (AES-256-GCM): they show
//! nothing of what is in them, and what comes back is what was given, or it is refused. Each is bound to a [`Purpose`]
//! and to an owner, opens for nothing else, and expires.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest as sha256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What is sealed. What is sealed for one purpose cannot be opened for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Where the pages of an answer go on.
    Cursor,
    /// How far a request has come that its caller is asked about.
    RequestState,
}

/// What texts of one purpose are sealed with.
pub(crate) struct Key([u8; 32]);

/// Whom a sealed text belongs to: parts of which each counts for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner(Vec<u8>);

/// Why a text is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unopened {
    /// Nothing that was sealed with this key for this owner, or changed since.
    #[error("is not one that was given out for this")]
    Foreign,
    /// Too old.
    #[error("has expired")]
    Expired,
}

const NONCE: usize = 12;
/// The form of what is sealed; another one is another version's.
const FORM: u8 = 1;

static PROCESS_KEY: LazyLock<[u8; 32]> = LazyLock::new(rand::random);

impl Key {
    /// The key that `secret` gives for this purpose: the same in every process that has the secret. Without one it is
    /// a key of this process.
    pub(crate) fn new(purpose: Purpose, secret: Option<&str>) -> Self {
        let secret = secret.map_or(PROCESS_KEY.as_slice(), str::as_bytes);
        Self(hash(&[purpose.name().as_bytes(), b"\0", secret].concat()))
    }

    /// `content`, sealed for `owner` until `expires`: base64url. It is 39 characters longer than its content in
    /// base64. `None` when it cannot be sealed.
    pub(crate) fn seal(&self, owner: &Owner, expires: SystemTime, content: &[u8]) -> Option<String> {
        let mut text = vec![FORM];
        text.extend_from_slice(milliseconds(expires).to_be_bytes().get(2..)?);
        text.extend_from_slice(content);
        let nonce: [u8; NONCE] = rand::random();
        let bound = Aad::from(owner.0.as_slice());
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut text)
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    /// What was sealed.
    ///
    /// # Errors
    /// [`Unopened`] when `sealed` was not sealed with this key for this owner, or is too old at `now`.
    pub(crate) fn open(&self, owner: &Owner, sealed: &str, now: SystemTime) -> Result<Vec<u8>, Unopened> {
        let (expires, content) = self.opened(owner, sealed).ok_or(Unopened::Foreign)?;
        if milliseconds(now) >= expires { Err(Unopened::Expired) } else { Ok(content) }
    }

    /// When it expires, and what is in it.
    fn opened(&self, owner: &Owner, sealed: &str) -> Option<(u64, Vec<u8>)> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.cipher()?.open_in_place(nonce, Aad::from(owner.0.as_slice()), sealed).ok()?;
        let ([FORM, a, b, c, d, e, f], content) = text.split_first_chunk::<7>()? else { return None };
        Some((u64::from_be_bytes([0, 0, *a, *b, *c, *d, *e, *f]), content.to_vec()))
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).ok().map(LessSafeKey::new)
    }
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Cursor => "toolgate cursors",
            Self::RequestState => "toolgate request state",
        }
    }
}

impl Owner {
    /// The owner that these parts name, in this order.
    pub(crate) fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut owner = Vec::new();
        for part in parts {
            // With its length, so that borders count.
            owner.extend_from_slice(&(part.len() as u64).to_be_bytes());
            owner.extend_from_slice(part);
        }
        Self(owner)
    }
}

/// Stands for a value: the same for equal values, whatever the order of their keys.
pub(crate) fn digest(value: &Value) -> [u8; 32] {
    hash(canonical(value).as_bytes())
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hashed = [0; 32];
    hashed.iter_mut().zip(sha256(&SHA256, bytes).as_ref()).for_each(|(to, from)| *to = *from);
    hashed
}

/// The value as JSON with its keys sorted.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let each = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(value))
            };
            format!("{{{}}}", members.into_iter().map(each).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock;

    fn owner(parts: &[&str]) -> Owner {
        Owner::of(parts.iter().map(|part| part.as_bytes()))
    }

    #[test]
    fn what_is_sealed_comes_back_and_shows_nothing() {
        let key = Key::new(Purpose::Cursor, None);
        let sealed = key.seal(&owner(&["a"]), clock::wall() + Duration::from_secs(9), b"s3cret").unwrap();
        assert_eq!(key.open(&owner(&["a"]), &sealed, clock::wall()).unwrap(), b"s3cret");
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("s3cret"));
        let again = key.seal(&owner(&["a"]), clock::wall(), b"s3cret").unwrap();
        assert_ne!(sealed, again, "no two are alike");
    }

    #[test]
    fn it_opens_for_its_owner_its_purpose_and_its_time_alone() {
        let secret = Some("sixteen characters");
        let key = Key::new(Purpose::Cursor, secret);
        let until = clock::wall() + Duration::from_secs(9);
        let sealed = key.seal(&owner(&["ab", "c"]), until, b"x").unwrap();
        let open = |key: &Key, parts: &[&str], now| key.open(&owner(parts), &sealed, now);
        assert!(open(&Key::new(Purpose::Cursor, secret), &["ab", "c"], clock::wall()).is_ok());
        for parts in [&["a", "bc"][..], &["abc"], &["ab", "c", ""], &[]] {
            assert_eq!(open(&key, parts, clock::wall()), Err(Unopened::Foreign), "{parts:?}");
        }
        for other in [Key::new(Purpose::RequestState, secret), Key::new(Purpose::Cursor, None)] {
            assert_eq!(open(&other, &["ab", "c"], clock::wall()), Err(Unopened::Foreign));
        }
        assert_eq!(open(&key, &["ab", "c"], until), Err(Unopened::Expired));
    }

    #[test]
    fn equal_values_have_one_digest() {
        let one = digest(&json!({"n": [1, {"b": 1, "a": 2}], "q": "x"}));
        assert_eq!(one, digest(&json!({"q": "x", "n": [1, {"a": 2, "b": 1}]})));
        assert_ne!(one, digest(&json!({"q": "x", "n": [{"a": 2, "b": 1}, 1]})));
    }
}
