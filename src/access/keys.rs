//! API keys, of which the hashes alone are known.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refusal::Refusal;
use crate::clock;
use crate::config::server::access::ApiKey;

/// A key that nobody had before, and what the server file says of it. Cannot be printed by accident.
pub struct NewKey {
    /// The key, for the caller.
    pub key: String,
    /// Its SHA-256 in hexadecimal, for the file.
    pub sha256: String,
}

/// By this a key is known for what it is, also by programs that look for secrets where they should not be.
const PREFIX: &str = "toolgate_";

impl NewKey {
    /// A key of 256 random bits. So many cannot be guessed, and therefore the hash needs no salt and no slowness.
    #[must_use]
    pub fn random() -> Self {
        let bits: [u8; 32] = rand::random();
        let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits));
        let sha256 =
            digest(&SHA256, key.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, sha256 }
    }
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

/// The key among these that was shown; `None` when it is none of them. It takes as long for each that is shown.
///
/// # Errors
/// [`Refusal::InvalidToken`] when it has ended.
pub(super) fn find<'k>(keys: &'k [ApiKey], shown: &str) -> Result<Option<&'k ApiKey>, Refusal> {
    let hash = digest(&SHA256, shown.as_bytes());
    let is_shown = |key: &&ApiKey| verify_slices_are_equal(&key.sha256, hash.as_ref()).is_ok();
    let found = keys.iter().fold(None, |found, key| if is_shown(&key) { Some(key) } else { found });
    match found.and_then(|key| key.expires) {
        Some(end) if end <= clock::wall() => Err(Refusal::InvalidToken("the key has expired")),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(name: &str, text: &str) -> ApiKey {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        ApiKey { name: name.to_owned(), sha256, scopes: Vec::new(), expires: None }
    }

    #[test]
    fn a_key_is_found_by_its_hash_until_it_ends() {
        let mut keys = [key("a", "first"), key("b", "second")];
        let found = |keys: &[ApiKey], shown| find(keys, shown).map(|key| key.map(|key| key.name.clone()));
        assert_eq!(found(&keys, "first"), Ok(Some("a".to_owned())));
        assert_eq!(found(&keys, "second"), Ok(Some("b".to_owned())));
        for other in ["", "firs", "firstt", "FIRST", "third"] {
            assert_eq!(found(&keys, other), Ok(None));
        }
        keys[0].expires = Some(clock::wall() - Duration::from_secs(1));
        keys[1].expires = Some(clock::wall() + Duration::from_secs(3600));
        assert!(found(&keys, "first").is_err());
        assert_eq!(found(&keys, "second"), Ok(Some("b".to_owned())));
    }

    #[test]
    fn a_new_key_is_the_one_that_its_hash_says_and_is_not_printed() {
        let new = NewKey::random();
        assert_ne!(new.key, NewKey::random().key);
        assert_eq!((new.key.len(), new.sha256.len()), (PREFIX.len() + 43, 64));
        let known = key("a", &new.key);
        assert_eq!(known.sha256.map(|byte| format!("{byte:02x}")).concat(), new.sha256);
        assert!(!format!("{new:?}").contains(&new.key));
    }
}
