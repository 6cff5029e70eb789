//! jq: filters over JSON, compiled once, run within bounds ([`meter`]).
//!
//! The language and its interpreter are jaq's; the values are ours ([`value`]), because an interpreter for a command
//! line trusts whoever writes the filter. Here a model may write one, and a stranger sends what it runs over. So a
//! filter runs on a thread of its own with a stack for deep recursion, at most [`AT_ONCE`] at a time, and ends at its
//! bounds whatever it does.

mod meter;
mod native;
mod regex;
mod stream;
mod value;

use std::any::Any;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use jaq_core::load::parse::{Def, Term};
use jaq_core::load::{Arena, Error as LoadError, File, Loader, parse, span};
use jaq_core::{Compiler, Ctx, Vars};
use tokio::sync::{Semaphore, oneshot};

pub use meter::Exceeded;
use native::{Machine, Table};
use value::Value;

use crate::tasks;

/// The longest filter, in bytes.
pub const LONGEST: usize = 16 << 10;

/// How many filters run at once; the others wait. Four of them at their bounds are 256 MiB.
const AT_ONCE: usize = 4;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// What is defined in jq itself, parsed once.
static DEFINITIONS: LazyLock<Vec<Def<&'static str>>> = LazyLock::new(native::definitions);

/// A compiled filter.
pub struct Filter {
    source: Box<str>,
    compiled: jaq_core::Filter<Machine>,
    /// It gives any number of values, which come as a list.
    is_stream: bool,
}

/// A text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, without a full stop.
    pub message: String,
    /// Where in the text, in bytes.
    pub at: Range<usize>,
}

/// A filter came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It failed on this input: in its own words.
    #[error("{0}")]
    Failed(String),
    /// It reached a bound.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// The interpreter failed, or no thread could be had.
    #[error("it could not be run")]
    Broken,
}

impl Filter {
    /// Compiles a filter of a configuration. Blocks until it is done.
    ///
    /// # Errors
    /// [`SyntaxError`] when it cannot be read, uses what is not there, or is longer than [`LONGEST`].
    pub fn load(source: &str) -> Result<Self, SyntaxError> {
        let text = source.to_owned();
        // On a stack that can take a filter of nothing but brackets.
        let thread = tasks::thread("jq", meter::STACK, move || compile(&text));
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(|| Err(unknown(source)))
    }

    /// Compiles a filter that came with a call.
    ///
    /// # Errors
    /// As [`Filter::load`].
    pub async fn compile(source: &str) -> Result<Self, SyntaxError> {
        let _place = PLACES.acquire().await.map_err(|_| unknown(source))?;
        let (give, result) = oneshot::channel();
        let text = source.to_owned();
        // Nobody waits any more: it was cancelled.
        let work = move || drop(give.send(compile(&text)));
        tasks::thread("jq", meter::STACK, work).map_err(|_| unknown(source))?;
        result.await.unwrap_or_else(|_| Err(unknown(source)))
    }

    /// The filter as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Runs the filter over one JSON value, which must be valid; gives one JSON value without line breaks: what the
    /// filter gives, `null` when that is nothing, and a list when its form says that it may give several. Dropping
    /// the future ends it.
    ///
    /// # Errors
    /// [`RunError`] when the filter fails on this input or reaches a bound.
    pub async fn run(self: &Arc<Self>, input: Bytes) -> Result<String, RunError> {
        let _place = PLACES.acquire().await.map_err(|_| RunError::Broken)?;
        let cancelled = Cancel::default();
        let (filter, flag) = (Arc::clone(self), Arc::clone(&cancelled.0));
        let (give, result) = oneshot::channel();
        let work = move || {
            let result = meter::metered(flag, || filter.evaluate(&input));
            // Nobody waits any more: it was cancelled.
            let _ = give.send(result.unwrap_or_else(|panic| Err(bound(&*panic))));
        };
        tasks::thread("jq", meter::STACK, work).map_err(|_| RunError::Broken)?;
        result.await.unwrap_or(Err(RunError::Broken))
    }

    fn evaluate(&self, input: &Bytes) -> Result<String, RunError> {
        let input = Value::read(&String::from_utf8_lossy(input));
        let context = Ctx::<Machine>::new(Table(&self.compiled.lut), Vars::new([]));
        let mut results = self.compiled.id.run((context, input)).map(|result| {
            result.map_err(|exception| match exception.get_err() {
                Ok(error) => RunError::Failed(error.to_string()),
                Err(_) => RunError::Failed("it breaks out of itself".to_owned()),
            })
        });
        if self.is_stream {
            return results.collect::<Result<Value, RunError>>().map(|list| list.to_json());
        }
        results.next().unwrap_or(Ok(Value::Null)).map(|value| value.to_json())
    }
}

fn compile(source: &str) -> Result<Filter, SyntaxError> {
    if source.len() > LONGEST {
        let message = format!("a filter has at most {LONGEST} bytes");
        return Err(SyntaxError { message, at: 0..source.len() });
    }
    let arena = Arena::default();
    let loader = Loader::new(DEFINITIONS.iter().cloned());
    let modules =
        loader.load(&arena, File { code: source, path: () }).map_err(|errors| unread(source, errors))?;
    let compiler = Compiler::default().with_funs(native::functions());
    let compiled = compiler.compile(modules).map_err(|errors| {
        let undefined = errors.into_iter().flat_map(|(_, errors)| errors).next();
        undefined.map_or_else(
            || unknown(source),
            |(name, kind)| SyntaxError {
                message: format!("there is no {} `{name}`", kind.as_str()),
                at: place(source, name),
            },
        )
    })?;
    let term: Option<Term<&str>> = parse(source, |parser| parser.term());
    Ok(Filter {
        source: source.into(),
        compiled,
        is_stream: term.is_none_or(|term| stream::is_stream(&term)),
    })
}

fn unread(source: &str, errors: Vec<(File<&str, ()>, LoadError<&str>)>) -> SyntaxError {
    let first = errors.into_iter().find_map(|(_, error)| match error {
        LoadError::Io(errors) => {
            errors.into_iter().next().map(|(path, _)| ("no `import` and no `include`".to_owned(), path))
        }
        LoadError::Lex(errors) => {
            errors.into_iter().next().map(|(expected, found)| (expected.as_str().to_owned(), found))
        }
        LoadError::Parse(errors) => {
            errors.into_iter().next().map(|(expected, found)| (expected.as_str().to_owned(), found))
        }
    });
    let Some((expected, found)) = first else { return unknown(source) };
    let at = place(source, found);
    let found = source.get(at.clone()).and_then(|found| found.chars().next());
    let found = found.map_or("its end".to_owned(), |found| format!("`{found}`"));
    SyntaxError { message: format!("expected {expected}, found {found}"), at }
}

fn unknown(source: &str) -> SyntaxError {
    SyntaxError { message: "it cannot be compiled".to_owned(), at: 0..source.len() }
}

/// Where a part of the source is in it.
fn place(source: &str, part: &str) -> Range<usize> {
    let at = span(source, part);
    if source.get(at.clone()) == Some(part) { at } else { 0..source.len() }
}

/// What a thread unwound with.
fn bound(panic: &(dyn Any + Send)) -> RunError {
    panic.downcast_ref::<Exceeded>().map_or(RunError::Broken, |bound| RunError::Exceeded(*bound))
}

/// Ends a filter when nobody waits for it any more.
#[derive(Default)]
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Filter").field(&self.source).finish()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Filter {}

#[cfg(test)]
mod tests;
