//! Lists: whole, since many clients never ask for a second page, or in pages when the operator says so.
//!
//! A cursor names the last item that its client has seen, so that it still leads on after a reload; where that item is
//! gone, the cursor is refused and the client begins again. Nothing is kept for it.

use std::num::NonZeroUsize;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::value::RawValue;

use super::answer::{Answer, open_result};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::message::Request;
use super::{ServerOptions, json, modern};

/// What is listed, and how its array is called in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    Tools,
    Resources,
    Templates,
    Prompts,
}

/// How a list is asked for and answered.
pub(crate) struct List<'a> {
    pub(crate) kind: ListKind,
    pub(crate) request: &'a Request<'a>,
    pub(crate) era: Era,
    pub(crate) options: &'a ServerOptions,
    /// Whether everybody is shown the same.
    pub(crate) shared: bool,
}

impl ListKind {
    fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }

    /// What a cursor of this list begins with.
    fn mark(self) -> char {
        match self {
            Self::Tools => 't',
            Self::Resources => 'r',
            Self::Templates => 'u',
            Self::Prompts => 'p',
        }
    }

    fn cursor(self, last: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}{last}", self.mark()))
    }

    /// The item that a cursor is behind.
    fn last(self, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        String::from_utf8(bytes).ok()?.strip_prefix(self.mark()).map(str::to_owned)
    }
}

impl List<'_> {
    /// The answer: `whole`, or a page of `items`. `name` is what tells an item from all others, `face` what is shown.
    ///
    /// # Errors
    /// A cursor that is none of this list.
    pub(crate) fn answer<T>(
        self,
        whole: impl FnOnce() -> Bytes,
        mut items: impl Iterator<Item = T>,
        name: impl Fn(&T) -> &str,
        face: impl Fn(&T, &mut Vec<u8>),
    ) -> Result<Answer, ProtocolError> {
        let cursor = self.cursor()?;
        let Some(size) = self.options.page_size.map(NonZeroUsize::get) else {
            return match cursor {
                None => Ok(Answer::closed(self.head(None), whole())),
                Some(_) => Err(unknown()),
            };
        };
        if let Some(cursor) = cursor {
            let last = self.kind.last(&cursor).ok_or_else(unknown)?;
            items.by_ref().find(|item| name(item) == last).ok_or_else(unknown)?;
        }
        let mut array = b"[".to_vec();
        let mut last = String::new();
        for (index, item) in items.by_ref().take(size).enumerate() {
            array.extend_from_slice(if index > 0 { b"," } else { b"" });
            face(&item, &mut array);
            last = name(&item).to_owned();
        }
        array.push(b']');
        let next = items.next().map(|_| self.kind.cursor(&last));
        Ok(Answer::closed(self.head(next.as_deref()), array.into()))
    }

    fn cursor(&self) -> Result<Option<String>, ProtocolError> {
        let raw = self.request.params.cursor.map(RawValue::get).filter(|raw| *raw != "null");
        let text = |raw| json::string(raw).ok_or(ProtocolError::param("cursor", ParamFault::NotAString));
        raw.map(text).transpose().map(|cursor| cursor.map(std::borrow::Cow::into_owned))
    }

    /// The result up to its array.
    fn head(&self, next: Option<&str>) -> Vec<u8> {
        let mut head = open_result(self.request.id, self.era, 96);
        if self.era == Era::Modern {
            head.extend_from_slice(modern::caching(self.options, self.shared).as_bytes());
            head.push(b',');
        }
        if let Some(next) = next {
            head.extend_from_slice(format!("\"nextCursor\":\"{next}\",").as_bytes());
        }
        head.extend_from_slice(format!("\"{}\":", self.kind.member()).as_bytes());
        head
    }
}

fn unknown() -> ProtocolError {
    ProtocolError::param("cursor", ParamFault::UnknownCursor)
}
