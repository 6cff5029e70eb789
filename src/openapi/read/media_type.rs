//! Media types, as they are written in documents.

/// How a body of a media type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaKind {
    /// `application/json`, `+json`
    Json,
    /// One JSON value a line, or after a record separator.
    JsonLines,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/*`
    Multipart,
    /// `application/xml`, `+xml`
    Xml,
    /// `text/*` and its like
    Text,
    /// Anything else
    Binary,
}

impl MediaKind {
    pub(super) fn of(name: &str) -> Self {
        let essence = essence(name).to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" | "application/x-json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/xml" | "text/xml" => Self::Xml,
            "application/jsonl"
            | "application/x-ndjson"
            | "application/json-seq"
            | "application/x-jsonlines"
            | "application/ndjson"
            | "application/json-lines"
            | "text/jsonl" => Self::JsonLines,
            "application/yaml"
            | "application/x-yaml"
            | "application/graphql"
            | "application/sql"
            | "application/javascript"
            | "application/jwt"
            | "application/sdp" => Self::Text,
            _ if essence.ends_with("+json-seq") => Self::JsonLines,
            _ if essence.ends_with("+json") => Self::Json,
            _ if essence.ends_with("+xml") => Self::Xml,
            _ if essence.starts_with("multipart/") => Self::Multipart,
            _ if essence.starts_with("text/") || essence.ends_with("+yaml") => Self::Text,
            _ => Self::Binary,
        }
    }
}

/// Type and subtype, without parameters.
pub(super) fn essence(name: &str) -> &str {
    name.split(';').next().unwrap_or_default().trim()
}

/// A media type that can be sent: wildcards become what the value's schema suggests, and what people write for a
/// well-known type becomes that type. `None` when it is no media type at all.
pub(super) fn concrete(name: &str, is_text: bool) -> Option<String> {
    let name = name.trim();
    let is_visible = name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let known = match essence(name).to_ascii_lowercase().as_str() {
        "" | "*/*" | "application/*" | "*" if is_text => "text/plain",
        "" | "*/*" | "application/*" | "*" | "json" | "application/*+json" => "application/json",
        "xml" | "application/*+xml" => "application/xml",
        "text/*" | "text" => "text/plain",
        "multipart/*" | "form-data" | "application/form-data" => "multipart/form-data",
        "multipart/x-www-form-urlencoded" | "x-www-form-urlencoded" => "application/x-www-form-urlencoded",
        essence if essence.ends_with("/*") => "application/octet-stream",
        essence if !is_visible || !is_type(essence) => return None,
        _ => name,
    };
    Some(known.to_owned())
}

/// `type/subtype`, of characters that RFC 9110 (section 5.6.2) has in a token.
fn is_type(essence: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// The place of a media type among those that a body can have: what carries structure before what does not.
pub(super) fn rank(name: &str, is_list: bool) -> u8 {
    let lower = name.to_ascii_lowercase();
    match MediaKind::of(&lower) {
        MediaKind::Json if lower == "application/json" => 0,
        MediaKind::Json if essence(&lower) == "application/json" => 1,
        // A JSON patch is a list of changes; a document that declares an object for it means the merge patch
        // beside it.
        MediaKind::Json if essence(&lower) == "application/json-patch+json" && !is_list => 3,
        MediaKind::Json => 2,
        MediaKind::Form | MediaKind::Multipart => 4,
        MediaKind::JsonLines => 5,
        MediaKind::Xml => 6,
        MediaKind::Text => 7,
        MediaKind::Binary => 8,
    }
}
