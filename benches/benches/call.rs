//! The parts of a call, each on its own, through the doors that the crate has for everybody:
//! `cargo xtask bench --micro`.
//!
//! What has no door is between two of them: the look into the cache and the check that an answer is JSON are in
//! `answer`, which is a call whose answer is kept, less `validate` and `build`; the envelope is in `ping`, which is nothing
//! else; and all of it is in `line`. Nothing here leaves the process, but for the calls that fill the cache.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use arc_swap::ArcSwap;
use criterion::{Criterion, Throughput};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::Runtime;
use toolgate::access::Principal;
use toolgate::call::{Call, CallerHeaders, ToolOutcome, build, pipeline, validate};
use toolgate::catalog::build::BuildOptions;
use toolgate::catalog::{CallPlan, Catalog};
use toolgate::load::{self, LoadArguments};
use toolgate::mcp::{self, Server, ServerOptions, outcome};
use toolgate::net::Clients;

/// The id that is asked for in every call, so that it is asked for once.
const ID: &str = "1000";

/// The tools of the bench before its API, which runs as long as this.
struct World {
    catalog: Arc<Catalog>,
    api: Child,
}

impl World {
    async fn new() -> Result<Self> {
        let mut api = Command::new(env!("CARGO_BIN_EXE_upstream")).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(api.stdout.take().context("stdout is piped")?).read_line(&mut url)?;
        let file = gateway_file(url.trim())?;
        let arguments = LoadArguments { sources: vec![file], ..LoadArguments::default() };
        let clients = Clients::default();
        let loaded = load::load(&arguments, &clients).await;
        let (catalog, problems) = loaded.into_catalog(&BuildOptions::default(), &clients);
        ensure!(!catalog.is_empty(), "there is nothing to call: {problems:?}");
        Ok(Self { catalog: Arc::new(catalog), api })
    }

    fn plan(&self, tool: &str) -> Result<&Arc<CallPlan>> {
        Ok(&self.catalog.tool(tool).with_context(|| format!("the tool {tool}"))?.plan)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.api.kill().ok();
        self.api.wait().ok();
    }
}

/// The gateway file of the bench, before this API; everything in it is kept, so that only the first call leaves us.
fn gateway_file(url: &str) -> Result<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("token"), "secret")?;
    let text = include_str!("../gateway.yaml").replace("http://127.0.0.1:9999", url);
    let text = text.replace("${TOKEN}", "${file:token}") + "cache: {ttl: 1h}\n";
    let file = folder.join("gateway.yaml");
    std::fs::write(&file, text)?;
    Ok(file.to_string_lossy().into_owned())
}

async fn call(plan: &Arc<CallPlan>, arguments: &RawValue) -> ToolOutcome {
    let call = Call {
        plan,
        arguments: Some(arguments),
        principal: &Principal::Local,
        caller: &CallerHeaders::default(),
        deadline: Instant::now() + Duration::from_secs(30),
        progress: None,
        trace: Vec::new(),
    };
    pipeline::run(call).await
}

/// A server on pipes within this process.
struct Pipes {
    input: DuplexStream,
    output: DuplexStream,
}

impl Pipes {
    fn new(catalog: &Arc<Catalog>) -> Self {
        let server = Server::new(Arc::new(ArcSwap::new(Arc::clone(catalog))), ServerOptions::default());
        let (input, reader) = tokio::io::duplex(1 << 16);
        let (writer, output) = tokio::io::duplex(1 << 16);
        tokio::spawn(mcp::stdio::serve(Arc::new(server), reader, writer, std::future::pending()));
        Self { input, output }
    }

    /// Sends a line and reads the whole answer.
    async fn ask(&mut self, line: &[u8], answer: &mut Vec<u8>) -> Result<()> {
        self.input.write_all(line).await?;
        answer.clear();
        while !answer.ends_with(b"\n") {
            ensure!(self.output.read_buf(answer).await? > 0, "the server has ended");
        }
        Ok(())
    }
}

/// A call as a client of the modern era makes it.
fn call_line() -> Vec<u8> {
    let prefix = "io.modelcontextprotocol";
    let meta = json!({
        format!("{prefix}/protocolVersion"): "2026-07-28", format!("{prefix}/clientCapabilities"): {},
    });
    let params = json!({"name": "small", "arguments": {"id": ID}, "_meta": meta});
    format!("{}\n", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})).into_bytes()
}

/// What comes before an API is asked, of a small call.
fn before(criterion: &mut Criterion, world: &World, arguments: &RawValue) -> Result<()> {
    let plan = world.plan("small")?;
    let mut group = criterion.benchmark_group("before");
    group.bench_function("validate", |bencher| {
        bencher.iter(|| validate::validate(&plan.arguments, Some(black_box(arguments))));
    });
    let arguments: Map<String, Value> = validate::validate(&plan.arguments, Some(arguments))?;
    group.bench_function("build", |bencher| bencher.iter(|| build::build(plan, black_box(&arguments))));
    group.finish();
    Ok(())
}

/// What comes after it: the answer is kept, so that all but asking is there; and what a client reads is written.
fn after(criterion: &mut Criterion, runtime: &Runtime, world: &World, arguments: &RawValue) -> Result<()> {
    let mut group = criterion.benchmark_group("after");
    for tool in ["small", "large", "text"] {
        let plan = world.plan(tool)?;
        let answered = runtime.block_on(call(plan, arguments));
        ensure!(!answered.is_error, "{tool} failed: {answered:?}");
        group.throughput(Throughput::Bytes(outcome::call_tool_result(&answered).len().try_into()?));
        group.bench_function(format!("answer, {tool}"), |bencher| {
            bencher.iter(|| runtime.block_on(call(plan, black_box(arguments))));
        });
        group.bench_function(format!("write, {tool}"), |bencher| {
            bencher.iter(|| outcome::call_tool_result(black_box(&answered)));
        });
    }
    group.finish();
    Ok(())
}

/// Whole lines, in and out.
fn lines(criterion: &mut Criterion, runtime: &Runtime, world: &World) -> Result<()> {
    let _guard = runtime.enter();
    let mut pipes = Pipes::new(&world.catalog);
    let mut answer = Vec::new();
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n".to_vec();
    let mut group = criterion.benchmark_group("line");
    for (name, line) in [("ping", ping), ("call", call_line())] {
        runtime.block_on(pipes.ask(&line, &mut answer))?;
        ensure!(answer.windows(8).any(|part| part == b"\"result\""), "{}", String::from_utf8_lossy(&answer));
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(pipes.ask(black_box(&line), &mut answer)));
        });
    }
    group.finish();
    Ok(())
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut criterion = Criterion::default().configure_from_args();
    let world = runtime.block_on(World::new())?;
    let arguments = to_raw_value(&json!({"id": ID}))?;
    before(&mut criterion, &world, &arguments)?;
    after(&mut criterion, &runtime, &world, &arguments)?;
    lines(&mut criterion, &runtime, &world)?;
    criterion.final_summary();
    Ok(())
}
