//! The JSON Schema and the reader say the same: what an editor marks the program refuses, and the other way round as
//! far as a schema can tell.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::read;
use super::schemas::{self, cases, pointers, values};
use crate::config::schema;
use crate::diagnostic::render;

/// All keys there are.
fn everything() -> Value {
    // What is set afterwards would be too much for one `json!`.
    let mut file = json!({
        "$schema": "gateway.schema.json",
        "x-notes": [1],
        "gateway": "shop",
        "base_url": "https://api.example.com",
        "openapi": "openapi.yaml",
        "credential": {"bearer": "abc"},
        "credentials": {
            "a": {"basic": {"username": "u", "password": "p"}},
            "b": {"api_key": {"in": "query", "name": "key", "value": "v"}}
        },
        "headers": {"Accept": "application/json"},
        "rate_limit": [{"requests": 5000, "per": "1h", "burst": 50, "for_each": "credential"}],
        "concurrency": {"requests": 10, "queue": 0},
        "retry": {"attempts": 3, "on": [429, 503], "backoff": "100ms", "idempotency_key": "Idempotency-Key"},
        "breaker": {"failures": 5, "window": "10s", "success_rate": 80},
        "timeout": "1m30s",
        "ask_timeout": "5m",
        "cache": {"ttl": "1d12h", "stale_while_revalidate": "30s", "stale_if_error": "1h"},
        "discover": "auto",
        "profile": "gemini",
        "detail": "lean",
        "operations": {
            "include": ["tag:a", "GET /b"],
            "exclude": ["c*"],
            "writes": "allow",
            "deprecated": "deny",
            "change": {"d": {
                "name": "e", "title": "f", "description": "g", "timeout": "1s", "cache": "http", "retry": "off",
                "rate_limit": {"requests": 1, "per": "1s"}, "confirm": false,
                "parameters": {"h": {"name": "i", "description": "j", "default": 1, "hide": false, "required": true}}
            }}
        },
        "endpoints": {
            "list": {
                "description": "a", "title": "b", "summary": "c", "request": "GET /a/{id}?x=1",
                "parameters": {
                    "id": {"in": "path", "type": "integer", "minimum": 1},
                    "q": {"in": "query", "name": "search", "description": "d", "required": false, "default": "x",
                          "hide": false, "style": "form", "explode": true, "allow_reserved": false, "maxLength": 5},
                    "f": {"style": "deepObject", "type": "object", "properties": {"a": {"enum": [1]}}, "required": ["a"]},
                    "j": {"content": "application/json", "schema": {"anyOf": [{"type": ["string", "null"]}, true]}}
                },
                "response": {"content_type": "application/json", "max_bytes": "64KiB", "example": {"a": null}},
                "tags": ["a"], "read_only": true, "destructive": false, "idempotent": true, "timeout": "500ms", "cache": "off"
            },
            "create": {
                "request": "POST /a",
                "parameters": {"b": {"in": "body"}},
                "body": {"content_type": "application/json", "description": "a", "required": true,
                         "properties": {"a": {"type": "string"}}}
            },
            "order": {
                "request": "POST /b", "parameters": {"a": {}, "b": {}, "c": {}}, "confirm": "Sure?",
                "ask": [
                    {"q": {"message": "a?", "fields": ["a"], "when": "always", "optional": true}},
                    {"r": {"message": "b?", "fields": {"b": {"type": "string", "enum": ["x"]}}},
                     "s": {"messages": ["d", {"role": "assistant", "text": "e"}], "system": "f", "max_tokens": 5, "into": "c"},
                     "t": {"roots": true, "into": "c"}}
                ]
            },
            "replace": {"request": "PUT /a", "body": {"schema": {"type": "array", "items": {"type": "number"}}}},
        }
    });
    file["endpoints"]["list"]["parameters"]["id"]["mcp_header"] = "Id".into();
    file["operations"]["change"]["d"]["parameters"]["h"]["mcp_header"] = "H-1".into();
    file
}

fn is_read(file: &Value) -> Result<(), String> {
    schemas::errors(&read(&file.to_string()).1)
}

#[test]
fn the_schema_is_a_valid_one_and_describes_every_key() {
    schemas::assert_describes_every_key(&schema());
    assert!(!schema().to_string().contains("\"null\"}"), "a key without a value is no value");
}

#[test]
fn a_file_with_every_key_is_fine_for_both() {
    let file = everything();
    schemas::assert_takes(&schemas::validator(&schema()), &file);
    is_read(&file).unwrap();
}

#[test]
fn what_the_reader_refuses_by_form_the_schema_refuses_too() {
    let validator = schemas::validator(&schema());
    let wrong = [
        ("/gateway", json!("a b")),
        ("/gateway", json!(5)),
        ("/timeout", json!("10")),
        ("/timeout", json!("1s1m")),
        ("/timeout", json!(null)),
        ("/credential", json!({})),
        ("/credential", json!({"bearer": "a", "basic": {"username": "a", "password": "b"}})),
        ("/credential/bearer", json!(5)),
        ("/credentials/b/api_key/in", json!("body")),
        ("/headers/Accept", json!(1)),
        ("/operations/include", json!("tag:a")),
        ("/operations/writes", json!("ask")),
        ("/operations/change/d/name", json!("a b")),
        ("/endpoints/list/request", json!("get /a")),
        ("/endpoints/list/request", json!("GET a")),
        ("/endpoints/list/parameters/id/type", json!("strnig")),
        ("/endpoints/list/parameters/id/minimum", json!("1")),
        ("/endpoints/list/parameters/q/maxLength", json!(-1)),
        ("/endpoints/list/parameters/q/required", json!("yes")),
        ("/endpoints/list/parameters/q/style", json!("commas")),
        ("/endpoints/list/parameters/f/properties/a", json!({"mininum": 1})),
        ("/endpoints/list/response/max_bytes", json!("64K")),
        ("/endpoints/list/response/max_bytes", json!(0)),
        ("/endpoints/list/tags", json!([1])),
        ("/endpoints/create/body/properties", json!([])),
    ];
    for (place, value) in wrong {
        let mut file = everything();
        *file.pointer_mut(place).unwrap() = value.clone();
        assert!(!validator.is_valid(&file), "the schema takes {value} at {place}");
        assert!(is_read(&file).is_err(), "the reader takes {value} at {place}");
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever is changed in a file: what the reader takes, the schema takes.
    #[test]
    fn the_schema_never_says_more_than_the_reader(
        choice in any::<prop::sample::Index>(),
        change in 0..3_u8,
        value in values(),
        key in prop::sample::select(vec![
            "x", "type", "in", "name", "default", "required", "schema", "timeout", "bearer", "items", "$ref", "x-y", "description",
        ]),
    ) {
        let mut file = everything();
        let mut places = Vec::new();
        pointers(&file, "", &mut places);
        let place = choice.get(&places);
        let target = file.pointer_mut(place).unwrap();
        match (change, target) {
            (0, target) => *target = value,
            (1, Value::Object(map)) => {
                map.insert(key.to_owned(), value);
            }
            (_, Value::Object(map)) if !map.is_empty() => {
                let removed = map.keys().nth(choice.index(map.len())).unwrap().clone();
                let value = map.remove(&removed).unwrap();
                if change == 1 {
                    map.insert(key.to_owned(), value);
                }
            }
            (_, target) => *target = value,
        }
        if is_read(&file).is_ok() {
            schemas::assert_takes(&schemas::validator(&schema()), &file);
        }
    }
}

const FILE: &str = "\
gateway: shop
base_url: https://api.example.com
credential: {bearer: hunter2hunter2}
credentials:
  partner:
    api_key: {in: header, name: X-Key, value: hunter2hunter2}
headers:
  Accept: text/csv
  X-Api-Key: 'hunter2hunter2'
operations: {include: ['GET /a']}
endpoints:
  list: {request: GET /books, parameters: {q: {type: string}}}
";

proptest! {
    #![proptest_config(cases())]

    /// Whatever is mistyped in a file: it is reported in the file, and no secret of it is shown.
    #[test]
    fn a_mistyped_file_is_reported_without_its_secrets(
        at in any::<prop::sample::Index>(),
        removed in 0..4_usize,
        inserted in prop::sample::select(vec!["", "", " ", "\n", "\"", "'", "{", "]", ":", "#", "x", "&a ", "*a ", "\u{0}", "- "]),
    ) {
        let at = at.index(FILE.len());
        let rest = FILE.get((at + removed).min(FILE.len())..).unwrap_or_default();
        let text = format!("{}{inserted}{rest}", &FILE[..at]);
        let (_, diagnostics) = read(&text);
        let shown = render::text(&diagnostics, false) + &render::json(&diagnostics);
        prop_assert!(!shown.contains("hunter2hunter"), "{shown}\n{text}");
        for diagnostic in &diagnostics {
            let place = diagnostic.place.as_ref().unwrap();
            prop_assert!(place.span.range().end <= text.len(), "{place}");
        }
    }
}
