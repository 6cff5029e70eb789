//! `mock`: the stand-in for the API alone.

use std::net::SocketAddr;

use clap::Args;

use super::arguments::SourceArguments;
use super::{Failure, Verdict, listen, loaded, output, runtime};
use crate::mock;

/// Run a stand-in for the API alone
///
/// It answers from the document's own examples and schemas, below /NAME for
/// each gateway, and refuses requests that the document does not allow with
/// everything that is wrong with them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate mock openapi.json
  curl -i http://127.0.0.1:9090/NAME/path")]
pub(super) struct Mock {
    #[command(flatten)]
    sources: SourceArguments,

    /// Where to listen; a port alone is on 127.0.0.1, and 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9090", value_parser = listen::address)]
    listen: SocketAddr,

    /// Listen on an address that others can reach
    #[arg(long)]
    insecure: bool,
}

impl Mock {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        runtime::serving(async {
            let stop = runtime::stop_at_signals()?;
            let listener = listen::bind(self.listen, self.insecure).await?;
            let apis = loaded::apis(&self.sources).await?;
            let mock = mock::start(apis, listener).map_err(Failure::System)?;
            announce(&mock);
            stop.gently.cancelled().await;
            tokio::select! {
                () = mock.stop() => {}
                () = stop.now.cancelled() => {}
            }
            Ok(Verdict::Good)
        })
    }
}

fn announce(mock: &mock::Mock) {
    for (gateway, url) in mock.base_urls() {
        if output::is_stderr_terminal() {
            output::talk(&format!("The stand-in for {gateway} is at {url}"));
        } else {
            tracing::info!(gateway, %url, "standing in");
        }
    }
}
