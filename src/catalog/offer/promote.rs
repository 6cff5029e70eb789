//! Operations of a document that are offered as resources.
//!
//! The URI is made of the gateway's name and the operation's path: `shop:///books/{isbn}{?page}`. The authority is empty,
//! so that no client takes the first segment for a host and writes it differently.

use std::sync::Arc;

use super::resource::choices;
use super::{
    Offers, PlannedRequest, Plans, Resource, ResourceSource, ResourceTemplate, TemplateSource, face,
};
use crate::catalog::build::Served;
use crate::catalog::name;
use crate::catalog::text::{TOOL_DESCRIPTION, one_line, plain};
use crate::config::gateway::About;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::express::uri_template::UriTemplate;
use crate::openapi::Operation;
use crate::openapi::operation::Location;
use crate::openapi::shared::Json;
use crate::openapi::template::Piece;

/// The longest title, in characters.
const TITLE: usize = 80;

/// Adds the operations of a gateway that are offered as resources.
pub(super) fn add(
    offers: &mut Offers,
    served: &Served,
    gateway: &Arc<str>,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) {
    for (operation, plan) in &plans.promoted {
        let request = PlannedRequest::new(Arc::clone(plan));
        let about = About {
            title: operation
                .summary
                .as_deref()
                .map(|summary| one_line(summary, TITLE))
                .filter(|it| !it.is_empty()),
            description: operation.description.as_deref().map(|text| plain(text, TOOL_DESCRIPTION)),
            ..About::default()
        };
        let name = name::Wish::of(operation, "").name;
        let mime_type = operation.produces.iter().find(|it| !it.contains('*')).map(String::as_str);
        let uri = uri(&served.gateway.name, operation, &request);
        if request.names().next().is_none() {
            offers.resources.push(Resource {
                gateway: Arc::clone(gateway),
                face: face::resource(("uri", &uri), &name, &about, mime_type, None),
                uri: uri.into(),
                mime_type: mime_type.map(Into::into),
                source: ResourceSource::Request(request),
            });
            continue;
        }
        let uris = UriTemplate::parse(&uri).ok();
        let has_all =
            |uris: &UriTemplate| request.required().all(|name| uris.variables().any(|known| known == name));
        let Some(uris) = uris.filter(has_all) else {
            let message = format!(
                "`{}` cannot be a resource: a URI cannot say all that it takes",
                operation.signature()
            );
            let diagnostic = Diagnostic::new(Code::UnservableOperation, message).at(operation.place.clone());
            diagnostics.push(diagnostic.help("write a resource with `uri_template` and `request` by hand"));
            continue;
        };
        let completions =
            uris.variables().filter_map(|name| Some((name.into(), choices(&request, name)?))).collect();
        offers.templates.push(ResourceTemplate {
            gateway: Arc::clone(gateway),
            face: face::resource(("uriTemplate", &uri), &name, &about, mime_type, None),
            uris,
            mime_type: mime_type.map(Into::into),
            source: TemplateSource::Request(request),
            completions,
        });
    }
}

/// The URI of an operation, with a variable for each argument that a URI can say: those of the path, and of the query
/// what is one value.
fn uri(gateway: &str, operation: &Operation, request: &PlannedRequest) -> String {
    let scheme: String = gateway.to_ascii_lowercase().replace('_', "-");
    let begins_right = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let mut uri = if begins_right { format!("{scheme}://") } else { format!("api-{scheme}://") };
    let argument = |location: Location, wire: &str| {
        let parameters = &request.plan.request.parameters;
        let parameter = parameters.iter().find(|it| it.location == location && *it.name == *wire)?;
        parameter.argument.as_deref().filter(|name| is_variable(name))
    };
    for segment in operation.path.segments() {
        uri.push('/');
        for piece in segment {
            match piece {
                Piece::Literal(text) => uri.push_str(&crate::catalog::encode::value(text)),
                Piece::Variable { name, reserved } => match argument(Location::Path, name) {
                    Some(name) if *reserved => uri.push_str(&format!("{{+{name}}}")),
                    Some(name) => uri.push_str(&format!("{{{name}}}")),
                    None => {}
                },
            }
        }
    }
    let in_query =
        operation.parameters.iter().filter(|it| it.location == Location::Query && is_one(&it.schema));
    let names: Vec<&str> = in_query.filter_map(|it| argument(Location::Query, &it.name)).collect();
    if !names.is_empty() {
        uri.push_str(&format!("{{?{}}}", names.join(",")));
    }
    uri
}

/// Whether a value is one text, number or flag, as far as the schema says.
fn is_one(schema: &Json) -> bool {
    !matches!(schema.get("type").and_then(Json::as_str), Some("array" | "object"))
}

/// Whether a URI template can have a variable of this name.
fn is_variable(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}
