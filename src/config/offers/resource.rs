//! Resources and resource templates.

use super::super::cache::CacheSetting;
use super::super::credential::CredentialNames;
use super::super::duration::Timeout;
use super::super::endpoint::{ParameterFile, ResponseFile};
use super::super::errors::ErrorsFile;
use super::super::gateway::{Address, AttachmentContent, Completion, Endpoint, Resource, ResourceContent};
use super::super::rate_limit::RateLimitSetting;
use super::super::resolver::Resolver;
use super::super::retry::RetrySetting;
use super::super::suggest::did_you_mean;
use super::super::text::Literal;
use super::super::written::{Entry, List, Map, Optional, written};
use super::about::{AboutKeys, IconFile, RoleWord, Share};
use super::complete::{self, CompleteSetting};
use super::{attachment, check_name, one_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::express::uri_template::{UriTemplate, has_scheme};

written! {
    /// Something that clients read by its URI: a text, a file beside this one, or what the API answers to a GET.
    #[schemars(rename = "Resource")]
    #[expect(dead_code, reason = "`super::request` reads the keys about a request from the same mapping")]
    pub(in crate::config) struct ResourceFile<'t> {
        /// Its URI. It need not be where anything is on the web: `docs://readme` will do.
        #[schemars(extend("examples" = ["docs://readme"]))]
        uri: Optional<'t, Literal<'t>>,
        /// All URIs of this form, instead of `uri` (RFC 6570): `{a}`, `{+a}` with slashes, `{/a}`, `{?a,b}`. The
        /// variables are the arguments of `request`, or the gaps of `text`.
        #[schemars(extend("examples" = ["issues://{owner}/{repo}/{number}"]))]
        uri_template: Optional<'t, Literal<'t>>,
        /// A title, for people.
        title: Optional<'t, &'t str>,
        /// What it is, for models and people.
        description: Optional<'t, &'t str>,
        /// Its media type. Default: what the name of `file` says, or what the API says.
        #[schemars(extend("examples" = ["text/markdown"]))]
        mime_type: Optional<'t, Literal<'t>>,
        /// Whom it is for.
        audience: Optional<'t, List<'t, RoleWord>>,
        /// How much it matters, from 0 (may be left out) to 1 (is required).
        priority: Optional<'t, Share<'t>>,
        /// When it was changed last (ISO 8601).
        #[schemars(extend("examples" = ["2026-01-31T12:00:00Z"]))]
        last_modified: Optional<'t, Literal<'t>>,
        /// Pictures of it.
        icons: Optional<'t, List<'t, IconFile<'t>>>,
        /// What it holds: this text. With `uri_template`, `{{ name }}` stands for a variable, in the language of Jinja.
        text: Optional<'t, &'t str>,
        /// What it holds: this file, in the folder of the gateway file or below; at most 8 MiB. It is read when the gateway
        /// file is.
        #[schemars(extend("examples" = ["./README.md"]))]
        file: Optional<'t, Literal<'t>>,
        /// What it holds: these bytes.
        base64: Optional<'t, &'t str>,
        /// What it holds: what the API answers to `GET /path`, below `base_url`.
        #[schemars(
            regex(pattern = r"^\s*GET +/[^\s#]*\s*$"),
            extend("examples" = ["GET /repos/{owner}/{repo}/issues/{number}"])
        )]
        request: Optional<'t, Literal<'t>>,
        /// What the request takes, as in `endpoints`.
        parameters: Optional<'t, Map<'t, ParameterFile<'t>>>,
        /// The answer, as in `endpoints`.
        response: Optional<'t, ResponseFile<'t>>,
        /// Names of the credentials that go with the request; `none` for a request without one.
        credential: Optional<'t, CredentialNames<'t>>,
        /// How many requests there are in how much time, beside the limits of the whole file.
        rate_limit: Optional<'t, RateLimitSetting<'t>>,
        /// What is sent again when it fails; as for the whole file.
        retry: Optional<'t, RetrySetting<'t>>,
        /// How long reading it may take, waiting included.
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept; as for the whole file.
        cache: Optional<'t, CacheSetting<'t>>,
        /// What answers mean that are errors, or look like none; see `errors` of the gateway.
        errors: Optional<'t, ErrorsFile<'t>>,
        /// What completes variables of `uri_template`, by their names: a list of values, or a request. A variable whose
        /// parameter has an `enum` is completed by that.
        complete: Optional<'t, Map<'t, CompleteSetting<'t>>>,
    }
}

/// Keys that say something about a request.
const OF_REQUEST: [&str; 8] =
    ["parameters", "response", "credential", "rate_limit", "retry", "timeout", "cache", "errors"];

/// One of the `resources` of a file; `None` after a report.
pub(super) fn resolve(
    entry: &Entry<'_, ResourceFile<'_>>,
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Option<Resource> {
    check_name(entry, "resource", resolver);
    let file = &entry.value;
    let address = address(entry, resolver);
    let said = one_of(entry.slot, &["text", "file", "base64", "request"], "what it holds", resolver);
    check_request_keys(entry, said, resolver);
    let about = AboutKeys {
        title: file.title.as_ref(),
        description: file.description.as_ref(),
        audience: file.audience.as_ref(),
        priority: file.priority.as_ref(),
        last_modified: file.last_modified.as_ref(),
        icons: file.icons.as_ref(),
    };
    let about = about.resolve(resolver);
    let (address, said) = (address?, said?);
    let (content, guessed) = content(entry, &address, said, requests, resolver)?;
    let mime_type = file.mime_type.as_ref().map(|written| written.value.0.to_owned());
    let completions = completions(entry, &address, requests, resolver);
    Some(Resource {
        name: entry.key.to_owned(),
        place: entry.key_place.clone(),
        address,
        about,
        mime_type: mime_type.or(guessed.map(str::to_owned)),
        content,
        completions,
    })
}

fn address(entry: &Entry<'_, ResourceFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Address> {
    one_of(entry.slot, &["uri", "uri_template"], "its URI", resolver)?;
    if let Some(written) = &entry.value.uri {
        let uri = written.value.0;
        let problem = if uri.contains(['{', '}']) {
            Some("a URI has no braces; one with variables is said as `uri_template`")
        } else if !has_scheme(uri) {
            Some("a URI begins with its scheme: `docs://readme`")
        } else if uri.chars().any(|character| character.is_control() || character.is_whitespace()) {
            Some("a URI has no spaces; write `%20`")
        } else {
            None
        };
        if let Some(problem) = problem {
            resolver.problem(written.slot.invalid(problem));
            return None;
        }
        return Some(Address::Uri(uri.to_owned()));
    }
    let written = entry.value.uri_template.as_ref()?;
    match UriTemplate::parse(written.value.0) {
        Ok(template) => Some(Address::Template(template)),
        Err(error) => {
            let message = format!("`{}` cannot be the form of URIs: {error}", written.value.0);
            resolver.problem(written.slot.invalid(message));
            None
        }
    }
}

/// What the resource holds, and its media type as far as that says it.
fn content(
    entry: &Entry<'_, ResourceFile<'_>>,
    address: &Address,
    said: &str,
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Option<(ResourceContent, Option<&'static str>)> {
    let file = &entry.value;
    match (said, address) {
        ("request", _) => {
            let id = super::request(entry.key, &entry.key_place, entry.slot, requests, resolver)?;
            let endpoint = requests.get_mut(id.0)?;
            let says_type =
                file.response.as_ref().is_some_and(|response| response.value.content_type.is_some());
            if let (Some(mime_type), false) = (&file.mime_type, says_type) {
                endpoint.operation.produces = vec![mime_type.value.0.to_owned()];
            }
            Some((ResourceContent::Request(id), None))
        }
        ("text", Address::Template(uris)) => {
            let text = file.text.as_ref()?;
            let variables: Vec<&str> = uris.variables().collect();
            let template =
                super::template(text.value, text.slot, &variables, "variables of the URI", resolver)?;
            Some((ResourceContent::Template(template), Some("text/plain")))
        }
        (_, Address::Template(_)) => {
            let message = format!("`{said}` is one thing, and `uri_template` stands for many");
            let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
            resolver.problem(diagnostic.help("say `uri`, or what differs with `request` or `text`"));
            None
        }
        ("text", Address::Uri(_)) => {
            Some((ResourceContent::Text(file.text.as_ref()?.value.to_owned()), Some("text/plain")))
        }
        ("file", Address::Uri(_)) => {
            let attached = attachment::read(file.file.as_ref()?, resolver)?;
            let binary = file.mime_type.is_some_and(|written| !attachment::is_text(written.value.0));
            let content = match attached.content {
                AttachmentContent::Text(text) if !binary => ResourceContent::Text(text),
                content => ResourceContent::Blob(content.into_bytes()),
            };
            Some((content, attached.mime_type))
        }
        _ => {
            let bytes = attachment::base64(file.base64.as_ref()?, resolver)?;
            Some((ResourceContent::Blob(bytes), Some("application/octet-stream")))
        }
    }
}

/// Reports keys about a request where there is none.
fn check_request_keys(entry: &Entry<'_, ResourceFile<'_>>, said: Option<&str>, resolver: &mut Resolver<'_>) {
    if said.is_none_or(|said| said == "request") {
        return;
    }
    for key in OF_REQUEST {
        if let Some(written) = entry.slot.node.entry(key) {
            let place = crate::source::Place::new(entry.slot.node.tree().source(), written.key_span);
            let message = format!("`{key}` is about a request, and there is none here");
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(place));
        }
    }
}

fn completions(
    entry: &Entry<'_, ResourceFile<'_>>,
    address: &Address,
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Vec<(String, Completion)> {
    let variables: Vec<&str> = match address {
        Address::Template(template) => template.variables().collect(),
        Address::Uri(_) => Vec::new(),
    };
    let mut completions = Vec::new();
    for completed in entry.value.complete.iter().flat_map(|complete| &complete.value.0) {
        if !variables.contains(&completed.key) {
            let message = format!("the URI has no variable `{}`", completed.key);
            let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(completed.key_place.clone());
            resolver.problem(match did_you_mean(completed.key, variables.iter().copied()) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            continue;
        }
        let owner = (entry.key, &completed.key_place);
        let completion = complete::resolve(&completed.value, completed.slot, owner, requests, resolver);
        completions.extend(completion.map(|completion| (completed.key.to_owned(), completion)));
    }
    completions
}
