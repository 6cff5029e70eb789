//! What was asked for, and how it is asked for further pages.

use serde_json::{Map, Value};

use super::next::Position;
use crate::call::build;
use crate::call::error::ArgumentsError;
use crate::catalog::CallPlan;
use crate::catalog::plan::PagePlan;
use crate::config::gateway::PageStyle;
use crate::upstream::HttpRequest;

/// A call whose answer has pages.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// What the call is.
    pub(super) plan: &'a CallPlan,
    /// How its pages are.
    pub(super) pages: &'a PagePlan,
    /// The caller's arguments, without a cursor of ours.
    pub(super) arguments: Map<String, Value>,
    /// The request that they make.
    pub(super) first: HttpRequest,
}

/// How many items a page has, and how far that can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// It was asked for; the API may give fewer.
    Asked(u64),
    /// It is what the API gives of itself.
    Own(u64),
}

impl Asked<'_> {
    /// The request for a page.
    ///
    /// # Errors
    /// [`ArgumentsError`] when what the API calls its cursor cannot be sent.
    pub(super) fn request(&self, position: &Position) -> Result<HttpRequest, ArgumentsError> {
        match position {
            Position::First if !self.pages.required => Ok(self.first.clone()),
            Position::First => self.with(Value::from(self.first_number())),
            Position::Url(url) => Ok(HttpRequest { url: url.clone(), ..self.first.clone() }),
            Position::Cursor(cursor) => self.with(cursor.clone()),
            Position::Number(number) => self.with(Value::from(*number)),
        }
    }

    /// The number of the page, or of its first item, that the first request asks for.
    pub(super) fn first_number(&self) -> u64 {
        let given = self.pages.parameter.as_deref().and_then(|name| self.arguments.get(name));
        let first = match self.pages.rule.style {
            PageStyle::Page { first, .. } | PageStyle::Offset { first, .. } => first,
            _ => 0,
        };
        given.and_then(number).or(self.pages.default).unwrap_or(first)
    }

    /// The size of a page.
    pub(super) fn size(&self) -> Option<Size> {
        let size = self.pages.size.as_ref()?;
        let given = size.argument.as_deref().and_then(|name| self.arguments.get(name)).and_then(number);
        given.or(size.sent).map(Size::Asked).or(size.documented.map(Size::Own))
    }

    fn with(&self, value: Value) -> Result<HttpRequest, ArgumentsError> {
        let Some(parameter) = &self.pages.parameter else { return Ok(self.first.clone()) };
        let mut arguments = self.arguments.clone();
        arguments.insert(parameter.to_string(), value);
        let mut request = build::build(self.plan, &arguments)?;
        for name in ["traceparent", "tracestate", "baggage"] {
            if let Some(value) = self.first.headers.get(name) {
                request.headers.insert(name, value.clone());
            }
        }
        Ok(request)
    }
}

/// A number, also where the API wants it as a text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
