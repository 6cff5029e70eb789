//! From a document as people write it to the request: what a reader, a layout and a writer must agree about.

use serde_json::{Value, json};

use super::super::*;
use crate::call::validate::validate;
use crate::catalog::Catalog;
use crate::catalog::fixture;
use crate::diagnostic::Diagnostics;
use crate::openapi::Document;
use crate::source::Source;

/// The tools of a 3.1 document with this `paths` and whatever comes after it, and what was told of it.
fn tools(rest: &str) -> (Catalog, Vec<String>) {
    of_version("openapi: '3.1.0'", rest)
}

fn of_version(version: &str, rest: &str) -> (Catalog, Vec<String>) {
    let text = format!("{version}\ninfo: {{title: Pets, version: '1'}}\n{rest}");
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&Source::new("pets.yaml", text), &mut diagnostics).unwrap();
    let mut operations = document.operations(&mut diagnostics);
    for operation in &mut operations {
        operation.servers = vec![fixture::server("https://api.example.com")];
    }
    let (catalog, more) = fixture::catalog(operations);
    let told = diagnostics.iter().chain(more.iter());
    (
        catalog,
        told.map(|diagnostic| format!("{}: {}", diagnostic.code.as_str(), diagnostic.message)).collect(),
    )
}

/// The request of the only tool, arguments validated, with `B` as the boundary.
fn sent(catalog: &Catalog, arguments: &Value) -> Result<HttpRequest, String> {
    let first = |error: ArgumentsError| error.problems.into_iter().next().unwrap().message;
    let plan = &catalog.tools()[0].plan;
    let raw = serde_json::value::to_raw_value(arguments).unwrap();
    let arguments = validate(&plan.arguments, Some(&raw)).map_err(first)?;
    build_with_boundary(plan, &arguments, &|| "B".to_owned()).map_err(|refusal| first(refusal.into()))
}

/// Content type and body of a `POST` whose body has this content.
fn posted(content: &str, arguments: &Value) -> Result<(String, String), String> {
    posted_with(content, "", arguments)
}

fn posted_with(content: &str, components: &str, arguments: &Value) -> Result<(String, String), String> {
    let (catalog, told) = tools(&format!(
        "paths: {{/pets: {{post: {{requestBody: {{required: true, content: {content}}}, responses: {{}}}}}}}}\n{components}"
    ));
    assert_eq!(told, [""; 0]);
    let request = sent(&catalog, arguments)?;
    let content_type = request.headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
    Ok((content_type.to_owned(), String::from_utf8_lossy(&request.body).into_owned()))
}

fn input_schema(catalog: &Catalog) -> Value {
    fixture::input_schema(&catalog.tools()[0])
}

const FILE_PART: &str = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
    Content-Type: application/octet-stream\r\n\r\nhi\r\n--B--\r\n";

#[test]
fn a_multipart_body_that_is_said_to_be_a_text_is_a_file() {
    for schema in ["{type: string, format: binary}", "{type: string}", "{type: array, items: {type: string}}"]
    {
        let value = if schema.contains("array") { json!(["aGk="]) } else { json!("aGk=") };
        let (content_type, body) =
            posted(&format!("{{multipart/form-data: {{schema: {schema}}}}}"), &json!({"file": value}))
                .unwrap();
        assert_eq!((&*content_type, &*body), ("multipart/form-data; boundary=B", FILE_PART), "{schema}");
    }
}

#[test]
fn a_form_without_declared_fields_takes_any() {
    for schema in ["", "schema: {}", "schema: {type: object}", "schema: {additionalProperties: true}"] {
        let fields = json!({"body": {"a": "x y", "n": 1, "file": "data:text/plain;name=a.txt,hi"}});
        let form =
            posted(&format!("{{application/x-www-form-urlencoded: {{{schema}}}}}"), &fields).unwrap().1;
        assert_eq!(form, "a=x%20y&n=1&file=data%3Atext%2Fplain%3Bname%3Da.txt%2Chi", "{schema}");
        let multipart = posted(&format!("{{multipart/form-data: {{{schema}}}}}"), &fields).unwrap().1;
        assert!(multipart.contains("name=\"n\"\r\n\r\n1\r\n"), "{multipart}");
        assert!(
            multipart.contains("filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n"),
            "{multipart}"
        );
    }
}

#[test]
fn a_form_is_never_sent_empty_instead_of_what_it_cannot_hold() {
    let content = "{application/x-www-form-urlencoded: {schema: {type: string}}}";
    assert_eq!(posted(content, &json!({"body": "a=1&b=2"})).unwrap().1, "a=1&b=2");
    let content = "{application/x-www-form-urlencoded: {schema: {type: array, items: {type: integer}}}}";
    let refused = posted(content, &json!({"body": [1, 2]})).unwrap_err();
    assert_eq!(refused, "`body` must be an object, each of whose properties is a field");
}

#[test]
fn files_are_found_wherever_the_body_has_them() {
    let content = "{multipart/form-data: {schema: {oneOf: [
        {type: object, properties: {file: {type: string, format: binary}}},
        {type: object, properties: {url: {type: string}}}]}}}";
    assert_eq!(posted(content, &json!({"body": {"file": "aGk="}})).unwrap().1, FILE_PART);
}

#[test]
fn a_boundary_is_each_requests_own() {
    let content = "{'multipart/form-data; boundary=abc': {schema: {type: string}}}";
    assert_eq!(posted(content, &json!({"file": "aGk="})).unwrap().0, "multipart/form-data; boundary=B");
    let (catalog, _) = of_version(
        "swagger: '2.0'",
        "paths: {/files: {post: {parameters: [
           {name: Content-Type, in: header, type: string, default: multipart/form-data; boundary=xyz},
           {name: file, in: formData, type: file}], responses: {}}}}",
    );
    let request = sent(&catalog, &json!({"file": "aGk="})).unwrap();
    assert_eq!(request.headers[CONTENT_TYPE], "multipart/form-data; boundary=B");
    assert_eq!(request.body, FILE_PART);
}

#[test]
fn what_a_file_argument_takes_is_in_its_schema() {
    let paths =
        "paths: {/files: {post: {requestBody: {required: true, content: {multipart/form-data: {schema:
        {type: object, properties: {file: {type: string, format: binary}}}}}}, responses: {}}}}";
    let (catalog, _) = tools(paths);
    let plan = catalog.tools()[0].plan.arguments.schema();
    assert_eq!(plan["properties"]["file"]["contentEncoding"], "base64");
    let shown = jsonschema::validator_for(&input_schema(&catalog)).unwrap();
    for (value, is_file) in [
        ("aGk=", true),
        ("aGk", true),
        ("_-8=", true),
        ("data:image/png;name=a.png;base64,aGk=", true),
        ("data:,a%20b", true),
        ("just text", false),
        ("a", false),
        ("file.png", false),
    ] {
        assert_eq!(shown.is_valid(&json!({ "file": value })), is_file, "{value}");
        assert_eq!(sent(&catalog, &json!({"file": value})).is_ok(), is_file, "{value}");
    }
    assert_eq!(
        sent(&catalog, &json!({"file": "just text"})).unwrap_err(),
        "`file` must be base64 or a data URI"
    );
}

#[test]
fn a_required_header_without_a_legal_name_costs_the_operation_an_optional_one_itself() {
    let with = |required: bool| {
        tools(&format!(
            "paths: {{/pets: {{get: {{parameters: [
               {{name: Account Id, in: header, required: {required}, schema: {{type: string}}}}], responses: {{}}}}}}}}"
        ))
    };
    let (catalog, told) = with(true);
    assert_eq!(catalog.tools().len(), 0);
    let expected = "unservable-operation: `GET /pets` is not served: `Account Id` is required and cannot be the name of a header";
    assert_eq!(told, [expected]);
    let (catalog, told) = with(false);
    assert_eq!(catalog.tools().len(), 1);
    assert_eq!(told, ["invalid-parameter: `Account Id` cannot be the name of a header; it is left out"]);
}

#[test]
fn what_is_required_is_an_argument_whether_it_is_declared_or_not() {
    let content =
        "{application/json: {schema: {type: object, required: [a, b, c], properties: {a: {type: string}}}}}";
    assert_eq!(posted(content, &json!({"a": "x", "b": 1})).unwrap_err(), "`c` is required");
    let (_, body) = posted(content, &json!({"a": "x", "b": 1, "c": [true]})).unwrap();
    assert_eq!(body, r#"{"a":"x","b":1,"c":[true]}"#);
    let nested = "{application/json: {schema: {type: array, items: {type: object, required: [b], properties: {a: {type: string}}}}}}";
    let (catalog, _) = tools(&format!(
        "paths: {{/pets: {{post: {{requestBody: {{required: true, content: {nested}}}, responses: {{}}}}}}}}"
    ));
    let items = &input_schema(&catalog)["properties"]["body"]["items"];
    assert_eq!(items["required"], json!(["b"]));
    assert!(items["properties"]["b"].is_object(), "{items}");
}

#[test]
fn nothing_required_vanishes_from_a_query() {
    let get = |parameter: &str, arguments: &Value| {
        let (catalog, _) = tools(&format!(
            "paths: {{/pets: {{get: {{parameters: [{{name: ids, in: query, {parameter}}}], responses: {{}}}}}}}}"
        ));
        let least = input_schema(&catalog)["properties"]["ids"]["minItems"].as_u64();
        (least, sent(&catalog, arguments).map(|request| request.url.query().map(str::to_owned)))
    };
    let list = "schema: {type: array, items: {type: integer}}";
    let empty = &json!({"ids": []});
    let refused = Err("`ids` must not be empty".to_owned());
    assert_eq!(get(&format!("required: true, {list}"), empty), (Some(1), refused.clone()));
    assert_eq!(
        get(&format!("required: true, style: pipeDelimited, explode: false, {list}"), empty),
        (Some(1), refused)
    );
    assert_eq!(
        get(&format!("required: true, allowEmptyValue: true, {list}"), empty),
        (None, Ok(Some("ids=".into())))
    );
    assert_eq!(get(list, empty), (None, Ok(None)));
}

#[test]
fn an_xml_body_is_named_by_its_component() {
    let components = "components: {schemas: {Pet: {type: object, properties: {
        id: {type: integer, xml: {attribute: true}}, name: {type: string},
        tags: {type: array, xml: {wrapped: true, name: labels}, items: {type: string, xml: {name: label}}}}},
      Pets: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}";
    let reference =
        |name: &str| format!("{{application/xml: {{schema: {{$ref: '#/components/schemas/{name}'}}}}}}");
    let pet = json!({"id": 1, "name": "a<b", "tags": ["x", "y"]});
    let written = "<Pet id=\"1\"><name>a&lt;b</name><labels><label>x</label><label>y</label></labels></Pet>";
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let (content_type, body) = posted_with(&reference("Pet"), components, &pet).unwrap();
    assert_eq!((&*content_type, body), ("application/xml", format!("{declaration}{written}")));
    let (_, body) = posted_with(&reference("Pets"), components, &json!({"body": [pet, {"id": 2}]})).unwrap();
    assert_eq!(body, format!("{declaration}<Pets>{written}<Pet id=\"2\"></Pet></Pets>"));
}

#[test]
fn an_xml_value_becomes_what_its_node_type_says() {
    let content = "{application/xml: {schema: {type: object, xml: {name: note}, properties: {
        lang: {type: string, xml: {nodeType: attribute}},
        text: {type: string, xml: {nodeType: text}},
        raw: {type: string, xml: {nodeType: cdata}},
        group: {type: object, xml: {nodeType: none}, properties: {inner: {type: integer}}}}}}}";
    let arguments = json!({"lang": "en", "text": "a&b", "raw": "<x>]]>", "group": {"inner": 1}});
    let (_, body) = posted(content, &arguments).unwrap();
    assert_eq!(
        body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><note lang=\"en\">a&amp;b<![CDATA[<x>]]]]><![CDATA[>]]><inner>1</inner></note>"
    );
}

#[test]
fn what_a_body_asks_for_together_is_asked_of_the_arguments() {
    let content = "{application/json: {schema: {type: object, anyOf: [{required: [a]}, {required: [b]}],
        properties: {a: {type: string}, b: {type: string}, c: {type: string}}}}}";
    assert_eq!(posted(content, &json!({"c": "x"})).unwrap_err(), "one of `a`, `b` is required");
    assert_eq!(posted(content, &json!({"b": "x"})).unwrap().1, r#"{"b":"x"}"#);
    assert_eq!(
        posted(content, &json!({"b": "x", "d": 1})).unwrap_err(),
        "\"d\" is not an argument of this tool"
    );
    let (catalog, _) = tools(&format!(
        "paths: {{/pets: {{post: {{requestBody: {{content: {content}}}, responses: {{}}}}}}}}"
    ));
    assert!(sent(&catalog, &json!({})).unwrap().body.is_empty());
    assert_eq!(sent(&catalog, &json!({"c": "x"})).unwrap_err(), "one of `a`, `b` is required");
    let shown = &input_schema(&catalog)["properties"]["a"]["description"];
    assert_eq!(shown, "One of `a`, `b` is required.");
}

#[test]
fn an_object_that_must_not_be_empty_is_not_sent_empty() {
    let content = "{application/json: {schema: {type: object, minProperties: 1,
        properties: {a: {type: string}, b: {type: string}}}}}";
    assert_eq!(posted(content, &json!({})).unwrap_err(), "one of `a`, `b` is required");
    assert_eq!(posted(content, &json!({"a": "x"})).unwrap().1, r#"{"a":"x"}"#);
}

#[test]
fn alternatives_of_a_body_close_nothing_that_others_open() {
    let content = "{application/json: {schema: {type: object, properties: {kind: {type: string}, n: {type: integer}, s: {type: string}},
        oneOf: [{$ref: '#/components/schemas/N'}, {$ref: '#/components/schemas/S'}]}}}";
    let components = "components: {schemas: {
        N: {type: object, required: [n], additionalProperties: false, properties: {n: {type: integer}}},
        S: {type: object, required: [s], additionalProperties: false, properties: {s: {type: string}}}}}";
    let (_, body) = posted_with(content, components, &json!({"kind": "n", "n": 1})).unwrap();
    assert_eq!(body, r#"{"kind":"n","n":1}"#);
    assert_eq!(
        posted_with(content, components, &json!({"kind": "n"})).unwrap_err(),
        "one of `n`, `s` is required"
    );
}

/// The only tool of a 3.2 document with this path item.
fn of_3_2(item: &str) -> Catalog {
    let (catalog, told) = of_version("openapi: '3.2.0'", &format!("paths: {{/pets: {item}}}"));
    assert_eq!((catalog.tools().len(), told), (1, vec![]));
    catalog
}

#[test]
fn the_query_method_and_additional_operations_are_sent_with_their_bodies() {
    let body = "requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {q: {type: string}}}}}}, responses: {}";
    for (item, method) in [
        (format!("{{query: {{{body}}}}}"), "QUERY"),
        (format!("{{additionalOperations: {{COPY: {{{body}}}}}}}"), "COPY"),
    ] {
        let request = sent(&of_3_2(&item), &json!({"q": "x"})).unwrap();
        assert_eq!((request.method.as_str(), &*request.body), (method, br#"{"q":"x"}"#.as_slice()));
    }
}

#[test]
fn a_querystring_parameter_is_the_whole_query() {
    let item = |content: &str| {
        format!(
            "{{get: {{parameters: [{{name: filter, in: querystring, content: {{{content}}}}}], responses: {{}}}}}}"
        )
    };
    let form = "application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}, b: {type: array, items: {type: integer}}}}}";
    let request = sent(&of_3_2(&item(form)), &json!({"filter": {"a": "x&y", "b": [1, 2]}})).unwrap();
    assert_eq!(request.url.query(), Some("a=x%26y&b=1&b=2"));
    let json = "application/json: {schema: {type: object}}";
    let request = sent(&of_3_2(&item(json)), &json!({"filter": {"a": 1}})).unwrap();
    assert_eq!(request.url.query(), Some("%7B%22a%22%3A1%7D"));
    let text = "text/plain: {schema: {type: string}}";
    let request = sent(&of_3_2(&item(text)), &json!({"filter": "$.a[?@.b==1]"})).unwrap();
    assert_eq!(request.url.query(), Some("$.a[?@.b==1]"));
}

#[test]
fn sequences_are_sent_item_by_item() {
    let sent_as = |media_type: &str| {
        let item = format!(
            "{{post: {{requestBody: {{required: true, content: {{{media_type}: {{itemSchema: {{type: object, required: [n], properties: {{n: {{type: integer}}}}}}}}}}}}, responses: {{}}}}}}"
        );
        let catalog = of_3_2(&item);
        assert!(sent(&catalog, &json!({"body": [{}]})).is_err());
        let request = sent(&catalog, &json!({"body": [{"n": 1}, {"n": 2}]})).unwrap();
        assert_eq!(request.headers[CONTENT_TYPE], media_type);
        String::from_utf8(request.body.to_vec()).unwrap()
    };
    for media_type in ["application/jsonl", "application/x-ndjson", "text/jsonl"] {
        assert_eq!(sent_as(media_type), "{\"n\":1}\n{\"n\":2}\n", "{media_type}");
    }
    for media_type in ["application/json-seq", "application/geo+json-seq"] {
        assert_eq!(sent_as(media_type), "\u{1e}{\"n\":1}\n\u{1e}{\"n\":2}\n", "{media_type}");
    }
}

#[test]
fn one_name_in_every_place_is_an_argument_for_each() {
    let (catalog, told) = tools(
        "paths: {'/pets/{id}': {put: {parameters: [
           {name: id, in: path, required: true, schema: {type: string}},
           {name: id, in: query, schema: {type: string}},
           {name: id, in: header, schema: {type: string}},
           {name: id, in: cookie, schema: {type: string}}],
         requestBody: {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}, responses: {}}}}",
    );
    assert_eq!(told, [""; 0]);
    let arguments = json!({"id": "p", "query_id": "q", "header_id": "h", "cookie_id": "c", "body_id": "b"});
    let request = sent(&catalog, &arguments).unwrap();
    assert_eq!((request.url.path(), request.url.query()), ("/pets/p", Some("id=q")));
    assert_eq!(
        (&request.headers["id"], &request.headers["cookie"]),
        (&"h".parse().unwrap(), &"id=c".parse().unwrap())
    );
    assert_eq!(request.body, r#"{"id":"b"}"#);
}

#[test]
fn null_absent_and_empty_are_three_things() {
    let content = "{application/json: {schema: {type: object, properties: {
        a: {type: [string, 'null']}, b: {type: string}, c: {type: array, items: {}}, d: {type: string, readOnly: true}}}}}";
    assert_eq!(posted(content, &json!({})).unwrap().1, "{}");
    assert_eq!(posted(content, &json!({"a": null, "b": null})).unwrap().1, r#"{"a":null}"#);
    assert_eq!(posted(content, &json!({"a": "", "c": []})).unwrap().1, r#"{"a":"","c":[]}"#);
    assert!(posted(content, &json!({"d": "x"})).unwrap_err().contains("not an argument"));
}

#[test]
fn bodies_of_any_kind_are_one_argument_where_they_have_no_properties_of_their_own() {
    for (schema, value) in [
        ("{type: array, items: {type: integer}}", json!([1, 2])),
        ("{type: integer}", json!(3)),
        (
            "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: array, items: {type: string}}]}",
            json!(["x"]),
        ),
        ("{type: object, additionalProperties: {type: integer}}", json!({"x": 1})),
        (
            "{oneOf: [{type: object, required: [kind, a], properties: {kind: {const: a}, a: {}}}, {type: object, required: [kind, b], properties: {kind: {const: b}, b: {}}}], discriminator: {propertyName: kind}}",
            json!({"kind": "b", "b": [1]}),
        ),
    ] {
        let body = posted(&format!("{{application/json: {{schema: {schema}}}}}"), &json!({"body": value}))
            .unwrap()
            .1;
        assert_eq!(body, value.to_string(), "{schema}");
    }
}

#[test]
fn every_spelling_of_a_file_is_one() {
    for schema in [
        "{type: string, format: binary}",
        "{type: string, contentEncoding: binary}",
        "{type: string, contentMediaType: application/octet-stream}",
        "{type: [string, 'null'], format: binary}",
    ] {
        let content =
            format!("{{multipart/form-data: {{schema: {{type: object, properties: {{file: {schema}}}}}}}}}");
        assert_eq!(posted(&content, &json!({"file": "aGk="})).unwrap().1, FILE_PART, "{schema}");
    }
    let by_encoding = "{multipart/form-data: {schema: {type: object, properties: {file: {}}}, encoding: {file: {contentType: application/octet-stream}}}}";
    assert_eq!(posted(by_encoding, &json!({"file": "aGk="})).unwrap().1, FILE_PART);
}

#[test]
fn of_several_media_types_the_one_is_taken_that_lacks_nothing() {
    let content = "{application/json: {schema: {type: object, required: [url], properties: {url: {type: string}, n: {type: integer}}}},
        multipart/form-data: {schema: {type: object, required: [n], properties: {file: {type: string, format: binary}, n: {type: integer}}}}}";
    let media_type = |arguments| posted(content, &arguments).unwrap().0;
    assert_eq!(media_type(json!({"url": "https://example.com", "n": 1})), "application/json");
    assert_eq!(media_type(json!({"n": 1})), "multipart/form-data; boundary=B");
    assert_eq!(media_type(json!({"n": 1, "file": "aGk="})), "multipart/form-data; boundary=B");
    assert_eq!(media_type(json!({"n": 1, "content_type": "application/json"})), "application/json");
}

#[test]
fn what_no_media_type_of_a_body_could_do_without_is_asked_for() {
    let content = "{application/json: {schema: {type: object, required: [n, url], properties: {url: {type: string}, n: {type: integer}}}},
        multipart/form-data: {schema: {type: object, required: [n, file], properties: {file: {type: string, format: binary}, n: {type: integer}}}}}";
    assert_eq!(posted(content, &json!({"n": 1})).unwrap_err(), "one of `url`, `file` is required");
    assert_eq!(posted(content, &json!({"n": 1, "url": "x"})).unwrap().0, "application/json");
    assert_eq!(
        posted(content, &json!({"n": 1, "file": "aGk="})).unwrap().0,
        "multipart/form-data; boundary=B"
    );
}
