use serde_json::{Value, json};

use super::*;
use crate::catalog::Tool;
use crate::catalog::fixture::{self, body, catalog, input_schema, media, operation, parameter, server};
use crate::catalog::plan::BodyShape;
use crate::config::gateway::{
    Credential, Endpoint, NamedCredential, OperationMatch, ParameterChange, Pattern, Text,
};
use crate::config::response::ResponseRules;
use crate::config::shown::Profile;
use crate::openapi::operation::{Location, ParameterHints, SchemeUse};

fn names(catalog: &Catalog) -> Vec<&str> {
    catalog.tools().iter().map(|tool| &*tool.name).collect()
}

fn arguments(tool: &Tool) -> Vec<String> {
    let schema = input_schema(tool);
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

fn messages(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{}: {}", one.code.as_str(), one.message)).collect()
}

fn built(gateway: Gateway, operations: Vec<Operation>) -> (Catalog, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let served = [fixture::served(gateway, operations)];
    (build(&served, &BuildOptions::default(), &mut diagnostics), diagnostics)
}

fn change(id: &str, change: Change) -> (Pattern, Change) {
    (Pattern { matches: OperationMatch::Id(id.into()), text: id.into(), place: None }, change)
}

/// A gateway file that allows writes and changes the parameters of the operation `pet`.
fn changing(parameters: Vec<(&str, ParameterChange)>) -> Gateway {
    let mut gateway = Gateway::named("pets");
    gateway.operations.writes = Writes::Allow;
    let parameters = parameters.into_iter().map(|(name, change)| (name.to_owned(), change)).collect();
    gateway.operations.change = vec![change("pet", Change { parameters, ..Change::default() })];
    gateway
}

#[test]
fn an_operation_becomes_a_tool() {
    let mut pet = operation("GET", "/pets/{pet_id}");
    pet.id = Some("getPet".into());
    pet.summary = Some("Fetch a pet.".into());
    pet.description = Some("Returns *one* pet.".into());
    pet.deprecated = true;
    pet.parameters = vec![
        parameter(Location::Path, "pet_id", json!({"type": "integer", "format": "int64"})),
        parameter(Location::Query, "fields", json!({"type": "array", "items": {"type": "string"}})),
    ];
    let (catalog, diagnostics) = catalog(vec![pet]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let face: Value = serde_json::from_str(&catalog.tools()[0].face).unwrap();
    assert_eq!(
        face,
        json!({
            "name": "getPet",
            "title": "Fetch a pet",
            "description": "Deprecated. Fetch a pet.\nReturns *one* pet.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "pet_id": {"type": "integer"},
                    "fields": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["pet_id"],
                "additionalProperties": false,
            },
            "annotations": {
                "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": true,
            },
        })
    );
    let plan = &catalog.tools()[0].plan;
    assert_eq!((&*plan.tool, &*plan.signature), ("getPet", "GET /pets/{pet_id}"));
    assert_eq!(&*plan.request.prefix, "https://api.example.com/v1");
}

#[test]
fn a_tool_without_parameters_takes_none() {
    let (catalog, _) = catalog(vec![operation("GET", "/pets")]);
    assert_eq!(input_schema(&catalog.tools()[0]), json!({"type": "object", "additionalProperties": false}));
    assert!(catalog.tools()[0].face.contains(r#""description":"GET /pets""#));
}

#[test]
fn the_method_says_what_a_call_changes() {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"];
    let (catalog, _) = catalog(methods.iter().map(|method| operation(method, "/pets")).collect());
    let hints = |tool: &Tool| {
        let face: Value = serde_json::from_str(&tool.face).unwrap();
        ["readOnlyHint", "destructiveHint", "idempotentHint"]
            .map(|hint| face["annotations"][hint].as_bool().unwrap())
    };
    let hints: Vec<_> = catalog.tools().iter().map(hints).collect();
    assert_eq!(
        hints,
        [
            [true, false, true],
            [true, false, true],
            [false, false, false],
            [false, true, true],
            [false, true, false],
            [false, true, true],
            [true, false, true],
        ]
    );
}

#[test]
fn properties_of_a_plain_body_are_arguments() {
    let mut create = operation("POST", "/pets/{id}");
    create.definitions.insert("Base", json!({"properties": {"id": {"type": "integer"}}, "required": ["id"]}));
    create.parameters = vec![
        parameter(Location::Path, "id", json!({"type": "string"})),
        parameter(Location::Query, "id", json!({"type": "string"})),
        parameter(Location::Header, "id", json!({"type": "string"})),
        parameter(Location::Cookie, "id", json!({"type": "string"})),
        parameter(Location::Query, "tags[]", json!({"type": "array", "items": {"type": "string"}})),
    ];
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"a/b": {"type": "string"}}, "required": ["a/b"]}],
        "anyOf": [{"required": ["id"]}, {"required": ["a/b"]}],
    });
    create.body = Some(body("application/json", schema));
    let (catalog, diagnostics) = catalog(vec![create]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let tool = &catalog.tools()[0];
    assert_eq!(arguments(tool), ["id", "query_id", "header_id", "cookie_id", "tags", "body_id", "a_b"]);
    assert_eq!(input_schema(tool)["required"], json!(["id", "body_id", "a_b"]));
    let BodyShape::Properties(properties) = &tool.plan.request.body.as_ref().unwrap().shape else { panic!() };
    let wire: Vec<_> =
        properties.iter().map(|property| (property.argument.as_deref().unwrap(), &*property.name)).collect();
    assert_eq!(wire, [("body_id", "id"), ("a_b", "a/b")]);
}

#[test]
fn a_body_that_is_no_plain_object_is_one_argument() {
    for schema in [
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"type": "string"}),
        json!({}),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true}),
        json!({"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}),
    ] {
        let mut create = operation("POST", "/pets");
        create.body = Some(body("application/json", schema.clone()));
        let (catalog, _) = catalog(vec![create]);
        assert_eq!(arguments(&catalog.tools()[0]), ["body"], "{schema}");
        assert_eq!(input_schema(&catalog.tools()[0])["required"], json!(["body"]));
    }
}

#[test]
fn several_media_types_are_a_choice() {
    let mut create = operation("POST", "/pets");
    let object = |name: &str| json!({"type": "object", "properties": {name: {"type": "string", "format": "binary"}, "n": {"type": "integer"}}, "required": [name, "n"]});
    create.body = Some(body("application/json", object("url")));
    create
        .body
        .as_mut()
        .unwrap()
        .media
        .extend([media("text/json", object("url")), media("multipart/form-data", object("file"))]);
    let (catalog, _) = catalog(vec![create]);
    let schema = input_schema(&catalog.tools()[0]);
    assert_eq!(arguments(&catalog.tools()[0]), ["url", "n", "file", "content_type"]);
    assert_eq!(schema["required"], json!(["n"]));
    assert_eq!(
        schema["properties"]["content_type"]["enum"],
        json!(["application/json", "multipart/form-data"])
    );
    assert!(schema["properties"]["file"]["description"].as_str().unwrap().contains("base64"));
}

#[test]
fn an_optional_body_requires_its_properties_once_it_is_there() {
    let mut create = operation("POST", "/pets");
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]});
    create.body = Some(body("application/json", schema));
    create.body.as_mut().unwrap().required = false;
    let (catalog, _) = catalog(vec![create]);
    assert!(input_schema(&catalog.tools()[0]).get("required").is_none());
    let validator = catalog.tools()[0].plan.arguments.validator(0).unwrap();
    assert!(validator.is_valid(&json!({})));
    assert!(validator.is_valid(&json!({"a": "x"})));
    assert!(!validator.is_valid(&json!({"b": "x"})));
}

#[test]
fn what_toolgate_sets_itself_is_no_argument() {
    let mut get = operation("GET", "/pets");
    get.id = Some("pet".into());
    let names = ["Host", "Authorization", "content-type", "X-Key", "X-Version", "X-Free", "not a name"];
    get.parameters = names.map(|name| parameter(Location::Header, name, json!({"type": "string"}))).to_vec();
    let mut gateway = Gateway::named("pets");
    gateway.headers = vec![(http::HeaderName::from_static("x-version"), Text::Plain("2".into()))];
    let credential =
        Credential::ApiKey { location: Location::Header, name: "x-key".into(), value: "s".into() };
    gateway.credentials = vec![NamedCredential { name: "default".into(), credential }];
    let (catalog, diagnostics) = built(gateway, vec![get]);
    assert_eq!(arguments(&catalog.tools()[0]), ["X-Free"]);
    assert_eq!(
        messages(&diagnostics),
        [
            "reserved-parameter: the header parameter `Host` is no argument: toolgate sets it itself",
            "reserved-parameter: the header parameter `Authorization` is no argument: toolgate sets it itself",
            "reserved-parameter: the header parameter `content-type` is no argument: toolgate sets it itself",
            "reserved-parameter: the header parameter `X-Key` is no argument: the credential is sent there",
            "reserved-parameter: the header parameter `X-Version` is no argument: the gateway file sets it",
            "invalid-parameter: `not a name` cannot be the name of a header; it is left out",
        ]
    );
    assert_eq!(catalog.tools()[0].plan.request.headers["x-version"], "2");
}

#[test]
fn a_credential_goes_with_every_operation_that_does_not_decline_it() {
    let mut gateway = Gateway::named("pets");
    gateway.credentials =
        vec![NamedCredential { name: "default".into(), credential: Credential::Bearer("s".into()) }];
    let mut open = operation("GET", "/open");
    open.security = Some(Vec::new());
    let mut closed = operation("GET", "/closed");
    closed.security = Some(vec![vec![], vec![SchemeUse { scheme: "key".into(), scopes: vec![] }]]);
    let (catalog, _) = built(gateway, vec![open, closed, operation("GET", "/unsaid")]);
    let credentials = catalog.tools().iter().map(|tool| tool.plan.credentials.keepers().len());
    assert_eq!(credentials.collect::<Vec<_>>(), [0, 1, 1]);
}

#[test]
fn a_change_renames_describes_hides_and_fills_in() {
    let mut pet = operation("POST", "/pets/{id}");
    pet.id = Some("pet".into());
    pet.parameters = vec![
        parameter(Location::Path, "id", json!({"type": "string"})),
        parameter(Location::Query, "per_page", json!({"type": "integer", "maximum": 100})),
        parameter(Location::Query, "debug", json!({"type": "boolean"})),
    ];
    pet.body = Some(body(
        "application/json",
        json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}),
    ));
    let gateway = changing(vec![
        (
            "per_page",
            ParameterChange { name: Some("limit".into()), default: Some(json!(30)), ..Default::default() },
        ),
        ("debug", ParameterChange { hide: true, default: Some(json!(true)), ..Default::default() }),
        (
            "body_id",
            ParameterChange {
                description: Some("The new id.".into()),
                required: Some(false),
                ..Default::default()
            },
        ),
    ]);
    let (catalog, diagnostics) = built(gateway, vec![pet]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let schema = input_schema(&catalog.tools()[0]);
    assert_eq!(
        schema["properties"],
        json!({
            "id": {"type": "string"},
            "limit": {"type": "integer", "maximum": 100, "default": 30},
            "body_id": {"type": "integer", "description": "The new id."},
        })
    );
    assert_eq!(schema["required"], json!(["id"]));
    let hidden = &catalog.tools()[0].plan.request.parameters[2];
    assert_eq!((hidden.argument.as_deref(), hidden.default.as_ref()), (None, Some(&json!(true))));
}

#[test]
fn a_change_that_does_not_fit_is_an_error() {
    let pet = || {
        let mut pet = operation("GET", "/pets/{id}");
        pet.id = Some("pet".into());
        pet.parameters = vec![
            parameter(Location::Path, "id", json!({"type": "string"})),
            parameter(Location::Query, "per_page", json!({"type": "integer"})),
        ];
        vec![pet]
    };
    let default = ParameterChange { default: Some(json!("many")), ..Default::default() };
    let (catalog, diagnostics) =
        built(changing(vec![("per_page", default), ("perpage", ParameterChange::default())]), pet());
    assert_eq!(catalog.tools().len(), 1);
    assert_eq!(
        messages(&diagnostics),
        [
            "invalid-value: the default of `per_page` is not a value that it takes",
            "no-match: `GET /pets/{id}` has no parameter `perpage`",
        ]
    );
    let hide = ParameterChange { hide: true, ..Default::default() };
    let (catalog, diagnostics) = built(changing(vec![("id", hide)]), pet());
    assert!(catalog.tools().is_empty());
    assert_eq!(
        messages(&diagnostics),
        [
            "unservable-operation: `GET /pets/{id}` is not served: `id` is hidden and required, and has no default"
        ]
    );
}

#[test]
fn without_a_server_there_is_one_error() {
    let operations = || {
        let mut operations = vec![operation("GET", "/a"), operation("GET", "/b")];
        operations.iter_mut().for_each(|operation| operation.servers = vec![server("/v1")]);
        operations
    };
    let (catalog, diagnostics) = built(Gateway::named("pets"), operations());
    assert!(catalog.tools().is_empty());
    assert_eq!(messages(&diagnostics), ["missing-server: no server is known for 2 operations of `pets`"]);
    let mut gateway = Gateway::named("pets");
    gateway.base_url = Some("http://127.0.0.1:9/api/?key=1".parse().unwrap());
    let (catalog, diagnostics) = built(gateway, operations());
    assert!(diagnostics.is_empty());
    let request = &catalog.tools()[0].plan.request;
    assert_eq!((&*request.prefix, request.query.as_str()), ("http://127.0.0.1:9/api", "key=1"));
    let options = BuildOptions { assumed_server: "http://localhost".parse().ok(), ..BuildOptions::default() };
    let mut diagnostics = Diagnostics::default();
    let served = [fixture::served(Gateway::named("pets"), operations())];
    assert_eq!(build(&served, &options, &mut diagnostics).tools().len(), 2);
    assert!(diagnostics.has_errors());
}

#[test]
fn endpoints_are_served_although_they_write() {
    let mut gateway = Gateway::named("pets");
    let mut create = operation("POST", "/pets");
    create.id = Some("create_pet".into());
    let response = ResponseRules { max_bytes: Some(2000), ..ResponseRules::default() };
    let change = Change { response, ..Change::default() };
    gateway.response.max_items = Some(5);
    gateway.endpoints = vec![Endpoint { operation: create, change, example: None }];
    let (catalog, diagnostics) = built(gateway, vec![operation("GET", "/pets"), operation("POST", "/pets")]);
    assert_eq!(names(&catalog), ["create_pet", "get_pets"]);
    let shapes = catalog.tools().iter().map(|tool| &tool.plan.response.shape);
    let bounds: Vec<_> = shapes.map(|shape| (shape.max_bytes, shape.max_items)).collect();
    assert_eq!(bounds, [(Some(2000), Some(5)), (None, Some(5))]);
    assert_eq!(messages(&diagnostics), ["writes-denied: 1 operation that writes is not served"]);
}

#[test]
fn several_gateways_have_prefixes_and_views() {
    let served =
        ["cats", "dogs"].map(|name| fixture::served(Gateway::named(name), vec![operation("GET", "/all")]));
    let catalog = build(&served, &BuildOptions::default(), &mut Diagnostics::default());
    assert_eq!(names(&catalog), ["cats_get_all", "dogs_get_all"]);
    let list: Value =
        serde_json::from_slice(&catalog.list(catalog.view(Some("dogs")).unwrap(), Profile::Portable))
            .unwrap();
    assert_eq!(list[0]["name"], "dogs_get_all");
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn a_path_that_would_be_resolved_away_is_not_served() {
    let (catalog, diagnostics) = catalog(vec![operation("GET", "/a/%2E./b"), operation("GET", "/a")]);
    assert_eq!(names(&catalog), ["get_a"]);
    assert_eq!(
        messages(&diagnostics),
        ["unservable-operation: `GET /a/%2E./b` is not served: the path has a segment `.` or `..`"]
    );
}

#[test]
fn an_operation_that_is_not_served_takes_no_name_from_another() {
    let mut operations = vec![operation("GET", "/a/.."), operation("GET", "/b"), operation("GET", "/c")];
    operations[0].id = Some("same".into());
    operations[2].id = Some("same".into());
    let (catalog, diagnostics) = catalog(operations);
    assert_eq!(names(&catalog), ["get_b", "same"]);
    for (tool, path) in catalog.tools().iter().zip(["GET /b", "GET /c"]) {
        let face: Value = serde_json::from_str(&tool.face).unwrap();
        assert_eq!((face["name"].as_str(), face["description"].as_str()), (Some(&*tool.name), Some(path)));
        assert_eq!((&tool.plan.tool, &*tool.plan.signature), (&tool.name, path));
    }
    assert_eq!(messages(&diagnostics).len(), 1);
}

#[test]
fn a_fixed_query_is_sent_unless_a_parameter_sets_it() {
    let mut declared = operation("GET", "/a?beta=true&x=1%202");
    declared.parameters = vec![parameter(Location::Query, "beta", json!({"type": "string"}))];
    let (catalog, _) = catalog(vec![declared, operation("GET", "/a?beta=true")]);
    assert_eq!(catalog.tools()[0].plan.request.query, "x=1%202");
    assert_eq!(catalog.tools()[0].plan.request.parameters[0].default, Some(json!("true")));
    assert_eq!(catalog.tools()[1].plan.request.query, "beta=true");
}

#[test]
fn the_document_hides_and_names_and_the_gateway_file_has_the_last_word() {
    let mut pet = operation("GET", "/pets");
    pet.id = Some("pet".into());
    pet.parameters = vec![
        parameter(Location::Query, "q", json!({"type": "string"})),
        parameter(Location::Query, "page", json!({"type": "integer", "default": 1})),
        parameter(Location::Query, "needed", json!({"type": "string"})),
    ];
    pet.parameters[2].required = true;
    let hints = |name: &str, argument: Option<&str>, hidden| ParameterHints {
        name: name.to_owned(),
        argument: argument.map(str::to_owned),
        description: Some("Said.".to_owned()),
        hidden,
    };
    pet.hints.parameters =
        vec![hints("q", Some("words"), false), hints("page", None, true), hints("needed", None, true)];
    let (catalog, diagnostics) = built(Gateway::named("pets"), vec![pet.clone()]);
    assert!(diagnostics.is_empty() || catalog.tools().len() == 1, "{diagnostics:?}");
    assert_eq!(arguments(&catalog.tools()[0]), ["words", "needed"]);
    assert_eq!(input_schema(&catalog.tools()[0])["properties"]["words"]["description"], "Said.");

    pet.hints.hidden = true;
    assert!(built(Gateway::named("pets"), vec![pet.clone()]).0.tools().is_empty());
    let mut gateway = Gateway::named("pets");
    gateway.operations.include =
        vec![Pattern { matches: OperationMatch::Id("pet".into()), text: "pet".into(), place: None }];
    let change_q = ParameterChange { name: Some("query".into()), ..ParameterChange::default() };
    let changes = Change { parameters: vec![("q".into(), change_q)], ..Change::default() };
    gateway.operations.change = vec![change("pet", changes)];
    let (catalog, _) = built(gateway, vec![pet]);
    assert_eq!(arguments(&catalog.tools()[0]), ["query", "needed"]);
}
