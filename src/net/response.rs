//! The head of an answer with its body still to come, whichever client it came by.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::body::Chunks;

/// An answer of which the head is there.
#[derive(Debug)]
pub(crate) enum Response {
    /// By the general client.
    General(reqwest::Response),
    /// By the plain one.
    Plain(http::Response<Incoming>),
}

impl Response {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::General(response) => response.status(),
            Self::Plain(response) => response.status(),
        }
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        match self {
            Self::General(response) => response.headers_mut(),
            Self::Plain(response) => response.headers_mut(),
        }
    }
}

impl Chunks for Response {
    fn headers(&self) -> &HeaderMap {
        match self {
            Self::General(response) => response.headers(),
            Self::Plain(response) => response.headers(),
        }
    }

    fn announced(&self) -> Option<u64> {
        match self {
            Self::General(response) => response.content_length(),
            Self::Plain(response) => response.body().size_hint().exact(),
        }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
        match self {
            Self::General(response) => Ok(response.chunk().await?),
            Self::Plain(response) => loop {
                match response.body_mut().frame().await {
                    None => return Ok(None),
                    Some(frame) => {
                        // Trailers are nothing that anybody asked for.
                        if let Ok(data) = frame?.into_data() {
                            return Ok(Some(data));
                        }
                    }
                }
            },
        }
    }
}
