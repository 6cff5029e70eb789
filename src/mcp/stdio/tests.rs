use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines as TokioLines, duplex,
};
use tokio::task::JoinHandle;

use super::*;
use crate::mcp::conversation::room;
use crate::mcp::testing::{Probe, happened, legacy, modern, server};

/// A client of a server on in-memory streams.
struct Client {
    input: DuplexStream,
    output: TokioLines<BufReader<DuplexStream>>,
    ended: JoinHandle<io::Result<()>>,
}

impl Client {
    /// `room` is how many bytes of output wait to be read.
    fn start(room: usize) -> Self {
        let (input, reader) = duplex(1 << 20);
        let (writer, output) = duplex(room);
        let ended = tasks::spawn("test server", serve(server(), reader, writer, std::future::pending()));
        Self { input, output: BufReader::new(output).lines(), ended }
    }

    async fn send(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    async fn answer(&mut self) -> Value {
        let line = self.output.next_line().await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

fn call(id: &str, name: &str, arguments: &Value) -> String {
    legacy(id, "tools/call", &json!({"name": name, "arguments": arguments}))
}

fn cancel(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#)
}

#[tokio::test]
async fn both_eras_are_served_on_one_pair_of_streams() {
    let mut client = Client::start(1 << 20);
    client.send(&legacy("1", "initialize", &json!({"protocolVersion": "2025-06-18"}))).await;
    assert_eq!(client.answer().await["result"]["protocolVersion"], "2025-06-18");
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    client.send(&modern("2", "server/discover", &json!({}))).await;
    assert_eq!(client.answer().await["result"]["supportedVersions"][0], "2026-07-28");
    client.send(&modern("3", "tools/call", &json!({"name": "list"}))).await;
    assert!(client.answer().await["result"]["structuredContent"].is_array());
    client.send(&call("4", "list", &json!({}))).await;
    assert!(client.answer().await["result"]["structuredContent"].is_object());
}

#[tokio::test]
async fn a_client_that_said_its_name_is_shown_what_its_provider_takes() {
    for (name, expected) in [("openai-mcp", json!(["integer", "null"])), ("somebody", json!("integer"))] {
        let mut client = Client::start(1 << 20);
        let info = json!({"name": name, "version": "1"});
        let params = json!({"protocolVersion": "2025-06-18", "clientInfo": info});
        client.send(&legacy("1", "initialize", &params)).await;
        client.answer().await;
        client.send(&legacy("2", "tools/list", &json!({}))).await;
        let answer = client.answer().await;
        let tools = answer["result"]["tools"].as_array().unwrap();
        let region = tools.iter().find(|tool| tool["name"] == "region").unwrap();
        assert_eq!(region["inputSchema"]["properties"]["limit"]["type"], expected, "{name}");
    }
}

#[tokio::test]
async fn garbage_is_answered_and_what_follows_is_served() {
    let mut client = Client::start(1 << 20);
    client.send("garbage").await;
    assert_eq!(client.answer().await["error"]["code"], -32700);
    client.send("\u{0}\u{1}{").await;
    assert_eq!(client.answer().await["error"]["code"], -32700);
    client.send(&"x".repeat(5 << 20)).await;
    let answer = client.answer().await;
    assert_eq!((&answer["error"]["code"], answer.get("id")), (&json!(-32700), None));
    client.send("").await;
    client.send(&legacy("\"a\"", "ping", &json!({}))).await;
    assert_eq!(client.answer().await, json!({"jsonrpc": "2.0", "id": "a", "result": {}}));
}

#[tokio::test]
async fn a_slow_call_does_not_hold_up_the_others() {
    let mut client = Client::start(1 << 20);
    let probe = Probe::named("stdio slow");
    client.send(&call("1", "wait", &json!({"probe": "stdio slow"}))).await;
    happened(&probe.started).await;
    client.send(&call("2", "echo", &json!({}))).await;
    assert_eq!(client.answer().await["id"], 2);
    probe.release.add_permits(1);
    assert_eq!(client.answer().await["id"], 1);
}

#[tokio::test]
async fn a_cancelled_call_is_dropped_and_never_answered() {
    let mut client = Client::start(1 << 20);
    for (id, other, name) in [("1", "\"1\"", "stdio cancel, number"), ("\"x\"", "1", "stdio cancel, text")] {
        let probe = Probe::named(name);
        client.send(&call(id, "wait", &json!({"probe": name}))).await;
        happened(&probe.started).await;
        client.send(&cancel(other)).await;
        client.send(&call("7", "echo", &json!({}))).await;
        assert_eq!(client.answer().await["id"], 7);
        assert_eq!(probe.gone.available_permits(), 0);
        client.send(&cancel(id)).await;
        happened(&probe.gone).await;
        assert_eq!(probe.finished.available_permits(), 0);
        client.send(&call(id, "echo", &json!({"again": true}))).await;
        assert_eq!(client.answer().await["result"]["structuredContent"]["again"], true);
    }
}

#[tokio::test]
async fn an_id_that_is_still_running_is_refused() {
    let mut client = Client::start(1 << 20);
    let probe = Probe::named("stdio same id");
    client.send(&call("1", "wait", &json!({"probe": "stdio same id"}))).await;
    happened(&probe.started).await;
    client.send(&call("1", "echo", &json!({}))).await;
    assert_eq!(client.answer().await["error"]["code"], -32600);
    probe.release.add_permits(1);
    assert_eq!(client.answer().await["result"]["structuredContent"]["probe"], "stdio same id");
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let mut client = Client::start(1 << 10);
    let (mut input, ids) = (client.input, 0..2_000);
    let writing = tasks::spawn("test input", async move {
        for id in 0..2_000 {
            input
                .write_all(format!("{}\n", call(&id.to_string(), "echo", &json!({"n": id}))).as_bytes())
                .await
                .unwrap();
        }
        input
    });
    let mut seen = HashSet::new();
    for _ in ids {
        let line = client.output.next_line().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], answer["result"]["structuredContent"]["n"]);
        assert!(seen.insert(answer["id"].as_u64().unwrap()));
    }
    drop(writing.await.unwrap());
    client.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_soon_not_read_either() {
    let mut client = Client::start(64);
    let mut sent = 0;
    while let Ok(written) = timeout(Duration::from_secs(1), client.input.write_all(&[b'\n'; 512])).await {
        written.unwrap();
        let line = format!("{}\n", legacy("1", "tools/list", &json!({})));
        let Ok(written) = timeout(Duration::from_secs(1), client.input.write_all(line.as_bytes())).await
        else {
            break;
        };
        written.unwrap();
        sent += 1;
        assert!(sent < 10_000, "everything is read");
    }
    assert!(sent >= room::REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn large_answers_that_are_not_read_hold_up_the_next_calls_sooner() {
    let client = Client::start(64);
    let (mut input, text) = (client.input, "x".repeat(1 << 20));
    let mut taken = 0;
    loop {
        let line = format!("{}\n", call(&taken.to_string(), "echo", &json!({"text": text})));
        let Ok(written) = timeout(Duration::from_secs(1), input.write_all(line.as_bytes())).await else {
            break;
        };
        written.unwrap();
        taken += 1;
    }
    assert!((4..32).contains(&taken), "{taken} calls of a megabyte each were taken");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_lets_running_calls_finish_for_a_moment() {
    let mut client = Client::start(1 << 20);
    let (quick, stuck) = (Probe::named("stdio end, quick"), Probe::named("stdio end, stuck"));
    client.send(&call("1", "wait", &json!({"probe": "stdio end, quick"}))).await;
    client.send(&call("2", "wait", &json!({"probe": "stdio end, stuck"}))).await;
    happened(&quick.started).await;
    happened(&stuck.started).await;
    client.input.shutdown().await.unwrap();
    quick.release.add_permits(1);
    assert_eq!(client.answer().await["id"], 1);
    client.ended.await.unwrap().unwrap();
    happened(&stuck.gone).await;
    assert_eq!(client.output.next_line().await.unwrap(), None);
}

#[tokio::test]
async fn an_output_that_nobody_reads_any_more_ends_it() {
    let mut client = Client::start(1 << 20);
    let probe = Probe::named("stdio broken");
    client.send(&call("1", "wait", &json!({"probe": "stdio broken"}))).await;
    happened(&probe.started).await;
    drop(client.output);
    client.input.write_all(format!("{}\n", legacy("2", "ping", &json!({}))).as_bytes()).await.unwrap();
    client.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_but_answers_is_written() {
    let (mut input, reader) = duplex(1 << 20);
    let (writer, mut output) = duplex(1 << 20);
    let ended = tasks::spawn("test server", serve(server(), reader, writer, std::future::pending()));
    input
        .write_all(
            b"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
        )
        .await
        .unwrap();
    drop(input);
    let mut written = String::new();
    output.read_to_string(&mut written).await.unwrap();
    assert_eq!(written, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    ended.await.unwrap().unwrap();
}
