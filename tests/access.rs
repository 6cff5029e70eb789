//! Who is calling over HTTP: keys, tokens, and all that is neither.

mod keys;
mod tokens;

use serde_json::{Value, json};

use crate::support::api;
use crate::support::gateway::{Gateway, Setup};
use crate::support::http::{self, Response};
use crate::support::mcp::{self, ERAS, Era};
use crate::support::upstream::{Upstream, faults};

/// The small API behind a gateway with access rules, and what both were given.
pub(crate) struct World {
    upstream: Upstream,
    gateway: Gateway,
}

impl World {
    /// With this server file, and this credential for the API.
    pub(crate) async fn with(server_file: &str, credential: &str) -> Self {
        let upstream = Upstream::start(faults::by_path).await;
        let file = format!("gateway: small\nbase_url: {}\nopenapi: ./api.json\n{credential}", upstream.url());
        let setup = Setup::new().file("api.json", api::document().to_string()).source("gateway.yaml", file);
        let setup = setup.file("server.yaml", server_file).arguments(["--config", "server.yaml"]);
        let gateway = setup.environment("TOOLGATE_LOG", "debug").serve().await;
        Self { upstream, gateway }
    }

    /// The answers to all kinds of requests with these headers in both eras.
    pub(crate) async fn answers(&self, headers: &[(&str, &str)]) -> Vec<(String, Response)> {
        let mut answers = Vec::new();
        for era in ERAS {
            for (method, params) in requests(era) {
                let response = self.ask("/mcp", era, method, &params, headers).await;
                answers.push((format!("{method} {era:?}"), response));
            }
        }
        answers
    }

    async fn ask(
        &self,
        target: &str,
        era: Era,
        method: &str,
        params: &Value,
        headers: &[(&str, &str)],
    ) -> Response {
        let name = params["name"].as_str().unwrap_or_default();
        let mut all = headers.to_vec();
        all.extend(mcp::headers_of(era, method, name));
        let body = mcp::body(era, 1, method, params.clone());
        http::exchange(self.gateway.address, &http::request("POST", target, &all, body.as_bytes())).await
    }

    /// Nobody who sends this is let in, wherever he sends it.
    pub(crate) async fn refuses(&self, headers: &[(&str, &str)], expected: &Expected, why: &str) {
        for (request, response) in self.answers(headers).await {
            let challenge = response.header("www-authenticate").unwrap_or_default();
            assert_eq!(response.status, expected.status, "{why}, {request}: {challenge} {}", response.text());
            match expected.error {
                Some(error) => {
                    assert!(challenge.contains(&format!("error=\"{error}\"")), "{why}: {challenge}");
                }
                None => assert!(!challenge.contains("error="), "{why}: {challenge}"),
            }
            let is_whole = challenge.starts_with("Bearer ") && challenge.contains(", scope=\"mcp\"");
            assert!(is_whole || expected.status >= 500, "{why}: {challenge}");
        }
        self.upstream.ledger().assert_empty(why);
    }

    /// Whoever sends this is let in, and what he sends is not handed on.
    pub(crate) async fn admits(&self, headers: &[(&str, &str)], secret: &str, why: &str) {
        let before = self.upstream.ledger().len();
        for (request, response) in self.answers(headers).await {
            assert_eq!(response.status, 200, "{why}, {request}: {}", response.text());
            assert!(response.json().get("error").is_none(), "{why}, {request}: {}", response.text());
        }
        assert_eq!(self.upstream.ledger().len(), before + 2, "{why}: one call in each era");
        assert!(!self.upstream.ledger().wire().contains(secret), "{why}");
        assert!(!self.gateway.stderr().contains(secret), "{why}");
    }
}

/// What a refusal looks like.
pub(crate) struct Expected {
    status: u16,
    error: Option<&'static str>,
}

pub(crate) const NOTHING_SHOWN: Expected = Expected { status: 401, error: None };
pub(crate) const INVALID_REQUEST: Expected = Expected { status: 400, error: Some("invalid_request") };
pub(crate) const INVALID_TOKEN: Expected = Expected { status: 401, error: Some("invalid_token") };
pub(crate) const INSUFFICIENT_SCOPE: Expected = Expected { status: 403, error: Some("insufficient_scope") };
pub(crate) const UNAVAILABLE: Expected = Expected { status: 503, error: None };

/// How a client of this era begins, lists and calls.
fn requests(era: Era) -> Vec<(&'static str, Value)> {
    let begin = match era {
        Era::Modern => ("server/discover", json!({})),
        Era::Legacy => {
            let client = json!({"name": "toolgate-tests", "version": "1"});
            (
                "initialize",
                json!({"protocolVersion": era.version(), "capabilities": {}, "clientInfo": client}),
            )
        }
    };
    vec![
        begin,
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "read_item", "arguments": {"item": "1"}})),
    ]
}
