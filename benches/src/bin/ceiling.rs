//! The ceiling: JSON-RPC in, one HTTP request, JSON-RPC out, and nothing else. No gateway on this stack does less.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, mpsc};

use anyhow::{Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::routing::post;
use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The least that a gateway can do.
#[derive(Parser)]
struct Arguments {
    /// `http://127.0.0.1:PORT` of the API.
    upstream: String,
    /// Speaks over stdin and stdout instead of HTTP.
    #[arg(long)]
    stdio: bool,
    /// What asks the API.
    #[arg(long, value_enum, default_value_t = Kind::Reqwest)]
    client: Kind,
    /// Keeps what it has once fetched, and asks for it no more.
    #[arg(long)]
    cached: bool,
}

/// The HTTP client: the one that gateways of this kind are built with, or what lies below it.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Reqwest,
    Hyper,
}

enum Client {
    Reqwest(reqwest::Client),
    Hyper(Box<HyperClient<HttpConnector, Empty<Bytes>>>),
}

/// What a call needs.
struct Gateway {
    client: Client,
    upstream: String,
    kept: Option<Mutex<HashMap<String, Bytes>>>,
}

/// The envelope, as far as anybody has to look.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    params: Params<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: &'a str,
    #[serde(borrow)]
    arguments: Call<'a>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: &'a str,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { upstream, stdio, client, cached } = Arguments::parse();
    let client = Client::new(client)?;
    let gateway = Arc::new(Gateway { client, upstream, kept: cached.then(Mutex::default) });
    if stdio {
        return serve_stdio(gateway).await;
    }
    let router = Router::new().route("/mcp", post(handle)).with_state(gateway);
    let listener = toolgate_bench::listen().await?;
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router)
        .await?;
    Ok(())
}

type Answer = ([(axum::http::HeaderName, &'static str); 1], Vec<u8>);

async fn handle(State(gateway): State<Arc<Gateway>>, body: Bytes) -> Result<Answer, String> {
    let answer = gateway.call(&body).await.map_err(|error| error.to_string())?;
    Ok(([(CONTENT_TYPE, "application/json")], answer))
}

impl Client {
    fn new(kind: Kind) -> Result<Self> {
        Ok(match kind {
            Kind::Reqwest => Self::Reqwest(reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?),
            Kind::Hyper => {
                let mut connector = HttpConnector::new();
                connector.set_nodelay(true);
                Self::Hyper(Box::new(HyperClient::builder(TokioExecutor::new()).build(connector)))
            }
        })
    }

    async fn ask(&self, url: String) -> Result<Bytes> {
        match self {
            Self::Reqwest(client) => {
                let response = client.get(url).header(ACCEPT, "application/json").send().await?;
                Ok(response.error_for_status()?.bytes().await?)
            }
            Self::Hyper(client) => {
                let request = Request::get(url).header(ACCEPT, "application/json").body(Empty::new())?;
                let response = client.request(request).await?;
                ensure!(response.status().is_success(), "the API answered {}", response.status());
                Ok(response.into_body().collect().await?.to_bytes())
            }
        }
    }
}

impl Gateway {
    async fn answer(&self, folder: &str, id: &str) -> Result<Bytes> {
        let kept = self.kept.as_ref().and_then(|kept| kept.lock().ok()?.get(id).cloned());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let answer = self.client.ask(format!("{}/{folder}/{id}", self.upstream)).await?;
        if let Some(mut kept) = self.kept.as_ref().and_then(|kept| kept.lock().ok()) {
            kept.insert(id.to_owned(), answer.clone());
        }
        Ok(answer)
    }

    async fn call(&self, body: &[u8]) -> Result<Vec<u8>> {
        let envelope: Envelope<'_> = serde_json::from_slice(body)?;
        let folder = if envelope.params.name == "small" { "items" } else { envelope.params.name };
        let answer = self.answer(folder, envelope.params.arguments.id).await?;
        let text = std::str::from_utf8(&answer)?;
        let mut out = Vec::with_capacity(answer.len() * 2 + answer.len() / 4 + 200);
        out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
        out.extend_from_slice(envelope.id.get().as_bytes());
        out.extend_from_slice(b",\"result\":{\"content\":[{\"type\":\"text\",\"text\":");
        serde_json::to_writer(&mut out, text)?;
        out.extend_from_slice(b"}]");
        // Plain text has no structure.
        if !matches!(folder, "text" | "lines") {
            out.extend_from_slice(b",\"structuredContent\":");
            out.extend_from_slice(&answer);
        }
        out.extend_from_slice(b",\"isError\":false}}");
        Ok(out)
    }
}

/// A thread that reads, a thread that writes as much at once as there is, and a task for each call.
async fn serve_stdio(gateway: Arc<Gateway>) -> Result<()> {
    let (answers, written) = mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || write_all(&written));
    let (lines, mut calls) = tokio::sync::mpsc::channel::<String>(64);
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| lines.blocking_send(line))
    });
    while let Some(line) = calls.recv().await {
        let (gateway, answers) = (Arc::clone(&gateway), answers.clone());
        tokio::spawn(async move {
            if let Ok(answer) = gateway.call(line.as_bytes()).await {
                drop(answers.send(answer));
            }
        });
    }
    Ok(())
}

fn write_all(answers: &mpsc::Receiver<Vec<u8>>) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let mut batch = Vec::new();
    while let Ok(answer) = answers.recv() {
        batch.clear();
        for answer in std::iter::once(answer).chain(answers.try_iter()) {
            batch.extend_from_slice(&answer);
            batch.push(b'\n');
        }
        stdout.write_all(&batch)?;
        stdout.flush()?;
    }
    Ok(())
}
