//! Blanks known secrets out of what others send us, before a person, a model or a log sees it.
//!
//! An API that echoes a request, or quotes the key that it rejects, would otherwise hand our credential on. Known are
//! the secrets of one upstream; each is searched for as it is and in the spellings in which it travels.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind, packed};
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
pub const BLANK: &str = "***";

/// Anything shorter would blank ordinary words, and guards nothing.
const SHORTEST: usize = 4;
/// A word of a longer secret (`Token abcdefgh`) that is searched for by itself.
const SHORTEST_WORD: usize = 8;

/// How many secrets that became known at run time are remembered: some generations of the tokens of a gateway's own
/// credentials. What is a caller's own is blanked where its answer comes in, and not learned.
const LEARNED: usize = 32;

/// Knows the secrets of one upstream. Cannot be printed.
#[derive(Default)]
pub struct Redactor {
    /// Known from the start.
    fixed: Vec<SecretString>,
    /// Learned since, the oldest first.
    learned: Mutex<VecDeque<SecretString>>,
    known: ArcSwap<Known>,
}

/// What is searched for.
#[derive(Default)]
struct Known {
    /// `None` when there is no secret.
    spellings: Option<AhoCorasick>,
    /// Tells whether there is any of them, sixteen or more bytes at once: nearly every answer has none, and all of it
    /// has to be looked at. `None` for more secrets than it takes, and on processors without the means.
    finder: Option<packed::Searcher>,
    /// What is put in the place of each spelling.
    blanks: Vec<&'static str>,
}

impl Redactor {
    /// Knows these secrets. Those of fewer than four bytes are left out.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let fixed: Vec<SecretString> =
            secrets.into_iter().map(|secret| SecretString::from(secret.as_ref())).collect();
        let known = ArcSwap::from_pointee(Known::new(fixed.iter()));
        Self { fixed, learned: Mutex::default(), known }
    }

    /// Knows one more secret from now on: a token that was given, a file that was read again.
    pub fn learn(&self, secret: &str) {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |known: &SecretString| known.expose_secret() == secret;
        if self.fixed.iter().any(is_known) || learned.iter().any(is_known) {
            return;
        }
        if learned.len() == LEARNED {
            learned.pop_front();
        }
        learned.push_back(secret.into());
        self.known.store(Arc::new(Known::new(self.fixed.iter().chain(&*learned))));
    }

    /// The text without its secrets; borrowed when there are none in it.
    #[must_use]
    pub fn blank<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.known.load();
        match known.spellings_in(text.as_bytes()) {
            Some(spellings) => spellings.replace_all(text, &known.blanks).into(),
            None => text.into(),
        }
    }

    /// The bytes of a text without its secrets; shared when there are none in it.
    #[must_use]
    pub fn blank_bytes(&self, bytes: Bytes) -> Bytes {
        let known = self.known.load();
        match known.spellings_in(&bytes) {
            Some(spellings) => spellings.replace_all_bytes(&bytes, &known.blanks).into(),
            None => bytes,
        }
    }
}

impl Known {
    fn new<'s>(secrets: impl Iterator<Item = &'s SecretString>) -> Self {
        let mut spellings: Vec<String> =
            secrets.flat_map(|secret| spellings(secret.expose_secret())).collect();
        spellings.sort_unstable();
        spellings.dedup();
        if spellings.is_empty() {
            return Self::default();
        }
        // The longest, so that a spelling that contains another one is blanked whole. Fails for gigabytes of secrets.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&spellings);
        Self {
            spellings: automaton.ok(),
            finder: packed::Config::new().builder().extend(&spellings).build(),
            blanks: spellings.iter().map(|spelling| blank_for(spelling)).collect(),
        }
    }

    /// What finds the secrets, when there are any in these bytes.
    fn spellings_in(&self, bytes: &[u8]) -> Option<&AhoCorasick> {
        let spellings = self.spellings.as_ref()?;
        let any = self
            .finder
            .as_ref()
            .map_or_else(|| spellings.is_match(bytes), |finder| finder.find(bytes).is_some());
        any.then_some(spellings)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// A secret of digits may stand in a JSON number, which must stay one.
fn blank_for(secret: &str) -> &'static str {
    if secret.bytes().all(|byte| byte.is_ascii_digit()) { "1" } else { BLANK }
}

fn spellings(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let words = secret.split_ascii_whitespace().filter(|word| word.len() >= SHORTEST_WORD);
    std::iter::once(secret).chain(words).flat_map(spellings_of_word).collect()
}

fn spellings_of_word(word: &str) -> [String; 7] {
    let percent = utf8_percent_encode(word, NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(word.as_bytes()).collect();
    let json = serde_json::Value::from(word).to_string();
    [
        word.to_owned(),
        percent.to_ascii_lowercase(),
        percent,
        form,
        json.trim_matches('"').to_owned(),
        STANDARD_NO_PAD.encode(word),
        URL_SAFE_NO_PAD.encode(word),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blanked_in_every_spelling_in_which_it_travels() {
        let redactor = Redactor::new(["p/ss \"wörd\"?>"]);
        for text in [
            "p/ss \"wörd\"?>",
            "?key=p%2Fss%20%22w%C3%B6rd%22%3F%3E",
            "?key=p%2fss%20%22w%c3%b6rd%22%3f%3e",
            "key=p%2Fss+%22w%C3%B6rd%22%3F%3E",
            r#"{"key":"p/ss \"wörd\"?>"}"#,
            "cC9zcyAid8O2cmQiPz4",
            "cC9zcyAid8O2cmQiPz4=",
        ] {
            let blanked = redactor.blank(text);
            assert!(blanked.contains(BLANK) && !blanked.contains("rd"), "{text} became {blanked}");
        }
        assert!(matches!(redactor.blank("nothing here"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_token_behind_its_scheme_is_known_by_itself() {
        let redactor = Redactor::new(["Token 0123456789abcdef"]);
        assert_eq!(redactor.blank("the token 0123456789abcdef is revoked"), "the token *** is revoked");
    }

    #[test]
    fn short_values_are_no_secrets_and_numbers_stay_numbers() {
        assert_eq!(Redactor::new(["a", ""]).blank("a banana"), "a banana");
        assert_eq!(Redactor::new(["12345678"]).blank(r#"{"id":12345678}"#), r#"{"id":1}"#);
    }

    #[test]
    fn bytes_without_a_secret_are_shared() {
        let redactor = Redactor::new(["secret-key"]);
        let bytes = Bytes::from("nothing");
        assert_eq!(redactor.blank_bytes(bytes.clone()).as_ptr(), bytes.as_ptr());
        assert_eq!(redactor.blank_bytes(Bytes::from_static(b"\xff secret-key")), &b"\xff ***"[..]);
        assert_eq!(format!("{redactor:?}"), "Redactor { .. }");
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_however_many_there_are() {
        for count in [1, 5, 12, 60, 400] {
            let secrets: Vec<String> =
                (0..count).map(|number| format!("{number:04}-secret/{number}")).collect();
            let redactor = Redactor::new(&secrets);
            let last = secrets.last().unwrap();
            for before in (0..70).chain([4096, 100_003]) {
                let (before, after) = ("0001-secre ".repeat(before), "x".repeat(before % 7));
                assert_eq!(redactor.blank(&format!("{before}{last}{after}")), format!("{before}***{after}"));
                let escaped = last.replace('/', "%2F");
                assert_eq!(
                    redactor.blank_bytes(format!("{before}{escaped}{after}").into()),
                    format!("{before}***{after}")
                );
            }
        }
    }

    #[test]
    fn what_is_learned_is_blanked_and_the_oldest_forgotten() {
        let redactor = Redactor::new(["fixed-secret"]);
        (0..=LEARNED).for_each(|number| redactor.learn(&format!("token-number-{number:04}")));
        redactor.learn("fixed-secret");
        let text = format!("fixed-secret token-number-0001 token-number-{LEARNED:04}");
        assert_eq!(redactor.blank(&text), "*** *** ***");
        assert_eq!(redactor.blank("token-number-0000"), "token-number-0000");
    }
}
