//! A small API, as its OpenAPI document: enough of every kind of input to be mistreated.

use serde_json::{Value, json};

/// The document, without a server: `--base-url` or the gateway file says where the API lives.
pub(crate) fn document() -> Value {
    let ok = json!({"200": {"description": "Fine.", "content": {"application/json": {}}}});
    let text = |location: &str, name: &str| json!({"in": location, "name": name, "required": location == "path", "schema": {"type": "string"}});
    let mut paths = json!({
        "/items": {
            "get": {
                "operationId": "list_items",
                "parameters": [
                    text("query", "q"),
                    {"in": "query", "name": "limit", "schema": {"type": "integer"}},
                    text("header", "X-Note"),
                    text("cookie", "theme"),
                ],
            },
            "post": {"operationId": "create_item", "requestBody": {"required": true, "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}},
        },
        "/items/{item}": {"get": {"operationId": "read_item", "parameters": [text("path", "item")]}},
        "/items/{item}/parts/{part}": {"get": {
            "operationId": "read_part", "parameters": [text("path", "item"), text("path", "part")]}},
        "/faults/{name}": {
            "get": {"operationId": "fault", "parameters": [text("path", "name")]},
            "post": {"operationId": "post_fault", "parameters": [text("path", "name")], "requestBody": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}},
        },
        "/status/{code}": {"get": {"operationId": "status", "parameters": [text("path", "code")]}},
        "/bytes/{count}": {"get": {"operationId": "bytes", "parameters": [text("path", "count")]}},
        "/ours": {"get": {"operationId": "ours", "parameters": OURS.map(|name| text("header", name))}},
    });
    for operation in
        paths.as_object_mut().unwrap().values_mut().flat_map(|item| item.as_object_mut().unwrap())
    {
        operation.1["responses"] = ok.clone();
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "A small API", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Item": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "count": {"type": "integer"}, "price": {"type": "number"},
                "extra": {}},
        }}},
    })
}

/// Headers that are ours to set, whatever a document says.
pub(crate) const OURS: [&str; 8] = [
    "Host",
    "Content-Length",
    "Authorization",
    "Transfer-Encoding",
    "Connection",
    "Forwarded",
    "X-Forwarded-For",
    "Cookie",
];
