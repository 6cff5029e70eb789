//! The head of an answer with its body still to come, whichever client it came by.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::body::Chunks;
use super::plain::Answer;

/// An answer of which the head is there.
#[derive(Debug)]
pub(crate) enum Response {
    /// By the general client.
    General(reqwest::Response),
    /// By the plain one.
    Plain(Answer),
}

impl Response {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::General(response) => response.status(),
            Self::Plain(answer) => answer.response.status(),
        }
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        match self {
            Self::General(response) => response.headers_mut(),
            Self::Plain(answer) => answer.response.headers_mut(),
        }
    }
}

impl Chunks for Response {
    fn headers(&self) -> &HeaderMap {
        match self {
            Self::General(response) => response.headers(),
            Self::Plain(answer) => answer.response.headers(),
        }
    }

    fn announced(&self) -> Option<u64> {
        match self {
            Self::General(response) => response.content_length(),
            Self::Plain(answer) => answer.announced(),
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
        match self {
            Self::General(response) => Ok(response.chunk().await?),
            Self::Plain(answer) => Ok(answer.chunk().await?),
        }
    }
}
