mod documents;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::catalog::fixture::{self, body, catalog, media, operation, parameter};
use crate::config::gateway::ParameterChange;
use crate::openapi::operation::{Encoding, Location, Parameter, PropertyEncoding, RequestBody, Style};
use crate::openapi::{Operation, XML_KEY};

fn tools(operation: Operation) -> Catalog {
    let (catalog, diagnostics) = catalog(vec![operation]);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    catalog
}

fn built(catalog: &Catalog, arguments: &Value) -> Result<HttpRequest, String> {
    let arguments = arguments.as_object().unwrap();
    build_with_boundary(&catalog.tools()[0].plan, arguments, &|| "B".to_owned())
        .map_err(|refusal| ArgumentsError::from(refusal).problems.remove(0).message)
}

fn get(path: &str, parameters: Vec<Parameter>, arguments: &Value) -> Result<HttpRequest, String> {
    let mut get = operation("GET", path);
    get.parameters = parameters;
    built(&tools(get), arguments)
}

fn url(path: &str, parameters: Vec<Parameter>, arguments: &Value) -> Result<String, String> {
    get(path, parameters, arguments).map(|request| request.url.to_string())
}

/// `POST /pets` with this body: content type and body as text.
fn post(request_body: RequestBody, arguments: &Value) -> Result<(String, String), String> {
    let mut post = operation("POST", "/pets");
    post.body = Some(request_body);
    let request = built(&tools(post), arguments)?;
    let content_type = request.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    Ok((content_type.unwrap_or_default(), String::from_utf8(request.body.to_vec()).unwrap()))
}

fn text_in(location: Location, name: &str) -> Parameter {
    parameter(location, name, json!({"type": "string"}))
}

fn styled(mut parameter: Parameter, style: Style, explode: bool) -> Parameter {
    parameter.encoding = Encoding::Style { style, explode, allow_reserved: false, allow_empty: false };
    parameter
}

fn content(mut parameter: Parameter) -> Parameter {
    parameter.encoding = Encoding::Content { media_type: "application/json".into() };
    parameter
}

fn object(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties})
}

#[test]
fn values_are_encoded_for_their_place() {
    let parameters = vec![
        text_in(Location::Path, "id"),
        text_in(Location::Query, "q"),
        text_in(Location::Query, "project_ids[]"),
        text_in(Location::Header, "X-Trace"),
        text_in(Location::Cookie, "session"),
    ];
    let arguments = json!({
        "id": "a/b?c#d;é", "q": "a&b=c d+%41", "project_ids": "1", "X-Trace": "a b", "session": "ab==; x",
    });
    let request = get("/pets/{id}/toys", parameters, &arguments).unwrap();
    assert_eq!(
        request.url.as_str(),
        "https://api.example.com/v1/pets/a%2Fb%3Fc%23d%3B%C3%A9/toys?q=a%26b%3Dc%20d%2B%2541&project_ids%5B%5D=1"
    );
    assert_eq!(request.headers["x-trace"], "a b");
    assert_eq!(request.headers["cookie"], "session=ab==%3B%20x");
    assert_eq!(request.headers["accept"], "application/json, */*;q=0.5");
    assert!(request.body.is_empty());
}

#[test]
fn what_is_not_given_is_not_sent() {
    let parameters =
        vec![text_in(Location::Query, "q"), text_in(Location::Header, "X-A"), text_in(Location::Cookie, "c")];
    let request = get("/pets", parameters, &json!({})).unwrap();
    assert_eq!(request.url.as_str(), "https://api.example.com/v1/pets");
    assert_eq!(request.headers.len(), 1);
}

#[test]
fn a_path_value_cannot_leave_its_segment() {
    for (value, expected) in [
        ("", "`id` must not be empty"),
        ("..", "`id` must not hold `.` or `..` as a path segment"),
        ("%2e%2e", "`id` must not hold `.` or `..` as a path segment"),
        ("..%2f", "`id` must not hold `.` or `..` as a path segment"),
        ("%252e", "`id` must not hold `.` or `..` as a path segment"),
        ("..\\", "`id` must not hold `.` or `..` as a path segment"),
        ("a\tb", "`id` must not hold control characters"),
        ("\0", "`id` must not hold control characters"),
    ] {
        assert_eq!(
            url("/pets/{id}", vec![text_in(Location::Path, "id")], &json!({"id": value})),
            Err(expected.into())
        );
    }
    for (value, expected) in
        [("a?x", "a%3Fx"), ("a#b", "a%23b"), ("//h", "%2F%2Fh"), (";", "%3B"), ("\\\\h", "%5C%5Ch")]
    {
        let sent = url("/pets/{id}", vec![text_in(Location::Path, "id")], &json!({"id": value}));
        assert_eq!(sent.unwrap(), format!("https://api.example.com/v1/pets/{expected}"));
    }
}

#[test]
fn two_values_cannot_make_dots_together() {
    let parameters = vec![styled(text_in(Location::Path, "a"), Style::Label, false)];
    assert_eq!(
        url("/pets/{a}", parameters, &json!({"a": ".x"})).unwrap(),
        "https://api.example.com/v1/pets/..x"
    );
    let parameters = vec![parameter(Location::Path, "a", json!({"type": "array"}))];
    assert_eq!(url("/pets/.{a}", parameters.clone(), &json!({"a": []})), Err("`a` must not be empty".into()));
    assert!(url("/pets/.{a}", parameters, &json!({"a": ["."]})).is_err());
}

#[test]
fn a_segment_may_hold_several_pieces() {
    let parameters = vec![text_in(Location::Path, "id"), text_in(Location::Path, "format")];
    let sent = url("/files/{id}.{format}:undo", parameters, &json!({"id": "a.b", "format": "json"}));
    assert_eq!(sent.unwrap(), "https://api.example.com/v1/files/a.b.json:undo");
}

#[test]
fn reserved_expansion_keeps_slashes_and_nothing_else() {
    let parameters = || vec![text_in(Location::Path, "name")];
    let sent = url("/v/{+name}:publish", parameters(), &json!({"name": "projects/a b/topics/c?d"}));
    assert_eq!(sent.unwrap(), "https://api.example.com/v1/v/projects/a%20b/topics/c%3Fd:publish");
    for name in ["/etc", "a//b", "a/../b", "a/%2e%2e"] {
        assert!(url("/v/{+name}", parameters(), &json!({"name": name})).is_err(), "{name}");
    }
}

#[test]
fn styles_and_content_reach_every_place() {
    let list = json!({"type": "array", "items": {"type": "integer"}});
    let parameters = vec![
        styled(parameter(Location::Path, "ids", list.clone()), Style::Matrix, true),
        styled(parameter(Location::Query, "pipe", list.clone()), Style::PipeDelimited, false),
        styled(parameter(Location::Query, "deep", json!({"type": "object"})), Style::DeepObject, true),
        content(parameter(Location::Query, "filter", json!({"type": "object"}))),
        parameter(Location::Header, "X-Ids", list.clone()),
        content(parameter(Location::Header, "X-Json", json!({"type": "object"}))),
        parameter(Location::Cookie, "c", list),
    ];
    let arguments = json!({
        "ids": [1, 2], "pipe": [3, 4], "deep": {"a": {"b": 5}}, "filter": {"a": [6]},
        "X-Ids": [7, 8], "X-Json": {"a": "é"}, "c": [9, 10],
    });
    let request = get("/pets/{ids}", parameters, &arguments).unwrap();
    assert_eq!(
        request.url.as_str(),
        "https://api.example.com/v1/pets/;ids=1;ids=2?pipe=3%7C4&deep%5Ba%5D%5Bb%5D=5&filter=%7B%22a%22%3A%5B6%5D%7D"
    );
    assert_eq!(request.headers["x-ids"], "7,8");
    assert_eq!(request.headers["x-json"], r#"{"a":"\u00e9"}"#);
    assert_eq!(request.headers["cookie"], "c=9; c=10");
}

#[test]
fn header_and_cookie_values_are_refused_rather_than_changed() {
    for value in ["a\r\nX-Evil: 1", "a\nb", "a\0b", "é", "\u{7f}"] {
        let sent = get("/pets", vec![text_in(Location::Header, "X-A")], &json!({"X-A": value}));
        assert!(sent.unwrap_err().starts_with("`X-A` must consist of visible ASCII"), "{value:?}");
    }
    for value in ["a\r\nb", "a\0b"] {
        assert!(
            get("/pets", vec![text_in(Location::Cookie, "c")], &json!({"c": value})).is_err(),
            "{value:?}"
        );
    }
}

#[test]
fn an_empty_list_is_sent_only_where_empty_is_allowed() {
    let list = || parameter(Location::Query, "tags", json!({"type": "array"}));
    assert_eq!(url("/pets", vec![list()], &json!({"tags": []})).unwrap(), "https://api.example.com/v1/pets");
    let mut allowed = list();
    allowed.encoding =
        Encoding::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: true };
    assert_eq!(
        url("/pets", vec![allowed], &json!({"tags": []})).unwrap(),
        "https://api.example.com/v1/pets?tags="
    );
}

#[test]
fn the_whole_query_may_be_one_parameter() {
    let mut whole = parameter(Location::QueryString, "filter", json!({"type": "object"}));
    whole.encoding = Encoding::Content { media_type: "application/x-www-form-urlencoded".into() };
    let sent = url("/pets", vec![whole.clone()], &json!({"filter": {"a": "b c", "d": [1, 2]}}));
    assert_eq!(sent.unwrap(), "https://api.example.com/v1/pets?a=b%20c&d=1&d=2");
    assert_eq!(
        url("/pets", vec![content(whole)], &json!({"filter": {"a": 1}})).unwrap(),
        "https://api.example.com/v1/pets?%7B%22a%22%3A1%7D"
    );
}

#[test]
fn json_bodies_keep_order_digits_and_null() {
    let properties =
        object(&json!({"b": {"type": "number"}, "a": {"type": ["string", "null"]}, "c": {"type": "string"}}));
    let arguments: Value = serde_json::from_str(r#"{"a": null, "b": 9007199254740993.10}"#).unwrap();
    let sent = post(body("application/json; charset=utf-8", properties), &arguments);
    assert_eq!(
        sent.unwrap(),
        ("application/json; charset=utf-8".into(), r#"{"b":9007199254740993.10,"a":null}"#.into())
    );
}

#[test]
fn a_required_body_without_arguments_is_an_empty_object_and_an_optional_one_is_none() {
    let mut request_body = body("application/json", object(&json!({"a": {"type": "string"}})));
    assert_eq!(post(request_body.clone(), &json!({})).unwrap().1, "{}");
    request_body.required = false;
    assert_eq!(post(request_body, &json!({})).unwrap(), (String::new(), String::new()));
}

#[test]
fn a_body_property_goes_under_its_own_name_although_the_path_has_it_too() {
    let mut put = operation("PUT", "/pets/{id}");
    put.parameters = vec![text_in(Location::Path, "id")];
    put.body = Some(body("application/json", object(&json!({"id": {"type": "string"}}))));
    let request = built(&tools(put), &json!({"id": "1", "body_id": "2"})).unwrap();
    assert_eq!((request.url.path(), &*request.body), ("/v1/pets/1", br#"{"id":"2"}"#.as_slice()));
}

#[test]
fn whole_bodies_are_sent_as_they_are() {
    let list = body("application/json", json!({"type": "array"}));
    assert_eq!(post(list, &json!({"body": [1, {"a": null}]})).unwrap().1, r#"[1,{"a":null}]"#);
    let lines = body("application/x-ndjson", json!({"type": "array"}));
    assert_eq!(post(lines, &json!({"body": [{"a": 1}, 2]})).unwrap().1, "{\"a\":1}\n2\n");
    let text = body("text/plain", json!({"type": "string"}));
    assert_eq!(post(text, &json!({"body": "a \"b\""})).unwrap(), ("text/plain".into(), "a \"b\"".into()));
    let binary = body("application/octet-stream", json!({"type": "string", "format": "binary"}));
    assert_eq!(
        post(binary.clone(), &json!({"body": "aGk="})).unwrap(),
        ("application/octet-stream".into(), "hi".into())
    );
    assert_eq!(
        post(binary, &json!({"body": "not base64!"})),
        Err("`body` must be base64 or a data URI".into())
    );
    let image = body("image/*", json!({"type": "string", "format": "binary"}));
    assert_eq!(post(image, &json!({"body": "data:image/png;base64,aGk="})).unwrap().0, "image/png");
}

#[test]
fn forms_are_written_by_their_encoding() {
    let schema = object(&json!({
        "a": {"type": "string"}, "list": {"type": "array"}, "object": {"type": "object"},
        "deep": {"type": "object"}, "comma": {"type": "array"},
    }));
    let mut form = body("application/x-www-form-urlencoded", schema);
    let style = |style, explode| PropertyEncoding {
        encoding: Some(Encoding::Style { style, explode, allow_reserved: false, allow_empty: false }),
        ..PropertyEncoding::default()
    };
    form.media[0].encoding =
        vec![("deep".into(), style(Style::DeepObject, true)), ("comma".into(), style(Style::Form, false))];
    let arguments = json!({
        "a": "x y&z", "list": [1, 2], "object": {"k": 1}, "deep": {"k": {"l": true}}, "comma": ["p", "q"],
    });
    let (content_type, sent) = post(form, &arguments).unwrap();
    assert_eq!(content_type, "application/x-www-form-urlencoded");
    assert_eq!(sent, "a=x%20y%26z&list=1&list=2&object=%7B%22k%22%3A1%7D&deep%5Bk%5D%5Bl%5D=true&comma=p,q");
}

#[test]
fn multipart_bodies_hold_real_files() {
    let schema = object(&json!({
        "title": {"type": "string"}, "file": {"type": "string", "format": "binary"},
        "more": {"type": "array", "items": {"type": "string", "format": "binary"}}, "meta": {"type": "object"},
    }));
    let mut form = body("multipart/form-data", schema);
    form.media[0].encoding = vec![(
        "file".into(),
        PropertyEncoding {
            content_type: Some("image/png, image/jpeg".into()),
            headers: vec![("X-Part".into(), "1".into()), ("Bad\r\n".into(), "1".into())],
            ..PropertyEncoding::default()
        },
    )];
    let arguments = json!({
        "title": "a\r\nb", "file": "data:image/jpeg;name=c%22at.jpg;base64,aGk=", "more": ["aGk=", "data:text/plain,x"], "meta": {"k": 1},
    });
    let (content_type, sent) = post(form, &arguments).unwrap();
    assert_eq!(content_type, "multipart/form-data; boundary=B");
    assert_eq!(
        sent,
        "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na\r\nb\r\n\
         --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c%22at.jpg\"\r\nContent-Type: image/jpeg\r\nX-Part: 1\r\n\r\nhi\r\n\
         --B\r\nContent-Disposition: form-data; name=\"more\"; filename=\"more\"\r\nContent-Type: application/octet-stream\r\n\r\nhi\r\n\
         --B\r\nContent-Disposition: form-data; name=\"more\"; filename=\"more\"\r\nContent-Type: text/plain\r\n\r\nx\r\n\
         --B\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"k\":1}\r\n\
         --B--\r\n"
    );
}

#[test]
fn a_file_that_is_no_base64_is_refused_by_name() {
    let form = body("multipart/form-data", object(&json!({"file": {"type": "string", "format": "binary"}})));
    assert_eq!(post(form, &json!({"file": "just text"})), Err("`file` must be base64 or a data URI".into()));
}

#[test]
fn boundaries_are_random() {
    let mut post = operation("POST", "/pets");
    post.body = Some(body("multipart/form-data", object(&json!({"a": {"type": "string"}}))));
    let catalog = tools(post);
    let arguments = json!({"a": "x"});
    let bodies =
        [(); 2].map(|()| build(&catalog.tools()[0].plan, arguments.as_object().unwrap()).unwrap().body);
    assert_ne!(bodies[0], bodies[1]);
}

#[test]
fn xml_bodies_follow_the_xml_object() {
    let mut post = operation("POST", "/pets");
    post.definitions.insert(
        "Pet",
        json!({"type": "object", XML_KEY: {"name": "pet", "namespace": "https://example.com/ns", "prefix": "p"}, "properties": {
            "id": {"type": "integer", XML_KEY: {"attribute": true}},
            "name": {"type": "string"},
            "tags": {"type": "array", XML_KEY: {"wrapped": true, "name": "labels"}, "items": {"type": "string", XML_KEY: {"name": "label"}}},
            "toys": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
        }}),
    );
    post.body = Some(body("application/xml", json!({"$ref": "#/$defs/Pet"})));
    let catalog = tools(post);
    let arguments = json!({"id": 1, "name": "a<b>&\"", "tags": ["x", "y"], "toys": [{"n": "1"}, {"n": "2"}]});
    let request = built(&catalog, &arguments).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><p:pet xmlns:p=\"https://example.com/ns\" id=\"1\">\
         <name>a&lt;b&gt;&amp;&quot;</name><labels><label>x</label><label>y</label></labels>\
         <toys><n>1</n></toys><toys><n>2</n></toys></p:pet>"
    );
    assert_eq!(
        built(&catalog, &json!({"name": "\0"})).unwrap_err(),
        "`name` must not hold control characters"
    );
}

#[test]
fn the_media_type_is_the_one_that_holds_what_was_given_or_was_chosen() {
    let file =
        |name: &str| object(&json!({name: {"type": "string", "format": "binary"}, "n": {"type": "integer"}}));
    let request_body = || {
        let mut request_body = body("application/json", file("url"));
        request_body.media.push(media("multipart/form-data", file("file")));
        request_body
    };
    assert_eq!(post(request_body(), &json!({"n": 1})).unwrap().0, "application/json");
    assert_eq!(
        post(request_body(), &json!({"n": 1, "file": "aGk="})).unwrap().0,
        "multipart/form-data; boundary=B"
    );
    let chosen = json!({"n": 1, "content_type": "multipart/form-data"});
    assert!(post(request_body(), &chosen).unwrap().1.contains("name=\"n\""));
}

#[test]
fn hidden_parameters_are_always_sent() {
    let mut get = operation("GET", "/pets");
    get.id = Some("pet".into());
    get.parameters = vec![text_in(Location::Query, "version"), text_in(Location::Query, "q")];
    let mut gateway = crate::config::Gateway::named("pets");
    let hidden = ParameterChange { hide: true, default: Some(json!("2")), ..ParameterChange::default() };
    gateway.endpoints = vec![crate::config::gateway::Endpoint {
        operation: get,
        change: crate::config::gateway::Change {
            parameters: vec![("version".into(), hidden)],
            ..Default::default()
        },
        example: None,
    }];
    let served = [fixture::served(gateway, Vec::new())];
    let catalog = crate::catalog::build::build(&served, &Default::default(), &mut Default::default());
    let request = built(&catalog, &json!({"q": "a"})).unwrap();
    assert_eq!(request.url.as_str(), "https://api.example.com/v1/pets?version=2&q=a");
}

#[test]
fn a_request_that_is_too_large_is_refused() {
    let text = body("text/plain", json!({"type": "string"}));
    let sent = post(text, &json!({"body": "x".repeat(MAX_BYTES)}));
    assert!(sent.unwrap_err().contains("at most 4194304 are sent"));
    let sent = url("/pets", vec![text_in(Location::Query, "q")], &json!({"q": "x".repeat(MAX_BYTES)}));
    assert!(sent.is_err());
}

proptest! {
    #[test]
    fn any_path_value_stays_in_its_segment_or_is_refused(value in "\\PC{0,24}|[./\\\\%25eEfF;?#a:@\\x00-\\x20]{0,12}") {
        let template = "/pets/{id}/toys";
        let Ok(sent) = get(template, vec![text_in(Location::Path, "id")], &json!({"id": value})) else {
            return Ok(());
        };
        prop_assert_eq!(sent.url.host_str(), Some("api.example.com"));
        prop_assert_eq!(sent.url.query(), None);
        prop_assert_eq!(sent.url.fragment(), None);
        let segments: Vec<_> = sent.url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        prop_assert_eq!((segments[0], segments[1], segments[3]), ("v1", "pets", "toys"));
        let decoded = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap();
        prop_assert_eq!(decoded, value);
    }

    #[test]
    fn any_query_value_comes_out_as_it_went_in(name in "[a-z\\[\\]&=#]{1,6}", value in any::<String>()) {
        let sent = get("/pets", vec![text_in(Location::Query, &name)], &json!({})).unwrap();
        prop_assert_eq!(sent.url.query(), None);
        let mut get = operation("GET", "/pets");
        get.parameters = vec![text_in(Location::Query, &name)];
        let catalog = tools(get);
        let argument = catalog.tools()[0].plan.request.parameters[0].argument.clone().unwrap();
        let request = built(&catalog, &json!({&*argument: value})).unwrap();
        let pairs: Vec<_> = request.url.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, [(name, value)]);
    }
}
