//! S10: many callers at once, each with a canary of his own, through everything that one of them could be mistaken for
//! another by: kept answers, cursors, credentials, ids of requests that are all the same.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use toolgate::access::NewKey;

use crate::support::figures;
use crate::support::gateway::Setup;
use crate::support::mcp::{Era, McpClient};

const CALLERS: usize = 200;

/// Each item is read by all callers, at about the same time.
const ITEMS: usize = 4;

#[tokio::test]
async fn two_hundred_callers_at_once_get_no_foreign_answer() {
    let calls = if figures::full_length() { 1000 } else { 12 };
    let keys: Vec<NewKey> = (0..CALLERS).map(|_| NewKey::random()).collect();
    let mut server = String::from("access:\n  keys:\n");
    for (number, key) in keys.iter().enumerate() {
        writeln!(server, "    caller-{number}: {{sha256: {}}}", key.sha256).unwrap();
    }
    let (api, _running) = api().await;
    let file = format!(
        "gateway: shop\nbase_url: http://{api}\ncredential: {{pass_through: {{headers: [X-User-Token]}}}}\n\
         cache: {{ttl: 1h}}\nrate_limit: {{requests: 1000000, per: 1s, burst: 1000000, for_each: caller}}\n\
         endpoints:\n  read: {{request: GET /read, parameters: {{item: {{type: integer}}}}}}\n  \
         pages: {{request: GET /pages, parameters: {{cursor: {{}}}}, \
         paginate: {{style: cursor, next: next, parameter: cursor}}}}\n"
    );
    let setup = Setup::new().source("shop.yaml", file).file("server.yaml", server);
    let gateway = setup.arguments(["--config", "server.yaml"]).serve().await;
    let together = Arc::new(Barrier::new(CALLERS));
    let mut callers = JoinSet::new();
    for (number, key) in keys.into_iter().enumerate() {
        let (together, address) = (Arc::clone(&together), gateway.address);
        callers.spawn(async move {
            let mut caller = Caller::new(address, number, &key.key).await;
            together.wait().await;
            for call in 0..calls {
                caller.call(call).await;
            }
            caller
        });
    }
    let done: Vec<Caller> = callers.join_all().await;
    let made: usize = done.iter().map(|caller| caller.answers).sum();
    let hits: usize = done.iter().map(|caller| caller.hits).sum();
    assert_eq!(made, CALLERS * calls);
    assert!(hits > 0, "kept answers were in play");
    let foreign = done.iter().filter_map(|caller| caller.cursor.clone()).collect::<Vec<String>>();
    let mut refused = 0;
    for (mut caller, cursor) in done.into_iter().skip(1).zip(foreign) {
        let result = caller.client.call("pages", json!({"cursor": cursor})).await;
        refused += usize::from(result.is_error() && !result.0.to_string().contains("-nekot"));
    }
    assert_eq!(refused, CALLERS - 1, "a cursor is of use to nobody else");
    let done = format!("{CALLERS} callers x {calls} calls, both eras, cache, cursors, own credentials");
    figures::row(
        "S10",
        &done,
        format!("0 foreign of {made}, {hits} from the cache, {refused} foreign cursors refused"),
    );
}

struct Caller {
    client: McpClient,
    token: String,
    answers: usize,
    hits: usize,
    /// Of the page after the last one that was read.
    cursor: Option<String>,
}

impl Caller {
    async fn new(address: SocketAddr, number: usize, key: &str) -> Self {
        let era = if number.is_multiple_of(2) { Era::Legacy } else { Era::Modern };
        let token = format!("token-{number}-{:032x}", rand::random::<u128>());
        let client = McpClient::connect(address, "/mcp", era).await;
        let client = client.header("Authorization", &format!("Bearer {key}")).header("X-User-Token", &token);
        Self { client, token, answers: 0, hits: 0, cursor: None }
    }

    async fn call(&mut self, number: usize) {
        let result = if number.is_multiple_of(3) {
            let arguments = self.cursor.take().map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
            let result = self.client.call("pages", arguments).await.success();
            self.cursor = result.meta("toolgate/pagination")["next_cursor"].as_str().map(str::to_owned);
            result
        } else {
            let item = number % ITEMS;
            let result = self.client.call("read", json!({"item": item})).await.success();
            assert_eq!(
                result.structured()["item"],
                json!(format!("item={item}")),
                "the answer to another question"
            );
            self.hits += usize::from(result.meta("toolgate/cache") == "hit");
            result
        };
        assert_eq!(result.structured()["for"], Value::from(canary(&self.token)), "a foreign answer");
        self.answers += 1;
    }
}

/// What the API says to whoever shows a token. Not the token itself: that would be blanked.
fn canary(token: &str) -> String {
    token.chars().rev().collect()
}

/// An API that says who asks. Not the one with a ledger: that remembers each of 200,000 requests.
async fn api() -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut running = JoinSet::new();
    running.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(answer(stream));
        }
    });
    (address, running)
}

async fn answer(stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut target, mut token) = (String::new(), String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(rest) = line.strip_prefix("GET ") {
            target = rest.split(' ').next().unwrap_or_default().to_owned();
        } else if let Some((name, value)) = line.split_once(": ") {
            if name.eq_ignore_ascii_case("x-user-token") {
                token = value.to_owned();
            }
        } else if line.is_empty() {
            let query = target.split_once('?').map_or("", |(_, query)| query);
            let body = json!({"for": canary(&token), "item": query, "items": [], "next": rand::random::<u32>().to_string()}).to_string();
            // Pages are of the moment; all else may be kept.
            let kept = if target.starts_with("/pages") { "no-store" } else { "max-age=3600" };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: {kept}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if write.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
