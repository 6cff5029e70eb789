//! Many recorded requests to one gateway file: what goes to the same route is one endpoint.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::recorded::{Auth, Body, Part, Recorded};
use super::route::{Route, identifier};
use super::sketch::{Endpoint, Sketch, unique};
use super::{Imported, Options, infer, secret};

/// All requests of one method to one route.
struct Group<'r> {
    route: Route,
    requests: Vec<(&'r Recorded, Route)>,
}

/// The gateway file of these requests. `None` when there is none of them.
pub(super) fn imported(
    mut requests: Vec<Recorded>,
    options: &Options,
    mut notes: Vec<String>,
) -> Option<Imported> {
    let origin = chosen_origin(&requests, options)?;
    notes.extend(foreign(&requests, &origin));
    requests.retain(|request| request.origin == origin);
    let name = options.name.clone().unwrap_or_else(|| gateway_name(&origin));
    let mut gathering = Gathering { name: &name, variables: Vec::new(), sketch: Sketch::default() };
    gathering.sketch.head.insert("gateway".into(), name.as_str().into());
    gathering.base_url(&origin);
    let auths = gathering.credentials(&requests);
    let headers = gathering.headers(&requests);
    gathering.endpoints(&requests, &auths, &headers);
    let yaml = gathering.sketch.to_yaml();
    Some(Imported { yaml, variables: gathering.variables, notes })
}

/// Where most requests go, or where it was said that they are to go.
fn chosen_origin(requests: &[Recorded], options: &Options) -> Option<String> {
    if let Some(url) = &options.base_url {
        let origin = url.origin().ascii_serialization();
        return requests.iter().any(|request| request.origin == origin).then_some(origin);
    }
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for request in requests {
        *counts.entry(&request.origin).or_default() += 1;
    }
    // Of several with as many requests the first.
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(origin, _)| origin.to_owned())
}

fn foreign(requests: &[Recorded], origin: &str) -> Vec<String> {
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for request in requests.iter().filter(|request| request.origin != origin) {
        *counts.entry(&request.origin).or_default() += 1;
    }
    let note = |(origin, count): (&str, usize)| {
        let requests = if count == 1 { "1 request".to_owned() } else { format!("{count} requests") };
        format!(
            "{requests} to {origin} left out: a gateway file is about one API (`--base-url {origin}` imports them)"
        )
    };
    counts.into_iter().map(note).collect()
}

/// `github` of `https://api.github.com`.
fn gateway_name(origin: &str) -> String {
    const NOISE: [&str; 8] = ["api", "www", "rest", "apis", "dev", "staging", "sandbox", "com"];
    let host = origin.split("://").nth(1).unwrap_or(origin);
    let host = host.split(':').next().unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let is_address = labels.iter().all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    let named = labels.split_last().map_or(&labels[..], |(_, labels)| labels);
    let telling = named.iter().rev().find(|label| !NOISE.contains(*label) && !is_address);
    let name = telling.map(|label| identifier(label).replace('_', "-")).unwrap_or_default();
    let name = name.get(..32).unwrap_or(&name).to_owned();
    if name.is_empty() { "api".to_owned() } else { name }
}

struct Gathering<'n> {
    name: &'n str,
    variables: Vec<String>,
    sketch: Sketch,
}

impl Gathering<'_> {
    /// A reference to a variable that is then needed.
    fn ask(&mut self, what: &str) -> String {
        let name = secret::variable(self.name, what);
        let reference = format!("${{{name}}}");
        if !self.variables.contains(&name) {
            self.variables.push(name);
        }
        reference
    }

    fn base_url(&mut self, origin: &str) {
        let url = match origin.strip_prefix('$') {
            Some(variable) => {
                let variable = variable.trim_matches(['{', '}']).to_owned();
                let reference = format!("${{{variable}}}");
                self.variables.push(variable);
                reference
            }
            None => origin.to_owned(),
        };
        self.sketch.head.insert("base_url".into(), url.into());
    }

    /// Writes what authenticates; gives the name of each.
    fn credentials(&mut self, requests: &[Recorded]) -> IndexMap<Auth, String> {
        let mut named: IndexMap<Auth, String> = IndexMap::new();
        let mut taken = Vec::new();
        for auth in requests.iter().flat_map(|request| &request.auth) {
            if !named.contains_key(auth) {
                let name = match auth {
                    Auth::Bearer => "bearer".to_owned(),
                    Auth::Basic => "basic".to_owned(),
                    Auth::Key(_, name) => identifier(name),
                };
                named.insert(auth.clone(), unique(&name, &mut taken));
            }
        }
        let written: Vec<(String, Value)> =
            named.iter().map(|(auth, name)| (name.clone(), self.credential(auth))).collect();
        let head = &mut self.sketch.head;
        match written.as_slice() {
            [] => {}
            [(_, only)] => {
                head.insert("credential".into(), only.clone());
            }
            _ => {
                head.insert("credentials".into(), Value::Object(written.into_iter().collect()));
            }
        }
        named
    }

    fn credential(&mut self, auth: &Auth) -> Value {
        match auth {
            Auth::Bearer => json!({"bearer": self.ask("token")}),
            Auth::Basic => json!({"basic": {"username": self.ask("user"), "password": self.ask("password")}}),
            Auth::Key(location, name) => {
                json!({"api_key": {"in": location, "name": name, "value": self.ask(name)}})
            }
        }
    }

    /// Writes the headers that every request has with one value; gives their names.
    fn headers(&mut self, requests: &[Recorded]) -> Vec<String> {
        let mut common = Map::new();
        for (name, value) in requests.first().into_iter().flat_map(|request| &request.headers) {
            let has = |request: &Recorded| {
                request.headers.iter().any(|(other, said)| other.eq_ignore_ascii_case(name) && said == value)
            };
            if requests.iter().all(has) {
                common.insert(name.clone(), self.header_value(name, value).into());
            }
        }
        let names = common.keys().map(|name| name.to_ascii_lowercase()).collect();
        if !common.is_empty() {
            self.sketch.head.insert("headers".into(), common.into());
        }
        names
    }

    fn header_value(&mut self, name: &str, value: &str) -> String {
        if secret::is_harmless(value) { value.to_owned() } else { self.ask(name) }
    }

    fn endpoints(&mut self, requests: &[Recorded], auths: &IndexMap<Auth, String>, common: &[String]) {
        let mut groups: IndexMap<(String, String), Group<'_>> = IndexMap::new();
        for request in requests {
            let route = Route::of(request);
            let key = (request.method.clone(), anonymous(&route.path));
            let group =
                groups.entry(key).or_insert_with(|| Group { route: route.clone(), requests: Vec::new() });
            group.requests.push((request, route));
        }
        let mut taken = Vec::new();
        for ((method, _), group) in &groups {
            let name = group.name(method, &mut taken);
            let endpoint = group.endpoint(name, method, auths, common);
            self.sketch.endpoints.push(endpoint);
        }
    }
}

/// A path in which the names of variables do not count.
fn anonymous(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

impl Group<'_> {
    fn name(&self, method: &str, taken: &mut Vec<String>) -> String {
        let given = self.requests.iter().find_map(|(request, _)| request.name.as_deref()).map(identifier);
        let given = given.map(|name| name.get(..48).unwrap_or(&name).trim_end_matches('_').to_owned());
        let name = given.filter(|name| !name.is_empty()).unwrap_or_else(|| self.route.tool_name(method));
        unique(&name, taken)
    }

    fn endpoint(
        &self,
        name: String,
        method: &str,
        auths: &IndexMap<Auth, String>,
        common: &[String],
    ) -> Endpoint {
        let mut keys = Map::new();
        let said = self.requests.iter().find_map(|(request, _)| request.description.clone());
        let notes =
            if said.is_none() { vec!["Say what it does and when to use it.".to_owned()] } else { Vec::new() };
        keys.insert("description".into(), said.unwrap_or_else(|| sentence(&name)).into());
        keys.insert("request".into(), format!("{method} {}", self.route.path).into());
        let parameters = self.parameters(common);
        if !parameters.is_empty() {
            keys.insert("parameters".into(), parameters.into());
        }
        if let Some(body) = self.body() {
            keys.insert("body".into(), body);
        }
        let accept =
            self.requests.iter().map(|(request, _)| &request.accept).find(|accept| !accept.is_empty());
        if let Some(accept) = accept.filter(|accept| accept.as_slice() != ["application/json"]) {
            keys.insert("produces".into(), json!(accept));
        }
        if let Some(credential) = self.credential(auths) {
            keys.insert("credential".into(), credential);
        }
        Endpoint { name, notes, keys }
    }

    /// Which credentials go with it, where the gateway does not say it for all.
    fn credential(&self, auths: &IndexMap<Auth, String>) -> Option<Value> {
        let (request, _) = self.requests.iter().max_by_key(|(request, _)| request.auth.len())?;
        let names: Vec<&String> = request.auth.iter().filter_map(|auth| auths.get(auth)).collect();
        match (names.as_slice(), auths.len()) {
            (_, 0) => None,
            ([], _) => Some("none".into()),
            (_, 1) => None,
            ([only], _) => Some(only.as_str().into()),
            (several, _) => Some(json!(several)),
        }
    }

    fn parameters(&self, common: &[String]) -> Map<String, Value> {
        let mut parameters = Map::new();
        for (index, (name, _)) in self.route.variables.iter().enumerate() {
            let seen: Vec<&str> = self
                .requests
                .iter()
                .filter_map(|(_, route)| route.variables.get(index)?.1.as_deref())
                .collect();
            parameters.insert(name.clone(), parameter("path", infer::of_texts(name, &seen)));
        }
        let pairs = self.requests.iter().flat_map(|(request, _)| &request.query);
        for (name, values) in by_name(pairs) {
            let is_list = self
                .requests
                .iter()
                .any(|(request, _)| request.query.iter().filter(|(other, _)| *other == name).count() > 1);
            let schema = infer::of_texts(&name, &values);
            let schema = if is_list { list_of(schema) } else { schema };
            if !parameters.contains_key(&name) {
                parameters.insert(name, parameter("query", schema));
            }
        }
        let headers = self.requests.iter().flat_map(|(request, _)| &request.headers);
        for (name, values) in by_name(headers) {
            let is_common = common.contains(&name.to_ascii_lowercase());
            if !is_common && !parameters.contains_key(&name) {
                parameters.insert(name.clone(), parameter("header", infer::of_texts(&name, &values)));
            }
        }
        parameters
    }

    fn body(&self) -> Option<Value> {
        let bodies = || self.requests.iter().map(|(request, _)| &request.body);
        let kind = bodies().find(|body| !matches!(body, Body::None))?;
        Some(match kind {
            Body::None => return None,
            Body::Json(content_type, _) => {
                let values = bodies().filter_map(|body| match body {
                    Body::Json(_, value) => Some(value),
                    _ => None,
                });
                let mut keys = Map::new();
                if content_type != "application/json" {
                    keys.insert("content_type".into(), content_type.as_str().into());
                }
                let schema = infer::of_values(values);
                match schema.as_object().filter(|keywords| keywords.contains_key("properties")) {
                    Some(keywords) => keys.extend(keywords.clone()),
                    None => {
                        keys.insert("schema".into(), schema);
                    }
                }
                keys.into()
            }
            Body::Form(_) => {
                let pairs = bodies().flat_map(|body| match body {
                    Body::Form(pairs) => pairs.as_slice(),
                    _ => &[],
                });
                // Values of a form are written down nowhere: a password is as likely there as anything.
                let property = |(name, values): (String, Vec<&str>)| {
                    let mut schema = infer::of_texts(&name, &values);
                    schema.shift_remove("examples");
                    (name, Value::Object(schema))
                };
                let properties: Map<String, Value> = by_name(pairs).into_iter().map(property).collect();
                json!({"content_type": "application/x-www-form-urlencoded", "type": "object", "properties": properties})
            }
            Body::Multipart(_) => {
                let parts = bodies().flat_map(|body| match body {
                    Body::Multipart(parts) => parts.as_slice(),
                    _ => &[],
                });
                multipart(parts)
            }
            Body::Other(content_type) => {
                let is_text = content_type.starts_with("text/") || content_type.ends_with("xml");
                let schema = if is_text {
                    json!({"type": "string"})
                } else {
                    json!({"type": "string", "format": "binary"})
                };
                let schema = if content_type.ends_with("json") { json!({}) } else { schema };
                json!({"content_type": content_type, "schema": schema})
            }
        })
    }
}

fn multipart<'p>(parts: impl Iterator<Item = &'p Part>) -> Value {
    let mut properties = Map::new();
    let mut encoding = Map::new();
    for part in parts {
        let schema = match part.text {
            Some(_) => json!({"type": "string"}),
            None => json!({"type": "string", "format": "binary"}),
        };
        properties.insert(part.name.clone(), schema);
        if let Some(content_type) = &part.content_type {
            encoding.insert(part.name.clone(), json!({"content_type": content_type}));
        }
    }
    let mut body = json!({"content_type": "multipart/form-data", "type": "object", "properties": properties});
    if let (Some(body), false) = (body.as_object_mut(), encoding.is_empty()) {
        body.insert("encoding".into(), encoding.into());
    }
    body
}

/// Values by name, in order.
fn by_name<'p>(pairs: impl IntoIterator<Item = &'p (String, String)>) -> IndexMap<String, Vec<&'p str>> {
    let mut by_name: IndexMap<String, Vec<&str>> = IndexMap::new();
    for (name, value) in pairs {
        by_name.entry(name.clone()).or_default().push(value);
    }
    by_name
}

fn list_of(mut items: Map<String, Value>) -> Map<String, Value> {
    items.shift_remove("examples");
    Map::from_iter([("type".to_owned(), "array".into()), ("items".to_owned(), items.into())])
}

fn parameter(location: &str, schema: Map<String, Value>) -> Value {
    let mut keys = Map::from_iter([("in".to_owned(), location.into())]);
    keys.extend(schema);
    keys.into()
}

/// `List the shop books.` would be a guess; this is the name in words.
fn sentence(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.map(String::from).unwrap_or_default(), characters.as_str())
}
