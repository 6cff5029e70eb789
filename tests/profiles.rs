//! What is shown in each profile, held against what each provider publishes about the schemas that it takes: over the
//! documents of the corpus, and over one that is always here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use toolgate::catalog::{Catalog, Profile};

use crate::catalog::{load, odd_document};
use crate::corpus::sources;

/// The schemas of all tools in a profile, each with the name of its tool.
fn schemas(catalog: &Catalog, profile: Profile) -> Vec<(String, Value)> {
    let shown = catalog.tools().iter().map(|tool| {
        let face: Value = serde_json::from_str(&catalog.face(tool, profile)).unwrap();
        assert_eq!(face["name"], *tool.name);
        (tool.name.to_string(), face["inputSchema"].clone())
    });
    shown.collect()
}

/// Runs a check over every tool of every document; `check` pushes what is wrong.
fn every_tool(profile: Profile, check: impl Fn(&Value, &mut Vec<String>)) {
    for source in sources(|_| true).into_iter().chain([odd_document()]) {
        let Some((_, catalog)) = load(&source) else { continue };
        for (name, schema) in schemas(&catalog, profile) {
            let mut faults = Vec::new();
            check(&schema, &mut faults);
            assert!(faults.is_empty(), "{}: {name}: {faults:?}\n{schema}", source.name());
        }
    }
}

fn expect(holds: bool, fault: &str, faults: &mut Vec<String>) {
    if !holds {
        faults.push(fault.to_owned());
    }
}

/// What every provider asks of the outermost schema.
fn root(schema: &Value, faults: &mut Vec<String>) {
    expect(schema["type"] == "object", "the root is no object", faults);
    for keyword in ["anyOf", "oneOf", "allOf", "not", "enum", "$ref"] {
        expect(schema.get(keyword).is_none(), &format!("{keyword} at the root"), faults);
    }
}

/// Every schema within a schema, with its depth. Keywords whose values are data are not entered.
fn walk<'v>(schema: &'v Value, depth: usize, visit: &mut impl FnMut(&'v Map<String, Value>, usize)) {
    let Some(keywords) = schema.as_object() else { return };
    visit(keywords, depth);
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(all)) => {
                all.values().for_each(|one| walk(one, depth + 1, visit));
            }
            ("items" | "additionalProperties" | "not", one) => walk(one, depth + 1, visit),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(all)) => {
                all.iter().for_each(|one| walk(one, depth, visit));
            }
            _ => {}
        }
    }
}

fn names(value: Option<&Value>) -> BTreeSet<&str> {
    match value {
        Some(Value::Object(all)) => all.keys().map(String::as_str).collect(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}

fn is_portable_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_.-".contains(character))
}

/// Structured outputs: <https://platform.openai.com/docs/guides/structured-outputs>, "Supported schemas".
#[test]
fn openai_takes_the_strict_form() {
    const KEYWORDS: &[&str] = &[
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    ];
    every_tool(Profile::OpenAi, |schema, faults| {
        root(schema, faults);
        let (mut properties, mut choices, mut deepest) = (0, 0, 0);
        walk(schema, 0, &mut |keywords, depth| {
            deepest = deepest.max(depth);
            properties += names(keywords.get("properties")).len();
            choices += keywords.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
            for keyword in keywords.keys() {
                expect(KEYWORDS.contains(&keyword.as_str()), keyword, faults);
            }
            let is_alone = !keywords.contains_key("$ref") || keywords.len() == 1;
            expect(is_alone, "something beside a reference", faults);
            // An object that takes any property has no strict form, and is called without `strict`.
            let is_open = keywords.get("additionalProperties").is_none_or(|open| *open != Value::Bool(false));
            if keywords.get("type") == Some(&"object".into()) && !is_open {
                let all = names(keywords.get("properties")) == names(keywords.get("required"));
                expect(all, "a property is not required", faults);
            }
        });
        expect(properties <= 5000, "more than 5,000 properties", faults);
        expect(choices <= 1000, "more than 1,000 choices", faults);
        expect(deepest <= 10, &format!("{deepest} levels"), faults);
    });
}

#[test]
fn most_tools_have_a_strict_form() {
    let (mut strict, mut all) = (0, 0);
    for source in sources(|_| true) {
        let Some((_, catalog)) = load(&source) else { continue };
        for (_, schema) in schemas(&catalog, Profile::OpenAi) {
            let mut is_strict = true;
            walk(&schema, 0, &mut |keywords, _| {
                let is_object = keywords.get("type").is_some_and(|kind| kind.to_string().contains("object"));
                is_strict &= !is_object || keywords.get("additionalProperties") == Some(&Value::Bool(false));
            });
            all += 1;
            strict += usize::from(is_strict);
        }
    }
    println!("{strict} of {all} tools have a strict form");
    assert!(10 * strict >= 7 * all, "{strict} of {all}");
}

/// Function declarations: <https://ai.google.dev/api/caching#Schema>.
#[test]
fn gemini_takes_the_subset_of_openapi() {
    const FIELDS: &[&str] = &[
        "anyOf",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    ];
    const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];
    every_tool(Profile::Gemini, |schema, faults| {
        root(schema, faults);
        walk(schema, 0, &mut |keywords, _| {
            for keyword in keywords.keys() {
                expect(FIELDS.contains(&keyword.as_str()), keyword, faults);
            }
            let kind = keywords.get("type").and_then(Value::as_str);
            match keywords.get("anyOf") {
                Some(_) => expect(keywords.len() == 1, "something beside anyOf", faults),
                None => expect(kind.is_some_and(|kind| TYPES.contains(&kind)), "no type", faults),
            }
            let has_items = keywords.contains_key("items");
            expect((kind == Some("array")) == has_items, "items of something else, or no items", faults);
            expect(!keywords.contains_key("enum") || kind == Some("string"), "an enum of no texts", faults);
            let known = names(keywords.get("required")).is_subset(&names(keywords.get("properties")));
            expect(known, "an unknown name is required", faults);
            let format = keywords.get("format").and_then(Value::as_str);
            expect(format.is_none_or(|format| format == "date-time"), "an odd format", faults);
        });
    });
}

/// Tool use: <https://docs.anthropic.com/en/docs/agents-and-tools/tool-use>: JSON Schema 2020-12, an object, names of
/// properties of letters, digits, `_`, `.` and `-`.
#[test]
fn anthropic_takes_the_whole_dialect_with_legal_names() {
    every_tool(Profile::Anthropic, |schema, faults| {
        whole_dialect(schema, faults);
        walk(schema, 0, &mut |keywords, _| {
            for name in names(keywords.get("properties")) {
                expect(is_portable_name(name), name, faults);
            }
        });
    });
}

#[test]
fn the_full_profile_is_json_schema_without_leftovers_of_openapi() {
    every_tool(Profile::Full, whole_dialect);
}

/// JSON Schema 2020-12 by its metaschema, with references inside, and nothing that only OpenAPI knows.
fn whole_dialect(schema: &Value, faults: &mut Vec<String>) {
    const LEFTOVERS: &[&str] =
        &["nullable", "discriminator", "xml", "example", "externalDocs", "$schema", "$id", "$recursiveRef"];
    root(schema, faults);
    expect(schema["additionalProperties"] == false, "the root is open", faults);
    if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
        faults.push(error.to_string());
    }
    walk(schema, 0, &mut |keywords, _| {
        for keyword in keywords.keys() {
            let is_left = LEFTOVERS.contains(&keyword.as_str()) || keyword.starts_with("x-");
            expect(!is_left, keyword, faults);
        }
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let found = reference.strip_prefix('#').is_some_and(|pointer| schema.pointer(pointer).is_some());
            expect(found, &format!("{reference} leads nowhere"), faults);
        }
    });
}

/// Whatever the profile, the arguments are the same ones.
#[test]
fn every_profile_shows_the_same_arguments() {
    for source in sources(|_| true).into_iter().chain([odd_document()]) {
        let Some((_, catalog)) = load(&source) else { continue };
        let portable = schemas(&catalog, Profile::Portable);
        for profile in Profile::ALL {
            for ((name, one), (_, other)) in schemas(&catalog, profile).iter().zip(&portable) {
                let arguments = |schema: &Value| -> BTreeSet<String> {
                    names(schema.get("properties")).into_iter().map(str::to_owned).collect()
                };
                assert_eq!(arguments(one), arguments(other), "{}: {name} as {profile:?}", source.name());
            }
        }
    }
}
