//! `multipart/form-data` (RFC 7578), read strictly: what a lenient server would guess is an error here.

use memchr::memmem;

use super::body;

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub name: String,
    pub file_name: Option<String>,
    content_type: Option<String>,
    pub content: Vec<u8>,
}

/// Why a body is not multipart.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MultipartError {
    #[error("does not begin with its boundary")]
    Start,
    #[error("has a part that no boundary ends")]
    End,
    #[error("has a part whose header lines are not well-formed")]
    Header,
    #[error("has a part without 'Content-Disposition: form-data; name=…'")]
    Name,
}

impl Part {
    /// Its media type; `text/plain` when it says none (RFC 7578, section 4.4).
    pub(super) fn media_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or("text/plain")
    }

    /// Whether its media type is in the list of an Encoding Object's `contentType`.
    pub(super) fn is_one_of(&self, list: &str) -> bool {
        let own = body::essence(self.media_type());
        list.split(',').any(|range| body::is_in_range(&own, &body::essence(range)))
    }
}

/// The parts of a body.
///
/// # Errors
/// [`MultipartError`] when it is not well-formed.
pub(super) fn parts(body: &[u8], boundary: &str) -> Result<Vec<Part>, MultipartError> {
    let delimiter = format!("\r\n--{boundary}");
    let first = format!("--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or(MultipartError::Start)?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let inside = rest.strip_prefix(b"\r\n").ok_or(MultipartError::Start)?;
        let end = memmem::find(inside, delimiter.as_bytes()).ok_or(MultipartError::End)?;
        let (part, after) = inside.split_at(end);
        parts.push(read(part)?);
        rest = after.get(delimiter.len()..).unwrap_or_default();
    }
}

fn read(part: &[u8]) -> Result<Part, MultipartError> {
    let end = memmem::find(part, b"\r\n\r\n").ok_or(MultipartError::Header)?;
    let (head, content) = part.split_at(end);
    let head = std::str::from_utf8(head).map_err(|_| MultipartError::Header)?;
    let mut disposition = None;
    let mut content_type = None;
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(MultipartError::Header)?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" => disposition = Some(value.trim()),
            "content-type" => content_type = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let disposition = disposition.ok_or(MultipartError::Name)?;
    let kind = disposition.split(';').next().unwrap_or_default();
    let name = quoted(disposition, "name").filter(|_| kind.trim().eq_ignore_ascii_case("form-data"));
    Ok(Part {
        name: name.ok_or(MultipartError::Name)?,
        file_name: quoted(disposition, "filename"),
        content_type,
        content: content.get(4..).unwrap_or_default().to_vec(),
    })
}

/// `name="value"`, with the escapes that browsers write (WHATWG HTML, multipart form data) and those of RFC 9110.
fn quoted(disposition: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = disposition.split_once(';')?;
    loop {
        let (name, value) = rest.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => until_quote(quoted)?,
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value.get(..end)?.trim().to_owned(), value.get(end..)?)
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = after.split_once(';')?.1;
    }
}

/// The text up to the closing quote, and what comes after it.
fn until_quote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}
