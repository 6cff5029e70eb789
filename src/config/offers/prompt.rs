//! Prompts: messages to begin a conversation with.

use bytes::Bytes;

use super::super::ask::{self, AskFile};
use super::super::cache::CacheSetting;
use super::super::credential::CredentialNames;
use super::super::duration::Timeout;
use super::super::endpoint::{ParameterFile, ResponseFile};
use super::super::errors::ErrorsFile;
use super::super::gateway::{
    About, AttachmentContent, EmbeddedContent, Endpoint, MessageContent, Prompt, PromptArgument,
    PromptMessage, Role,
};
use super::super::operations::owned;
use super::super::resolver::Resolver;
use super::super::text::Literal;
use super::super::written::{Entry, List, Map, Optional, Read, Required, Slot, Written, written};
use super::about::{AboutKeys, IconFile, RoleWord};
use super::complete::{self, CompleteSetting};
use super::{attachment, check_name, one_of};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Kind;

written! {
    /// Messages to begin a conversation with, which people choose by name and fill in.
    #[schemars(rename = "Prompt")]
    pub(in crate::config) struct PromptFile<'t> {
        /// A title, for people.
        title: Optional<'t, &'t str>,
        /// What it is good for, for people.
        description: Optional<'t, &'t str>,
        /// Pictures of it.
        icons: Optional<'t, List<'t, IconFile<'t>>>,
        /// What it takes, by name. Every value is a text.
        arguments: Optional<'t, Map<'t, PromptArgumentFile<'t>>>,
        /// What the client is asked before the messages are made: as for a tool, about the arguments of the prompt.
        ask: Optional<'t, AskFile<'t>>,
        /// The messages, in order.
        messages: Required<'t, List<'t, MessageFile<'t>>>,
    }

    /// An argument of a prompt.
    #[schemars(rename = "PromptArgument")]
    pub(in crate::config) struct PromptArgumentFile<'t> {
        /// A title, for people.
        title: Optional<'t, &'t str>,
        /// What it is.
        description: Optional<'t, &'t str>,
        /// Whether it must be given. Default: false.
        required: Optional<'t, bool>,
        /// What completes it: a list of values, or a request.
        complete: Optional<'t, CompleteSetting<'t>>,
    }

    /// A message of a prompt. It holds one of `text`, `image`, `audio`, `resource`, `link` and `request`. In texts and
    /// URIs, `{{ name }}` stands for an argument, in the language of Jinja.
    #[schemars(rename = "Message")]
    #[expect(dead_code, reason = "`super::request` reads the keys about a request from the same mapping")]
    pub(in crate::config) struct MessageFile<'t> {
        /// Whose words it is. Default: `user`.
        role: Optional<'t, RoleWord>,
        /// A text.
        text: Optional<'t, &'t str>,
        /// A picture.
        image: Optional<'t, DataFile<'t>>,
        /// A sound.
        audio: Optional<'t, DataFile<'t>>,
        /// A resource: the URI of one of ours, which is read when the prompt is asked for, or one that is written here.
        resource: Optional<'t, EmbeddedSetting<'t>>,
        /// A resource that the client may read by itself.
        link: Optional<'t, LinkFile<'t>>,
        /// What the API answers to `GET /path`, asked when the prompt is. Arguments of the prompt are its arguments, by
        /// their names.
        #[schemars(
            regex(pattern = r"^\s*GET +/[^\s#]*\s*$"),
            extend("examples" = ["GET /repos/{owner}/{repo}/issues/{number}"])
        )]
        request: Optional<'t, Literal<'t>>,
        /// What the request takes, as in `endpoints`.
        parameters: Optional<'t, Map<'t, ParameterFile<'t>>>,
        /// The answer, as in `endpoints`.
        response: Optional<'t, ResponseFile<'t>>,
        /// Names of the credentials that go with the request; `none` for a request without one.
        credential: Optional<'t, CredentialNames<'t>>,
        /// How long the request may take, waiting included.
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept; as for the whole file.
        cache: Optional<'t, CacheSetting<'t>>,
        /// What answers mean that are errors, or look like none; see `errors` of the gateway.
        errors: Optional<'t, ErrorsFile<'t>>,
    }

    /// Bytes: a file, or base64.
    #[schemars(rename = "Data")]
    pub(in crate::config) struct DataFile<'t> {
        /// This file, in the folder of the gateway file or below.
        #[schemars(extend("examples" = ["./logo.png"]))]
        file: Optional<'t, Literal<'t>>,
        /// These bytes.
        base64: Optional<'t, &'t str>,
        /// Their media type. Default: what the name of `file` says.
        #[schemars(extend("examples" = ["image/png"]))]
        mime_type: Optional<'t, Literal<'t>>,
    }

    /// A resource that is written in a message: one of `text`, `file` and `base64`.
    #[schemars(rename = "EmbeddedResource")]
    pub(in crate::config) struct EmbeddedFile<'t> {
        /// Its URI.
        uri: Required<'t, &'t str>,
        /// Its media type.
        mime_type: Optional<'t, Literal<'t>>,
        /// This text.
        text: Optional<'t, &'t str>,
        /// This file, in the folder of the gateway file or below.
        file: Optional<'t, Literal<'t>>,
        /// These bytes.
        base64: Optional<'t, &'t str>,
    }

    /// A link to a resource.
    #[schemars(rename = "ResourceLink")]
    pub(in crate::config) struct LinkFile<'t> {
        /// Its URI.
        uri: Required<'t, &'t str>,
        /// Its name.
        name: Required<'t, Literal<'t>>,
        /// A title, for people.
        title: Optional<'t, &'t str>,
        /// What it is.
        description: Optional<'t, &'t str>,
        /// Its media type.
        mime_type: Optional<'t, Literal<'t>>,
    }
}

/// The URI of a resource of ours, or a resource that is written here.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(in crate::config) enum EmbeddedSetting<'t> {
    /// Of ours.
    Uri(&'t str),
    /// Here.
    Here(Box<EmbeddedFile<'t>>),
}

impl<'t> Read<'t> for EmbeddedSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            EmbeddedFile::read(slot, problems).map(Box::new).map(Self::Here)
        } else {
            <&str>::read(slot, problems).map(Self::Uri)
        }
    }
}

/// One of the `prompts` of a file; `None` after a report.
pub(super) fn resolve(
    entry: &Entry<'_, PromptFile<'_>>,
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Option<Prompt> {
    check_name(entry, "prompt", resolver);
    let file = &entry.value;
    let about = AboutKeys {
        title: file.title.as_ref(),
        description: file.description.as_ref(),
        icons: file.icons.as_ref(),
        ..AboutKeys::default()
    };
    let about = about.resolve(resolver);
    let written = file.arguments.as_ref().map_or(&[][..], |arguments| &arguments.value.0);
    let known: Vec<&str> = written.iter().map(|argument| argument.key).collect();
    let arguments =
        written.iter().map(|argument| self::argument(entry.key, argument, requests, resolver)).collect();
    let list = file.messages.0.as_ref()?;
    if list.value.0.is_empty() {
        resolver.problem(list.slot.invalid("a prompt has at least one message"));
    }
    let mut messages = Vec::new();
    for item in &list.value.0 {
        messages.extend(Messages { prompt: entry.key, known: &known, requests, resolver }.message(item));
    }
    let ask = ask::resolve(file.ask.as_ref(), resolver);
    Some(Prompt {
        name: entry.key.to_owned(),
        place: entry.key_place.clone(),
        about,
        arguments,
        ask,
        messages,
    })
}

fn argument<'t>(
    prompt: &'t str,
    entry: &Entry<'t, PromptArgumentFile<'t>>,
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> PromptArgument {
    let file = &entry.value;
    let is_name = entry.key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && entry.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        let message = format!("`{}` cannot be the name of an argument", entry.key);
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
        resolver.problem(diagnostic.help("a template can name it when it has letters, digits and `_` only"));
    }
    let completion = file.complete.as_ref().and_then(|written| {
        complete::resolve(&written.value, written.slot, (prompt, &entry.key_place), requests, resolver)
    });
    PromptArgument {
        name: entry.key.to_owned(),
        title: owned(file.title.as_ref()),
        description: owned(file.description.as_ref()),
        required: file.required.is_some_and(|required| required.value),
        completion,
    }
}

/// What messages are resolved with.
struct Messages<'m, 't, 'r> {
    prompt: &'t str,
    /// Names of the prompt's arguments.
    known: &'m [&'t str],
    requests: &'m mut Vec<Endpoint>,
    resolver: &'m mut Resolver<'r>,
}

impl<'t> Messages<'_, 't, '_> {
    fn message(mut self, written: &Written<'t, MessageFile<'t>>) -> Option<PromptMessage> {
        let keys = ["text", "image", "audio", "resource", "link", "request"];
        let said = one_of(written.slot, &keys, "what the message holds", self.resolver)?;
        let file = &written.value;
        let content = match said {
            "text" => {
                let text = file.text.as_ref()?;
                MessageContent::Text(self.template(text.value, text.slot)?)
            }
            "image" => {
                let (data, mime_type) = self.data(file.image.as_ref()?, "image/")?;
                MessageContent::Image { data, mime_type }
            }
            "audio" => {
                let (data, mime_type) = self.data(file.audio.as_ref()?, "audio/")?;
                MessageContent::Audio { data, mime_type }
            }
            "resource" => self.resource(file.resource.as_ref()?)?,
            "link" => self.link(&file.link.as_ref()?.value)?,
            _ => {
                let place = written.slot.place();
                MessageContent::Request(super::request(
                    self.prompt,
                    &place,
                    written.slot,
                    self.requests,
                    self.resolver,
                )?)
            }
        };
        let role = file.role.map_or(Role::User, |role| role.value.into());
        Some(PromptMessage { role, content, place: written.slot.place() })
    }

    fn template(&mut self, text: &str, slot: Slot<'_>) -> Option<crate::express::template::Template> {
        super::template(text, slot, self.known, "arguments", self.resolver)
    }

    fn data(&mut self, written: &Written<'_, DataFile<'_>>, kind: &str) -> Option<(Bytes, String)> {
        let file = &written.value;
        let said = one_of(written.slot, &["file", "base64"], "where the data is", self.resolver)?;
        let (data, guessed) = match said {
            "file" => {
                let attached = attachment::read(file.file.as_ref()?, self.resolver)?;
                (attached.content.into_bytes(), attached.mime_type)
            }
            _ => (attachment::base64(file.base64.as_ref()?, self.resolver)?, None),
        };
        let said = file.mime_type.as_ref().map(|mime_type| mime_type.value.0);
        match said.or(guessed).filter(|mime_type| mime_type.starts_with(kind)) {
            Some(mime_type) => Some((data, mime_type.to_owned())),
            None => {
                let missing =
                    Diagnostic::new(Code::MissingKey, format!("it has no `mime_type` of `{kind}…`"));
                self.resolver.problem(missing.at(written.slot.key_place()));
                None
            }
        }
    }

    fn resource(&mut self, written: &Written<'_, EmbeddedSetting<'_>>) -> Option<MessageContent> {
        let file = match &written.value {
            EmbeddedSetting::Uri(uri) => {
                return Some(MessageContent::Resource(self.template(uri, written.slot)?));
            }
            EmbeddedSetting::Here(file) => file,
        };
        let uri = file.uri.0?;
        let uri = self.template(uri.value, uri.slot);
        let said = one_of(written.slot, &["text", "file", "base64"], "what it holds", self.resolver)?;
        let (content, guessed) = match said {
            "text" => {
                let text = file.text.as_ref()?;
                (EmbeddedContent::Text(self.template(text.value, text.slot)?), Some("text/plain"))
            }
            "file" => {
                let attached = attachment::read(file.file.as_ref()?, self.resolver)?;
                // Put in as it is: braces in a file are no gaps.
                let content = match attached.content {
                    AttachmentContent::Text(text) => EmbeddedContent::Verbatim(text),
                    AttachmentContent::Blob(bytes) => EmbeddedContent::Blob(bytes),
                };
                (content, attached.mime_type)
            }
            _ => (EmbeddedContent::Blob(attachment::base64(file.base64.as_ref()?, self.resolver)?), None),
        };
        let mime_type = file.mime_type.as_ref().map(|written| written.value.0.to_owned());
        Some(MessageContent::Embedded {
            uri: uri?,
            mime_type: mime_type.or(guessed.map(str::to_owned)),
            content,
        })
    }

    fn link(&mut self, file: &LinkFile<'_>) -> Option<MessageContent> {
        let uri = file.uri.0?;
        Some(MessageContent::Link {
            uri: self.template(uri.value, uri.slot)?,
            name: file.name.0?.value.0.to_owned(),
            about: About {
                title: owned(file.title.as_ref()),
                description: owned(file.description.as_ref()),
                ..About::default()
            },
            mime_type: file.mime_type.as_ref().map(|written| written.value.0.to_owned()),
        })
    }
}
