//! Clients that we did not write: each lists the tools, calls one, and sees one fail, over HTTP and over stdio, in
//! both eras where it speaks both.
//!
//! `rmcp` is a crate and always runs. The others are programs that `cargo xtask tools` installs; their tests are
//! `ignored` until `cargo xtask test clients` asks for them.

mod access;
mod programs;
mod readme;
mod rust_sdk;
mod tokens;

use crate::support::api;
use crate::support::gateway::{Gateway, Setup};
use crate::support::process;
use crate::support::upstream::{Entry, Upstream, faults};

/// The tool that is called, and its argument.
const TOOL: &str = "read_item";
const ITEM: &str = "tea & cake/ä";
/// What the upstream must have received for it.
const TARGET: &str = "/items/tea%20%26%20cake%2F%C3%A4";

/// The small API and what is needed to serve it.
struct World {
    upstream: Upstream,
    setup: Setup,
}

impl World {
    async fn new() -> Self {
        let upstream = Upstream::start(faults::by_path).await;
        let setup = Setup::new().file("api.json", api::document().to_string());
        // Clients start the program wherever they like, with an environment of their choice.
        let document = setup.path().join("api.json").to_string_lossy().into_owned();
        let setup = setup.argument(document).arguments(["--base-url", &upstream.url(), "--allow-writes"]);
        Self { upstream, setup }
    }

    /// `toolgate serve` over HTTP.
    async fn serve(self) -> (Upstream, Gateway) {
        (self.upstream, self.setup.serve().await)
    }

    /// The command that serves over stdio.
    fn command_line(&self) -> Vec<String> {
        let program = process::program().to_string_lossy().into_owned();
        let mut words = vec![program, "serve".to_owned(), "--stdio".to_owned()];
        words.extend(self.setup.command_line().iter().cloned());
        words
    }
}

/// Fails the test unless the upstream received the call, whole.
fn assert_called(upstream: &Upstream) {
    let is_call = |entry: &Entry| entry.request.target == TARGET;
    let entries = upstream.ledger().entries();
    assert_eq!(entries.iter().filter(|entry| is_call(entry)).count(), 1, "{entries:#?}");
}
