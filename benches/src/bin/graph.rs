//! Writes a document of the size and shape of the largest that there are: an OData service with thousands of entities
//! that refer to one another, and of each the operations that a generator makes of it.
//!
//! Its names and words are made up. What counts is the shape: every collection has the same query options, every entity
//! inherits from another one and has navigation properties that lead to any other, errors and collections are shared
//! components, and each path is written with its parameters once more. The first operation is one that `upstream`
//! answers, so that calls can be made however many others there are.

use std::io::{BufWriter, Write};

use anyhow::Result;
use clap::Parser;
use serde_json::{Map, Value, json};

/// Writes an OpenAPI document to stdout.
#[derive(Parser)]
struct Arguments {
    /// How many operations it has.
    #[arg(long, default_value_t = 11_422)]
    operations: usize,
    /// How many entities there are; as many for each operation as in the largest, when it is not said.
    #[arg(long)]
    schemas: Option<usize>,
}

/// Where numbers come from: the same ones every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }
}

const NOUNS: &[&str] = &[
    "account",
    "agreement",
    "alert",
    "answer",
    "asset",
    "booking",
    "bundle",
    "calendar",
    "campaign",
    "case",
    "channel",
    "column",
    "connector",
    "contact",
    "contract",
    "course",
    "device",
    "domain",
    "drive",
    "entry",
    "event",
    "feature",
    "folder",
    "group",
    "identity",
    "incident",
    "item",
    "label",
    "list",
    "location",
    "meeting",
    "member",
    "message",
    "note",
    "notebook",
    "order",
    "package",
    "page",
    "payment",
    "permission",
    "person",
    "plan",
    "policy",
    "printer",
    "profile",
    "project",
    "record",
    "report",
    "request",
    "resource",
    "review",
    "role",
    "room",
    "rule",
    "schedule",
    "section",
    "session",
    "setting",
    "share",
    "site",
    "sprint",
    "subscription",
    "table",
    "tag",
    "task",
    "team",
    "template",
    "term",
    "thread",
    "ticket",
    "token",
    "unit",
    "update",
    "user",
    "version",
    "vote",
    "worker",
    "workflow",
    "workspace",
    "zone",
];

const ADJECTIVES: &[&str] = &[
    "active",
    "applied",
    "assigned",
    "cloud",
    "custom",
    "daily",
    "default",
    "delegated",
    "external",
    "federated",
    "governed",
    "hosted",
    "imported",
    "inbound",
    "internal",
    "linked",
    "managed",
    "mobile",
    "nested",
    "online",
    "open",
    "outbound",
    "owned",
    "pending",
    "primary",
    "private",
    "public",
    "recent",
    "related",
    "remote",
    "retained",
    "scheduled",
    "secure",
    "shared",
    "signed",
    "verified",
];

const WORDS: &[&str] = &[
    "the",
    "of",
    "that",
    "is",
    "set",
    "when",
    "for",
    "to",
    "value",
    "by",
    "an",
    "administrator",
    "read-only",
    "supports",
    "filter",
    "and",
    "not",
    "nullable",
    "service",
    "date",
    "identifier",
    "organization",
    "whether",
    "a",
    "list",
    "in",
    "this",
    "which",
    "contains",
    "default",
    "used",
    "with",
    "been",
    "has",
    "or",
    "returned",
];

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let schemas_of = arguments.schemas.unwrap_or((arguments.operations * 2_500 / 11_422).max(1));
    let names: Vec<String> = (0..schemas_of).map(entity_name).collect();
    let document = json!({
        "openapi": "3.0.4",
        "info": {"title": "Directory of everything", "version": "v1.0"},
        "servers": [{"url": "https://graph.example.com/v1.0"}],
        "paths": paths(&names, arguments.operations, &mut random),
        "components": {
            "schemas": schemas(&names, &mut random),
            "parameters": parameters(),
            "responses": responses(&names),
        },
    });
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut stdout, &document)?;
    Ok(stdout.flush()?)
}

fn entity_name(index: usize) -> String {
    let noun = NOUNS.get(index % NOUNS.len()).copied().unwrap_or_default();
    match index / NOUNS.len() {
        0 => noun.to_owned(),
        round => {
            let adjective = ADJECTIVES.get(round % ADJECTIVES.len()).copied().unwrap_or_default();
            format!(
                "{adjective}{}{}",
                noun.get(..1).unwrap_or_default().to_uppercase(),
                noun.get(1..).unwrap_or_default()
            )
        }
    }
}

fn component(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

fn schema_of(name: &str) -> Value {
    component("schemas", &format!("directory.{name}"))
}

fn sentence(random: &mut Random, words: usize) -> String {
    let words: Vec<&str> = (0..words).map(|_| random.pick(WORDS)).collect();
    format!("{}.", words.join(" "))
}

fn schemas(names: &[String], random: &mut Random) -> Map<String, Value> {
    let mut schemas = Map::new();
    let id = json!({"type": "string", "description": "The unique identifier for an entity. Read-only."});
    let kind = json!({"type": "string"});
    let entity = json!({
        "title": "entity", "required": ["@odata.type"], "type": "object",
        "properties": {"id": id, "@odata.type": kind},
    });
    schemas.insert("directory.entity".to_owned(), entity);
    for (index, name) in names.iter().enumerate() {
        // One in ten inherits from another entity; all others from the root of all.
        let base = if index > 50 && random.below(10) == 0 { names.get(random.below(50)) } else { None };
        let base = base.map_or("entity", String::as_str);
        let schema = json!({
            "allOf": [
                schema_of(base),
                {
                    "title": name, "required": ["@odata.type"], "type": "object",
                    "properties": properties(names, index, random),
                },
            ],
            "x-ms-discriminator-value": format!("#directory.{name}"),
        });
        schemas.insert(format!("directory.{name}"), schema);
        schemas.insert(format!("directory.{name}CollectionResponse"), collection(name));
        if index.is_multiple_of(3) {
            schemas.insert(format!("directory.{name}Kind"), enumeration(name, random));
        }
    }
    schemas
}

fn properties(names: &[String], index: usize, random: &mut Random) -> Map<String, Value> {
    let mut properties = Map::new();
    for number in 0..4 + random.below(if index.is_multiple_of(50) { 70 } else { 16 }) {
        let name =
            format!("{}{}{number}", random.pick(NOUNS), random.pick(&["Name", "Count", "Time", "State"]));
        let words = 6 + random.below(18);
        let description = sentence(random, words);
        let property = match random.below(12) {
            0..=4 => json!({"type": "string", "description": description, "nullable": true}),
            5 => json!({"type": "boolean", "description": description, "nullable": true}),
            6 => {
                json!({"type": "number", "format": "int32", "minimum": -2_147_483_648i64, "maximum": 2_147_483_647, "description": description})
            }
            7 => {
                json!({"type": "string", "format": "date-time", "pattern": "^[0-9]{4,}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,12})?(Z|[+-][0-9][0-9]:[0-9][0-9])$", "description": description})
            }
            8 => {
                let kind = random.below(names.len() / 3) * 3;
                let kind = names.get(kind).map_or("user", String::as_str);
                json!({"anyOf": [schema_of(&format!("{kind}Kind")), {"type": "object", "nullable": true}], "description": description})
            }
            9 => {
                let other = near(names, index, random);
                json!({"anyOf": [schema_of(other), {"type": "object", "nullable": true}], "description": description})
            }
            10 => {
                let other = near(names, index, random);
                json!({"type": "array", "items": schema_of(other), "description": description, "x-ms-navigationProperty": true})
            }
            _ => {
                json!({"type": "array", "items": {"type": "string", "nullable": true}, "description": description})
            }
        };
        properties.insert(name, property);
    }
    properties.insert("@odata.type".to_owned(), json!({"type": "string"}));
    properties
}

/// Another entity: as a rule one of the same corner of the service, now and then any.
fn near<'a>(names: &'a [String], index: usize, random: &mut Random) -> &'a str {
    let other = match random.below(8) {
        0 => random.below(names.len()),
        _ => (index + random.below(40)) % names.len().max(1),
    };
    names.get(other).map_or("user", String::as_str)
}

fn enumeration(name: &str, random: &mut Random) -> Value {
    let mut values: Vec<String> =
        (0..3 + random.below(9)).map(|number| format!("{}{number}", random.pick(ADJECTIVES))).collect();
    values.push("unknownFutureValue".to_owned());
    json!({"title": format!("{name}Kind"), "enum": values, "type": "string"})
}

fn collection(name: &str) -> Value {
    let value = json!({"value": {"type": "array", "items": schema_of(name)}});
    let base = component("schemas", "BaseCollectionPaginationCountResponse");
    json!({"title": format!("Collection of {name}"), "type": "object", "allOf": [base, {"type": "object", "properties": value}]})
}

fn parameters() -> Value {
    let option = |name: &str, text: &str, schema: Value| json!({"name": name, "in": "query", "description": text, "style": "form", "explode": false, "schema": schema});
    json!({
        "top": option("$top", "Show only the first n items", json!({"minimum": 0, "type": "integer", "format": "int32"})),
        "skip": option("$skip", "Skip the first n items", json!({"minimum": 0, "type": "integer", "format": "int32"})),
        "count": option("$count", "Include count of items", json!({"type": "boolean"})),
        "search": option("$search", "Search items by search phrases", json!({"type": "string"})),
        "filter": option("$filter", "Filter items by property values", json!({"type": "string"})),
    })
}

fn responses(names: &[String]) -> Map<String, Value> {
    let content = |schema: Value| json!({"content": {"application/json": {"schema": schema}}});
    let mut responses = Map::new();
    let mut error = content(
        json!({"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}),
    );
    if let Some(error) = error.as_object_mut() {
        error.insert("description".to_owned(), "error".into());
    }
    responses.insert("error".to_owned(), error);
    for name in names {
        let mut response = content(schema_of(&format!("{name}CollectionResponse")));
        if let Some(response) = response.as_object_mut() {
            response.insert("description".to_owned(), "Retrieved collection".into());
        }
        responses.insert(format!("directory.{name}CollectionResponse"), response);
    }
    responses
}

fn paths(names: &[String], operations: usize, random: &mut Random) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut left = operations.saturating_sub(1);
    let mut number = 0;
    paths.insert("/items/{id}".to_owned(), small());
    while left > 0 {
        let root = names.get(number % names.len().min(60)).map_or("user", String::as_str);
        let index = random.below(names.len());
        let child = names.get(index).map_or("item", String::as_str);
        let root_id = parameter(root);
        let depth = number % 3;
        let middle =
            if depth == 2 { format!("/{child}s{number}/{{{child}-id}}/related") } else { String::new() };
        let collection = format!("/{root}s/{{{root}-id}}{middle}/{child}{number}");
        let mut own = vec![root_id];
        if depth == 2 {
            own.push(parameter(child));
        }
        let tag = format!("{root}s.{child}");
        let context = Context { tag: &tag, root, child, number };
        add(
            &mut paths,
            collection.clone(),
            &own,
            vec![("get", context.list(random)), ("post", context.create(random))],
            &mut left,
        );
        own.push(json!({"name": "item-id", "in": "path", "description": format!("The unique identifier of {child}"), "required": true, "schema": {"type": "string"}, "x-ms-docs-key-type": child}));
        let methods = vec![
            ("get", context.get(random)),
            ("patch", context.update(random)),
            ("delete", context.delete(random)),
        ];
        add(&mut paths, format!("{collection}/{{item-id}}"), &own, methods, &mut left);
        number += 1;
    }
    paths
}

/// The operation that can be called.
fn small() -> Value {
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let responses = json!({"200": {"description": "One kilobyte.", "content": content}});
    json!({"get": {"operationId": "small", "parameters": [id], "responses": responses}})
}

fn parameter(entity: &str) -> Value {
    json!({"name": format!("{entity}-id"), "in": "path", "description": format!("The unique identifier of {entity}"), "required": true, "schema": {"type": "string"}, "x-ms-docs-key-type": entity})
}

fn add(
    paths: &mut Map<String, Value>,
    path: String,
    parameters: &[Value],
    methods: Vec<(&str, Value)>,
    left: &mut usize,
) {
    let mut item = Map::new();
    item.insert("description".to_owned(), "Provides operations to manage the collection.".into());
    for (method, operation) in methods.into_iter().take(*left) {
        *left -= 1;
        item.insert(method.to_owned(), operation);
    }
    item.insert("parameters".to_owned(), parameters.into());
    if item.len() > 2 {
        paths.insert(path, item.into());
    }
}

/// What the operations of one collection have in common.
struct Context<'a> {
    tag: &'a str,
    root: &'a str,
    child: &'a str,
    number: usize,
}

impl Context<'_> {
    fn operation(&self, verb: &str, random: &mut Random) -> Map<String, Value> {
        let Self { tag, root, child, number } = self;
        let words = 8 + random.below(24);
        let mut operation = Map::new();
        operation.insert("tags".to_owned(), json!([tag]));
        operation.insert("summary".to_owned(), format!("{verb} {child} of {root}").into());
        operation.insert("description".to_owned(), sentence(random, words).into());
        operation.insert("operationId".to_owned(), format!("{root}.{child}{number}.{verb}").into());
        let docs = json!({"description": "Find more info here", "url": format!("https://docs.example.com/{root}/{child}/{verb}")});
        operation.insert("externalDocs".to_owned(), docs);
        operation
    }

    /// A query option that takes the names of properties.
    fn choice(&self, name: &str, random: &mut Random) -> Value {
        let mut values: Vec<String> =
            (0..4 + random.below(10)).map(|number| format!("{}{number}", random.pick(NOUNS))).collect();
        values.push("*".to_owned());
        json!({"name": name, "in": "query", "description": format!("{name} of {}", self.child), "style": "form", "explode": false,
            "schema": {"uniqueItems": true, "type": "array", "items": {"enum": values, "type": "string"}}})
    }

    fn list(&self, random: &mut Random) -> Value {
        let mut operation = self.operation("List", random);
        let shared = ["top", "skip", "search", "filter", "count"].map(|name| component("parameters", name));
        let mut parameters = shared.to_vec();
        parameters.extend(["$orderby", "$select", "$expand"].map(|name| self.choice(name, random)));
        operation.insert("parameters".to_owned(), parameters.into());
        let good = component("responses", &format!("directory.{}CollectionResponse", self.child));
        operation
            .insert("responses".to_owned(), json!({"2XX": good, "default": component("responses", "error")}));
        operation.insert(
            "x-ms-pageable".to_owned(),
            json!({"nextLinkName": "@odata.nextLink", "operationName": "listMore", "itemName": "value"}),
        );
        operation.into()
    }

    fn get(&self, random: &mut Random) -> Value {
        let mut operation = self.operation("Get", random);
        let parameters = ["$select", "$expand"].map(|name| self.choice(name, random));
        operation.insert("parameters".to_owned(), parameters.to_vec().into());
        operation.insert("responses".to_owned(), self.answers());
        operation.into()
    }

    fn create(&self, random: &mut Random) -> Value {
        let mut operation = self.operation("Create", random);
        operation.insert("requestBody".to_owned(), self.body("New navigation property"));
        operation.insert("responses".to_owned(), self.answers());
        operation.into()
    }

    fn update(&self, random: &mut Random) -> Value {
        let mut operation = self.operation("Update", random);
        operation.insert("requestBody".to_owned(), self.body("New property values"));
        operation.insert("responses".to_owned(), self.answers());
        operation.into()
    }

    fn delete(&self, random: &mut Random) -> Value {
        let mut operation = self.operation("Delete", random);
        let etag =
            json!({"name": "If-Match", "in": "header", "description": "ETag", "schema": {"type": "string"}});
        operation.insert("parameters".to_owned(), json!([etag]));
        operation.insert(
            "responses".to_owned(),
            json!({"204": {"description": "Success"}, "default": component("responses", "error")}),
        );
        operation.into()
    }

    fn body(&self, description: &str) -> Value {
        json!({"description": description, "required": true, "content": {"application/json": {"schema": schema_of(self.child)}}})
    }

    fn answers(&self) -> Value {
        let content = json!({"application/json": {"schema": schema_of(self.child)}});
        json!({"2XX": {"description": "Entity result.", "content": content}, "default": component("responses", "error")})
    }
}
