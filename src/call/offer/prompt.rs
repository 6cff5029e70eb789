//! Prompts, filled in.

use futures_util::future::try_join_all;
use http::HeaderName;

use super::read::Reading;
use super::read::find;
use super::{Asker, OfferError, Request, failure};
use crate::call::{Content, Progress};
use crate::catalog::offer::{Message, MessageSource, Offers, PlannedRequest, Prompt};
use crate::config::gateway::{EmbeddedContent, MessageContent};
use crate::express::template::Template;

/// A prompt whose gaps are filled, and whose requests are still to be made.
#[derive(Debug)]
pub struct Filling {
    description: Option<String>,
    messages: Vec<(&'static str, Part)>,
}

/// What a message becomes.
#[derive(Debug)]
enum Part {
    Ready(Content),
    /// A resource of ours.
    Read(Reading),
    /// What the API answers, which may be several blocks.
    Ask(Request),
}

/// A prompt as a client gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledPrompt {
    /// What it is good for.
    pub description: Option<String>,
    /// Its messages.
    pub messages: Vec<FilledMessage>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledMessage {
    /// `user` or `assistant`.
    pub role: &'static str,
    /// What it holds.
    pub content: Content,
}

/// The values of a prompt's arguments.
type Values<'v> = [(&'v str, &'v str)];

/// Fills the gaps of a prompt.
///
/// # Errors
/// [`OfferError`] when a template cannot be filled with these values, or names a resource that is not there.
pub fn fill(offers: &Offers, prompt: &Prompt, values: &Values<'_>) -> Result<Filling, OfferError> {
    let mut messages = Vec::with_capacity(prompt.messages.len());
    for message in &prompt.messages {
        let part = match &message.content {
            MessageSource::Request(request) => Part::Ask(Request::new(request, values.iter().copied())),
            MessageSource::Written(content) => written(offers, &prompt.gateway, content, values)?,
        };
        messages.push((message.role, part));
    }
    Ok(Filling { description: prompt.description.as_deref().map(str::to_owned), messages })
}

fn written(
    offers: &Offers,
    gateway: &str,
    content: &MessageContent,
    values: &Values<'_>,
) -> Result<Part, OfferError> {
    Ok(Part::Ready(match content {
        MessageContent::Text(text) => Content::Text(render(text, values)?.into()),
        MessageContent::Image { data, mime_type } => {
            Content::Image { data: data.clone(), mime_type: mime_type.clone() }
        }
        MessageContent::Audio { data, mime_type } => {
            Content::Audio { data: data.clone(), mime_type: mime_type.clone() }
        }
        MessageContent::Resource(uri) => {
            // Of its own gateway: what a caller may see of another one is not decided here.
            let (_, reading) = find(offers, &render(uri, values)?, |other| other == gateway)?;
            return reading.map(Part::Read);
        }
        MessageContent::Embedded { uri, mime_type, content } => {
            let (uri, mime_type) = (render(uri, values)?, mime_type.clone());
            match content {
                EmbeddedContent::Text(text) => {
                    Content::Resource { uri, text: render(text, values)?.into(), mime_type }
                }
                EmbeddedContent::Verbatim(text) => {
                    Content::Resource { uri, text: text.clone().into(), mime_type }
                }
                EmbeddedContent::Blob(data) => {
                    let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                    Content::Blob { uri, data: data.clone(), mime_type }
                }
            }
        }
        MessageContent::Link { uri, name, about, mime_type } => Content::Link {
            uri: render(uri, values)?,
            name: name.clone(),
            title: about.title.clone(),
            description: about.description.clone(),
            mime_type: mime_type.clone(),
        },
        // Was planned, so it is no part of what is written.
        MessageContent::Request(_) => Content::from(String::new()),
    }))
}

fn render(template: &Template, values: &Values<'_>) -> Result<String, OfferError> {
    let invalid = |error: crate::express::template::RenderError| OfferError::Invalid {
        text: error.to_string(),
        uri: None,
    };
    template.render(values).map_err(invalid)
}

/// The headers of the caller that may be kept for the requests of a prompt, whatever its values are.
#[must_use]
pub fn caller_headers(offers: &Offers, prompt: &Prompt) -> Vec<HeaderName> {
    let requests = prompt.messages.iter().flat_map(|message| requests(offers, prompt, message));
    each_once(requests.flat_map(|request| request.plan.credentials.caller_headers()).cloned().collect())
}

/// The requests that a message may come to: one of its own, or that of any resource of its gateway.
fn requests<'o>(offers: &'o Offers, prompt: &Prompt, message: &'o Message) -> Vec<&'o PlannedRequest> {
    match &message.content {
        MessageSource::Request(request) => vec![request],
        MessageSource::Written(MessageContent::Resource(_)) => offers.requests(&prompt.gateway).collect(),
        MessageSource::Written(_) => Vec::new(),
    }
}

fn each_once(mut names: Vec<HeaderName>) -> Vec<HeaderName> {
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    names.dedup();
    names
}

impl Filling {
    /// Whether it waits for nothing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.messages.iter().all(|(_, part)| matches!(part, Part::Ready(_) | Part::Read(Reading::Done(_))))
    }

    /// The headers of the caller that are kept for its requests.
    #[must_use]
    pub fn caller_headers(&self) -> Vec<HeaderName> {
        let of = |part: &Part| match part {
            Part::Ready(_) => Vec::new(),
            Part::Read(reading) => reading.caller_headers().to_vec(),
            Part::Ask(request) => request.plan.credentials.caller_headers().to_vec(),
        };
        each_once(self.messages.iter().flat_map(|(_, part)| of(part)).collect())
    }

    /// The prompt; its requests are made side by side.
    ///
    /// # Errors
    /// [`OfferError`] of the first that fails.
    pub async fn finish(
        self,
        asker: &Asker,
        progress: Option<&dyn Progress>,
    ) -> Result<FilledPrompt, OfferError> {
        let messages = self.messages.into_iter().map(async |(role, part)| {
            let content = part.finish(asker, progress).await?;
            Ok::<_, OfferError>(
                content.into_iter().map(|content| FilledMessage { role, content }).collect::<Vec<_>>(),
            )
        });
        let messages = try_join_all(messages).await?.into_iter().flatten().collect();
        Ok(FilledPrompt { description: self.description, messages })
    }
}

impl Part {
    async fn finish(
        self,
        asker: &Asker,
        progress: Option<&dyn Progress>,
    ) -> Result<Vec<Content>, OfferError> {
        match self {
            Self::Ready(content) => Ok(vec![content]),
            Self::Read(reading) => Ok(vec![reading.finish(asker, progress).await?.into()]),
            Self::Ask(request) => {
                let outcome = request.make(asker, progress).await;
                if outcome.is_error { Err(failure(outcome, None)) } else { Ok(outcome.content) }
            }
        }
    }
}
