//! The small API behind the conformance gateway: the files of a folder over HTTP, a list in pages that take their time,
//! `/echo`, which says its query back, and an error for anything else.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

/// Serves `folder` on a free port of 127.0.0.1 for as long as this program runs.
pub fn serve(folder: PathBuf) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let folder = Arc::new(folder);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = Arc::clone(&folder);
            std::thread::spawn(move || converse(&stream, &folder));
        }
    });
    Ok(address)
}

fn converse(stream: &TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(first) = lines.next() {
        let first = first?;
        let target = first.split(' ').nth(1).unwrap_or("/");
        for header in lines.by_ref() {
            if header?.is_empty() {
                break;
            }
        }
        (&*stream).write_all(&answer(folder, target))?;
    }
    Ok(())
}

fn answer(folder: &Path, target: &str) -> Vec<u8> {
    let name = target.split(['?', '/']).nth(1).unwrap_or_default();
    if name == "pages" {
        return page(target);
    }
    if name == "echo" {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        return response("200 OK", "text/plain; charset=utf-8", query.as_bytes());
    }
    let (status, media_type, body) = match std::fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", media_type(name), body),
        Err(_) => ("500 Internal Server Error", "application/json", br#"{"error": "always"}"#.to_vec()),
    };
    response(status, media_type, &body)
}

/// One page of a list. It takes so long that a client is told of every one.
fn page(target: &str) -> Vec<u8> {
    std::thread::sleep(Duration::from_millis(120));
    let number = target.split_once("page=").and_then(|(_, number)| number.parse::<u64>().ok()).unwrap_or(1);
    let body = format!(r#"{{"items": [{{"id": {number}}}]}}"#);
    response("200 OK", "application/json", body.as_bytes())
}

fn response(status: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("png") => "image/png",
        Some("wav") => "audio/wav",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/json",
    }
}
