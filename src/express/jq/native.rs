//! The filters that are there: jq's, but for those that reach outside of a value.
//!
//! No file, no environment, no other input, no way to end the process, and nothing that would write to a log. What
//! iterates or grows by itself is ours, so that it reports to the meter.

use jaq_core::load::parse::Def;
use jaq_core::native::{Fun, bome, run, unary, v};
use jaq_core::{DataT, Error, Exn, Lut, ValR, ValX, data::HasLut};

use super::meter::{evaluation, step};
use super::regex;
use super::value::Value;

/// What filters are evaluated with: every evaluation of a part of a filter asks for the table, and so is a step.
pub(super) struct Machine;

/// The lookup table of a filter.
#[derive(Clone)]
pub(super) struct Table<'a>(pub(super) &'a Lut<Machine>);

impl DataT for Machine {
    type V<'a> = Value;
    type Data<'a> = Table<'a>;
}

impl<'a> HasLut<'a, Machine> for Table<'a> {
    fn lut(&self) -> &'a Lut<Machine> {
        evaluation();
        self.0
    }
}

/// Filters of the libraries that are not taken from there.
const OTHERWISE: [&str; 8] =
    ["range", "env", "halt", "debug_empty", "stderr_empty", "matches", "split_matches", "split_"];

/// Definitions in jq, of those that the libraries leave to the type of values.
const DEFINITIONS: &str = r#"
def @json: tojson;
def @csv: written_as("csv");
def @tsv: written_as("tsv");
def in($container): . as $key | $container | has($key);
def inside($whole): . as $part | $whole | contains($part);
def index($part): indices($part) | .[0];
def rindex($part): indices($part) | .[-1];
def transpose: . as $rows | [range(0; [$rows[] | length] | max // 0) as $at | [$rows[] | .[$at]]];
def toarray: if isarray then . else [.] end;
def leaf_paths: paths(scalars);
def ascii: [.] | implode;
"#;

/// Everything that is defined in jq.
pub(super) fn definitions() -> Vec<Def<&'static str>> {
    let libraries = jaq_core::defs().chain(jaq_std::defs());
    let ours = jaq_core::load::parse(DEFINITIONS, |parser| parser.defs()).unwrap_or_default();
    libraries.chain(ours).collect()
}

/// Everything that is defined in Rust.
pub(super) fn functions() -> impl Iterator<Item = Fun<Machine>> {
    let libraries = jaq_core::funs().chain(jaq_std::funs());
    libraries.filter(|(name, ..)| !OTHERWISE.contains(name)).chain(ours())
}

fn ours() -> Vec<Fun<Machine>> {
    let functions: [(_, _, jaq_core::RunPtr<Machine>); 17] = [
        ("range", v(3), |mut cv| {
            let by = cv.0.pop_var();
            let to = cv.0.pop_var();
            Box::new(range(cv.0.pop_var(), to, by))
        }),
        ("env", v(0), |_| bome(Err(unavailable("env")))),
        ("halt", v(1), |_| bome(Err(unavailable("halt")))),
        ("debug_empty", v(0), |_| Box::new(std::iter::empty())),
        ("stderr_empty", v(0), |_| Box::new(std::iter::empty())),
        ("matches", v(2), |cv| bome(regex::run(cv, regex::Parts::MATCHES))),
        ("split_matches", v(2), |cv| bome(regex::run(cv, regex::Parts::BOTH))),
        ("split_", v(2), |cv| bome(regex::run(cv, regex::Parts::BETWEEN))),
        ("tojson", v(0), |cv| bome(Ok(Value::string(cv.1.to_json())))),
        ("fromjson", v(0), |cv| bome(from_json(cv.1))),
        ("tonumber", v(0), |cv| bome(to_number(cv.1))),
        ("toboolean", v(0), |cv| bome(to_boolean(cv.1))),
        ("length", v(0), |cv| bome(length(cv.1))),
        ("has", v(1), |cv| unary(cv, |value, key| value.find(&key).map(|found| found.is_some().into()))),
        ("contains", v(1), |cv| unary(cv, |whole, part| Ok(contains(&whole, &part).into()))),
        ("indices", v(1), |cv| unary(cv, |whole, part| indices(&whole, &part))),
        ("written_as", v(1), |cv| unary(cv, |row, format| written_as(row, &format))),
    ];
    functions.into_iter().map(run::<Machine>).collect()
}

fn unavailable(name: &str) -> Error<Value> {
    Error::str(format_args!("`{name}` is not available here"))
}

fn range<'a>(from: Value, to: Value, by: Value) -> impl Iterator<Item = ValX<'a, Value>> {
    let zero = Value::Int(0);
    let (is_up, is_down) = (by > zero, by < zero);
    let mut next = Some(from);
    std::iter::from_fn(move || {
        evaluation();
        let this = next.take()?;
        let goes_on = if is_up { this < to } else { is_down && this > to };
        if !goes_on {
            return None;
        }
        match this.clone() + by.clone() {
            Ok(value) => next = Some(value),
            Err(error) => return Some(Err(Exn::from(error))),
        }
        Some(Ok(this))
    })
}

fn from_json(value: Value) -> ValR<Value> {
    let Value::String(text) = &value else { return Err(Error::typ(value, "text")) };
    // Nested no deeper than a parser goes that recurses: `Value::read` ends before.
    match serde_json::from_str::<&serde_json::value::RawValue>(&text.text) {
        Ok(raw) => Ok(Value::read(raw.get())),
        Err(error) => Err(Error::str(format_args!("not JSON: {error}"))),
    }
}

fn to_number(value: Value) -> ValR<Value> {
    match &value {
        Value::String(text) => match serde_json::from_str::<serde_json::Number>(text.text.trim()) {
            Ok(number) => Ok(Value::number(&number.to_string())),
            Err(_) => Err(Error::typ(value, "number")),
        },
        _ if value.float().is_some() => Ok(value),
        _ => Err(Error::typ(value, "number")),
    }
}

fn to_boolean(value: Value) -> ValR<Value> {
    match &value {
        Value::Bool(_) => Ok(value),
        Value::String(text) if matches!(&*text.text, "true" | "false") => Ok((&*text.text == "true").into()),
        _ => Err(Error::typ(value, "boolean")),
    }
}

fn length(value: Value) -> ValR<Value> {
    match &value {
        Value::Null => Ok(Value::Int(0)),
        Value::Bool(_) => Err(Error::typ(value, "something with a length")),
        Value::String(text) => Ok(text.text.chars().count().into()),
        Value::Array(array) => Ok(array.items.len().into()),
        Value::Object(object) => Ok(object.members.len().into()),
        number if *number < Value::Int(0) => -value,
        _ => Ok(value),
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    step();
    match (whole, part) {
        (Value::String(whole), Value::String(part)) => whole.text.contains(&*part.text),
        (Value::Array(whole), Value::Array(part)) => {
            part.items.iter().all(|part| whole.items.iter().any(|whole| contains(whole, part)))
        }
        (Value::Object(whole), Value::Object(part)) => part
            .members
            .iter()
            .all(|(key, part)| whole.members.get(&**key).is_some_and(|whole| contains(whole, part))),
        _ => whole == part,
    }
}

fn indices(whole: &Value, part: &Value) -> ValR<Value> {
    let places: Vec<usize> = match (whole, part) {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::String(_), Value::String(part)) if part.text.is_empty() => Vec::new(),
        (Value::String(whole), Value::String(part)) => {
            let starts = whole.text.char_indices().enumerate();
            let found = starts.filter(|(_, (at, _))| {
                step();
                whole.text.get(*at..).is_some_and(|rest| rest.starts_with(&*part.text))
            });
            found.map(|(place, _)| place).collect()
        }
        (Value::Array(_), Value::Array(part)) if part.items.is_empty() => Vec::new(),
        (Value::Array(whole), Value::Array(part)) => {
            let windows = whole.items.windows(part.items.len()).enumerate();
            windows.filter(|(_, window)| *window == part.items).map(|(place, _)| place).collect()
        }
        (Value::Array(whole), part) => {
            let items = whole.items.iter().enumerate();
            items.filter(|(_, item)| *item == part).map(|(place, _)| place).collect()
        }
        _ => return Err(Error::index(whole.clone(), part.clone())),
    };
    Ok(places.into_iter().map(Value::from).collect())
}

/// A row of CSV (texts in quotes, as jq has it) or TSV.
fn written_as(row: Value, format: &Value) -> ValR<Value> {
    let Value::Array(row) = &row else { return Err(Error::typ(row, "row: an array of scalars")) };
    let is_csv = matches!(format, Value::String(name) if &*name.text == "csv");
    let cell = |value: &Value| match value {
        Value::Null => Ok(String::new()),
        Value::String(text) if is_csv => Ok(format!("\"{}\"", text.text.replace('"', "\"\""))),
        Value::String(text) => {
            let escaped = text.text.replace('\\', "\\\\").replace('\t', "\\t");
            Ok(escaped.replace('\n', "\\n").replace('\r', "\\r"))
        }
        Value::Array(_) | Value::Object(_) => Err(Error::typ(value.clone(), "cell of a row")),
        scalar => Ok(scalar.to_json()),
    };
    let cells: Vec<String> = row.items.iter().map(cell).collect::<Result<_, _>>()?;
    Ok(Value::string(cells.join(if is_csv { "," } else { "\t" })))
}
