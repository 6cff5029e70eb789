//! `completion/complete`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::answer::Answer;
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::message::{Id, Request};
use super::offer::{Offered, Step, asker, texts};
use super::work::Job;
use super::{Server, prompt};
use crate::call::offer::{Completed, Completing, MOST_VALUES, complete};
use crate::catalog::offer::{Completer, Prompt, ResourceTemplate, shown};

/// What has an argument to complete.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Reference<'a> {
    #[serde(rename = "ref/prompt")]
    Prompt {
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    #[serde(rename = "ref/resource")]
    Resource {
        #[serde(borrow)]
        uri: Cow<'a, str>,
    },
}

/// The same, found.
enum Subject<'c> {
    Prompt(&'c Prompt),
    Template(&'c ResourceTemplate),
}

/// What is typed.
#[derive(Deserialize)]
struct Typed {
    name: String,
    value: String,
}

/// What is there already.
#[derive(Default, Deserialize)]
struct Given<'a> {
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

impl Server {
    /// `completion/complete`: at once where the values are here, else work. What nothing completes has no values.
    pub(super) fn complete(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Received, ProtocolError> {
        if !context.view.offered.completes {
            return Err(request.not_offered());
        }
        let params = &request.params;
        let reference: Reference<'_> = member(params.reference, "ref")?;
        let typed: Typed = member(params.argument, "argument")?;
        let given: Given<'_> = match params.context {
            Some(raw) if raw.get() != "null" => member(Some(raw), "context")?,
            _ => Given::default(),
        };
        let given = texts(given.arguments, "context.arguments")?;
        let subject = Subject::find(context, &reference)
            .map_err(|error| self.unknown(request, context, ("completion", &typed.name), error))?;
        self.offered(request, era, context, (subject.gateway(), "completion", &typed.name), || {
            let completing = match subject.completer(&typed.name)? {
                Some(completer) => complete(completer, (&typed.name, &typed.value), &given),
                None => Completing::Done(Completed::default()),
            };
            Ok(match completing {
                Completing::Done(completed) => Step::Answer(answer(request.id, era, &completed)),
                asks => {
                    let asker = asker(request, context, asks.caller_headers());
                    let options = self.options.clone();
                    Step::Job(Job::Complete(Box::new(Offered { asker, options, what: asks })))
                }
            })
        })
    }
}

impl<'c> Subject<'c> {
    fn find(context: Context<'c>, reference: &Reference<'_>) -> Result<Self, ProtocolError> {
        match reference {
            Reference::Prompt { name } => prompt::find(context, name).map(|prompt| Self::Prompt(prompt)),
            Reference::Resource { uri } => {
                let mut templates = shown(&context.catalog.offers().templates, context.view);
                let template = templates.find(|template| template.uris.text() == uri);
                let unknown = || ProtocolError::ResourceNotFound { uri: uri.clone().into_owned() };
                template.map(Self::Template).ok_or_else(unknown)
            }
        }
    }

    /// Whose it is.
    fn gateway(&self) -> &'c str {
        match self {
            Self::Prompt(prompt) => &prompt.gateway,
            Self::Template(template) => &template.gateway,
        }
    }

    /// What completes one of its arguments; `None` when nothing does.
    fn completer(&self, argument: &str) -> Result<Option<&'c Completer>, ProtocolError> {
        let unknown = || {
            let shown: String = argument.chars().take(64).collect();
            let text = format!("there is no argument `{shown}` to complete");
            ProtocolError::InvalidValue { text, uri: None }
        };
        match self {
            Self::Prompt(prompt) => {
                let known = prompt.arguments.iter().find(|known| *known.name == *argument);
                Ok(known.ok_or_else(unknown)?.completion.as_ref())
            }
            Self::Template(template) => {
                if !template.uris.variables().any(|known| known == argument) {
                    return Err(unknown());
                }
                let found = template.completions.iter().find(|(known, _)| **known == *argument);
                Ok(found.map(|(_, completer)| completer))
            }
        }
    }
}

/// A parameter that is an object of a known form.
fn member<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    param: &'static str,
) -> Result<T, ProtocolError> {
    let raw = raw.ok_or(ProtocolError::param(param, ParamFault::Missing))?;
    serde_json::from_str(raw.get()).map_err(|_| ProtocolError::param(param, ParamFault::NotTheForm))
}

/// The result of `completion/complete`.
pub(super) fn answer(id: Id<'_>, era: Era, completed: &Completed) -> Answer {
    let Completed { values, total } = completed;
    let completion: Value = json!({"values": values, "total": total, "hasMore": *total > MOST_VALUES});
    Answer::result(id, era, &format!("\"completion\":{completion}"))
}
