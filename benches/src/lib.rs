//! What the programs of this package share: how they say where they listen, and how they are served.
//!
//! `upstream` is the API, `ceiling` is the least that a gateway of this kind can do, `load` calls and measures.
//! `cargo xtask bench` builds, starts and compares them.

use std::io::Write;

use anyhow::Result;
use tokio::net::TcpListener;

/// Listens on a free port of 127.0.0.1 and says which on stdout, in one line.
pub async fn listen() -> Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    Ok(listener)
}
