//! The real program with files of its own: `Setup` writes them and starts it, [`Gateway`] is what then runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::mcp::{Era, McpClient};
use super::process::{self, Captured, Usage};
use super::stdio::StdioClient;
use super::wait;

/// What the program is started with. Files are written at once, into a folder that is its working directory.
pub(crate) struct Setup {
    folder: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A gateway that listens on a port of 127.0.0.1. It is killed, by its own process id, when this is dropped.
pub(crate) struct Gateway {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    stdout: Captured,
    stderr: Captured,
    _folder: TempDir,
}

impl Setup {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), arguments: Vec::new(), environment: Vec::new() }
    }

    /// A file in the working directory.
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    /// A file in the working directory that is also a SOURCE of the command.
    pub(crate) fn source(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.file(name, text).argument(name)
    }

    /// One more argument.
    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// More arguments.
    pub(crate) fn arguments<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.arguments.extend(arguments.map(str::to_owned));
        self
    }

    /// A variable of its environment, which has no other ones.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The working directory.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The arguments after the verb.
    pub(crate) fn command_line(&self) -> &[String] {
        &self.arguments
    }

    /// `toolgate serve` on a free port, ready.
    pub(crate) async fn serve(self) -> Gateway {
        let mut child = self.command("serve").args(["--listen", "127.0.0.1:0"]).spawn().unwrap();
        let stdout = Captured::of(child.stdout.take().unwrap());
        let stderr = Captured::of(child.stderr.take().unwrap());
        let address = wait::until("the gateway to be ready", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the gateway ended with {status}:\n{}", stderr.text());
            }
            address(&stderr.text())
        });
        Gateway { address: address.await, child, stdout, stderr, _folder: self.folder }
    }

    /// `toolgate serve --stdio`, and a client at its pipes.
    pub(crate) fn serve_stdio(self) -> StdioClient {
        StdioClient::spawn(self.stdio_command(), self.folder)
    }

    /// The command of `toolgate serve --stdio`, for a client that starts it itself.
    pub(crate) fn stdio_command(&self) -> Command {
        let mut command = self.command("serve");
        command.arg("--stdio");
        command
    }

    /// Runs another verb to its end.
    pub(crate) async fn run(&self, verb: &str) -> Output {
        wait::within(verb, self.command(verb).output()).await.unwrap()
    }

    /// The same, with the most memory that it was seen to use, in bytes.
    pub(crate) async fn run_measured(&self, verb: &str) -> (Output, usize) {
        let child = self.command(verb).spawn().unwrap();
        let usage = Usage::of_process(child.id().unwrap_or_default());
        let mut peak = 0;
        let watched = async {
            loop {
                peak = peak.max(usage().peak);
                tokio::task::yield_now().await;
            }
        };
        let output = tokio::select! {
            output = wait::within(verb, child.wait_with_output()) => output.unwrap(),
            () = watched => unreachable!("it watches for ever"),
        };
        (output, peak)
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = process::command();
        command.current_dir(self.path()).arg(verb).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Gateway {
    /// A client of `/mcp`.
    pub(crate) async fn client(&self, era: Era) -> McpClient {
        McpClient::connect(self.address, "/mcp", era).await
    }

    /// Sends it a signal by its own process id: `HUP`, `TERM`, `KILL`.
    #[cfg(unix)]
    pub(crate) async fn signal(&self, name: &str) {
        process::signal(&self.child, name).await;
    }

    /// Waits for its end and gives its exit code.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        wait::within("the gateway to end", self.child.wait()).await.unwrap().code()
    }

    /// What it has said on stderr.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What it has said on stdout.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it uses now.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.child)
    }

    /// The endpoint as a URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

/// The address in `http://127.0.0.1:PORT/mcp`, which `serve` writes to stderr when it is ready.
fn address(stderr: &str) -> Option<SocketAddr> {
    let (before, _) = stderr.split_once("/mcp")?;
    before.rsplit_once("http://")?.1.parse().ok()
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
