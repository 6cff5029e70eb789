//! First stage: arguments as they came, to an object that the tool takes.
//!
//! Nothing is guessed. A value of another type is refused with a hint even where it could be converted (`"5"` for a
//! number): the model corrects itself, and what is sent is what was meant. The one exception is `null` for something
//! optional that takes no null: models write it for "nothing", and it counts as not given.

mod nothing;
mod parse;
mod problem;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::{ArgumentProblem, ArgumentsError};
use crate::catalog::plan::ArgumentsPlan;
use parse::Parsed;

/// How many problems are told at once.
const PROBLEMS: usize = 5;

/// The arguments of a call, as the plan takes them.
///
/// # Errors
/// [`ArgumentsError`] with up to five problems: no object, a duplicate key, too deep, an argument that the tool does not
/// take, a required one that is missing, a value of the wrong type or out of its bounds.
pub fn validate(plan: &ArgumentsPlan, raw: Option<&RawValue>) -> Result<Map<String, Value>, ArgumentsError> {
    let Parsed { mut arguments, longest } = match raw {
        None => Parsed::default(),
        Some(raw) => parse::parse(raw.get()).map_err(|fault| only(fault.into()))?,
    };
    drop_nulls(plan, &mut arguments);
    let mut arguments = Value::Object(arguments);
    let problems = match plan.validator(longest) {
        Some(validator) if validator.is_valid(&arguments) => Vec::new(),
        Some(validator) => match nothing::without(validator, &arguments) {
            Some(rest) => {
                arguments = rest;
                Vec::new()
            }
            None => validator
                .iter_errors(&arguments)
                .flat_map(|error| problem::problems(&error, plan))
                .take(PROBLEMS)
                .collect(),
        },
        None => problem::without_schema(plan, &arguments),
    };
    match arguments {
        Value::Object(arguments) if problems.is_empty() => Ok(arguments),
        _ => Err(ArgumentsError { problems }),
    }
}

/// Drops each `null` that is no value of its argument.
fn drop_nulls(plan: &ArgumentsPlan, arguments: &mut Map<String, Value>) {
    if !arguments.values().any(Value::is_null) {
        return;
    }
    let is_nothing =
        |name: &str| plan.arguments.iter().any(|argument| *argument.name == *name && !argument.nullable);
    arguments.retain(|name, value| !(value.is_null() && is_nothing(name)));
}

fn only(problem: ArgumentProblem) -> ArgumentsError {
    ArgumentsError { problems: vec![problem] }
}

#[cfg(test)]
mod tests;
