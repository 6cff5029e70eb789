//! What a server offers beside tools: resources, prompts, completions, and how it introduces itself.

use std::path::PathBuf;

use bytes::Bytes;
use url::Url;

use crate::express::template::Template;
use crate::express::uri_template::UriTemplate;
use crate::source::Place;

use super::{AskRules, Endpoint, Role};

/// How a gateway introduces itself to clients.
#[derive(Clone, Debug, Default)]
pub struct Introduction {
    /// A title, for people.
    pub title: Option<String>,
    /// How its tools, resources and prompts are meant to be used, for the model.
    pub instructions: Option<String>,
    /// Where people read more about it.
    pub website: Option<Url>,
    /// Its pictures.
    pub icons: Vec<Icon>,
}

/// Everything that is offered beside tools.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// Resources and resource templates, in the order of the file.
    pub resources: Vec<Resource>,
    /// Prompts, in the order of the file.
    pub prompts: Vec<Prompt>,
    /// The requests that they make, which [`RequestId`]s refer to.
    pub requests: Vec<Endpoint>,
}

/// One of the [`Offers::requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub usize);

/// Something that clients read by its URI.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name, `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Its URI or URIs.
    pub address: Address,
    /// What is said about it.
    pub about: About,
    /// Its media type.
    pub mime_type: Option<String>,
    /// What it holds.
    pub content: ResourceContent,
    /// What completes variables of its URI, by their names.
    pub completions: Vec<(String, Completion)>,
}

/// What identifies a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    /// One URI.
    Uri(String),
    /// All URIs of this form.
    Template(UriTemplate),
}

/// What clients are told about something offered.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// A title, for people.
    pub title: Option<String>,
    /// What it is, for models and people.
    pub description: Option<String>,
    /// Whom it is for, how much it matters, and how old it is.
    pub annotations: Annotations,
    /// Its pictures.
    pub icons: Vec<Icon>,
}

/// MCP's annotations of resources and content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// Whom it is for; nothing said when empty.
    pub audience: Vec<Role>,
    /// From 0 (may be left out) to 1 (required), as it was written.
    pub priority: Option<String>,
    /// When it was changed last (ISO 8601).
    pub last_modified: Option<String>,
}

/// A picture of something offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Where it is: `https:` or `data:`.
    pub src: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// `48x48`, or `any`.
    pub sizes: Vec<String>,
    /// The background that it is made for: `light` or `dark`.
    pub theme: Option<&'static str>,
}

/// What a resource holds.
#[derive(Clone, Debug)]
pub enum ResourceContent {
    /// This text.
    Text(String),
    /// A text with gaps for the variables of the URI.
    Template(Template),
    /// These bytes.
    Blob(Bytes),
    /// What the API answers.
    Request(RequestId),
}

/// A file beside the gateway file, as it was when that was read.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Where it is.
    pub path: PathBuf,
    /// Its media type, by its name.
    pub mime_type: Option<&'static str>,
    /// What it holds.
    pub content: AttachmentContent,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentContent {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Blob(Bytes),
}

/// Messages to begin a conversation with.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Its name, `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// What is said about it; it has no annotations.
    pub about: About,
    /// What it takes.
    pub arguments: Vec<PromptArgument>,
    /// What the client is asked first.
    pub ask: Option<AskRules>,
    /// The messages; never empty.
    pub messages: Vec<PromptMessage>,
}

/// An argument of a prompt. Its value is a text.
#[derive(Clone, Debug)]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// A title, for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Must be given.
    pub required: bool,
    /// What completes it.
    pub completion: Option<Completion>,
}

/// One message of a prompt.
#[derive(Clone, Debug)]
pub struct PromptMessage {
    /// Whose words it is.
    pub role: Role,
    /// What it holds.
    pub content: MessageContent,
    /// Where it was written.
    pub place: Place,
}

/// What a message of a prompt holds.
#[derive(Clone, Debug)]
pub enum MessageContent {
    /// Text.
    Text(Template),
    /// A picture.
    Image {
        /// The bytes.
        data: Bytes,
        /// Media type.
        mime_type: String,
    },
    /// A sound.
    Audio {
        /// The bytes.
        data: Bytes,
        /// Media type.
        mime_type: String,
    },
    /// A resource of ours with this URI, read when the prompt is asked for.
    Resource(Template),
    /// A resource that is written here.
    Embedded {
        /// Its URI.
        uri: Template,
        /// Media type.
        mime_type: Option<String>,
        /// What it holds.
        content: EmbeddedContent,
    },
    /// A resource that the client may read by itself.
    Link {
        /// Its URI.
        uri: Template,
        /// Its name.
        name: String,
        /// What is said about it.
        about: About,
        /// Media type.
        mime_type: Option<String>,
    },
    /// What the API answers, asked when the prompt is.
    Request(RequestId),
}

/// What an embedded resource holds.
#[derive(Clone, Debug)]
pub enum EmbeddedContent {
    /// A text with gaps.
    Text(Template),
    /// A text without any.
    Verbatim(String),
    /// Bytes.
    Blob(Bytes),
}

/// What completes an argument.
#[derive(Clone, Debug)]
pub enum Completion {
    /// One of these values.
    Values(Vec<String>),
    /// What the API answers: a list of texts.
    Request(RequestId),
}
