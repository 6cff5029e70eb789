//! What a credential may read of the request that a caller sent.
//!
//! Headers of a caller are dropped where they come in. Only those that a credential of the called tool names are kept,
//! and nothing but that credential reads them. The one that held what the caller was let in by was meant for us alone
//! (MCP, Authorization: no token passthrough): a token in it may be exchanged for another one, and nothing else.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::access::{Caller, Principal};

/// The headers of a caller's request that the credentials of one tool read; empty on stdio and on the command line.
/// Cannot be printed.
#[derive(Clone, Default)]
pub struct CallerHeaders(Option<Arc<Kept>>);

struct Kept {
    headers: HeaderMap,
    principal: Principal,
}

impl CallerHeaders {
    /// Keeps the headers of these names that `principal` has sent, and nothing else. One that comes twice is not kept:
    /// nobody could say which of its values is meant.
    #[must_use]
    pub fn kept(headers: &HeaderMap, names: &[HeaderName], principal: &Principal) -> Self {
        if names.is_empty() {
            return Self::default();
        }
        let kept = names.iter().filter_map(|name| {
            let mut values = headers.get_all(name).iter();
            let mut value = values.next().filter(|value| !value.is_empty())?.clone();
            value.set_sensitive(true);
            values.next().is_none().then(|| (name.clone(), value))
        });
        Self(Some(Arc::new(Kept { headers: kept.collect(), principal: principal.clone() })))
    }

    /// The value of a header.
    pub(super) fn value(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.0.as_ref()?.headers.get(name)
    }

    /// Whether what is in this header was meant for us, and must not be passed on.
    pub(super) fn is_ours(&self, name: &HeaderName) -> bool {
        self.caller().is_some_and(|caller| caller.header() == name)
    }

    /// Whether it is a key of ours, which nobody else could do anything with.
    pub(super) fn is_our_key(&self, name: &HeaderName) -> bool {
        self.is_ours(name) && self.caller().is_some_and(|caller| caller.key().is_some())
    }

    fn caller(&self) -> Option<&Caller> {
        self.0.as_ref()?.principal.caller()
    }
}

impl std::fmt::Debug for CallerHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallerHeaders").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    #[test]
    fn only_headers_that_are_named_and_come_once_are_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"));
        headers.append("x-user", HeaderValue::from_static("a"));
        headers.append("x-user", HeaderValue::from_static("b"));
        headers.insert(COOKIE, HeaderValue::from_static("c=d"));
        let kept = CallerHeaders::kept(
            &headers,
            &[AUTHORIZATION, HeaderName::from_static("x-user")],
            &Principal::Local,
        );
        assert!(kept.value(&AUTHORIZATION).is_some_and(HeaderValue::is_sensitive));
        assert!(kept.value(&HeaderName::from_static("x-user")).is_none());
        assert!(kept.value(&COOKIE).is_none());
        assert_eq!(format!("{kept:?}"), "CallerHeaders { .. }");
    }

    #[test]
    fn what_a_caller_was_let_in_by_is_ours() {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))]);
        let of = |principal| CallerHeaders::kept(&headers, &[AUTHORIZATION], &principal);
        let key = of(Principal::Caller(Arc::new(Caller::of_key("ci", [""; 0]))));
        assert!(key.is_ours(&AUTHORIZATION) && key.is_our_key(&AUTHORIZATION) && !key.is_ours(&COOKIE));
        let token = Caller::of_token("https://login.example.com", "a", [""; 0], serde_json::Map::new());
        let token = of(Principal::Caller(Arc::new(token)));
        assert!(token.is_ours(&AUTHORIZATION) && !token.is_our_key(&AUTHORIZATION));
        assert!(!of(Principal::Local).is_ours(&AUTHORIZATION), "it was sent for the API");
    }
}
