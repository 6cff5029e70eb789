//! Numbers within bounds.

use serde_json::{Number, Value};

use crate::mock::schema::Flat;

/// Beyond this a bound says nothing that matters here.
const HUGE: f64 = 1e15;

/// A whole number that the bounds allow, the `turn`th from the first choice.
pub(super) fn integer(flat: &Flat, turn: usize) -> Option<Value> {
    let (low, high) = bounds(flat);
    let (low, high) = (low.at_least().ceil(), high.at_most().floor());
    let step = flat.get("multipleOf").and_then(Value::as_f64).filter(|step| *step >= 1.0).unwrap_or(1.0);
    let low = low.clamp(-HUGE, HUGE);
    let first = if low <= 1.0 && 1.0 <= high {
        1.0
    } else if low > 1.0 {
        low
    } else {
        high.max(low)
    };
    let wanted = multiple(first, step, low, high)?;
    let moved = wanted + turn as f64 * step;
    let chosen = if moved <= high { moved } else { (wanted - turn as f64 * step).max(low) };
    let exact = multiple(chosen, step, low, high)?;
    Some(Value::Number(Number::from(exact as i64)))
}

/// A number that the bounds allow.
pub(super) fn number(flat: &Flat, turn: usize) -> Option<Value> {
    let (low, high) = bounds(flat);
    let step = flat.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0);
    if low.at_least().ceil() <= high.at_most().floor() && step.is_none_or(|step| step.fract() == 0.0) {
        return integer(flat, turn);
    }
    let (low, high) = (low.value.clamp(-HUGE, HUGE), high.value.clamp(-HUGE, HUGE));
    let chosen = match step {
        Some(step) => multiple(low.max(step.min(high)), step, low, high)?,
        None => low + (high - low) / 2.0_f64.powi(i32::try_from(turn).unwrap_or(1).saturating_add(1)),
    };
    Number::from_f64(chosen).map(Value::Number)
}

/// Whether a number is within the bounds; true of everything else.
pub(super) fn is_within(flat: &Flat, value: &Value) -> bool {
    let Some(number) = value.as_f64() else { return true };
    let (low, high) = bounds(flat);
    let above = if low.exclusive { number > low.value } else { number >= low.value };
    let below = if high.exclusive { number < high.value } else { number <= high.value };
    above && below
}

#[derive(Clone, Copy)]
struct Bound {
    value: f64,
    exclusive: bool,
}

impl Bound {
    /// The bound as the least whole-number step away from it allows.
    fn at_least(self) -> f64 {
        if self.exclusive && self.value.fract() == 0.0 { self.value + 1.0 } else { self.value }
    }

    fn at_most(self) -> f64 {
        if self.exclusive && self.value.fract() == 0.0 { self.value - 1.0 } else { self.value }
    }
}

fn bounds(flat: &Flat) -> (Bound, Bound) {
    let read = |keyword: &str| flat.get(keyword).and_then(Value::as_f64);
    let (minimum, above) = (read("minimum"), read("exclusiveMinimum"));
    let (maximum, below) = (read("maximum"), read("exclusiveMaximum"));
    let low = match (minimum, above) {
        (Some(minimum), Some(above)) if minimum > above => Bound { value: minimum, exclusive: false },
        (_, Some(above)) => Bound { value: above, exclusive: true },
        (minimum, None) => Bound { value: minimum.unwrap_or(f64::NEG_INFINITY), exclusive: false },
    };
    let high = match (maximum, below) {
        (Some(maximum), Some(below)) if maximum < below => Bound { value: maximum, exclusive: false },
        (_, Some(below)) => Bound { value: below, exclusive: true },
        (maximum, None) => Bound { value: maximum.unwrap_or(f64::INFINITY), exclusive: false },
    };
    (low, high)
}

/// The multiple of `step` next to `wanted` that is within the bounds.
fn multiple(wanted: f64, step: f64, low: f64, high: f64) -> Option<f64> {
    let up = (wanted / step).ceil() * step;
    if up >= low && up <= high {
        return Some(up);
    }
    let down = (wanted / step).floor() * step;
    (down >= low && down <= high).then_some(down)
}
