//! The load: calls, checks every answer, and measures. Prints one JSON object.
//!
//! It speaks HTTP by hand over connections that are kept alive, or JSON-RPC over the pipes of a program, so that what
//! it costs itself is little and the same for everybody.

mod figures;
mod http;
mod stdio;
mod usage;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use usage::Processes;

/// Calls, checks and measures.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    way: Way,
    /// What is sent: the body of a POST, or a line. `{id}` is replaced by a number that is new every time.
    #[arg(long, global = true)]
    body: Option<String>,
    /// What must be in every answer. `{id}` is the number that was sent.
    #[arg(long, global = true, default_value = "")]
    expect: String,
    /// The number of calls that are in flight at any time.
    #[arg(long, global = true, default_value_t = 1)]
    at_once: usize,
    /// How long it is measured, in seconds; a fifth of that again runs before, unmeasured.
    #[arg(long, global = true, default_value_t = 2.0)]
    seconds: f64,
}

#[derive(Subcommand)]
enum Way {
    /// Over HTTP.
    Http {
        /// `http://127.0.0.1:PORT/PATH`; `{id}` in it is replaced, too.
        url: String,
        /// More headers, each as `Name: value`.
        #[arg(long = "header")]
        headers: Vec<String>,
        /// The processes whose CPU time and memory are measured, with their children.
        #[arg(long = "process")]
        processes: Vec<u32>,
    },
    /// Over the pipes of a program that is started for it.
    Stdio {
        /// Where its stderr goes.
        #[arg(long, default_value = "/dev/null")]
        log: PathBuf,
        /// The program and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
}

/// What is called, and what a good answer is.
struct Plan {
    body: Option<String>,
    expect: String,
    at_once: usize,
    warm_up: Duration,
    measured: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments { way, body, expect, at_once, seconds } = Arguments::parse();
    let measured = Duration::from_secs_f64(seconds);
    let plan = Plan { body, expect, at_once, warm_up: measured / 5, measured };
    let figures = match way {
        Way::Http { url, headers, processes } => {
            http::run(&plan, &url, &headers, Processes::of(&processes)).await?
        }
        Way::Stdio { log, command } => stdio::run(&plan, &log, &command).await?,
    };
    ensure!(figures.good > 0, "no answer was good; the last bad one: {}", figures.last_bad);
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}
