//! Documents as people really write them, when they are there: `TOOLGATE_CORPUS` or `../shared/openapi` holds them.
//!
//! They are other people's and no part of this repository. Of an archive of more, only what has been unpacked beside
//! it (`open/`, with an `INDEX.json` that says which are valid) is read here; `cargo xtask corpus` reads all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use toolgate::catalog::build::BuildOptions;
use toolgate::config::gateway::PageMode;
use toolgate::diagnostic::{Code, Diagnostics, Severity};
use toolgate::load::{self, LoadArguments};
use toolgate::net::Clients;
use toolgate::openapi::{Document, parse};
use toolgate::source::{MAX_DOCUMENT, Source, file};
use url::Url;

use crate::support::gateway::repository;

#[test]
fn documents_are_read_as_other_readers_read_them() {
    for source in sources(|_| true) {
        let mut diagnostics = Diagnostics::default();
        let tree = parse(&source, &mut diagnostics);
        let refused = diagnostics.iter().find(|diagnostic| diagnostic.code == Code::Syntax);
        if source.name().ends_with(".yaml") || !source.text().trim_start().starts_with(['{', '[']) {
            let is_yaml = serde_yaml::from_str::<serde_yaml::Value>(source.text()).is_ok();
            assert!(tree.is_some() || !is_yaml, "{}: {refused:?}", source.name());
            continue;
        }
        match serde_json::from_str::<Value>(source.text()) {
            Ok(value) => {
                let tree = tree.unwrap_or_else(|| panic!("{}: {refused:?}", source.name()));
                assert!(tree.root().to_value() == value, "{} is read as something else", source.name());
            }
            Err(error) => {
                let start =
                    refused.and_then(|diagnostic| diagnostic.place.as_ref()).map(|place| place.start());
                let start = start.unwrap_or_else(|| panic!("{} is read, though {error}", source.name()));
                assert!(start.line as usize <= error.line(), "{}: {start:?} is after {error}", source.name());
            }
        }
    }
}

#[test]
fn what_is_no_document_is_an_error_with_its_place() {
    let invalid = invalid();
    for source in sources(|path| invalid.contains(path)) {
        let mut diagnostics = Diagnostics::default();
        assert!(Document::read(&source, &mut diagnostics).is_none(), "{} was read", source.name());
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(errors.clone().count(), 1, "{diagnostics:?}");
        assert!(errors.clone().all(|error| error.place.is_some()), "{diagnostics:?}");
    }
}

#[test]
fn every_operation_of_a_document_is_read_and_its_schemas_compile() {
    for (source, expected) in fixtures() {
        let mut diagnostics = Diagnostics::default();
        let document = Document::read(&source, &mut diagnostics).unwrap();
        let operations = document.operations(&mut diagnostics);
        assert_eq!(operations.len(), expected, "{}: {diagnostics:?}", source.name());
        for operation in &operations {
            let bodies = operation.body.iter().flat_map(|body| &body.media).map(|media| &media.schema);
            for schema in operation.parameters.iter().map(|parameter| &parameter.schema).chain(bodies) {
                let mut schema = schema.to_value();
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("$defs".to_owned(), operation.definitions.to_map().into());
                }
                let options = jsonschema::PatternOptions::regex();
                let compiled =
                    jsonschema::draft202012::options().with_pattern_options(options).build(&schema);
                let compiled = compiled.map(|_| ()).map_err(|error| error.to_string());
                assert_eq!(compiled, Ok(()), "{} in {}", operation.signature(), source.name());
            }
        }
    }
}

#[tokio::test]
async fn pages_are_recognised_without_a_change_to_any_tool() {
    let clients = Clients::default();
    let options = BuildOptions {
        allow_writes: true,
        assumed_server: Url::parse("https://api.example.com").ok(),
        ..BuildOptions::default()
    };
    for source in sources(|_| true) {
        let arguments = LoadArguments { sources: vec![source.name().to_owned()], ..LoadArguments::default() };
        let (catalog, _) = load::load(&arguments, &clients).await.into_catalog(&options, &clients);
        for tool in catalog.tools() {
            let Some(pages) = &tool.plan.pages else { continue };
            // For whoever looks at a sample: `cargo test --test suite pages_are_recognised -- --nocapture`.
            println!("{}\t{}\t{:?}", source.name(), tool.plan.signature, pages.rule.style);
            assert_eq!((pages.mode, pages.cursor.is_none()), (PageMode::Hint, true), "{}", tool.name);
            let has_parameter =
                |name: &str| tool.plan.arguments.arguments.iter().any(|argument| *argument.name == *name);
            assert!(pages.parameter.as_deref().is_none_or(has_parameter), "{} hides its pages", tool.name);
        }
    }
}

/// The documents of which `FIXTURES.json` says how many operations they have, with that number.
fn fixtures() -> Vec<(Arc<Source>, usize)> {
    let index = std::fs::read(corpus().join("FIXTURES.json")).unwrap_or_else(|_| {
        eprintln!("nothing was tested: there is no FIXTURES.json in {}", corpus().display());
        b"[]".to_vec()
    });
    let entries: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let source = |entry: &Value| {
        let path = corpus().join(entry["id"].as_str().unwrap());
        Some((file::read(&path, MAX_DOCUMENT).ok()?, usize::try_from(entry["operations"].as_u64()?).unwrap()))
    };
    entries.iter().filter_map(source).collect()
}

/// The plain documents of the corpus.
pub(crate) fn sources(wanted: impl Fn(&Path) -> bool) -> Vec<Arc<Source>> {
    let folders = [corpus(), corpus().join("open")];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    if paths.is_empty() {
        eprintln!("nothing was tested: there are no documents in {}", corpus().display());
    }
    let is_index = |path: &Path| path.ends_with("INDEX.json") || path.ends_with("FIXTURES.json");
    let is_plain =
        |path: &Path| path.extension().is_some_and(|extension| extension == "json" || extension == "yaml");
    paths.retain(|path| is_plain(path) && !is_index(path) && wanted(path));
    paths.iter().map(|path| file::read(path, MAX_DOCUMENT).unwrap()).collect()
}

/// Those that the index says are none.
fn invalid() -> BTreeSet<PathBuf> {
    let folder = corpus().join("open");
    let index = std::fs::read(folder.join("INDEX.json")).unwrap_or_else(|_| b"[]".to_vec());
    let entries: Vec<Value> = serde_json::from_slice(&index).unwrap();
    entries
        .iter()
        .filter(|entry| entry["valid"] == false)
        .map(|entry| folder.join(entry["file"].as_str().unwrap()))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing of the program: it says where the tests find documents"
)]
pub(crate) fn corpus() -> PathBuf {
    std::env::var_os("TOOLGATE_CORPUS").map_or_else(|| repository("../shared/openapi"), PathBuf::from)
}
