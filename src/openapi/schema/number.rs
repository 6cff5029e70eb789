//! Limits and counts.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::super::node::Node;

/// Pairs of limits that contradict each other when the first is above the second.
const PAIRS: [(&str, &str); 5] = [
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
];

/// A limit, its digits kept. A number in quotes is one.
pub(super) fn limit(node: Node<'_>) -> Option<Value> {
    node.scalar()?.trim().parse::<Number>().ok().map(Value::Number)
}

/// A length or a count.
pub(super) fn count(node: Node<'_>) -> Option<Value> {
    let number = node.scalar()?.trim().parse::<Number>().ok()?;
    if let Some(count) = number.as_u64() {
        return Some(count.into());
    }
    let value = number.as_f64()?;
    let is_count = value >= 0.0 && value.fract() == 0.0 && value < f64::from(u32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a count below 2^32"
    )]
    is_count.then(|| Value::from(value as u64))
}

/// Whether something is a multiple of it.
pub(super) fn is_divisor(value: &Value) -> bool {
    value.as_f64().is_some_and(|value| value > 0.0)
}

/// Removes limits that nothing can satisfy together; says whether there were some.
pub(super) fn drop_contradictions(schema: &mut Map<String, Value>) -> bool {
    let mut found = false;
    for (low, high) in PAIRS {
        let above = match (schema.get(low), schema.get(high)) {
            (Some(low), Some(high)) => compare(low, high) == Some(Ordering::Greater),
            _ => false,
        };
        if above {
            schema.shift_remove(low);
            schema.shift_remove(high);
            found = true;
        }
    }
    found
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    left.as_f64()?.partial_cmp(&right.as_f64()?)
}
