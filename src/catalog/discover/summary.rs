//! What a search asks for, and what it says of a tool: enough to choose one, and often enough to call it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::catalog::Tool;
use crate::catalog::text::leading;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Query<'q> {
    /// In words.
    pub text: &'q str,
    /// How many tools are given at most.
    pub limit: usize,
    /// Only tools of this gateway.
    pub gateway: Option<&'q str>,
    /// Only tools with this tag.
    pub tag: Option<&'q str>,
}

/// What was found: the answer to a search, at most about 8 KiB.
#[derive(Debug, Default, Serialize)]
pub struct Found {
    /// The best first.
    pub tools: Vec<Summary>,
    /// How many others there are.
    pub more: usize,
}

/// A tool in short.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Its name.
    pub name: Box<str>,
    /// What it does, on one line.
    pub description: String,
    /// The arguments that must be given.
    pub required: Vec<Box<str>>,
}

/// The longest description, in characters.
const DESCRIPTION: usize = 140;

/// How many required arguments are named.
const REQUIRED: usize = 12;

/// How long all summaries together may be, in bytes.
const BYTES: usize = 8 << 10;

impl Query<'_> {
    /// Whether the tool is among those that are searched.
    pub(super) fn wants(&self, tool: &Tool) -> bool {
        let has = |tag: &str| tool.tags.iter().any(|candidate| candidate.eq_ignore_ascii_case(tag));
        self.gateway.is_none_or(|gateway| *tool.plan.gateway == *gateway) && self.tag.is_none_or(has)
    }

    /// Whether the query is the tool's own name, or its method and path.
    pub(super) fn names(&self, tool: &Tool) -> bool {
        let text = self.text.trim();
        tool.name.eq_ignore_ascii_case(text) || tool.plan.signature.eq_ignore_ascii_case(text)
    }
}

impl Found {
    /// The first of `tools`, as many as are wanted and have room.
    pub(super) fn of<'t>(tools: impl Iterator<Item = &'t Tool>, limit: usize) -> Self {
        let mut found = Self::default();
        let mut bytes = 0;
        for tool in tools {
            let summary = (found.more == 0 && found.tools.len() < limit).then(|| Summary::of(tool));
            match summary {
                Some(summary) if bytes + summary.bytes() <= BYTES => {
                    bytes += summary.bytes();
                    found.tools.push(summary);
                }
                _ => found.more += 1,
            }
        }
        found
    }
}

impl Summary {
    fn of(tool: &Tool) -> Self {
        let required = tool.plan.arguments.arguments.iter().filter(|argument| argument.required);
        Self {
            name: tool.name.clone(),
            description: leading(&Said::of(tool).description, DESCRIPTION),
            required: required.take(REQUIRED).map(|argument| argument.name.clone()).collect(),
        }
    }

    /// About how long it is as JSON.
    fn bytes(&self) -> usize {
        let names: usize = self.required.iter().map(|name| name.len() + 3).sum();
        self.name.len() + self.description.len() + names + 48
    }
}

/// What the face of a tool says in words.
#[derive(Deserialize)]
struct Said<'t> {
    #[serde(borrow, default)]
    description: Cow<'t, str>,
}

impl<'t> Said<'t> {
    fn of(tool: &'t Tool) -> Self {
        let nothing = Self { description: Cow::Borrowed("") };
        serde_json::from_str(&tool.face).unwrap_or(nothing)
    }
}

/// The summary of a tool, and what else is said of it.
pub(super) fn said(tool: &Tool) -> (String, String) {
    let said = Said::of(tool);
    let (first, rest) = said.description.split_once('\n').unwrap_or((&*said.description, ""));
    (first.to_owned(), rest.to_owned())
}
