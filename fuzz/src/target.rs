//! What is tried, and what it promises.

use std::sync::Arc;

use clap::ValueEnum;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::value::RawValue;
use toolgate::call::explain::{Format, explain};
use toolgate::catalog::CallPlan;
use toolgate::catalog::build::{BuildOptions, Served, build};
use toolgate::config::Gateway;
use toolgate::diagnostic::{Diagnostics, render};
use toolgate::openapi::{Document, parse};
use toolgate::source::Source;
use toolgate::upstream::Upstream;

use super::mutate;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A text becomes a tree or is refused, and each node is where it says.
    Tree,
    /// A document becomes operations, and its diagnostics can be shown.
    Loader,
    /// References lead somewhere or nowhere.
    Resolver,
    /// Whatever the arguments are, a request goes where its template says.
    Url,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tree, Self::Loader, Self::Resolver, Self::Url];

    /// Tries it with an input.
    pub fn run(self, input: &str, random: &mut SmallRng) -> Result<(), String> {
        match self {
            Self::Tree => tree(input),
            Self::Loader | Self::Resolver => load(input).map(drop),
            Self::Url => urls(input, random),
        }
    }
}

fn tree(input: &str) -> Result<(), String> {
    let source = Source::new("openapi.yaml", input);
    let mut diagnostics = Diagnostics::default();
    let tree = parse(&source, &mut diagnostics);
    if tree.is_none() && !diagnostics.has_errors() {
        return Err("it is refused and nothing says why".to_owned());
    }
    shown(&diagnostics)?;
    let Some(tree) = tree else { return Ok(()) };
    for node in tree.nodes() {
        let range = node.span().range();
        if source.text().get(range.clone()).is_none() {
            return Err(format!("a node is at {range:?}, which is no part of the text"));
        }
    }
    drop(tree.root().to_value());
    Ok(())
}

/// The plans of a document's tools; empty when it is none.
fn load(input: &str) -> Result<Vec<Arc<CallPlan>>, String> {
    let source = Source::new("openapi.yaml", input);
    let mut diagnostics = Diagnostics::default();
    let Some(document) = Document::read(&source, &mut diagnostics) else {
        shown(&diagnostics)?;
        return match diagnostics.has_errors() {
            true => Ok(Vec::new()),
            false => Err("it is refused and nothing says why".to_owned()),
        };
    };
    let operations = document.operations(&mut diagnostics);
    for operation in &operations {
        drop(document.responses(operation));
    }
    let count = operations.len();
    let served = Served {
        gateway: Gateway { base_url: "https://api.example.com".parse().ok(), ..Gateway::named("api") },
        upstream: Arc::new(Upstream::new(
            "api",
            Vec::new(),
            Vec::new(),
            &[],
            &toolgate::net::Clients::default(),
        )),
        document_url: None,
        operations,
        schemes: document.security_schemes(),
    };
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    let catalog = build(&[served], &options, &mut diagnostics);
    diagnostics.sort();
    shown(&diagnostics)?;
    let told =
        diagnostics.iter().filter(|diagnostic| diagnostic.code.as_str() == "unservable-operation").count();
    if catalog.tools().len() + told < count {
        return Err(format!("{} tools of {count} operations, {told} told", catalog.tools().len()));
    }
    Ok(catalog.tools().iter().map(|tool| Arc::clone(&tool.plan)).collect())
}

/// Diagnostics can be shown, and are where they say.
fn shown(diagnostics: &Diagnostics) -> Result<(), String> {
    drop(render::text(diagnostics, false));
    drop(render::json(diagnostics));
    let misplaced = diagnostics.iter().filter_map(|diagnostic| diagnostic.place.as_ref()).find(|place| {
        let range = place.span.range();
        range.start > range.end || place.source.text().get(range).is_none()
    });
    misplaced.map_or(Ok(()), |place| {
        Err(format!("a diagnostic is at {:?}, which is no part of the text", place.span))
    })
}

fn urls(input: &str, random: &mut SmallRng) -> Result<(), String> {
    let plans = load(input)?;
    for _ in 0..plans.len().min(20) {
        let plan = &plans[random.random_range(0..plans.len())];
        let arguments = mutate::arguments(plan, random);
        let Ok(raw) = RawValue::from_string(arguments.to_string()) else { continue };
        if let Ok(text) = explain(plan, Some(&raw), Format::Http) {
            is_within(&text, plan)
                .map_err(|fault| format!("{fault}: {} with {arguments}:\n{text}", plan.tool))?;
        }
    }
    Ok(())
}

/// A request goes to the host that it should, and its path has the segments of its template.
fn is_within(text: &str, plan: &CallPlan) -> Result<(), String> {
    let head = text.split("\n\n").next().unwrap_or_default();
    let mut lines = head.lines();
    let request_line = lines.next().unwrap_or_default();
    let words: Vec<&str> = request_line.split(' ').collect();
    let [_, target, "HTTP/1.1"] = words[..] else { return Err("its request line is broken".to_owned()) };
    if lines.next() != Some("host: api.example.com") {
        return Err("it goes to another host".to_owned());
    }
    if head.chars().any(|character| character.is_control() && character != '\n') {
        return Err("its head holds control characters".to_owned());
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if path.split('/').any(is_dots) {
        return Err("its path goes up".to_owned());
    }
    let template = plan.signature.split_once(' ').map_or("", |(_, template)| template);
    let has_own_slashes = template.contains("{+") || template.contains('%') || !template.starts_with('/');
    if !has_own_slashes {
        let expected = template.split(['?', '#']).next().unwrap_or_default().matches('/').count();
        if path.matches('/').count() != expected {
            return Err(format!("its path has other segments than {template}"));
        }
    }
    Ok(())
}
