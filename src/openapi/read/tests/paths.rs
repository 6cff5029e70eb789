use super::*;
use crate::openapi::template::Piece;

#[test]
fn every_method_of_a_path_is_an_operation_and_nothing_else_is() {
    let (operations, told) = operations_of(&document("3.1.0", "
paths:
  /a: {get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {}, trace: {}, query: {}, x-get: {},
       parameters: [], summary: s, servers: []}
  x-paths: a text
webhooks:
  event: {post: {}}
"));
    let methods = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
    assert_eq!(signatures(&operations), methods.map(|method| format!("{method} /a")));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn version_3_2_has_query_and_methods_of_its_own() {
    let (operations, told) = operations_of(&document(
        "3.2.0",
        "
paths:
  /a: {query: {}, additionalOperations: {COPY: {}, x-lock: {}}}
",
    ));
    assert_eq!(signatures(&operations), ["QUERY /a", "COPY /a", "x-lock /a"]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn an_odd_operation_costs_no_other_one_anything() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /a: {get: 1, put: {}}
  /b:
    get: {$ref: '#/nowhere'}
  /c: a text
  /{d: {get: {}, post: {}}
  /e: {$ref: 'other.yaml#/e'}
  f: {get: {}}
",
    ));
    assert_eq!(signatures(&operations), ["PUT /a", "GET /f"]);
    assert_eq!(
        told,
        [
            "unservable-operation 5",
            "unservable-operation 7",
            "unexpected-type 8",
            "unservable-operation 9",
            "unservable-operation 10"
        ]
    );
}

#[test]
fn a_fixed_query_is_kept_apart_and_a_fragment_is_never_sent() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /responses: {post: {}}
  /responses?beta=true: {post: {}}
  /oauth2/token: {post: {}}
  /oauth2/token#refresh: {post: {}}
",
    ));
    let queries: Vec<_> = operations.iter().map(|operation| operation.path.query().len()).collect();
    assert_eq!((queries, told), (vec![0, 1, 0, 0], vec![]));
    assert_eq!(operations[3].path.segments(), operations[2].path.segments());
}

#[test]
fn variables_of_the_query_are_query_parameters() {
    let (operations, told) = operations_of(&document(
        "3.0.3",
        "
paths:
  /search?query={query}&page={page}&size={s}&fixed=1:
    get:
      parameters:
        - {name: query, in: query, schema: {type: string}}
        - {name: page, in: path, required: true, schema: {type: integer}}
",
    ));
    assert_eq!(listed(&operations[0]), ["query query", "query page required", "query size required"]);
    assert_eq!(parameter(&operations[0], "page").schema, serde_json::json!({"type": "integer"}));
    assert_eq!(operations[0].path.query(), [("fixed".to_owned(), "1".to_owned())]);
    assert_eq!(told, ["undeclared-path-parameter 5"]);
}

#[test]
fn templates_have_their_own_word_for_what_stays_unencoded() {
    let operation = only(
        "
paths:
  /v3/{+account}/{Envelope Id}.json:
    get:
      parameters:
        - {name: account, in: path, required: true, schema: {type: string}}
        - {name: Envelope Id, in: path, required: true, schema: {type: string}}
",
    );
    let reserved = Piece::Variable { name: "account".to_owned(), reserved: true };
    assert_eq!(operation.path.segments()[1], [reserved]);
    assert_eq!(listed(&operation), ["path account required", "path Envelope Id required"]);
}

#[test]
fn a_variable_that_is_not_declared_takes_a_text() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /a/{id}/{itemId}:
    get: {parameters: [{name: item_id, in: path, required: true, schema: {type: integer}}]}
    put: {parameters: [{name: item_id, in: path, required: true, schema: {type: integer}}]}
",
    ));
    assert_eq!(listed(&operations[0]), ["path itemId required", "path id required"]);
    assert_eq!(parameter(&operations[0], "itemId").schema, serde_json::json!({"type": "integer"}));
    assert_eq!(parameter(&operations[1], "id").schema, serde_json::json!({"type": "string"}));
    assert_eq!(
        told,
        ["undeclared-path-parameter 5", "undeclared-path-parameter 5"],
        "once for each variable"
    );
}

#[test]
fn the_only_variable_without_a_parameter_is_the_only_parameter_without_a_variable() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /a/{form_id}:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}]}
",
    ));
    assert_eq!(listed(&operations[0]), ["path form_id required"]);
    assert_eq!(operations[0].parameters[0].schema, serde_json::json!({"type": "integer"}));
    assert_eq!(told, ["undeclared-path-parameter 5"]);
}

#[test]
fn a_path_parameter_without_a_variable_is_left_out() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /a:
    get: {parameters: [{name: page, in: path, required: true, schema: {type: integer}}]}
",
    ));
    assert_eq!((listed(&operations[0]), told), (vec![], vec!["unused-path-parameter 6".to_owned()]));
}

#[test]
fn templates_that_differ_in_names_alone_are_two_operations() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /a/{x}: {parameters: [{name: x, in: path, required: true, schema: {}}], get: {operationId: one}}
  /a/{y}: {parameters: [{name: y, in: path, required: true, schema: {}}], get: {operationId: one}}
",
    ));
    assert_eq!(operations.len(), 2);
    assert_eq!(told, ["duplicate-operation-id 6"]);
}

#[test]
fn a_path_item_may_be_a_reference_and_have_more_of_its_own() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
paths:
  /a:
    $ref: '#/components/pathItems/Item'
    put: {}
    summary: about it
components:
  pathItems:
    Item: {get: {operationId: read}, put: {operationId: hidden}}
",
    ));
    assert_eq!(signatures(&operations), ["PUT /a", "GET /a"]);
    assert_eq!(operations[0].id, None);
    assert_eq!(operations[1].summary.as_deref(), Some("about it"));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn paths_with_a_query_of_their_own_are_read_where_azure_puts_them() {
    let (operations, told) = operations_of(&document(
        "2.0",
        "
paths:
  /a: {get: {}}
x-ms-paths:
  /a?comp=list: {get: {}}
",
    ));
    assert_eq!(signatures(&operations), ["GET /a", "GET /a?comp=list"]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn a_document_with_nothing_to_serve_says_so() {
    for (text, expected) in [
        ("info: {}\nopenapi: 3.1.0\nwebhooks: {a: {post: {}}}", "[no-operations 1]"),
        ("info: {}\nopenapi: 3.0.0\npaths: {}", "[no-operations 3]"),
        ("info: {}\nopenapi: 3.0.0\npaths:", "no-operations 3"),
        ("openapi: 3.0.0\ninfo: {}", "no-operations 1"),
        ("info: {}\nopenapi: 3.0.0\npaths: [1]", "unexpected-type 3"),
    ] {
        let (operations, told) = operations_of(text);
        assert!(operations.is_empty());
        assert_eq!(told, [expected], "{text}");
    }
}

#[test]
fn the_version_is_read_as_meant() {
    let paths =
        "paths: {/a: {get: {parameters: [{name: q, in: query, type: array, items: {type: string}}]}}}";
    for (head, told, explode) in [
        ("openapi: 3.0", Some("document-version 1"), true),
        ("openapi: 3.1.1", Some("missing-info 1"), true),
        ("info: {}\nopenapi: 3.1.1", None, true),
        ("openapi: '3.9.0'", Some("document-version 1"), true),
        ("openapi: '4.0.0'", Some("document-version 1"), true),
        ("swagger: 2.0", Some("document-version 1"), false),
        ("info: {}\nswagger: '2.0'", None, false),
        ("info: {}", Some("document-version 1"), true),
        ("basePath: /", Some("document-version 1"), false),
    ] {
        let (operations, codes) = operations_of(&format!("{head}\n{paths}"));
        assert_eq!(codes.first().map(String::as_str), told, "{head}");
        assert_eq!(operations[0].parameters[0].encoding, style(Style::Form, explode), "{head}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    for (text, expected) in [
        ("type: object\nproperties: {}", "source-unknown 1"),
        ("- a", "source-unknown 1"),
        ("swaggerVersion: '1.2'\napis: []", "unsupported-version 1"),
    ] {
        assert_eq!(operations_of(text).1, [expected], "{text}");
    }
}

#[test]
fn a_description_may_be_a_reference_and_a_tag_an_object() {
    let operation = only(
        "
paths:
  /a:
    description: of the path
    get:
      summary: ' '
      description: {$ref: '#/components/x-texts/long'}
      tags: [one, {name: two}]
      deprecated: true
components: {x-texts: {long: A long text.}}
",
    );
    assert_eq!(operation.summary, None);
    assert_eq!(operation.description.as_deref(), Some("A long text."));
    assert_eq!(operation.tags, ["one", "two"]);
    assert!(operation.deprecated);
}

#[test]
fn a_segment_with_a_colon_is_a_variable_when_its_parameter_is_declared() {
    let text = "paths: {'/videos/:videoId/:again': {get: {parameters: [{name: videoId, in: path, schema: {type: integer}}]}}}";
    let (operations, told) = operations_of(&document("3.0.0", text));
    assert_eq!(operations[0].path.variables().collect::<Vec<_>>(), ["videoId"]);
    assert_eq!(listed(&operations[0]), ["path videoId required"]);
    assert_eq!(told, ["undeclared-path-parameter 3"]);
}

#[test]
fn operations_that_were_left_out_are_not_told_twice() {
    let (_, told) = operations_of(&document("3.0.0", "paths: {/a: {$ref: missing.yaml}}"));
    assert_eq!(told, ["unservable-operation 3"]);
}
