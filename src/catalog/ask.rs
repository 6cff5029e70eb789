//! What a caller is asked before a call, decided when the catalog is built: which questions, about which arguments, in
//! which forms. A call only fills in.
//!
//! A question that names an argument which is not there, or one that no form can take, is refused with its place: at
//! the first call it would be too late.

mod form;
mod template;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::argument::Input;
use super::plan::{ArgumentPlan, ArgumentsPlan};
pub(crate) use crate::config::ask::CONFIRM;
pub use crate::config::gateway::AskWhen;
use crate::config::gateway::{
    AskRules, Asked, Confirm, CursorRules, FormField, Gateway, Named, Question, Role, Said, Text,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;
use crate::seal::{self, Key, Purpose};
pub use form::FieldPlan;
pub use template::Template;
pub(crate) use template::shortened;

/// What a caller is asked before a call.
#[derive(Debug)]
pub struct AskPlan {
    /// Rounds, one after the other; what is asked in one round is asked together.
    pub rounds: Vec<Vec<QuestionPlan>>,
    /// After them: whether the call shall be made.
    pub confirm: Option<ConfirmPlan>,
    /// Which arguments are taken before the questions: those that a question gives may be missing. `None` when no
    /// question gives any.
    pub before: Option<ArgumentsPlan>,
    /// How long the caller may take.
    pub patience: Duration,
    /// How the state of a call is sealed that waits for an answer.
    pub cursors: Arc<CursorRules>,
    /// Stands for all of this: an answer to one plan is none to another.
    pub fingerprint: [u8; 32],
}

/// The question whether a call shall be made.
#[derive(Debug)]
pub struct ConfirmPlan {
    /// What is said before that which will be sent.
    pub message: Option<Template>,
}

/// One question.
#[derive(Debug)]
pub struct QuestionPlan {
    /// Its name, unique in the plan.
    pub name: Box<str>,
    /// Whom it goes to, and what it is.
    pub to: AskedPlan,
    /// When it is asked.
    pub when: AskWhen,
    /// The call goes on without the answer.
    pub optional: bool,
}

/// Whom a question goes to, and what it is.
#[derive(Debug)]
pub enum AskedPlan {
    /// The person fills in a form.
    Person {
        /// What stands above it.
        message: Template,
        /// Its fields.
        fields: Vec<FieldPlan>,
    },
    /// The client's model answers.
    Model {
        /// The conversation so far.
        messages: Vec<(Role, Template)>,
        /// What the model is told before it.
        system: Option<Template>,
        /// How long the answer may be, in tokens.
        max_tokens: u64,
        /// The argument that becomes the answer's text.
        into: Box<str>,
    },
    /// The client names its folders.
    Roots {
        /// The argument that becomes their URIs.
        into: Box<str>,
        /// It takes a list of them; otherwise the first.
        list: bool,
    },
}

/// What is known of an argument that a question may be about.
#[derive(Clone, Debug)]
pub(crate) struct Known<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What it takes.
    pub(crate) schema: &'a Json,
    /// About it, instead of what its schema says.
    pub(crate) description: Option<&'a str>,
    /// What holds when it is not given.
    pub(crate) default: Option<&'a Value>,
    /// It must be given in the end.
    pub(crate) required: bool,
}

/// Why something cannot be asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum AskError {
    #[error("there is no argument `{name}` to ask for")]
    NoArgument { name: String, similar: Option<String> },
    #[error("a form cannot ask for `{name}`: {fault}")]
    NoField { name: String, fault: form::NoField },
    #[error(transparent)]
    Template(#[from] template::TemplateError),
}

/// The arguments that there are, and what `$ref`s in their schemas mean.
pub(crate) struct Arguments<'a> {
    /// The arguments.
    pub(crate) all: Vec<Known<'a>>,
    /// What `#/$defs/NAME` refers to.
    pub(crate) definitions: &'a Definitions,
}

/// The questions that these rules mean, about these arguments.
///
/// # Errors
/// What to report: a question that is about nothing, or cannot be asked.
pub(crate) fn rounds(
    rules: &AskRules,
    arguments: &Arguments<'_>,
) -> Result<Vec<Vec<QuestionPlan>>, Box<Diagnostic>> {
    let round = |round: &Vec<Question>| round.iter().map(|question| arguments.question(question)).collect();
    rules.rounds.iter().map(round).collect()
}

impl AskPlan {
    /// The plan of these questions.
    pub(crate) fn new(
        rounds: Vec<Vec<QuestionPlan>>,
        confirm: Option<ConfirmPlan>,
        patience: Duration,
        cursors: Arc<CursorRules>,
    ) -> Self {
        let fingerprint = seal::digest(&Value::from(format!("{rounds:?} {confirm:?}")));
        Self { rounds, confirm, before: None, patience, cursors, fingerprint }
    }

    /// What the state of a call is sealed with that waits for an answer.
    pub(crate) fn key(&self) -> Key {
        Key::new(Purpose::RequestState, self.cursors.key.as_ref().map(Text::expose))
    }
}

/// What the caller of an operation is asked. The inputs that a question gives need not be given by the caller.
///
/// # Errors
/// What to report, when it cannot be asked.
pub(super) fn plan(
    operation: &Operation,
    (rules, confirm): (Option<&AskRules>, Option<&Confirm>),
    gateway: &Gateway,
    inputs: &mut [Input],
) -> Result<Option<AskPlan>, Box<Diagnostic>> {
    let confirm = match confirm {
        None | Some(Confirm::Off) => None,
        Some(Confirm::On) => Some(None),
        Some(Confirm::Saying(said)) => Some(Some(said)),
    };
    if rules.is_none() && confirm.is_none() {
        return Ok(None);
    }
    let arguments = Arguments::of(inputs, &operation.definitions);
    let rounds = rules.map(|rules| rounds(rules, &arguments)).transpose()?.unwrap_or_default();
    let message = confirm.map(|said| said.map(|said| arguments.template(said)).transpose()).transpose()?;
    let confirm = message.map(|message| ConfirmPlan { message });
    for input in inputs.iter_mut() {
        let gives = |question: &&QuestionPlan| {
            input.shown().is_some_and(|name| question.gives().any(|given| given == name))
        };
        if let Some(question) = rounds.iter().flatten().find(gives) {
            input.asked = true;
            input.note = Some(note(question).to_owned());
        }
    }
    let asks = !rounds.is_empty();
    let cursors = Arc::new(gateway.cursors.clone());
    let mut plan = AskPlan::new(rounds, confirm, gateway.ask_timeout, cursors);
    plan.before = asks.then(|| before(inputs, &operation.definitions));
    Ok(Some(plan))
}

/// What is said of an argument that is asked for.
fn note(question: &QuestionPlan) -> &'static str {
    match (&question.to, question.when) {
        (AskedPlan::Person { .. }, AskWhen::Missing) => "The person is asked when it is left out.",
        (AskedPlan::Person { .. }, AskWhen::Always) => "The person is asked, and sees this as a suggestion.",
        (AskedPlan::Model { .. } | AskedPlan::Roots { .. }, AskWhen::Missing) => {
            "Asked of the client when it is left out."
        }
        (AskedPlan::Model { .. } | AskedPlan::Roots { .. }, AskWhen::Always) => "Asked of the client.",
    }
}

/// What is taken before the questions. Rules about which arguments go together wait for the answers.
fn before(inputs: &[Input], definitions: &Definitions) -> ArgumentsPlan {
    let argument = |input: &Input| {
        Some(ArgumentPlan {
            name: input.shown()?.into(),
            schema: input.schema.clone(),
            required: input.must_be_given(),
            nullable: input.nullable,
        })
    };
    ArgumentsPlan::new(inputs.iter().filter_map(argument).collect(), None, definitions.clone())
}

impl QuestionPlan {
    /// The arguments that the answer gives.
    pub fn gives(&self) -> impl Iterator<Item = &str> {
        let (fields, into) = match &self.to {
            AskedPlan::Person { fields, .. } => (fields.as_slice(), None),
            AskedPlan::Model { into, .. } | AskedPlan::Roots { into, .. } => (&[][..], Some(&**into)),
        };
        fields.iter().map(|field| &*field.argument).chain(into)
    }
}

impl<'a> Arguments<'a> {
    fn of(inputs: &'a [Input], definitions: &'a Definitions) -> Self {
        let known = |input: &'a Input| {
            Some(Known {
                name: input.shown()?,
                schema: &input.schema,
                description: input.description.as_deref(),
                default: input.default.as_ref(),
                required: input.required,
            })
        };
        Self { all: inputs.iter().filter_map(known).collect(), definitions }
    }

    fn question(&self, question: &Question) -> Result<QuestionPlan, Box<Diagnostic>> {
        let to = match &question.to {
            Asked::Person { message, fields } => AskedPlan::Person {
                message: self.template(message)?,
                fields: fields.iter().map(|field| self.field(field)).collect::<Result<_, _>>()?,
            },
            Asked::Model { messages, system, max_tokens, into } => AskedPlan::Model {
                messages: messages
                    .iter()
                    .map(|message| Ok((message.role, self.template(&message.text)?)))
                    .collect::<Result<_, Box<Diagnostic>>>()?,
                system: system.as_ref().map(|system| self.template(system)).transpose()?,
                max_tokens: *max_tokens,
                into: self.find(into)?.name.into(),
            },
            Asked::Roots { into } => {
                let known = self.find(into)?;
                let list = form::is_list(known.schema, self.definitions);
                AskedPlan::Roots { into: known.name.into(), list }
            }
        };
        let name = question.name.name.as_str().into();
        Ok(QuestionPlan { name, to, when: question.when, optional: question.optional })
    }

    fn field(&self, field: &FormField) -> Result<FieldPlan, Box<Diagnostic>> {
        let known = self.find(&field.argument)?;
        form::field(known, field, self.definitions).map_err(|fault| {
            let error = AskError::NoField { name: known.name.to_owned(), fault };
            refused(&error, &field.argument)
        })
    }

    fn template(&self, said: &Said) -> Result<Template, Box<Diagnostic>> {
        let is_known = |name: &str| self.all.iter().any(|known| known.name == name);
        Template::parse(&said.text, is_known).map_err(|error| {
            Box::new(Diagnostic::new(Code::InvalidValue, error.to_string()).at(said.place.clone()))
        })
    }

    fn find(&self, named: &Named) -> Result<&Known<'a>, Box<Diagnostic>> {
        self.all.iter().find(|known| known.name == named.name).ok_or_else(|| {
            let names = self.all.iter().map(|known| known.name);
            let similar = super::suggest(&named.name, names).map(ToOwned::to_owned);
            refused(&AskError::NoArgument { name: named.name.clone(), similar }, named)
        })
    }
}

fn refused(error: &AskError, named: &Named) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::new(Code::InvalidValue, error.to_string()).at(named.place.clone());
    Box::new(match error {
        AskError::NoArgument { similar: Some(similar), .. } => {
            diagnostic.help(format!("did you mean `{similar}`?"))
        }
        AskError::NoField { .. } => {
            diagnostic.help("leave it to the caller, or say in `fields` how the form asks for it")
        }
        AskError::NoArgument { similar: None, .. } | AskError::Template(_) => diagnostic,
    })
}

/// The form of these fields: the `requestedSchema` of an elicitation.
pub(crate) fn form_schema<'f>(
    fields: impl Iterator<Item = &'f FieldPlan>,
    suggested: &Map<String, Value>,
) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        properties.insert(field.argument.to_string(), field.suggesting(suggested.get(&*field.argument)));
        if field.required {
            required.push(Value::from(&*field.argument));
        }
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if let (false, Value::Object(members)) = (required.is_empty(), &mut schema) {
        members.insert("required".to_owned(), required.into());
    }
    schema
}

/// What is wrong with the content of a form: a sentence that names the field and quotes no value.
pub(crate) fn form_faults(schema: &Value, content: &Map<String, Value>) -> Option<String> {
    let content = Value::Object(content.clone());
    let missing = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let missing = missing.filter_map(Value::as_str).find(|name| content.get(name).is_none());
    if let Some(name) = missing {
        return Some(format!("`{name}` is missing"));
    }
    let validator = super::validator::compile(schema.clone())?;
    let error = validator.iter_errors(&content).next()?;
    let path = error.instance_path().as_str().to_owned();
    let name = path.split('/').nth(1).unwrap_or_default();
    Some(format!("`{name}` is not what was asked for"))
}

#[cfg(test)]
mod tests;
