//! What an agent gets of an answer: picked, written, bounded, and explained when it failed.

use serde_json::{Value, json};

use crate::support::figures;
use crate::support::gateway::{Gateway, Setup, repository};
use crate::support::mcp::{ERAS, Era, McpClient, ToolResult};
use crate::support::upstream::{Answer, Entry, Upstream};

/// A gateway before an API whose answers are given by path.
struct World {
    upstream: Upstream,
    gateway: Gateway,
}

impl World {
    async fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let upstream = Upstream::start(move |entry: &Entry| answer(entry.path())).await;
        let setup = Setup::new().source("gateway.yaml", FILE).environment("UPSTREAM", &upstream.url());
        let gateway = setup.environment("TOKEN", TOKEN).serve().await;
        Self { upstream, gateway }
    }

    async fn client(&self) -> McpClient {
        self.gateway.client(Era::Modern).await
    }
}

const TOKEN: &str = "t0ken-of-shaping-9f2b7c";

const FILE: &str = r#"
gateway: shop
base_url: ${UPSTREAM}
credential: {bearer: "${TOKEN}"}
timeout: 5s
response: {max_bytes: 16KiB}
errors:
  4XX: {hint: "Said for the whole gateway."}
  503: {kind: closed_for_today, retryable: false, hint: "Come back tomorrow."}
endpoints:
  plain: {request: GET /plain, parameters: {per_page: {type: integer}, page: {type: integer}}}
  few: {request: GET /plain, response: {max_items: 2}}
  fields: {request: GET /plain, response: {fields: [total, items.id]}}
  picked: {request: GET /plain, response: {select: ".items[] | {id, big}", max_bytes: 1MiB}}
  table: {request: GET /plain, response: {format: markdown-table, fields: [total, items.id, items.name]}}
  rows: {request: GET /plain, response: {format: csv, select: "[.items[] | {id, name}]"}}
  parts: {request: GET /plain, response: {format: content, select: '[{type: "text", text: .name}, {type: "image", data: .picture, mimeType: "image/png"}, {type: "resource", resource: {uri: "shop://notes", text: .notes}}]'}}
  names: {request: GET /plain, response: {format: text, select: "[.items[].name]"}}
  chosen: {request: GET /plain, response: {select: "del(.secret)", model_select: true}}
  read: {request: GET /read, response: {format: json, content_type: "*/*"}}
  raw: {request: GET /read, response: {content_type: "*/*"}}
  slack:
    request: POST /slack
    errors:
      200:
        - {when: {path: error, equals: ratelimited}, kind: slow_down, retryable: true, retry_after_seconds: 7}
        - {when: {path: ok, equals: false}, message: error, hint: "Look it up."}
  condition:
    request: GET /slack
    errors:
      2XX: {when: {jq: ".errors | length > 0"}}
      404: {result: []}
      409: {when: {path: code, matches: "^x"}, kind: crossed}
"#;

fn items(count: usize) -> Value {
    let item = |id: usize| json!({"id": id, "name": format!("item {id}"), "big": "x".repeat(90)});
    json!({"total": count, "items": (0..count).map(item).collect::<Vec<_>>(), "secret": "s"})
}

fn block(result: &ToolResult, index: usize) -> String {
    result.0["content"][index]["text"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_large_answer_is_cut_between_two_items_and_says_how_to_get_the_rest() {
    let world = World::new(|_| Answer::json(&items(340))).await;
    for era in ERAS {
        let mut client = world.gateway.client(era).await;
        let result = client.call("plain", json!({})).await.success();
        let text = block(&result, 0);
        let shown: Value = serde_json::from_str(&text).unwrap();
        let count = shown["items"].as_array().unwrap().len();
        assert!(text.len() <= 16 << 10 && count > 50, "{}", text.len());
        assert_eq!((&shown["total"], &shown["secret"]), (&json!(340), &json!("s")));
        assert_eq!(result.structured(), &shown);
        let remark = format!(
            "{count} of 340 items of `items` are shown. For the rest, ask for fewer at once with `per_page` and page with `page`."
        );
        assert_eq!(block(&result, 1), remark);
        assert_eq!(result.0["_meta"]["toolgate/truncated"]["shown"], json!(count));
        let few = client.call("few", json!({})).await.success();
        assert_eq!(few.structured()["items"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_answer_is_picked_and_written_as_the_file_says() {
    let body = r#"{"total": 2, "items": [{"id": 9007199254740993, "name": "a|b", "big": 1.50}, {"id": 2, "name": "c, d"}]}"#;
    let world = World::new(move |_| Answer::status(200, "application/json", body)).await;
    let mut client = world.client().await;
    let mut text = async |tool: &str| block(&client.call(tool, json!({})).await.success(), 0);
    assert_eq!(text("plain").await, body);
    assert_eq!(text("fields").await, r#"{"total":2,"items":[{"id":9007199254740993},{"id":2}]}"#);
    assert_eq!(text("picked").await, r#"[{"id":9007199254740993,"big":1.50},{"id":2,"big":null}]"#);
    assert_eq!(
        text("table").await,
        "| id | name |\n| --- | --- |\n| 9007199254740993 | a\\|b |\n| 2 | c, d |\n"
    );
    assert_eq!(text("rows").await, "id,name\r\n9007199254740993,a|b\r\n2,\"c, d\"\r\n");
    assert_eq!(text("names").await, "a|b\nc, d");
}

#[tokio::test]
async fn an_answer_becomes_several_blocks_and_never_one_that_the_protocol_does_not_know() {
    let good = json!({"name": "Tea \"Earl\"", "picture": "aGk=", "notes": "Hot."});
    let world = World::new(move |_| Answer::json(&good)).await;
    let result = world.client().await.call("parts", json!({})).await.success();
    assert_eq!(
        result.0["content"],
        json!([
            {"type": "text", "text": "Tea \"Earl\""},
            {"type": "image", "data": "aGk=", "mimeType": "image/png"},
            {"type": "resource", "resource": {"uri": "shop://notes", "text": "Hot."}},
        ])
    );
    assert_eq!(result.structured(), &json!(null));
    for (name, picture) in [(json!(1), "aGk="), (json!("Tea"), "no base64")] {
        let bad = json!({"name": name, "picture": picture, "notes": "Hot."});
        let world = World::new(move |_| Answer::json(&bad)).await;
        let failed = world.client().await.call("parts", json!({})).await;
        assert_eq!(failed.code(), "select_failed");
        assert!(failed.error().contains("list of content blocks"));
    }
}

#[tokio::test]
async fn a_model_picks_within_what_it_may_see_and_a_fault_in_its_filter_sends_nothing() {
    let world = World::new(|_| Answer::json(&items(3))).await;
    let mut client = world.client().await;
    let tools = client.tools().await;
    let tool = tools.iter().find(|tool| tool["name"] == "chosen").unwrap();
    assert_eq!(tool["inputSchema"]["properties"]["_select"]["type"], json!("string"));

    let refused = client.call("chosen", json!({"_select": ".items[ | .id"})).await;
    assert_eq!(refused.code(), "invalid_arguments");
    assert!(refused.error().contains("`_select`: is no filter in jq"));
    assert_eq!(world.upstream.ledger().len(), 0);

    let picked = client.call("chosen", json!({"_select": "[.items[].id], .secret"})).await.success();
    assert_eq!(picked.structured(), &json!([[0, 1, 2], null]));
    assert_eq!(world.upstream.ledger().entries()[0].request.target, "/plain");

    let failed = client.call("chosen", json!({"_select": ".items | .name"})).await;
    assert_eq!(failed.code(), "select_failed");
    let said = failed.error();
    assert!(said.contains("cannot index") && said.contains("item 1"), "{said}");
}

#[tokio::test]
async fn a_filter_that_never_ends_is_ended_and_costs_no_other_call() {
    let world = World::new(|_| Answer::json(&items(3))).await;
    let bombs = [
        "last(range(1e12))",
        "def f: f; f",
        "[range(1e12)]",
        "reduce range(1e9) as $i (1; [., .])",
        "\"x\" * 1e12",
    ];
    let before = world.gateway.usage().memory;
    let mut ended = Vec::new();
    for bomb in bombs {
        let mut other = world.client().await;
        let mut client = world.client().await;
        let (failed, fine) =
            tokio::join!(client.call("chosen", json!({"_select": bomb})), other.call("plain", json!({})));
        fine.success();
        assert_eq!(failed.code(), "select_failed", "{bomb}");
        ended.push(failed.error());
    }
    let grown = world.gateway.usage().memory.saturating_sub(before) >> 20;
    figures::row("filters", "five filters without an end", format!("all ended, {grown} MiB more memory"));
    assert!(grown < 160, "{grown} MiB");
    assert!(
        ended.iter().any(|text| text.contains("1000000 steps"))
            && ended.iter().any(|text| text.contains("64 MiB"))
    );
}

#[tokio::test]
async fn what_an_answer_means_is_said_by_the_file() {
    let world = World::new(|path| match path {
        "/slack" => Answer::status(200, "application/json", r#"{"ok":false,"error":"no_such_channel"}"#),
        _ => Answer::status(503, "application/json", r#"{"message":"We are closed"}"#)
            .header("Retry-After", "60"),
    })
    .await;
    let mut client = world.client().await;
    let slack = client.call("slack", json!({})).await;
    assert_eq!(slack.code(), "api_error");
    let text = slack.error();
    assert!(text.contains(": no_such_channel") && text.contains("Look it up."), "{text}");

    let closed = client.call("plain", json!({})).await;
    assert_eq!(closed.code(), "closed_for_today");
    let error = &closed.structured()["error"];
    assert_eq!((&error["retryable"], &error["retry_after_seconds"]), (&json!(false), &json!(60)));
    assert!(closed.error().contains("We are closed\nCome back tomorrow."));
}

#[tokio::test]
async fn the_more_exact_rule_counts_and_a_body_decides_where_it_is_asked() {
    let answers = [
        (200, r#"{"errors":[1]}"#, "api_error"),
        (409, r#"{"code":"x7"}"#, "crossed"),
        (409, r#"{"code":"y"}"#, "conflict"),
    ];
    for (status, body, code) in answers {
        let world = World::new(move |_| Answer::status(status, "application/json", body)).await;
        let result = world.client().await.call("condition", json!({})).await;
        assert_eq!(result.code(), code, "{status} {body}");
        assert_eq!(result.error().contains("whole gateway"), code == "conflict");
    }
    let world = World::new(|_| Answer::status(404, "text/html", "<p>nothing")).await;
    assert_eq!(world.client().await.call("condition", json!({})).await.success().structured(), &json!([]));
    let limited = World::new(|_| Answer::json(&json!({"ok": false, "error": "ratelimited"}))).await;
    let result = limited.client().await.call("slack", json!({})).await;
    assert_eq!(result.structured()["error"]["retry_after_seconds"], json!(7));
    let fine = World::new(|_| Answer::json(&json!({"ok": true, "errors": []}))).await;
    fine.client().await.call("slack", json!({})).await.success();
    fine.client().await.call("condition", json!({})).await.success();
}

#[tokio::test]
async fn bodies_of_every_notation_are_read() {
    let ok = |media, body: &[u8], read: Value| (media, body.to_vec(), Ok::<Value, &str>(read));
    let bad = |media, body: &[u8], code| (media, body.to_vec(), Err::<Value, &str>(code));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    for (media, body, expected) in [
        ok("text/json", b"\xef\xbb\xbf{\"a\": 1}", json!({"a": 1})),
        ok("text/plain", b" [1, 2] ", json!([1, 2])),
        ok("application/json; charset=iso-8859-1", "{\"a\":\"é\"}".as_bytes(), json!({"a": "é"})),
        ok("application/json; charset=utf-16le", b"[\0\x31\0]\0", json!([1])),
        ok("application/json; charset=latin1", b"[\"\xe9\"]", json!(["é"])),
        ok("application/x-ndjson", b"{\"a\":1}\n{\"a\":2}\n", json!([{"a": 1}, {"a": 2}])),
        ok("text/event-stream", b"data: 1\n\ndata: two\n\n", json!([1, "two"])),
        ok(
            "text/csv; charset=windows-1252",
            b"id,name\n7,\"caf\xe9, \"\"x\"\"\"\n",
            json!([{"id": "7", "name": "café, \"x\""}]),
        ),
        ok("application/xml", bomb.as_bytes(), json!({"a": "&c;"})),
        ok("text/xml", b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xe9</a>", json!({"a": "é"})),
        bad("application/x-ndjson", b"{}\n{\"a\":\n", "invalid_json"),
        bad("application/json", b"[\xff\xfe", "invalid_json"),
        bad("application/xml", b"<a><b></a>", "invalid_xml"),
    ] {
        let name = format!("{media} {}", String::from_utf8_lossy(&body));
        let world = World::new(move |_| Answer::status(200, media, body.clone())).await;
        let result = world.client().await.call("read", json!({})).await;
        match expected {
            Ok(read) => assert_eq!(result.success().structured(), &read, "{name}"),
            Err(code) => assert_eq!(result.code(), code, "{name}"),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_cut_is_shortened_or_said() {
    let world = World::new(|path| match path {
        "/plain" => Answer::json(&json!({"id": 7, "text": "ä\"\\".repeat(100_000)})),
        _ => Answer::status(200, "image/png", vec![0x89; 40_000]),
    })
    .await;
    let mut client = world.client().await;
    let long = client.call("plain", json!({})).await.success();
    assert!(block(&long, 0).len() <= 16 << 10 && long.structured()["id"] == json!(7));
    assert!(block(&long, 1).contains("shortened"), "{}", block(&long, 1));
    let image = client.call("raw", json!({})).await.success();
    assert!(image.text().contains("image/png of 40000 bytes"), "{}", image.text());
}

/// A row of the table of statuses in `docs/errors.md`: the statuses, code and whether it is retryable.
fn documented() -> Vec<(u16, String, bool)> {
    let page = std::fs::read_to_string(repository("docs/errors.md")).unwrap();
    let table = page.split("## By status").nth(1).unwrap().split("##").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let mut documented = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if cells[2] == "–" {
            continue;
        }
        for status in cells[1].split(", ") {
            let any = match status {
                "3XX" => 305,
                "4XX" => 418,
                "5XX" => 599,
                status => status.parse().unwrap(),
            };
            documented.push((any, cells[2].trim_matches('`').to_owned(), cells[3] == "yes"));
        }
    }
    documented
}

#[tokio::test]
async fn the_documented_table_of_statuses_is_what_an_agent_sees() {
    let world = World::new(|path| {
        let status = path.rsplit('/').next().unwrap().parse().unwrap();
        Answer::status(status, "application/problem+json", r#"{"title":"Oh","detail":"no"}"#)
    });
    let world = world.await;
    let file = "gateway: table\nbase_url: ${UPSTREAM}\nendpoints:\n  read: {request: 'GET /s/{status}'}\n  \
                write: {request: 'POST /s/{status}'}\n";
    let setup = Setup::new().source("gateway.yaml", file).environment("UPSTREAM", &world.upstream.url());
    let gateway = setup.serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let rows = documented();
    assert!(rows.len() > 25, "the table was not found");
    for (status, code, retryable) in rows {
        let read = client.call("read", json!({"status": status.to_string()})).await;
        assert_eq!(read.code(), code, "{status}");
        let error = &read.structured()["error"];
        assert_eq!((&error["retryable"], &error["status"]), (&json!(retryable), &json!(status)), "{status}");
        let text = read.error();
        assert!(text.contains(": Oh: no") && text.contains(&format!("Code: {code}")), "{text}");
        let write = client.call("write", json!({"status": status.to_string()})).await;
        let after_write = retryable && code == "rate_limited";
        assert_eq!(write.structured()["error"]["retryable"], json!(after_write), "{status} after a write");
    }
}

/// The names of failures in a text of the program: what stands in quotes after one of these.
fn codes(text: &str) -> Vec<String> {
    const BEFORE: [&str; 5] = ["code: \"", "Problem::new(\"", "unusable(\"", "} => \"", "} => (\""];
    let quoted = BEFORE.iter().flat_map(|before| text.split(before).skip(1));
    let is_code = |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    quoted.filter_map(|part| part.split('"').next()).filter(is_code).map(str::to_owned).collect()
}

#[test]
fn every_name_of_a_failure_is_documented() {
    let page = std::fs::read_to_string(repository("docs/errors.md")).unwrap();
    let sources = [
        "upstream/error",
        "call/error",
        "call/job",
        "call/map/status",
        "call/map/content",
        "call/map/read",
        "call/map/shape",
    ];
    let text = |name: &&str| std::fs::read_to_string(repository(&format!("src/{name}.rs"))).unwrap();
    let found: Vec<String> = sources.iter().flat_map(|name| codes(&text(name))).collect();
    assert!(found.len() > 40, "the names were not found: {found:?}");
    let missing: Vec<&String> = found.iter().filter(|code| !page.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "docs/errors.md does not say what these are: {missing:?}");
}

#[tokio::test]
async fn faults_of_the_keys_are_underlined_where_they_are() {
    let file = r#"
gateway: shop
base_url: https://api.example.com
response: {fields: [a..b], max_bytes: 10B}
endpoints:
  one:
    request: GET /
    response:
      select: |
        .items[]
        | nosuch(.id)
      fields: [a]
  two:
    request: GET /
    errors: {200: {hint: x}, 4XX: {}, 99: {hint: x}, 404: {when: {path: a}, hint: x}, 500: {kind: "No", when: {jq: ".["}}}
"#;
    let output = Setup::new().source("gateway.yaml", file).arguments(["--format", "json"]).run("check").await;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<String> = said
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            format!("{}:{} {}", problem["line"], problem["column"], problem["message"].as_str().unwrap())
        })
        .collect();
    for expected in [
        "4:21 `a..b` is no path",
        "4:39 `10B` is no size of an answer",
        "11:11 this is no filter in jq: there is no filter `nosuch`",
        "12:7 `fields` and `select` say the same twice",
        "15:19 every success would be an error",
        "15:35 this rule says nothing",
        "15:39 `99` is no status of an answer",
        "15:66 a condition is a `path` with one test, or a filter in `jq`",
        "15:99 `No` cannot be the name of an error",
        "15:119 this is no filter in jq: expected closing bracket, found its end",
    ] {
        assert!(found.iter().any(|found| found == expected), "{expected}\n{found:#?}");
    }
}
