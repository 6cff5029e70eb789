//! What a caller is asked before a call: `ask` and `confirm`.
//!
//! Which arguments there are is known only when operations and files have met, so the names in here are checked by the
//! catalog; everything else is checked here.

use super::gateway::{
    AskRules, AskWhen, Asked, Confirm, FormField, ModelMessage, Named, Object, Question, Role, Said,
};
use super::resolver::Resolver;
use super::suggest::did_you_mean;
use super::text::{Json, Literal};
use super::whole::Whole;
use super::written::{Entry, List, Map, Optional, Read, Slot, Written, expected, text, words, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Kind;

/// `ask`: a list of rounds.
pub(super) type AskFile<'t> = List<'t, Map<'t, QuestionFile<'t>>>;

written! {
    /// A question before the call: to the person (`fields`), to the client's model (`messages`) or to the client itself
    /// (`roots`). The answer becomes arguments of the call.
    #[schemars(rename = "Question")]
    pub(super) struct QuestionFile<'t> {
        /// What the person reads above the form. `{{ name }}` stands for the argument of this name.
        #[schemars(extend("examples" = ["What should the issue in {{ repo }} be called?"]))]
        message: Optional<'t, &'t str>,
        /// The arguments that the person gives, as fields of a form: their names, or a mapping of names to what the
        /// field says otherwise than the parameter's schema: `{colour: {title: Colour}}`. With a `type` it is the
        /// whole field. Forms take texts, numbers, yes or no, and choices; not objects.
        #[schemars(extend("examples" = [["title", "body"]]))]
        fields: Optional<'t, FieldsSetting<'t>>,
        /// What the client's model is asked: texts of the user, or messages of a conversation. `{{ name }}` stands for
        /// an argument.
        #[schemars(extend("examples" = [["Sum up in one line: {{ body }}"]]))]
        messages: Optional<'t, List<'t, MessageSetting<'t>>>,
        /// What the model is told before the messages.
        system: Optional<'t, &'t str>,
        /// How long the model's answer may be.
        #[schemars(extend("default" = 1000))]
        max_tokens: Optional<'t, Whole<1, 1_000_000>>,
        /// `true`: the client is asked for the folders that it works in.
        roots: Optional<'t, bool>,
        /// The argument that the model's answer, or the list of folders, becomes.
        into: Optional<'t, Literal<'t>>,
        /// Whether it is asked before every call, or when an argument that it gives is missing. What the caller gave
        /// is the suggestion in the form then.
        #[schemars(extend("default" = "missing"))]
        when: Optional<'t, WhenWord>,
        /// `true`: where the client cannot be asked, or the person declines, the call goes on without the answer.
        optional: Optional<'t, bool>,
    }

    /// A message of a conversation with the client's model.
    #[schemars(rename = "ModelMessage")]
    pub(super) struct MessageFile<'t> {
        /// Who said it.
        #[schemars(extend("default" = "user"))]
        role: Optional<'t, RoleWord>,
        /// What was said.
        text: Optional<'t, &'t str>,
    }
}

words! {
    /// When a question is asked.
    pub(super) enum WhenWord {
        /// When an argument that it gives is missing.
        Missing = "missing",
        /// Before every call.
        Always = "always",
    }

    /// Who said something.
    pub(super) enum RoleWord {
        /// The person.
        User = "user",
        /// The model.
        Assistant = "assistant",
    }
}

/// Names of arguments, or a mapping of them to schemas.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum FieldsSetting<'t> {
    /// As the parameters say.
    Names(List<'t, Literal<'t>>),
    /// With something else said.
    Schemas(Map<'t, Json<'t>>),
}

/// A text, or a message with a role.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum MessageSetting<'t> {
    /// Of the user.
    Text(&'t str),
    /// Of somebody.
    Message(MessageFile<'t>),
}

/// `true`, `false`, or the words of the question.
#[derive(Clone, Copy, schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum ConfirmSetting<'t> {
    /// Whether.
    Flag(bool),
    /// With these words.
    Text(&'t str),
}

impl<'t> Read<'t> for FieldsSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        match slot.node.kind() {
            Kind::Object => Map::read(slot, problems).map(Self::Schemas),
            _ => List::read(slot, problems).map(Self::Names),
        }
    }
}

impl<'t> Read<'t> for MessageSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        match slot.node.kind() {
            Kind::Object => MessageFile::read(slot, problems).map(Self::Message),
            _ => text(slot, problems).map(Self::Text),
        }
    }
}

impl<'t> Read<'t> for ConfirmSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        match (slot.node.as_bool(), slot.node.as_str()) {
            (Some(flag), _) => Some(Self::Flag(flag)),
            (None, Some(text)) => Some(Self::Text(text)),
            (None, None) => {
                problems.push(expected("true, false or a text", slot));
                None
            }
        }
    }
}

/// The name of the question whether a call shall be made; no other question has it.
pub(crate) const CONFIRM: &str = "confirm";

/// The keywords that a field of a form may have: those of `PrimitiveSchemaDefinition` in the protocol.
const FORM_KEYWORDS: [&str; 15] = [
    "type",
    "title",
    "description",
    "default",
    "enum",
    "enumNames",
    "oneOf",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "format",
    "minimum",
    "maximum",
];

/// How many tokens the model's answer has at most when nothing is said.
const MAX_TOKENS: u64 = 1000;
/// How many questions there are before one call.
const MOST_QUESTIONS: usize = 32;

/// What `confirm` means.
pub(super) fn confirm(written: Option<&Written<'_, ConfirmSetting<'_>>>) -> Option<Confirm> {
    let written = written?;
    Some(match written.value {
        ConfirmSetting::Flag(true) => Confirm::On,
        ConfirmSetting::Flag(false) => Confirm::Off,
        ConfirmSetting::Text(text) => Confirm::Saying(said(text, written.slot)),
    })
}

/// What `ask` means; `None` when it has a fault, which has been reported.
pub(super) fn resolve(
    written: Option<&Written<'_, AskFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<AskRules> {
    let written = written?;
    let before = resolver.problems.len();
    let rounds: Vec<Vec<Question>> = written
        .value
        .0
        .iter()
        .map(|round| {
            if round.value.0.is_empty() {
                resolver.problem(round.slot.invalid("this round asks nothing"));
            }
            round.value.0.iter().filter_map(|entry| question(entry, resolver)).collect()
        })
        .collect();
    let questions: Vec<&Question> = rounds.iter().flatten().collect();
    for (index, question) in questions.iter().enumerate() {
        let is_same = |other: &&Question| other.name.name == question.name.name;
        if questions.iter().take(index).any(is_same) {
            let message = format!("two questions are called `{}`", question.name.name);
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(question.name.place.clone()));
        }
    }
    if questions.len() > MOST_QUESTIONS {
        resolver.problem(written.slot.invalid(format!("these are more than {MOST_QUESTIONS} questions")));
    }
    (resolver.problems.len() == before).then_some(AskRules { rounds })
}

fn question(entry: &Entry<'_, QuestionFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Question> {
    let name = Named { name: entry.key.to_owned(), place: entry.key_place.clone() };
    check_name(&name, resolver);
    let file = &entry.value;
    let to = match (&file.fields, &file.messages, &file.roots) {
        (Some(fields), None, None) => {
            check_keys(entry, "a form", &["message", "fields"], resolver);
            to_person(entry, fields, resolver)
        }
        (None, Some(messages), None) => {
            let keys = ["messages", "system", "max_tokens", "into"];
            check_keys(entry, "a question to the model", &keys, resolver);
            to_model(entry, messages, resolver)
        }
        (None, None, Some(roots)) => {
            check_keys(entry, "the question for folders", &["roots", "into"], resolver);
            if !roots.value {
                resolver.problem(roots.slot.invalid("write `true`, or leave the question out"));
            }
            Some(Asked::Roots { into: into(entry, resolver)? })
        }
        _ => {
            let message = "it has one of the keys `fields`, `messages` and `roots`";
            resolver.problem(
                Diagnostic::new(Code::MissingKey, message)
                    .at(entry.key_place.clone())
                    .help("`fields: [title]` lets the person give the argument `title`"),
            );
            None
        }
    };
    let when = match file.when.map(|when| when.value) {
        Some(WhenWord::Always) => AskWhen::Always,
        Some(WhenWord::Missing) | None => AskWhen::Missing,
    };
    Some(Question { name, to: to?, when, optional: file.optional.is_some_and(|it| it.value) })
}

fn to_person(
    entry: &Entry<'_, QuestionFile<'_>>,
    fields: &Written<'_, FieldsSetting<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<Asked> {
    let Some(message) = &entry.value.message else {
        let missing = Diagnostic::new(Code::MissingKey, "`message` is missing");
        resolver.problem(missing.at(entry.key_place.clone()).help("it is what the person reads"));
        return None;
    };
    let fields = form_fields(fields, resolver);
    (!fields.is_empty()).then(|| Asked::Person { message: said(message.value, message.slot), fields })
}

fn form_fields(written: &Written<'_, FieldsSetting<'_>>, resolver: &mut Resolver<'_>) -> Vec<FormField> {
    let fields: Vec<FormField> = match &written.value {
        FieldsSetting::Names(names) => names
            .0
            .iter()
            .map(|name| FormField {
                argument: Named { name: name.value.0.to_owned(), place: name.slot.place() },
                schema: Object::new(),
            })
            .collect(),
        FieldsSetting::Schemas(schemas) => {
            schemas.0.iter().filter_map(|entry| form_field(entry, resolver)).collect()
        }
    };
    let node = written.slot.node;
    if node.items().next().is_none() && node.entries().next().is_none() {
        resolver.problem(written.slot.invalid("there is no field"));
    }
    fields
}

fn form_field(entry: &Entry<'_, Json<'_>>, resolver: &mut Resolver<'_>) -> Option<FormField> {
    if !entry.value.0.is_object() {
        resolver.problem(expected("a mapping", entry.slot).help("`{}` takes it as the parameter says"));
        return None;
    }
    for keyword in entry.value.0.entries().filter(|keyword| !FORM_KEYWORDS.contains(&keyword.key)) {
        let message = format!("a field of a form has no keyword `{}`", keyword.key);
        let slot = Slot { node: keyword.value, key: Some(keyword.key_span) };
        let help = did_you_mean(keyword.key, FORM_KEYWORDS.iter().copied())
            .unwrap_or_else(|| format!("it has {}", FORM_KEYWORDS.join(", ")));
        resolver.problem(Diagnostic::new(Code::UnknownKey, message).at(slot.key_place()).help(help));
    }
    let schema = match entry.value.0.to_value() {
        serde_json::Value::Object(schema) => schema,
        _ => Object::new(),
    };
    Some(FormField { argument: Named { name: entry.key.to_owned(), place: entry.key_place.clone() }, schema })
}

fn to_model(
    entry: &Entry<'_, QuestionFile<'_>>,
    messages: &Written<'_, List<'_, MessageSetting<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<Asked> {
    let file = &entry.value;
    let message = |message: &Written<'_, MessageSetting<'_>>| match &message.value {
        MessageSetting::Text(text) => Some(ModelMessage { role: Role::User, text: said(text, message.slot) }),
        MessageSetting::Message(MessageFile { role, text: Some(text) }) => Some(ModelMessage {
            role: match role.map(|role| role.value) {
                Some(RoleWord::Assistant) => Role::Assistant,
                Some(RoleWord::User) | None => Role::User,
            },
            text: said(text.value, text.slot),
        }),
        MessageSetting::Message(MessageFile { text: None, .. }) => {
            resolver.problem(Diagnostic::new(Code::MissingKey, "`text` is missing").at(message.slot.place()));
            None
        }
    };
    let said_so_far: Vec<ModelMessage> = messages.value.0.iter().filter_map(message).collect();
    if messages.slot.node.items().next().is_none() {
        resolver.problem(messages.slot.invalid("there is no message"));
    }
    Some(Asked::Model {
        messages: said_so_far,
        system: file.system.map(|system| said(system.value, system.slot)),
        max_tokens: file.max_tokens.map_or(MAX_TOKENS, |most| u64::from(most.value.0)),
        into: into(entry, resolver)?,
    })
}

/// The argument that an answer becomes, which must be said.
fn into(entry: &Entry<'_, QuestionFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Named> {
    let Some(written) = entry.value.into else {
        let missing = Diagnostic::new(Code::MissingKey, "`into` is missing");
        resolver.problem(
            missing.at(entry.key_place.clone()).help("it names the argument that the answer becomes"),
        );
        return None;
    };
    Some(Named { name: written.value.0.to_owned(), place: written.slot.place() })
}

/// Reports keys that belong to another kind of question.
fn check_keys(entry: &Entry<'_, QuestionFile<'_>>, kind: &str, taken: &[&str], resolver: &mut Resolver<'_>) {
    const ALWAYS: [&str; 2] = ["when", "optional"];
    for key in entry.slot.node.entries() {
        if taken.contains(&key.key) || ALWAYS.contains(&key.key) {
            continue;
        }
        let slot = Slot { node: key.value, key: Some(key.key_span) };
        let useless = slot.invalid(format!("`{}` has no effect in {kind}", key.key));
        resolver.problem(useless.at(slot.key_place()));
    }
}

fn check_name(name: &Named, resolver: &mut Resolver<'_>) {
    let is_legal = (1..=64).contains(&name.name.len())
        && name.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let problem = |message: String| Diagnostic::new(Code::InvalidValue, message).at(name.place.clone());
    if !is_legal {
        let message = format!("`{}` cannot be the name of a question", name.name);
        let help = "it has 1 to 64 of the characters A-Z, a-z, 0-9, `_`, `-` and `.`";
        resolver.problem(problem(message).help(help));
    } else if name.name == CONFIRM {
        let message = "`confirm` is the name of the question whether the call shall be made".to_owned();
        resolver
            .problem(problem(message).help("call this one otherwise, or write `confirm: true` beside `ask`"));
    }
}

fn said(text: &str, slot: Slot<'_>) -> Said {
    Said { text: text.to_owned(), place: slot.place() }
}
