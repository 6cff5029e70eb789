//! `examples/bookshop`, as its README promises: with the stand-in, and with the real server, which is strict.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::gateway::{Gateway, Setup, repository};
use crate::support::mcp::{Era, McpClient};
use crate::support::{process, wait};

const BOOK: &str = "9780441478125";

/// The example server and a gateway before it.
struct Shop {
    gateway: Gateway,
    client: McpClient,
    _server: Child,
}

impl Shop {
    async fn open(token: Option<&str>) -> Self {
        let (server, address) = server().await;
        let folder = repository("examples/bookshop").to_string_lossy().into_owned();
        let mut setup =
            Setup::new().argument(folder).environment("BOOKSHOP_URL", &format!("http://{address}/v1"));
        if let Some(token) = token {
            setup = setup.environment("BOOKSHOP_TOKEN", token);
        }
        let gateway = setup.serve().await;
        let client = gateway.client(Era::Modern).await;
        Self { gateway, client, _server: server }
    }

    async fn ask(&mut self, tool: &str, arguments: Value) -> Value {
        self.client.call(tool, arguments).await.success().structured().clone()
    }
}

#[tokio::test]
async fn books_are_found_by_what_the_gateway_file_makes_of_the_arguments() {
    let mut shop = Shop::open(None).await;
    let page = shop
        .ask("list_books", json!({"price": {"min": 9, "max": 12}, "tags": ["classic", "science-fiction"]}))
        .await;
    assert_eq!(page["items"][0]["isbn"], BOOK);
    assert_eq!((&page["total"], &page["per_page"]), (&json!(1), &json!(5)), "the file says five a page");
    let in_stock = shop.ask("list_books", json!({"q": "were none"})).await;
    assert_eq!(in_stock["total"], 0, "the file asks for what is in stock only");
    assert_eq!(shop.ask("get_book", json!({"isbn": BOOK})).await["rating"], 4.5);
    assert_eq!(shop.ask("opening_hours", json!({"day": "sunday"})).await["opens"], Value::Null);
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    let mut shop = Shop::open(None).await;
    let book = json!({"isbn": "9780060512750", "title": "The Dispossessed", "author": "Ursula K. Le Guin",
        "tags": ["science-fiction"], "price": 12.90, "stock": 3, "description": null});
    assert_eq!(shop.ask("add_book", book.clone()).await["author"]["id"], 1);
    let again = shop.client.call("add_book", book).await.error();
    assert!(again.contains("409") && again.contains("already"), "{again}");

    let review = json!({"isbn": BOOK, "rating": 3, "reader": "Ai", "text": null});
    assert_eq!(shop.ask("review_book", review).await["name"], "Ai");
    assert_eq!(shop.ask("list_reviews", json!({"isbn": BOOK, "per_page": 1})).await["items"][0]["rating"], 3);

    let order = json!({"items": [{"isbn": BOOK, "quantity": 2}], "Idempotency-Key": "one",
        "ship_to": {"name": "Ai", "street": "1 Embassy Row", "city": "Ehrenrang", "country": "KH"}});
    let first = shop.ask("place_order", order.clone()).await;
    assert_eq!(shop.ask("place_order", order).await, first, "the same key is the same order");
    assert_eq!(shop.ask("get_order", json!({"order_id": first["id"]})).await, first);
    assert_eq!(shop.ask("get_book", json!({"isbn": BOOK})).await["stock"], 5);
}

#[tokio::test]
async fn a_cover_goes_up_and_comes_down_as_the_bytes_it_is() {
    let mut shop = Shop::open(None).await;
    let picture = std::fs::read(repository("tests/conformance/api/pixel.png")).unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, picture);
    shop.client.call("set_cover", json!({"isbn": BOOK, "body": encoded})).await.success();
    let result = shop.client.call("get_cover", json!({"isbn": BOOK})).await.success();
    assert_eq!(result.0["content"][0], json!({"type": "image", "data": encoded, "mimeType": "image/png"}));
    let refused = shop.client.call("set_cover", json!({"isbn": BOOK, "body": "AAAA"})).await.error();
    assert!(refused.contains("PNG"), "{refused}");
}

#[tokio::test]
async fn a_credential_that_the_shop_does_not_know_is_told_but_not_shown() {
    let mut shop = Shop::open(Some("wr0ng-t0ken-9Gh4")).await;
    shop.ask("list_authors", json!({})).await;
    let text = shop.client.call("get_order", json!({"order_id": 1})).await.error();
    assert!(text.contains("401"), "{text}");
    assert!(!text.contains("wr0ng") && !shop.gateway.stderr().contains("wr0ng"), "{text}");
}

#[tokio::test]
async fn the_commands_of_the_readme_work_without_a_server() {
    let folder = repository("examples/bookshop").to_string_lossy().into_owned();
    let shop = || Setup::new().argument(&folder);
    assert_eq!(shop().run("check").await.status.code(), Some(0));
    let tools = shop().run("tools").await;
    assert!(String::from_utf8_lossy(&tools.stdout).contains("list_books"), "{tools:?}");
    let call = ["--mock", "--tool", "get_book", "--args", r#"{"isbn": "9780441478125"}"#];
    let called = shop().arguments(call).run("call").await;
    assert_eq!(called.status.code(), Some(0), "{called:?}");
    assert!(String::from_utf8_lossy(&called.stdout).contains("The Left Hand of Darkness"), "{called:?}");
    let gateway = shop().argument("--mock").serve().await;
    let books =
        gateway.client(Era::Legacy).await.call("list_books", json!({"author": "Le Guin"})).await.success();
    assert_eq!(books.structured()["items"][0]["isbn"], BOOK);
}

/// Builds the example server, which `cargo test` does only when it runs everything, and starts it on a free port.
async fn server() -> (Child, String) {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--profile", profile, "--example", "bookshop"])
        .current_dir(repository(""));
    assert!(cargo.status().await.unwrap().success(), "the example cannot be built");
    let mut command = Command::new(example());
    command.arg("127.0.0.1:0").stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = command.spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = wait::within("the bookshop to open", lines.next_line()).await.unwrap().unwrap();
    let address = line.split("http://").nth(1).unwrap().trim_end_matches("/v1").to_owned();
    (server, address)
}

fn example() -> PathBuf {
    process::program().parent().unwrap().join("examples/bookshop")
}
