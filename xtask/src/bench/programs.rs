//! What is measured, and what measures: built, started, ended.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::figures::Figures;
use crate::program::{Gateway, Running};
use crate::{program, tools, workspace};

/// Where the programs are.
pub struct Programs {
    /// toolgate as it is shipped.
    pub toolgate: PathBuf,
    folder: PathBuf,
}

/// A server that is measured.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    running: Running,
}

/// What `load` is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// The URL, with `{id}` where a new number is to be.
    pub url: String,
    /// The body of a POST, likewise; a GET without one.
    pub body: Option<String>,
    /// More headers.
    pub headers: Vec<String>,
    /// What must be in every answer, likewise.
    pub expect: String,
    /// The process that is measured.
    pub process: u32,
    /// How many calls are in flight.
    pub at_once: usize,
    /// How long it is measured.
    pub seconds: f64,
    /// The API's process, which is given cores with the server; without it, all of them may use all.
    pub upstream: Option<u32>,
    /// Whether the server gets one core only.
    pub pinned: bool,
}

/// The core of whatever has one only.
const ONE: &str = "0";
/// All cores, however many there are.
const ALL: &str = "0-1023";

impl Programs {
    /// Builds all of them, optimised; toolgate only when it is not there already.
    pub fn build(toolgate: Option<&Path>) -> Result<Self> {
        let toolgate = toolgate.map_or_else(program::release, |path| Ok(std::path::absolute(path)?))?;
        workspace::run(&mut workspace::cargo(&["build", "--release", "--package", "toolgate-bench"]))?;
        Ok(Self { toolgate, folder: workspace::target().join("release") })
    }

    /// The API.
    pub fn upstream(&self) -> Result<Server> {
        Server::start(Command::new(self.folder.join("upstream")))
    }

    /// The least that a gateway can do, before this API.
    pub fn ceiling(&self, upstream: &Server, arguments: &[&str]) -> Result<Server> {
        let mut command = Command::new(self.folder.join("ceiling"));
        command.arg(&upstream.url).args(arguments);
        Server::start(command)
    }

    /// A document of the shape of the largest that there are, with so many operations. One of them can be called: it is
    /// the tool `small` of the API.
    pub fn document(&self, operations: usize) -> Result<PathBuf> {
        let path = work_folder("load")?.join(format!("graph-{operations}.json"));
        let mut command = Command::new(self.folder.join("graph"));
        command.args(["--operations", &operations.to_string()]).stdout(File::create(&path)?);
        workspace::run(&mut command).context("graph")?;
        Ok(path)
    }

    /// The command of the ceiling over stdio.
    pub fn ceiling_stdio(&self, upstream: &Server) -> Vec<String> {
        let program = self.folder.join("ceiling").to_string_lossy().into_owned();
        vec![program, upstream.url.clone(), "--stdio".to_owned()]
    }

    /// toolgate before this API, and its log in a file, where an operator would have it.
    pub fn gateway(&self, upstream: &Server) -> Result<Gateway> {
        self.gateway_with(&self.gateway_file(upstream)?, &[])
    }

    /// toolgate with another source, and its log in a file, too.
    pub fn gateway_with(&self, source: &Path, arguments: &[&str]) -> Result<Gateway> {
        let source = source.to_string_lossy();
        let arguments = [&[&*source], arguments].concat();
        Gateway::start_with_log(&self.toolgate, &arguments, &[("TOKEN", "secret".to_owned())], &log()?)
    }

    /// The gateway file of this API.
    pub fn gateway_file(&self, upstream: &Server) -> Result<PathBuf> {
        let path = work_folder("gateway")?.join("gateway.yaml");
        let text = std::fs::read_to_string(workspace::root().join("benches/gateway.yaml"))?;
        std::fs::write(&path, text.replace("http://127.0.0.1:9999", &upstream.url))?;
        Ok(path)
    }

    /// The command of the same over stdio.
    pub fn gateway_stdio(&self, upstream: &Server) -> Result<Vec<String>> {
        let file = self.gateway_file(upstream)?.to_string_lossy().into_owned();
        // Credential and log are given where it is started: see `measure_stdio`.
        Ok(vec![self.toolgate.to_string_lossy().into_owned(), "serve".into(), "--stdio".into(), file])
    }

    /// nginx as a plain reverse proxy before this API, or why there is none.
    pub fn nginx(&self, upstream: &Server) -> Result<Server> {
        let program = tools::nginx()?;
        let folder = work_folder("nginx")?;
        let port = free_port()?;
        let address = upstream.url.trim_start_matches("http://");
        std::fs::write(folder.join("nginx.conf"), nginx_configuration(port, address))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "error.log"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("nginx")?;
        let server = Server { url: format!("http://127.0.0.1:{port}"), running: Running(child) };
        program::wait_for_port(port)?;
        Ok(server)
    }

    /// Runs `load` and gives what it measured.
    pub fn measure(&self, load: &Load) -> Result<Figures> {
        let mut command = self.load(load)?;
        if load.upstream.is_some() {
            pin(load.process, load.server_cores())?;
        }
        command.args(["http", &load.url, "--process", &load.process.to_string()]);
        for header in &load.headers {
            command.args(["--header", header]);
        }
        figures(command)
    }

    /// The same over the pipes of a program.
    pub fn measure_stdio(&self, load: &Load, program: &[String]) -> Result<Figures> {
        let mut command = self.load(load)?;
        command.env("TOKEN", "secret").arg("stdio").arg("--log").arg(log()?).arg("--");
        command.args(["taskset", "--cpu-list", load.server_cores()]).args(program);
        figures(command)
    }

    fn load(&self, load: &Load) -> Result<Command> {
        // What was logged before is of no use to anybody, and a disk that is written to is a noise of its own.
        File::create(log()?)?;
        if let Some(upstream) = load.upstream {
            pin(upstream, load.cores())?;
        }
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", load.cores()]).arg(self.folder.join("load"));
        let Load { at_once, seconds, body, expect, .. } = load;
        command.args([
            "--at-once",
            &at_once.to_string(),
            "--seconds",
            &seconds.to_string(),
            "--expect",
            expect,
        ]);
        if let Some(body) = body {
            command.args(["--body", body]);
        }
        Ok(command)
    }
}

impl Load {
    /// The cores of the API and of the load. One call at a time, only one of the programs has something to do at any
    /// moment: on one core none waits to be woken on another, which on a busy machine takes longer than the call.
    fn cores(&self) -> &'static str {
        if self.upstream.is_some() && self.at_once == 1 { ONE } else { ALL }
    }

    /// The cores of the server.
    fn server_cores(&self) -> &'static str {
        if self.pinned { ONE } else { self.cores() }
    }
}

/// Where gateways log to while they are measured.
fn log() -> Result<PathBuf> {
    Ok(work_folder("gateway")?.join("gateway.log"))
}

/// Gives a process, with all its threads and children, these cores.
fn pin(process: u32, cores: &str) -> Result<()> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    for process in [process.to_string().as_str()].into_iter().chain(children.split_ascii_whitespace()) {
        let mut command = Command::new("taskset");
        command.args(["--all-tasks", "--cpu-list", "--pid", cores, process]).stdout(Stdio::null());
        workspace::run(&mut command).context("taskset")?;
    }
    Ok(())
}

impl Server {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{command:?}"))?;
        let mut stdout = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let running = Running(child);
        let mut url = String::new();
        stdout.read_line(&mut url)?;
        ensure!(url.starts_with("http://"), "{command:?} did not say where it listens");
        Ok(Self { url: url.trim().to_owned(), running })
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.running.0.id()
    }
}

/// A folder for the files of a run.
pub fn work_folder(name: &str) -> Result<PathBuf> {
    let folder = workspace::target().join("bench").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn figures(mut command: Command) -> Result<Figures> {
    let (good, text) = workspace::output(&mut command)?;
    ensure!(good, "the load failed: {command:?}");
    Figures::read(&text)
}

fn nginx_configuration(port: u16, upstream: &str) -> String {
    format!(
        "daemon off; pid nginx.pid; worker_processes auto; error_log error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    upstream api {{ server {upstream}; keepalive 512; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port}; tcp_nodelay on;
        location / {{ proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}
    }}
}}
"
    )
}

/// A port that was free a moment ago: nginx cannot be asked which one it took.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
