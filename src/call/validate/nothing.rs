//! `null` for "nothing", within an argument.
//!
//! Models write null for what they leave out, and OpenAI's strict form asks them to. Where null is no value of an
//! optional property it counts as not given, like an optional argument that is null. It is looked for only when the
//! arguments are refused as they are, so a null that means something stays.

use jsonschema::Validator;
use serde_json::Value;

/// The arguments without the nulls that they are refused for; `None` when that does not make them valid.
pub(super) fn without(validator: &Validator, arguments: &Value) -> Option<Value> {
    let refused: Vec<String> = validator
        .iter_errors(arguments)
        .filter(|error| error.instance().is_null())
        .map(|error| error.instance_path().as_str().to_owned())
        .collect();
    if refused.is_empty() {
        return None;
    }
    let mut rest = arguments.clone();
    refused.iter().for_each(|pointer| remove(&mut rest, pointer));
    validator.is_valid(&rest).then_some(rest)
}

/// Removes a property; an item of an array is a value whatever it is.
fn remove(arguments: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    let key = key.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(parent)) = arguments.pointer_mut(parent)
        && parent.get(&key).is_some_and(Value::is_null)
    {
        parent.shift_remove(&key);
    }
}
