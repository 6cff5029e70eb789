//! What is wrong with an argument, in words that a model can act on: which one, what was expected, what came.
//!
//! A value is quoted only when it is short; a long one would fill the conversation a second time.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use crate::call::error::ArgumentProblem;
use crate::catalog::plan::ArgumentsPlan;
use crate::catalog::suggest;

/// Values longer than this are not quoted.
const QUOTED: usize = 60;

/// How many names or values are listed.
const LISTED: usize = 20;

/// The problems that one violated keyword stands for.
pub(super) fn problems(error: &ValidationError<'_>, plan: &ArgumentsPlan) -> Vec<ArgumentProblem> {
    let path = path(error);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| undeclared(&path, name, plan)).collect()
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(error, context, plan),
        Kind::Required { property } => vec![required(&path, property, plan)],
        kind => vec![one(&path, kind, error)],
    }
}

/// The problems that can be told without a compiled schema.
pub(super) fn without_schema(plan: &ArgumentsPlan, arguments: &Value) -> Vec<ArgumentProblem> {
    let Value::Object(arguments) = arguments else { return Vec::new() };
    let is_declared = |name: &str| plan.arguments.iter().any(|argument| *argument.name == *name);
    let undeclared =
        arguments.keys().filter(|name| !is_declared(name)).map(|name| undeclared("", name, plan));
    let missing = plan
        .arguments
        .iter()
        .filter(|argument| argument.required && !arguments.contains_key(&*argument.name));
    undeclared.chain(missing.map(|argument| required("", &Value::from(&*argument.name), plan))).collect()
}

fn undeclared(path: &str, name: &str, plan: &ArgumentsPlan) -> ArgumentProblem {
    let argument = join(path, name);
    if !path.is_empty() {
        let message = format!("`{path}` takes no {}", quoted(name));
        return ArgumentProblem { argument: Some(argument), message, help: None };
    }
    let names = || plan.arguments.iter().map(|argument| &*argument.name);
    let help = match suggest(name, names()) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None if plan.arguments.is_empty() => "this tool takes no arguments".to_owned(),
        None => format!("this tool takes {}", list(names().map(|name| format!("`{name}`")))),
    };
    let message = format!("{} is not an argument of this tool", quoted(name));
    ArgumentProblem { argument: Some(shortened(&argument)), message, help: Some(help) }
}

fn required(path: &str, property: &Value, plan: &ArgumentsPlan) -> ArgumentProblem {
    let name = property.as_str().unwrap_or_default();
    let argument = join(path, name);
    let is_optional = path.is_empty() && plan.arguments.iter().any(|one| *one.name == *name && !one.required);
    let message = if is_optional {
        format!("`{argument}` is required together with the other properties of the body")
    } else {
        format!("`{argument}` is required")
    };
    ArgumentProblem { argument: Some(argument), message, help: None }
}

/// Of several alternatives, the one that the value comes nearest to is worth telling about.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    plan: &ArgumentsPlan,
) -> Vec<ArgumentProblem> {
    let root = error.instance_path().as_str();
    let is_other_type = |error: &ValidationError<'static>| {
        error.instance_path().as_str() == root && matches!(error.kind(), Kind::Type { .. })
    };
    let fitting: Vec<&Vec<ValidationError<'static>>> =
        context.iter().filter(|errors| !errors.iter().any(is_other_type)).collect();
    if let [only] = fitting.as_slice() {
        return only.iter().flat_map(|error| problems(error, plan)).collect();
    }
    let path = path(error);
    if let Some(names) = missing_names(context) {
        let names = list(names.into_iter().map(|name| format!("`{}`", join(&path, &name))));
        let message = format!("one of {names} is required");
        return vec![ArgumentProblem { argument: named(path), message, help: None }];
    }
    let subject = subject(&path);
    let expected: Vec<&'static str> =
        context.iter().flatten().filter(|error| is_other_type(error)).flat_map(expected_types).collect();
    let (message, help) = if fitting.is_empty() && !expected.is_empty() {
        (format!("{subject} must be {}, not {}", one_of(&expected), shown(error.instance())), None)
    } else {
        let nearest = fitting.iter().min_by_key(|errors| errors.len()).and_then(|errors| errors.first());
        let nearest = nearest.and_then(|error| problems(error, plan).into_iter().next());
        let help =
            nearest.map(|problem| format!("for one of the forms that it may have, {}", problem.message));
        (format!("{subject} is of none of the forms that it may have"), help)
    };
    vec![ArgumentProblem { argument: named(path), message, help }]
}

/// The names of which one is required, when every alternative asks for no more than another one.
fn missing_names(context: &[Vec<ValidationError<'static>>]) -> Option<Vec<String>> {
    let name = |errors: &'_ Vec<ValidationError<'static>>| match errors.as_slice() {
        [only] => match only.kind() {
            Kind::Required { property } => property.as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    };
    let names: Option<Vec<String>> = context.iter().map(name).collect();
    names.filter(|names| names.len() > 1)
}

fn one(path: &str, kind: &Kind, error: &ValidationError<'_>) -> ArgumentProblem {
    let subject = subject(path);
    let value = error.instance().as_ref();
    let mut help = None;
    let message = match kind {
        Kind::Type { .. } => {
            let expected: Vec<&'static str> = expected_types(error).collect();
            help = type_help(&expected, value);
            format!("{subject} must be {}, not {}", one_of(&expected), shown(value))
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let texts = options.iter().filter_map(Value::as_str);
            let similar = value.as_str().and_then(|text| suggest(text, texts));
            help = similar.map(|similar| format!("did you mean \"{similar}\"?"));
            format!("{subject} must be one of {}, not {}", list(options.iter().map(shown)), shown(value))
        }
        Kind::Constant { expected_value } => format!("{subject} must be {}", shown(expected_value)),
        Kind::Minimum { limit } => format!("{subject} must be at least {limit}, not {}", shown(value)),
        Kind::Maximum { limit } => format!("{subject} must be at most {limit}, not {}", shown(value)),
        Kind::ExclusiveMinimum { limit } => {
            format!("{subject} must be more than {limit}, not {}", shown(value))
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("{subject} must be less than {limit}, not {}", shown(value))
        }
        Kind::MultipleOf { multiple_of } => format!("{subject} must be a multiple of {multiple_of}"),
        Kind::MinLength { limit: 1 } => format!("{subject} must not be empty"),
        Kind::MinLength { limit } => format!("{subject} must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("{subject} must have at most {limit} characters"),
        Kind::MinItems { limit: 1 } | Kind::MinProperties { limit: 1 } => {
            format!("{subject} must not be empty")
        }
        Kind::MinItems { limit } => format!("{subject} must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("{subject} must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("{subject} must have at least {limit} properties"),
        Kind::MaxProperties { limit } => format!("{subject} must have at most {limit} properties"),
        Kind::UniqueItems => format!("{subject} must not have an item twice"),
        Kind::Pattern { pattern } if pattern.len() <= 2 * QUOTED => {
            format!("{subject} must match the pattern {pattern}, unlike {}", shown(value))
        }
        Kind::Pattern { .. } => format!("{subject} does not match its pattern"),
        Kind::OneOfMultipleValid { .. } => {
            format!("{subject} is of more than one of the forms that exclude each other")
        }
        Kind::FalseSchema => format!("{subject} cannot be given"),
        kind => format!("{subject} is not valid ({})", kind.keyword()),
    };
    ArgumentProblem { argument: named(path.to_owned()), message, help }
}

/// What to do about a value of the wrong type, where that is known.
fn type_help(expected: &[&str], value: &Value) -> Option<String> {
    let takes = |kind: &str| expected.contains(&kind);
    let fits = |meant: &Value| takes(kind(meant)) || takes("an integer") && meant.is_number();
    let within = value.as_str().and_then(|text| serde_json::from_str::<Value>(text.trim()).ok());
    match (within.filter(fits), value) {
        (Some(Value::Object(_) | Value::Array(_)), _) => {
            Some("give the value itself, not its JSON as text".to_owned())
        }
        (Some(meant), _) => Some(format!("write {} without quotes", shown(&meant))),
        (None, Value::Number(_) | Value::Bool(_)) if takes("text") => Some(format!("write \"{value}\"")),
        (None, value) if takes("a list") && !value.is_object() => Some("put it in a list: […]".to_owned()),
        _ => None,
    }
}

fn expected_types<'e>(error: &'e ValidationError<'_>) -> impl Iterator<Item = &'static str> + use<'e> {
    let names: Vec<&'static str> = match error.kind() {
        Kind::Type { kind: TypeKind::Single(kind) } => vec![article(*kind)],
        Kind::Type { kind: TypeKind::Multiple(kinds) } => kinds.iter().map(article).collect(),
        _ => Vec::new(),
    };
    names.into_iter()
}

fn article(kind: jsonschema::JsonType) -> &'static str {
    use jsonschema::JsonType;
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "text",
    }
}

/// What kind of value it is.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value as it is quoted: itself when it is short, else its kind.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        Value::String(text) if text.chars().count() > QUOTED => "a longer text".to_owned(),
        Value::String(text) => quoted(text),
        value => shortened(&value.to_string()),
    }
}

/// A text in quotes, without what could be mistaken for something else, and at most [`QUOTED`] characters of it.
pub(super) fn quoted(text: &str) -> String {
    Value::from(shortened(&crate::catalog::text::visible(text))).to_string()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.take(LISTED + 1).collect();
    if items.len() > LISTED {
        items.truncate(LISTED);
        items.push("…".to_owned());
    }
    items.join(", ")
}

fn one_of(names: &[&str]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    unique.extend(names.iter().filter(|name| **name != "null"));
    unique.dedup();
    if unique.is_empty() { "null".to_owned() } else { unique.join(" or ") }
}

fn subject(path: &str) -> String {
    if path.is_empty() { "the arguments".to_owned() } else { format!("`{path}`") }
}

fn named(path: String) -> Option<String> {
    (!path.is_empty()).then_some(path)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `items[2].name` of the place of an error.
fn path(error: &ValidationError<'_>) -> String {
    let mut path = String::new();
    for segment in error.instance_path().segments() {
        match segment {
            LocationSegment::Property(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
            }
            LocationSegment::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    if path.chars().count() > 2 * QUOTED { shortened(&path) } else { path }
}
