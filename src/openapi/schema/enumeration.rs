//! Fixed values of a schema: `enum`, `const`, `default`. What an author meant who left out the quotes, or wrote too
//! many, is read as meant.

use serde_json::Value;

use super::super::node::Node;
use super::types::Types;

/// The values of an `enum` that the types allow, each once; `None` when there is none.
pub(super) fn values(node: Node<'_>, types: Types) -> Option<Vec<Value>> {
    let mut values: Vec<Value> = Vec::with_capacity(node.len());
    for item in node.items() {
        if let Some(value) = coerced(item.to_value(), types)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    (!values.is_empty()).then_some(values)
}

/// The value as one of the types; `None` when it cannot be one.
pub(super) fn coerced(value: Value, types: Types) -> Option<Value> {
    if types.allow(&value) {
        return Some(value);
    }
    let other = match &value {
        Value::Number(digits) if types.has(Types::STRING) => Value::String(digits.to_string()),
        Value::Bool(flag) if types.has(Types::STRING) => Value::String(flag.to_string()),
        Value::String(text) if types.has(Types::NUMBER | Types::INTEGER | Types::BOOLEAN) => {
            serde_json::from_str(text).ok()?
        }
        _ => return None,
    };
    types.allow(&other).then_some(other)
}
