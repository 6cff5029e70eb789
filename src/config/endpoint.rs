//! Endpoints written by hand: the same [`Operation`]s that documents give, in OpenAPI's own words.

mod body;
mod media_type;
mod parameter;
mod request;
mod schema;

use super::ask::{self, AskFile, ConfirmSetting};
use super::cache::{self, CacheSetting};
use super::whole::Whole;
use std::sync::Arc;

use super::credential::CredentialNames;
use super::duration::Timeout;
use super::errors::{self, ErrorsFile};
use super::gateway::{Change, Endpoint};
use super::keyword::{Inline, SchemaText};
use super::operations::{is_tool_name, owned};
use super::paginate::{self, PaginateSetting};
use super::poll::{self, PollFile};
use super::rate_limit::{self, RateLimitSetting};
use super::resolver::Resolver;
use super::response::{FormatWord, ShapeKeys};
use super::retry::{self, RetrySetting};
use super::size::MaxBytes;
use super::text::{Json, Literal, Sent};
use super::written::{Entry, List, Map, Optional, Required, Slot, words, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::node::Kind;
use crate::openapi::operation::ToolHints;
use parameter::Parameters;

written! {
    /// An endpoint of the API, written by hand. It becomes one tool, whose name is its key here; endpoints that write
    /// become tools too, since each is written on purpose.
    #[schemars(rename = "Endpoint")]
    pub(super) struct EndpointFile<'t> {
        /// What the tool does and when to use it, for the model.
        description: Optional<'t, &'t str>,
        /// A title, for people.
        title: Optional<'t, &'t str>,
        /// One line about it.
        summary: Optional<'t, &'t str>,
        /// Method and path below `base_url`; a query here is sent with every request.
        #[schemars(
            regex(pattern = r"^\s*(GET|HEAD|OPTIONS|QUERY|POST|PUT|PATCH|DELETE) +/[^\s#]*\s*$"),
            extend("examples" = ["GET /repos/{owner}/{repo}/releases?per_page=50"])
        )]
        request: Required<'t, Literal<'t>>,
        /// What a caller may give, by the names that are sent. Variables of the path that are not here are required
        /// texts.
        parameters: Optional<'t, Map<'t, ParameterFile<'t>>>,
        /// The body of the request. Parameters with `in: body` are properties of it.
        body: Optional<'t, BodyFile<'t>>,
        /// The answer.
        response: Optional<'t, ResponseFile<'t>>,
        /// Media types of the answer, all of which are asked for in `Accept`; an empty list asks for none. Default: the
        /// `content_type` of `response`.
        #[schemars(extend("examples" = [["application/json", "text/csv"]]))]
        produces: Optional<'t, List<'t, Literal<'t>>>,
        /// Tags, to sort endpoints by.
        tags: Optional<'t, List<'t, Literal<'t>>>,
        /// Better not used any more; the description of the tool says so.
        deprecated: Optional<'t, bool>,
        /// The tool only reads. Default: what the method says.
        read_only: Optional<'t, bool>,
        /// The tool may destroy something. Default: what the method says.
        destructive: Optional<'t, bool>,
        /// The same call again changes nothing more. Default: what the method says.
        idempotent: Optional<'t, bool>,
        /// Names of the credentials that go with it; `none` for a request without one. Default: the gateway's
        /// `credential`.
        credential: Optional<'t, CredentialNames<'t>>,
        /// How many requests of this endpoint there are in how much time, beside the limits of the whole file.
        rate_limit: Optional<'t, RateLimitSetting<'t>>,
        /// What is sent again when it fails; as for the whole file.
        retry: Optional<'t, RetrySetting<'t>>,
        /// How long a call may take, waiting included.
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept; as for the whole file. An endpoint that writes takes it only with `read_only: true`.
        cache: Optional<'t, CacheSetting<'t>>,
        /// What answers mean that are errors, or look like none, by status; see `errors` of the gateway.
        errors: Optional<'t, ErrorsFile<'t>>,
        /// What becomes of an answer that has more pages, and how the API has them.
        paginate: Optional<'t, PaginateSetting<'t>>,
        /// How the job is followed that it begins. It has no pages then.
        poll: Optional<'t, PollFile<'t>>,
        /// What the caller is asked before a call: a list of rounds, each a mapping of names to questions. Answers
        /// become arguments.
        #[schemars(extend("examples" = [[{"title": {"message": "What is it called?", "fields": ["title"]}}]]))]
        ask: Optional<'t, AskFile<'t>>,
        /// Whether the person must agree to each call, and is shown what will be sent: `true`, or the words of the
        /// question.
        confirm: Optional<'t, ConfirmSetting<'t>>,
    }

    /// A parameter: where it goes, and what values it takes in keywords of JSON Schema. Without any of these it is a
    /// text.
    #[schemars(rename = "Parameter")]
    pub(super) struct ParameterFile<'t> {
        /// Where it goes. Default: `path` when the path has a variable of this name; else `query` for GET, HEAD,
        /// OPTIONS and DELETE, and `body` for other methods.
        r#in: Optional<'t, ParameterLocation>,
        /// Another name of the tool's argument. The name that is sent stays.
        name: Optional<'t, Literal<'t>>,
        /// About it, for the model.
        description: Optional<'t, &'t str>,
        /// Whether the caller must give a value; parameters in the path always must. (A list is the `required` of an
        /// object's schema.)
        required: Optional<'t, Requirement>,
        /// Sent when the caller gives no value.
        default: Optional<'t, Sent<'t>>,
        /// `true`: the caller does not see it; the `default` is always sent.
        hide: Optional<'t, bool>,
        /// Clients repeat the value in the header `Mcp-Param-NAME`, so that what stands before the server can route by it
        /// (from 2026-07-28 on); a call whose header says something else is refused. For texts, whole numbers and flags.
        #[schemars(regex(pattern = r"^[A-Za-z0-9-]{1,64}$"), extend("examples" = ["Region"]))]
        mcp_header: Optional<'t, Literal<'t>>,
        /// How arrays and objects are written (OpenAPI's `style`). Default: `simple` in path and headers, `form` in
        /// query and cookies.
        style: Optional<'t, StyleWord>,
        /// Each item of an array or property of an object as its own `name=value`. Default: true for `form`.
        explode: Optional<'t, bool>,
        /// Reserved characters (`/?#[]@!$&'()*+,;=`) stay as they are, in the query.
        allow_reserved: Optional<'t, bool>,
        /// An empty value may be sent, as `name=`.
        allow_empty: Optional<'t, bool>,
        /// The value is written as this media type, instead of by a style: `application/json`.
        content: Optional<'t, Literal<'t>>,
        /// What values it takes, as a schema of its own instead of keywords beside the other keys.
        schema: Optional<'t, SchemaText<'t>>,
        /// Keywords of JSON Schema.
        #[schemars(flatten)]
        keywords: Inline<'t>,
    }

    /// The body of a request: its media type, and what it holds in keywords of JSON Schema.
    #[schemars(rename = "Body")]
    pub(super) struct BodyFile<'t> {
        /// Its media type. Default: `application/json`.
        #[schemars(extend("examples" = [
            "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain",
            "application/octet-stream"
        ]))]
        content_type: Optional<'t, Literal<'t>>,
        /// About it, for the model.
        description: Optional<'t, &'t str>,
        /// Whether it must be given. Default: true. (A list is the `required` of the body's schema.)
        required: Optional<'t, Requirement>,
        /// How properties of a form are written, by their names.
        encoding: Optional<'t, Map<'t, EncodingFile<'t>>>,
        /// Several media types, best first, instead of `content_type`: the caller may choose.
        content: Optional<'t, Map<'t, MediaFile<'t>>>,
        /// What it holds, as a schema of its own instead of keywords beside the other keys.
        schema: Optional<'t, SchemaText<'t>>,
        /// Keywords of JSON Schema.
        #[schemars(flatten)]
        keywords: Inline<'t>,
    }

    /// One of the media types that a body can have.
    #[schemars(rename = "MediaType")]
    pub(super) struct MediaFile<'t> {
        /// What it holds.
        schema: Required<'t, SchemaText<'t>>,
        /// How properties of a form are written, by their names.
        encoding: Optional<'t, Map<'t, EncodingFile<'t>>>,
    }

    /// How a property of a form is written.
    #[schemars(rename = "Encoding")]
    pub(super) struct EncodingFile<'t> {
        /// Media type of the part of a multipart body, or of the value in a form.
        #[schemars(extend("examples" = ["image/png", "application/json"]))]
        content_type: Optional<'t, Literal<'t>>,
        /// How arrays and objects are written, as in the query.
        style: Optional<'t, StyleWord>,
        /// Each item of an array or property of an object as its own `name=value`. Default: true for `form`.
        explode: Optional<'t, bool>,
        /// Reserved characters (`/?#[]@!$&'()*+,;=`) stay as they are.
        allow_reserved: Optional<'t, bool>,
        /// Headers of the part of a multipart body.
        headers: Optional<'t, Map<'t, Literal<'t>>>,
    }

    /// The answer of an endpoint.
    #[schemars(rename = "Response")]
    pub(super) struct ResponseFile<'t> {
        /// Its media type, which is asked for in `Accept`. Default: `application/json`.
        content_type: Optional<'t, Literal<'t>>,
        /// A filter in jq that makes of the answer what the agent gets. One that may give several values (`.[] | …`)
        /// gives a list.
        #[schemars(extend("examples" = ["[.items[] | {id, title, author: .user.login}]"]))]
        select: Optional<'t, &'t str>,
        /// `true`: the tool takes a further argument `_select`, a filter in jq of the model's own, which is run over
        /// what would be shown otherwise.
        model_select: Optional<'t, bool>,
        /// Only these members of the answer, by their names with dots between them; a list on the way stands for each
        /// of its items.
        #[schemars(extend("examples" = [["total", "items.id", "items.user.login"]]))]
        fields: Optional<'t, List<'t, Literal<'t>>>,
        /// How it is written. Default: as it comes.
        format: Optional<'t, FormatWord>,
        /// What is longer is cut between two items, and it is said how many are left. At least 1KiB and at most
        /// 8MiB; 2MiB when nothing is said.
        max_bytes: Optional<'t, MaxBytes>,
        /// Lists of more items are cut, and it is said how many are left.
        max_items: Optional<'t, Whole<1, 1_000_000>>,
        /// What an answer looks like: `--mock` answers with it.
        example: Optional<'t, Json<'t>>,
    }
}

words! {
    /// Where a parameter goes.
    pub(super) enum ParameterLocation {
        /// A variable of the path.
        Path = "path",
        /// `name=value` in the query.
        Query = "query",
        /// A request header.
        Header = "header",
        /// A cookie.
        Cookie = "cookie",
        /// The whole query, as its `content`.
        QueryString = "querystring",
        /// A property of the body.
        Body = "body",
    }

    /// How an array or an object is written.
    pub(super) enum StyleWord {
        /// `a,b`
        Simple = "simple",
        /// `.a.b`, in the path.
        Label = "label",
        /// `;name=a;name=b`, in the path.
        Matrix = "matrix",
        /// `name=a&name=b`, or `name=a,b` without explode.
        Form = "form",
        /// `name=a%20b`, in the query.
        SpaceDelimited = "spaceDelimited",
        /// `name=a|b`, in the query.
        PipeDelimited = "pipeDelimited",
        /// `name=a%09b`, in the query (Swagger 2.0's `tsv`).
        TabDelimited = "tabDelimited",
        /// `name[key]=value`, in the query.
        DeepObject = "deepObject",
    }
}

/// `required`: a flag, or in its other sense (of the object's schema) a list of names.
#[derive(Clone, Copy, schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum Requirement {
    /// Whether a value must be given.
    Flag(bool),
    /// Belongs to the schema.
    #[schemars(with = "Vec<String>")]
    Names,
}

impl<'t> super::written::Read<'t> for Requirement {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        match slot.node.kind() {
            Kind::Bool => slot.node.as_bool().map(Self::Flag),
            Kind::Array if slot.node.items().all(|item| item.as_str().is_some()) => Some(Self::Names),
            _ => {
                problems.push(super::written::expected("true, false or a list of names", slot));
                None
            }
        }
    }
}

impl Requirement {
    /// The flag, when it is one.
    fn flag(self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(flag),
            Self::Names => None,
        }
    }
}

/// One of the `endpoints` of a file. `None` when its request cannot be read; other faults are reported and leave a
/// gap in what is returned, which whoever reports must not serve.
pub(super) fn resolve(entry: &Entry<'_, EndpointFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Endpoint> {
    check_name(entry, resolver);
    let file = &entry.value;
    let (method, path) = request::resolve(file.request.0.as_ref()?, resolver)?;
    let parameters = Parameters::resolve(file, &method, &path, entry.key_place.span, resolver);
    let body = body::resolve(file.body.as_ref(), parameters.properties, resolver);
    let response = file.response.as_ref().map(|response| &response.value);
    let operation = Operation {
        place: entry.key_place.clone(),
        method,
        path,
        id: Some(entry.key.to_owned()),
        summary: owned(file.summary.as_ref()),
        description: owned(file.description.as_ref()),
        tags: file.tags.iter().flat_map(|tags| &tags.value.0).map(|tag| tag.value.0.to_owned()).collect(),
        deprecated: file.deprecated.is_some_and(|flag| flag.value),
        servers: Vec::new(),
        parameters: parameters.sent,
        body,
        produces: produced(file, resolver),
        outline: Arc::default(),
        security: None,
        definitions: Definitions::new(),
        hints: hints(entry),
    };
    Some(Endpoint {
        operation,
        change: Change {
            job: file.poll.as_ref().and_then(|written| poll::resolve(written, resolver)),
            pagination: file.paginate.as_ref().and_then(|written| paginate::resolve(written, resolver)),
            credentials: file.credential.as_ref().map(|names| names.value.to_names()),
            cache: cache::resolve_change(file.cache.as_ref()),
            rate_limits: rate_limit::resolve(file.rate_limit.as_ref(), true, resolver),
            retry: retry::resolve(file.retry.as_ref(), resolver),
            timeout: file.timeout.map(|timeout| timeout.value.0),
            response: response.map(shape).unwrap_or_default().resolve(resolver),
            errors: errors::resolve(file.errors.as_ref(), resolver),
            ask: ask::resolve(file.ask.as_ref(), resolver),
            confirm: ask::confirm(file.confirm.as_ref()),
            parameters: parameters.changes,
            ..Change::default()
        },
        example: response.and_then(|response| response.example).map(|example| example.value.0.to_value()),
    })
}

fn check_name(entry: &Entry<'_, EndpointFile<'_>>, resolver: &mut Resolver<'_>) {
    if !is_tool_name(entry.key) {
        let message = format!("`{}` cannot be the name of an endpoint", entry.key);
        let help = "it is the name of a tool: 1 to 64 of the characters A-Z, a-z, 0-9, `_` and `-`";
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
        resolver.problem(diagnostic.help(help));
    }
}

/// The media types that are asked for.
fn produced(file: &EndpointFile<'_>, resolver: &mut Resolver<'_>) -> Vec<String> {
    let one = file.response.as_ref().and_then(|response| response.value.content_type.as_ref());
    match (&file.produces, one) {
        (Some(all), Some(_)) => {
            let message = "`produces` and the `content_type` of `response` say the same";
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(all.slot.key_place()));
            Vec::new()
        }
        (Some(all), None) => {
            all.value.0.iter().map(|written| media_type::resolve(written, resolver)).collect()
        }
        (None, Some(written)) => vec![media_type::resolve(written, resolver)],
        (None, None) => vec![media_type::JSON.to_owned()],
    }
}

fn shape<'f, 't>(file: &'f ResponseFile<'t>) -> ShapeKeys<'f, 't> {
    let ResponseFile { select, model_select, fields, format, max_bytes, max_items, .. } = file;
    ShapeKeys {
        select: select.as_ref(),
        model_select: model_select.as_ref(),
        fields: fields.as_ref(),
        format: format.as_ref(),
        max_bytes: max_bytes.as_ref(),
        max_items: max_items.as_ref(),
    }
}

fn hints(entry: &Entry<'_, EndpointFile<'_>>) -> ToolHints {
    let file = &entry.value;
    ToolHints {
        name: Some(entry.key.to_owned()),
        title: owned(file.title.as_ref()),
        read_only: file.read_only.map(|flag| flag.value),
        destructive: file.destructive.map(|flag| flag.value),
        idempotent: file.idempotent.map(|flag| flag.value),
        ..ToolHints::default()
    }
}
