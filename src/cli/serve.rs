//! `serve`: MCP over HTTP or stdio until a signal comes, loaded again when its files change.

mod connections;
mod policy;
mod reload;
mod tell;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::Args;

use super::arguments::{ServerArguments, SourceArguments};
use super::cost::Cost;
use super::legacy::LegacyArguments;
use super::listen::{Address, Bound};
use super::loaded::Wish;
use super::problems::Telling;
use super::runtime::{Hangup, Stop};
use super::shown::ShownArguments;
use super::{Failure, Verdict, listen, offered, output, runtime};
use crate::catalog::Catalog;
use crate::config;
use crate::mcp::{self, ServerOptions};
use crate::source::Watch;
use crate::store::Cache;
use crate::tasks;
use crate::telemetry::Metrics;
use connections::ConnectionArguments;
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

    #[command(flatten)]
    connections: ConnectionArguments,

    /// Where to listen; a port alone is on 127.0.0.1, and 0 takes any free one; may be repeated
    #[arg(
        long,
        value_name = "ADDRESS:PORT|unix:PATH",
        default_value = "127.0.0.1:8080",
        value_parser = listen::any_address
    )]
    listen: Vec<Address>,

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

    /// Memory for answers that are kept, in MiB over all gateways; 0 keeps none
    #[arg(long, value_name = "MIB", default_value_t = Cache::BYTES >> 20)]
    cache_size: u64,

    #[command(flatten)]
    legacy: LegacyArguments,
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
        let bound = self.bind().await?;
        let cache = Arc::new(Cache::in_memory(self.cache_size.saturating_mul(1 << 20)));
        let (shown, config) = (self.shown.into(), self.server.config);
        let metrics = Arc::<Metrics>::default();
        let can_change = self.watch || self.refresh.is_some();
        let options = ServerOptions {
            http: self.legacy.apply(self.connections.into()),
            can_change,
            page_size: self.page_size,
            metrics: Arc::clone(&metrics),
            ..ServerOptions::default()
        };
        let wish = Wish {
            mock: self.mock,
            only_shown: false,
            telling: Telling::Serving,
            cache,
            shown,
            config,
            metrics,
        };
        let hangup = Hangup::new()?;
        let loading = tasks::spawn("load", Serving::begin(self.sources, wish)).await;
        let serving = loading.map_err(|error| Failure::System(error.into()))??;
        let catalog = Arc::clone(serving.catalog());
        if let Some(view) = catalog.view(None) {
            Cost::of(&catalog, view).tell_serving();
        }
        for bound in &bound {
            bound.check(self.insecure || serving.config().access.is_some())?;
        }
        let (options, _written_at_the_end) = policy::apply(serving.config(), options)?;
        let pointer = Arc::new(ArcSwap::from(Arc::clone(&catalog)));
        let server = Arc::new(mcp::Server::new(pointer, options));
        let triggers = Triggers { watch: self.watch.then(Watch::new), refresh: self.refresh, hangup };
        tasks::spawn("reload", triggers.run(serving, Arc::clone(&server), stop.clone()));
        let shutdown = stop.gently.clone().cancelled_owned();
        if self.stdio {
            mcp::stdio::serve_process(server, shutdown).await.map_err(Failure::System)?;
            return Ok(Verdict::Good);
        }
        announce(&catalog, &bound);
        // Sockets in the file system stay where they are as long as somebody may connect.
        let (listeners, _files): (Vec<_>, Vec<_>) = bound.into_iter().map(Bound::split).unzip();
        mcp::http::serve(listeners, server, shutdown).await.map_err(Failure::System)?;
        Ok(Verdict::Good)
    }

    /// Listens everywhere where it is to be listened.
    async fn bind(&self) -> Result<Vec<Bound>, Failure> {
        let mut bound = Vec::new();
        for address in self.listen.iter().filter(|_| !self.stdio) {
            // Whether callers are asked who they are is known after the load, and nobody is served before.
            bound.push(listen::bind_any(address, self.insecure || self.server.config.is_some()).await?);
        }
        if let Some(address) = self.connections.metrics_listen {
            // It tells no secret and takes no call: whoever names an address for it means it.
            bound.push(listen::bind_any(&Address::Tcp(address), true).await?.of_metrics());
        }
        Ok(bound)
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

/// Says where to connect: to a person in words, to a log as an event.
fn announce(catalog: &Catalog, bound: &[Bound]) {
    let tools = catalog.tools().len();
    let count = if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") };
    let others = offered::counted(catalog);
    let url = |bound: &Bound| match &bound.address {
        Address::Tcp(address) if bound.is_of_metrics => format!("http://{address}/metrics"),
        Address::Tcp(address) => format!("http://{address}/mcp"),
        Address::Unix(_) => bound.address.to_string(),
    };
    if !output::is_stderr_terminal() {
        bound.iter().for_each(|bound| tracing::info!(url = url(bound), tools, "listening"));
        return;
    }
    for bound in bound.iter().filter(|bound| !bound.is_of_metrics) {
        output::talk(&format!("toolgate serves {count}{others} at {}", url(bound)));
    }
    let tcp = bound.iter().find(|bound| matches!(bound.address, Address::Tcp(_)));
    if let Some(bound) = tcp.filter(|bound| !bound.is_of_metrics) {
        output::talk(&format!("Connect a client: claude mcp add --transport http toolgate {}", url(bound)));
    }
    output::talk("Stop with Ctrl-C.");
}
