//! The gateway files that come with toolgate: each is without fault, and each tool of them is answered by the stand-in.

use std::path::PathBuf;

use serde_json::Value;
use serde_json::value::to_raw_value;
use tokio::net::TcpListener;
use toolgate::access::Principal;
use toolgate::call::{Call, CallerHeaders, ToolOutcome, pipeline};
use toolgate::catalog::{Catalog, Tool, build::BuildOptions};
use toolgate::diagnostic::{Code, render};
use toolgate::load::{self, Load, LoadArguments};
use toolgate::mock::{self, Mock, MockApi};
use toolgate::net::Clients;
use toolgate::openapi::definitions::Definitions;

use crate::support::gateway::repository;

fn ready_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(repository("gateways"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    files
}

async fn load(source: &str) -> Load {
    let sources = vec![repository(source).to_string_lossy().into_owned()];
    load::load(
        &LoadArguments { sources, keep_documents: true, ..LoadArguments::default() },
        &Clients::default(),
    )
    .await
}

fn catalog(load: Load) -> Catalog {
    let (catalog, diagnostics) = load.into_catalog(&BuildOptions::default(), &Clients::default());
    let is_clean = diagnostics.iter().all(|diagnostic| diagnostic.code == Code::PaginationRecognised);
    assert!(is_clean, "{}", render::text(&diagnostics, false));
    catalog
}

/// The catalog with a stand-in for its APIs, which ends with what is returned.
async fn mocked(mut load: Load) -> (Catalog, Mock) {
    let apis = load
        .apis
        .iter()
        .map(|api| MockApi::new(&api.gateway, api.operations.clone(), api.document.clone()))
        .collect();
    let mock = mock::start(apis, TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
    load.retarget(|gateway| mock.base_url(gateway).cloned());
    (catalog(load), mock)
}

fn face(tool: &Tool) -> Value {
    serde_json::from_str(&tool.face).unwrap()
}

async fn call(tool: &Tool, arguments: &Value) -> ToolOutcome {
    let arguments = to_raw_value(arguments).unwrap();
    let call = Call {
        plan: &tool.plan,
        arguments: Some(&arguments),
        principal: &Principal::Local,
        caller: &CallerHeaders::default(),
        deadline: toolgate::clock::now() + tool.plan.timeout,
        progress: None,
        trace: Vec::new(),
    };
    pipeline::run(call).await
}

#[test]
fn an_editor_finds_no_fault_in_the_files_that_come_with_toolgate() {
    let schema = std::fs::read_to_string(repository("schemas/gateway.schema.json")).unwrap();
    let validator = jsonschema::draft7::new(&serde_json::from_str(&schema).unwrap()).unwrap();
    let mut files = ready_files();
    files.push(repository("examples/bookshop/gateway.yaml"));
    for path in files {
        let file: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(error) = validator.iter_errors(&file).next() {
            panic!("{}: {error} at {}", path.display(), error.instance_path());
        }
    }
}

#[tokio::test]
async fn every_ready_gateway_file_is_without_fault() {
    for path in ready_files() {
        let load = load(&path.to_string_lossy()).await;
        let [api] = &*load.apis else { panic!("{}", render::text(&load.diagnostics, false)) };
        assert_eq!(Some(&*api.gateway.name), path.file_stem().and_then(|stem| stem.to_str()));
        for endpoint in &api.gateway.endpoints {
            let name = endpoint.operation.id.as_deref().unwrap_or_default();
            assert!(endpoint.example.is_some(), "{name} of {} has no example for --mock", path.display());
            assert!(endpoint.operation.description.is_some(), "{name} of {} says nothing", path.display());
        }
        let endpoints = api.gateway.endpoints.len();
        assert_eq!(catalog(load).tools().len(), endpoints);
    }
}

#[tokio::test]
async fn every_tool_of_the_files_that_come_with_toolgate_is_answered_by_the_stand_in() {
    for source in ["gateways", "examples/bookshop"] {
        let (catalog, mock) = mocked(load(source).await).await;
        for tool in catalog.tools() {
            let schema = &face(tool)["inputSchema"];
            let arguments = mock::instance(schema, &Definitions::new()).unwrap();
            let outcome = call(tool, &arguments).await;
            assert!(!outcome.is_error, "{} with {arguments}: {:?}", tool.name, outcome.content);
        }
        mock.stop().await;
    }
}

#[tokio::test]
async fn the_bookshop_shows_what_its_gateway_file_says() {
    let load = load("examples/bookshop").await;
    assert_eq!(load.apis[0].operations.len(), 12, "of the document");
    let catalog = catalog(load);
    let mut names: Vec<&str> = catalog.tools().iter().map(|tool| &*tool.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "add_book",
            "get_book",
            "get_cover",
            "get_order",
            "list_authors",
            "list_books",
            "list_reviews",
            "opening_hours",
            "place_order",
            "review_book",
            "set_cover"
        ]
    );
    let list_books = face(catalog.tool("list_books").unwrap());
    let arguments = list_books["inputSchema"]["properties"].as_object().unwrap();
    let arguments: Vec<&str> = arguments.keys().map(String::as_str).collect();
    assert_eq!(arguments, ["author", "q", "tags", "price", "page", "per_page"]);
}
