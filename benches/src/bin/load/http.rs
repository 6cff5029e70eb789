//! HTTP by hand: one buffer a connection, one write a request.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Plan;
use crate::figures::{Figures, Recorder};
use crate::usage::Processes;

/// A request with places for the number in it.
struct Request {
    address: String,
    target: String,
    head: String,
    body: Option<String>,
    expect: String,
}

/// Runs the plan over HTTP.
pub async fn run(plan: &Plan, url: &str, headers: &[String], processes: Processes) -> Result<Figures> {
    let rest = url.strip_prefix("http://").context("an http:// URL")?;
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let head: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let request = Rc::new(Request {
        address: address.to_owned(),
        target: format!("/{path}"),
        head,
        body: plan.body.clone(),
        expect: plan.expect.clone(),
    });
    let recorder = Rc::new(RefCell::new(Recorder::new(plan.warm_up, plan.measured)));
    let (begin, end) = (recorder.borrow().begin, recorder.borrow().end);
    let local = LocalSet::new();
    for connection in 0..plan.at_once {
        let (request, recorder) = (Rc::clone(&request), Rc::clone(&recorder));
        local.spawn_local(async move {
            if let Err(error) = converse(&request, &recorder, connection, end).await {
                recorder.borrow_mut().record(Instant::now(), false, error.to_string().as_bytes());
            }
        });
    }
    let costs = local.spawn_local(async move {
        tokio::time::sleep_until(begin.into()).await;
        let before = processes.cost();
        tokio::time::sleep_until(end.into()).await;
        processes.cost().since(before)
    });
    local.await;
    let recorder = Rc::into_inner(recorder).context("every connection has ended")?.into_inner();
    Ok(recorder.figures(costs.await?))
}

async fn converse(
    request: &Request,
    recorder: &RefCell<Recorder>,
    connection: usize,
    end: Instant,
) -> Result<()> {
    let mut stream = TcpStream::connect(&request.address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 << 10);
    // Numbers of different connections are different, too.
    for number in (1..).map(|round: usize| round * 100_000 + connection) {
        let (bytes, expect) = request.bytes(number);
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        stream.write_all(&bytes).await?;
        let body = receive(&mut stream, &mut buffer).await?;
        let good =
            buffer.starts_with(b"HTTP/1.1 200") && memmem::find(&buffer[body..], expect.as_bytes()).is_some();
        recorder.borrow_mut().record(asked, good, &buffer);
    }
    Ok(())
}

impl Request {
    fn bytes(&self, number: usize) -> (Vec<u8>, String) {
        let number = number.to_string();
        let target = self.target.replace("{id}", &number);
        let Self { address, head, .. } = self;
        let text = match &self.body {
            None => format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n{head}\r\n"),
            Some(body) => {
                let body = body.replace("{id}", &number);
                let length = body.len();
                format!(
                    "POST {target} HTTP/1.1\r\nHost: {address}\r\n{head}Content-Length: {length}\r\n\r\n{body}"
                )
            }
        };
        (text.into_bytes(), self.expect.replace("{id}", &number))
    }
}

/// Reads one answer into `buffer`, and says where its body begins.
async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    let mut searched = 0;
    let body = loop {
        read_more(stream, buffer).await?;
        if let Some(at) = memmem::find(&buffer[searched..], b"\r\n\r\n") {
            break searched + at + 4;
        }
        searched = buffer.len().saturating_sub(3);
    };
    let length = content_length(&buffer[..body])?;
    buffer.reserve((body + length).saturating_sub(buffer.len()));
    while buffer.len() < body + length {
        read_more(stream, buffer).await?;
    }
    Ok(body)
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        bail!("the connection was closed");
    }
    Ok(())
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let value = lines.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, value) = value.with_context(|| format!("an answer without a length: {head}"))?;
    Ok(value.trim().parse()?)
}
