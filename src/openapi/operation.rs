//! The one model of an operation, whatever wrote it: an OpenAPI document of any version or an endpoint of a gateway
//! file. Readers produce it, the catalog consumes it; nothing after this knows which version a document had.
//!
//! Schemas in it are JSON Schema 2020-12 values. A `$ref` in them is always `#/$defs/NAME` with NAME in
//! [`Operation::definitions`], which is closed under references; nothing refers outside.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::definitions::Definitions;
use super::shared::Json;
use super::template::PathTemplate;
use crate::source::Place;

/// One operation that can be served.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Where it was written.
    pub place: Place,
    /// HTTP method.
    pub method: Method,
    /// Path below the server's URL.
    pub path: PathTemplate,
    /// `operationId` as written (or the name of an endpoint in a gateway file).
    pub id: Option<String>,
    /// One line about it.
    pub summary: Option<String>,
    /// More about it, in Markdown.
    pub description: Option<String>,
    /// Tags, as written.
    pub tags: Vec<String>,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// Servers that hold for this operation, best first; empty when the document names none.
    pub servers: Vec<Server>,
    /// Parameters, path-level ones merged in; unique by (name, location).
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<RequestBody>,
    /// Media types of the successful answers, in document order: what `Accept` asks for.
    pub produces: Vec<String>,
    /// What the successful answer looks like in outline.
    pub outline: Arc<Outline>,
    /// Alternatives of credentials (`OR` of `AND`s); `None` when nothing is said, an empty list for `security: []`.
    pub security: Option<Vec<SecurityRequirement>>,
    /// What `#/$defs/NAME` in the schemas of this operation refers to.
    pub definitions: Definitions,
    /// `x-mcp` or an endpoint's own word on how the tool looks.
    pub hints: ToolHints,
}

/// A server of a document, variables still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The URL as written: absolute or relative to the document, with `{variable}`s.
    pub url: String,
    /// The variables that are declared.
    pub variables: Vec<ServerVariable>,
    /// Where it was written.
    pub span: crate::source::Span,
}

/// A variable of a server's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVariable {
    /// Its name.
    pub name: String,
    /// Its value when nobody chooses one: its default, or else the first of its values.
    pub default: Option<String>,
    /// All values that it can have; any when there are none.
    pub values: Vec<String>,
}

/// One requirement: all of these schemes together.
pub type SecurityRequirement = Vec<SchemeUse>;

/// One scheme of a security requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeUse {
    /// Name of the scheme in `securitySchemes`.
    pub scheme: String,
    /// Scopes asked for.
    pub scopes: Vec<String>,
}

/// A security scheme that a document declares.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// Its name in requirements.
    pub name: String,
    /// What it asks for.
    pub kind: SchemeKind,
    /// About it, in Markdown.
    pub description: Option<String>,
    /// Where it was written.
    pub place: Place,
}

/// What a security scheme asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// `Header`, `Query` or `Cookie`.
        location: Location,
        /// Name of the header, parameter or cookie.
        name: String,
    },
    /// The `Authorization` header with this scheme, in lower case: `bearer`, `basic` …
    Http {
        /// The scheme (RFC 9110, section 11.1).
        scheme: String,
    },
    /// A bearer token that an OAuth 2.0 flow gives.
    OAuth2,
    /// A bearer token that OpenID Connect gives.
    OpenIdConnect,
    /// A certificate of the client.
    MutualTls,
    /// Something that is not understood.
    Other,
}

/// Where a parameter goes. OpenAPI's `in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// A variable of the path template.
    Path,
    /// `name=value` in the query.
    Query,
    /// A request header.
    Header,
    /// A cookie.
    Cookie,
    /// The whole query string (OpenAPI 3.2).
    QueryString,
}

/// OpenAPI's `style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `;name=value`
    Matrix,
    /// `.value`
    Label,
    /// `a,b`
    Simple,
    /// `name=a&name=b` or `name=a,b`
    Form,
    /// `name=a%20b`
    SpaceDelimited,
    /// `name=a|b`
    PipeDelimited,
    /// Tab between values (2.0's `tsv`).
    TabDelimited,
    /// `name[key]=value`
    DeepObject,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// Where it goes.
    pub location: Location,
    /// Must be given. Path parameters always are.
    pub required: bool,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// About it, in Markdown.
    pub description: Option<String>,
    /// What values it takes; JSON Schema 2020-12. Shared by the operations that share the parameter.
    pub schema: Json,
    /// How a value is written on the wire.
    pub encoding: Encoding,
    /// Where it was written.
    pub span: crate::source::Span,
}

/// How a parameter's value, or one property of a form body, is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// By OpenAPI's style rules.
    Style {
        /// The style.
        style: Style,
        /// Each array item or object property as its own `name=value`.
        explode: bool,
        /// RFC 3986 reserved characters stay as they are.
        allow_reserved: bool,
        /// An empty value is allowed (`allowEmptyValue`).
        allow_empty: bool,
    },
    /// Serialised as this media type (`content`), then percent-encoded as a plain value.
    Content {
        /// `application/json` or another one.
        media_type: String,
    },
}

/// A request body.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// Must be given.
    pub required: bool,
    /// About it, in Markdown.
    pub description: Option<String>,
    /// The media types in which it can be sent, best first; never empty.
    pub media: Vec<MediaType>,
}

/// One media type of a request body.
#[derive(Clone, Debug)]
pub struct MediaType {
    /// As written, parameters included: `application/json; charset=utf-8`.
    pub name: String,
    /// What it holds; JSON Schema 2020-12. `readOnly` properties are left out.
    pub schema: Json,
    /// `encoding` of its properties, by property name (form and multipart bodies).
    pub encoding: Vec<(String, PropertyEncoding)>,
}

/// OpenAPI's Encoding Object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyEncoding {
    /// `contentType` of the part.
    pub content_type: Option<String>,
    /// How the value is written in a form, when said.
    pub encoding: Option<Encoding>,
    /// Fixed headers of the part, from single-valued schemas.
    pub headers: Vec<(String, String)>,
}

/// One possible answer of an operation; read for the stand-in (`--mock`) only.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status; `default` and `2XX` come as 200, `4XX` as 400.
    pub status: u16,
    /// Media type; `None` when there is no body.
    pub media_type: Option<String>,
    /// What the body holds.
    pub schema: Option<Value>,
    /// The document's own example of it.
    pub example: Option<Value>,
    /// Headers to send, with an example value each.
    pub headers: Vec<(String, String)>,
    /// What `#/$defs/NAME` in the schema refers to.
    pub definitions: Definitions,
}

/// What a successful answer looks like in outline: as much as is needed to see how an API has its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Names of its headers, in lower case.
    pub headers: Vec<String>,
    /// The body is a list.
    pub is_list: bool,
    /// Lists in the body, and what is called as if it had to do with pages; down to three levels.
    pub fields: Vec<Field>,
    /// The property with the URL of the next page, where the document says it in a word of its own (`x-ms-pageable`).
    pub next_link: Option<String>,
}

/// A property of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name and those of what it is in, from outside in; never empty.
    pub path: Vec<String>,
    /// What it holds.
    pub kind: FieldKind,
    /// It is said to be a URL.
    pub is_url: bool,
    /// It is a list whose items have an `id`.
    pub items_have_id: bool,
}

/// What a property holds, as far as its schema says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A list.
    List,
    /// An object.
    Object,
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// True or false.
    Flag,
    /// Anything else, or nothing that is said.
    Other,
}

impl Field {
    /// Its own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

/// How the author wants the tool to look.
#[derive(Clone, Debug, Default)]
pub struct ToolHints {
    /// Name of the tool.
    pub name: Option<String>,
    /// Title of the tool.
    pub title: Option<String>,
    /// Description instead of summary and description.
    pub description: Option<String>,
    /// Not to be served.
    pub hidden: bool,
    /// Overrides of what the method says.
    pub read_only: Option<bool>,
    /// Overrides of what the method says.
    pub destructive: Option<bool>,
    /// Overrides of what the method says.
    pub idempotent: Option<bool>,
    /// Whether it reaches beyond the API itself; most do.
    pub open_world: Option<bool>,
    /// How its parameters look.
    pub parameters: Vec<ParameterHints>,
}

/// What a document says on how an argument looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterHints {
    /// Name of the parameter on the wire.
    pub name: String,
    /// Name of the argument.
    pub argument: Option<String>,
    /// Description instead of the parameter's.
    pub description: Option<String>,
    /// Not shown; its default is sent.
    pub hidden: bool,
}

impl Operation {
    /// `GET /pets/{id}`: how an operation is named when it has no id, and in patterns of a gateway file.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{} {}", self.method, self.path.text())
    }
}

impl Parameter {
    /// A variable of the path that nobody declared: a text.
    pub(crate) fn undeclared(name: &str, span: crate::source::Span) -> Self {
        Self {
            name: name.to_owned(),
            location: Location::Path,
            required: true,
            deprecated: false,
            description: None,
            schema: json!({"type": "string"}).into(),
            encoding: Encoding::Style {
                style: Style::Simple,
                explode: false,
                allow_reserved: false,
                allow_empty: false,
            },
            span,
        }
    }
}

impl ServerVariable {
    /// Whether it can have this value.
    #[must_use]
    pub fn takes(&self, value: &str) -> bool {
        self.values.is_empty() || self.values.iter().any(|known| known == value)
    }
}

impl Location {
    /// OpenAPI's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::QueryString => "querystring",
        }
    }

    /// The style that holds when none is said (OpenAPI 3.1, section 4.8.12.2).
    #[must_use]
    pub fn default_style(self) -> Style {
        match self {
            Self::Path | Self::Header => Style::Simple,
            Self::Query | Self::Cookie | Self::QueryString => Style::Form,
        }
    }
}
