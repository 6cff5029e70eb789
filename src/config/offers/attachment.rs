//! Files beside the gateway file that it offers: read when it is, and only from its own folder.
//!
//! They are read once, with the file that names them, and not when a client asks: what `check` has seen is what is
//! served, no request waits for a disk, and nobody can change what a path means while it is open. A reload reads them
//! again.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::super::env::AttachmentError;
use super::super::gateway::{Attachment, AttachmentContent};
use super::super::resolver::Resolver;
use super::super::text::Literal;
use super::super::written::Written;

/// Media types by the ends of names.
const KNOWN: [(&str, &str); 24] = [
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("css", "text/css"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("toml", "application/toml"),
    ("sql", "application/sql"),
    ("js", "text/javascript"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
];

/// The file that was named; what is wrong with it is reported.
pub(super) fn read(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<Attachment> {
    let path = Path::new(written.value.0);
    match resolver.environment.attachment(resolver.folder, path, super::MOST_BYTES) {
        Ok(bytes) => Some(attachment(path, bytes)),
        Err(error) => {
            let help = match error {
                AttachmentError::Elsewhere => "put it beside the gateway file, and name it without `..`",
                AttachmentError::TooLarge { .. } => "let an API serve it, with `request`",
                AttachmentError::NoFile | AttachmentError::Unreadable(_) => {
                    "the path is relative to the folder of the gateway file"
                }
            };
            let message = format!("`{}` cannot be offered: {error}", written.value.0);
            resolver.problem(written.slot.invalid(message).help(help));
            None
        }
    }
}

fn attachment(path: &Path, bytes: Vec<u8>) -> Attachment {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    let mime_type = KNOWN.iter().find(|(known, _)| *known == end).map(|(_, mime_type)| *mime_type);
    let content = match String::from_utf8(bytes) {
        Ok(text) if mime_type.is_none_or(is_text) && !text.contains('\0') => AttachmentContent::Text(text),
        Ok(text) => AttachmentContent::Blob(text.into_bytes().into()),
        Err(error) => AttachmentContent::Blob(error.into_bytes().into()),
    };
    Attachment { path: path.to_owned(), mime_type, content }
}

/// Whether a media type is one of texts.
pub(super) fn is_text(mime_type: &str) -> bool {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || ["json", "xml", "yaml", "toml", "sql", "javascript", "graphql"]
            .iter()
            .any(|kind| essence.strip_prefix("application/") == Some(kind))
}

/// The bytes of a base64 text; what is none is reported.
pub(super) fn base64(written: &Written<'_, &str>, resolver: &mut Resolver<'_>) -> Option<Bytes> {
    let text: String = written.value.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).ok();
    if bytes.is_none() {
        resolver.problem(written.slot.invalid("this is no base64"));
    }
    bytes.map(Bytes::from)
}

impl AttachmentContent {
    /// The bytes, whatever they are.
    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Blob(bytes) => bytes,
        }
    }
}
