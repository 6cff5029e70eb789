//! What a client can be asked for while a request of its runs, as far as it says so itself.
//!
//! A modern request says it each time, in `_meta`. A legacy client says it once, when it says hello, so it is known
//! only where something remembers the client: on stdio, and in a session over HTTP.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What a client declares. Whatever cannot be read counts as not declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// It shows its user a form (`elicitation`).
    pub(crate) form: bool,
    /// It sends its user to a page (`elicitation.url`).
    pub(crate) url: bool,
    /// It asks its model (`sampling`).
    pub(crate) sampling: bool,
    /// It names the folders that it works in (`roots`).
    pub(crate) roots: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Declared {
    elicitation: Option<Elicitation>,
    sampling: Option<Declaration>,
    roots: Option<Declaration>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Elicitation {
    form: Option<Declaration>,
    url: Option<Declaration>,
}

/// An object, whatever is in it.
#[derive(Deserialize)]
struct Declaration {
    #[serde(flatten)]
    _any: std::collections::HashMap<String, IgnoredAny>,
}

impl Capabilities {
    /// What the raw `ClientCapabilities` object declares.
    pub(crate) fn read(raw: Option<&RawValue>) -> Self {
        let Some(raw) = raw.map(RawValue::get).filter(|raw| *raw != "{}") else { return Self::default() };
        let declared: Declared = serde_json::from_str(raw).unwrap_or_default();
        let elicitation = declared.elicitation;
        let url = elicitation.as_ref().is_some_and(|modes| modes.url.is_some());
        Self {
            // Before there were modes an empty object meant a form, and it still does.
            form: elicitation.is_some_and(|modes| modes.form.is_some() || !url),
            url,
            sampling: declared.sampling.is_some(),
            roots: declared.roots.is_some(),
        }
    }

    /// Whether all of these are among them.
    pub(crate) fn cover(self, required: Self) -> bool {
        !self.lack(required).any()
    }

    /// Those of `required` that are not among them.
    pub(crate) fn lack(self, required: Self) -> Self {
        Self {
            form: required.form && !self.form,
            url: required.url && !self.url,
            sampling: required.sampling && !self.sampling,
            roots: required.roots && !self.roots,
        }
    }

    /// These and those.
    pub(crate) fn and(self, others: Self) -> Self {
        Self {
            form: self.form || others.form,
            url: self.url || others.url,
            sampling: self.sampling || others.sampling,
            roots: self.roots || others.roots,
        }
    }

    /// As a client declares them: the `ClientCapabilities` of the protocol.
    pub(crate) fn declaration(self) -> Value {
        Value::Object(self.names().map(|name| (name.to_owned(), json!({}))).collect())
    }

    /// Their names, for people.
    pub(crate) fn named(self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        let all =
            [("elicitation", self.form || self.url), ("sampling", self.sampling), ("roots", self.roots)];
        all.into_iter().filter(|(_, required)| *required).map(|(name, _)| name)
    }

    /// Whether the client can be asked for anything.
    pub(crate) fn any(self) -> bool {
        self.form || self.url || self.sampling || self.roots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Capabilities {
        Capabilities::read(Some(&RawValue::from_string(text.to_owned()).unwrap()))
    }

    #[test]
    fn an_elicitation_without_modes_is_a_form() {
        let form = Capabilities { form: true, ..Capabilities::default() };
        for text in [r#"{"elicitation":{}}"#, r#"{"elicitation":{"form":{}}}"#, r#"{"elicitation":{"x":1}}"#]
        {
            assert_eq!(read(text), form, "{text}");
        }
        let url = Capabilities { url: true, ..Capabilities::default() };
        assert_eq!(read(r#"{"elicitation":{"url":{}}}"#), url);
        assert_eq!(read(r#"{"elicitation":{"url":{},"form":{}}}"#), Capabilities { form: true, ..url });
    }

    #[test]
    fn what_is_declared_beside_it_is_read_and_what_is_odd_is_nothing() {
        let all = read(r#"{"roots":{"listChanged":true},"sampling":{"tools":{}},"experimental":{"a":{}}}"#);
        assert_eq!(all, Capabilities { roots: true, sampling: true, ..Capabilities::default() });
        assert!(all.any());
        for odd in
            ["{}", "null", "[]", "7", r#"{"sampling":true}"#, r#"{"elicitation":[1]}"#, r#"{"roots":null}"#]
        {
            assert_eq!(read(odd), Capabilities::default(), "{odd}");
            assert!(!read(odd).any());
        }
        assert_eq!(Capabilities::read(None), Capabilities::default());
    }
}
