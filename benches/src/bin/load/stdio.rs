//! JSON-RPC over the pipes of a program.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result};
use memchr::memmem;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, Command};

use crate::Plan;
use crate::figures::{Figures, Recorder};
use crate::usage::{Cost, Processes};

/// Calls that have not been answered.
struct InFlight {
    number: usize,
    asked: HashMap<usize, Instant>,
}

/// Runs the plan over the pipes of a program, which is started and ended.
pub async fn run(plan: &Plan, log: &Path, command: &[String]) -> Result<Figures> {
    let (program, arguments) = command.split_first().context("a program")?;
    let mut child = Command::new(program);
    child
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::options().create(true).append(true).open(log)?)
        .kill_on_drop(true);
    let mut child = child.spawn().with_context(|| program.clone())?;
    let process = child.id().context("a running program")?;
    let mut input = child.stdin.take().context("stdin is piped")?;
    let mut output = BufReader::with_capacity(1 << 20, child.stdout.take().context("stdout is piped")?);
    let mut calls = InFlight { number: 0, asked: HashMap::new() };
    let mut line = Vec::new();
    // The program may take its time to start: nothing is counted before its first answer.
    calls.send(plan, &mut input).await?;
    output.read_until(b'\n', &mut line).await?;
    calls.asked.clear();
    let mut recorder = Recorder::new(plan.warm_up, plan.measured);
    for _ in 0..plan.at_once {
        calls.send(plan, &mut input).await?;
    }
    let mut before = None;
    while Instant::now() < recorder.end {
        line.clear();
        anyhow::ensure!(output.read_until(b'\n', &mut line).await? > 0, "the program has ended");
        let (asked, good) = calls.answered(&line, plan);
        recorder.record(asked, good, &line);
        if before.is_none() && Instant::now() >= recorder.begin {
            before = Some(Processes::of(&[process]).cost());
        }
        calls.send(plan, &mut input).await?;
    }
    let cost: Cost = Processes::of(&[process]).cost().since(before.unwrap_or_default());
    Ok(recorder.figures(cost))
}

impl InFlight {
    async fn send(&mut self, plan: &Plan, input: &mut ChildStdin) -> Result<()> {
        self.number += 1;
        let body = plan.body.as_deref().context("--body")?;
        let line = body.replace("{id}", &self.number.to_string()) + "\n";
        self.asked.insert(self.number, Instant::now());
        input.write_all(line.as_bytes()).await?;
        Ok(())
    }

    /// When the call of this answer was made, and whether it is an answer to a call that was made.
    fn answered(&mut self, line: &[u8], plan: &Plan) -> (Instant, bool) {
        let asked = id(line).and_then(|number| Some((number, self.asked.remove(&number)?)));
        let Some((number, asked)) = asked else { return (Instant::now(), false) };
        let expect = plan.expect.replace("{id}", &number.to_string());
        (asked, memmem::find(line, expect.as_bytes()).is_some())
    }
}

/// The number in `"id":NUMBER`, the first one in the line.
fn id(line: &[u8]) -> Option<usize> {
    let after = line.get(memmem::find(line, b"\"id\":")? + 5..)?;
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&after[..digits]).ok()?.parse().ok()
}
