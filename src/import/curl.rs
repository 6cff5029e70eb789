//! curl command lines: what people paste from documentation and copy from a browser.

mod words;

use std::sync::Arc;

use url::Url;

use super::gather::imported;
use super::recorded::{Auth, Body, Part, Recorded, Segment};
use super::{Imported, Options};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Place, Source, Span};
use words::Word;

/// Options with a value that says something about the request.
const SAYS: [(&str, &str); 22] = [
    ("-X", "--request"),
    ("-H", "--header"),
    ("-d", "--data"),
    ("-F", "--form"),
    ("-u", "--user"),
    ("-b", "--cookie"),
    ("-T", "--upload-file"),
    ("", "--data-raw"),
    ("", "--data-ascii"),
    ("", "--data-binary"),
    ("", "--data-urlencode"),
    ("", "--json"),
    ("", "--form-string"),
    ("", "--url"),
    ("", "--url-query"),
    ("", "--oauth2-bearer"),
    ("", "--aws-sigv4"),
    ("-E", "--cert"),
    ("", "--key"),
    ("", "--proto-default"),
    ("-K", "--config"),
    ("", "--variable"),
];

/// Options with a value that says how curl works.
const WITH_VALUE: [&str; 44] = [
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "-c",
    "--cookie-jar",
    "-w",
    "--write-out",
    "-x",
    "--proxy",
    "--proxy-user",
    "-U",
    "--resolve",
    "--cacert",
    "--capath",
    "-D",
    "--dump-header",
    "-r",
    "--range",
    "--limit-rate",
    "--interface",
    "-C",
    "--continue-at",
    "--max-redirs",
    "--ciphers",
    "--stderr",
    "--trace",
    "--trace-ascii",
    "-Y",
    "-y",
    "-z",
    "--unix-socket",
    "--noproxy",
    "--connect-to",
    "--output-dir",
    "--dns-servers",
];

/// The gateway file of all curl commands in a text. `None` when there is none; the reason is in `diagnostics`.
#[must_use]
pub fn curl(source: &Arc<Source>, options: &Options, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let commands = match words::commands(source) {
        Ok(commands) => commands,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    let mut notes = Vec::new();
    let mut requests = Vec::new();
    for command in &commands {
        let Some((_, arguments)) = command.split_first().filter(|(program, _)| is_curl(program)) else {
            continue;
        };
        match Command::read(arguments).request(arguments, &mut notes) {
            Ok(recorded) => requests.push(recorded),
            Err((message, at)) => {
                let place = Place::new(source, at.map_or(Span::default(), |at| Span::new(at.start, at.end)));
                // A command line is full of secrets: its places are named and not shown.
                diagnostics.push(Diagnostic::new(Code::InvalidValue, message).at(place).sensitive());
            }
        }
    }
    if diagnostics.has_errors() {
        return None;
    }
    let imported = imported(requests, options, notes);
    if imported.is_none() {
        let nothing =
            Diagnostic::new(Code::SourceUnknown, "there is no curl command here, or none to this URL");
        diagnostics.push(nothing.at(Place::new(source, Span::default())).sensitive());
    }
    imported
}

fn is_curl(program: &Word) -> bool {
    let name = program.text.rsplit(['/', '\\']).next().unwrap_or_default();
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

/// The options of a command line.
#[derive(Default)]
struct Command<'w> {
    method: Option<&'w str>,
    url: Option<&'w Word>,
    headers: Vec<&'w str>,
    data: Vec<Data<'w>>,
    form: Vec<(&'w str, bool)>,
    auth: Vec<Auth>,
    cookies: Vec<&'w str>,
    is_json: bool,
    get: bool,
    head: bool,
    upload: bool,
    unknown: Vec<&'w str>,
    unavailable: Vec<&'static str>,
}

enum Data<'w> {
    /// As it is; `@file` stands for the content of a file.
    Plain(&'w str),
    /// As it is, also when it begins with `@`.
    Raw(&'w str),
    /// `name=value` to be encoded.
    Encode(&'w str),
}

type Fault = (String, Option<std::ops::Range<usize>>);

impl<'w> Command<'w> {
    fn read(arguments: &'w [Word]) -> Self {
        let mut command = Self::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            let text = word.text.as_str();
            if let Some((name, value)) =
                text.split_once('=').filter(|(name, _)| is_long(name) && takes_value(name))
            {
                command.option(name, value);
            } else if is_long(text) {
                match takes_value(text) {
                    true => {
                        if let Some(value) = rest.next() {
                            command.long(text, value);
                        }
                    }
                    false => command.flag(text),
                }
            } else if text.len() > 1 && text.starts_with('-') {
                command.short(text, &mut rest);
            } else {
                command.url = command.url.or(Some(word));
            }
        }
        command
    }

    /// `-sSL`, `-XPOST`, `-H value`.
    fn short(&mut self, text: &'w str, rest: &mut std::slice::Iter<'w, Word>) {
        for (at, letter) in text.char_indices().skip(1) {
            let end = at + letter.len_utf8();
            let name = format!("-{letter}");
            let long = SAYS.iter().find(|(short, _)| *short == name).map(|(_, long)| *long);
            if long.is_none() && !WITH_VALUE.contains(&name.as_str()) {
                self.flag(text.get(at..end).unwrap_or_default());
                continue;
            }
            let value = match text.get(end..).filter(|value| !value.is_empty()) {
                Some(value) => Some(value),
                None => rest.next().map(|word| word.text.as_str()),
            };
            if let (Some(long), Some(value)) = (long, value) {
                self.option(long, value);
            }
            return;
        }
    }

    fn flag(&mut self, name: &'w str) {
        match name {
            "G" | "--get" => self.get = true,
            "I" | "--head" => self.head = true,
            name if is_long(name) && !KNOWN_FLAGS.contains(&name) => self.unknown.push(name),
            _ => {}
        }
    }

    fn long(&mut self, name: &str, value: &'w Word) {
        match name {
            "--url" => self.url = self.url.or(Some(value)),
            name => self.option(name, &value.text),
        }
    }

    fn option(&mut self, name: &str, value: &'w str) {
        match name {
            "--request" => self.method = Some(value),
            "--header" => self.headers.push(value),
            "--data" | "--data-ascii" | "--data-binary" => self.data.push(Data::Plain(value)),
            "--data-raw" => self.data.push(Data::Raw(value)),
            "--data-urlencode" => self.data.push(Data::Encode(value)),
            "--json" => {
                self.is_json = true;
                self.data.push(Data::Plain(value));
            }
            "--form" => self.form.push((value, true)),
            "--form-string" => self.form.push((value, false)),
            "--user" => self.auth.push(Auth::Basic),
            "--oauth2-bearer" => self.auth.push(Auth::Bearer),
            "--cookie" => self.cookies.push(value),
            "--upload-file" => self.upload = true,
            "--aws-sigv4" => self.unavailable.push("AWS signature"),
            "--cert" | "--key" => self.unavailable.push("client certificate"),
            _ => {}
        }
    }

    fn request(&self, arguments: &[Word], notes: &mut Vec<String>) -> Result<Recorded, Fault> {
        let whole = arguments.first().zip(arguments.last()).map(|(first, last)| first.at.start..last.at.end);
        let word = self.url.ok_or_else(|| ("this command has no URL".to_owned(), whole))?;
        let mut recorded = Recorded::default();
        locate(&mut recorded, &word.text).ok_or_else(|| {
            ("this is no URL of http or https that could be called".to_owned(), Some(word.at.clone()))
        })?;
        self.auth.iter().for_each(|auth| recorded.authenticate(auth.clone()));
        for header in &self.headers {
            if let Some((name, value)) = header.split_once(':') {
                recorded.header(name, value);
            }
        }
        // What is no `name=value` is a file with cookies.
        self.cookies
            .iter()
            .filter(|text| text.contains('='))
            .for_each(|text| recorded.header("cookie", text));
        self.carry(&mut recorded);
        recorded.method = self.method(&recorded);
        for name in &self.unknown {
            notes.push(format!("`{name}` of curl is not known here; it was taken to have no value"));
        }
        for what in &self.unavailable {
            notes.push(format!("the request uses a {what}: add it to the gateway file as its credential"));
        }
        Ok(recorded)
    }

    fn method(&self, recorded: &Recorded) -> String {
        let told = match (&recorded.body, self.head, self.upload) {
            (_, true, _) => "HEAD",
            (_, _, true) => "PUT",
            (Body::None, ..) => "GET",
            _ => "POST",
        };
        self.method.map_or_else(|| told.to_owned(), str::to_ascii_uppercase)
    }

    fn carry(&self, recorded: &mut Recorded) {
        if !self.form.is_empty() {
            recorded.body = Body::Multipart(
                self.form.iter().filter_map(|(text, may_be_file)| part(text, *may_be_file)).collect(),
            );
            return;
        }
        let content_type = self.content_type();
        if self.upload {
            recorded.body = Body::Other(content_type.unwrap_or("application/octet-stream").to_owned());
            return;
        }
        if self.data.is_empty() {
            return;
        }
        let joined = self.data.iter().map(Data::encoded).collect::<Vec<_>>().join("&");
        if self.get {
            for (name, value) in url::form_urlencoded::parse(joined.as_bytes()) {
                recorded.query(&name, &value);
            }
            return;
        }
        let is_file = matches!(self.data.as_slice(), [Data::Plain(text)] if text.starts_with('@'));
        let essence = content_type.unwrap_or(if self.is_json {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        });
        // What people send with -d and no header is JSON more often than curl thinks; the API is told so then.
        let looks_like_json = content_type.is_none() && joined.trim_start().starts_with(['{', '[']);
        match (is_file, looks_like_json) {
            (true, _) => {
                recorded.body = Body::Other(essence.split(';').next().unwrap_or(essence).trim().to_owned());
            }
            (false, true) => recorded.carry("application/json", &joined),
            (false, false) => recorded.carry(essence, &joined),
        }
    }

    fn content_type(&self) -> Option<&'w str> {
        let mut named = self.headers.iter().filter_map(|header| header.split_once(':'));
        named
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value.trim())
    }
}

const KNOWN_FLAGS: [&str; 24] = [
    "--silent",
    "--show-error",
    "--location",
    "--insecure",
    "--verbose",
    "--include",
    "--fail",
    "--globoff",
    "--remote-name",
    "--no-buffer",
    "--compressed",
    "--http1.1",
    "--http2",
    "--http2-prior-knowledge",
    "--http3",
    "--fail-with-body",
    "--location-trusted",
    "--basic",
    "--digest",
    "--anyauth",
    "--path-as-is",
    "--parallel",
    "--progress-bar",
    "--tlsv1.2",
];

fn is_long(text: &str) -> bool {
    text.len() > 2 && text.starts_with("--")
}

fn takes_value(name: &str) -> bool {
    SAYS.iter().any(|(_, long)| *long == name) || WITH_VALUE.contains(&name)
}

impl Data<'_> {
    /// As it is sent, but for files.
    fn encoded(&self) -> String {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        match self {
            Self::Plain(text) | Self::Raw(text) => (*text).to_owned(),
            Self::Encode(text) => match text.split_once('=') {
                Some(("", value)) => encode(value),
                Some((name, value)) => format!("{name}={}", encode(value)),
                None => encode(text),
            },
        }
    }
}

/// `name=value`, `name=@file;type=image/png`, `name=<file`.
fn part(text: &str, may_be_file: bool) -> Option<Part> {
    let (name, value) = text.split_once('=')?;
    let is_file = may_be_file && value.starts_with(['@', '<']);
    let content_type =
        value.split(';').skip(1).find_map(|part| part.trim().strip_prefix("type=")).filter(|_| may_be_file);
    Some(Part {
        name: name.to_owned(),
        text: (!is_file).then(|| value.to_owned()),
        content_type: content_type.map(str::to_owned),
    })
}

/// Takes a URL apart as it stands in a command: without a scheme it is http, and `$VARIABLE`s may be in it.
fn locate(recorded: &mut Recorded, text: &str) -> Option<()> {
    let (origin, rest) = match text.strip_prefix('$') {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(rest.get(..end)?.trim_matches(['{', '}']).to_owned()), rest.get(end..)?)
        }
        None => (None, text),
    };
    let url = match (&origin, rest.contains("://")) {
        (Some(_), _) => format!("https://variable.example.com{rest}"),
        (None, true) => rest.to_owned(),
        (None, false) => format!("http://{rest}"),
    };
    recorded.locate(&Url::parse(&url).ok()?)?;
    if let Some(variable) = origin {
        recorded.origin = format!("${{{variable}}}");
    }
    for segment in &mut recorded.path {
        let variable = match segment {
            Segment::Text(text) => text.strip_prefix('$').or_else(|| text.strip_prefix("%7B")).map(|name| {
                name.trim_start_matches("%7B").trim_end_matches("%7D").trim_matches(['{', '}']).to_owned()
            }),
            Segment::Variable(_) => None,
        };
        if let Some(name) = variable.filter(|name| !name.is_empty()) {
            *segment = Segment::Variable(name);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests;
