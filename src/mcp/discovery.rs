//! Calls of the three tools that find tools ([`crate::catalog::discover`]).
//!
//! Searching and describing are answered at once. A call through `call_tool` becomes the [`ToolCall`] of the tool that
//! it names, so validation, errors, limits and telemetry are those of that tool. What is wrong with a call of the
//! three is told like wrong arguments of any tool: the model corrects itself.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::dispatch::Context;
use super::json;
use crate::call::error::{ArgumentProblem, ArgumentsError};
use crate::call::{Content, Ended, ToolOutcome, validate};
use crate::catalog::discover::{self, Discovery, DiscoveryTool, Query};
use crate::catalog::{Catalog, Profile, Tool, View};

/// What a call of one of the three leads to.
pub(crate) enum Discovered<'c> {
    /// An answer.
    Outcome(ToolOutcome),
    /// The call of this tool, with these arguments.
    Call(&'c Tool, Option<Box<RawValue>>),
}

/// Who asks, and where.
#[derive(Clone, Copy)]
struct Asked<'c> {
    catalog: &'c Catalog,
    view: &'c View,
    discovery: &'c Discovery,
    profile: Profile,
}

/// A call of `kind` in a view that has it.
pub(crate) fn call<'c>(
    context: Context<'c>,
    discovery: &'c Discovery,
    kind: DiscoveryTool,
    raw: Option<&RawValue>,
    profile: Profile,
) -> Discovered<'c> {
    let asked = Asked { catalog: context.catalog, view: context.view, discovery, profile };
    let Some(plan) = discovery.arguments(kind) else { return refused(Vec::new()) };
    let arguments = match validate::validate(plan, raw) {
        Ok(arguments) => arguments,
        Err(error) => return refused(error.problems),
    };
    match kind {
        DiscoveryTool::Search => asked.search(&arguments),
        DiscoveryTool::Describe => asked.describe(&arguments),
        DiscoveryTool::Call => asked.call(&arguments, raw),
    }
}

impl<'c> Asked<'c> {
    fn search(self, arguments: &Map<String, Value>) -> Discovered<'c> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let limit =
            arguments.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let query = Query {
            text: text("query").unwrap_or_default(),
            limit: limit.unwrap_or(discover::FOUND),
            gateway: text("gateway"),
            tag: text("tag"),
        };
        let problems = self.unknown_words(&query);
        if !problems.is_empty() {
            return refused(problems);
        }
        match serde_json::to_vec(&self.catalog.search(self.view, &query)) {
            Ok(found) => Discovered::Outcome(success(found.into())),
            Err(_) => refused(Vec::new()),
        }
    }

    /// A gateway or a topic that no tool has finds nothing, and that should not be taken for an answer.
    fn unknown_words(self, query: &Query<'_>) -> Vec<ArgumentProblem> {
        let tools = || self.catalog.tools().iter().filter(|tool| self.view.shows(tool));
        let gateways = || tools().map(|tool| &*tool.plan.gateway);
        let tags = || tools().flat_map(|tool| tool.tags.iter().map(AsRef::as_ref));
        let mut problems = Vec::new();
        if let Some(gateway) = query.gateway.filter(|name| !gateways().any(|known| known == *name)) {
            problems.push(unknown("gateway", gateway, crate::catalog::suggest(gateway, gateways())));
        }
        if let Some(tag) = query.tag.filter(|tag| !tags().any(|known| known.eq_ignore_ascii_case(tag))) {
            problems.push(unknown("tag", tag, crate::catalog::suggest(tag, tags())));
        }
        problems
    }

    fn describe(self, arguments: &Map<String, Value>) -> Discovered<'c> {
        match self.named(arguments) {
            Ok(tool) => {
                let face = self.catalog.face(tool, self.profile).into_owned();
                Discovered::Outcome(success(face.into()))
            }
            Err(problem) => refused(vec![problem]),
        }
    }

    fn call(self, arguments: &Map<String, Value>, raw: Option<&RawValue>) -> Discovered<'c> {
        let tool = match self.named(arguments) {
            Ok(tool) => tool,
            Err(problem) => return refused(vec![problem]),
        };
        match inner(raw) {
            Ok(arguments) => Discovered::Call(tool, arguments),
            Err(problem) => refused(vec![problem]),
        }
    }

    fn named(self, arguments: &Map<String, Value>) -> Result<&'c Tool, ArgumentProblem> {
        let name = arguments.get("name").and_then(Value::as_str).unwrap_or_default();
        let tool = self.catalog.tool(name).filter(|tool| self.view.shows(tool));
        tool.ok_or_else(|| {
            let search = self.discovery.name(DiscoveryTool::Search);
            let help = match self.catalog.similar(self.view, name) {
                Some(similar) => format!("did you mean `{similar}`? {search} finds others"),
                None => format!("{search} finds the names of tools"),
            };
            let message = format!("there is no tool `{}`", shown(name));
            ArgumentProblem { argument: Some("name".to_owned()), message, help: Some(help) }
        })
    }
}

/// The arguments within the arguments, as they came: an object, or a text that is one.
fn inner(raw: Option<&RawValue>) -> Result<Option<Box<RawValue>>, ArgumentProblem> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow, default)]
        arguments: Option<&'a RawValue>,
    }
    let given = raw.and_then(|raw| serde_json::from_str::<Outer<'_>>(raw.get()).ok()?.arguments);
    let Some(given) = given.filter(|raw| raw.get() != "null") else { return Ok(None) };
    let Some(text) = json::string(given.get()) else { return Ok(Some(given.to_owned())) };
    if text.trim().is_empty() {
        return Ok(None);
    }
    match serde_json::from_str::<Box<RawValue>>(text.trim()) {
        Ok(inner) if json::is_object(inner.get().as_bytes()) => Ok(Some(inner)),
        _ => Err(ArgumentProblem {
            argument: Some("arguments".to_owned()),
            message: "this text is no JSON object".to_owned(),
            help: Some("give the arguments as an object".to_owned()),
        }),
    }
}

fn unknown(argument: &str, name: &str, similar: Option<&str>) -> ArgumentProblem {
    ArgumentProblem {
        argument: Some(argument.to_owned()),
        message: format!("no tool has the {argument} `{}`", shown(name)),
        help: similar.map(|similar| format!("did you mean `{similar}`?")),
    }
}

/// What a client sent, short enough to be sent back.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    text.chars().take(LONGEST).collect()
}

fn success(document: Bytes) -> ToolOutcome {
    let content = vec![Content::Json(document.clone())];
    ToolOutcome { is_error: false, content, structured: Some(document), meta: Vec::new(), ended: Ended::OK }
}

fn refused<'c>(problems: Vec<ArgumentProblem>) -> Discovered<'c> {
    Discovered::Outcome(ArgumentsError { problems }.into())
}

#[cfg(test)]
mod tests;
