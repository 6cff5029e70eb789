//! The body of a request, bounded in bytes and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::mcp::MAX_MESSAGE;
use crate::tasks;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// More than [`MAX_MESSAGE`] bytes.
    #[error("a message is at most {MAX_MESSAGE} bytes long")]
    TooLarge,
    /// It took too long to come.
    #[error("the body did not come in time")]
    TooSlow,
    /// The connection broke.
    #[error("the body is incomplete")]
    Broken,
}

/// Reads a body. What is declared as too large is refused without keeping any of it.
pub(super) async fn read(mut body: Incoming, within: Duration) -> Result<Bytes, BodyError> {
    let declared = body.size_hint().lower();
    let read = if declared > MAX_MESSAGE as u64 {
        Err(BodyError::TooLarge)
    } else {
        timeout(within, collect(&mut body)).await.unwrap_or(Err(BodyError::TooSlow))
    };
    if read == Err(BodyError::TooLarge) {
        tasks::spawn("discarded body", discard(body));
    }
    read
}

async fn collect(body: &mut Incoming) -> Result<Bytes, BodyError> {
    // Nearly every message comes in one piece, which is used as it is.
    let Some(first) = next(body).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(body).await? else { return Ok(first) };
    let mut whole = BytesMut::from(first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > MAX_MESSAGE {
            return Err(BodyError::TooLarge);
        }
        whole.extend_from_slice(&bytes);
        piece = next(body).await?;
    }
    Ok(whole.freeze())
}

/// Takes what a client goes on sending after it was refused, for a while: if the connection were closed at once,
/// the refusal would be lost with it.
async fn discard(mut body: Incoming) {
    const BYTES: usize = 16 * MAX_MESSAGE;
    const WITHIN: Duration = Duration::from_secs(5);
    let mut left = BYTES;
    let read_on = async {
        while let Ok(Some(bytes)) = next(&mut body).await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
        }
    };
    // Either way the body is dropped now, and with it the connection unless all of it came.
    let _ended = timeout(WITHIN, read_on).await;
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
