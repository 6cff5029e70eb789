//! The reference pages of the files, in Markdown: the JSON Schemas, for people.

use std::fmt::Write;

use serde_json::{Map, Value};

/// What an editor knows of the gateway file, as a page: every form, every key, what it takes and what it means.
#[must_use]
pub fn page() -> String {
    let head = "# The gateway file\n\n<!-- Written by `cargo xtask generate` from the declarations of the keys. -->\n\n\
         Every key there is, and what it means. Keys are strict: one that does not exist is an error with the one that was\n\
         probably meant. The same as JSON Schema, for editors: [`schemas/gateway.schema.json`](../schemas/gateway.schema.json);\n\
         put `# yaml-language-server: $schema=PATH` into the first line of a file. A bold key must be there.\n";
    page_of(head, &super::schema())
}

/// The same of the server file.
#[must_use]
pub fn server_page() -> String {
    let head = "# The server file\n\n<!-- Written by `cargo xtask generate` from the declarations of the keys. -->\n\n\
         What concerns the whole server: `toolgate serve SOURCE... --config server.yaml`. A fault in it costs the whole file:\n\
         nothing is served by half of its rules. The same as JSON Schema, for editors:\n\
         [`schemas/server.schema.json`](../schemas/server.schema.json). A bold key must be there.\n";
    page_of(head, &super::server_schema())
}

fn page_of(head: &str, schema: &Value) -> String {
    let definitions = schema.get("definitions").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut page = head.to_owned();
    section(&mut page, "The file", schema, &Map::new());
    // The keywords of a schema stand beside the keys of parameters and bodies, and are told once.
    let keywords = definitions.get("Schema").and_then(properties).cloned().unwrap_or_default();
    for (name, definition) in &definitions {
        let told_elsewhere = if name == "Schema" { Map::new() } else { keywords.clone() };
        section(&mut page, name, definition, &told_elsewhere);
    }
    page
}

fn section(page: &mut String, name: &str, schema: &Value, told_elsewhere: &Map<String, Value>) {
    let description = text(schema, "description");
    // Writing to a text cannot fail.
    let _ok = write!(page, "\n## {name}\n\n{description}\n\n| key | takes | meaning |\n|---|---|---|\n");
    let mut left_out = false;
    rows(page, "", schema, &mut |key, schema| {
        let is_told = told_elsewhere.get(key).is_some_and(|told| told == schema);
        left_out |= is_told;
        is_told
    });
    if left_out {
        let _ok = writeln!(page, "\nBeside these, the keywords of a [schema](#schema).");
    }
}

/// A row for each key; keys of a mapping that has no section of its own stand with a dot after it.
fn rows(page: &mut String, before: &str, schema: &Value, is_told: &mut dyn FnMut(&str, &Value) -> bool) {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (key, schema) in properties(schema).into_iter().flatten() {
        if is_told(key, schema) {
            continue;
        }
        let mark = if required.contains(&key.as_str()) { "**" } else { "" };
        let name = format!("{before}{key}");
        let _ok = writeln!(
            page,
            "| {mark}`{name}`{mark} | {} | {} |",
            cell(&takes(schema)),
            cell(&meaning(schema))
        );
        if before.matches('.').count() < 3 {
            for inner in std::iter::once(schema).chain(alternatives(schema)) {
                rows(page, &format!("{name}."), inner, &mut |_, _| false);
            }
        }
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten()
}

/// What a key takes, in words.
fn takes(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(word) = schema.get("const") {
        return format!("`{}`", plain(word));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(|word| format!("`{}`", plain(word))).collect::<Vec<_>>().join(", ");
    }
    let mut several: Vec<String> = alternatives(schema).map(takes).collect();
    several.dedup();
    if !several.is_empty() {
        return several.join(" or ");
    }
    match schema.get("type") {
        Some(Value::Array(types)) => {
            types.iter().filter_map(Value::as_str).map(kind).collect::<Vec<_>>().join(" or ")
        }
        Some(Value::String(name)) => {
            match (name.as_str(), schema.get("items"), schema.get("additionalProperties")) {
                ("array", Some(items), _) => format!("a list: {}", takes(items)),
                ("object", _, Some(values @ Value::Object(_))) => format!("by name: {}", takes(values)),
                (name, ..) => kind(name).to_owned(),
            }
        }
        _ => "any value".to_owned(),
    }
}

fn kind(name: &str) -> &'static str {
    match name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping",
        _ => "nothing",
    }
}

/// What a key means: its description, what each word of a choice means, the default, an example.
fn meaning(schema: &Value) -> String {
    let mut meaning = text(schema, "description").to_owned();
    for word in alternatives(schema) {
        let about = text(word, "description");
        if let Some(name) = word.get("const").filter(|_| !about.is_empty()) {
            let _ok = write!(meaning, "<br>`{}`: {about}", plain(name));
        }
    }
    if let Some(default) = schema.get("default") {
        let _ok = write!(meaning, " Default: `{}`.", plain(default));
    }
    if let Some(example) = schema.get("examples").and_then(|examples| examples.get(0)) {
        let _ok = write!(meaning, " Example: `{}`.", plain(example));
    }
    meaning
}

fn reference(schema: &Value) -> Option<&str> {
    let inner = schema.get("allOf").and_then(|all| all.get(0)).unwrap_or(schema);
    inner.get("$ref")?.as_str()?.strip_prefix("#/definitions/")
}

fn text<'s>(schema: &'s Value, key: &str) -> &'s str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// In one line, without what would end a cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_every_form_is_on_the_page() {
        let page = page();
        for expected in [
            "| **`gateway`** | a text | Its name:",
            "| `credential` | [Credential](#credential) |",
            "| `operations.include` | a list: a text |",
            "| **`basic.password`** |",
            "## Endpoint\n",
            "| **`request`** | a text | Method and path below",
            "<br>`deepObject`: ",
            "Beside these, the keywords of a [schema](#schema).",
            "| `minLength` | a whole number |",
        ] {
            assert!(page.contains(expected), "{expected} is not in\n{page}");
        }
        assert_eq!(page.matches("| `minLength` |").count(), 1);
    }
}
