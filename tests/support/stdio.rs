//! An MCP client at the program's pipes.

use std::collections::HashMap;
use std::process::{ExitStatus, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::mcp::{self, Era, LEGACY, ToolResult};
use super::process::{Captured, Usage};
use super::{schema, wait};

/// `toolgate serve --stdio` and both ends of its pipes.
pub(crate) struct StdioClient {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    stderr: Captured,
    era: Era,
    id: u64,
    /// The methods of what was asked, by id.
    asked: HashMap<u64, String>,
    _folder: TempDir,
}

impl StdioClient {
    pub(super) fn spawn(mut command: Command, folder: TempDir) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        let stderr = Captured::of(child.stderr.take().unwrap());
        Self { child, input, output, stderr, era: Era::Modern, id: 0, asked: HashMap::new(), _folder: folder }
    }

    /// Says hello as a client of the legacy era does, and speaks like one from here on.
    pub(crate) async fn initialize(self) -> Self {
        self.initialize_with(json!({})).await
    }

    /// The same, as a client with these capabilities.
    pub(crate) async fn initialize_with(mut self, capabilities: Value) -> Self {
        self.era = Era::Legacy;
        let client = json!({"name": "toolgate-tests", "version": "1"});
        let params = json!({"protocolVersion": LEGACY, "capabilities": capabilities, "clientInfo": client});
        let answer = self.request("initialize", params).await;
        assert_eq!(answer["result"]["protocolVersion"], LEGACY, "{answer}");
        self.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
        self
    }

    /// Sends the program a signal by its process id.
    #[cfg(unix)]
    pub(crate) async fn signal(&self, name: &str) {
        super::process::signal(&self.child, name).await;
    }

    /// Sends one line.
    pub(crate) async fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let input = self.input.as_mut().expect("stdin is open");
        wait::within("the program to read its input", input.write_all(bytes)).await
    }

    /// The next line of output, which must be a message of the protocol; `None` at the end.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        let line = wait::within("a line on stdout", self.output.next_line()).await.unwrap()?;
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in the line {line:?}"));
        let asked = message["id"].as_u64().and_then(|id| self.asked.get(&id));
        schema::check(self.era.version(), asked.map(String::as_str), &message);
        Some(message)
    }

    /// Sends a request and gives the next message.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let line = self.message(method, params);
        self.send(&line).await;
        self.receive().await.expect("an answer")
    }

    /// The text of a request with the next id.
    pub(crate) fn message(&mut self, method: &str, params: Value) -> String {
        self.id += 1;
        self.asked.insert(self.id, method.to_owned());
        mcp::body(self.era, self.id, method, params)
    }

    /// Calls a tool.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> ToolResult {
        let answer = self.request("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!(answer["id"], json!(self.id), "a foreign answer");
        ToolResult(answer["result"].clone())
    }

    /// Closes its stdin, as a parent that has gone does.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits until the program has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        wait::within("the program to end", self.child.wait()).await.unwrap()
    }

    /// What it uses now.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.child)
    }

    /// What it has said on stderr.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }
}
