//! The API: answers from memory, as fast as hyper can.
//!
//! `GET /items/ID` is 1 KB of JSON with the ID in it, `GET /cached/ID` the same and good for an hour, `GET /large/ID`
//! 1 MB, `GET /file/BYTES` that many bytes.

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

#[tokio::main]
async fn main() -> Result<()> {
    let listener = toolgate_bench::listen().await?;
    let large: &'static str = records(LARGE).leak();
    let small: &'static str = "x".repeat(SMALL).leak();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service =
            service_fn(move |request| async move { Ok::<_, Infallible>(answer(&request, small, large)) });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

fn answer(request: &Request<Incoming>, small: &str, large: &'static str) -> Response<Full<Bytes>> {
    let mut segments = request.uri().path().split('/').skip(1);
    let folder = segments.next();
    let body = match (folder, segments.next()) {
        (Some("items" | "cached"), Some(id)) => Bytes::from(format!(r#"{{"id":"{id}","text":"{small}"}}"#)),
        (Some("large"), Some(_)) => Bytes::from_static(large.as_bytes()),
        (Some("file"), Some(length)) => static_file(length.parse().unwrap_or(0)),
        _ => Bytes::new(),
    };
    let mut response = Response::new(Full::new(body));
    if segments.next().is_some() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
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

/// The same bytes every time: only the first request of a length makes them.
fn static_file(length: usize) -> Bytes {
    static FILE: std::sync::OnceLock<Bytes> = std::sync::OnceLock::new();
    FILE.get_or_init(|| Bytes::from(vec![b' '; length])).clone()
}
