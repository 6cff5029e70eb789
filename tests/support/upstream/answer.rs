//! What the upstream does with a request: answers it well, or one of the ways not to.

use std::future::Future;
use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::ledger::End;

/// What is done with one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A whole answer with its true Content-Length.
    Whole(Whole),
    /// A whole answer that is written when somebody lets it go.
    Held(CancellationToken, Whole),
    /// These bytes as they are; then the connection is closed in good order.
    Raw(Vec<u8>),
    /// No byte; the connection is reset.
    Reset,
    /// No byte, and the connection stays open until the client leaves.
    Hang,
    /// `head` once, then `piece` for ever, with a pause after each, until the client leaves.
    Endless {
        /// Status line and headers.
        head: Vec<u8>,
        /// What is repeated.
        piece: Vec<u8>,
        /// The pause after each piece.
        pause: Duration,
    },
}

/// A well-formed answer.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// 200 with this JSON.
    pub(crate) fn json(value: &Value) -> Self {
        Self::status(200, "application/json", value.to_string())
    }

    /// A whole answer.
    pub(crate) fn status(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self::Whole(Whole { status, headers, body: body.into() })
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::status(status, "text/plain", "moved").header("Location", location)
    }

    /// The same with one more header. Only a whole answer has headers.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let Self::Whole(whole) = &mut self else { panic!("{self:?} has no headers") };
        whole.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, not written before `gate` is cancelled.
    pub(crate) fn held(self, gate: &CancellationToken) -> Self {
        let Self::Whole(whole) = self else { panic!("{self:?} cannot be held") };
        Self::Held(gate.clone(), whole)
    }

    pub(super) async fn write(self, stream: &mut BufReader<TcpStream>) -> End {
        let stream = stream.get_mut();
        let (bytes, end) = match self {
            Self::Whole(whole) => (whole.bytes(), End::Answered),
            Self::Held(gate, whole) => tokio::select! {
                left = until_left(&mut *stream, std::future::pending()) => return left,
                () = gate.cancelled() => (whole.bytes(), End::Answered),
            },
            Self::Raw(bytes) => (bytes, End::Closed),
            Self::Reset => return reset(stream),
            Self::Hang => return until_left(stream, std::future::pending()).await,
            Self::Endless { head, piece, pause } => return endless(stream, &head, &piece, pause).await,
        };
        stream.write_all(&bytes).await.map_or(End::ClientLeft, |()| end)
    }
}

impl Whole {
    fn bytes(&self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        [text.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// Closing with unsent data thrown away is a reset (RST) instead of an end (FIN).
fn reset(stream: &TcpStream) -> End {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
    End::Closed
}

async fn endless(stream: &mut TcpStream, head: &[u8], piece: &[u8], pause: Duration) -> End {
    let (read, mut write) = stream.split();
    let writing = async {
        write.write_all(head).await?;
        loop {
            write.write_all(piece).await?;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    };
    until_left(read, writing).await
}

/// Runs `meanwhile` until it fails or the client closes the connection. A write alone would not notice that for long.
async fn until_left(
    mut read: impl AsyncRead + Unpin,
    meanwhile: impl Future<Output = io::Result<()>>,
) -> End {
    let mut rest = [0; 1024];
    let reading = async { while read.read(&mut rest).await.is_ok_and(|length| length > 0) {} };
    tokio::select! {
        () = reading => {}
        _ = meanwhile => {}
    }
    End::ClientLeft
}
