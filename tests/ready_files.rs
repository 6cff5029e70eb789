//! The gateway files that come with toolgate: each is without fault, and each endpoint in it becomes a tool.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toolgate::catalog::Catalog;
use toolgate::catalog::build::{BuildOptions, Served, build};
use toolgate::config::{self, Gateway};
use toolgate::diagnostic::{Diagnostics, render};
use toolgate::net::Clients;
use toolgate::openapi::{Document, Operation};
use toolgate::source::Source;
use toolgate::upstream::Upstream;

use crate::support::gateway::repository;

fn read(path: &Path) -> Arc<Source> {
    let text = std::fs::read_to_string(path).unwrap();
    Source::new(path.strip_prefix(repository("")).unwrap().to_string_lossy(), text)
}

fn gateway(path: &Path, diagnostics: &mut Diagnostics) -> Gateway {
    let gateway = config::read(&read(path), path.parent().unwrap(), diagnostics);
    gateway.unwrap_or_else(|| panic!("{}", render::text(diagnostics, false)))
}

fn catalog(gateway: Gateway, operations: Vec<Operation>, diagnostics: &mut Diagnostics) -> Catalog {
    let credentials = gateway.credentials.clone();
    let upstream = Upstream::new(&*gateway.name, Vec::new(), credentials, &[], &Clients::default());
    let served =
        Served { gateway, document_url: None, operations, instructions: None, upstream: Arc::new(upstream) };
    build(&[served], &BuildOptions::default(), diagnostics)
}

fn names(catalog: &Catalog) -> Vec<&str> {
    catalog.tools().iter().map(|tool| &*tool.name).collect()
}

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

#[test]
fn an_editor_finds_no_fault_in_the_files_that_come_with_toolgate() {
    let schema = std::fs::read_to_string(repository("schemas/gateway.schema.json")).unwrap();
    let validator = jsonschema::draft7::new(&serde_json::from_str(&schema).unwrap()).unwrap();
    let mut files = ready_files();
    files.push(repository("examples/bookshop/gateway.yaml"));
    for path in files {
        let file: serde_json::Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(error) = validator.iter_errors(&file).next() {
            panic!("{}: {error} at {}", path.display(), error.instance_path());
        }
    }
}

#[test]
fn every_ready_gateway_file_is_without_fault() {
    for path in ready_files() {
        let mut diagnostics = Diagnostics::default();
        let gateway = gateway(&path, &mut diagnostics);
        assert_eq!(Some(&*gateway.name), path.file_stem().and_then(|stem| stem.to_str()));
        for endpoint in &gateway.endpoints {
            let name = endpoint.operation.id.as_deref().unwrap_or_default();
            assert!(endpoint.example.is_some(), "{name} of {} has no example for --mock", path.display());
            assert!(endpoint.operation.description.is_some(), "{name} of {} says nothing", path.display());
        }
        let endpoints = gateway.endpoints.len();
        let catalog = catalog(gateway, Vec::new(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{}", render::text(&diagnostics, false));
        assert_eq!(catalog.tools().len(), endpoints);
    }
}

#[test]
fn the_bookshop_shows_what_its_gateway_file_says() {
    let folder = repository("examples/bookshop");
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&read(&folder.join("openapi.yaml")), &mut diagnostics).unwrap();
    let operations = document.operations(&mut diagnostics);
    assert_eq!(operations.len(), 12);
    let catalog =
        catalog(gateway(&folder.join("gateway.yaml"), &mut diagnostics), operations, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", render::text(&diagnostics, false));
    let mut names = names(&catalog);
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
    let list_books: serde_json::Value =
        serde_json::from_str(&catalog.tool("list_books").unwrap().face).unwrap();
    let arguments = list_books["inputSchema"]["properties"].as_object().unwrap();
    let arguments: Vec<&str> = arguments.keys().map(String::as_str).collect();
    assert_eq!(arguments, ["author", "q", "tags", "price", "page", "per_page"]);
}
