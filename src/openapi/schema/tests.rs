//! What a schema of a document becomes. Each row: what was written, what comes out, what was told.

use serde_json::{Value, json};

use super::super::document::Document;
use crate::diagnostic::Diagnostics;
use crate::source::Source;

/// Converts a schema that stands in a request body, beside these components. What is told comes as its message's
/// beginning.
fn converted_in(version: &str, schema: &str, components: &str) -> (Value, Value, Vec<String>) {
    let text = format!(
        "openapi: '{version}'
info: {{title: Example, version: '1'}}
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema: {{type: object, properties: {{it: {schema}}}}}
components:
  schemas: {{A: {{type: object}}, {components}}}
"
    );
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&Source::new("openapi.yaml", text), &mut diagnostics).unwrap();
    let mut operations = document.operations(&mut diagnostics);
    let operation = operations.remove(0);
    let body = &operation.body.unwrap().media[0].schema;
    let told = diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    (body.to_value()["properties"]["it"].clone(), Value::Object(operation.definitions.to_map()), told)
}

fn converted(version: &str, schema: &str) -> (Value, Vec<String>) {
    let (schema, _, told) = converted_in(version, schema, "");
    (schema, told)
}

#[track_caller]
fn check(version: &str, rows: &[(&str, Value)]) {
    for (written, expected) in rows {
        let (found, told) = converted(version, written);
        assert_eq!((found, told), (expected.clone(), vec![]), "{written}");
    }
}

#[test]
fn what_json_schema_has_stays_and_what_it_has_not_goes() {
    check(
        "3.1.0",
        &[
            (
                "{type: string, title: T, description: D, format: uuid, minLength: 1, maxLength: 2, deprecated: true}",
                json!({"type": "string", "title": "T", "description": "D", "format": "uuid", "minLength": 1,
                "maxLength": 2, "deprecated": true}),
            ),
            (
                "{type: string, contentEncoding: base64, contentMediaType: image/png}",
                json!({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}),
            ),
            (
                "{type: string, example: a, examples: [b], externalDocs: {url: u}, x-any: 1, $comment: c, $schema: s, deprecated: false}",
                json!({"type": "string"}),
            ),
            ("{const: 1}", json!({"const": 1})),
            (
                "{if: {type: string}, then: {minLength: 1}, else: {minimum: 1}}",
                json!({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}}),
            ),
            (
                "{type: object, patternProperties: {'^a': {type: string}}, additionalProperties: false, propertyNames: {maxLength: 9}}",
                json!({"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": false,
                "propertyNames": {"maxLength": 9}}),
            ),
            (
                "{type: array, prefixItems: [{type: string}], items: false, contains: {}, minContains: 1, uniqueItems: true}",
                json!({"type": "array", "prefixItems": [{"type": "string"}], "items": false, "contains": {},
                "minContains": 1, "uniqueItems": true}),
            ),
            (
                "{dependentRequired: {a: [b]}, dependentSchemas: {a: {required: [c]}}, unevaluatedProperties: false}",
                json!({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"required": ["c"]}},
                "unevaluatedProperties": false}),
            ),
            ("true", json!({})),
            (
                "{properties: {default: {type: string}, enum: {type: string}, $ref: {type: string}, x-y: {type: string}}}",
                json!({"properties": {"default": {"type": "string"}, "enum": {"type": "string"}, "$ref": {"type": "string"},
                "x-y": {"type": "string"}}}),
            ),
            (
                "{type: object, xml: {name: n, attribute: true, x-z: 1}}",
                json!({"type": "object", "x-toolgate-xml": {"name": "n", "attribute": true}}),
            ),
        ],
    );
}

#[test]
fn numbers_keep_their_digits() {
    for number in ["-9223372036854775809", "18446744073709551616", "0.10"] {
        let (found, told) = converted(
            "3.1.0",
            &format!("{{type: number, minimum: {number}, default: {number}, enum: [{number}]}}"),
        );
        assert_eq!(found["minimum"].to_string(), number.to_string());
        assert_eq!(found["enum"].to_string(), format!("[{number}]"));
        assert!(told.is_empty(), "{told:?}");
    }
}

#[test]
fn null_is_allowed_where_version_3_0_says_nullable() {
    for version in ["3.0.3", "3.1.0"] {
        check(
            version,
            &[
                ("{type: string, nullable: true}", json!({"type": ["string", "null"]})),
                ("{type: string, nullable: false}", json!({"type": "string"})),
                (
                    "{type: string, nullable: true, enum: [a]}",
                    json!({"type": ["string", "null"], "enum": ["a", null]}),
                ),
                (
                    "{type: string, nullable: true, enum: [a, null]}",
                    json!({"type": ["string", "null"], "enum": ["a", null]}),
                ),
                ("{nullable: true, description: D}", json!({"description": "D"})),
                (
                    "{$ref: '#/components/schemas/A', nullable: true, description: D}",
                    json!({"description": "D", "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
                ),
                (
                    "{allOf: [{$ref: '#/components/schemas/A'}], nullable: true}",
                    json!({"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
                ),
                (
                    "{oneOf: [{type: string}, {type: integer}], nullable: true}",
                    json!({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
                ),
                (
                    "{type: object, oneOf: [{$ref: '#/components/schemas/A'}, {required: [b]}], x-nullable: true}",
                    json!({"type": ["object", "null"], "oneOf": [{"$ref": "#/$defs/A"}, {"required": ["b"]}, {"type": "null"}]}),
                ),
            ],
        );
    }
}

#[test]
fn limits_of_all_drafts_are_read() {
    check(
        "3.0.3",
        &[
            ("{minimum: 1, exclusiveMinimum: true}", json!({"exclusiveMinimum": 1})),
            ("{minimum: 1, exclusiveMinimum: false}", json!({"minimum": 1})),
            ("{exclusiveMinimum: 1}", json!({"exclusiveMinimum": 1})),
            ("{maximum: '5', exclusiveMaximum: true}", json!({"exclusiveMaximum": 5})),
            ("{exclusiveMaximum: true}", json!({})),
            ("{minLength: 2.0, maxItems: '3'}", json!({"minLength": 2, "maxItems": 3})),
        ],
    );
    assert_eq!(converted("3.1.0", "{minimum: 1, exclusiveMinimum: true}").0, json!({"exclusiveMinimum": 1}));
}

#[test]
fn types_are_read_in_every_spelling() {
    check(
        "3.0.3",
        &[
            ("{type: [string, 'null']}", json!({"type": ["string", "null"]})),
            ("{type: [string, null]}", json!({"type": ["string", "null"]})),
            ("{type: [string]}", json!({"type": "string"})),
            ("{type: String}", json!({"type": "string"})),
            ("{type: int}", json!({"type": "integer"})),
            ("{type: file}", json!({"type": "string", "format": "binary"})),
            (
                "{type: array, items: [{type: string}, {}], additionalItems: false}",
                json!({"type": "array", "prefixItems": [{"type": "string"}, {}], "items": false}),
            ),
            (
                "{type: array, items: {type: string}, additionalItems: false}",
                json!({"type": "array", "items": {"type": "string"}}),
            ),
        ],
    );
}

#[test]
fn fixed_values_are_read_as_their_author_meant_them() {
    check(
        "3.0.3",
        &[
            (
                "{type: string, enum: [1, 2.0, true, a, a]}",
                json!({"type": "string", "enum": ["1", "2.0", "true", "a"]}),
            ),
            ("{type: integer, enum: ['1', 2]}", json!({"type": "integer", "enum": [1, 2]})),
            ("{type: boolean, enum: ['true']}", json!({"type": "boolean", "enum": [true]})),
            ("{type: string, enum: [a, null]}", json!({"type": "string", "enum": ["a"]})),
            ("{enum: [a, 1, null]}", json!({"enum": ["a", 1, null]})),
            ("{type: integer, default: '5'}", json!({"type": "integer", "default": 5})),
            ("{type: string, default: null}", json!({"type": "string"})),
            ("{type: number, const: 1}", json!({"type": "number", "const": 1})),
        ],
    );
}

#[test]
fn what_makes_no_sense_is_left_out_and_told_once() {
    for (written, expected, told) in [
        ("5", json!({}), "a schema is neither"),
        ("{type: any}", json!({}), "`type` names"),
        ("{type: [string, any]}", json!({"type": "string"}), "`type` names"),
        ("{type: []}", json!({}), "`type` names"),
        ("{type: {a: 1}}", json!({}), "`type` names"),
        ("{title: {a: 1}}", json!({}), "a keyword of a schema takes a text"),
        ("{minimum: low}", json!({}), "a limit is not"),
        ("{multipleOf: 0}", json!({}), "a limit is not"),
        ("{minLength: -1}", json!({}), "a length or count"),
        ("{minLength: 1.5}", json!({}), "a length or count"),
        ("{minItems: 2, maxItems: 1}", json!({}), "a lower limit"),
        ("{properties: [a]}", json!({}), "a keyword of a schema takes an object"),
        ("{allOf: []}", json!({}), "a keyword of a schema takes a list"),
        ("{anyOf: text}", json!({}), "a keyword of a schema takes a list"),
        ("{required: a}", json!({}), "`required` is no list"),
        ("{required: [a, {b: 1}]}", json!({"required": ["a"]}), "`required` is no list"),
        ("{enum: []}", json!({}), "`enum` holds no value"),
        ("{type: integer, enum: [a, b]}", json!({"type": "integer"}), "`enum` holds no value"),
        ("{enum: a}", json!({}), "`enum` holds no value"),
        ("{type: string, const: [1]}", json!({"type": "string"}), "`const` is not"),
        ("{type: integer, default: x}", json!({"type": "integer"}), "`default` is no value"),
        (
            "{type: string, enum: [a], default: b}",
            json!({"type": "string", "enum": ["a"]}),
            "`default` is no value",
        ),
        (
            "{type: array, items: {type: string}, enum: [a, b]}",
            json!({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
            "`enum` of a list",
        ),
        ("{pattern: '^(?=a)b'}", json!({}), "`pattern` is no regular expression"),
        ("{pattern: '[z-a]'}", json!({}), "`pattern` is no regular expression"),
        ("{pattern: '(a'}", json!({}), "`pattern` is no regular expression"),
        ("{pattern: '(\\w{1,1000}){1,1000}'}", json!({}), "`pattern` is no regular expression"),
        ("{pattern: '/^[a-z]+$/'}", json!({"pattern": "^[a-z]+$"}), "`pattern` is written like a literal"),
        ("{pattern: '/^[a-z]+$/gi'}", json!({}), "`pattern` is written like a literal"),
        ("{patternProperties: {'[z-a]': {}}}", json!({}), "`pattern` is no regular expression"),
    ] {
        let (found, messages) = converted("3.1.0", written);
        assert_eq!(found, expected, "{written}");
        assert_eq!(messages.len(), 1, "{written}: {messages:?}");
        assert!(messages[0].starts_with(told), "{written}: {messages:?}");
    }
}

#[test]
fn a_pattern_of_a_path_keeps_its_slashes() {
    for written in ["/orders/[0-9]+/items", "^/a/$", "/a", "/", "//", "/^a$/x"] {
        let (found, messages) = converted("3.1.0", &format!("{{pattern: '{written}'}}"));
        assert_eq!((found, messages), (json!({ "pattern": written }), Vec::new()));
    }
}

#[test]
fn the_same_mistake_is_told_with_its_number() {
    let (_, told) = converted("3.1.0", "{properties: {a: {type: any}, b: {type: any}, c: {type: any}}}");
    assert_eq!(told, ["`type` names no type of JSON Schema; it was left out (and 2 more like it)"]);
}

#[test]
fn a_property_may_say_itself_that_it_is_required() {
    check(
        "3.0.3",
        &[(
            "{type: object, properties: {a: {type: string, required: true}, b: {type: string, required: false}}, required: [c, c]}",
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "c"]}),
        )],
    );
}

#[test]
fn a_combinator_of_one_is_no_combinator() {
    check(
        "3.0.3",
        &[
            (
                "{allOf: [{$ref: '#/components/schemas/A'}], description: D}",
                json!({"description": "D", "$ref": "#/$defs/A"}),
            ),
            ("{allOf: [{$ref: '#/components/schemas/A'}, {}]}", json!({"$ref": "#/$defs/A"})),
            (
                "{oneOf: [{type: string, maxLength: 3}], title: T}",
                json!({"title": "T", "type": "string", "maxLength": 3}),
            ),
            (
                "{type: object, allOf: [{type: object, required: [a]}]}",
                json!({"type": "object", "required": ["a"]}),
            ),
            (
                "{required: [b], allOf: [{additionalProperties: false}]}",
                json!({"required": ["b"], "allOf": [{"additionalProperties": false}]}),
            ),
            ("{allOf: {type: string}}", json!({"type": "string"})),
        ],
    );
}

#[test]
fn discriminators_say_what_chooses_a_branch() {
    let components = "
      Cat: {type: object, required: [kind], properties: {kind: {type: string}}},
      Dog: {allOf: [{$ref: '#/components/schemas/Cat'}, {properties: {bark: {}}}]},
      Fish: {type: object, properties: {kind: {type: string, enum: [fish]}}},
      Bird: {type: object, properties: {wings: {}}}";
    let branches = "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'},
        {$ref: '#/components/schemas/Fish'}, {$ref: '#/components/schemas/Bird'}]";
    let schema = format!(
        "{{{branches}, discriminator: {{propertyName: kind,
        mapping: {{cat: Cat, dog: '#/components/schemas/Dog', hound: Dog, fish: Fish, bird: Bird}}}}}}"
    );
    let (found, _, told) = converted_in("3.0.3", &schema, components);
    assert!(told.is_empty(), "{told:?}");
    let chosen = |name: &str, kind: Value| json!({"$ref": format!("#/$defs/{name}"), "properties": {"kind": kind}, "required": ["kind"]});
    let expected = [
        chosen("Cat", json!({"const": "cat"})),
        chosen("Dog", json!({"enum": ["dog", "hound"]})),
        json!({"$ref": "#/$defs/Fish"}),
        json!({"$ref": "#/$defs/Bird"}),
    ];
    assert_eq!(found, json!({ "oneOf": expected }));
    let implicit = format!("{{{branches}, discriminator: {{propertyName: kind}}}}");
    let (found, ..) = converted_in("3.0.3", &implicit, components);
    assert_eq!(found["oneOf"][0], chosen("Cat", json!({"const": "Cat"})));
    assert_eq!(found["oneOf"][2], json!({"$ref": "#/$defs/Fish"}), "its own word is another");
}

#[test]
fn what_stands_beside_a_reference_counts() {
    let (found, _, told) =
        converted_in("3.1.0", "{$ref: '#/components/schemas/A', required: [b], type: object}", "");
    assert_eq!((found, told), (json!({"type": "object", "$ref": "#/$defs/A", "required": ["b"]}), vec![]));
    let (found, told) =
        converted("3.0.3", "{$ref: '#/components/schemas/A', type: string, enum: [x], title: T}");
    assert_eq!((found, told), (json!({"$ref": "#/$defs/A", "title": "T"}), vec![]));
    let (found, told) = converted("3.1.0", "{type: string, $ref: '#/components/schemas/A'}");
    assert_eq!(found, json!({"$ref": "#/$defs/A"}));
    assert!(told[0].starts_with("`type` contradicts"), "{told:?}");
}

#[test]
fn definitions_have_short_legal_names_and_are_closed_under_references() {
    let components = "
      'ItemsWrapper`1<String>': {type: object, properties: {next: {$ref: '#/components/schemas/Deep/properties/inner'}}},
      Deep: {properties: {inner: {type: object, properties: {b: {$ref: '#/components/schemas/a~1b'}}}}},
      a/b: {type: string},
      a b: {type: integer},
      unused: {type: string}";
    let schema = "{anyOf: [{$ref: '#/components/schemas/ItemsWrapper`1%3CString%3E'}, {$ref: '#/components/schemas/a b'},
        {$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/A'}]}";
    let (found, definitions, told) = converted_in("3.1.0", schema, components);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(found["anyOf"][0], json!({"$ref": "#/$defs/ItemsWrapper_1_String"}));
    let names: Vec<_> = definitions.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["ItemsWrapper_1_String", "a_b", "A", "Deep_inner", "a_b_2"]);
    assert_eq!(
        definitions["Deep_inner"],
        json!({"type": "object", "properties": {"b": {"$ref": "#/$defs/a_b_2"}}})
    );
}

#[test]
fn a_broken_reference_accepts_anything_and_is_told_once() {
    let (found, _, told) = converted_in(
        "3.1.0",
        "{anyOf: [{$ref: '#/components/schemas/none'}, {$ref: '#/components/schemas/none'},
          {$ref: '#/components/schemas/round'}, {$ref: 'https://example.com/a.json'}, {$ref: 5}]}",
        "round: {$ref: '#/components/schemas/about'}, about: {$ref: '#/components/schemas/round'}",
    );
    assert_eq!(found, json!({"anyOf": [{}, {}, {}, {}, {}]}));
    assert_eq!(told.len(), 4, "{told:?}");
}

#[test]
fn recursive_references_of_draft_2019_lead_to_their_anchor() {
    let components = "Filter: {$recursiveAnchor: true, type: object,
        properties: {all: {type: array, items: {$recursiveRef: '#'}}}}";
    let (_, definitions, told) = converted_in("3.1.0", "{$ref: '#/components/schemas/Filter'}", components);
    assert_eq!(definitions["Filter"]["properties"]["all"]["items"], json!({"$ref": "#/$defs/Filter"}));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn schemas_that_are_nested_without_end_are_cut() {
    let mut schema = "{type: string}".to_owned();
    for _ in 0..100 {
        schema = format!("{{type: array, items: {schema}}}");
    }
    let (found, told) = converted("3.1.0", &schema);
    assert!(told.is_empty(), "{told:?}");
    let mut depth = 0;
    let mut at = &found;
    while let Some(items) = at.get("items") {
        depth += 1;
        at = items;
    }
    assert_eq!((depth, at), (63, &json!({})));
}

#[test]
fn schemas_are_found_by_their_ids_and_anchors() {
    let components = "
      Tree: {$id: 'https://example.com/schemas/tree', $dynamicAnchor: node, type: object, properties: {
        data: {$ref: '#/$defs/data'}, child: {$dynamicRef: '#node'}, other: {$ref: leaf}},
        $defs: {data: {type: integer}}},
      Leaf: {$id: 'https://example.com/schemas/leaf', $anchor: leaf, type: boolean}";
    let schema = "{anyOf: [{$ref: 'https://example.com/schemas/tree'}, {$ref: '#leaf'}, {$ref: 'https://example.com/schemas/leaf#leaf'}]}";
    let (found, definitions, told) = converted_in("3.1.0", schema, components);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(found["anyOf"][0], json!({"$ref": "#/$defs/tree"}));
    assert_eq!(found["anyOf"][1], json!({"$ref": "#/$defs/leaf"}));
    assert_eq!(
        definitions["tree"]["properties"],
        json!({"data": {"$ref": "#/$defs/data"}, "child": {"$ref": "#/$defs/tree"}, "other": {"$ref": "#/$defs/leaf"}})
    );
    assert_eq!(definitions["data"], json!({"type": "integer"}));
}
