//! An answer as several content blocks: the file says with `format: content` that the answer, or what `select` makes of
//! it, is a list of them in the form of MCP (2025-11-25, "Content types").
//!
//! Each block is read and written anew, so that a client never gets one that the protocol does not know; a list with
//! one that cannot be read is a fault of the file, and is told as such.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use crate::call::Content;
use crate::call::outcome::{Answer, Excerpt, Problem, Shaped};
use crate::catalog::CallPlan;
use crate::upstream::Fault;

/// The blocks of a JSON document: a list of them, or one.
///
/// # Errors
/// [`Problem`] when it holds something else.
pub(super) fn blocks(plan: &CallPlan, text: &[u8]) -> Result<Shaped, Box<Problem>> {
    let most = plan.response.shown_bytes();
    if text.len() > most {
        let told = format!(
            "The answer takes {} bytes as content. It is not shown: more than {most} bytes are not handed on.",
            text.len()
        );
        return Ok(Answer::Text(told.into()).into());
    }
    let blocks = match serde_json::from_slice(text) {
        Ok(Blocks::One(block)) => vec![*block],
        Ok(Blocks::Many(blocks)) => blocks,
        Err(_) => return Err(Box::new(no_blocks(text))),
    };
    let content: Option<Vec<Content>> = blocks.into_iter().map(Block::read).collect();
    match content {
        Some(content) => Ok(Answer::Blocks(content).into()),
        None => Err(Box::new(no_blocks(text))),
    }
}

fn no_blocks(text: &[u8]) -> Problem {
    Problem {
        message: "What this tool gives is configured to be a list of content blocks of MCP, and is none.".to_owned(),
        advice: "The request itself was carried out; do not repeat one that changes something. Whoever runs this gateway \
                 has to look at the filter."
            .into(),
        body: Some(Excerpt::of_text(&String::from_utf8_lossy(text))),
        ..Problem::new("select_failed", Fault::Configuration)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Blocks {
    Many(Vec<Block>),
    One(Box<Block>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    #[serde(rename_all = "camelCase")]
    Image {
        data: String,
        mime_type: String,
    },
    #[serde(rename_all = "camelCase")]
    Audio {
        data: String,
        mime_type: String,
    },
    Resource {
        resource: Embedded,
    },
    #[serde(rename_all = "camelCase")]
    ResourceLink {
        uri: String,
        name: String,
        title: Option<String>,
        description: Option<String>,
        mime_type: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Embedded {
    uri: String,
    mime_type: Option<String>,
    text: Option<String>,
    blob: Option<String>,
}

impl Block {
    /// The block; `None` when its data is not base64, or a resource has neither text nor blob.
    fn read(self) -> Option<Content> {
        Some(match self {
            Self::Text { text } => Content::Text(text.into()),
            Self::Image { data, mime_type } => Content::Image { data: decoded(&data)?, mime_type },
            Self::Audio { data, mime_type } => Content::Audio { data: decoded(&data)?, mime_type },
            Self::Resource { resource: Embedded { uri, mime_type, text: Some(text), blob: None } } => {
                Content::Resource { uri, text: text.into(), mime_type }
            }
            Self::Resource { resource: Embedded { uri, mime_type, text: None, blob: Some(blob) } } => {
                let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                Content::Blob { uri, data: decoded(&blob)?, mime_type }
            }
            Self::Resource { .. } => return None,
            Self::ResourceLink { uri, name, title, description, mime_type } => {
                Content::Link { uri, name, title, description, mime_type }
            }
        })
    }
}

fn decoded(base64: &str) -> Option<Bytes> {
    STANDARD.decode(base64).ok().map(Bytes::from)
}
