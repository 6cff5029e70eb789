//! `subscriptions/listen`: a modern client is told what changes, until it goes or we do (2026-07-28,
//! basic/patterns/subscriptions).
//!
//! The request is answered only at the end. First of all comes what of the wishes is honoured, and each message carries
//! the id of the request. What cannot change here is not promised.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::SERVER_INFO;
use super::changes::{News, Notice};
use super::error::{ParamFault, ProtocolError};
use super::message::Request;

/// A client that listens.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// The id of its request, as raw JSON.
    pub(crate) id: Box<str>,
    filter: Filter,
    /// Up to where it was told.
    told: u64,
}

/// What a client wants to be told.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Filter {
    tools_list_changed: Option<bool>,
    resources_list_changed: Option<bool>,
    prompts_list_changed: Option<bool>,
    resource_subscriptions: Option<Vec<Box<str>>>,
}

/// What of a catalog can change while it is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changing {
    /// The list of tools.
    pub(crate) tools: bool,
    /// The lists of resources, and what is in them.
    pub(crate) resources: bool,
    /// The list of prompts.
    pub(crate) prompts: bool,
}

/// How many resources, and how many bytes of their URIs, one client may have watched.
pub(crate) const MOST_URIS: usize = 256;
pub(crate) const MOST_URI_BYTES: usize = 2048;

const PARAM: &str = "notifications";
const ID: &str = "io.modelcontextprotocol/subscriptionId";

impl Subscription {
    /// Reads the request. `told` is the number of the latest change.
    ///
    /// # Errors
    ///
    /// There is no filter, or it is none.
    pub(crate) fn of(request: &Request<'_>, changing: Changing, told: u64) -> Result<Self, ProtocolError> {
        let raw = request.params.notifications.ok_or(ProtocolError::param(PARAM, ParamFault::Missing))?;
        Ok(Self { id: request.id.as_str().into(), filter: Filter::read(raw)?.honoured(changing), told })
    }

    /// The first message: what is honoured.
    pub(crate) fn acknowledgement(&self) -> Bytes {
        let filter = &self.filter;
        let mut honoured = serde_json::Map::new();
        for (name, is_wanted) in [
            ("toolsListChanged", filter.tools_list_changed),
            ("resourcesListChanged", filter.resources_list_changed),
            ("promptsListChanged", filter.prompts_list_changed),
        ] {
            if is_wanted == Some(true) {
                honoured.insert(name.to_owned(), true.into());
            }
        }
        if let Some(uris) = &filter.resource_subscriptions {
            honoured.insert("resourceSubscriptions".to_owned(), json!(uris));
        }
        let honoured = serde_json::Value::Object(honoured);
        let id = &self.id;
        Bytes::from(format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"_meta":{{"{ID}":{id}}},"notifications":{honoured}}}}}"#
        ))
    }

    /// What there is to tell since the last time.
    pub(crate) fn notices(&mut self, news: &News) -> Vec<Bytes> {
        let wanted = self.filter.resource_subscriptions.iter().flatten().map(|uri| &**uri);
        let notices = news.since(self.told, wanted);
        let wants = |notice: &Notice<'_>| match notice {
            Notice::Tools => self.filter.tools_list_changed == Some(true),
            Notice::Resources => self.filter.resources_list_changed == Some(true),
            Notice::Prompts => self.filter.prompts_list_changed == Some(true),
            Notice::Updated(_) => true,
        };
        let told = notices.into_iter().filter(wants).map(|notice| notification(notice, Some(&self.id)));
        let told = told.collect();
        self.told = news.latest();
        told
    }

    /// The answer to the request: it ends because we do.
    pub(crate) fn end(&self) -> Bytes {
        let id = &self.id;
        Bytes::from(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"complete","_meta":{{"io.modelcontextprotocol/serverInfo":{SERVER_INFO},"{ID}":{id}}}}}}}"#
        ))
    }
}

impl Filter {
    fn read(raw: &RawValue) -> Result<Self, ProtocolError> {
        if !super::json::is_object(raw.get().as_bytes()) {
            return Err(ProtocolError::param(PARAM, ParamFault::NotAnObject));
        }
        let filter: Self = serde_json::from_str(raw.get())
            .map_err(|_| ProtocolError::param(PARAM, ParamFault::NotAFilter))?;
        let uris = filter.resource_subscriptions.as_deref().unwrap_or_default();
        if uris.len() > MOST_URIS || uris.iter().any(|uri| uri.len() > MOST_URI_BYTES) {
            return Err(ProtocolError::param(PARAM, ParamFault::TooMuch));
        }
        Ok(filter)
    }

    fn honoured(self, changing: Changing) -> Self {
        let keep = |wanted: Option<bool>, can: bool| wanted.filter(|_| can);
        Self {
            tools_list_changed: keep(self.tools_list_changed, changing.tools),
            resources_list_changed: keep(self.resources_list_changed, changing.resources),
            prompts_list_changed: keep(self.prompts_list_changed, changing.prompts),
            resource_subscriptions: self.resource_subscriptions.filter(|_| changing.resources),
        }
    }
}

/// A notice as a message; in the modern era it carries the id of the subscription.
pub(crate) fn notification(notice: Notice<'_>, subscription: Option<&str>) -> Bytes {
    let method = match notice {
        Notice::Tools => "notifications/tools/list_changed",
        Notice::Resources => "notifications/resources/list_changed",
        Notice::Prompts => "notifications/prompts/list_changed",
        Notice::Updated(_) => "notifications/resources/updated",
    };
    let meta = subscription.map(|id| format!(r#""_meta":{{"{ID}":{id}}}"#));
    let uri = match notice {
        Notice::Updated(uri) => Some(format!(r#""uri":{}"#, json!(uri))),
        _ => None,
    };
    let params: Vec<String> = meta.into_iter().chain(uri).collect();
    let params = match params.is_empty() {
        true => String::new(),
        false => format!(r#","params":{{{}}}"#, params.join(",")),
    };
    Bytes::from(format!(r#"{{"jsonrpc":"2.0","method":"{method}"{params}}}"#))
}

#[cfg(test)]
mod tests;
