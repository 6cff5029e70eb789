//! Bodies of answers: content codings undone, with a cap that counts decoded bytes while they come in.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http::HeaderMap;

use super::decode::{self, CapReached, Decode, UnknownCoding};
use crate::buffer;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than it may be.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The cap.
        limit: usize,
    },
    /// It is in a content coding that was not offered.
    #[error("the body is in an unknown {0}")]
    UnknownCoding(#[from] UnknownCoding),
    /// It is not what its content coding says, or ends too early for it.
    #[error("the content coding of the body is broken: {0}")]
    Decode(io::Error),
    /// Fewer bytes came than `Content-Length` announced.
    #[error("the body ended after {received} of {announced} bytes")]
    WrongLength {
        /// How many came.
        received: u64,
        /// How many were announced.
        announced: u64,
    },
    /// The connection ended in the middle of a body of unknown length.
    #[error("the connection ended in the middle of the body")]
    Truncated,
    /// The framing of the body is broken (RFC 9112, section 7.1).
    #[error("the chunks of the body are broken")]
    InvalidChunk,
    /// The connection failed in another way.
    #[error(transparent)]
    Transport(Box<dyn Error + Send + Sync>),
}

/// An answer whose body comes in pieces.
pub trait Chunks {
    /// Its headers.
    fn headers(&self) -> &HeaderMap;

    /// How many bytes are still to come, when it says so.
    fn announced(&self) -> Option<u64>;

    /// The next piece; `None` after the last.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, Box<dyn Error + Send + Sync>>> + Send;
}

impl Chunks for reqwest::Response {
    fn headers(&self) -> &HeaderMap {
        Self::headers(self)
    }

    fn announced(&self) -> Option<u64> {
        self.content_length()
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
        Ok(Self::chunk(self).await?)
    }
}

/// Reads the body, content codings undone, of at most `limit` bytes. When it fails, dropping the response closes the
/// connection.
///
/// # Errors
/// [`BodyError`] when the body is not there whole.
pub async fn read(response: &mut impl Chunks, limit: usize) -> Result<Bytes, BodyError> {
    let announced = response.announced();
    if announced.is_some_and(|announced| announced > limit as u64) {
        return Err(BodyError::TooLarge { limit });
    }
    let Some(first) = next(response, 0, announced).await? else { return Ok(Bytes::new()) };
    match decode::decoder(response.headers(), limit)? {
        // Boxed: beside a decoder it costs nothing, and would make the future of every call larger.
        Some(decoder) => Box::pin(decoded(response, announced, first, decoder)).await,
        None => plain(response, announced, first, limit).await,
    }
}

/// Most bodies are one chunk: that one is handed on as it is.
async fn plain(
    response: &mut impl Chunks,
    announced: Option<u64>,
    first: Bytes,
    limit: usize,
) -> Result<Bytes, BodyError> {
    let mut body = Vec::new();
    let mut pending = first;
    loop {
        let received = body.len() + pending.len();
        if received > limit {
            return Err(BodyError::TooLarge { limit });
        }
        let Some(chunk) = next(response, received as u64, announced).await? else { break };
        if body.is_empty() {
            body =
                buffer::of(announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(received * 2));
        }
        body.extend_from_slice(&std::mem::replace(&mut pending, chunk));
    }
    if body.is_empty() {
        return Ok(pending);
    }
    body.extend_from_slice(&pending);
    Ok(buffer::shared(body))
}

async fn decoded(
    response: &mut impl Chunks,
    announced: Option<u64>,
    first: Bytes,
    mut decoder: Box<dyn Decode>,
) -> Result<Bytes, BodyError> {
    let mut chunk = Some(first);
    let mut received = 0;
    while let Some(encoded) = chunk {
        received += encoded.len() as u64;
        decoder.write_all(&encoded).map_err(coding)?;
        chunk = next(response, received, announced).await?;
    }
    Ok(Bytes::from(decoder.finish().map_err(coding)?))
}

/// The next chunk that is not empty.
async fn next(
    response: &mut impl Chunks,
    received: u64,
    announced: Option<u64>,
) -> Result<Option<Bytes>, BodyError> {
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if chunk.is_empty() => {}
            Ok(chunk) => return Ok(chunk),
            Err(error) => return Err(framing(error, received, announced)),
        }
    }
}

fn coding(error: io::Error) -> BodyError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<CapReached>()) {
        Some(reached) => BodyError::TooLarge { limit: reached.limit },
        None => BodyError::Decode(error),
    }
}

/// What hyper's error says about the framing: it marks an early end and a bad chunk by the kind of an `io::Error`.
fn framing(error: Box<dyn Error + Send + Sync>, received: u64, announced: Option<u64>) -> BodyError {
    let mut source = error.source();
    while let Some(inner) = source {
        match inner.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::UnexpectedEof) => {
                return announced.map_or(BodyError::Truncated, |announced| BodyError::WrongLength {
                    received,
                    announced,
                });
            }
            Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => return BodyError::InvalidChunk,
            _ => source = inner.source(),
        }
    }
    BodyError::Transport(error)
}
