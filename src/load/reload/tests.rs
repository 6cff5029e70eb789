use std::path::Path;

use super::super::{LoadArguments, load};
use super::*;
use crate::diagnostic::Code;
use crate::upstream::{CallerHeaders, Identity, Upstream};

const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: Shop, version: 1}\nservers: [{url: https://shop.example.com}]\npaths:\n  /books:\n    get: {operationId: list_books}\n";

/// A folder that is loaded again and again.
struct World {
    folder: tempfile::TempDir,
    clients: Clients,
    generation: Generation,
}

impl World {
    async fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self { folder, clients: Clients::default(), generation: Generation::default() };
        world.reload(files).await;
        world
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes these files and loads the folder. What is wrong with it.
    async fn reload(&mut self, files: &[(&str, &str)]) -> Diagnostics {
        for (name, text) in files {
            std::fs::write(self.path().join(name), text).unwrap();
        }
        let sources = vec![self.path().to_str().unwrap().to_owned()];
        let load = load(&LoadArguments { sources, ..LoadArguments::default() }, &self.clients).await;
        let (generation, diagnostics) = self.generation.next(load, &BuildOptions::default(), &self.clients);
        self.generation = generation;
        diagnostics
    }

    fn tools(&self) -> Vec<&str> {
        self.generation.catalog.tools().iter().map(|tool| &*tool.name).collect()
    }

    fn upstream(&self, tool: &str) -> Arc<Upstream> {
        Arc::clone(&self.generation.catalog.tool(tool).unwrap().plan.upstream)
    }
}

fn gateway(name: &str, endpoints: &str, more: &str) -> String {
    format!("gateway: {name}\nbase_url: https://{name}.example.com\nendpoints: {{{endpoints}}}\n{more}")
}

#[tokio::test]
async fn a_file_that_became_bad_keeps_its_gateway_whole_and_holds_up_no_other() {
    let (a, b) = (gateway("a", "one: {request: GET /1}", ""), gateway("b", "two: {request: GET /2}", ""));
    let mut world = World::new(&[("a.yaml", &a), ("b.yaml", &b)]).await;
    assert_eq!(world.tools(), ["a_one", "b_two"]);
    for bad in [
        "gateway: a\nbase_url: [",
        "",
        "gateway: a\n",
        &gateway("a", "one: {request: GET /1}, other: {request: nonsense}", ""),
        &gateway("a", "other: {request: GET /1}", "openapi: ./missing.yaml\n"),
    ] {
        let more = format!("n{}", bad.len());
        let b = gateway("b", &format!("two: {{request: GET /2}}, {more}: {{request: GET /n}}"), "");
        let diagnostics = world.reload(&[("a.yaml", bad), ("b.yaml", &b)]).await;
        assert_eq!(world.tools(), ["a_one", "b_two", &*format!("b_{more}")], "{bad}");
        assert_eq!(world.generation.kept, ["a"], "{bad}");
        assert!(diagnostics.has_errors() || bad.is_empty(), "{bad}");
    }
    world.reload(&[("a.yaml", &gateway("a", "other: {request: GET /1}", ""))]).await;
    assert_eq!(world.tools()[0], "a_other");
    assert!(world.generation.kept.is_empty());
}

#[tokio::test]
async fn a_file_that_is_gone_takes_its_gateway_along_and_a_new_one_brings_its_own() {
    let mut world = World::new(&[
        ("a.yaml", &gateway("a", "one: {request: GET /1}", "")),
        ("b.yaml", &gateway("b", "two: {request: GET /2}", "")),
    ])
    .await;
    std::fs::remove_file(world.path().join("a.yaml")).unwrap();
    world.reload(&[("c.yaml", &gateway("c", "three: {request: GET /3}", ""))]).await;
    assert_eq!(world.tools(), ["b_two", "c_three"]);
}

#[tokio::test]
async fn a_document_that_a_gateway_file_names_now_is_no_longer_served_by_itself() {
    let mut world = World::new(&[("shop.yaml", DOCUMENT)]).await;
    assert_eq!(world.tools(), ["list_books"]);
    world.reload(&[("books.yaml", "gateway: books\nopenapi: ./shop.yaml\n")]).await;
    let gateways: Vec<_> = world.generation.catalog.tools().iter().map(|tool| &*tool.plan.gateway).collect();
    assert_eq!(gateways, ["books"]);
}

#[tokio::test]
async fn a_gateway_that_would_lose_its_last_tool_by_an_error_keeps_what_it_had() {
    let mut world = World::new(&[("shop.yaml", DOCUMENT)]).await;
    let diagnostics =
        world.reload(&[("shop.yaml", &DOCUMENT.replace("https://shop.example.com", "/"))]).await;
    assert_eq!(world.tools(), ["list_books"]);
    assert_eq!(world.generation.kept, ["shop"]);
    assert!(diagnostics.iter().any(|problem| problem.code == Code::MissingServer), "{diagnostics:?}");
}

#[tokio::test]
async fn what_was_bad_from_the_start_is_taken_as_at_the_start() {
    let faulty =
        |good: &str| gateway("a", &format!("bad: {{request: nonsense}}, {good}: {{request: GET /1}}"), "");
    let mut world = World::new(&[("a.yaml", &faulty("one"))]).await;
    assert_eq!(world.tools(), ["one"]);
    world.reload(&[("a.yaml", &faulty("two"))]).await;
    assert_eq!(world.tools(), ["two"]);
}

#[tokio::test]
async fn an_api_keeps_its_state_and_one_with_another_key_keeps_what_paces_it() {
    let of = |key: &str, base: &str| {
        let endpoints = "endpoints: {one: {request: GET /1}}";
        format!("gateway: a\nbase_url: {base}\ncredential: {{bearer: {key}}}\n{endpoints}\n")
    };
    let mut world = World::new(&[("a.yaml", &of("first", "https://a.example.com"))]).await;
    let first = world.upstream("one");
    world.reload(&[("b.yaml", &gateway("b", "two: {request: GET /2}", ""))]).await;
    assert!(Arc::ptr_eq(&first, &world.upstream("a_one")));

    world.reload(&[("a.yaml", &of("second", "https://a.example.com"))]).await;
    let second = world.upstream("a_one");
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(Arc::ptr_eq(&first.traffic, &second.traffic));
    let partition = |upstream: &Upstream| {
        let set = Arc::new(upstream.credential_set(&[0]));
        Identity::new(&set, &CallerHeaders::default()).unwrap().partition()
    };
    assert_ne!(partition(&first), partition(&second), "what the first may see is not shown to the second");

    world.reload(&[("a.yaml", &of("second", "https://other.example.com"))]).await;
    assert!(!Arc::ptr_eq(&second.traffic, &world.upstream("a_one").traffic));
}

#[tokio::test]
async fn what_is_wrong_with_what_is_kept_is_not_told_again_without_its_text() {
    let endpoints =
        "  /books:\n    get: {operationId: list_books}\n  /a/../b:\n    get: {operationId: climb}\n";
    let document = DOCUMENT.replace("  /books:\n    get: {operationId: list_books}\n", endpoints);
    let mut world = World::new(&[]).await;
    let diagnostics = world.reload(&[("shop.yaml", &document)]).await;
    let is_told = |diagnostics: &Diagnostics| {
        diagnostics.iter().any(|problem| problem.code == Code::UnservableOperation)
    };
    assert!(is_told(&diagnostics), "{diagnostics:?}");
    let diagnostics = world.reload(&[("shop.yaml", "openapi: [")]).await;
    assert_eq!(world.tools(), ["list_books"]);
    assert!(diagnostics.has_errors() && !is_told(&diagnostics), "{diagnostics:?}");
    world.reload(&[("b.yaml", &gateway("b", "two: {request: GET /2}", ""))]).await;
    assert_eq!(world.tools(), ["b_two", "shop_list_books"]);
}
