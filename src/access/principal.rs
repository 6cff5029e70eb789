//! Who is calling, as the rest of the program knows it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use http::HeaderName;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value};

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Whoever can reach the loopback port or holds our stdin: the operator.
    Local,
    /// Somebody who has shown who he is.
    Caller(Arc<Caller>),
}

/// Somebody who has shown a key or a token. What he showed is not in here.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    id: Box<str>,
    key: Option<Box<str>>,
    scopes: Vec<Box<str>>,
    claims: Map<String, Value>,
    shown_in: HeaderName,
}

impl Principal {
    /// Stands for who it is, in keys of limits, in what cursors and sessions are bound to, and in the log: the same for
    /// every key and token of the same caller that may follow each other, printable, without a secret.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Caller(caller) => caller.id(),
        }
    }

    /// The caller; `None` of the operator, to whom no rule applies.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Local => None,
            Self::Caller(caller) => Some(caller),
        }
    }
}

impl Caller {
    /// Whoever has the API key of this name.
    #[must_use]
    pub fn of_key(name: &str, scopes: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        let id = format!("key:{}", printable(name));
        let key = Some(name.into());
        Self { id: id.into(), key, scopes: sorted(scopes), claims: Map::new(), shown_in: AUTHORIZATION }
    }

    /// Whom a token is about: `subject` is unique among those of its issuer (RFC 9068, section 2.2).
    #[must_use]
    pub fn of_token(
        issuer: &str,
        subject: &str,
        scopes: impl IntoIterator<Item = impl Into<Box<str>>>,
        claims: Map<String, Value>,
    ) -> Self {
        Self::of(format!("token:{} {}", printable(issuer), printable(subject)), scopes, claims)
    }

    /// The program that a token is about, where it is about nobody else.
    #[must_use]
    pub fn of_client(
        issuer: &str,
        client_id: &str,
        scopes: impl IntoIterator<Item = impl Into<Box<str>>>,
        claims: Map<String, Value>,
    ) -> Self {
        Self::of(format!("client:{} {}", printable(issuer), printable(client_id)), scopes, claims)
    }

    fn of(
        id: String,
        scopes: impl IntoIterator<Item = impl Into<Box<str>>>,
        claims: Map<String, Value>,
    ) -> Self {
        Self { id: id.into(), key: None, scopes: sorted(scopes), claims, shown_in: AUTHORIZATION }
    }

    /// The same caller, who has shown in this header who he is.
    pub(super) fn shown_in(self, header: HeaderName) -> Self {
        Self { shown_in: header, ..self }
    }

    /// `key:NAME`, `token:ISSUER SUBJECT` or `client:ISSUER NAME`; see [`Principal::id`].
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the API key that was shown; `None` of a token.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The header that held the key or the token. It was meant for us: what is in it goes no further, unless it is
    /// exchanged for another one.
    #[must_use]
    pub fn header(&self) -> &HeaderName {
        &self.shown_in
    }

    /// What was granted, in order, each once.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(AsRef::as_ref)
    }

    /// Whether this was granted. Scopes are compared as they are (RFC 6749, section 3.3).
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.binary_search_by(|granted| granted.as_ref().cmp(scope)).is_ok()
    }

    /// What the issuer says of him under this name; nothing of an API key.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }
}

/// Equal callers have equal ids.
impl Hash for Caller {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// Claims are about a person, and are not shown.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("id", &self.id).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

fn sorted(scopes: impl IntoIterator<Item = impl Into<Box<str>>>) -> Vec<Box<str>> {
    let mut scopes: Vec<Box<str>> = scopes.into_iter().map(Into::into).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// The text without what could end a line of the log or steer a terminal. Different texts stay different.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => printable.push_str("\\\\"),
            ' ' => printable.push_str("\\ "),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(subject: &str) -> Caller {
        Caller::of_token("https://login.example.com", subject, ["b", "a", "b"], Map::new())
    }

    #[test]
    fn an_id_is_one_line_and_no_two_callers_share_one() {
        assert_eq!(Caller::of_key("ci", ["read"]).id(), "key:ci");
        assert_eq!(token("user-1").id(), "token:https://login.example.com user-1");
        let subjects = ["a b", "a\\ b", "a\nb", "a\\nb", "a\u{1b}[2J", "a\u{202e}b", "ab", ""];
        let ids: std::collections::BTreeSet<_> =
            subjects.iter().map(|subject| token(subject).id().to_owned()).collect();
        assert_eq!(ids.len(), subjects.len());
        assert!(
            ids.iter().all(|id| !id.chars().any(char::is_control) && !id.contains('\u{202e}')),
            "{ids:?}"
        );
        assert_eq!(token("Zoë").id(), "token:https://login.example.com Zoë");
        assert_ne!(
            Caller::of_token("a", "b c", [""; 0], Map::new()).id(),
            Caller::of_token("a b", "c", [""; 0], Map::new()).id()
        );
    }

    #[test]
    fn scopes_are_compared_whole_and_as_they_are() {
        let caller = token("user-1");
        assert_eq!(caller.scopes().collect::<Vec<_>>(), ["a", "b"]);
        assert!(
            caller.has_scope("a")
                && !caller.has_scope("A")
                && !caller.has_scope("a b")
                && !caller.has_scope("")
        );
    }

    #[test]
    fn claims_are_not_printed() {
        let claims = Map::from_iter([("email".to_owned(), Value::from("zoe@example.com"))]);
        let caller = Principal::Caller(Arc::new(Caller::of_token("i", "s", ["a"], claims)));
        assert!(!format!("{caller:?}").contains("zoe"));
    }
}
