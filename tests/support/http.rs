//! An HTTP client that sends exactly the bytes it is given.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::wait;

/// A connection that is kept alive.
pub(crate) struct Connection {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// Names as written.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, freed of chunks.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = wait::within("a connection", TcpStream::connect(address)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (read, write) = stream.into_split();
        Self { read: BufReader::new(read), write }
    }

    /// Sends `bytes` and reads one answer. The answer may come, and the other side may close, before all is sent.
    pub(crate) async fn exchange(&mut self, bytes: &[u8]) -> Response {
        let Self { read, write } = self;
        let sending = async {
            if write.write_all(bytes).await.is_err() {
                std::future::pending::<()>().await;
            }
            std::future::pending::<()>().await;
        };
        let receiving = wait::within("an answer", read_response(read));
        tokio::select! {
            response = receiving => response.unwrap(),
            () = sending => unreachable!("sending waits for the answer"),
        }
    }

    /// Sends `bytes` and waits for nothing.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.write.write_all(bytes).await.unwrap();
    }
}

impl Response {
    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// One request on a connection of its own.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Response {
    Connection::open(address).await.exchange(bytes).await
}

/// The bytes of a request. `Host` and `Content-Length` are added when `headers` do not have them.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    let length = body.len().to_string();
    for (name, value) in [("Host", "127.0.0.1"), ("Content-Length", length.as_str())] {
        if !headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name)) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    [text.as_bytes(), b"\r\n", body].concat()
}

async fn read_response(stream: &mut BufReader<OwnedReadHalf>) -> io::Result<Response> {
    let status_line = read_line(stream).await?;
    let status = status_line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status line: {status_line:?}")))?;
    let mut response = Response { status, headers: Vec::new(), body: Vec::new() };
    loop {
        let line = read_line(stream).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        response.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if response.header("transfer-encoding").is_some() {
        response.body = read_chunks(stream).await?;
    } else if let Some(length) = response.header("content-length") {
        response.body = vec![0; length.parse().map_err(io::Error::other)?];
        stream.read_exact(&mut response.body).await?;
    }
    Ok(response)
}

async fn read_chunks(stream: &mut BufReader<OwnedReadHalf>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(stream).await?, 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; length + 2];
        stream.read_exact(&mut chunk).await?;
        body.extend_from_slice(&chunk[..length]);
        if length == 0 {
            return Ok(body);
        }
    }
}

async fn read_line(stream: &mut BufReader<OwnedReadHalf>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
