//! What a credential may read of the request that a caller sent.
//!
//! Headers of a caller are dropped where they come in. Only those that a credential of the called tool names are kept,
//! and nothing but that credential reads them.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers of a caller's request that the credentials of one tool read; empty on stdio and on the command line.
/// Cannot be printed.
#[derive(Clone, Default)]
pub struct CallerHeaders(Option<Arc<HeaderMap>>);

impl CallerHeaders {
    /// Keeps the headers of these names, and nothing else. One that comes twice is not kept: nobody could say which of
    /// its values is meant.
    #[must_use]
    pub fn kept(headers: &HeaderMap, names: &[HeaderName]) -> Self {
        if names.is_empty() {
            return Self::default();
        }
        let kept = names.iter().filter_map(|name| {
            let mut values = headers.get_all(name).iter();
            let mut value = values.next().filter(|value| !value.is_empty())?.clone();
            value.set_sensitive(true);
            values.next().is_none().then(|| (name.clone(), value))
        });
        Self(Some(Arc::new(kept.collect())))
    }

    /// The value of a header.
    pub(super) fn value(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.0.as_ref()?.get(name)
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
        let kept = CallerHeaders::kept(&headers, &[AUTHORIZATION, HeaderName::from_static("x-user")]);
        assert!(kept.value(&AUTHORIZATION).is_some_and(HeaderValue::is_sensitive));
        assert!(kept.value(&HeaderName::from_static("x-user")).is_none());
        assert!(kept.value(&COOKIE).is_none());
        assert_eq!(format!("{kept:?}"), "CallerHeaders { .. }");
    }
}
