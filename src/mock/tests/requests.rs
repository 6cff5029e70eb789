//! Paths, parameters and credentials.

use super::*;

#[test]
fn literal_segments_beat_variables() {
    let api = api([
        "GET /books/{id}",
        "GET /books/latest",
        "GET /books/{id}.json",
        "GET /{any}/{id}",
        "POST /books",
    ]
    .map(|signature| {
        let mut operation = operation(signature);
        let names: Vec<String> = operation.path.variables().map(ToOwned::to_owned).collect();
        let text = json!({ "type": "string" });
        operation.parameters =
            names.iter().map(|name| parameter(Location::Path, name, text.clone())).collect();
        operation
    })
    .to_vec());
    assert_eq!(answered(&api, &get("GET /books/5")), "GET /books/{id}");
    assert_eq!(answered(&api, &get("GET /books/latest")), "GET /books/latest");
    assert_eq!(answered(&api, &get("GET /books/lat%65st")), "GET /books/latest");
    assert_eq!(answered(&api, &get("GET /books/5.json")), "GET /books/{id}.json");
    assert_eq!(answered(&api, &get("GET /pens/5")), "GET /{any}/{id}");
    assert_eq!(refused(&api, &get("GET /books/")).0, 404);
    assert_eq!(refused(&api, &get("GET /books/5/pages")).0, 404);
    let other = api.respond(&get("GET /books"));
    assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(other.headers()["allow"], "POST");
}

#[test]
fn templates_may_hold_verbs_reserved_expansions_and_fixed_queries() {
    let text = || json!({ "type": "string" });
    let mut verb = operation("POST /jobs/{id}:cancel");
    verb.parameters = vec![parameter(Location::Path, "id", text())];
    let mut file = operation("GET /files/{+path}");
    file.parameters = vec![parameter(Location::Path, "path", text())];
    let api = api(vec![verb, file, operation("GET /responses"), operation("GET /responses?beta=true")]);
    assert_eq!(answered(&api, &get("POST /jobs/a%3Ab:cancel")), "POST /jobs/{id}:cancel");
    assert_eq!(answered(&api, &get("GET /files/a/b/c.txt")), "GET /files/{+path}");
    assert_eq!(answered(&api, &get("GET /responses")), "GET /responses");
    assert_eq!(answered(&api, &get("GET /responses?beta=true")), "GET /responses?beta=true");
    let (status, reasons) = refused(&api, &get("GET /responses?beta=false"));
    assert_eq!((status, reasons), (400, vec!["query 'beta' is not declared".to_owned()]));
}

#[test]
fn a_path_is_read_in_the_way_that_holds() {
    let mut page = operation("GET /blog/{page}{extension}");
    page.parameters = vec![
        parameter(Location::Path, "page", json!({ "type": "string" })),
        parameter(Location::Path, "extension", json!({ "enum": [".json"] })),
    ];
    let mut view = operation("GET /file?view=info");
    view.parameters = vec![required(parameter(Location::Query, "view", json!({ "enum": ["info"] })))];
    let api = api(vec![page, view]);
    assert_eq!(answered(&api, &get("GET /blog/a.b.json")), "GET /blog/{page}{extension}");
    assert_eq!(refused(&api, &get("GET /blog/a.b.xml")).0, 400);
    assert_eq!(answered(&api, &get("GET /file?view=info")), "GET /file?view=info");
}

#[test]
fn of_operations_with_one_path_the_one_that_allows_the_request_answers() {
    let mut by_id = operation("GET /books/{id}");
    by_id.parameters = vec![parameter(Location::Path, "id", json!({ "type": "integer" }))];
    let mut by_name = operation("GET /books/{name}");
    by_name.parameters = vec![parameter(Location::Path, "name", json!({ "pattern": "^[a-z]+$" }))];
    let api = api(vec![by_id, by_name]);
    assert_eq!(answered(&api, &get("GET /books/5")), "GET /books/{id}");
    assert_eq!(answered(&api, &get("GET /books/emma")), "GET /books/{name}");
    assert_eq!(refused(&api, &get("GET /books/EMMA")).0, 400);
}

#[test]
fn all_reasons_are_told_at_once() {
    let mut search = operation("GET /books/{shelf}");
    search.parameters = vec![
        parameter(Location::Path, "shelf", json!({ "type": "integer" })),
        required(parameter(Location::Query, "q", json!({ "type": "string" }))),
        parameter(Location::Query, "limit", json!({ "type": "integer", "maximum": 100 })),
        required(parameter(Location::Header, "X-Reader", json!({ "type": "string" }))),
        parameter(Location::Cookie, "theme", json!({ "enum": ["dark", "light"] })),
    ];
    let api = api(vec![search]);
    let (status, reasons) = refused(
        &api,
        &request("GET /books/a?limit=101&page=2&page=3", &[("cookie", "theme=grey; track=1")], "{}"),
    );
    assert_eq!(status, 400);
    assert_eq!(
        reasons,
        [
            "path 'shelf' is refused: \"a\" is not of type \"integer\"",
            "query 'q' is required and missing",
            "query 'limit' is refused: 101 is greater than the maximum of 100",
            "header 'X-Reader' is required and missing",
            "cookie 'theme' is refused: \"grey\" is not one of \"dark\" or \"light\"",
            "query 'page' is not declared, unlike q, limit",
            "cookie 'track' is not declared, unlike theme",
            "body is sent, and the operation takes none",
        ]
    );
    let good = request("GET /books/1?q=a&limit=100", &[("x-reader", "ada"), ("cookie", "theme=dark")], "");
    assert_eq!(answered(&api, &good), "GET /books/{shelf}");
}

#[test]
fn an_object_in_the_query_takes_what_no_other_parameter_is_called() {
    let mut search = operation("GET /books");
    search.parameters = vec![
        parameter(
            Location::Query,
            "filter",
            json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
        ),
        parameter(Location::Query, "page", json!({ "type": "string" })),
    ];
    let api = api(vec![search]);
    assert_eq!(answered(&api, &get("GET /books?year=1815&page=x")), "GET /books");
    let (_, reasons) = refused(&api, &get("GET /books?year=old&page=x"));
    assert_eq!(reasons, ["query 'filter' is refused: \"old\" is not of type \"integer\""]);
}

#[test]
fn parameters_may_be_written_as_json() {
    let mut search = operation("GET /books");
    let filter = parameter(Location::Query, "filter", json!({ "type": "object", "required": ["year"] }));
    search.parameters =
        vec![Parameter { encoding: Encoding::Content { media_type: "application/json".into() }, ..filter }];
    let api = api(vec![search]);
    assert_eq!(answered(&api, &get("GET /books?filter=%7B%22year%22%3A1%7D")), "GET /books");
    assert_eq!(refused(&api, &get("GET /books?filter=%7B%7D")).0, 400);
    assert!(
        refused(&api, &get("GET /books?filter=year")).1[0]
            .starts_with("query 'filter' is not well-formed JSON")
    );
}

#[test]
fn the_whole_query_may_be_one_parameter() {
    let mut search = operation("GET /books");
    let schema = json!({ "type": "object", "properties": { "year": { "type": "integer" } }, "required": ["year"],
                         "additionalProperties": false });
    let whole = parameter(Location::QueryString, "search", schema);
    let media_type = "application/x-www-form-urlencoded".to_owned();
    search.parameters = vec![Parameter { encoding: Encoding::Content { media_type }, ..whole }];
    let api = api(vec![search]);
    assert_eq!(answered(&api, &get("GET /books?year=1815")), "GET /books");
    assert_eq!(refused(&api, &get("GET /books?yaer=1815")).0, 400);
}

#[test]
fn an_empty_value_is_allowed_where_the_document_says_so() {
    let flag = parameter(Location::Query, "verbose", json!({ "type": "boolean" }));
    let allow_empty =
        Encoding::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: true };
    let mut lenient = operation("GET /a");
    lenient.parameters = vec![Parameter { encoding: allow_empty, ..flag.clone() }];
    let mut strict = operation("GET /b");
    strict.parameters = vec![flag];
    let api = api(vec![lenient, strict]);
    assert_eq!(answered(&api, &get("GET /a?verbose")), "GET /a");
    assert_eq!(refused(&api, &get("GET /b?verbose")).0, 400);
}

fn named(name: &str, credential: Credential) -> NamedCredential {
    NamedCredential { name: name.to_owned(), credential }
}

fn secured(alternatives: &[&[&str]]) -> Operation {
    let scheme = |scheme: &&str| SchemeUse { scheme: (*scheme).to_owned(), scopes: Vec::new() };
    let alternatives = alternatives.iter().map(|schemes| schemes.iter().map(scheme).collect());
    Operation { security: Some(alternatives.collect()), ..operation("GET /books") }
}

#[test]
fn a_credential_that_the_gateway_has_must_be_there() {
    let bearer = || vec![named("default", Credential::Bearer("secret-1".into()))];
    let api = |operation, credentials| api_with(vec![operation], credentials);
    let wanted = api(secured(&[&["token"]]), bearer());
    let (status, reasons) = refused(&wanted, &get("GET /books"));
    assert_eq!(
        (status, reasons),
        (401, vec!["credential of the operation's security is missing: Authorization: bearer …".to_owned()])
    );
    let with = request("GET /books", &[("authorization", "Bearer secret-1")], "");
    assert_eq!(answered(&wanted, &with), "GET /books");
    assert_eq!(answered(&api(secured(&[&["token"], &[]]), bearer()), &get("GET /books")), "GET /books");
    assert_eq!(answered(&api(secured(&[]), bearer()), &get("GET /books")), "GET /books");
    assert_eq!(answered(&api(secured(&[&["token"]]), Vec::new()), &get("GET /books")), "GET /books");
}

#[test]
fn a_key_in_the_query_is_a_credential_and_no_undeclared_parameter() {
    let key = Credential::ApiKey { location: Location::Query, name: "key".into(), value: "secret-1".into() };
    let api = api_with(vec![secured(&[&["query_key"]])], vec![named("query_key", key)]);
    assert_eq!(answered(&api, &get("GET /books?key=secret-1")), "GET /books");
    assert_eq!(refused(&api, &get("GET /books")).0, 401);
    assert_eq!(refused(&api, &get("GET /books?key=")).0, 401);
}
