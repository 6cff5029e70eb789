use serde_json::json;

use super::*;
use crate::openapi::operation::Location;

/// The encoding of the only parameter, written as `declaration`, and what was told.
fn encoding(version: &str, declaration: &str) -> (Encoding, Vec<String>) {
    let text = format!("paths: {{'/a/{{p}}': {{get: {{parameters: [{declaration}]}}}}}}");
    let (operations, told) = operations_of(&document(version, &text));
    let told = told.into_iter().filter(|told| !told.starts_with("undeclared")).collect();
    (parameter(&operations[0], "p").encoding.clone(), told)
}

#[test]
fn those_of_the_path_hold_unless_the_operation_has_its_own() {
    let operation = only(
        "
paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: id, in: query, schema: {type: string}}
      - {name: X-Trace, in: header, schema: {type: string}}
    get:
      parameters:
        - {name: x-trace, in: header, required: true, schema: {type: boolean}}
",
    );
    assert_eq!(listed(&operation), ["path id required", "query id", "header x-trace required"]);
    assert_eq!(parameter(&operation, "x-trace").schema, json!({"type": "boolean"}));
}

#[test]
fn styles_are_those_of_the_table() {
    let cases = [
        ("in: path, required: true", Style::Simple, false),
        ("in: path, required: true, explode: true", Style::Simple, true),
        ("in: path, required: true, style: matrix", Style::Matrix, false),
        ("in: path, required: true, style: label, explode: true", Style::Label, true),
        ("in: query", Style::Form, true),
        ("in: query, explode: false", Style::Form, false),
        ("in: query, style: form", Style::Form, true),
        ("in: query, style: spaceDelimited", Style::SpaceDelimited, false),
        ("in: query, style: pipeDelimited, explode: false", Style::PipeDelimited, false),
        ("in: query, style: pipeDelimited, explode: true", Style::Form, true),
        ("in: query, style: deepObject", Style::DeepObject, true),
        ("in: query, style: deepObject, explode: false", Style::DeepObject, true),
        ("in: header", Style::Simple, false),
        ("in: cookie", Style::Form, true),
    ];
    for (declaration, expected, explode) in cases {
        let found =
            encoding("3.0.3", &format!("{{name: p, {declaration}, schema: {{type: array, items: {{}}}}}}"));
        assert_eq!(found, (style(expected, explode), vec![]), "{declaration}");
    }
}

#[test]
fn a_style_that_is_not_for_the_place_becomes_the_default() {
    for (declaration, expected, explode) in [
        ("in: query, style: matrix", Style::Form, true),
        ("in: path, required: true, style: form", Style::Simple, false),
        ("in: header, style: wrong", Style::Simple, false),
    ] {
        let (found, told) = encoding("3.1.0", &format!("{{name: p, {declaration}, schema: {{}}}}"));
        assert_eq!(found, style(expected, explode), "{declaration}");
        assert_eq!(told, ["invalid-parameter 3"], "{declaration}");
    }
}

#[test]
fn collection_formats_are_those_of_version_2() {
    for (declaration, expected, explode) in [
        ("in: query", Style::Form, false),
        ("in: query, collectionFormat: csv", Style::Form, false),
        ("in: query, collectionFormat: ssv", Style::SpaceDelimited, false),
        ("in: query, collectionFormat: tsv", Style::TabDelimited, false),
        ("in: query, collectionFormat: pipes", Style::PipeDelimited, false),
        ("in: query, collectionFormat: multi", Style::Form, true),
        ("in: path, required: true, collectionFormat: csv", Style::Simple, false),
        ("in: header, collectionFormat: pipes", Style::PipeDelimited, false),
    ] {
        let found =
            encoding("2.0", &format!("{{name: p, {declaration}, type: array, items: {{type: string}}}}"));
        assert_eq!(found, (style(expected, explode), vec![]), "{declaration}");
    }
    let multi =
        "{name: p, in: path, required: true, collectionFormat: multi, type: array, items: {type: string}}";
    assert_eq!(encoding("2.0", multi), (style(Style::Simple, false), vec!["invalid-parameter 3".to_owned()]));
}

#[test]
fn reserved_characters_and_empty_values_are_allowed_where_that_is_said() {
    let both = "allowReserved: true, allowEmptyValue: true, schema: {}";
    let (found, _) = encoding("3.0.3", &format!("{{name: p, in: query, {both}}}"));
    assert_eq!(
        found,
        Encoding::Style { style: Style::Form, explode: true, allow_reserved: true, allow_empty: true }
    );
    let (found, _) = encoding("3.0.3", &format!("{{name: p, in: header, {both}}}"));
    assert_eq!(found, style(Style::Simple, false));
}

#[test]
fn a_value_may_be_a_media_type() {
    let operation = only(
        "
paths:
  /a:
    get:
      parameters:
        - {name: filter, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: raw, in: query, content: {text/plain: {}}}
",
    );
    let found = parameter(&operation, "filter");
    assert_eq!(found.encoding, Encoding::Content { media_type: "application/json".to_owned() });
    assert_eq!(found.schema, json!({"type": "object"}));
    assert_eq!(parameter(&operation, "raw").schema, json!({"type": "string"}));
}

#[test]
fn version_3_2_has_the_whole_query_as_a_parameter() {
    let query = "
paths:
  /a:
    get:
      parameters:
        - {name: q, in: querystring, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
";
    let operation = only_of("3.2.0", query);
    assert_eq!(operation.parameters[0].location, Location::QueryString);
    assert_eq!(operations_of(&document("3.1.0", query)).1, ["invalid-parameter 8"]);
}

#[test]
fn a_schema_may_stand_among_the_keys_of_the_parameter() {
    let text = "
paths:
  /a:
    get:
      parameters:
        - {name: q, in: query, description: About q., required: false, type: integer, default: 1, x-note: 2}
        - {name: r, in: query}
        - {name: s, in: query, schema: {type: boolean}}
";
    for version in ["2.0", "3.0.0"] {
        let operation = only_of(version, text);
        assert_eq!(parameter(&operation, "q").schema, json!({"type": "integer", "default": 1}));
        assert_eq!(parameter(&operation, "q").description.as_deref(), Some("About q."));
        assert_eq!(parameter(&operation, "r").schema, json!({"type": "string"}));
        assert_eq!(parameter(&operation, "s").schema, json!({"type": "boolean"}));
    }
}

#[test]
fn headers_that_toolgate_sets_are_left_out_with_a_note_each_once() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /a:
    get: {parameters: [{$ref: '#/components/parameters/Token'}]}
    put:
      parameters:
        - {$ref: '#/components/parameters/Token'}
        - {name: ACCEPT, in: header, schema: {type: string}}
        - {name: X-Forwarded-For, in: header, schema: {type: string}}
        - {name: User-Agent, in: header, schema: {type: string}}
        - {name: authorization, in: query, schema: {type: string}}
components: {parameters: {Token: {name: Authorization, in: header, schema: {type: string}}}}
",
    ));
    assert_eq!(listed(&operations[1]), ["header User-Agent", "query authorization"]);
    assert_eq!(told, ["[reserved-parameter 14]", "[reserved-parameter 10]", "[reserved-parameter 11]"]);
}

#[test]
fn what_is_no_parameter_is_left_out_and_told_once() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /a:
    get:
      parameters:
        - {in: query}
        - {name: x, in: head}
        - 5
        - {name: page, in: query, schema: {type: integer}}
        - {$ref: '#/components/parameters/page'}
        - {$ref: '#/components/parameters/none'}
    put: {parameters: [{$ref: '#/components/parameters/none'}]}
    post: {parameters: {name: single, in: query}}
    patch: {parameters: {single: {in: query}}}
components: {parameters: {page: {name: page, in: query, schema: {type: string}}}}
",
    ));
    assert_eq!(listed(&operations[0]), ["query page"]);
    assert_eq!(listed(&operations[2]), ["query single"]);
    assert_eq!(
        told,
        [
            "invalid-parameter 8",
            "invalid-parameter 9",
            "invalid-parameter 10",
            "invalid-parameter 12",
            "broken-reference 13",
            "unexpected-type 16"
        ]
    );
}

#[test]
fn a_path_parameter_that_is_lost_takes_a_text_and_is_told_once() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /a/{id}:
    get: {parameters: [{$ref: '#/components/parameters/none'}]}
",
    ));
    assert_eq!(listed(&operations[0]), ["path id required"]);
    assert_eq!(told, ["broken-reference 6"]);
}

#[test]
fn one_name_may_be_in_every_place() {
    let operation = only(
        "
paths:
  /a/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: id, in: query, schema: {type: string}}
        - {name: id, in: header, schema: {type: string}}
        - {name: id, in: cookie, schema: {type: string}}
        - {name: 'ids[]', in: query, schema: {type: array, items: {type: string}}}
        - {name: twilio/text, in: query, schema: {type: string}}
",
    );
    assert_eq!(operation.parameters.len(), 6);
}

#[test]
fn chains_of_ten_thousand_references_and_circles_end() {
    let mut chain = String::from(
        "
paths:
  /a: {get: {parameters: [{$ref: '#/components/parameters/p0'}, {$ref: '#/components/parameters/c0'}]}}
components:
  parameters:
    c0: {$ref: '#/components/parameters/c1'}
    c1: {$ref: '#/components/parameters/c0'}
",
    );
    for link in 0..10_000 {
        chain.push_str(&format!("    p{link}: {{$ref: '#/components/parameters/p{}'}}\n", link + 1));
    }
    chain.push_str("    p10000: {name: q, in: query, schema: {type: string}}\n");
    let (operations, told) = operations_of(&document("3.0.3", &chain));
    assert_eq!(listed(&operations[0]), ["query q"]);
    assert_eq!(told, ["broken-reference 5"]);
}

#[test]
fn references_are_percent_encoded_and_lead_anywhere() {
    let operation = only(
        "
paths:
  /a/{b c}:
    get:
      parameters:
        - {name: b c, in: path, required: true, schema: {type: integer}}
        - {$ref: '#/components/parameters/odd%20name~1x%7E0', description: Said here.}
        - name: twin
          in: query
          schema: {$ref: '#/paths/~1a~1%7Bb%20c%7D/get/parameters/0/schema'}
components:
  parameters:
    odd name/x~: {name: odd, in: query, description: Said there., schema: {type: boolean}}
",
    );
    assert_eq!(parameter(&operation, "odd").description.as_deref(), Some("Said here."));
    assert_eq!(parameter(&operation, "twin").schema, json!({"type": "integer"}));
}
