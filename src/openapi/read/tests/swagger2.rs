use serde_json::json;

use super::*;
use crate::openapi::operation::PropertyEncoding;

#[test]
fn a_body_is_one_of_the_parameters() {
    let operation = only_of(
        "2.0",
        "
consumes: [application/xml, application/json]
produces: [application/json]
paths:
  /a:
    post:
      produces: [text/csv, application/json, text/csv]
      parameters:
        - {name: data, in: body, required: true, description: The data., schema: {$ref: '#/definitions/A'}}
definitions: {A: {type: object, properties: {x: {type: string, x-nullable: true}}}}
",
    );
    assert_eq!(media(&operation), ["application/json", "application/xml"]);
    assert_eq!(
        body(&operation),
        json!({"type": "object", "properties": {"x": {"type": ["string", "null"]}}})
    );
    let body = operation.body.as_ref().unwrap();
    assert!(body.required);
    assert_eq!(body.description.as_deref(), Some("The data."));
    assert_eq!(operation.produces, ["text/csv", "application/json"]);
}

#[test]
fn a_body_without_consumes_is_json() {
    let operation =
        only_of("2.0", "paths: {/a: {put: {parameters: [{name: b, in: body, schema: {type: string}}]}}}");
    assert_eq!(media(&operation), ["application/json"]);
}

#[test]
fn form_parameters_are_one_form() {
    let operation = only_of(
        "2.0",
        "
paths:
  /a:
    post:
      consumes: [application/json, application/x-www-form-urlencoded]
      parameters:
        - {name: token, in: formData, type: string, required: true, description: Who asks.}
        - {name: ids, in: formData, type: array, items: {type: integer}, collectionFormat: multi}
",
    );
    assert_eq!(media(&operation), ["application/x-www-form-urlencoded"]);
    assert_eq!(
        body(&operation),
        json!({
            "type": "object",
            "properties": {
                "token": {"type": "string", "description": "Who asks."},
                "ids": {"type": "array", "items": {"type": "integer"}}
            },
            "required": ["token"]
        })
    );
    let ids = PropertyEncoding { encoding: Some(style(Style::Form, true)), ..PropertyEncoding::default() };
    assert_eq!(operation.body.unwrap().media[0].encoding, [("ids".to_owned(), ids)]);
}

#[test]
fn a_file_needs_multipart_whatever_is_consumed() {
    for consumes in ["", "consumes: [application/x-www-form-urlencoded]", "consumes: [multipart/form-data]"] {
        let operation = only_of(
            "2.0",
            &format!(
                "
{consumes}
paths: {{/a: {{post: {{parameters: [{{name: file, in: formData, type: file}}]}}}}}}
"
            ),
        );
        assert_eq!(media(&operation), ["multipart/form-data"], "{consumes}");
        assert_eq!(body(&operation)["properties"]["file"], json!({"type": "string", "format": "binary"}));
    }
}

#[test]
fn a_content_type_parameter_says_what_the_body_is() {
    let (operations, told) = operations_of(&document("2.0", "
consumes: [application/json, text/plain]
paths:
  /build:
    post:
      parameters:
        - {name: input, in: body, schema: {type: string, format: binary}}
        - {name: Content-type, in: header, type: string, enum: [application/x-tar], default: application/x-tar}
"));
    assert_eq!(media(&operations[0]), ["application/x-tar"]);
    assert_eq!(told, ["[reserved-parameter 10]"]);
}

#[test]
fn servers_are_put_together() {
    for (head, expected) in [
        (
            "host: api.example.com\nbasePath: /v2\nschemes: [http, https]",
            "https://api.example.com/v2 http://api.example.com/v2",
        ),
        ("host: api.example.com", "https://api.example.com"),
        ("host: api.example.com\nschemes: [ws]\nbasePath: v1", "https://api.example.com/v1"),
        ("basePath: /v2", "/v2"),
        ("host: http://api.example.com/\nbasePath: /v2", "http://api.example.com/v2"),
        ("schemes: [https]", ""),
    ] {
        let operation = only_of("2.0", &format!("{head}\npaths: {{/a: {{get: {{}}}}}}"));
        let urls: Vec<_> = operation.servers.iter().map(|server| &*server.url).collect();
        assert_eq!(urls.join(" "), expected, "{head}");
    }
    let operation = only_of("2.0", "host: api.example.com\npaths: {/a: {get: {schemes: [http]}}}");
    assert_eq!(operation.servers[0].url, "http://api.example.com");
}
