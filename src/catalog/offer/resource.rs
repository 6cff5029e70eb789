//! Resources that are written by hand.

use std::sync::Arc;

use super::{
    Completer, Offers, PlannedRequest, Plans, Resource, ResourceSource, ResourceTemplate, TemplateSource,
    face,
};
use crate::catalog::build::Served;
use crate::catalog::schema::resolve;
use crate::config::gateway::{Address, Resource as Written, ResourceContent};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::express::uri_template::UriTemplate;

/// Adds the resources of a gateway. One whose request cannot be planned has been reported, and is left out.
pub(super) fn add(
    offers: &mut Offers,
    served: &Served,
    gateway: &Arc<str>,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) {
    for written in &served.gateway.offers.resources {
        match &written.address {
            Address::Uri(uri) if offers.resources.iter().any(|other| *other.uri == **uri) => {
                let message = format!("another gateway has `{uri}` too; this one is not served");
                diagnostics.push(Diagnostic::new(Code::InvalidValue, message).at(written.place.clone()));
            }
            Address::Uri(uri) => offers.resources.extend(resource(written, uri, gateway, plans, diagnostics)),
            Address::Template(uris) => {
                offers.templates.extend(template(written, uris, gateway, plans, diagnostics));
            }
        }
    }
}

fn resource(
    written: &Written,
    uri: &str,
    gateway: &Arc<str>,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let (source, size) = match &written.content {
        ResourceContent::Text(text) => (ResourceSource::Text(text.clone().into()), Some(text.len())),
        ResourceContent::Blob(bytes) => (ResourceSource::Blob(bytes.clone()), Some(bytes.len())),
        ResourceContent::Request(id) => (ResourceSource::Request(plans.request(*id)?), None),
        // Only resources of many URIs have gaps.
        ResourceContent::Template(_) => return None,
    };
    if let ResourceSource::Request(request) = &source
        && !has_all(request, &[], written, diagnostics)
    {
        return None;
    }
    let mime_type = written.mime_type.as_deref();
    Some(Resource {
        gateway: Arc::clone(gateway),
        uri: uri.into(),
        face: face::resource(("uri", uri), &written.name, &written.about, mime_type, size),
        mime_type: mime_type.map(Into::into),
        source,
    })
}

fn template(
    written: &Written,
    uris: &UriTemplate,
    gateway: &Arc<str>,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<ResourceTemplate> {
    let variables: Vec<&str> = uris.variables().collect();
    let source = match &written.content {
        ResourceContent::Template(template) => TemplateSource::Text(template.clone()),
        ResourceContent::Request(id) => {
            let request = plans.request(*id)?;
            if !(has_all(&request, &variables, written, diagnostics)
                && takes_all(&request, &variables, written, diagnostics))
            {
                return None;
            }
            TemplateSource::Request(request)
        }
        ResourceContent::Text(_) | ResourceContent::Blob(_) => return None,
    };
    let mut completions: Vec<(Box<str>, Completer)> = Vec::new();
    for (name, completion) in &written.completions {
        completions.extend(plans.completer(completion).map(|completer| (name.as_str().into(), completer)));
    }
    if let TemplateSource::Request(request) = &source {
        for name in variables {
            if !completions.iter().any(|(known, _)| **known == *name) {
                completions.extend(choices(request, name).map(|completer| (name.into(), completer)));
            }
        }
    }
    let mime_type = written.mime_type.as_deref();
    Some(ResourceTemplate {
        gateway: Arc::clone(gateway),
        uris: uris.clone(),
        face: face::resource(("uriTemplate", uris.text()), &written.name, &written.about, mime_type, None),
        mime_type: mime_type.map(Into::into),
        source,
        completions,
    })
}

/// The texts that an argument's own schema allows.
pub(super) fn choices(request: &PlannedRequest, name: &str) -> Option<Completer> {
    let arguments = &request.plan.arguments;
    let argument = arguments.arguments.iter().find(|argument| *argument.name == *name)?;
    let values = resolve(&argument.schema, &arguments.definitions).get("enum")?.as_array()?;
    let texts: Box<[Box<str>]> = values.iter().filter_map(|value| value.as_str()).map(Into::into).collect();
    (!texts.is_empty()).then_some(Completer::Values(texts))
}

/// Whether every argument that the request needs is among `variables`.
fn has_all(
    request: &PlannedRequest,
    variables: &[&str],
    written: &Written,
    diagnostics: &mut Diagnostics,
) -> bool {
    let missing: Vec<&str> = request.required().filter(|name| !variables.contains(name)).collect();
    for name in &missing {
        let message = format!("the request needs `{name}`, and the URI has no such variable");
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(written.place.clone());
        diagnostics.push(
            diagnostic
                .help(format!("put `{{{name}}}` into `uri_template`, or give it a `default` and `hide` it")),
        );
    }
    missing.is_empty()
}

/// Whether the request takes every variable.
fn takes_all(
    request: &PlannedRequest,
    variables: &[&str],
    written: &Written,
    diagnostics: &mut Diagnostics,
) -> bool {
    let unknown: Vec<&str> = variables.iter().copied().filter(|name| !request.takes(name)).collect();
    for name in &unknown {
        let message = format!("the URI has a variable `{name}`, which the request does not take");
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(written.place.clone());
        diagnostics.push(diagnostic.help(format!("declare `{name}` under `parameters`")));
    }
    unknown.is_empty()
}
