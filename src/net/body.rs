//! Bodies of answers, read with a cap that counts decoded bytes.

use bytes::Bytes;
use reqwest::Response;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than it may be.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The cap.
        limit: usize,
    },
    /// The connection failed before its end.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
}

/// Reads the body, content codings undone, of at most `limit` bytes.
///
/// # Errors
/// [`BodyError`] when it is not there whole.
pub async fn read(mut response: Response, limit: usize) -> Result<Bytes, BodyError> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(BodyError::TooLarge { limit });
    }
    let Some(first) = response.chunk().await? else { return Ok(Bytes::new()) };
    let mut body = Vec::from(first);
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(body))
}
