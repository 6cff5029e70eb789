//! The program itself: built, and started as a gateway.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::workspace;

/// Builds the program as the tests do, and gives its path.
pub fn debug() -> Result<PathBuf> {
    workspace::run(&mut workspace::cargo(&["build", "--bin", "toolgate"]))?;
    Ok(workspace::target().join("debug/toolgate"))
}

/// Builds the program as it is shipped, and gives its path.
pub fn release() -> Result<PathBuf> {
    workspace::run(&mut workspace::cargo(&["build", "--release", "--bin", "toolgate"]))?;
    Ok(workspace::target().join("release/toolgate"))
}

/// A child that is killed when this is dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// `toolgate serve` on a free port.
pub struct Gateway {
    /// `http://127.0.0.1:PORT/mcp`
    pub url: String,
    running: Running,
}

impl Gateway {
    /// Starts it with these arguments and waits until it says that it is ready.
    pub fn start(program: &Path, arguments: &[&str], environment: &[(&str, String)]) -> Result<Self> {
        let mut command = workspace::command(program, &["serve"]);
        command.args(arguments).args(["--listen", "127.0.0.1:0"]).envs(environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| program.display().to_string())?;
        let stderr = child.stderr.take().context("stderr is piped")?;
        let running = Running(child);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || read(stderr, &sender));
        let url =
            receiver.recv_timeout(Duration::from_secs(60)).context("the gateway did not become ready")?;
        Ok(Self { url, running })
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.running.0.id()
    }
}

/// The headers that a client of the legacy era sends.
pub const HEADERS: [&str; 3] = [
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    "MCP-Protocol-Version: 2025-11-25",
];

/// Posts one message on a connection of its own and gives the body of the answer.
pub fn post(url: &str, body: &str) -> Result<String> {
    let rest = url.strip_prefix("http://").context("an http:// URL")?;
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (headers, length) = (HEADERS.join("\r\n"), body.len());
    let mut stream = TcpStream::connect(address)?;
    let head = format!("POST /{path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\nConnection: close\r\n");
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("an answer with a body")?;
    Ok(body.to_owned())
}

/// Waits until somebody listens on a port of 127.0.0.1.
pub fn wait_for_port(port: u16) -> Result<()> {
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    anyhow::bail!("nobody listens on port {port}")
}

/// Reads `stderr` to its end, so that the gateway is never kept waiting, and sends the first URL in it. What it says
/// before that is shown when it never comes.
fn read(stderr: impl Read, sender: &mpsc::Sender<String>) {
    let mut said = Some(String::new());
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let Some(text) = &mut said else { continue };
        let url = line.split_once("/mcp").and_then(|(before, _)| before.rsplit_once("http://"));
        if let Some((_, address)) = url {
            drop(sender.send(format!("http://{address}/mcp")));
            said = None;
        } else {
            text.push_str(&(line + "\n"));
        }
    }
    if let Some(said) = said {
        eprint!("{said}");
    }
}
