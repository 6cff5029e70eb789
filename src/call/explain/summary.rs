//! What a person is shown of a call before he agrees to it: where it goes, and every argument.
//!
//! The arguments are a model's, who may have been told by a stranger what to write: each is one line of JSON without
//! anything invisible, so that none can look like something else than an argument.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::call::build::build;
use crate::call::error::ArgumentsError;
use crate::catalog::CallPlan;
use crate::catalog::ask::shortened;
use crate::catalog::text::visible;

/// How much is shown of one argument, in characters.
const LONGEST: usize = 400;
/// How many arguments are shown.
const MOST: usize = 40;

/// Method, path and arguments of a call, a line each; without secrets.
///
/// # Errors
/// [`ArgumentsError`] when a call with these arguments would send nothing.
pub(crate) fn summary(plan: &CallPlan, arguments: &Map<String, Value>) -> Result<String, ArgumentsError> {
    let request = build(plan, arguments)?;
    let mut text = format!("{} {}", request.method, shortened(request.url.path(), LONGEST));
    for (name, value) in arguments.iter().take(MOST) {
        let _ = write!(text, "\n{}: {}", visible(name), shortened(&visible(&value.to_string()), LONGEST));
    }
    if let Some(more) = arguments.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = write!(text, "\n… and {more} more arguments");
    }
    Ok(plan.upstream.redactor().blank(&text).into_owned())
}
