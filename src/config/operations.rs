//! Which operations of a document become tools, and how they look.

use super::ask::{self, AskFile, ConfirmSetting};
use super::cache::{self, CacheSetting};
use super::credential::CredentialNames;
use super::duration::Timeout;
use super::errors::{self, ErrorsFile};
use super::gateway::{Change, OperationRules, ParameterChange, Pattern, Writes};
use super::paginate::{self, PaginateSetting};
use super::pattern;
use super::poll::{self, PollFile};
use super::rate_limit::{self, RateLimitSetting};
use super::resolver::Resolver;
use super::response::{ShapeFile, ShapeKeys};
use super::retry::{self, RetrySetting};
use super::text::{Literal, Sent};
use super::written::{Entry, List, Map, Optional, Written, words, written};
use crate::diagnostic::{Code, Diagnostic};

written! {
    /// Which operations of the document become tools, and how they look. Without it: all that only read.
    #[schemars(inline)]
    pub(super) struct OperationsFile<'t> {
        /// Only these operations: each an operationId, `tag:NAME` or `METHOD /path`; `*` stands for anything, also for
        /// any method. Variable names of a path do not matter.
        #[schemars(extend("examples" = [["tag:issues", "GET /repos/{owner}/{repo}", "issues/*"]]))]
        include: Optional<'t, List<'t, Literal<'t>>>,
        /// Not these operations, written as in `include`.
        #[schemars(extend("examples" = [["DELETE *", "* /admin/*"]]))]
        exclude: Optional<'t, List<'t, Literal<'t>>>,
        /// What becomes of operations that write: all but GET, HEAD, OPTIONS and QUERY.
        #[schemars(extend("default" = "deny"))]
        writes: Optional<'t, WritesWord>,
        /// What becomes of operations that the document calls deprecated.
        #[schemars(extend("default" = "allow"))]
        deprecated: Optional<'t, DeprecatedWord>,
        /// These operations are offered as resources, by GET and without a body: each a resource, or a resource template
        /// whose variables are its parameters. Written as in `include`; whether they become tools too is said there.
        #[schemars(extend("examples" = [["GET /files/{id}", "tag:documents"]]))]
        resources: Optional<'t, List<'t, Literal<'t>>>,
        /// Changes to operations, by operationId or `METHOD /path`. Where several match, the first counts.
        change: Optional<'t, Map<'t, ChangeFile<'t>>>,
    }

    /// How an operation is changed; what is not said stays as the document says it.
    #[schemars(rename = "Change")]
    pub(super) struct ChangeFile<'t> {
        /// Another name of the tool.
        #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))]
        name: Optional<'t, Literal<'t>>,
        /// Another title of the tool, for people.
        title: Optional<'t, &'t str>,
        /// Another description of the tool, for the model: what it does and when to use it.
        description: Optional<'t, &'t str>,
        /// Names of the credentials that go with it, instead of those that the document's `security` asks for; `none` for
        /// a request without one.
        credential: Optional<'t, CredentialNames<'t>>,
        /// How many requests of this operation there are in how much time, beside the limits of the whole file.
        rate_limit: Optional<'t, RateLimitSetting<'t>>,
        /// What is sent again when it fails; as for the whole file.
        retry: Optional<'t, RetrySetting<'t>>,
        /// How long a call may take, waiting included.
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept; as for the whole file.
        cache: Optional<'t, CacheSetting<'t>>,
        /// What the agent gets of an answer.
        response: Optional<'t, ShapeFile<'t>>,
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
        /// question. `false`: not, whatever `writes` says.
        confirm: Optional<'t, ConfirmSetting<'t>>,
        /// Changes to parameters and to properties of the body, by their names in the document.
        parameters: Optional<'t, Map<'t, ParameterChangeFile<'t>>>,
    }

    /// How a parameter is changed; what is not said stays as the document says it.
    #[schemars(rename = "ParameterChange")]
    pub(super) struct ParameterChangeFile<'t> {
        /// Another name of the tool's argument. The name that is sent stays.
        name: Optional<'t, Literal<'t>>,
        /// Another description.
        description: Optional<'t, &'t str>,
        /// Sent when the caller gives no value.
        default: Optional<'t, Sent<'t>>,
        /// `true`: the caller does not see it; the `default` is sent, or nothing when there is none.
        hide: Optional<'t, bool>,
        /// Whether the caller must give a value.
        required: Optional<'t, bool>,
        /// Clients repeat the value in the header `Mcp-Param-NAME`, so that what stands before the server can route by it
        /// (from 2026-07-28 on); a call whose header says something else is refused. For texts, whole numbers and flags.
        #[schemars(regex(pattern = r"^[A-Za-z0-9-]{1,64}$"), extend("examples" = ["Region"]))]
        mcp_header: Optional<'t, Literal<'t>>,
    }
}

words! {
    /// What becomes of operations that are deprecated.
    pub(super) enum DeprecatedWord {
        /// They become tools; their descriptions say it first.
        Allow = "allow",
        /// They do not become tools.
        Deny = "deny",
    }

    /// What becomes of operations that write.
    pub(super) enum WritesWord {
        /// They do not become tools.
        Deny = "deny",
        /// They become tools; the person is asked before each call, and a client that cannot ask is refused.
        Confirm = "confirm",
        /// They become tools like the others.
        Allow = "allow",
    }
}

/// The `operations` of a file.
pub(super) fn resolve(
    operations: &Written<'_, OperationsFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> OperationRules {
    let file = &operations.value;
    OperationRules {
        include: patterns(file.include.as_ref(), resolver),
        exclude: patterns(file.exclude.as_ref(), resolver),
        writes: match file.writes.as_ref().map(|writes| writes.value) {
            Some(WritesWord::Allow) => Writes::Allow,
            Some(WritesWord::Confirm) => Writes::Confirm,
            Some(WritesWord::Deny) | None => Writes::Deny,
        },
        denies_deprecated: file.deprecated.is_some_and(|it| it.value == DeprecatedWord::Deny),
        resources: patterns(file.resources.as_ref(), resolver),
        change: changes(file).filter_map(|entry| changed(entry, resolver)).collect(),
    }
}

/// The entries of `change`.
pub(super) fn changes<'f, 't>(
    file: &'f OperationsFile<'t>,
) -> impl Iterator<Item = &'f Entry<'t, ChangeFile<'t>>> {
    file.change.iter().flat_map(|change| &change.value.0)
}

/// The name of a tool that a file gives.
pub(super) fn tool_name(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<String> {
    let name = written.value.0;
    if is_tool_name(name) {
        return Some(name.to_owned());
    }
    let help = "a tool's name has 1 to 64 of the characters A-Z, a-z, 0-9, `_` and `-`";
    resolver.problem(written.slot.invalid(format!("`{name}` cannot be the name of a tool")).help(help));
    None
}

/// `[A-Za-z0-9_-]{1,64}`
pub(super) fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn patterns(list: Option<&Written<'_, List<'_, Literal<'_>>>>, resolver: &mut Resolver<'_>) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for item in list.iter().flat_map(|list| &list.value.0) {
        match pattern::resolve(item.value.0, item.slot.place()) {
            Ok(pattern) => patterns.push(pattern),
            Err(diagnostic) => resolver.problem(diagnostic),
        }
    }
    patterns
}

fn changed(entry: &Entry<'_, ChangeFile<'_>>, resolver: &mut Resolver<'_>) -> Option<(Pattern, Change)> {
    let pattern = pattern::resolve(entry.key, entry.key_place.clone());
    let pattern = pattern.map_err(|diagnostic| resolver.problem(diagnostic)).ok()?;
    let file = &entry.value;
    if let Some(name) = &file.name
        && !pattern.is_single()
    {
        let message = format!(
            "`{}` may mean several operations, which cannot all be called `{}`",
            entry.key, name.value.0
        );
        resolver.problem(name.slot.invalid(message));
    }
    let change = Change {
        name: file.name.as_ref().and_then(|name| tool_name(name, resolver)),
        title: owned(file.title.as_ref()),
        description: owned(file.description.as_ref()),
        rate_limits: rate_limit::resolve(file.rate_limit.as_ref(), true, resolver),
        retry: retry::resolve(file.retry.as_ref(), resolver),
        timeout: file.timeout.map(|timeout| timeout.value.0),
        credentials: file.credential.as_ref().map(|names| names.value.to_names()),
        cache: cache::resolve_change(file.cache.as_ref()),
        response: ShapeKeys::of(file.response.as_ref()).resolve(resolver),
        errors: errors::resolve(file.errors.as_ref(), resolver),
        job: file.poll.as_ref().and_then(|written| poll::resolve(written, resolver)),
        pagination: file.paginate.as_ref().and_then(|written| paginate::resolve(written, resolver)),
        ask: ask::resolve(file.ask.as_ref(), resolver),
        confirm: ask::confirm(file.confirm.as_ref()),
        parameters: file
            .parameters
            .iter()
            .flat_map(|parameters| &parameters.value.0)
            .map(|parameter| (parameter.key.to_owned(), parameter_change(parameter, resolver)))
            .collect(),
    };
    Some((pattern, change))
}

fn parameter_change(
    entry: &Entry<'_, ParameterChangeFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> ParameterChange {
    let file = &entry.value;
    let hide = file.hide.is_some_and(|hide| hide.value);
    let required = file.required.map(|required| required.value);
    if hide && required == Some(true) && file.default.is_none() {
        resolver.problem(hidden_without_default(entry));
    }
    ParameterChange {
        name: file.name.map(|name| name.value.0.to_owned()),
        description: owned(file.description.as_ref()),
        default: file.default.map(|default| default.value.to_value()),
        hide,
        required,
        mcp_header: file.mcp_header.as_ref().and_then(|written| mcp_header(written, resolver)),
        place: Some(entry.key_place.clone()),
    }
}

/// The name of a header that repeats an argument.
pub(super) fn mcp_header(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<String> {
    let name = written.value.0;
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=64).contains(&name.len()) && name.bytes().all(is_legal) {
        return Some(name.to_owned());
    }
    let help = "it has 1 to 64 letters, digits and `-`";
    resolver.problem(written.slot.invalid(format!("`{name}` cannot be in the name of a header")).help(help));
    None
}

/// Nobody could ever give the value.
pub(super) fn hidden_without_default<T>(entry: &Entry<'_, T>) -> Diagnostic {
    let message = format!("`{}` is required and hidden, so that no call could be made", entry.key);
    Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone()).help("give it a `default`")
}

/// Free text of a file.
pub(super) fn owned(text: Option<&Written<'_, &str>>) -> Option<String> {
    text.map(|text| text.value.to_owned())
}
