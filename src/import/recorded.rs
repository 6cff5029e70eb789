//! A request that somebody made or wrote down, whatever it was found in.

use serde_json::Value;
use url::Url;

use super::secret;

/// One request.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// What its author calls it.
    pub(super) name: Option<String>,
    /// What its author says about it.
    pub(super) description: Option<String>,
    /// The method, in upper case.
    pub(super) method: String,
    /// Scheme, host and port, or a reference to a variable that stands for them.
    pub(super) origin: String,
    /// The segments of the path, as they were sent.
    pub(super) path: Vec<Segment>,
    /// Names and values of the query, decoded.
    pub(super) query: Vec<(String, String)>,
    /// Headers that say something: see [`Recorded::header`].
    pub(super) headers: Vec<(String, String)>,
    /// Media types that are asked for.
    pub(super) accept: Vec<String>,
    /// How it is authenticated; the secrets themselves are not here.
    pub(super) auth: Vec<Auth>,
    pub(super) body: Body,
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Its text, as it was sent.
    Text(String),
    /// Known to be a variable, by this name.
    Variable(String),
}

/// How a request is authenticated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Auth {
    Bearer,
    Basic,
    /// A key in `header`, `query` or `cookie`, of this name.
    Key(&'static str, String),
}

/// What a request carries.
#[derive(Clone, Debug, Default)]
pub(super) enum Body {
    #[default]
    None,
    /// JSON, of this media type.
    Json(String, Value),
    /// `application/x-www-form-urlencoded`
    Form(Vec<(String, String)>),
    /// `multipart/form-data`
    Multipart(Vec<Part>),
    /// A text or bytes of this media type.
    Other(String),
}

/// A part of a multipart body.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    /// `None` for a file.
    pub(super) text: Option<String>,
    pub(super) content_type: Option<String>,
}

/// Headers that a program sets by itself, or that are about one connection or one moment.
const NOISE: [&str; 40] = [
    "host",
    "connection",
    "content-length",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "user-agent",
    "origin",
    "referer",
    "dnt",
    "upgrade-insecure-requests",
    "pragma",
    "cache-control",
    "priority",
    "te",
    "expect",
    "keep-alive",
    "transfer-encoding",
    "content-type",
    "if-none-match",
    "if-modified-since",
    "if-match",
    "if-range",
    "via",
    "forwarded",
    "postman-token",
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
    "x-request-id",
    "x-amzn-trace-id",
    "x-client-data",
    "x-requested-with",
    "upgrade",
    "trailer",
    "date",
    "range",
    "save-data",
    "rtt",
];
const NOISY_BEGINNINGS: [&str; 6] = [":", "sec-", "proxy-", "x-forwarded-", "x-datadog-", "x-b3-"];

impl Recorded {
    /// Takes a URL apart. `None` when it is neither http nor https.
    pub(super) fn locate(&mut self, url: &Url) -> Option<()> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() {
            self.authenticate(Auth::Basic);
        }
        self.origin = url.origin().ascii_serialization();
        self.path =
            url.path_segments().into_iter().flatten().map(|text| Segment::Text(text.to_owned())).collect();
        for (name, value) in url.query_pairs() {
            self.query(&name, &value);
        }
        Some(())
    }

    /// Takes a parameter of the query; what authenticates is kept apart.
    pub(super) fn query(&mut self, name: &str, value: &str) {
        if secret::is_secret_name(name) {
            self.authenticate(Auth::Key("query", name.to_owned()));
        } else {
            self.query.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Takes a header: what authenticates is kept apart, noise is dropped.
    pub(super) fn header(&mut self, name: &str, value: &str) {
        let (name, value) = (name.trim(), value.trim());
        let lower = name.to_ascii_lowercase();
        if value.is_empty() || http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return;
        }
        match lower.as_str() {
            "authorization" => {
                let scheme = value.split(' ').next().unwrap_or_default().to_ascii_lowercase();
                self.authenticate(match scheme.as_str() {
                    "bearer" => Auth::Bearer,
                    "basic" => Auth::Basic,
                    _ => Auth::Key("header", name.to_owned()),
                });
            }
            "cookie" => value.split(';').for_each(|pair| {
                let name = pair.split('=').next().unwrap_or_default().trim();
                if !name.is_empty() {
                    self.authenticate(Auth::Key("cookie", name.to_owned()));
                }
            }),
            "accept" => self.accept = accepted(value),
            _ if NOISE.contains(&lower.as_str()) => {}
            _ if NOISY_BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)) => {}
            _ if secret::is_secret_name(name) => self.authenticate(Auth::Key("header", name.to_owned())),
            _ => self.headers.push((name.to_owned(), value.to_owned())),
        }
    }

    pub(super) fn authenticate(&mut self, auth: Auth) {
        if !self.auth.contains(&auth) {
            self.auth.push(auth);
        }
    }

    /// Takes a body of which the text is known.
    pub(super) fn carry(&mut self, content_type: &str, text: &str) {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_json = essence.ends_with("/json") || essence.ends_with("+json") || essence.is_empty();
        self.body = if essence == "application/x-www-form-urlencoded" {
            Body::Form(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
        } else if let (true, Ok(value)) = (is_json, serde_json::from_str(text)) {
            Body::Json(if essence.is_empty() { "application/json".to_owned() } else { essence }, value)
        } else if essence.is_empty() {
            Body::Other("text/plain".to_owned())
        } else {
            Body::Other(essence)
        };
    }
}

/// The media types of an `Accept` header that ask for something in particular; none of what browsers send for pages.
fn accepted(value: &str) -> Vec<String> {
    let types = value.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let types: Vec<String> = types.filter(|range| range.contains('/')).map(str::to_owned).collect();
    let is_any = types.iter().any(|range| range.contains('*') || range == "text/html");
    if is_any { Vec::new() } else { types }
}
