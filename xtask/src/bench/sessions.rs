//! The profile that measures clients that do nothing but stay: what each of them takes, seen from outside.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};

use super::figures::{Figures, Measure};
use super::table::Table;
use super::{Run, process};
use crate::program::{self, Gateway};

/// How many of each there are, where so many files may be open.
const COUNT: usize = 5_000;
/// So many come before anything is counted: what the first ones take is not theirs alone.
const FIRST: usize = 200;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"bench","version":"1"}}}"#;
const LISTEN: &str = r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},"notifications":{"toolsListChanged":true}}}"#;
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// A connection that is read in order.
struct Client {
    stream: BufReader<TcpStream>,
    address: String,
}

/// Bytes of resident memory for each legacy session without a connection, each idle connection, and each connection
/// with an open `subscriptions/listen`.
pub fn sessions(run: &Run) -> Result<Vec<Table>> {
    // Besides what is counted and what comes before it, either side has a few files of its own.
    let count = COUNT.min((process::raise_open_files()?.saturating_sub(3 * FIRST)) / 2);
    let title = format!("memory of {count} clients that do nothing");
    let names = ["toolgate, legacy session", "toolgate, idle connection", "toolgate, listening"];
    let mut rows: Vec<(String, Vec<Figures>)> =
        names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    let upstream = run.programs.upstream()?;
    let kinds: [fn(&Gateway, usize) -> Result<f64>; 3] = [sessions_alone, idle, listening];
    for round in 1..=run.rounds {
        for (kind, (name, rounds)) in kinds.into_iter().zip(&mut rows) {
            run.progress.tell(&title, &format!("round {round} of {}, {name}", run.rounds));
            // A gateway of its own: what others have left behind is used anew, and would not be counted.
            let bytes = kind(&run.programs.gateway(&upstream)?, count)?;
            rounds.push(Figures::of([(Measure::BytesEach, bytes)]));
        }
    }
    let columns = &[Measure::BytesEach];
    Ok(vec![Table { name: "sessions".into(), title, columns, rows, ..Table::default() }])
}

/// Opens a session at a gateway, and ends it.
pub fn open_and_close(gateway: &Gateway) -> Result<()> {
    let mut client = Client::connect(gateway)?;
    let session = client.open_session()?;
    let ended = client.ask("DELETE", &[&format!("Mcp-Session-Id: {session}")], "")?;
    ensure!(ended.contains("200") || ended.contains("204"), "a session was not ended: {ended}");
    Ok(())
}

fn sessions_alone(gateway: &Gateway, count: usize) -> Result<f64> {
    let mut client = Client::connect(gateway)?;
    growth(gateway, count, || client.open_session())
}

fn idle(gateway: &Gateway, count: usize) -> Result<f64> {
    growth(gateway, count, || {
        let mut client = Client::connect(gateway)?;
        client.ask("POST", &["MCP-Protocol-Version: 2025-11-25"], PING)?;
        Ok(client)
    })
}

fn listening(gateway: &Gateway, count: usize) -> Result<f64> {
    growth(gateway, count, || {
        let mut client = Client::connect(gateway)?;
        client.listen()?;
        Ok(client)
    })
}

/// By how many bytes a gateway grows for each of so many, while all of them are there.
fn growth<T>(gateway: &Gateway, count: usize, mut open: impl FnMut() -> Result<T>) -> Result<f64> {
    let mut all = (0..FIRST).map(|_| open()).collect::<Result<Vec<T>>>()?;
    let before = process::memory(gateway.process())?;
    for _ in 0..count {
        all.push(open()?);
    }
    let grown = process::memory(gateway.process())? - before;
    drop(all);
    Ok(grown.max(0.0) * 1024.0 / count as f64)
}

impl Client {
    fn connect(gateway: &Gateway) -> Result<Self> {
        let rest = gateway.url.strip_prefix("http://").context("an http:// URL")?;
        let (address, _) = rest.split_once('/').context("a path")?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 10, stream), address: address.to_owned() })
    }

    /// Makes the handshake and gives the id of the session.
    fn open_session(&mut self) -> Result<String> {
        let head = self.ask("POST", &[], INITIALIZE)?;
        let session = head.lines().filter_map(|line| line.split_once(':'));
        let session = session.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("mcp-session-id"));
        Ok(session.with_context(|| head.clone())?.1.trim().to_owned())
    }

    /// Opens a stream and waits until it is acknowledged.
    fn listen(&mut self) -> Result<()> {
        let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen"];
        self.send("POST", &headers, LISTEN)?;
        let mut line = String::new();
        while !line.contains("notifications/subscriptions/acknowledged") {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "the stream was ended");
        }
        Ok(())
    }

    /// Sends a message and reads the whole answer; gives its head.
    fn ask(&mut self, method: &str, headers: &[&str], message: &str) -> Result<String> {
        self.send(method, headers, message)?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            ensure!(self.stream.read_line(&mut head)? > 0, "the connection was closed: {head}");
        }
        ensure!(head.starts_with("HTTP/1.1 20"), "{head}");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
        });
        std::io::copy(&mut self.stream.by_ref().take(length.unwrap_or(0)), &mut std::io::sink())?;
        Ok(head)
    }

    fn send(&mut self, method: &str, headers: &[&str], message: &str) -> Result<()> {
        let [kind, accepted, _] = program::HEADERS;
        let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let (address, length) = (&self.address, message.len());
        let head = format!("{method} /mcp HTTP/1.1\r\nHost: {address}\r\n{kind}\r\n{accepted}\r\n{more}");
        let request = format!("{head}Content-Length: {length}\r\n\r\n{message}");
        Ok(self.stream.get_mut().write_all(request.as_bytes())?)
    }
}
