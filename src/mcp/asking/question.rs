//! Questions as the protocol has them: requests of ours to a client.

use serde_json::{Map, Value, json};

use super::Open;
use crate::call::error::ArgumentsError;
use crate::call::explain;
use crate::catalog::CallPlan;
use crate::catalog::ask::{AskWhen, AskedPlan, FieldPlan, QuestionPlan, form_schema};

/// A request to the client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputRequest {
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub(crate) method: &'static str,
    /// Its parameters.
    pub(crate) params: Value,
}

/// The request for an open question; `again` says what was wrong with the last answer. `call` is the call that it is
/// about, where there is one.
///
/// # Errors
/// [`ArgumentsError`] when a call with these arguments would send nothing, so that there is nothing to confirm.
pub(super) fn request(
    open: Open<'_>,
    call: Option<&CallPlan>,
    arguments: &Map<String, Value>,
    again: Option<&str>,
) -> Result<InputRequest, ArgumentsError> {
    let question = match open {
        Open::Question(question) => question,
        Open::Confirm(confirm) => {
            let shown = call.map(|plan| explain::summary(plan, arguments)).transpose()?.unwrap_or_default();
            let words = confirm.message.as_ref().map(|message| message.line(arguments));
            let words = words.unwrap_or_else(|| "Shall this be sent?".to_owned());
            let schema = json!({"type": "object", "properties": {}});
            return Ok(elicitation(&format!("{words}\n\n{shown}"), &schema));
        }
    };
    Ok(match &question.to {
        AskedPlan::Person { message, .. } => {
            let message = message.line(arguments);
            let message = again.map_or_else(|| message.clone(), |fault| format!("{message}\n({fault})"));
            elicitation(&message, &form_schema(fields(question, arguments), arguments))
        }
        AskedPlan::Model { messages, system, max_tokens, .. } => {
            let messages = messages.iter().map(|(role, text)| {
                let content = json!({"type": "text", "text": text.whole(arguments)});
                json!({"role": role.as_str(), "content": content})
            });
            let mut params = json!({"messages": messages.collect::<Vec<_>>(), "maxTokens": max_tokens});
            if let (Some(system), Value::Object(members)) = (system, &mut params) {
                members.insert("systemPrompt".to_owned(), system.whole(arguments).into());
            }
            InputRequest { method: "sampling/createMessage", params }
        }
        AskedPlan::Roots { .. } => InputRequest { method: "roots/list", params: json!({}) },
    })
}

/// The fields that a form has now: those that are missing, or all of a question that is always asked.
pub(super) fn fields<'q>(
    question: &'q QuestionPlan,
    arguments: &Map<String, Value>,
) -> impl Iterator<Item = &'q FieldPlan> {
    let fields = match &question.to {
        AskedPlan::Person { fields, .. } => fields.as_slice(),
        AskedPlan::Model { .. } | AskedPlan::Roots { .. } => &[],
    };
    let is_asked =
        |field: &&FieldPlan| question.when == AskWhen::Always || !arguments.contains_key(&*field.argument);
    fields.iter().filter(is_asked)
}

/// Without `mode`: clients of before there were modes know none, and all others take its absence for a form.
fn elicitation(message: &str, schema: &Value) -> InputRequest {
    InputRequest {
        method: "elicitation/create",
        params: json!({"message": message, "requestedSchema": schema}),
    }
}
