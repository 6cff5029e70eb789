use serde_json::json;

use super::*;
use crate::openapi::operation::PropertyEncoding;

#[test]
fn the_best_media_type_comes_first() {
    for (types, expected) in [
        ("text/plain, application/json", "application/json text/plain"),
        ("application/xml, application/vnd.api+json", "application/vnd.api+json application/xml"),
        (
            "multipart/form-data, application/x-www-form-urlencoded, application/json",
            "application/json multipart/form-data application/x-www-form-urlencoded",
        ),
        (
            "application/octet-stream, text/csv, application/xml",
            "application/xml text/csv application/octet-stream",
        ),
        ("'application/json; charset=utf-8', application/json", "application/json; charset=utf-8"),
        ("'application/json; v=2', application/json", "application/json application/json; v=2"),
        (
            "application/json-patch+json, application/merge-patch+json",
            "application/merge-patch+json application/json-patch+json",
        ),
    ] {
        let types: Vec<_> =
            types.split(", ").map(|name| format!("{name}: {{schema: {{type: object}}}}")).collect();
        let operation =
            only(&format!("paths: {{/a: {{post: {{requestBody: {{content: {{{}}}}}}}}}}}", types.join(", ")));
        assert_eq!(media(&operation).join(" "), expected);
    }
}

#[test]
fn wildcards_become_what_can_be_sent() {
    for (name, schema, expected) in [
        ("'*/*'", "{type: object}", "application/json"),
        ("'*/*'", "{type: string}", "text/plain"),
        ("application/*+json", "{}", "application/json"),
        ("image/*", "{}", "application/octet-stream"),
        ("text/*", "{}", "text/plain"),
        ("''", "{type: array}", "application/json"),
        ("application/form-data", "{type: object}", "multipart/form-data"),
    ] {
        let text = format!(
            "paths: {{/a: {{post: {{requestBody: {{content: {{{name}: {{schema: {schema}}}}}}}}}}}}}"
        );
        assert_eq!(media(&only(&text)), [expected], "{name} {schema}");
    }
}

#[test]
fn a_type_that_is_written_out_counts_before_one_of_a_wildcard() {
    let operation = only(
        "
paths:
  /a:
    post:
      requestBody:
        content:
          '*/*': {schema: {type: object, properties: {vague: {}}}}
          application/json: {schema: {type: object, properties: {exact: {}}}}
",
    );
    assert_eq!(media(&operation), ["application/json"]);
    assert_eq!(body(&operation), json!({"type": "object", "properties": {"exact": {}}}));
}

#[test]
fn what_is_no_media_type_is_left_out() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /a: {post: {requestBody: {content: {examples: {}, application/json: {}}}}}
  /b: {post: {requestBody: {required: true, content: {}}}}
  /c: {post: {requestBody: {content: {}}}}
  /d: {post: {requestBody: {schema: {type: array}}}}
  /e: {post: {requestBody: {$ref: '#/none'}}}
",
    ));
    assert_eq!(media(&operations[0]), ["application/json"]);
    assert!(operations[1].body.is_none() && operations[2].body.is_none() && operations[4].body.is_none());
    assert_eq!(body(&operations[3]), json!({"type": "array"}));
    assert_eq!(told, ["unexpected-type 5", "unexpected-type 6", "broken-reference 9"]);
}

#[test]
fn bodies_are_read_wherever_a_method_can_have_one() {
    for method in ["get", "delete", "head", "options", "patch"] {
        let operation = only(&format!(
            "paths: {{/a: {{{method}: {{requestBody: {{required: true, content: {{application/json: {{}}}}}}}}}}}}"
        ));
        assert!(operation.body.unwrap().required, "{method}");
    }
    let trace = only("paths: {/a: {trace: {requestBody: {content: {application/json: {}}}}}}");
    assert!(trace.body.is_none());
}

#[test]
fn what_is_no_structure_may_lack_a_schema() {
    let operation = only("
paths:
  /a:
    put: {requestBody: {description: A file., content: {application/octet-stream: {}, text/csv: {}, image/png: {schema: {}}}}}
");
    let schemas: Vec<_> =
        operation.body.unwrap().media.into_iter().map(|media| (media.name, media.schema)).collect();
    let file = json!({"type": "string", "format": "binary"});
    assert_eq!(schemas[0], ("text/csv".to_owned(), json!({"type": "string"}).into()));
    assert_eq!(schemas[1], ("application/octet-stream".to_owned(), file.clone().into()));
    assert_eq!(schemas[2], ("image/png".to_owned(), file.into()));
}

#[test]
fn parts_of_forms_have_their_encoding() {
    let operation = only(
        "
paths:
  /a:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {file: {type: string, format: binary}, meta: {type: object}}}
            encoding:
              file:
                contentType: image/png, image/jpeg
                headers:
                  X-Kind: {schema: {type: string, enum: [avatar]}}
                  X-Free: {schema: {type: string}}
              meta: {style: deepObject, explode: true}
",
    );
    let encoding = &operation.body.as_ref().unwrap().media[0].encoding;
    let file = PropertyEncoding {
        content_type: Some("image/png, image/jpeg".to_owned()),
        encoding: None,
        headers: vec![("X-Kind".to_owned(), "avatar".to_owned())],
    };
    let meta =
        PropertyEncoding { encoding: Some(style(Style::DeepObject, true)), ..PropertyEncoding::default() };
    assert_eq!(*encoding, [("file".to_owned(), file), ("meta".to_owned(), meta)]);
}

#[test]
fn objects_that_are_put_together_show_all_their_properties() {
    let operation = only(
        "
paths:
  /a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Cat'}}}}}}
components:
  schemas:
    Base: {type: object, required: [id], properties: {id: {type: string}, kind: {type: string}}}
    Named: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {name: {type: string}}}]}
    Cat:
      description: A cat.
      allOf:
        - $ref: '#/components/schemas/Named'
        - type: object
          required: [name]
          properties: {kind: {enum: [cat]}, friend: {$ref: '#/components/schemas/Cat'}}
",
    );
    assert_eq!(
        body(&operation),
        json!({
            "description": "A cat.",
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "string"},
                "kind": {"allOf": [{"type": "string"}, {"enum": ["cat"]}]},
                "name": {"type": "string"},
                "friend": {"$ref": "#/$defs/Cat"}
            }
        })
    );
    assert!(operation.definitions.contains_key("Cat") && operation.definitions.contains_key("Base"));
}

#[test]
fn what_cannot_be_put_together_still_holds() {
    let operation = only(
        "
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - {type: object, properties: {a: {type: string}, b: {}}, additionalProperties: false}
                - {required: [b], oneOf: [{required: [a]}, {required: [c]}]}
                - {anyOf: [{required: [a]}]}
",
    );
    let schema = body(&operation);
    assert_eq!(schema["required"], json!(["b", "a"]));
    assert_eq!(schema["oneOf"], json!([{"required": ["a"]}, {"required": ["c"]}]));
    assert_eq!(schema["allOf"], json!([{"properties": {"a": {}, "b": {}}, "additionalProperties": false}]));
}

#[test]
fn a_closed_branch_that_forbids_what_the_whole_requires_was_meant_for_itself() {
    let operation = only(
        "
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - {type: object, properties: {a: {}}, additionalProperties: false}
                - {type: object, properties: {b: {}}, required: [b], additionalProperties: false}
",
    );
    let expected = json!({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"],
        "allOf": [{"properties": {"b": {}}, "additionalProperties": false}]});
    assert_eq!(body(&operation), expected);
}

#[test]
fn a_reference_with_keywords_beside_it_is_both() {
    let operation = only_of(
        "3.0.3",
        "
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/A', type: string, required: [x], description: Here.}
components: {schemas: {A: {type: object, description: There., properties: {x: {type: integer}}}}}
",
    );
    let expected = json!({"description": "Here.", "type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]});
    assert_eq!(body(&operation), expected);
}

#[test]
fn objects_that_include_themselves_or_one_another_without_end_are_served() {
    let mut text = String::from(
        "
paths:
  /a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/s0'}}}}}}
  /b: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/self'}}}}}}
components:
  schemas:
    self: {allOf: [{$ref: '#/components/schemas/self'}, {properties: {a: {}}}]}
",
    );
    for level in 0..30 {
        let next = format!("{{$ref: '#/components/schemas/s{}'}}", level + 1);
        text.push_str(&format!(
            "    s{level}: {{allOf: [{next}, {next}], properties: {{p{level}: {{}}}}}}\n"
        ));
    }
    text.push_str("    s30: {type: object, properties: {last: {}}}\n");
    let (operations, told) = operations_of(&document("3.1.0", &text));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(body(&operations[0])["properties"].as_object().unwrap().len(), 31);
    assert_eq!(body(&operations[1]), json!({"properties": {"a": {}}, "type": "object"}));
}

#[test]
fn read_only_properties_are_no_part_of_a_request() {
    let operation = only(
        "
paths:
  /a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}
components:
  schemas:
    Id: {type: string, readOnly: true}
    Base: {type: object, properties: {made: {type: string, readOnly: true}}}
    A:
      allOf: [{$ref: '#/components/schemas/Base'}]
      required: [id, other, made, secret]
      properties:
        id: {$ref: '#/components/schemas/Id'}
        other: {type: object, required: [x], properties: {x: {readOnly: true}, y: {}}}
        secret: {type: string, writeOnly: true}
",
    );
    let expected = json!({
        "type": "object",
        "required": ["other", "secret"],
        "properties": {"other": {"type": "object", "properties": {"y": {}}}, "secret": {"type": "string"}}
    });
    assert_eq!(body(&operation), expected);
}

#[test]
fn a_stream_of_items_is_a_list() {
    let operation = only_of(
        "3.2.0",
        "
paths:
  /a: {post: {requestBody: {content: {application/jsonl: {itemSchema: {type: object}}}}}}
",
    );
    assert_eq!(body(&operation), json!({"type": "array", "items": {"type": "object"}}));
}

#[test]
fn a_schema_that_is_too_large_keeps_what_is_near_and_accepts_the_rest() {
    let mut text = String::from(
        "
paths:
  /a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/s0'}}}}}}
components:
  schemas:
",
    );
    let long = "x".repeat(4_000);
    for level in 0..100 {
        let next = format!("{{$ref: '#/components/schemas/s{}'}}", level + 1);
        text.push_str(&format!(
            "    s{level}: {{type: object, description: {long}, oneOf: [{next}, {{required: [a]}}], properties: {{next: {next}}}}}\n"
        ));
    }
    text.push_str("    s100: {type: object}\n");
    let (operations, told) = operations_of(&document("3.1.0", &text));
    assert_eq!(told, ["[schema-too-large 5]"]);
    let definitions = &operations[0].definitions;
    assert!((10..20).contains(&definitions.len()), "{}", definitions.len());
    let cut: Vec<_> =
        definitions.iter().filter(|(_, schema)| **schema == json!({"type": "object"})).collect();
    assert_eq!(cut.len(), 1);
    assert!(definitions.get("s1").unwrap().get("oneOf").is_none(), "`oneOf` of what was cut would refuse");
    assert!(definitions.get("s1").unwrap().get("anyOf").is_some());
}
