//! Random changes: to documents as trees and as texts, and random arguments.

use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};
use toolgate::catalog::CallPlan;

/// Texts that something might take for something else.
const TEXTS: [&str; 34] = [
    "",
    ".",
    "..",
    "%2e%2e",
    ".%2E",
    "..%2f",
    "..\\",
    "%252e%252e",
    "a/b",
    "a?b=c",
    "a#b",
    "//host",
    "a\tb",
    "a\r\nHost: x",
    "\u{0}",
    ";",
    "a b",
    "ü",
    "\u{202e}",
    "\u{e0041}",
    "{id}",
    "%",
    "%zz",
    "null",
    "true",
    "0031381",
    "1e400",
    "${HOME}",
    "data:image/png;base64,AAAA",
    "https://example.com/",
    "file:///etc/passwd",
    "\u{feff}",
    "'",
    "x-",
];

/// Values that are rarely where they stand.
fn value(random: &mut SmallRng) -> Value {
    match random.random_range(0..12) {
        0 => Value::Null,
        1 => json!(random.random_bool(0.5)),
        2 => json!(random.random::<i64>()),
        3 => serde_json::from_str("123456789012345678901234567890").unwrap_or_default(),
        4 => json!(-0.5),
        5 => json!([]),
        6 => json!({}),
        7 => json!([value_text(random), {"a": [1, null]}]),
        8 => json!({"a": value_text(random), "b": {"c": [true]}}),
        _ => json!(value_text(random)),
    }
}

fn value_text(random: &mut SmallRng) -> &'static str {
    TEXTS.choose(random).copied().unwrap_or_default()
}

/// A random node.
fn pick<'v>(node: &'v mut Value, random: &mut SmallRng) -> &'v mut Value {
    let size = match node {
        Value::Object(map) => map.len(),
        Value::Array(list) => list.len(),
        _ => 0,
    };
    if size == 0 || random.random_bool(0.12) {
        return node;
    }
    let index = random.random_range(0..size);
    let next = match node {
        Value::Object(map) => map.values_mut().nth(index),
        Value::Array(list) => list.get_mut(index),
        _ => None,
    };
    match next {
        Some(next) => pick(next, random),
        None => unreachable!("there are {size} nodes"),
    }
}

/// Changes a node: to a nasty value, to a part of `other`, or one of its keys.
pub fn tree(document: &mut Value, other: &Value, random: &mut SmallRng) {
    let mut other = other.clone();
    let part = pick(&mut other, random).clone();
    let nasty = value(random);
    let choice = random.random_range(0..7);
    let node = pick(document, random);
    match (node, choice) {
        (Value::Object(map), 0) => drop(map.insert(value_text(random).to_owned(), part)),
        (Value::Object(map), 1) if !map.is_empty() => {
            let index = random.random_range(0..map.len());
            if let Some(key) = map.keys().nth(index).cloned() {
                let value = map.shift_remove(&key).unwrap_or_default();
                if random.random_bool(0.5) {
                    map.insert(value_text(random).to_owned(), value);
                }
            }
        }
        (Value::Array(list), 2) => {
            let twice = list.first().cloned().unwrap_or(part);
            list.push(twice);
        }
        (node, 3) => *node = part,
        (node, 4) => *node = json!({"$ref": reference(random)}),
        (node, 5) => *node = json!({"allOf": [node.clone(), part]}),
        (node, _) => *node = nasty,
    }
}

/// Puts a `$ref` somewhere, or leads one elsewhere.
pub fn bend_reference(document: &mut Value, random: &mut SmallRng) {
    let to = match random.random_bool(0.7) {
        true => pointer(document, random),
        false => reference(random).to_owned(),
    };
    let key = ["$ref", "$ref", "$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor"];
    let key = key.choose(random).copied().unwrap_or("$ref");
    match pick(document, random) {
        Value::Object(map) => drop(map.insert(key.to_owned(), json!(to))),
        node => *node = json!({ key: to }),
    }
}

fn reference(random: &mut SmallRng) -> &'static str {
    const ALL: [&str; 14] = [
        "#",
        "#/",
        "",
        "#/paths",
        "#/components/schemas/Pet",
        "#/definitions/Pet",
        "#/components/~1~0",
        "#item",
        "%",
        "https://example.com/a.json#/x",
        "../../etc/passwd",
        "#/paths/0/1/2",
        "#/%F0%9F%98%80",
        "//",
    ];
    ALL.choose(random).copied().unwrap_or_default()
}

/// The JSON pointer of a random node.
fn pointer(document: &Value, random: &mut SmallRng) -> String {
    let mut pointer = "#".to_owned();
    let mut node = document;
    while !random.random_bool(0.15) {
        let next = match node {
            Value::Object(map) if !map.is_empty() => {
                let index = random.random_range(0..map.len());
                map.iter().nth(index).map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            }
            Value::Array(list) if !list.is_empty() => {
                let index = random.random_range(0..list.len());
                list.get(index).map(|value| (index.to_string(), value))
            }
            _ => None,
        };
        let Some((token, value)) = next else { break };
        pointer.push('/');
        pointer.push_str(&token);
        node = value;
    }
    pointer
}

/// Changes a text in some places.
pub fn bytes(text: String, changes: usize, random: &mut SmallRng) -> String {
    const PIECES: [&str; 24] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "\"",
        "'",
        "\n",
        "  ",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!!binary ",
        "| ",
        "> ",
        "# ",
        "\t",
        "\\u",
        "? ",
        "---\n",
        "\u{0}",
    ];
    let mut text = text;
    for _ in 0..changes {
        let places: usize = text.len();
        let from = text.floor_char_boundary(random.random_range(0..=places));
        let to = text.floor_char_boundary((from + random.random_range(0..40)).min(places)).max(from);
        match random.random_range(0..4) {
            0 => text.insert_str(from, PIECES.choose(random).copied().unwrap_or_default()),
            1 => drop(text.drain(from..to)),
            2 => text.truncate(from.max(places / 2).min(text.floor_char_boundary(from.max(places / 2)))),
            _ => {
                let piece = text.get(from..to).unwrap_or_default().to_owned();
                let at = text.floor_char_boundary(random.random_range(0..=places));
                text.insert_str(at, &piece);
            }
        }
    }
    text
}

/// Arguments for a tool: most of them of the right kind, some of any other.
pub fn arguments(plan: &CallPlan, random: &mut SmallRng) -> Value {
    let mut arguments = Map::new();
    for argument in &plan.arguments.arguments {
        if argument.required || random.random_bool(0.6) {
            arguments.insert(argument.name.to_string(), of_schema(&argument.schema.to_value(), random));
        }
    }
    Value::Object(arguments)
}

fn of_schema(schema: &Value, random: &mut SmallRng) -> Value {
    if random.random_bool(0.1) {
        return value(random);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.choose(random).cloned().unwrap_or_default();
    }
    match schema["type"].as_str() {
        Some("string") => json!(value_text(random)),
        Some("integer") => json!(random.random_range(-2..1000)),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("array") => {
            (0..random.random_range(0..3)).map(|_| of_schema(&schema["items"], random)).collect()
        }
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let mut object: Map<String, Value> =
                properties.map(|(name, schema)| (name.clone(), of_schema(schema, random))).collect();
            if object.is_empty() {
                object.insert(value_text(random).to_owned(), value(random));
            }
            Value::Object(object)
        }
        _ => value(random),
    }
}
