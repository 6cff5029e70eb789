//! S5 and S17: an API whose pages lead elsewhere, never end or go in circles; cursors that were tampered with.

use serde_json::{Value, json};

use crate::support::figures;
use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{Era, McpClient, ToolResult};
use crate::support::upstream::{Answer, Entry, Upstream};

/// A gateway file with one tool for each style, in this mode.
fn file(mode: &str) -> String {
    let styles = [
        ("link", "style: link"),
        ("next_url", "style: next_url, next: next"),
        ("cursor", "style: cursor, next: next, parameter: cursor, more: more"),
        ("page", "style: page, parameter: page, size: limit"),
        ("offset", "style: offset, parameter: offset, size: limit"),
    ];
    let mut file =
        "gateway: pages\nbase_url: ${UPSTREAM}/v1\ntimeout: 5s\ncredential: {bearer: '${TOKEN}'}\nendpoints:\n".to_owned();
    for (name, style) in styles {
        let own = match name {
            "cursor" => "cursor: {}",
            "page" => "page: {type: integer}",
            _ => "offset: {type: integer}",
        };
        file.push_str(&format!(
            "  {name}:\n    description: Items.\n    request: GET /items\n    parameters: {{q: {{}}, limit: {{type: \
             integer}}, {own}}}\n    paginate: {{{style}, {mode}}}\n"
        ));
    }
    file
}

const STYLES: [&str; 5] = ["link", "next_url", "cursor", "page", "offset"];
const TOKEN: &str = "t0ken-of-pages-9xK2";

struct World {
    upstream: Upstream,
    gateway: Gateway,
}

impl World {
    async fn new(mode: &str, script: impl Fn(&Entry) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(file(mode), script).await
    }

    async fn with(file: String, script: impl Fn(&Entry) -> Answer + Send + Sync + 'static) -> Self {
        let upstream = Upstream::start(script).await;
        let gateway = setup(&file, &upstream).serve().await;
        Self { upstream, gateway }
    }

    async fn client(&self) -> McpClient {
        self.gateway.client(Era::Modern).await
    }
}

fn setup(file: &str, upstream: &Upstream) -> Setup {
    Setup::new()
        .source("gateway.yaml", file)
        .environment("UPSTREAM", &upstream.url())
        .environment("TOKEN", TOKEN)
}

/// The query of a request.
fn query<'e>(entry: &'e Entry, name: &str) -> Option<&'e str> {
    let (_, query) = entry.request.target.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The number of the first item that a request asks for, of an API with two items a page.
fn from(entry: &Entry) -> u64 {
    let number = |name| query(entry, name).and_then(|value| value.parse::<u64>().ok());
    number("offset").or(number("page").map(|page| (page - 1) * 2)).or(number("cursor")).unwrap_or(0)
}

/// A page of two items of `count`, which says in every way where the next one is.
fn page(entry: &Entry, count: u64) -> Answer {
    let from = from(entry);
    let end = (from + 2).min(count);
    // So long that the smallest bound in bytes ends it within a few pages.
    let about = "x".repeat(170);
    let items: Vec<Value> = (from..end).map(|id| json!({"id": id, "about": about})).collect();
    if end >= count {
        return Answer::json(&json!({"items": items, "more": false, "next": null}));
    }
    let q = query(entry, "q").unwrap_or_default();
    let target = format!("/v1/items?offset={end}&q={q}");
    let next = if q == "url" { json!(target) } else { json!(end.to_string()) };
    Answer::json(&json!({"items": items, "more": true, "next": next}))
        .header("Link", &format!("<{target}>; rel=\"next\""))
}

/// The arguments by which the small API answers in this style.
fn arguments(style: &str) -> Value {
    json!({"q": if style == "next_url" { "url" } else { "a" }, "limit": 2})
}

fn pagination(result: &ToolResult) -> &Value {
    &result.0["_meta"]["toolgate/pagination"]
}

fn ids(result: &ToolResult) -> Vec<u64> {
    let items = result.structured()["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn every_style_is_gathered_to_its_end() {
    let world = World::new("mode: gather", |entry| page(entry, 7)).await;
    for style in STYLES {
        let before = world.upstream.ledger().len();
        let result = world.client().await.call(style, arguments(style)).await.success();
        assert_eq!(ids(&result), [0, 1, 2, 3, 4, 5, 6], "{style}: {}", result.0);
        assert_eq!(pagination(&result)["ended"], "complete", "{style}");
        assert_eq!(pagination(&result)["items"], 7);
        assert_eq!(world.upstream.ledger().len() - before, 4, "{style}");
    }
}

#[tokio::test]
async fn every_style_is_stepped_through_with_one_cursor() {
    let world = World::new("mode: step", |entry| page(entry, 7)).await;
    let mut client = world.client().await;
    for tool in client.tools().await {
        let properties = tool["inputSchema"]["properties"].as_object().unwrap();
        assert!(properties.contains_key("cursor") && properties.contains_key("limit"), "{tool}");
        let own = tool["name"].as_str().unwrap();
        assert!(!["page", "offset"].contains(&own) || !properties.contains_key(own), "{tool}");
    }
    for style in STYLES {
        let mut arguments = arguments(style);
        let mut got = Vec::new();
        for _ in 0..4 {
            let result = client.call(style, arguments.clone()).await.success();
            got.extend(ids(&result));
            let cursor = pagination(&result)["next_cursor"].clone();
            assert_eq!(cursor.is_null(), got.len() == 7, "{style}: {}", result.0);
            if let Some(cursor) = cursor.as_str() {
                assert!(result.text().contains(cursor), "a model sees the text alone");
                assert!(cursor.len() < 200, "{style}: {} characters", cursor.len());
            }
            arguments["cursor"] = cursor;
        }
        assert_eq!(got, [0, 1, 2, 3, 4, 5, 6], "{style}");
    }
}

#[tokio::test]
async fn a_hint_tells_the_tools_own_arguments_for_the_next_page() {
    let world = World::new("mode: hint", |entry| page(entry, 7)).await;
    let mut client = world.client().await;
    for (style, name, value) in [
        ("link", "offset", 2),
        ("next_url", "offset", 2),
        ("cursor", "cursor", 2),
        ("page", "page", 2),
        ("offset", "offset", 2),
    ] {
        let result = client.call(style, json!({"q": arguments(style)["q"], "limit": 2})).await.success();
        let next = &pagination(&result)["next"];
        let value = if style == "cursor" { json!(value.to_string()) } else { json!(value) };
        assert_eq!(next[name], value, "{style}: {}", result.0);
        let mut second = json!({"q": arguments(style)["q"], "limit": 2});
        second[name] = value;
        assert_eq!(ids(&client.call(style, second).await.success()), [2, 3], "{style}");
    }
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for() {
    let other = Upstream::echo().await;
    let port = other.url().rsplit(':').next().unwrap().to_owned();
    let targets = [
        format!("{}/v1/items?page=2", other.url()),
        format!("//127.0.0.1:{port}/v1/items"),
        format!("http://localhost:{port}/v1/items"),
        "/v2/items?page=2".to_owned(),
        "/v1/../admin".to_owned(),
        "/v1/%2e%2e/admin".to_owned(),
        "/v1/..%2fadmin".to_owned(),
        "/v1/%252e%252e/admin".to_owned(),
        "/v1evil".to_owned(),
        "https://user:password@169.254.169.254/v1/items".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    let mut outside = 0;
    for target in &targets {
        for mode in ["mode: step", "mode: gather", "mode: hint"] {
            let next = target.clone();
            let world = World::new(mode, move |entry| {
                assert!(entry.request.target.starts_with("/v1/items"));
                Answer::json(&json!({"items": [1, 2], "next": next}))
                    .header("Link", &format!("<{next}>; rel=next"))
            })
            .await;
            let mut client = world.client().await;
            for style in ["link", "next_url"] {
                let result = client.call(style, json!({})).await.success();
                let told = pagination(&result);
                assert!(told["next_cursor"].is_null() && told["next"].is_null(), "{target}: {}", result.0);
                assert!(mode == "mode: hint" || told["ended"] == "refused", "{target}: {}", result.0);
                let said = result.0["content"][1]["text"].as_str().unwrap_or_default();
                assert!(!said.contains("password"), "{said}");
            }
            outside += world
                .upstream
                .ledger()
                .entries()
                .iter()
                .filter(|entry| !["/v1/items"].contains(&entry.path()))
                .count();
            assert_eq!(world.upstream.ledger().len(), 2, "{target}");
        }
    }
    other.ledger().assert_empty("it is another origin");
    assert_eq!(outside, 0);
    let measured = format!(
        "{} places in 2 styles and 3 modes: 0 requests to another origin, 0 outside of the base path",
        targets.len()
    );
    figures::row("S5", "a next page on another host, port or path", measured);
}

#[tokio::test]
async fn pages_for_ever_end_at_the_caps_and_say_how_to_go_on() {
    let mut measured = Vec::new();
    for (mode, pages, items, ended) in [
        ("max_pages: 5", 5, 10, "max_pages"),
        ("max_items: 7", 4, 7, "max_items"),
        ("max_bytes: 1KiB", 3, 5, "max_bytes"),
    ] {
        let world = World::new(mode, |entry| page(entry, u64::MAX)).await;
        let mut client = world.client().await;
        for style in STYLES {
            let before = world.upstream.ledger().len();
            let mut arguments = arguments(style);
            let result = client.call(style, arguments.clone()).await.success();
            let told = pagination(&result).clone();
            assert_eq!((&told["ended"], ids(&result).len()), (&json!(ended), items), "{style}: {}", result.0);
            assert_eq!(world.upstream.ledger().len() - before, pages, "{style}");
            assert!(result.text().contains("There is more"), "{}", result.text());
            arguments["cursor"] = told["next_cursor"].clone();
            let next = client.call(style, arguments).await.success();
            assert_eq!(ids(&next)[0], items as u64, "{style}: it goes on where it was cut");
        }
        measured.push(format!("{ended}: {pages} requests, {items} items"));
    }
    figures::row("S5", "pages for ever, each of 5 styles", measured.join("; "));
}

#[tokio::test]
async fn a_cursor_or_page_that_comes_again_ends_it() {
    let world = World::new("max_pages: 100", |entry| match query(entry, "q") {
        Some("same") => Answer::json(&json!({"items": [{"id": 1}, {"id": 2}], "next": "x", "more": true}))
            .header("Link", "</v1/items?q=same>; rel=next"),
        _ => {
            let next = if from(entry) == 2 { 4 } else { 2 };
            let target = format!("/v1/items?q=circle&offset={next}");
            Answer::json(&json!({"items": [{"id": entry.id}], "next": next.to_string(), "more": true}))
                .header("Link", &format!("<{target}>; rel=next"))
        }
    })
    .await;
    let mut client = world.client().await;
    let mut most = 0;
    for (style, kind) in [
        ("link", "same"),
        ("cursor", "same"),
        ("page", "same"),
        ("offset", "same"),
        ("link", "circle"),
        ("cursor", "circle"),
    ] {
        let before = world.upstream.ledger().len();
        let result = client.call(style, json!({"q": kind, "limit": 2})).await.success();
        assert_eq!(pagination(&result)["ended"], "repeated", "{style} {kind}: {}", result.0);
        assert!(result.text().contains("repeat"), "{}", result.text());
        most = most.max(world.upstream.ledger().len() - before);
    }
    assert!(most <= 3, "{most}");
    figures::row("S5", "a cursor, URL or page that repeats", format!("ended after at most {most} requests"));
}

#[tokio::test]
async fn what_was_gathered_is_not_lost_with_a_page_that_does_not_come() {
    let world = World::with(file("mode: gather").replace("timeout: 5s", "timeout: 1s"), |entry| {
        match (from(entry), query(entry, "q")) {
            (4, Some("hang")) => Answer::Hang,
            (4, Some("reset")) => Answer::Reset,
            (4, Some("broken")) => Answer::status(503, "application/json", "{}"),
            _ => page(entry, 7),
        }
    })
    .await;
    let mut client = world.client().await;
    for (fault, ended) in [("hang", "deadline"), ("reset", "failed"), ("broken", "failed")] {
        let result = client.call("page", json!({"q": fault, "limit": 2})).await.success();
        assert_eq!((ids(&result).len(), &pagination(&result)["ended"]), (4, &json!(ended)), "{}", result.0);
        assert!(pagination(&result)["next_cursor"].is_string(), "{}", result.0);
    }
    let first = client.call("page", json!({"q": "broken", "page": 9})).await;
    assert_eq!(first.code(), "invalid_arguments", "the API's own parameter is no argument");
    figures::row("S5", "a page that hangs until the deadline", "the pages before it, and a cursor to go on");
}

#[tokio::test]
async fn a_cursor_that_is_not_one_for_this_call_sends_nothing() {
    let world = World::new("mode: step", |entry| page(entry, 7)).await;
    let mut client = world.client().await;
    let first = client.call("page", arguments("page")).await.success();
    let cursor = pagination(&first)["next_cursor"].as_str().unwrap().to_owned();
    let sent = world.upstream.ledger().len();
    let mut tried = 0;
    let mut changed: Vec<String> = (0..cursor.len()).map(|at| flipped(&cursor, at)).collect();
    changed.extend(["", "2", "MQ", "abc.def.ghi", "🦀"].map(str::to_owned));
    changed.push(cursor[..cursor.len() - 1].to_owned());
    changed.push(format!("{cursor}AAAA"));
    for cursor in changed {
        let result = client.call("page", json!({"q": "a", "limit": 2, "cursor": cursor})).await;
        assert_eq!(result.code(), "invalid_arguments", "{cursor}: {}", result.0);
        tried += 1;
    }
    for (tool, arguments) in [
        ("offset", json!({"q": "a", "limit": 2, "cursor": cursor})),
        ("page", json!({"q": "b", "limit": 2, "cursor": cursor})),
        ("page", json!({"q": "a", "limit": 3, "cursor": cursor})),
        ("page", json!({"cursor": cursor})),
    ] {
        let result = client.call(tool, arguments).await;
        assert_eq!(result.code(), "invalid_arguments", "{}", result.0);
        tried += 1;
    }
    assert_eq!(world.upstream.ledger().len(), sent, "nothing was to be sent");
    let good = client.call("page", json!({"q": "a", "limit": 2, "cursor": cursor})).await.success();
    assert_eq!(ids(&good), [2, 3]);
    figures::row(
        "S17",
        "cursors tampered with, cut, of another tool or other arguments",
        format!("{tried} refused, 0 requests"),
    );
}

#[tokio::test]
async fn a_cursor_expires_and_is_no_good_in_another_process_without_the_key() {
    let cursors = |rules: &str| format!("cursors: {rules}\n{}", file("mode: step"));
    let short = World::with(cursors("{expires: 1ms}"), |entry| page(entry, 7)).await;
    let first = short.client().await.call("page", arguments("page")).await.success();
    let mut again = arguments("page");
    again["cursor"] = pagination(&first)["next_cursor"].clone();
    let mut client = short.client().await;
    // Good for a millisecond.
    let (asked, late) = loop {
        let asked = short.upstream.ledger().len();
        let result = client.call("page", again.clone()).await;
        if result.is_error() {
            break (asked, result.error());
        }
    };
    assert!(late.contains("expired"), "{late}");

    let upstream = Upstream::start(|entry| page(entry, 7)).await;
    let replica = async |rules: &str| {
        setup(&cursors(rules), &upstream).environment("KEY", "a key of 32 characters, or so...").serve().await
    };
    let (one, two) = (replica("{key: '${KEY}'}").await, replica("{key: '${KEY}'}").await);
    let stranger = replica("{expires: 1h}").await;
    let first = one.client(Era::Modern).await.call("page", arguments("page")).await.success();
    again["cursor"] = pagination(&first)["next_cursor"].clone();
    assert_eq!(ids(&two.client(Era::Legacy).await.call("page", again.clone()).await.success()), [2, 3]);
    let before = upstream.ledger().len();
    assert_eq!(stranger.client(Era::Modern).await.call("page", again).await.code(), "invalid_arguments");
    assert_eq!(upstream.ledger().len(), before);
    assert_eq!(short.upstream.ledger().len(), asked);
    figures::row(
        "S17",
        "cursors that expired, or of another process",
        "refused, 0 requests; replicas with one key agree",
    );
}

/// The text with one character replaced.
fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'Q' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}
