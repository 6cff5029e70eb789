//! Ways to misbehave, by name: `/faults/<name>` is answered with that fault, everything else with an echo.

use std::io::Write;
use std::time::Duration;

use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};

use super::{Answer, Entry};

/// Answers that are none, and the code by which a program knows each: the client must never be told success. What
/// cannot be told apart from where the gateway stands has the same code.
pub(crate) const BROKEN: &[(&str, &str)] = &[
    ("reset", "reset"),
    ("close", "reset"),
    ("truncated-headers", "reset"),
    ("truncated-body", "wrong_length"),
    ("missing-last-chunk", "truncated"),
    ("bad-chunk", "invalid_chunk"),
    ("status-999", "invalid_status"),
    ("no-http", "invalid_response"),
    ("truncated-gzip", "decode"),
    ("no-gzip", "decode"),
    ("invalid-json", "invalid_json"),
    ("html", "html_instead_of_json"),
];

/// Answers `/faults/<name>` with the fault of that name, `/bytes/<n>` with JSON of about that many bytes,
/// `/status/<code>` with that status, and everything else with an [`echo`].
pub(crate) fn by_path(entry: &Entry) -> Answer {
    let mut segments = entry.path().split('/').skip(1);
    match (segments.next(), segments.next()) {
        (Some("faults"), Some(name)) => named(name),
        (Some("bytes"), Some(count)) => Answer::json(&json!({"text": "x".repeat(count.parse().unwrap())})),
        (Some("status"), Some(code)) => {
            let body = json!({"title": "As asked", "detail": format!("status {code}")});
            Answer::status(code.parse().unwrap(), "application/problem+json", body.to_string())
        }
        _ => echo(entry),
    }
}

/// 200 with the request as JSON: what a test looks at to see that nothing was lost on the way.
pub(crate) fn echo(entry: &Entry) -> Answer {
    let request = &entry.request;
    let headers: Vec<Value> = request.headers.iter().map(|(name, value)| json!([name, value])).collect();
    let body = String::from_utf8_lossy(&request.body);
    Answer::json(
        &json!({"method": request.method, "target": request.target, "headers": headers, "body": body}),
    )
}

/// The fault of this name.
fn named(name: &str) -> Answer {
    match name {
        "hang" => Answer::Hang,
        "reset" => Answer::Reset,
        "close" => Answer::Raw(Vec::new()),
        "truncated-body" => raw(&[("Content-Length", "100")], br#"{"half": "#),
        "bad-chunk" => raw(&[("Transfer-Encoding", "chunked")], b"5\r\n{\"a\":\r\nzz\r\n1}\r\n0\r\n\r\n"),
        "missing-last-chunk" => raw(&[("Transfer-Encoding", "chunked")], b"2\r\n{}\r\n"),
        "truncated-headers" => Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Ty".to_vec()),
        "status-999" => Answer::status(999, "application/json", "{}"),
        "no-http" => Answer::Raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()),
        "truncated-gzip" => gzipped(|bytes| bytes.truncate(bytes.len() / 2)),
        "no-gzip" => Answer::json(&json!({"plain": true})).header("Content-Encoding", "gzip"),
        "double-gzip" => double_gzip(),
        "invalid-json" => Answer::status(200, "application/json", r#"{"a": 1,"#),
        "html" => Answer::status(200, "text/html", "<!doctype html><title>Sign in</title><p>Please sign in"),
        _ => large(name),
    }
}

/// Faults of size and pace.
fn large(name: &str) -> Answer {
    let endless = |piece: Vec<u8>, pause| Answer::Endless {
        head: head(&[("Content-Type", "text/plain")]),
        piece,
        pause,
    };
    match name {
        "endless" => endless(vec![b'x'; 64 << 10], Duration::ZERO),
        "slow" => endless(vec![b'x'], Duration::from_secs(1)),
        "ten-gigabytes" => raw(&[("Content-Length", "10000000000")], &vec![b' '; 1 << 20]),
        "many-headers" => {
            let headers: String = (0..1_000_000).map(|number| format!("X-{number}: {number}\r\n")).collect();
            Answer::Raw(format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\n{{}}").into_bytes())
        }
        "endless-headers" => {
            let head = b"HTTP/1.1 200 OK\r\n".to_vec();
            Answer::Endless {
                head,
                piece: "X-More: and more\r\n".repeat(4096).into_bytes(),
                pause: Duration::ZERO,
            }
        }
        "gzip-bomb" => raw(&[("Content-Encoding", "gzip"), ("Content-Type", "text/plain")], &gzip_bomb(1000)),
        other => panic!("no fault is called {other}"),
    }
}

/// A status line, these headers and whatever comes after them; the connection ends there.
fn raw(headers: &[(&str, &str)], body: &[u8]) -> Answer {
    Answer::Raw([&head(headers), body].concat())
}

fn head(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = String::from("HTTP/1.1 200 OK\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !headers.iter().any(|(name, _)| *name == "Content-Type") {
        text.push_str("Content-Type: application/json\r\n");
    }
    (text + "\r\n").into_bytes()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn gzipped(damage: impl FnOnce(&mut Vec<u8>)) -> Answer {
    let text: String = (0..2000).map(|number| format!("{},", number * 7919)).collect();
    let mut bytes = gzip(format!("[{text}0]").as_bytes());
    damage(&mut bytes);
    Answer::status(200, "application/json", bytes).header("Content-Encoding", "gzip")
}

fn double_gzip() -> Answer {
    let bytes = gzip(&gzip(br#"{"twice": true}"#));
    Answer::status(200, "application/json", bytes).header("Content-Encoding", "gzip, gzip")
}

/// About a kilobyte for each mebibyte of zeros that it unpacks to: one block, repeated.
fn gzip_bomb(mebibytes: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(64 << 10);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![0; 1 << 20], &mut block, FlushCompress::Full).unwrap();
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [header.as_slice(), &block.repeat(mebibytes)].concat()
}
