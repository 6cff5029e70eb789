//! Which server of a document is called, when none of it is a `base_url`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use url::Url;

use super::base_url;
use super::file::GatewayFile;
use super::gateway::{ServerIndex, ServerRules, ServerVariable};
use super::resolver::Resolver;
use super::text::Template;
use super::written::{Entry, Map, Optional, Read, Slot, Written, expected, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

written! {
    /// Which server is called.
    #[schemars(inline)]
    pub(super) struct ApiServerFile<'t> {
        /// The server itself, as OpenAPI writes one: a URL in which `{name}` is a variable. It stands instead of
        /// `base_url`, and may be a private address as well.
        #[schemars(extend("examples" = ["https://{region}.api.example.com/v1"]))]
        url: Optional<'t, Template<'t>>,
        /// The number of one of the document's servers, counted from 0. Default: the first that can be used. Paths and
        /// operations with fewer servers of their own keep their first one.
        index: Optional<'t, Index>,
        /// Values of the variables in its URL, instead of the defaults that the document gives them.
        #[schemars(extend("examples" = [{"region": "eu"}]))]
        variables: Optional<'t, Map<'t, Template<'t>>>,
    }
}

/// A number of a list's item.
#[derive(Clone, Copy)]
pub(super) struct Index(usize);

impl<'t> Read<'t> for Index {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let index = slot.node.as_number().and_then(|number| number.parse().ok());
        if index.is_none() {
            problems.push(expected("a number, counted from 0", slot));
        }
        index.map(Self)
    }
}

impl JsonSchema for Index {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Index".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 0})
    }
}

/// Where the API lives, and which server of the document holds where that is not said.
pub(super) fn resolve(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) -> (Option<Url>, ServerRules) {
    let base_url = file.base_url.as_ref().and_then(|written| base_url::resolve(written, resolver));
    let Some(server) = &file.server else { return (base_url, ServerRules::default()) };
    if let Some(written) = &file.base_url {
        let message = "`server` says where the API lives too: one of the two would silently win";
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(written.slot.key_place()));
    }
    let variables = variables(&server.value, resolver);
    if let Some(url) = &server.value.url {
        check_alone(server, resolver);
        return (substituted(url, &variables, resolver), ServerRules::default());
    }
    if file.openapi.is_none() {
        let message = "without `url`, `server` is about a document's servers, and `openapi` names none";
        resolver.problem(Diagnostic::new(Code::MissingKey, message).at(server.slot.key_place()));
    }
    let index =
        server.value.index.map(|index| ServerIndex { value: index.value.0, place: index.slot.place() });
    (None, ServerRules { index, variables })
}

fn variables(file: &ApiServerFile<'_>, resolver: &mut Resolver<'_>) -> Vec<ServerVariable> {
    let variable = |entry: &Entry<'_, Template<'_>>| {
        let value = resolver.resolve(&entry.written())?;
        Some(ServerVariable {
            name: entry.key.to_owned(),
            value: value.text.expose().to_owned(),
            place: Some(entry.key_place.clone()),
        })
    };
    file.variables.iter().flat_map(|variables| &variables.value.0).filter_map(variable).collect()
}

/// `index` is about other servers than `url`.
fn check_alone(server: &Written<'_, ApiServerFile<'_>>, resolver: &mut Resolver<'_>) {
    if let Some(index) = &server.value.index {
        let message = "`index` is the number of a document's server, and `url` is another one";
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(index.slot.key_place()));
    }
}

/// The URL with its variables replaced.
fn substituted(
    written: &Written<'_, Template<'_>>,
    variables: &[ServerVariable],
    resolver: &mut Resolver<'_>,
) -> Option<Url> {
    let resolved = resolver.resolve(written)?;
    let mut text = resolved.text.expose().to_owned();
    for variable in variables {
        let pattern = format!("{{{}}}", variable.name);
        if !text.contains(&pattern) {
            let message = format!("there is no variable `{}` in `url`", variable.name);
            let diagnostic = Diagnostic::new(Code::InvalidValue, message);
            resolver.problem(match &variable.place {
                Some(place) => diagnostic.at(place.clone()),
                None => diagnostic,
            });
        }
        text = text.replace(&pattern, &variable.value);
    }
    let open = text.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    if let Some((name, _)) = open {
        let diagnostic = written.slot.invalid(format!("the variable `{name}` has no value"));
        resolver.problem(diagnostic.help(format!("say `variables: {{{name}: …}}`")));
        return None;
    }
    base_url::checked(&text, written, resolver)
}
