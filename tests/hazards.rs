//! What goes wrong in a gateway, and what happens instead: each test is the real program between a raw client and an
//! upstream that misbehaves and keeps a ledger.
//!
//! In every one of them, unless it says otherwise: no call is lost (answered never), duplicate (executed twice),
//! foreign (answered with another call's answer) or a false success (told success without a whole 2xx answer).

mod answers;
mod arguments;
mod cache;
mod callers;
mod canaries;
mod certificates;
mod credentials;
mod disconnects;
mod documents;
mod endings;
mod json;
mod limits;
mod memory;
mod mismatches;
mod names;
mod outages;
mod pages;
mod paths;
mod redirects;
mod reloads;
mod retries;
mod secrets;
mod stdio;
#[cfg(unix)]
mod streams;

use crate::support::api;
use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{Era, McpClient};
use crate::support::upstream::{Answer, Entry, Upstream, faults};

/// A gateway before a small API that misbehaves.
struct World {
    upstream: Upstream,
    gateway: Gateway,
}

impl World {
    /// The small API answers by path.
    async fn new() -> Self {
        Self::of(faults::by_path).await
    }

    /// The small API answers what `script` says. A call has two seconds.
    async fn of(script: impl Fn(&Entry) -> Answer + Send + Sync + 'static) -> Self {
        let upstream = Upstream::start(script).await;
        let gateway = setup(&upstream).serve().await;
        Self { upstream, gateway }
    }

    /// The small API answers what `script` says, before a gateway file with these keys.
    async fn with(script: impl Fn(&Entry) -> Answer + Send + Sync + 'static, keys: &str) -> Self {
        let upstream = Upstream::start(script).await;
        let file =
            format!("gateway: small\nbase_url: {}\noperations: {{writes: allow}}\n{keys}", upstream.url());
        let file = if keys.contains("endpoints:") {
            file.replace("operations: {writes: allow}\n", "")
        } else {
            file + "openapi: ./api.json\n"
        };
        let setup = Setup::new().file("api.json", api::document().to_string()).source("gateway.yaml", file);
        Self { upstream, gateway: setup.serve().await }
    }

    /// A client of the modern era.
    async fn client(&self) -> McpClient {
        self.gateway.client(Era::Modern).await
    }
}

/// The files of a gateway before the small API, with a credential.
fn setup(upstream: &Upstream) -> Setup {
    Setup::new()
        .file("api.json", api::document().to_string())
        .source("gateway.yaml", GATEWAY_FILE)
        .environment("UPSTREAM", &upstream.url())
        .environment("TOKEN", TOKEN)
        .environment("PARTNER", PARTNER)
}

/// What only the upstream may see.
const TOKEN: &str = "t0ken-Zq8vXh3uWk1rYd5s";
/// Another one.
const PARTNER: &str = "p4rtner-Lm2nBc7yTf9gAe4o";

const GATEWAY_FILE: &str = "\
gateway: small
base_url: ${UPSTREAM}
openapi: ./api.json
credential: {bearer: \"${TOKEN}\"}
headers: {X-Partner: \"${PARTNER}\"}
timeout: 2s
operations: {writes: allow}
response: {max_bytes: 8MiB}
";
