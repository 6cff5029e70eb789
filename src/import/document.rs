//! Operations of a document as endpoints.
//!
//! An endpoint is the same [`Operation`] in other words, so that its tool takes the same arguments and sends the same
//! request. What the words cannot say (a schema that holds itself, two parameters of one name) keeps its operation in
//! the document: the gateway file then includes it from there, and a comment says why.

use http::Method;
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use url::Url;

use super::inline::{self, Obstacle};
use super::sketch::{Endpoint, Sketch};
use super::{Imported, Options, secret};
use crate::catalog::build::BuildOptions;
use crate::config;
use crate::diagnostic::Diagnostics;
use crate::load::Load;
use crate::net::Clients;
use crate::openapi::Operation;
use crate::openapi::operation::{
    Encoding, Location, MediaType, Parameter, PropertyEncoding, RequestBody, SchemeKind, SecurityScheme,
    Style,
};
use crate::openapi::template::{PathTemplate, Piece};
use crate::source::MAX_GATEWAY_FILE;

/// How much all endpoints take together: what is left of a gateway file is for its head and for what is added by hand.
const MOST: usize = MAX_GATEWAY_FILE / 4 * 3;

/// A document, loaded, to be taken apart.
struct Import<'a> {
    /// The name of the gateway.
    gateway: &'a str,
    /// Where the document is, as the gateway file would name it.
    document: &'a str,
    /// Where the API lives; `None` when nothing says it.
    base_url: Option<String>,
    /// The operations that were chosen, each with the name of its tool.
    operations: Vec<(&'a str, &'a Operation)>,
    /// The security schemes of the document.
    schemes: &'a [SecurityScheme],
}

/// The gateway file of the only API of a load, which must be a bare document; its tools are those that the document
/// itself would have. `document` is how the gateway file names it. `None` when there is no tool; the diagnostics say
/// why.
#[must_use]
pub fn openapi(
    mut load: Load,
    document: &str,
    options: &Options,
    clients: &Clients,
) -> (Option<Imported>, Diagnostics) {
    let Some(api) = load.apis.first_mut() else { return (None, load.diagnostics) };
    if let Some(name) = &options.name {
        api.gateway.name.clone_from(name);
    }
    let (gateway, schemes, all) = (api.gateway.name.clone(), api.schemes.clone(), api.operations.clone());
    // Nobody is called: where the API lives only has to be told apart.
    let assumed = Url::parse("https://unknown.example.com").ok();
    let choices =
        BuildOptions { allow_writes: true, assumed_server: assumed.clone(), ..BuildOptions::default() };
    let (catalog, diagnostics) = load.into_catalog(&choices, clients);
    let by_signature: FxHashMap<String, &Operation> =
        all.iter().rev().map(|operation| (operation.signature(), operation)).collect();
    let mut bases: IndexMap<&Url, Vec<(&str, &Operation)>> = IndexMap::new();
    for tool in catalog.tools() {
        if let Some(operation) = by_signature.get(&*tool.plan.signature) {
            bases.entry(&tool.plan.request.base).or_default().push((&tool.name, operation));
        }
    }
    // Of several with as many operations the first.
    let most = bases.values().map(Vec::len).max().unwrap_or_default();
    let Some((base, operations)) = bases.iter().find(|(_, operations)| operations.len() == most) else {
        return (None, diagnostics);
    };
    let note = |(base, operations): (&&Url, &Vec<(&str, &Operation)>)| {
        format!(
            "{} operations are at {base}, another server; a gateway file has one `base_url`",
            operations.len()
        )
    };
    let notes = bases.iter().filter(|(other, _)| *other != base).map(note).collect();
    let base_url = Some(*base)
        .filter(|base| Some(*base) != assumed.as_ref())
        .map(|base| base.as_str().trim_end_matches('/').to_owned());
    let import =
        Import { gateway: &gateway, document, base_url, operations: operations.clone(), schemes: &schemes };
    let (yaml, variables) = import.to_yaml();
    (Some(Imported { yaml, variables, notes }), diagnostics)
}

/// Why an operation cannot be an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Unwritable {
    #[error(transparent)]
    Schema(#[from] Obstacle),
    #[error("two of its parameters are called `{0}`")]
    SameName(String),
    #[error("an endpoint has no method {0}")]
    Method(Method),
    #[error("its path cannot be the request of an endpoint")]
    Path,
    #[error("`{0}` cannot be a parameter of an endpoint")]
    Parameter(String),
    #[error("the file would be larger than toolgate reads")]
    TooMuch,
    #[error("{0}")]
    Refused(String),
}

impl Import<'_> {
    /// The gateway file, and the names of the environment variables that it needs.
    fn to_yaml(&self) -> (String, Vec<String>) {
        let mut refused = Vec::new();
        loop {
            let written = self.sketch(&refused);
            let before = refused.len();
            // The reader of gateway files has the last word on what an endpoint can say.
            for (endpoint, reason) in config::faulty_endpoints(&written.0) {
                if !refused.iter().any(|(known, _)| *known == endpoint) {
                    refused.push((endpoint, reason));
                }
            }
            if refused.len() == before {
                return written;
            }
        }
    }

    /// The same, with these endpoints left in the document.
    fn sketch(&self, refused: &[(String, String)]) -> (String, Vec<String>) {
        let mut sketch = Sketch::default();
        let mut variables = Vec::new();
        sketch.head.insert("gateway".into(), self.gateway.into());
        match &self.base_url {
            Some(url) => sketch.head.insert("base_url".into(), escaped(url).into()),
            None => {
                sketch.notes.push("The document does not say where the API lives.".to_owned());
                variables.push(secret::variable(self.gateway, "url"));
                sketch.head.insert("base_url".into(), placeholder(self.gateway, "url").into())
            }
        };
        let credentials = Credentials::of(self, &mut variables, &mut sketch);
        let (mut kept, mut length) = (Vec::new(), 0);
        for (name, operation) in &self.operations {
            if let Some((_, reason)) = refused.iter().find(|(endpoint, _)| endpoint == name) {
                kept.push((*operation, Unwritable::Refused(reason.clone())));
                continue;
            }
            match endpoint(name, operation, &credentials) {
                Ok(endpoint) if length + endpoint.length() > MOST => {
                    kept.push((*operation, Unwritable::TooMuch));
                }
                Ok(endpoint) => {
                    length += endpoint.length();
                    sketch.endpoints.push(endpoint);
                }
                Err(reason) => kept.push((*operation, reason)),
            }
        }
        self.keep(&kept, &mut sketch);
        (sketch.to_yaml(), variables)
    }

    /// Includes from the document what cannot be written as an endpoint.
    fn keep(&self, kept: &[(&Operation, Unwritable)], sketch: &mut Sketch) {
        // A gateway file has no word for other methods, and `${` begins a reference, also in patterns.
        let is_lost = |(operation, reason): &&(&Operation, Unwritable)| {
            matches!(reason, Unwritable::Method(_)) || pattern(operation).contains("${")
        };
        let (lost, kept): (Vec<_>, Vec<_>) = kept.iter().partition(is_lost);
        for (operation, reason) in &lost {
            sketch.notes.push(format!("Left out is {}: {reason}", operation.signature()));
        }
        if kept.is_empty() {
            return;
        }
        sketch
            .notes
            .push("These stay in the document, because an endpoint cannot say what they say:".to_owned());
        for (operation, reason) in &kept {
            sketch.notes.push(format!("- {}: {reason}", operation.signature()));
        }
        let include: Vec<String> = kept.iter().map(|(operation, _)| pattern(operation)).collect();
        let writes = kept
            .iter()
            .any(|(operation, _)| !matches!(operation.method.as_str(), "GET" | "HEAD" | "OPTIONS"));
        let mut operations = Map::from_iter([("include".to_owned(), json!(include))]);
        if writes {
            operations.insert("writes".into(), "allow".into());
        }
        sketch.head.insert("openapi".into(), escaped(self.document).into());
        sketch.head.insert("operations".into(), operations.into());
    }
}

/// A pattern that matches this operation alone.
fn pattern(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path.text())
}

/// The credentials of the schemes that are asked for.
struct Credentials<'a> {
    /// Names of the schemes that have one, in the order of the document.
    named: Vec<&'a str>,
}

impl<'a> Credentials<'a> {
    fn of(import: &'a Import<'_>, variables: &mut Vec<String>, sketch: &mut Sketch) -> Self {
        let asked = |scheme: &&SecurityScheme| {
            let mut all = import
                .operations
                .iter()
                .flat_map(|(_, operation)| operation.security.iter().flatten().flatten());
            all.any(|asked| asked.scheme == scheme.name)
        };
        let mut written: IndexMap<&str, Value> = IndexMap::new();
        for scheme in import.schemes.iter().filter(asked) {
            match credential(import.gateway, scheme, variables) {
                Some(credential) => {
                    written.insert(&scheme.name, credential);
                }
                None => sketch
                    .notes
                    .push(format!("There is no credential for the security scheme `{}` yet.", scheme.name)),
            }
        }
        if let [(_, only)] = written.iter().collect::<Vec<_>>().as_slice() {
            sketch.head.insert("credential".into(), (*only).clone());
        } else if !written.is_empty() {
            let all = written.iter().map(|(name, credential)| ((*name).to_owned(), credential.clone()));
            sketch.head.insert("credentials".into(), Value::Object(all.collect()));
        }
        Self { named: written.into_keys().collect() }
    }

    /// What an endpoint says about them; nothing where the gateway's only one is meant.
    fn choice(&self, operation: &Operation) -> Option<Value> {
        let alternatives = operation.security.as_ref()?;
        if alternatives.is_empty() || self.named.is_empty() {
            return alternatives.is_empty().then(|| "none".into()).filter(|_| !self.named.is_empty());
        }
        let has = |name: &str| self.named.contains(&name);
        let chosen = alternatives
            .iter()
            .filter(|alternative| !alternative.is_empty())
            .find(|alternative| alternative.iter().all(|asked| has(&asked.scheme)))?;
        match (chosen.as_slice(), self.named.len()) {
            (_, 1) => None,
            ([only], _) => Some(only.scheme.as_str().into()),
            (all, _) => Some(all.iter().map(|asked| asked.scheme.as_str()).collect()),
        }
    }
}

fn credential(gateway: &str, scheme: &SecurityScheme, variables: &mut Vec<String>) -> Option<Value> {
    let mut ask = |what: &str| {
        let name = secret::variable(gateway, what);
        if !variables.contains(&name) {
            variables.push(name);
        }
        placeholder(gateway, what)
    };
    Some(match &scheme.kind {
        SchemeKind::ApiKey { location, name } => {
            let value = ask(&scheme.name);
            json!({"api_key": {"in": location.as_str(), "name": name, "value": value}})
        }
        SchemeKind::Http { scheme } if scheme == "basic" => {
            json!({"basic": {"username": ask("user"), "password": ask("password")}})
        }
        SchemeKind::Http { scheme } if scheme == "bearer" => json!({"bearer": ask("token")}),
        SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => json!({"bearer": ask("token")}),
        SchemeKind::Http { .. } | SchemeKind::MutualTls | SchemeKind::Other => return None,
    })
}

fn placeholder(gateway: &str, what: &str) -> String {
    format!("${{{}}}", secret::variable(gateway, what))
}

/// `$` begins a reference where references are resolved.
fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}

fn endpoint(
    name: &str,
    operation: &Operation,
    credentials: &Credentials<'_>,
) -> Result<Endpoint, Unwritable> {
    let mut keys = Map::new();
    let mut say = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            keys.insert(key.to_owned(), value);
        }
    };
    let hints = &operation.hints;
    say("title", hints.title.clone().map(Value::from));
    let (summary, description) = match &hints.description {
        Some(description) => (None, Some(description)),
        None => (operation.summary.as_ref(), operation.description.as_ref()),
    };
    say("summary", summary.map(|text| text.as_str().into()));
    say("description", description.map(|text| text.as_str().into()));
    say("request", Some(request(operation)?.into()));
    say("parameters", parameters(operation)?);
    say("body", operation.body.as_ref().map(|body| self::body(body, operation)).transpose()?);
    let is_default = matches!(operation.produces.as_slice(), [only] if only == "application/json");
    say("produces", (!is_default).then(|| json!(operation.produces)));
    say("deprecated", operation.deprecated.then_some(Value::Bool(true)));
    say("read_only", hints.read_only.map(Value::Bool));
    say("destructive", hints.destructive.map(Value::Bool));
    say("idempotent", hints.idempotent.map(Value::Bool));
    say("credential", credentials.choice(operation));
    Ok(Endpoint { name: name.to_owned(), notes: Vec::new(), keys })
}

/// The request line, with the path as it was understood.
fn request(operation: &Operation) -> Result<String, Unwritable> {
    let method = &operation.method;
    if !["GET", "HEAD", "OPTIONS", "QUERY", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
        return Err(Unwritable::Method(method.clone()));
    }
    let mut path = String::new();
    for segment in operation.path.segments() {
        path.push('/');
        for piece in segment {
            match piece {
                Piece::Literal(text) => path.push_str(text),
                Piece::Variable { name, reserved } => {
                    path.push_str(if *reserved { "{+" } else { "{" });
                    path.push_str(name);
                    path.push('}');
                }
            }
        }
    }
    if !operation.path.query().is_empty() {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(operation.path.query())
            .finish();
        path = format!("{path}?{query}");
    }
    let reads_the_same = PathTemplate::parse(&path).is_ok_and(|again| {
        again.segments() == operation.path.segments() && again.query() == operation.path.query()
    });
    if !reads_the_same || path.contains(char::is_whitespace) || path.contains("${") {
        return Err(Unwritable::Path);
    }
    Ok(format!("{method} {path}"))
}

fn parameters(operation: &Operation) -> Result<Option<Value>, Unwritable> {
    let mut written = Map::new();
    for parameter in &operation.parameters {
        if written.contains_key(&parameter.name) {
            return Err(Unwritable::SameName(parameter.name.clone()));
        }
        if parameter.name.contains("${") {
            return Err(Unwritable::Parameter(parameter.name.clone()));
        }
        written.insert(parameter.name.clone(), self::parameter(parameter, operation)?);
    }
    Ok((!written.is_empty()).then_some(Value::Object(written)))
}

fn parameter(parameter: &Parameter, operation: &Operation) -> Result<Value, Unwritable> {
    let mut keys = Map::from_iter([("in".to_owned(), parameter.location.as_str().into())]);
    if let Some(description) = &parameter.description {
        keys.insert("description".into(), description.as_str().into());
    }
    if parameter.required && parameter.location != Location::Path {
        keys.insert("required".into(), true.into());
    }
    if parameter.deprecated {
        keys.insert("deprecated".into(), true.into());
    }
    match &parameter.encoding {
        Encoding::Content { media_type } => {
            keys.insert("content".into(), media_type.as_str().into());
        }
        Encoding::Style { .. } => style(&parameter.encoding, parameter.location, &mut keys),
    }
    add_schema(inline::schema(&parameter.schema.to_value(), &operation.definitions)?, &mut keys);
    Ok(Value::Object(keys))
}

/// What is not the default of the location.
fn style(encoding: &Encoding, location: Location, keys: &mut Map<String, Value>) {
    let Encoding::Style { style, explode, allow_reserved, allow_empty } = encoding else { return };
    let default = match location {
        Location::Path | Location::Header => Style::Simple,
        Location::Query | Location::Cookie | Location::QueryString => Style::Form,
    };
    if *style != default {
        keys.insert("style".into(), style_word(*style).into());
    }
    if *explode != (*style == Style::Form) {
        keys.insert("explode".into(), (*explode).into());
    }
    if *allow_reserved {
        keys.insert("allow_reserved".into(), true.into());
    }
    if *allow_empty {
        keys.insert("allow_empty".into(), true.into());
    }
}

fn style_word(style: Style) -> &'static str {
    match style {
        Style::Matrix => "matrix",
        Style::Label => "label",
        Style::Simple => "simple",
        Style::Form => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::TabDelimited => "tabDelimited",
        Style::DeepObject => "deepObject",
    }
}

/// A schema beside the other keys, or below `schema` where both would use one key.
fn add_schema(schema: Value, keys: &mut Map<String, Value>) {
    match schema {
        Value::Object(keywords)
            if !keywords.is_empty()
                && !keywords.keys().any(|keyword| {
                    keys.contains_key(keyword)
                        || matches!(keyword.as_str(), "description" | "default" | "required" | "deprecated")
                }) =>
        {
            keys.extend(keywords);
        }
        schema => {
            keys.insert("schema".into(), schema);
        }
    }
}

fn body(body: &RequestBody, operation: &Operation) -> Result<Value, Unwritable> {
    let mut keys = Map::new();
    if let Some(description) = &body.description {
        keys.insert("description".into(), description.as_str().into());
    }
    if !body.required {
        keys.insert("required".into(), false.into());
    }
    if let [media] = body.media.as_slice() {
        if media.name != "application/json" {
            keys.insert("content_type".into(), media.name.as_str().into());
        }
        if let Some(encoding) = encoding(media) {
            keys.insert("encoding".into(), encoding);
        }
        add_schema(inline::schema(&media.schema.to_value(), &operation.definitions)?, &mut keys);
        return Ok(Value::Object(keys));
    }
    let mut content = Map::new();
    for media in &body.media {
        let mut written = Map::new();
        if let Some(encoding) = encoding(media) {
            written.insert("encoding".into(), encoding);
        }
        written.insert("schema".into(), inline::schema(&media.schema.to_value(), &operation.definitions)?);
        content.insert(media.name.clone(), written.into());
    }
    keys.insert("content".into(), content.into());
    Ok(Value::Object(keys))
}

fn encoding(media: &MediaType) -> Option<Value> {
    let one = |(name, encoding): &(String, PropertyEncoding)| {
        let mut keys = Map::new();
        if let Some(content_type) = &encoding.content_type {
            keys.insert("content_type".into(), content_type.as_str().into());
        }
        if let Some(Encoding::Style { style, explode, allow_reserved, .. }) = &encoding.encoding {
            keys.insert("style".into(), style_word(*style).into());
            keys.insert("explode".into(), (*explode).into());
            keys.insert("allow_reserved".into(), (*allow_reserved).into());
        }
        if !encoding.headers.is_empty() {
            let headers = encoding.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
            keys.insert("headers".into(), Value::Object(headers.collect()));
        }
        (name.clone(), Value::Object(keys))
    };
    let written: Map<String, Value> = media.encoding.iter().map(one).collect();
    (!written.is_empty()).then_some(Value::Object(written))
}
