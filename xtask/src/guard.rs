//! What a call costs, counted instead of timed: instructions, and bytes from the allocator. Neither depends on what else
//! the machine does, so a change that makes calls dearer is seen on any machine, at once, and before anybody measures.
//!
//! toolgate answers calls over stdio under valgrind, one after the other, a few and then many; the difference is what
//! the calls cost, without the start. The figures are compared with recorded ones; `cargo xtask bench --record` writes
//! those anew, on purpose.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::report::Counts;
use crate::workspace;

/// How far a figure may be above the recorded one before that is a failure. Below, it is told.
const TOLERANCE: f64 = 0.05;

/// So many calls, and so many more.
const FEW: usize = 50;
const MORE: usize = 300;

/// What one call costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Instructions in user space, of all threads.
    pub instructions: f64,
    /// Bytes taken from the allocator, freed or not.
    pub bytes: f64,
    /// How often they were taken.
    pub allocations: f64,
}

/// Compares the program, as the tests build it, with what was recorded.
pub fn check(program: &Path) -> Result<Counts> {
    if !workspace::is_there("valgrind") {
        return Ok(Counts::skipped("what a call costs: valgrind is not installed".to_owned()));
    }
    let cost = measure(program)?;
    let recorded = recorded()?;
    let mut counts = Counts::default();
    for (name, measured) in cost.named() {
        let before = recorded[name].as_f64().with_context(|| format!("no {name} in {}", path().display()))?;
        let change = measured / before - 1.0;
        println!("{name} per call: {measured:.0}, recorded {before:.0} ({:+.1} %)", change * 100.0);
        if change > TOLERANCE {
            println!("    dearer than recorded; when that is meant: cargo xtask bench --record");
            counts.failed += 1;
        } else {
            counts.add(Counts::passed());
        }
    }
    Ok(counts)
}

/// Measures the program, as the tests build it, and writes down what it costs.
pub fn record(program: &Path) -> Result<()> {
    let figures: serde_json::Map<String, Value> = measure(program)?
        .named()
        .map(|(name, figure)| (name.to_owned(), json!(figure.round())))
        .into_iter()
        .collect();
    std::fs::write(path(), format!("{}\n", serde_json::to_string_pretty(&figures)?))?;
    println!("wrote {}", path().display());
    Ok(())
}

/// What a call of this program costs.
pub fn measure(program: &Path) -> Result<Cost> {
    ensure!(workspace::is_there("valgrind"), "valgrind is not installed");
    let api = api()?;
    let callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let dhat = ["--tool=dhat", "--dhat-out-file=/dev/null"];
    let counted = |arguments: &[&str], marker: &str| -> Result<Vec<f64>> {
        let few = totals(&run(program, &api, arguments, FEW)?, marker)?;
        let many = totals(&run(program, &api, arguments, FEW + MORE)?, marker)?;
        Ok(few.iter().zip(many).map(|(few, many)| (many - few) / MORE as f64).collect())
    };
    let instructions = counted(&callgrind, "Collected :")?;
    let allocated = counted(&dhat, "Total:")?;
    let figure = |figures: &[f64], at: usize| figures.get(at).copied().context("a figure of valgrind");
    Ok(Cost {
        instructions: figure(&instructions, 0)?,
        bytes: figure(&allocated, 0)?,
        allocations: figure(&allocated, 1)?,
    })
}

impl Cost {
    /// Each figure and what it is called.
    pub fn named(self) -> [(&'static str, f64); 3] {
        [
            ("instructions", self.instructions),
            ("bytes allocated", self.bytes),
            ("allocations", self.allocations),
        ]
    }
}

fn path() -> PathBuf {
    Path::new(&workspace::root()).join("benches/recorded.json")
}

fn recorded() -> Result<Value> {
    let text = std::fs::read_to_string(path()).with_context(|| path().display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

/// Makes the calls under valgrind and gives what valgrind says at the end.
fn run(program: &Path, api: &str, tool: &[&str], calls: usize) -> Result<String> {
    let folder = workspace::target().join("guard");
    std::fs::create_dir_all(&folder)?;
    let (file, said) = (folder.join("gateway.yaml"), folder.join("valgrind.log"));
    let gateway = std::fs::read_to_string(Path::new(&workspace::root()).join("benches/gateway.yaml"))?;
    std::fs::write(&file, gateway.replace("http://127.0.0.1:9999", api))?;
    let mut command = Command::new("valgrind");
    command.args(tool).arg(format!("--log-file={}", said.display()));
    command.arg(program).args(["serve", "--stdio"]).arg(&file).env("TOKEN", "secret");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("valgrind")?;
    let mut input = child.stdin.take().context("stdin is piped")?;
    let mut output = BufReader::new(child.stdout.take().context("stdout is piped")?);
    let mut line = String::new();
    for number in 0..calls {
        writeln!(input, "{}", call(number))?;
        line.clear();
        output.read_line(&mut line)?;
        ensure!(line.contains("\"isError\":false"), "a call failed: {line}");
    }
    drop(input);
    ensure!(child.wait()?.success(), "the gateway did not end well");
    Ok(std::fs::read_to_string(said)?)
}

fn call(number: usize) -> Value {
    let prefix = "io.modelcontextprotocol";
    let meta = json!({
        format!("{prefix}/protocolVersion"): "2026-07-28", format!("{prefix}/clientCapabilities"): {},
    });
    // Numbers of one length, so that all calls are alike.
    let arguments = json!({"id": format!("{}", number + 1000)});
    let params = json!({"name": "small", "arguments": arguments, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": number + 1000, "method": "tools/call", "params": params})
}

/// The numbers in the line with this marker.
fn totals(said: &str, marker: &str) -> Result<Vec<f64>> {
    let line = said.lines().find_map(|line| line.split_once(marker)).with_context(|| said.to_owned())?.1;
    let words = line.split_ascii_whitespace().map(|word| word.replace(',', ""));
    Ok(words.filter_map(|word| word.parse().ok()).collect())
}

/// An API on this machine, for as long as this program runs: a kilobyte of JSON, whatever it is asked.
fn api() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer_all(stream));
        }
    });
    Ok(url)
}

fn answer_all(mut stream: TcpStream) -> Result<()> {
    let body = format!(r#"{{"id":"1000","text":"{}"}}"#, "x".repeat(950));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = head + &body;
    let mut asked = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        asked.extend_from_slice(&buffer[..length]);
        if asked.ends_with(b"\r\n\r\n") {
            asked.clear();
            stream.write_all(answer.as_bytes())?;
        }
    }
}
