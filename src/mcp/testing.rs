//! What the tests of this module share: a catalog of made-up tools, and calls that come to whatever a test wants.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::answer::Answer;
use super::call::Runner;
use super::dispatch::{Context, Received};
use super::line::Line;
use super::{Server, ServerOptions};
use crate::access::Principal;
use crate::call::{Call, Content, Ended, ToolOutcome};
use crate::catalog::{Catalog, GatewayEntry, Tool, fixture};
use crate::config::gateway::Introduction;
use crate::config::shown::Shown;

/// A server of the tools below. `shop` and `weather` are its gateways.
pub(crate) fn server() -> Arc<Server> {
    server_with(ServerOptions::default())
}

pub(crate) fn server_with(options: ServerOptions) -> Arc<Server> {
    let tools = vec![
        tool("shop", "echo", &json!({})),
        tool("shop", "list", &json!({})),
        tool("shop", "picture", &json!({})),
        tool("shop", "fail", &json!({})),
        tool("shop", "wait", &json!({})),
        tool(
            "weather",
            "region",
            &json!({
                "region": {"type": "string", "x-mcp-header": "Region"},
                "limit": {"type": "integer", "x-mcp-header": "Limit"},
                "dry": {"type": "boolean", "x-mcp-header": "Dry"},
                "where": {"type": "object", "properties": {"zone": {"type": "string", "x-mcp-header": "Zone"}}},
            }),
        ),
    ];
    let entry = |name: &str, instructions: Option<&str>| GatewayEntry {
        name: Arc::from(name),
        introduction: Introduction {
            instructions: instructions.map(str::to_owned),
            ..Introduction::default()
        },
        shown: Shown::default(),
    };
    let gateways = vec![entry("shop", Some("Ask for books.")), entry("weather", None)];
    let catalog = Arc::new(ArcSwap::from_pointee(Catalog::new(tools, gateways)));
    Arc::new(Server { runner: RUNNER, ..Server::new(catalog, options) })
}

pub(crate) fn tool(gateway: &str, name: &str, properties: &Value) -> Tool {
    let schema = json!({"type": "object", "properties": properties});
    let face = json!({"name": name, "description": format!("The tool {name}."), "inputSchema": schema});
    Tool {
        name: name.into(),
        face: face.to_string().into(),
        tags: Box::default(),
        plan: fixture::plan(gateway, name),
    }
}

/// Runs the tools: `echo` gives its arguments back, `list` an array, `picture` an image, `fail` an error; `wait` waits on
/// the [`Probe`] that its argument names.
pub(crate) const RUNNER: Runner = |call| Box::pin(run(call));

async fn run(call: Call<'_>) -> ToolOutcome {
    let arguments = call.arguments.map_or("{}", serde_json::value::RawValue::get).to_owned();
    let json = |text: String| {
        let bytes = Bytes::from(text);
        ToolOutcome {
            is_error: false,
            content: vec![Content::Json(bytes.clone())],
            structured: Some(bytes),
            meta: Vec::new(),
            ended: Ended::OK,
        }
    };
    match &*call.plan.tool {
        "list" => json("[1,2,9007199254740993]".to_owned()),
        "picture" => {
            let data = Bytes::from_static(b"\x89PNG");
            let content = vec![Content::Image { data, mime_type: "image/png".to_owned() }];
            ToolOutcome { is_error: false, content, structured: None, meta: Vec::new(), ended: Ended::OK }
        }
        "fail" => ToolOutcome::error("404 Not Found: check the id", None),
        "wait" => {
            let arguments: Value = serde_json::from_str(&arguments).unwrap();
            let probe = Probe::named(arguments["probe"].as_str().unwrap());
            let _running = Running::new(&probe);
            probe.release.acquire().await.unwrap().forget();
            probe.finished.add_permits(1);
            json(arguments.to_string())
        }
        _ => json(arguments),
    }
}

/// Lets a test see a call begin, let it end, and see whether it ended or was dropped.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) started: Semaphore,
    pub(crate) release: Semaphore,
    pub(crate) finished: Semaphore,
    pub(crate) gone: Semaphore,
}

impl Probe {
    /// The probe of this name, which every test chooses for itself.
    pub(crate) fn named(name: &str) -> Arc<Self> {
        static ALL: LazyLock<Mutex<HashMap<String, Arc<Probe>>>> = LazyLock::new(Mutex::default);
        let none = || Semaphore::new(0);
        let probe = || Arc::new(Self { started: none(), release: none(), finished: none(), gone: none() });
        ALL.lock().unwrap().entry(name.to_owned()).or_insert_with(probe).clone()
    }
}

/// Waits until something has happened once more; gives up when it never will.
pub(crate) async fn happened(what: &Semaphore) {
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, what.acquire()).await.expect("it did not happen").unwrap().forget();
}

struct Running<'p>(&'p Probe);

impl<'p> Running<'p> {
    fn new(probe: &'p Probe) -> Self {
        probe.started.add_permits(1);
        Self(probe)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.gone.add_permits(1);
    }
}

impl Server {
    /// What a message leads to at `/mcp` or, without headers, on stdio.
    pub(crate) fn receive_all(&self, body: &[u8], headers: Option<&HeaderMap>) -> Received {
        let catalog = self.catalog.load();
        let view = catalog.view(None).unwrap();
        self.receive(
            body,
            Context { catalog: &catalog, view, headers, principal: &Principal::Local, client: None },
        )
    }

    /// The answer to a message that is sent on stdio; `None` when there is none.
    pub(crate) async fn ask(&self, message: &str) -> Option<Value> {
        answered(self.receive_all(message.as_bytes(), None)).await.map(|answer| value(&answer))
    }
}

/// Runs the call, if it is one.
pub(crate) async fn answered(received: Received) -> Option<Answer> {
    match received {
        Received::Answer(answer) | Received::Lacking(answer, _) => Some(answer),
        Received::Work(work) => Some(work.run(Line::default()).await),
        Received::Hello(answer, _) => Some(answer),
        Received::Listen(_) | Received::Response(_) | Received::Cancelled(_) | Received::Nothing => None,
    }
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.segments.clone().between(b"", b"").to_vec()).unwrap()
}

pub(crate) fn value(answer: &Answer) -> Value {
    serde_json::from_str(&text(answer)).unwrap()
}

/// A modern request with what every one needs in `_meta`.
pub(crate) fn modern(id: &str, method: &str, params: &Value) -> String {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

/// A legacy request.
pub(crate) fn legacy(id: &str, method: &str, params: &Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}
