//! `serve`: MCP over HTTP or stdio until a signal comes, loaded again when its files change.

mod policy;
mod reload;
mod tell;

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::Args;
use tokio::net::TcpListener;

use super::arguments::{ServerArguments, SourceArguments};
use super::cost::Cost;
use super::loaded::Wish;
use super::problems::Telling;
use super::runtime::{Hangup, Stop};
use super::shown::ShownArguments;
use super::{Failure, Verdict, listen, offered, output, runtime};
use crate::catalog::Catalog;
use crate::config;
use crate::mcp::http::HttpOptions;
use crate::mcp::{self, ServerOptions};
use crate::source::Watch;
use crate::store::Cache;
use crate::tasks;
use reload::{Reason, Serving};

/// Serve the tools over MCP, by HTTP or stdio
///
/// HTTP has /mcp for all gateways, /mcp/NAME for one of them or for a toolset,
/// /healthz and /readyz. What cannot be served is told on stderr, and the rest is served.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate serve openapi.json --mock              Try a document out, without its API
  toolgate serve openapi.json --bearer-env TOKEN  Call the API itself
  toolgate serve gateways/ --listen 8081          Several gateways, another port
  toolgate serve github.json --discover on        Three tools that find 1,200 others
  claude mcp add shop -- toolgate serve shop.yaml --stdio")]
pub(super) struct Serve {
    #[command(flatten)]
    sources: SourceArguments,

    #[command(flatten)]
    server: ServerArguments,

    #[command(flatten)]
    shown: ShownArguments,

    /// Where to listen; a port alone is on 127.0.0.1, and 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", value_parser = listen::address)]
    listen: SocketAddr,

    /// Speak MCP on stdin and stdout instead
    #[arg(long, conflicts_with = "listen")]
    stdio: bool,

    /// Call a stand-in for the API, which answers from the document's examples and schemas
    #[arg(long)]
    mock: bool,

    /// Load again when a file changes that was read; SIGHUP does it at any time
    #[arg(long)]
    watch: bool,

    /// Ask again this often for documents that came from URLs, for example 15m
    #[arg(long, value_name = "TIME", value_parser = config::time_span)]
    refresh: Option<Duration>,

    /// How long calls may take to finish after the program was told to end
    #[arg(long, value_name = "TIME", value_parser = config::time_span, default_value = "30s")]
    grace: Duration,

    /// Memory for answers that are kept, in MiB over all gateways; 0 keeps none
    #[arg(long, value_name = "MIB", default_value_t = Cache::BYTES >> 20)]
    cache_size: u64,

    /// Give lists in pages of so many items; without it they are whole, since many clients ask for one page only
    #[arg(long, value_name = "ITEMS")]
    page_size: Option<NonZeroUsize>,

    /// Listen on an address that others can reach, although nobody is asked who he is; needless with `access`
    #[arg(long, conflicts_with = "stdio")]
    insecure: bool,
}

impl Serve {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        runtime::serving(async {
            let stop = runtime::stop_at_signals()?;
            tokio::select! {
                served = self.serve(&stop) => served,
                () = stop.now.cancelled() => Ok(Verdict::Good),
            }
        })
    }

    async fn serve(self, stop: &Stop) -> Result<Verdict, Failure> {
        // Before the load: that a port is taken should not be learned after seconds of reading.
        let listener = match self.stdio {
            true => None,
            // Whether callers are asked who they are is known after the load, and nobody is served before.
            false => Some(listen::bind(self.listen, self.insecure || self.server.config.is_some()).await?),
        };
        let cache = Arc::new(Cache::in_memory(self.cache_size.saturating_mul(1 << 20)));
        let (shown, config) = (self.shown.into(), self.server.config);
        let wish =
            Wish { mock: self.mock, only_shown: false, telling: Telling::Serving, cache, shown, config };
        let hangup = Hangup::new()?;
        let loading = tasks::spawn("load", Serving::begin(self.sources, wish)).await;
        let serving = loading.map_err(|error| Failure::System(error.into()))??;
        let catalog = Arc::clone(serving.catalog());
        if let Some(view) = catalog.view(None) {
            Cost::of(&catalog, view).tell_serving();
        }
        if listener.is_some() {
            listen::check(self.listen, self.insecure || serving.config().access.is_some())?;
        }
        let http = HttpOptions { grace: self.grace, ..HttpOptions::default() };
        let can_change = self.watch || self.refresh.is_some();
        let page_size = self.page_size;
        let options = ServerOptions { http, can_change, page_size, ..ServerOptions::default() };
        let (options, _written_at_the_end) = policy::apply(serving.config(), options)?;
        let pointer = Arc::new(ArcSwap::from(Arc::clone(&catalog)));
        let server = Arc::new(mcp::Server::new(pointer, options));
        let triggers = Triggers { watch: self.watch.then(Watch::new), refresh: self.refresh, hangup };
        tasks::spawn("reload", triggers.run(serving, Arc::clone(&server), stop.clone()));
        match listener {
            Some(listener) => {
                announce(&catalog, &listener)?;
                let shutdown = stop.gently.clone().cancelled_owned();
                mcp::http::serve(listener, server, shutdown).await.map_err(Failure::System)?;
            }
            None => until(stop, mcp::stdio::serve_process(server)).await?,
        }
        Ok(Verdict::Good)
    }
}

/// What makes a reload.
struct Triggers {
    /// `None`: files are not watched.
    watch: Option<Watch>,
    /// How often documents from URLs are asked for again.
    refresh: Option<Duration>,
    hangup: Hangup,
}

impl Triggers {
    /// Loads again whenever it is time to, one load after the other.
    async fn run(mut self, mut serving: Serving, server: Arc<mcp::Server>, stop: Stop) {
        let mut timer = self.refresh.map(tokio::time::interval);
        if let Some(timer) = &mut timer {
            // The first one is over at once.
            timer.tick().await;
        }
        loop {
            if let Some(watch) = &mut self.watch {
                watch.follow(&serving.seen);
            }
            let reason = tokio::select! {
                () = changed(self.watch.as_mut(), &serving) => Reason::Files,
                () = tick(timer.as_mut()) => Reason::Timer,
                is_end = self.hangup.next() => {
                    if is_end {
                        return stop.gently.cancel();
                    }
                    Reason::Signal
                }
            };
            serving.again(reason, &server).await;
        }
    }
}

async fn changed(watch: Option<&mut Watch>, serving: &Serving) {
    match watch {
        Some(watch) => watch.changed(&serving.seen).await,
        None => std::future::pending().await,
    }
}

async fn tick(timer: Option<&mut tokio::time::Interval>) {
    match timer {
        Some(timer) => drop(timer.tick().await),
        None => std::future::pending().await,
    }
}

/// The standard streams end with their client; a signal ends them too.
async fn until(stop: &Stop, serving: impl Future<Output = std::io::Result<()>>) -> Result<(), Failure> {
    tokio::select! {
        ended = serving => ended.map_err(Failure::System),
        () = stop.gently.cancelled() => Ok(()),
    }
}

/// Says where to connect: to a person in words, to a log as an event.
fn announce(catalog: &Catalog, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(Failure::System)?;
    let url = format!("http://{address}/mcp");
    let (tools, others) = (catalog.tools().len(), offered::counted(catalog));
    if !output::is_stderr_terminal() {
        tracing::info!(url, tools, "listening");
        return Ok(());
    }
    let count = if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") };
    output::talk(&format!("toolgate serves {count}{others} at {url}"));
    output::talk(&format!("Connect a client: claude mcp add --transport http toolgate {url}"));
    output::talk("Stop with Ctrl-C.");
    Ok(())
}
