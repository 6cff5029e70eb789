use super::*;
use crate::config;
use crate::net::fixture::{Answer, Peer, answer};

const SHOP: &str = "openapi: 3.1.0\ninfo: {title: Shop API, version: 1}\nservers: [{url: https://shop.example.com/v1}]\npaths:\n  /books:\n    get: {operationId: list_books}\n    post: {operationId: add_book}\n";
const GATEWAY: &str = "gateway: books\nbase_url: https://books.example.com\nopenapi: ./shop.yaml\nendpoints:\n  ping: {request: GET /ping}\n";

/// A folder with files.
struct World(tempfile::TempDir);

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Loads these files of the folder; `""` is the folder itself.
    async fn load(&self, names: &[&str]) -> Load {
        self.load_with(LoadArguments {
            sources: names.iter().map(|name| self.path(name)).collect(),
            ..LoadArguments::default()
        })
        .await
    }

    async fn load_with(&self, arguments: LoadArguments) -> Load {
        load(&arguments, &Clients::default()).await
    }

    /// Each problem as `code place: message`, places relative to the folder.
    fn problems(&self, diagnostics: &Diagnostics) -> Vec<String> {
        let folder = format!("{}/", self.0.path().display());
        let problem = |diagnostic: &Diagnostic| {
            let place = diagnostic.place.as_ref().map(|place| format!(" {place}")).unwrap_or_default();
            format!("{}{place}: {}", diagnostic.code.as_str(), diagnostic.message).replace(&folder, "")
        };
        diagnostics.iter().map(problem).collect()
    }
}

fn names(load: &Load) -> Vec<&str> {
    load.apis.iter().map(|api| api.gateway.name.as_str()).collect()
}

fn tools(load: Load) -> Vec<String> {
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    let (catalog, _) = load.into_catalog(&options, &Clients::default());
    catalog.tools().iter().map(|tool| tool.name.to_string()).collect()
}

#[tokio::test]
async fn a_bare_document_is_served_under_a_name_made_of_its_title() {
    let world = World::new(&[("shop.yaml", SHOP)]);
    let load = world.load(&["shop.yaml"]).await;
    assert_eq!(world.problems(&load.diagnostics), [""; 0]);
    assert_eq!(names(&load), ["shop"]);
    assert!(load.apis[0].document.is_none() && load.apis[0].gateway.place.is_none());
    assert_eq!(tools(load), ["list_books", "add_book"]);
}

#[tokio::test]
async fn several_sources_make_several_gateways_in_their_order() {
    let world = World::new(&[("shop.yaml", SHOP), ("books.yaml", GATEWAY), ("other.yaml", SHOP)]);
    let load = world.load(&["other.yaml", "books.yaml", "shop.yaml"]).await;
    assert_eq!(names(&load), ["shop", "books", "shop-2"]);
    assert_eq!(tools(load)[..4], ["shop_list_books", "shop_add_book", "books_ping", "books_list_books"]);
}

#[tokio::test]
async fn a_folder_serves_its_gateways_and_the_documents_that_none_of_them_names() {
    let world = World::new(&[
        ("a.json", "{\"dependencies\": {}}"),
        ("b.yaml", "[not: closed"),
        ("c.yml", GATEWAY),
        ("d.json", "{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"Other\"}, \"paths\": {}}"),
        ("shop.yaml", SHOP),
        ("deeper/e.yaml", SHOP),
        ("notes.md", SHOP),
    ]);
    let load = world.load(&[""]).await;
    assert_eq!(names(&load), ["books", "other"]);
    assert_eq!(load.apis[0].operations.len(), 2);
    assert!(load.apis[0].operations[0].place.to_string().ends_with("/shop.yaml:6:5"));
}

#[tokio::test]
async fn a_folder_tells_of_documents_that_are_broken_and_of_having_none() {
    let world = World::new(&[("a.yaml", "openapi: 3.1.0\npaths: [\n"), ("none/a.yaml", "a: 1\n")]);
    let load = world.load(&["", "none"]).await;
    let problems = world.problems(&load.diagnostics);
    assert!(problems[0].starts_with("syntax a.yaml:2:8: "), "{problems:?}");
    assert_eq!(problems[1], "source-unknown: none holds neither a gateway file nor an OpenAPI document");
}

#[tokio::test]
async fn what_is_wrong_with_one_source_costs_no_other() {
    let world = World::new(&[
        ("shop.yaml", SHOP),
        ("broken.json", "{\"openapi\": \"3.0.0\",\n \"paths\": {},}"),
        ("letter.txt", "Dear Sir or Madam"),
        ("latin.yaml", "openapi: 3.1.0\n"),
    ]);
    std::fs::write(world.path("latin.yaml"), b"openapi: 3.1.0\ninfo: \xe9t\xe9").unwrap();
    let load = world.load(&["broken.json", "missing.yaml", "letter.txt", "latin.yaml", "shop.yaml"]).await;
    assert_eq!(names(&load), ["shop"]);
    let problems = world.problems(&load.diagnostics);
    for (problem, expected) in problems.iter().zip([
        "syntax broken.json:2:13: expected nothing between this comma and `}`",
        "source-unreadable: cannot read missing.yaml: ",
        "source-unknown letter.txt:1:1: ",
        "syntax latin.yaml:2:7: the byte 0xE9 is not UTF-8",
    ]) {
        assert!(problem.starts_with(expected), "{problem}");
    }
    assert_eq!(problems.len(), 4);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_told_where_it_is_named_and_costs_no_endpoint() {
    let world = World::new(&[("books.yaml", GATEWAY)]);
    let load = world.load(&["books.yaml"]).await;
    let problems = world.problems(&load.diagnostics);
    assert!(problems[0].starts_with("source-unreadable books.yaml:3:10: cannot read "), "{problems:?}");
    assert_eq!(tools(load), ["ping"]);
}

#[tokio::test]
async fn of_two_gateways_with_one_name_the_second_is_refused() {
    let world = World::new(&[("a.yaml", GATEWAY), ("b.yaml", GATEWAY), ("shop.yaml", SHOP)]);
    let load = world.load(&["a.yaml", "b.yaml"]).await;
    assert_eq!(names(&load), ["books"]);
    let problems = world.problems(&load.diagnostics);
    assert_eq!(
        problems,
        ["duplicate-gateway b.yaml:1:10: there is another gateway `books`; this one is not served"]
    );
}

#[tokio::test]
async fn options_that_cannot_be_used_keep_bare_documents_from_being_served_without_them() {
    let world = World::new(&[("shop.yaml", SHOP), ("books.yaml", GATEWAY)]);
    let arguments = LoadArguments {
        sources: vec![world.path("shop.yaml"), world.path("books.yaml")],
        headers: vec!["X-Key: ${TOOLGATE_TEST_IS_NOT_SET}".to_owned()],
        ..LoadArguments::default()
    };
    let load = world.load_with(arguments).await;
    assert_eq!(names(&load), ["books"]);
    let problems = world.problems(&load.diagnostics);
    assert!(problems[0].starts_with("unresolved-reference: --header: "), "{problems:?}");
}

#[tokio::test]
async fn options_hold_for_bare_documents_only() {
    let world = World::new(&[("shop.yaml", SHOP), ("books.yaml", GATEWAY)]);
    let arguments = LoadArguments {
        sources: vec![world.path("shop.yaml"), world.path("books.yaml")],
        base_url: Some("http://127.0.0.1:9/".parse().unwrap()),
        headers: vec!["X-Shop: 1".to_owned()],
        ..LoadArguments::default()
    };
    let load = world.load_with(arguments).await;
    let told: Vec<_> = load
        .apis
        .iter()
        .map(|api| {
            (api.gateway.base_url.as_ref().map(Url::as_str).unwrap_or_default(), api.gateway.headers.len())
        })
        .collect();
    assert_eq!(told, [("http://127.0.0.1:9/", 1), ("https://books.example.com/", 0)]);
}

#[tokio::test]
async fn gateways_can_be_pointed_at_a_stand_in_that_has_their_documents() {
    let world = World::new(&[("shop.yaml", SHOP)]);
    let arguments = LoadArguments {
        sources: vec![world.path("shop.yaml")],
        keep_documents: true,
        ..LoadArguments::default()
    };
    let mut load = world.load_with(arguments).await;
    assert!(load.apis[0].document.is_some());
    load.retarget(|name| (name == "shop").then(|| "http://127.0.0.1:9/shop".parse().unwrap()));
    let (catalog, _) = load.into_catalog(&BuildOptions::default(), &Clients::default());
    let plan = &catalog.tool("list_books").unwrap().plan;
    assert_eq!(plan.request.base.as_str(), "http://127.0.0.1:9/shop");
}

#[tokio::test]
async fn a_document_from_a_url_has_servers_relative_to_it() {
    let document = SHOP.replace("https://shop.example.com/v1", "/v2");
    let peer = Peer::answering(answer("200 OK", document)).await;
    let url = peer.url.join("docs/openapi.yaml").unwrap();
    let arguments = LoadArguments { sources: vec![url.into()], ..LoadArguments::default() };
    let load = load(&arguments, &Clients::default()).await;
    let (catalog, diagnostics) = load.into_catalog(&BuildOptions::default(), &Clients::default());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let plan = &catalog.tool("list_books").unwrap().plan;
    assert_eq!(plan.request.base, peer.url.join("v2").unwrap());
    // The operator wrote this address: it may be on this machine.
    assert_eq!(plan.upstream.policy(&plan.request.base), crate::net::Policy::Any);
}

#[tokio::test]
async fn a_gateway_file_is_not_taken_from_a_url() {
    let peer = Peer::answering(answer("200 OK", GATEWAY)).await;
    let arguments = LoadArguments { sources: vec![peer.url.to_string()], ..LoadArguments::default() };
    let load = load(&arguments, &Clients::default()).await;
    assert!(load.apis.is_empty());
    let diagnostic = load.diagnostics.iter().next().unwrap();
    assert_eq!(diagnostic.message, "a gateway file is only read from this machine");
}

#[tokio::test]
async fn a_gateway_file_has_a_limit_far_below_that_of_a_document() {
    let large = format!("{GATEWAY}# {}\n", "x".repeat(crate::source::MAX_GATEWAY_FILE));
    let world = World::new(&[("books.yaml", &large)]);
    let load = world.load(&["books.yaml"]).await;
    assert_eq!(
        world.problems(&load.diagnostics),
        ["source-too-large books.yaml:1:1: a gateway file has at most 1 MiB"]
    );
}

/// A document at `peer` or beside it, whose parameter is on another page there.
fn with_remote(reference: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: Shop}}\nservers: [{{url: https://shop.example.com}}]\npaths:\n  /books:\n    get:\n      operationId: list\n      parameters: [{{$ref: '{reference}'}}]\n"
    )
}

fn host(peer: &Peer) -> String {
    peer.url.host_str().unwrap().to_owned() + ":" + &peer.url.port().unwrap().to_string()
}

/// Names of the parameters of the only operation.
fn parameters(load: &Load) -> Vec<&str> {
    load.apis[0].operations[0].parameters.iter().map(|parameter| parameter.name.as_str()).collect()
}

#[tokio::test]
async fn what_a_document_refers_to_at_a_url_is_fetched_with_permission_alone() {
    let peer = Peer::start(|request| {
        Answer::Write(match request.split(' ').nth(1) {
            Some("/a/parts.yaml") => answer("200 OK", "page: {$ref: 'more/page.yaml#/page'}\n"),
            Some("/a/more/page.yaml") => answer("200 OK", "page: {name: page, in: query}\n"),
            _ => answer("404 Not Found", ""),
        })
    })
    .await;
    let text = with_remote(peer.url.join("a/parts.yaml#/page").unwrap().as_str());
    let world = World::new(&[
        ("shop.yaml", &text),
        (
            "open.yaml",
            &format!("gateway: a\nopenapi: shop.yaml\nreferences: {{urls: ['{}']}}\n", host(&peer)),
        ),
        ("any.yaml", "gateway: b\nopenapi: shop.yaml\nreferences: {urls: allow}\n"),
    ]);
    let shut = world.load(&["shop.yaml"]).await;
    assert_eq!(parameters(&shut), Vec::<&str>::new());
    assert!(world.problems(&shut.diagnostics)[0].starts_with("refused-reference shop.yaml:8:"));
    // Any host means any public one, and this one is not.
    let any = world.load(&["any.yaml"]).await;
    assert!(world.problems(&any.diagnostics)[0].starts_with("source-unreadable shop.yaml:8:"));
    assert_eq!(peer.requests().len(), 0);

    let open = world.load(&["open.yaml"]).await;
    assert_eq!((parameters(&open), world.problems(&open.diagnostics)), (vec!["page"], vec![]));
    assert_eq!(peer.requests().len(), 2);
    let said = LoadArguments {
        sources: vec![world.path("shop.yaml")],
        references: config::references(Some(&host(&peer))).unwrap(),
        ..LoadArguments::default()
    };
    assert_eq!(parameters(&world.load_with(said).await), ["page"]);
}

#[tokio::test]
async fn a_document_from_a_url_refers_to_what_is_beside_it_there() {
    let peer = Peer::start(|request| {
        Answer::Write(match request.split(' ').nth(1) {
            Some("/v1/shop.yaml") => answer("200 OK", with_remote("parts/page.yaml")),
            Some("/v1/parts/page.yaml") => answer("200 OK", "name: page\nin: query\n"),
            _ => answer("404 Not Found", ""),
        })
    })
    .await;
    let arguments = |references| LoadArguments {
        sources: vec![peer.url.join("v1/shop.yaml").unwrap().into()],
        references,
        ..LoadArguments::default()
    };
    let world = World::new(&[]);
    let open = world.load_with(arguments(config::references(Some(&host(&peer))).unwrap())).await;
    assert_eq!(parameters(&open), ["page"]);
    let shut = world.load_with(arguments(Permission::Nothing)).await;
    assert_eq!(parameters(&shut), Vec::<&str>::new());
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn a_fetched_part_leads_neither_to_files_nor_to_other_hosts() {
    let other = Peer::answering(answer("200 OK", "name: secret\nin: query\n")).await;
    let target = other.url.join("secret.yaml").unwrap();
    let peer = Peer::start(move |request| {
        let moved = format!("302 Found\r\nLocation: {target}");
        Answer::Write(match request.split(' ').nth(1) {
            Some("/moved") => answer(&moved, ""),
            Some("/file") => {
                answer("200 OK", "p: {$ref: 'file:///etc/hostname'}\nq: {$ref: '/etc/hostname'}\n")
            }
            _ => answer("404 Not Found", ""),
        })
    })
    .await;
    for path in ["moved", "file#/p", "file#/q", "missing"] {
        let world = World::new(&[("shop.yaml", &with_remote(peer.url.join(path).unwrap().as_str()))]);
        let arguments = LoadArguments {
            sources: vec![world.path("shop.yaml")],
            references: config::references(Some(&host(&peer))).unwrap(),
            ..LoadArguments::default()
        };
        let load = world.load_with(arguments).await;
        assert_eq!(parameters(&load), Vec::<&str>::new(), "{path}");
        assert_eq!(load.diagnostics.len(), 1, "{path}: {:?}", load.diagnostics);
    }
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn a_part_that_never_ends_is_refused_by_its_size() {
    let peer =
        Peer::start(|_| Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\na: 1\n".to_vec(), vec![b'#'; 1 << 20]))
            .await;
    let world = World::new(&[("shop.yaml", &with_remote(peer.url.join("a.yaml").unwrap().as_str()))]);
    let arguments = LoadArguments {
        sources: vec![world.path("shop.yaml")],
        references: config::references(Some(&host(&peer))).unwrap(),
        ..LoadArguments::default()
    };
    let load = world.load_with(arguments).await;
    assert!(world.problems(&load.diagnostics)[0].starts_with("refused-reference shop.yaml:8:"));
}

const OVERLAY: &str = "overlay: 1.0.0\ninfo: {title: Ours, version: 1}\nextends: ./shop.yaml\nactions:\n- target: $.paths['/books'].get\n  update: {operationId: find_books}\n- target: $.paths['/books'].post\n  remove: true\n";

#[tokio::test]
async fn overlays_are_applied_before_operations_are_read() {
    let gateway = "gateway: shop\nopenapi: ./shop.yaml\noverlays: [./ours.yaml]\n";
    let world = World::new(&[("shop.yaml", SHOP), ("ours.yaml", OVERLAY), ("gateway.yaml", gateway)]);
    let load = world.load(&["gateway.yaml"]).await;
    assert!(load.diagnostics.is_empty(), "{:?}", load.diagnostics);
    assert_eq!(tools(load), ["find_books"]);
}

#[tokio::test]
async fn without_a_document_the_one_that_the_overlay_extends_is_served() {
    let world = World::new(&[
        ("shop.yaml", SHOP),
        ("ours.yaml", OVERLAY),
        ("gateway.yaml", "gateway: shop\noverlays: [ours.yaml]\n"),
    ]);
    let load = world.load(&["gateway.yaml"]).await;
    assert!(load.diagnostics.is_empty(), "{:?}", load.diagnostics);
    assert_eq!(tools(load), ["find_books"]);
    let world = World::new(&[
        ("ours.yaml", "overlay: 1.0.0\nactions: []\n"),
        ("gateway.yaml", "gateway: shop\noverlays: [ours.yaml]\n"),
    ]);
    let load = world.load(&["gateway.yaml"]).await;
    assert_eq!(
        world.problems(&load.diagnostics),
        ["missing-key gateway.yaml:2:12: there is no document for this overlay: it has no `extends`"]
    );
}

#[tokio::test]
async fn a_fault_that_an_overlay_brings_in_is_underlined_in_the_overlay() {
    let overlay = "overlay: 1.0.0\nactions:\n- target: $.paths['/books'].get\n  update:\n    parameters:\n    - {name: Host, in: header}\n    - $ref: '#/nowhere'\n";
    let world = World::new(&[
        ("shop.yaml", SHOP),
        ("ours.yaml", overlay),
        (
            "gateway.yaml",
            "gateway: shop\nopenapi: shop.yaml\noverlays: [ours.yaml]\noperations: {writes: allow}\n",
        ),
    ]);
    let load = world.load(&["gateway.yaml"]).await;
    let problems = world.problems(&load.diagnostics);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.contains(" ours.yaml:")), "{problems:?}");
    assert_eq!(tools(load), ["list_books", "add_book"]);
}

#[tokio::test]
async fn an_overlay_that_cannot_be_applied_costs_the_document_and_nothing_else() {
    let gateway = "gateway: shop\nbase_url: https://shop.example.com\nopenapi: shop.yaml\noverlays: [missing.yaml, ours.yaml]\nendpoints:\n  ping: {request: GET /ping}\n";
    let world = World::new(&[
        ("shop.yaml", SHOP),
        ("ours.yaml", "overlay: 1.0.0\nactions: [{target: 'paths', remove: true}]"),
        ("gateway.yaml", gateway),
    ]);
    let load = world.load(&["gateway.yaml"]).await;
    let problems = world.problems(&load.diagnostics);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("source-unreadable gateway.yaml:4:12:"), "{problems:?}");
    assert!(problems[1].starts_with("invalid-overlay ours.yaml:2:20: this is no JSONPath"), "{problems:?}");
    assert_eq!(tools(load), ["ping"]);
}

#[tokio::test]
async fn overlays_work_on_swagger_2() {
    let swagger = "swagger: '2.0'\ninfo: {title: Old, version: 1}\nhost: old.example.com\npaths:\n  /a:\n    get: {operationId: get_a, responses: {}}\n  /b:\n    get: {operationId: get_b, responses: {}}\n";
    let overlay = "{\"overlay\": \"1.0.0\", \"actions\": [{\"target\": \"$.paths[?@.get.operationId == 'get_b']\", \"remove\": true}]}";
    let world = World::new(&[
        ("old.yaml", swagger),
        ("o.json", overlay),
        ("gateway.yaml", "gateway: old\nopenapi: old.yaml\noverlays: [o.json]\n"),
    ]);
    let load = world.load(&["gateway.yaml"]).await;
    assert!(load.diagnostics.is_empty(), "{:?}", load.diagnostics);
    assert_eq!(tools(load), ["get_a"]);
}

#[tokio::test]
async fn an_overlay_is_fetched_from_a_url() {
    let peer = Peer::answering(answer("200 OK", OVERLAY)).await;
    let gateway =
        format!("gateway: shop\nopenapi: shop.yaml\noverlays: ['{}']\n", peer.url.join("ours.yaml").unwrap());
    let world = World::new(&[("shop.yaml", SHOP), ("gateway.yaml", &gateway)]);
    let load = world.load(&["gateway.yaml"]).await;
    assert!(load.diagnostics.is_empty(), "{:?}", load.diagnostics);
    assert_eq!(tools(load), ["find_books"]);
}
