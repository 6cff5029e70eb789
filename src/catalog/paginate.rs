//! Which operations answer in pages, and what becomes of the pages.
//!
//! What a gateway file says of an operation counts, then what it says of all operations that it fits, then what is
//! recognised in the document. Nothing is hidden from a caller on the ground of a guess: what is only recognised adds
//! a hint to results and leaves the tool as the document has it, unless the file asks for more by `paginate: step`.

mod recognise;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::argument::{Input, InputKind};
use super::plan::{Effect, PagePlan, SizeParameter};
use super::schema;
use crate::config::Gateway;
use crate::config::gateway::{Change, CursorRules, PageMode, PageRule, PageStyle, Pagination};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::Location;
use crate::openapi::shared::Json;
use crate::source::{Place, Span};

/// The name of the argument that takes a cursor of ours.
const CURSOR: &str = "cursor";

/// What [`Input::argument`] is of a parameter that is set by the page: no caller can give an argument of this name.
const OF_THE_PAGE: &str = "(page)";

/// Why an operation cannot be paginated as its gateway file says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum PageError {
    /// There is no rule, and none is recognised.
    #[error("how it has its pages is not recognised")]
    NotRecognised,
    /// The rule names a parameter that the operation does not have.
    #[error("it has no parameter `{name}`")]
    NoParameter {
        /// The name.
        name: String,
        /// What was probably meant.
        similar: Option<String>,
    },
}

/// Decides about the pages of a gateway's operations.
#[derive(Debug)]
pub(super) struct Pages<'g> {
    gateway: &'g Gateway,
    cursors: Arc<CursorRules>,
    /// How many operations of each style were recognised.
    recognised: BTreeMap<&'static str, usize>,
    /// One of them.
    example: Option<Place>,
}

impl<'g> Pages<'g> {
    pub(super) fn new(gateway: &'g Gateway) -> Self {
        Self {
            gateway,
            cursors: Arc::new(gateway.cursors.clone()),
            recognised: BTreeMap::new(),
            example: None,
        }
    }

    /// What becomes of the pages of an operation. Of a tool that takes a cursor instead, the inputs for pages are
    /// taken from view, and `cursor` is one more.
    ///
    /// # Errors
    /// What to report when the gateway file asks for what cannot be done.
    pub(super) fn decide(
        &mut self,
        operation: &Operation,
        change: Option<&Change>,
        inputs: &mut Vec<Input>,
    ) -> Result<Option<PagePlan>, Box<Diagnostic>> {
        let decided = decide(operation, self.gateway, change, &self.cursors, inputs);
        if let Ok(Some(plan)) = &decided
            && plan.recognised
        {
            *self.recognised.entry(plan.rule.style.as_str()).or_default() += 1;
            self.example.get_or_insert_with(|| operation.place.clone());
        }
        decided.map_err(|error| Box::new(refused(operation, change, &error)))
    }

    /// Tells what was recognised.
    pub(super) fn tell(self, diagnostics: &mut Diagnostics) {
        let Some(example) = self.example else { return };
        let mut styles: Vec<(&str, usize)> = self.recognised.into_iter().collect();
        styles.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let each = styles.iter().enumerate().map(|(at, (style, count))| match (at, count) {
            (0, 1) => format!("1 operation by {style}"),
            (0, _) => format!("{count} operations by {style}"),
            _ => format!("{count} by {style}"),
        });
        let message = format!("pagination recognised: {}", each.collect::<Vec<_>>().join(", "));
        let start = Place::new(&example.source, Span::default());
        diagnostics.push(Diagnostic::new(Code::PaginationRecognised, message).at(start));
    }
}

fn decide(
    operation: &Operation,
    gateway: &Gateway,
    change: Option<&Change>,
    cursors: &Arc<CursorRules>,
    inputs: &mut Vec<Input>,
) -> Result<Option<PagePlan>, PageError> {
    let own = change.and_then(|change| change.pagination.as_ref());
    let said = own.unwrap_or(&gateway.pagination);
    let begins_a_job = change.is_some_and(|change| change.job.is_some());
    if said.mode == PageMode::Off || begins_a_job {
        return Ok(None);
    }
    let Some((rule, recognised)) = rule(operation, gateway, own, inputs) else {
        return if own.is_some() { Err(PageError::NotRecognised) } else { Ok(None) };
    };
    let plan = PagePlan {
        mode: said.mode,
        recognised,
        caps: said.caps,
        parameter: None,
        default: None,
        required: false,
        size: size(&rule, operation, inputs)?,
        cursor: None,
        cursors: Arc::clone(cursors),
        rule,
    };
    Ok(Some(with_parameter(plan, operation, own.is_some(), inputs)?))
}

/// What is reported about it.
fn refused(operation: &Operation, change: Option<&Change>, error: &PageError) -> Diagnostic {
    let message = format!("`{}` cannot be paginated: {error}", operation.signature());
    let place = change.and_then(|change| change.pagination.as_ref()).and_then(|own| own.place.clone());
    let diagnostic = Diagnostic::new(Code::UnservableOperation, message);
    let diagnostic = diagnostic.at(place.unwrap_or_else(|| operation.place.clone()));
    match error {
        PageError::NotRecognised => diagnostic.help("say how, beginning with `style`"),
        PageError::NoParameter { similar: Some(similar), .. } => {
            diagnostic.help(format!("did you mean `{similar}`?"))
        }
        PageError::NoParameter { similar: None, .. } => diagnostic,
    }
}

/// The rule for an operation, and whether it was only recognised.
fn rule(
    operation: &Operation,
    gateway: &Gateway,
    own: Option<&Pagination>,
    inputs: &[Input],
) -> Option<(PageRule, bool)> {
    if let Some(rule) = own.and_then(|own| own.rule.clone()) {
        return Some((rule, false));
    }
    match &gateway.pagination.rule {
        Some(rule) if fits(rule, operation, inputs) => Some((rule.clone(), false)),
        _ => recognise::recognise(operation, inputs).map(|rule| (rule, true)),
    }
}

/// Whether a rule for a whole API is one for this operation: it reads, and has a parameter for pages.
fn fits(rule: &PageRule, operation: &Operation, inputs: &[Input]) -> bool {
    let parameter = match &rule.style {
        PageStyle::Link { parameter } | PageStyle::NextUrl { parameter, .. } => parameter.as_ref(),
        PageStyle::Cursor { parameter, .. }
        | PageStyle::Page { parameter, .. }
        | PageStyle::Offset { parameter, .. } => Some(parameter),
    };
    let has = |name: &str| position(inputs, name).is_some();
    Effect::of(&operation.method) == Effect::Safe
        && parameter.map_or_else(|| inputs.iter().any(is_for_pages), |name| has(name))
}

/// Whether an input is what APIs call the parameter for the page.
fn is_for_pages(input: &Input) -> bool {
    const NAMES: [&str; 14] = [
        "page",
        "pagenumber",
        "pageno",
        "cursor",
        "after",
        "offset",
        "skip",
        "start",
        "pagetoken",
        "nexttoken",
        "continuationtoken",
        "marker",
        "skiptoken",
        "startingafter",
    ];
    matches!(input.kind, InputKind::Parameter(Location::Query, _))
        && NAMES.contains(&&*recognise::plain(&input.wire))
}

/// The plan with its parameter; of a tool with a cursor, the inputs are changed.
fn with_parameter(
    mut plan: PagePlan,
    operation: &Operation,
    own: bool,
    inputs: &mut Vec<Input>,
) -> Result<PagePlan, PageError> {
    let named = match &plan.rule.style {
        PageStyle::Link { parameter } | PageStyle::NextUrl { parameter, .. } => {
            if let Some(name) = parameter.as_ref().filter(|_| own) {
                found(inputs, name)?;
            }
            None
        }
        PageStyle::Cursor { parameter, .. }
        | PageStyle::Page { parameter, .. }
        | PageStyle::Offset { parameter, .. } => Some(found(inputs, parameter)?),
    };
    // Whoever gathers asks again: what writes is gathered only on its author's word.
    if plan.mode == PageMode::Gather && !own && Effect::of(&operation.method) != Effect::Safe {
        plan.mode = PageMode::Step;
    }
    if let Some(input) = named.and_then(|at| inputs.get(at)) {
        plan.required = input.required;
        plan.default = input.default.as_ref().and_then(Value::as_u64);
    }
    if plan.mode == PageMode::Hint {
        plan.parameter = named.and_then(|at| inputs.get(at)?.argument.as_deref()).map(Into::into);
        return Ok(plan);
    }
    match named.and_then(|at| inputs.get_mut(at)) {
        Some(input) => {
            take_from_view(input);
            plan.parameter = Some(OF_THE_PAGE.into());
        }
        None => hide_what_urls_set(&plan.rule.style, inputs),
    }
    plan.cursor = Some(add_cursor(inputs).into());
    Ok(plan)
}

/// Leaves an input to the page: the request still takes it as an argument, the tool does not.
fn take_from_view(input: &mut Input) {
    input.argument = Some(OF_THE_PAGE.to_owned());
    input.of_the_page = true;
    input.required = false;
}

/// Hides the parameters that the URLs of an API set.
fn hide_what_urls_set(style: &PageStyle, inputs: &mut [Input]) {
    let (PageStyle::Link { parameter } | PageStyle::NextUrl { parameter, .. }) = style else { return };
    for input in inputs {
        let is_it = match parameter {
            Some(name) => input.wire == *name || input.argument.as_deref() == Some(name),
            None => is_for_pages(input),
        };
        if is_it && !input.required {
            input.argument = None;
        }
    }
}

/// Adds the argument for our cursor; gives its name.
fn add_cursor(inputs: &mut Vec<Input>) -> String {
    let is_free = |name: &String| !inputs.iter().any(|input| input.argument.as_ref() == Some(name));
    let numbered = (2..).map(|number| format!("page_cursor_{number}"));
    let names = [CURSOR.to_owned(), "page_cursor".to_owned()].into_iter().chain(numbered);
    let name = names.into_iter().find(is_free).unwrap_or_else(|| CURSOR.to_owned());
    inputs.push(Input {
        argument: Some(name.clone()),
        wire: CURSOR.to_owned(),
        kind: InputKind::Cursor,
        schema: json!({"type": "string"}).into(),
        required: false,
        nullable: false,
        deprecated: false,
        description: Some(
            "The next_cursor of an earlier result, with otherwise the same arguments: gives what comes after it. \
             Leave it out to begin."
                .to_owned(),
        ),
        default: None,
        file: false,
        note: None,
        of_the_page: false,
        asked: false,
        header: None,
    });
    name
}

/// The parameter for the size of a page.
fn size(
    rule: &PageRule,
    operation: &Operation,
    inputs: &[Input],
) -> Result<Option<SizeParameter>, PageError> {
    let (PageStyle::Page { end, .. } | PageStyle::Offset { end, .. }) = &rule.style else { return Ok(None) };
    let Some(name) = &end.size else { return Ok(None) };
    let at = found(inputs, name)?;
    let documented = |input: &Input| {
        schema::resolve(&input.schema, &operation.definitions).get("default").and_then(Json::as_u64)
    };
    Ok(inputs.get(at).map(|input| SizeParameter {
        argument: input.argument.as_deref().map(Into::into),
        sent: input.default.as_ref().and_then(Value::as_u64),
        documented: documented(input),
    }))
}

fn found(inputs: &[Input], name: &str) -> Result<usize, PageError> {
    position(inputs, name).ok_or_else(|| PageError::NoParameter {
        name: name.to_owned(),
        similar: super::suggest(name, inputs.iter().map(|input| input.wire.as_str())).map(ToOwned::to_owned),
    })
}

/// The input of this name on the wire, or of this argument.
fn position(inputs: &[Input], name: &str) -> Option<usize> {
    let of_wire = inputs.iter().position(|input| {
        input.wire == name
            && !matches!(input.kind, InputKind::Parameter(Location::Path, _) | InputKind::MediaType)
    });
    of_wire.or_else(|| inputs.iter().position(|input| input.argument.as_deref() == Some(name)))
}
