//! A peer for unit tests that keeps what it is asked and answers whatever bytes a test wants, good HTTP or not.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use url::Url;

/// What a peer does with a request.
pub(crate) enum Answer {
    /// Writes this and waits for the next request on the connection.
    Write(Vec<u8>),
    /// Writes this and closes the connection.
    Close(Vec<u8>),
    /// Writes this and resets the connection.
    Reset(Vec<u8>),
    /// Writes this and nothing more, until the other side closes.
    Stall(Vec<u8>),
    /// Writes the first part, and the second for ever.
    Endless(Vec<u8>, Vec<u8>),
}

/// A server on loopback; it ends with the test's runtime.
pub(crate) struct Peer {
    pub(crate) url: Url,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<String>>,
    closed: Notify,
}

impl Peer {
    /// A peer that gives every request the answer that `script` has for it. A request is its head and body as text.
    pub(crate) async fn start(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let shared = Arc::new(Shared::default());
        let (script, kept) = (Arc::new(script), Arc::clone(&shared));
        crate::tasks::spawn("peer", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, kept) = (Arc::clone(&script), Arc::clone(&kept));
                crate::tasks::spawn("peer connection", async move {
                    serve(stream, &kept, &*script).await;
                    kept.closed.notify_one();
                });
            }
        });
        Self { url, shared }
    }

    /// A peer that answers every request with this.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_| Answer::Write(bytes.clone())).await
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until a connection is closed by the other side.
    pub(crate) async fn closed(&self) {
        self.shared.closed.notified().await;
    }
}

/// An answer with a `Content-Length`; `head` is the status line and further headers.
pub(crate) fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn serve(mut stream: TcpStream, kept: &Shared, script: &(dyn Fn(&str) -> Answer + Send + Sync)) {
    while let Some(request) = read_request(&mut stream).await {
        let action = script(&request);
        kept.requests.lock().unwrap().push(request);
        match action {
            Answer::Write(bytes) => drop(stream.write_all(&bytes).await),
            Answer::Close(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Answer::Reset(bytes) => {
                let _ = stream.write_all(&bytes).await;
                stream.set_zero_linger().unwrap();
                return;
            }
            Answer::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
            Answer::Endless(first, repeated) => {
                let _ = stream.write_all(&first).await;
                while stream.write_all(&repeated).await.is_ok() {}
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
