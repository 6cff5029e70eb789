//! From what was written to what is meant.

use super::blame::Blame;
use super::file::GatewayFile;
use super::gateway::{Endpoint, Gateway, NamedCredential, Offers, OperationRules, Pattern};
use super::resolver::Resolver;
use super::response::ShapeKeys;
use super::suggest::did_you_mean;
use super::written::{Entry, Slot};
use super::{
    api_server, base_url, breaker, cache, concurrency, credential, endpoint, errors, header, offers,
    operations, paginate, rate_limit, references, retry, shown,
};
use crate::diagnostic::{Code, Diagnostic};

/// The gateway that a file means.
///
/// A fault costs what it is in and nothing else: an endpoint costs itself, a change costs the operation that it names
/// (served unchanged, it might show what the author meant to hide), and a fault anywhere else costs the gateway,
/// since nobody can tell what a request without it would do. `None` also when nothing is left to serve.
pub(super) fn resolve(
    root: Slot<'_>,
    file: &GatewayFile<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Gateway> {
    let name = name(file, resolver);
    let (base_url, server) = api_server::resolve(file, resolver);
    let document = file.openapi.as_ref().and_then(|written| base_url::document(written, resolver));
    let references = file.references.as_ref().map(|written| references::resolve(written, resolver));
    let overlays = base_url::overlays(file, resolver);
    let (credentials, declined_credentials) = credential::resolve(file, resolver);
    check_credential_names(file, resolver);
    let headers = header::resolve(&file.headers, resolver);
    check_credential_headers(file, &credentials, resolver);
    let rate_limits = rate_limit::resolve(file.rate_limit.as_ref(), false, resolver);
    let concurrency = file.concurrency.as_ref().map(|written| concurrency::resolve(&written.value));
    let retry = retry::resolve(file.retry.as_ref(), resolver);
    let breaker = breaker::resolve(file.breaker.as_ref(), resolver);
    let operations = file.operations.as_ref().map(|written| operations::resolve(written, resolver));
    let response = ShapeKeys::of(file.response.as_ref()).resolve(resolver);
    let errors = errors::resolve(file.errors.as_ref(), resolver);
    let endpoints = endpoints(file, resolver);
    let pagination = file.paginate.as_ref().and_then(|written| paginate::resolve(written, resolver));
    let cursors = paginate::cursors(file.cursors.as_ref(), resolver);
    let introduction = offers::introduction(file, resolver);
    let mut offers = offers::resolve(file, resolver);
    check_whole(root, resolver);
    check_offers(root, &offers, resolver);

    let blame = Blame::of(root.node, &resolver.problems);
    if blame.gateway {
        return None;
    }
    let endpoints: Vec<Endpoint> = endpoints
        .into_iter()
        .filter(|(name, _)| !blame.endpoints.contains(name))
        .map(|(_, endpoint)| endpoint)
        .collect();
    offers.resources.retain(|resource| !blame.resources.contains(&resource.name.as_str()));
    offers.prompts.retain(|prompt| !blame.prompts.contains(&prompt.name.as_str()));
    let offers_nothing = offers.resources.is_empty() && offers.prompts.is_empty();
    if document.is_none() && overlays.is_empty() && endpoints.is_empty() && offers_nothing {
        return None;
    }
    Some(Gateway {
        name: name?,
        place: file.gateway.0.map(|written| written.slot.place()),
        base_url,
        server,
        document,
        references: references.unwrap_or_default(),
        overlays,
        credentials,
        declined_credentials,
        headers,
        rate_limits,
        concurrency: concurrency.unwrap_or_default(),
        retry: retry.unwrap_or_default(),
        breaker,
        timeout: file.timeout.map_or(Gateway::DEFAULT_TIMEOUT, |timeout| timeout.value.0),
        cache: file.cache.as_ref().map(|cache| cache::resolve(&cache.value)),
        shown: shown::resolve(file),
        response,
        errors,
        pagination: pagination.unwrap_or_default(),
        cursors,
        ask_timeout: file.ask_timeout.map_or(Gateway::DEFAULT_ASK_TIMEOUT, |timeout| timeout.value.0),
        operations: without(operations.unwrap_or_default(), &blame.changes),
        endpoints,
        introduction,
        offers,
    })
}

fn name(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) -> Option<String> {
    let written = file.gateway.0?;
    let name = written.value.0;
    let is_name = is_gateway_name(name);
    if !is_name {
        let help = "it has 1 to 32 of the characters A-Z, a-z, 0-9, `_` and `-`";
        resolver
            .problem(written.slot.invalid(format!("`{name}` cannot be the name of a gateway")).help(help));
    }
    is_name.then(|| name.to_owned())
}

/// Whether a text can be the name of a gateway: it is a part of paths and of the names of tools.
pub(super) fn is_gateway_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn endpoints<'t>(file: &GatewayFile<'t>, resolver: &mut Resolver<'_>) -> Vec<(&'t str, Endpoint)> {
    let entries: &[Entry<'_, _>] = file.endpoints.as_ref().map_or(&[], |endpoints| &endpoints.value.0);
    entries
        .iter()
        .filter_map(|entry| endpoint::resolve(entry, resolver).map(|endpoint| (entry.key, endpoint)))
        .collect()
}

/// Reports headers that say the same as a credential: one of the two would silently win.
fn check_credential_headers(
    file: &GatewayFile<'_>,
    credentials: &[NamedCredential],
    resolver: &mut Resolver<'_>,
) {
    let taken: Vec<&str> = credentials.iter().flat_map(|named| named.credential.headers()).collect();
    for entry in file.headers.iter().flat_map(|headers| &headers.value.0) {
        if taken.iter().any(|name| name.eq_ignore_ascii_case(entry.key)) {
            let message = format!("the header `{}` is set by a credential too", entry.key);
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone()));
        }
    }
}

/// Reports endpoints and changes that name a credential which is not there.
fn check_credential_names(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) {
    let mut names: Vec<&str> = file.credential.iter().map(|_| credential::DEFAULT).collect();
    names.extend(file.credentials.iter().flat_map(|credentials| &credentials.value.0).map(|entry| entry.key));
    let endpoints = file.endpoints.iter().flat_map(|endpoints| &endpoints.value.0);
    let endpoints = endpoints.filter_map(|entry| entry.value.credential.as_ref());
    let changes = file.operations.iter().flat_map(|operations| operations::changes(&operations.value));
    let changes = changes.filter_map(|entry| entry.value.credential.as_ref());
    let offered = offers::credentials(file);
    for written in endpoints.chain(changes).chain(offered) {
        for unknown in written.value.unknown(&names) {
            let diagnostic =
                Diagnostic::new(Code::InvalidValue, format!("there is no credential `{unknown}`"))
                    .at(written.slot.place_of(unknown));
            resolver.problem(match names.as_slice() {
                [] => diagnostic.help("say `credential` or `credentials` in the gateway file"),
                names => diagnostic.help(
                    did_you_mean(unknown, names.iter().copied())
                        .unwrap_or_else(|| format!("there is {}", names.join(", "))),
                ),
            });
        }
    }
}

/// Reports keys that need another one.
fn check_whole(root: Slot<'_>, resolver: &mut Resolver<'_>) {
    let has = |key: &str| root.node.get(key).is_some();
    let names_document = has("openapi") || has("overlays");
    if !names_document && !["endpoints", "resources", "prompts"].into_iter().any(has) {
        let missing =
            Diagnostic::new(Code::MissingKey, "there is nothing to serve: no `openapi` and no `endpoints`");
        resolver.problem(missing.at(root.place()));
        return;
    }
    if let Some(entry) = root.node.entry("endpoints").filter(|_| !has_url(root)) {
        let slot = Slot { node: entry.value, key: Some(entry.key_span) };
        let missing = Diagnostic::new(Code::MissingKey, "`endpoints` need a `base_url`").at(slot.key_place());
        resolver.problem(missing.help("say where the API lives: `base_url: https://api.example.com`"));
    }
    for key in ["operations", "references"] {
        if let Some(entry) = root.node.entry(key).filter(|_| !names_document) {
            let slot = Slot { node: entry.value, key: Some(entry.key_span) };
            let message = format!("`{key}` is about a document, and `openapi` names none");
            resolver.problem(Diagnostic::new(Code::MissingKey, message).at(slot.key_place()));
        }
    }
}

fn has_url(root: Slot<'_>) -> bool {
    let of_server = || root.node.get("server").is_some_and(|server| server.get("url").is_some());
    root.node.get("base_url").is_some() || of_server()
}

/// Reports requests of what is offered that have no server, and names that several offers have.
fn check_offers(root: Slot<'_>, offers: &Offers, resolver: &mut Resolver<'_>) {
    if let Some(first) = offers.requests.first().filter(|_| !has_url(root)) {
        let missing = Diagnostic::new(Code::MissingKey, "requests need a `base_url`");
        let help = "say where the API lives: `base_url: https://api.example.com`";
        resolver.problem(missing.at(first.operation.place.clone()).help(help));
    }
    for (index, resource) in offers.resources.iter().enumerate() {
        if offers.resources.iter().take(index).any(|other| other.address == resource.address) {
            let message = "another resource has this URI, and is the one that is read";
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(resource.place.clone()));
        }
    }
}

/// The rules with these operations left out.
fn without(mut rules: OperationRules, changes: &[&str]) -> OperationRules {
    let left_out: Vec<Pattern> = rules
        .change
        .iter()
        .map(|(pattern, _)| pattern)
        .filter(|pattern| changes.contains(&&*pattern.text))
        .cloned()
        .collect();
    rules.change.retain(|(pattern, _)| !changes.contains(&&*pattern.text));
    rules.exclude.extend(left_out);
    rules
}
