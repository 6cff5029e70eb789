//! What a gateway file offers beside tools: resources, prompts and completions, and how it introduces itself.
//!
//! The requests that they make are endpoints like those that become tools, in the same words, and go through the same
//! pipeline; they are collected in one list, and whatever makes a request refers to it by its number there.

mod about;
mod attachment;
mod complete;
mod prompt;
mod resource;

use std::borrow::Cow;

use http::Method;

use super::credential::CredentialNames;
use super::endpoint::{self, EndpointFile};
use super::file::GatewayFile;
use super::gateway::{Introduction, Offers, RequestId};
use super::operations::owned;
use super::resolver::Resolver;
use super::written::{Entry, Read, Slot, Written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::express::template::Template;
use crate::source::Place;

pub(super) use about::IconFile;
pub(super) use prompt::PromptFile;
pub(super) use resource::ResourceFile;

/// The most bytes of a file that is offered.
pub(crate) const MOST_BYTES: usize = 8 << 20;

/// What is offered; parts that are faulty are reported, and left out by whoever decides what a fault costs.
pub(super) fn resolve(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) -> Offers {
    let mut offers = Offers::default();
    for entry in file.resources.iter().flat_map(|resources| &resources.value.0) {
        let resource = resource::resolve(entry, &mut offers.requests, resolver);
        offers.resources.extend(resource);
    }
    for entry in file.prompts.iter().flat_map(|prompts| &prompts.value.0) {
        let prompt = prompt::resolve(entry, &mut offers.requests, resolver);
        offers.prompts.extend(prompt);
    }
    offers
}

/// How the gateway introduces itself.
pub(super) fn introduction(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) -> Introduction {
    let website = file.website.as_ref().and_then(|written| {
        let url =
            url::Url::parse(written.value.0).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
        if url.is_none() {
            let message = format!("`{}` is no http or https URL", written.value.0);
            resolver.problem(written.slot.invalid(message));
        }
        url
    });
    Introduction {
        title: owned(file.title.as_ref()),
        instructions: owned(file.instructions.as_ref()),
        website,
        icons: about::icons(file.icons.as_ref(), resolver),
    }
}

/// The names of credentials that are written in what is offered.
pub(super) fn credentials<'f, 't>(
    file: &'f GatewayFile<'t>,
) -> impl Iterator<Item = &'f Written<'t, CredentialNames<'t>>> {
    let resources = file.resources.iter().flat_map(|resources| &resources.value.0).map(|entry| &entry.value);
    let prompts = file.prompts.iter().flat_map(|prompts| &prompts.value.0).map(|entry| &entry.value);
    let messages = prompts.clone().flat_map(|prompt| &prompt.messages.0).flat_map(|list| &list.value.0);
    let of_messages = messages.filter_map(|message| message.value.credential.as_ref());
    let of_arguments = prompts
        .flat_map(|prompt| &prompt.arguments)
        .flat_map(|arguments| &arguments.value.0)
        .filter_map(|argument| complete::credential(&argument.value.complete.as_ref()?.value));
    let of_variables = resources
        .clone()
        .flat_map(|resource| &resource.complete)
        .flat_map(|complete| &complete.value.0)
        .filter_map(|completed| complete::credential(&completed.value));
    let of_resources = resources.filter_map(|resource| resource.credential.as_ref());
    of_resources.chain(of_variables).chain(of_messages).chain(of_arguments)
}

/// The keys of an endpoint that are written in the mapping of something offered: read from there, with its own reader.
/// What is wrong with them was reported when the mapping was read, and its other keys are not the endpoint's.
fn request<'t>(
    name: &'t str,
    key_place: &Place,
    slot: Slot<'t>,
    requests: &mut Vec<super::gateway::Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Option<RequestId> {
    let value = EndpointFile::read(slot, &mut Diagnostics::default())?;
    let written = value.request.0?;
    let entry = Entry { key: name, key_place: key_place.clone(), value, slot };
    let endpoint = endpoint::resolve(&entry, resolver)?;
    if endpoint.operation.method != Method::GET {
        let message =
            format!("{} may change something, and what is offered is only read", endpoint.operation.method);
        resolver.problem(
            written.slot.invalid(message).help("write `GET /path`, or make a tool of it in `endpoints`"),
        );
        return None;
    }
    requests.push(endpoint);
    Some(RequestId(requests.len() - 1))
}

/// Reports a name that clients would not take.
fn check_name<T>(entry: &Entry<'_, T>, what: &str, resolver: &mut Resolver<'_>) {
    if !super::operations::is_tool_name(entry.key) {
        let message = format!("`{}` cannot be the name of a {what}", entry.key);
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
        resolver.problem(diagnostic.help("a name has 1 to 64 of the characters A-Z, a-z, 0-9, `_` and `-`"));
    }
}

/// A template whose gaps are for `known` alone.
fn template(
    text: &str,
    slot: Slot<'_>,
    known: &[&str],
    what: &str,
    resolver: &mut Resolver<'_>,
) -> Option<Template> {
    let template = match Template::load(text) {
        Ok(template) => template,
        Err(error) => {
            let line =
                error.line.and_then(|line| text.lines().nth(line.saturating_sub(1))).unwrap_or_default();
            let message = format!("this is no template: {}", error.message);
            let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(slot.place_of(line.trim()));
            resolver.problem(
                diagnostic
                    .help("`{{ name }}` stands for an argument; braces themselves are written `{{ '{{' }}`"),
            );
            return None;
        }
    };
    for unknown in template.variables().filter(|name| !known.contains(name)) {
        let help = super::suggest::did_you_mean(unknown, known.iter().copied());
        let help = help.map_or_else(|| Cow::from(format!("declare it under `{what}`")), Cow::from);
        let message = format!("`{unknown}` is none of the {what}");
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(slot.place_of(unknown));
        resolver.problem(diagnostic.help(help));
    }
    Some(template)
}

/// Reports that of these keys, of which exactly one is needed, there is another number.
fn one_of<'k>(slot: Slot<'_>, keys: &[&'k str], what: &str, resolver: &mut Resolver<'_>) -> Option<&'k str> {
    let mut written = keys.iter().copied().filter(|key| slot.node.get(key).is_some());
    let first = written.next();
    let second = written.next();
    match (first, second) {
        (None, _) => {
            let missing = Diagnostic::new(Code::MissingKey, format!("{what} is missing"));
            resolver.problem(missing.at(slot.key_place()).help(format!("say one of {}", keys.join(", "))));
            None
        }
        (Some(first), Some(second)) => {
            let place =
                slot.node.entry(second).map(|entry| Place::new(slot.node.tree().source(), entry.key_span));
            let message = format!("`{first}` and `{second}` both say {what}");
            resolver.problem(
                Diagnostic::new(Code::InvalidValue, message).at(place.unwrap_or_else(|| slot.key_place())),
            );
            None
        }
        (first, None) => first,
    }
}
