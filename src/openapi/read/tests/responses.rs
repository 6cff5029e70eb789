use serde_json::{Value, json};

use super::*;
use crate::openapi::operation::Response;

fn responses_of(text: &str) -> Vec<Response> {
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&Source::new("openapi.yaml", text), &mut diagnostics).unwrap();
    let operations = document.operations(&mut diagnostics);
    document.responses(&operations[0])
}

#[test]
fn what_is_asked_for_is_what_successes_are_made_of() {
    let operation = only(
        "
paths:
  /a:
    get:
      responses:
        '200': {content: {application/json: {}, 'text/csv; header=present': {}}}
        2XX: {$ref: '#/components/responses/image'}
        '404': {content: {application/problem+json: {}}}
        default: {content: {text/html: {}}}
components: {responses: {image: {content: {image/*: {}, application/json: {}, odd: {}}}}}
",
    );
    assert_eq!(operation.produces, ["application/json", "text/csv; header=present", "image/*"]);
    let only_default = only("paths: {/a: {get: {responses: {default: {content: {text/html: {}}}}}}}");
    assert_eq!(only_default.produces, ["text/html"]);
}

#[test]
fn answers_have_status_schema_example_and_headers() {
    let responses = responses_of(&document(
        "3.1.0",
        "
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {}}]
    get:
      responses:
        201:
          headers: {X-Count: {schema: {type: integer}}, X-Kind: {schema: {enum: [a, b]}}, X-Id: {example: 7}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/A'}
              examples: {one: {value: {id: 1}}, two: {value: {}}}
            text/plain: {example: hello}
        4XX: {description: none}
        default: {content: {application/json: {schema: {type: string}}}}
components:
  schemas:
    A:
      type: object
      required: [id, secret]
      properties: {id: {readOnly: true}, secret: {writeOnly: true}, next: {$ref: '#/components/schemas/A'}}
",
    ));
    let schema: Value = json!({"type": "object", "properties": {"id": {}, "next": {"$ref": "#/$defs/A"}}, "required": ["id"]});
    let first = &responses[0];
    assert_eq!((first.status, first.media_type.as_deref()), (201, Some("application/json")));
    assert_eq!((first.schema.as_ref(), first.example.clone()), (Some(&schema), Some(json!({"id": 1}))));
    assert_eq!(first.definitions.get("A"), Some(&schema.into()));
    let headers = [("X-Count", "1"), ("X-Kind", "a"), ("X-Id", "7")];
    assert_eq!(first.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(responses[1].example, Some(json!("hello")));
    let rest: Vec<_> =
        responses[2..].iter().map(|response| (response.status, response.media_type.as_deref())).collect();
    assert_eq!(rest, [(400, None), (500, Some("application/json"))]);
}

#[test]
fn answers_of_version_2_have_the_types_that_are_produced() {
    let responses = responses_of(&document(
        "2.0",
        "
produces: [application/json, text/csv]
paths:
  /a:
    get:
      responses:
        200: {schema: {type: array, items: {type: string}}, examples: {text/csv: 'a,b'}}
        204: {description: nothing}
",
    ));
    let found: Vec<_> = responses
        .iter()
        .map(|response| (response.status, response.media_type.as_deref(), response.example.clone()))
        .collect();
    let expected = [
        (200, Some("application/json"), None),
        (200, Some("text/csv"), Some(json!("a,b"))),
        (204, None, None),
    ];
    assert_eq!(found, expected);
}
