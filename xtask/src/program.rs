//! The program itself: built, and started as a gateway.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

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
        let mut command = serve(program, arguments, environment);
        let mut child =
            command.stderr(Stdio::piped()).spawn().with_context(|| program.display().to_string())?;
        let stderr = child.stderr.take().context("stderr is piped")?;
        let running = Running(child);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || read(stderr, &sender));
        let url =
            receiver.recv_timeout(Duration::from_secs(60)).context("the gateway did not become ready")?;
        Ok(Self { url, running })
    }

    /// The same with its log in a file, where an operator would have it, instead of a pipe to us.
    pub fn start_with_log(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, String)],
        log: &Path,
    ) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log)?;
        file.set_len(0)?;
        let mut command = serve(program, arguments, environment);
        let child = command.stderr(file).spawn().with_context(|| program.display().to_string())?;
        let mut running = Running(child);
        for _ in 0..60_000 {
            let said = std::fs::read_to_string(log)?;
            if let Some(url) = said.lines().find_map(url_in) {
                return Ok(Self { url, running });
            }
            ensure!(running.0.try_wait()?.is_none(), "the gateway has ended: {said}");
            std::thread::sleep(Duration::from_millis(1));
        }
        anyhow::bail!("the gateway did not become ready")
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.running.0.id()
    }
}

fn serve(program: &Path, arguments: &[&str], environment: &[(&str, String)]) -> Command {
    let mut command = workspace::command(program, &["serve"]);
    command.args(arguments).args(["--listen", "127.0.0.1:0"]).envs(environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
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

/// The URL that it is served at, where the line tells it.
fn url_in(line: &str) -> Option<String> {
    let (_, address) = line.split_once("/mcp")?.0.rsplit_once("http://")?;
    Some(format!("http://{address}/mcp"))
}

/// Reads `stderr` to its end, so that the gateway is never kept waiting, and sends the first URL in it. What it says
/// before that is shown when it never comes.
fn read(stderr: impl Read, sender: &mpsc::Sender<String>) {
    let mut said = Some(String::new());
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let Some(text) = &mut said else { continue };
        if let Some(url) = url_in(&line) {
            drop(sender.send(url));
            said = None;
        } else {
            text.push_str(&(line + "\n"));
        }
    }
    if let Some(said) = said {
        eprint!("{said}");
    }
}
