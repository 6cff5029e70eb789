//! The API: answers from memory, as fast as hyper can.
//!
//! `GET /items/ID` is 1 KB of JSON with the ID in it, `GET /cached/ID` the same and good for an hour, `GET /large/ID`
//! 1 MB of JSON, `GET /text/ID` 1 MB of plain text, `GET /records/ID` and `GET /lines/ID` 64 KB of the same, `GET
//! /file/BYTES` that many bytes, `GET /errors/ID` a failure.

use std::convert::Infallible;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

/// A kilobyte, the rest of the answer counted in.
const SMALL: usize = 950;
/// A megabyte.
const LARGE: usize = 1 << 20;
/// What APIs give of a list at once.
const PAGE: usize = 64 << 10;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = toolgate_bench::listen().await?;
    let bodies = Bodies {
        small: "x".repeat(SMALL).leak(),
        large: records(LARGE).leak(),
        text: lines(LARGE).leak(),
        records: records(PAGE).leak(),
        lines: lines(PAGE).leak(),
    };
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service_fn(move |request| async move { Ok::<_, Infallible>(answer(&request, bodies)) });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// What is answered, made once.
#[derive(Clone, Copy)]
struct Bodies {
    small: &'static str,
    large: &'static str,
    text: &'static str,
    records: &'static str,
    lines: &'static str,
}

fn answer(request: &Request<Incoming>, bodies: Bodies) -> Response<Full<Bytes>> {
    let Bodies { small, large, text, records, lines } = bodies;
    let mut segments = request.uri().path().split('/').skip(1);
    let folder = segments.next();
    let body = match (folder, segments.next()) {
        (Some("items" | "cached"), Some(id)) => Bytes::from(format!(r#"{{"id":"{id}","text":"{small}"}}"#)),
        (Some("large"), Some(_)) => Bytes::from_static(large.as_bytes()),
        (Some("text"), Some(_)) => Bytes::from_static(text.as_bytes()),
        (Some("records"), Some(_)) => Bytes::from_static(records.as_bytes()),
        (Some("lines"), Some(_)) => Bytes::from_static(lines.as_bytes()),
        (Some("errors"), Some(id)) => Bytes::from(format!(r#"{{"message":"There is no {id}."}}"#)),
        (Some("file"), Some(length)) => static_file(length.parse().unwrap_or(0)),
        _ => Bytes::new(),
    };
    let mut response = Response::new(Full::new(body));
    if segments.next().is_some() || folder == Some("errors") {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let is_text = matches!(folder, Some("text" | "lines"));
    let kind = if is_text { "text/plain; charset=utf-8" } else { "application/json" };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if folder == Some("cached") {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    }
    response
}

/// Records as an API lists them, about `length` bytes.
fn records(length: usize) -> String {
    let mut text = String::from("{\"records\":[");
    for number in 0.. {
        if text.len() > length - 160 {
            break;
        }
        let comma = if number == 0 { "" } else { "," };
        text.push_str(&format!(
            r#"{comma}{{"id":{number},"name":"record {number}","tags":["a","b"],"price":{number}.50,"open":true,"note":"said \"so\""}}"#
        ));
    }
    text + "]}"
}

/// Lines as a log has them, about `length` bytes.
fn lines(length: usize) -> String {
    let mut text = String::with_capacity(length);
    for number in 1.. {
        if text.len() > length - 64 {
            break;
        }
        text.push_str(&format!("line {number} of many: \"GET /items/{number}\" took {number} ms\n"));
    }
    text
}

/// The same bytes every time: only the first request of a length makes them.
fn static_file(length: usize) -> Bytes {
    static FILE: std::sync::OnceLock<Bytes> = std::sync::OnceLock::new();
    FILE.get_or_init(|| Bytes::from(vec![b' '; length])).clone()
}
