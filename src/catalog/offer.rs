//! What is offered beside tools: resources, resource templates and prompts, each with its public face, and with plans
//! for the requests that it makes.
//!
//! A request of an offer is planned like a call of a tool, by the same code, so that credentials, limits, cache and
//! address policy are the same. What differs is where its arguments come from: from the variables of a URI or the
//! arguments of a prompt, which are texts. They become values of the types that the request takes, and are validated
//! like what a model gives.

mod change;
pub(super) mod face;
mod list;
mod promote;
mod prompt;
mod resource;

use std::sync::Arc;

pub use change::OfferChanges;
pub use list::Offered;
pub(crate) use list::{Offer, shown};

use bytes::Bytes;
use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::CallPlan;
use super::ask::AskPlan;
use super::build::Served;
use super::schema::resolve;
use crate::config::gateway::{Completion, MessageContent, RequestId};
use crate::diagnostic::Diagnostics;
use crate::express::template::Template;
use crate::express::uri_template::UriTemplate;
use crate::openapi::Operation;
use crate::openapi::shared::Json;

/// Everything that is offered beside tools, in the order in which it is listed.
#[derive(Debug, Default)]
pub struct Offers {
    /// Resources of one URI each.
    pub resources: Vec<Resource>,
    /// Resources of many URIs each.
    pub templates: Vec<ResourceTemplate>,
    /// Prompts.
    pub prompts: Vec<Arc<Prompt>>,
}

/// A resource of one URI.
#[derive(Debug)]
pub struct Resource {
    /// Name of its gateway.
    pub gateway: Arc<str>,
    /// Its URI, compared byte for byte.
    pub uri: Box<str>,
    /// Exactly the JSON object that resources/list shows.
    pub face: Box<str>,
    /// Its media type, when it is known before it is read.
    pub mime_type: Option<Box<str>>,
    /// Where its content is.
    pub source: ResourceSource,
}

/// Where the content of a resource is.
#[derive(Debug)]
pub enum ResourceSource {
    /// Here: UTF-8.
    Text(Bytes),
    /// Here: bytes.
    Blob(Bytes),
    /// At the API.
    Request(PlannedRequest),
}

/// Resources whose URIs have one form.
#[derive(Debug)]
pub struct ResourceTemplate {
    /// Name of its gateway.
    pub gateway: Arc<str>,
    /// The form of their URIs.
    pub uris: UriTemplate,
    /// Exactly the JSON object that resources/templates/list shows.
    pub face: Box<str>,
    /// Their media type, when it is known before one is read.
    pub mime_type: Option<Box<str>>,
    /// Where their content is.
    pub source: TemplateSource,
    /// What completes the variables, by their names.
    pub completions: Vec<(Box<str>, Completer)>,
}

/// Where the content of the resources of a template is.
#[derive(Debug)]
pub enum TemplateSource {
    /// Here: a text with gaps.
    Text(Template),
    /// At the API.
    Request(PlannedRequest),
}

/// A prompt.
#[derive(Debug)]
pub struct Prompt {
    /// Name of its gateway.
    pub gateway: Arc<str>,
    /// `[A-Za-z0-9_-]+`, unique in the catalog.
    pub name: Box<str>,
    /// Exactly the JSON object that prompts/list shows.
    pub face: Box<str>,
    /// What it is good for.
    pub description: Option<Box<str>>,
    /// What it takes.
    pub arguments: Vec<Argument>,
    /// What its caller is asked first.
    pub ask: Option<AskPlan>,
    /// Its messages.
    pub messages: Vec<Message>,
}

/// An argument of a prompt.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: Box<str>,
    /// Must be given.
    pub required: bool,
    /// What completes it.
    pub completion: Option<Completer>,
}

/// A message of a prompt.
#[derive(Debug)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: &'static str,
    /// What it holds.
    pub content: MessageSource,
}

/// What a message of a prompt holds.
#[derive(Debug)]
pub enum MessageSource {
    /// What is written, once its gaps are filled.
    Written(MessageContent),
    /// What the API answers.
    Request(PlannedRequest),
}

/// What completes an argument or a variable.
#[derive(Debug)]
pub enum Completer {
    /// One of these values.
    Values(Box<[Box<str>]>),
    /// What the API answers.
    Request(PlannedRequest),
}

/// A request whose arguments come as texts.
#[derive(Debug)]
pub struct PlannedRequest {
    /// How it is made.
    pub plan: Arc<CallPlan>,
    /// Its arguments, and what each is in JSON.
    takes: Vec<(Box<str>, ValueKind)>,
}

/// What a text stands for in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueKind {
    Text,
    Number,
    Flag,
    /// Texts with commas between them.
    List,
}

/// The plans of one gateway's requests.
#[derive(Default)]
pub(super) struct Plans<'a> {
    /// Of the requests that are written by hand, by their number.
    requests: FxHashMap<usize, Arc<CallPlan>>,
    /// Of the operations that are offered as resources, in the order of the document.
    promoted: Vec<(&'a Operation, Arc<CallPlan>)>,
}

impl<'a> Plans<'a> {
    /// Adds the plan of a request that is written by hand.
    pub(super) fn add_request(&mut self, number: usize, operation: &Operation, plan: CallPlan) {
        self.requests.insert(number, named(operation, plan));
    }

    /// Adds the plan of an operation that is offered as a resource.
    pub(super) fn add_promoted(&mut self, operation: &'a Operation, plan: CallPlan) {
        self.promoted.push((operation, named(operation, plan)));
    }

    fn request(&self, id: RequestId) -> Option<PlannedRequest> {
        self.requests.get(&id.0).map(|plan| PlannedRequest::new(Arc::clone(plan)))
    }

    fn completer(&self, completion: &Completion) -> Option<Completer> {
        match completion {
            Completion::Values(values) => {
                Some(Completer::Values(values.iter().map(|value| value.as_str().into()).collect()))
            }
            Completion::Request(id) => self.request(*id).map(Completer::Request),
        }
    }
}

/// A plan with a name for the log, which no tool can have.
fn named(operation: &Operation, plan: CallPlan) -> Arc<CallPlan> {
    let name = operation.id.as_deref().unwrap_or(&plan.signature);
    Arc::new(CallPlan { tool: format!("resource:{name}").into(), ..plan })
}

impl Offers {
    /// The requests that the resources of a gateway make.
    pub(crate) fn requests(&self, gateway: &str) -> impl Iterator<Item = &PlannedRequest> {
        let resources = self.resources.iter().filter(move |resource| *resource.gateway == *gateway);
        let templates = self.templates.iter().filter(move |template| *template.gateway == *gateway);
        let resources = resources.filter_map(|resource| match &resource.source {
            ResourceSource::Request(request) => Some(request),
            ResourceSource::Text(_) | ResourceSource::Blob(_) => None,
        });
        let templates = templates.filter_map(|template| match &template.source {
            TemplateSource::Request(request) => Some(request),
            TemplateSource::Text(_) => None,
        });
        resources.chain(templates)
    }

    /// Adds what a gateway offers. `prefix` is put before the names of prompts.
    pub(super) fn add(
        &mut self,
        served: &Served,
        gateway: &Arc<str>,
        prefix: &str,
        plans: &Plans<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        resource::add(self, served, gateway, plans, diagnostics);
        promote::add(self, served, gateway, plans, diagnostics);
        for prompt in &served.gateway.offers.prompts {
            let planned = prompt::plan(prompt, self, gateway, prefix, plans, diagnostics);
            let asked = planned.and_then(|planned| prompt::asking(planned, prompt, served, diagnostics));
            self.prompts.extend(asked.map(Arc::new));
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.templates.is_empty() && self.prompts.is_empty()
    }
}

impl Completer {
    /// The request that it makes.
    #[must_use]
    pub fn request(&self) -> Option<&PlannedRequest> {
        match self {
            Self::Values(_) => None,
            Self::Request(request) => Some(request),
        }
    }
}

impl PlannedRequest {
    fn new(plan: Arc<CallPlan>) -> Self {
        let definitions = &plan.arguments.definitions;
        let kind = |schema: &Json| ValueKind::of(resolve(schema, definitions));
        let takes =
            plan.arguments.arguments.iter().map(|argument| (argument.name.clone(), kind(&argument.schema)));
        Self { takes: takes.collect(), plan }
    }

    /// The names of its arguments.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.takes.iter().map(|(name, _)| &**name)
    }

    /// Whether it takes an argument of this name.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The arguments that it cannot be made without.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        self.plan
            .arguments
            .arguments
            .iter()
            .filter(|argument| argument.required)
            .map(|argument| &*argument.name)
    }

    /// The arguments of a call of the plan, from texts; those that it does not take are left out. `None` only when they
    /// cannot be written as JSON, which does not happen.
    #[must_use]
    pub fn arguments<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Option<Box<RawValue>> {
        let mut arguments = Map::new();
        for (name, text) in values {
            if let Some((_, kind)) = self.takes.iter().find(|(known, _)| **known == *name) {
                arguments.insert(name.to_owned(), kind.read(text));
            }
        }
        serde_json::value::to_raw_value(&arguments).ok()
    }
}

impl ValueKind {
    /// What a schema takes first of all.
    fn of(schema: &Json) -> Self {
        let types: Vec<&str> = match schema.get("type") {
            Some(Json::String(only)) => vec![only.as_str()],
            Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        match types.into_iter().find(|name| *name != "null") {
            Some("integer" | "number") => Self::Number,
            Some("boolean") => Self::Flag,
            Some("array") => Self::List,
            _ => Self::Text,
        }
    }

    /// The value that a text stands for. A text that stands for none stays a text, and is refused as one by the schema.
    fn read(self, text: &str) -> Value {
        let value = || serde_json::from_str::<Value>(text).ok();
        match self {
            Self::Text => text.into(),
            Self::Number => value().filter(Value::is_number).unwrap_or_else(|| text.into()),
            Self::Flag => value().filter(Value::is_boolean).unwrap_or_else(|| text.into()),
            Self::List => text.split(',').map(Value::from).collect(),
        }
    }
}
