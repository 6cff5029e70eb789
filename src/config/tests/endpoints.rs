//! Endpoints written by hand become the same operations that documents give.

use serde_json::json;

use super::{good, problems};
use crate::config::gateway::Endpoint;
use crate::openapi::operation::{Encoding, Location, Parameter, Style};

fn file(endpoint: &str) -> String {
    format!("gateway: shop\nbase_url: https://api.example.com\nendpoints:\n  it:\n{endpoint}")
}

fn endpoint(text: &str) -> Endpoint {
    good(&file(text)).endpoints.remove(0)
}

fn parameter<'e>(endpoint: &'e Endpoint, name: &str) -> &'e Parameter {
    endpoint.operation.parameters.iter().find(|parameter| parameter.name == name).unwrap()
}

fn style(parameter: &Parameter) -> (Style, bool) {
    match &parameter.encoding {
        Encoding::Style { style, explode, .. } => (*style, *explode),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_endpoint_is_an_operation_with_its_name() {
    let endpoint = endpoint(
        "    title: Releases\n    summary: Lists them.\n    description: Lists releases.\n    \
         request: GET /repos/{owner}/{repo}/releases?per_page=50\n    tags: [repos]\n    read_only: true\n    \
         destructive: false\n    idempotent: true\n    timeout: 5s\n    response: {max_bytes: 64KiB, example: [{a: 1}], content_type: text/csv}\n",
    );
    let operation = &endpoint.operation;
    assert_eq!(operation.signature(), "GET /repos/{owner}/{repo}/releases?per_page=50");
    assert_eq!(operation.path.query(), [("per_page".to_owned(), "50".to_owned())]);
    assert_eq!(operation.id.as_deref(), Some("it"));
    assert_eq!(operation.hints.name.as_deref(), Some("it"));
    assert_eq!(operation.hints.title.as_deref(), Some("Releases"));
    assert_eq!((operation.hints.read_only, operation.hints.destructive), (Some(true), Some(false)));
    assert_eq!(operation.place.to_string(), "shop.yaml:4:3");
    assert_eq!((&*operation.tags[0], &*operation.produces[0]), ("repos", "text/csv"));
    assert_eq!(operation.security, None);
    assert_eq!(endpoint.change.timeout.unwrap().as_secs(), 5);
    assert_eq!(endpoint.change.response.max_bytes, Some(65_536));
    assert_eq!(endpoint.example, Some(json!([{"a": 1}])));
    let names: Vec<&str> = operation.parameters.iter().map(|parameter| &*parameter.name).collect();
    assert_eq!(names, ["owner", "repo"], "undeclared variables of the path are required texts");
    assert_eq!(operation.parameters[0].schema, json!({"type": "string"}));
    assert!(operation.parameters[0].required);
}

#[test]
fn a_parameter_goes_where_one_would_look_for_it() {
    let get = endpoint(
        "    request: GET /books/{id}\n    parameters: {id: {}, q: {}, X-A: {in: header}, sid: {in: cookie}}\n",
    );
    assert_eq!(parameter(&get, "id").location, Location::Path);
    assert_eq!(parameter(&get, "q").location, Location::Query);
    assert_eq!(parameter(&get, "X-A").location, Location::Header);
    assert_eq!(parameter(&get, "sid").location, Location::Cookie);
    assert!(get.operation.body.is_none());
    let post = endpoint(
        "    request: POST /books/{id}\n    parameters: {id: {}, title: {required: true}, n: {type: integer, description: N}, q: {in: query}}\n",
    );
    assert_eq!(post.operation.parameters.len(), 2);
    let body = post.operation.body.as_ref().unwrap();
    assert!(body.required);
    assert_eq!(body.media[0].name, "application/json");
    assert_eq!(
        body.media[0].schema,
        json!({"type": "object", "required": ["title"], "properties": {
            "title": {"type": "string"}, "n": {"type": "integer", "description": "N"}}})
    );
    assert_eq!(
        endpoint("    request: DELETE /books\n    parameters: {a: {}}\n").operation.parameters.len(),
        1
    );
}

#[test]
fn styles_and_defaults_are_those_of_openapi() {
    let endpoint = endpoint(
        "    request: GET /books/{id}\n    parameters:\n      id: {style: matrix}\n      tags: {type: array, items: {type: string}}\n      \
         filter: {type: object, style: deepObject, explode: true}\n      ids: {type: array, style: pipeDelimited}\n      \
         X-A: {in: header, type: array, explode: true}\n      json: {content: application/json, schema: {type: object}}\n      \
         raw: {allow_reserved: true}\n",
    );
    assert_eq!(style(parameter(&endpoint, "id")), (Style::Matrix, false));
    assert_eq!(style(parameter(&endpoint, "tags")), (Style::Form, true));
    assert_eq!(style(parameter(&endpoint, "filter")), (Style::DeepObject, true));
    assert_eq!(style(parameter(&endpoint, "ids")), (Style::PipeDelimited, false));
    assert_eq!(style(parameter(&endpoint, "X-A")), (Style::Simple, true));
    assert_eq!(
        parameter(&endpoint, "json").encoding,
        Encoding::Content { media_type: "application/json".into() }
    );
    assert!(matches!(parameter(&endpoint, "raw").encoding, Encoding::Style { allow_reserved: true, .. }));
}

#[test]
fn a_default_is_sent_and_shown_and_a_hidden_one_only_sent() {
    let endpoint = endpoint(
        "    request: GET /books\n    parameters:\n      n: {type: integer, default: 12345678901234567890, name: count}\n      \
         v: {default: '2', hide: true, required: true}\n      plain: {}\n",
    );
    assert_eq!(parameter(&endpoint, "n").schema.to_value()["default"].to_string(), "12345678901234567890");
    let changes = &endpoint.change.parameters;
    assert_eq!(changes.len(), 2);
    assert_eq!((&*changes[0].0, changes[0].1.name.as_deref()), ("n", Some("count")));
    assert_eq!(changes[0].1.default.as_ref().unwrap().to_string(), "12345678901234567890");
    assert!(changes[1].1.hide);
}

#[test]
fn a_body_is_described_in_place_or_by_a_schema() {
    let body = |text: &str| endpoint(&format!("    request: POST /books\n{text}")).operation.body.unwrap();
    let inline = body(
        "    body: {description: B, properties: {a: {type: string}}, required: [a], additionalProperties: false}\n",
    );
    assert!(inline.required);
    assert_eq!(inline.description.as_deref(), Some("B"));
    assert_eq!(
        inline.media[0].schema,
        json!({"properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false, "type": "object"})
    );
    let whole = body("    body: {schema: {type: array, items: {type: integer}}, required: false}\n");
    assert!(!whole.required);
    assert_eq!(whole.media[0].schema.to_value()["type"], "array");
    let text = body("    body: {content_type: text/plain}\n");
    assert_eq!(
        (&*text.media[0].name, &text.media[0].schema),
        ("text/plain", &json!({"type": "string"}).into())
    );
    let form = body(
        "    parameters: {b: {}}\n    body: {content_type: multipart/form-data, properties: {a: {type: string, format: binary}}}\n",
    );
    assert_eq!(
        form.media[0].schema.to_value()["properties"],
        json!({"a": {"type": "string", "format": "binary"}, "b": {"type": "string"}})
    );
    assert_eq!(endpoint("    request: POST /books\n").operation.body.map(|body| body.required), None);
    let optional = endpoint("    request: PUT /books\n    parameters: {a: {}}\n").operation.body.unwrap();
    assert!(!optional.required);
}

/// Each problem must be among those of the endpoint that comes with it.
fn assert_problems(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let found = problems(&file(text));
        assert!(found.iter().any(|problem| problem == expected), "{text}: {found:#?}");
    }
}

#[test]
fn requests_and_answers_that_cannot_be_meant_are_refused_where_they_are_wrong() {
    assert_problems(&[
        ("    request: GET books\n", "5:18 books: a path begins with '/'"),
        ("    request: GET /a/{id\n", "5:18 /a/{id: '{' and '}' do not match"),
        (
            "    request: GET https://example.com/a\n",
            "5:18 https://example.com/a: the path is written without scheme and host, which `base_url` says",
        ),
        (
            "    request: GET /a\n    response: {max_bytes: 9MiB}\n",
            "6:27 9MiB: `9MiB` is no size of an answer (write a size like `64KiB`, at least 1KiB and at most 8MiB; units are B, kB, KiB, MB, MiB)",
        ),
    ]);
    let found = problems("gateway: a\nbase_url: http://a\nendpoints: {a b: {request: GET /}}\n");
    assert!(found[0].contains("`a b` cannot be the name"), "{found:?}");
}

#[test]
fn parameters_that_cannot_be_meant_are_refused_where_they_are_wrong() {
    assert_problems(&[
        ("    request: GET /a\n    parameters: {b: {in: path}}\n", "6:18 b: the path has no variable `{b}`"),
        (
            "    request: GET /a/{isbn}\n    parameters: {isnb: {in: path}}\n",
            "6:18 isnb: the path has no variable `{isnb}` (did you mean `isbn`?)",
        ),
        (
            "    request: GET /a?b=1\n    parameters: {b: {}}\n",
            "6:18 b: `b` is in the query of `request` already, with a fixed value",
        ),
        (
            "    request: GET /a/{b}\n    parameters: {b: {required: false}}\n",
            "6:32 false: a variable of the path cannot be left out",
        ),
        (
            "    request: GET /a/{b}\n    parameters: {b: {hide: true}}\n",
            "6:18 b: `b` is required and hidden, so that no call could be made (give it a `default`)",
        ),
        (
            "    request: GET /a\n    parameters: {Authorization: {in: header}}\n",
            "6:18 Authorization: `Authorization` cannot be a parameter in a header (say it as `credential`, so that it is kept secret)",
        ),
        (
            "    request: GET /a\n    parameters: {b: {style: matrix}}\n",
            "6:29 matrix: this style cannot be used in query",
        ),
    ]);
}

#[test]
fn schemas_that_cannot_be_meant_are_refused_where_they_are_wrong() {
    assert_problems(&[
        (
            "    request: GET /a\n    parameters: {b: {type: strnig}}\n",
            "6:28 strnig: `strnig` is none of string, number, integer, boolean, array, object, null (did you mean `string`?)",
        ),
        (
            "    request: GET /a\n    parameters: {b: {minlength: 1}}\n",
            "6:22 minlength: there is no key `minlength` here (did you mean `minLength`?)",
        ),
        (
            "    request: GET /a\n    parameters: {b: {schema: {items: {nullable: true}}}}\n",
            "6:39 nullable: there is no keyword `nullable` in a schema here (write `type: [string, \"null\"]`)",
        ),
        (
            "    request: GET /a\n    parameters: {b: {$ref: '#/x'}}\n",
            "6:22 $ref: there is no key `$ref` here (write the schema out, or share it with a YAML anchor (`&name`, `*name`))",
        ),
        (
            "    request: GET /a\n    parameters: {b: {type: integer, maximum: 5, default: 6}}\n",
            "6:58 6: the default is not a value that is allowed: 6 is greater than the maximum of 5",
        ),
        (
            "    request: GET /a\n    parameters: {b: {type: string, schema: {}}}\n",
            "6:44 {}: a schema is written under `schema` or beside the other keys, not both",
        ),
    ]);
}

#[test]
fn bodies_that_cannot_be_meant_are_refused_where_they_are_wrong() {
    assert_problems(&[
        (
            "    request: POST /a\n    parameters: {b: {style: form}}\n",
            "6:22 style: `style` has no meaning for a property of the body",
        ),
        (
            "    request: POST /a\n    body: {}\n",
            "6:5 body: nothing says what the body holds (declare its `properties`, its `type` or a `schema`)",
        ),
        (
            "    request: POST /a\n    parameters: {b: {}}\n    body: {type: array}\n",
            "6:18 b: `b` is a property of the body, which is no object",
        ),
        (
            "    request: POST /a\n    parameters: {b: {}}\n    body: {properties: {b: {}}}\n",
            "6:18 b: `b` is declared in `body` too",
        ),
        (
            "    request: POST /a\n    body: {content_type: json}\n",
            "6:26 json: `json` is no media type (write it like `application/json` or `text/plain; charset=utf-8`)",
        ),
    ]);
}

#[test]
fn an_endpoint_says_all_that_openapi_says_of_parameters_and_bodies() {
    let endpoint = endpoint(
        "    request: POST /search\n    deprecated: true\n    produces: [application/json, text/csv]\n    parameters:\n      \
         ids: {in: query, style: tabDelimited, type: array, items: {type: integer}}\n      \
         flag: {in: query, allow_empty: true}\n      \
         whole: {in: querystring, content: application/x-www-form-urlencoded, type: object}\n    body:\n      content:\n        \
         multipart/form-data:\n          schema: {type: object, properties: {file: {type: string, format: binary}, list: {type: array}}}\n          \
         encoding: {file: {content_type: image/png, headers: {X-A: b}}, list: {style: pipeDelimited, explode: false}}\n        \
         application/json: {schema: {type: object}}\n",
    );
    let operation = &endpoint.operation;
    assert!(operation.deprecated);
    assert_eq!(operation.produces, ["application/json", "text/csv"]);
    assert_eq!(style(parameter(&endpoint, "ids")), (Style::TabDelimited, false));
    let Encoding::Style { allow_empty, .. } = parameter(&endpoint, "flag").encoding else { panic!() };
    assert!(allow_empty);
    assert_eq!(parameter(&endpoint, "whole").location, Location::QueryString);
    let body = operation.body.as_ref().unwrap();
    let names: Vec<&str> = body.media.iter().map(|media| &*media.name).collect();
    assert_eq!(names, ["multipart/form-data", "application/json"]);
    let (name, file) = &body.media[0].encoding[0];
    assert_eq!((&**name, file.content_type.as_deref()), ("file", Some("image/png")));
    assert_eq!(file.headers, [("X-A".to_owned(), "b".to_owned())]);
    let (_, list) = &body.media[0].encoding[1];
    let Some(Encoding::Style { style, explode, .. }) = list.encoding else { panic!() };
    assert_eq!((style, explode), (Style::PipeDelimited, false));
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (text, expected) in [
        (
            "    request: GET /a\n    produces: [text/csv]\n    response: {content_type: text/csv}\n",
            "`produces` and the `content_type` of `response` say the same",
        ),
        (
            "    request: GET /a\n    parameters: {q: {in: querystring}}\n",
            "a `querystring` is written as a media type",
        ),
        (
            "    request: POST /a\n    body: {content_type: text/csv, content: {application/json: {schema: {}}}}\n",
            "`content` says media types and what each holds, and nothing else does beside it",
        ),
        (
            "    request: POST /a\n    body: {type: object, encoding: {a: {style: form}}}\n",
            "`encoding` is about forms: url-encoded or multipart",
        ),
        ("    request: POST /a\n    body: {content: {json: {schema: {}}}}\n", "`json` is no media type"),
    ] {
        let problems = problems(&file(text));
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{text}: {problems:?}");
    }
}
