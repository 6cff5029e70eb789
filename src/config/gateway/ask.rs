//! What a caller is asked before a call, as a gateway file means it.

use serde_json::Value;

use super::Object;
use crate::source::Place;

/// The questions before a call: rounds, one after the other. What is asked in one round is asked together.
#[derive(Clone, Debug, Default)]
pub struct AskRules {
    /// None of them empty.
    pub rounds: Vec<Vec<Question>>,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name, unique among those of all rounds.
    pub name: Named,
    /// Whom it goes to, and what it is.
    pub to: Asked,
    /// When it is asked.
    pub when: AskWhen,
    /// A call goes on without the answer.
    pub optional: bool,
}

/// Whom a question goes to, and what it is.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The person at the client fills in a form (`elicitation/create`).
    Person {
        /// What stands above the form.
        message: Said,
        /// Its fields; at least one.
        fields: Vec<FormField>,
    },
    /// The model of the client answers (`sampling/createMessage`).
    Model {
        /// The conversation so far; at least one message.
        messages: Vec<ModelMessage>,
        /// What the model is told before it.
        system: Option<Said>,
        /// How long the answer may be.
        max_tokens: u64,
        /// The argument that becomes the answer's text.
        into: Named,
    },
    /// The client names the folders that it works in (`roots/list`).
    Roots {
        /// The argument that becomes their URIs.
        into: Named,
    },
}

/// A field of a form: one argument of the call.
#[derive(Clone, Debug)]
pub struct FormField {
    /// The argument.
    pub argument: Named,
    /// What the field says beside, or instead of, the schema of the argument.
    pub schema: Object,
}

/// A message of a conversation.
#[derive(Clone, Debug)]
pub struct ModelMessage {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: Said,
}

/// Who said something in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A text in which `{{ name }}` stands for an argument, and where it was written.
#[derive(Clone, Debug)]
pub struct Said {
    /// As it was written.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// A name and where it was written.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// When a question is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskWhen {
    /// When an argument that it is about is missing.
    #[default]
    Missing,
    /// Before every call.
    Always,
}

/// Whether the person must agree to each call.
#[derive(Clone, Debug)]
pub enum Confirm {
    /// Not, whatever holds for all operations that write.
    Off,
    /// He must, and is shown what will be sent.
    On,
    /// The same, after these words.
    Saying(Said),
}

impl Role {
    /// As the protocol has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

impl Question {
    /// The arguments that the answer gives.
    pub fn gives(&self) -> impl Iterator<Item = &Named> {
        let (fields, into) = match &self.to {
            Asked::Person { fields, .. } => (fields.as_slice(), None),
            Asked::Model { into, .. } | Asked::Roots { into } => (&[][..], Some(into)),
        };
        fields.iter().map(|field| &field.argument).chain(into)
    }
}

impl FormField {
    /// Whether it says by itself what it takes, whatever the schema of the argument says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        const DECIDES: [&str; 4] = ["type", "enum", "oneOf", "items"];
        self.schema.keys().any(|key| DECIDES.contains(&key.as_str()))
    }

    /// The schema as a value.
    #[must_use]
    pub fn schema(&self) -> Value {
        Value::Object(self.schema.clone())
    }
}
