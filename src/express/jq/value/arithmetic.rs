//! `+ - * / %` and the sign, as jq has them.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use jaq_core::ops::Math;
use jaq_core::{Error, ValR};

use super::{Members, Value};
use crate::express::jq::meter::{Charge, step};

fn no_result<T>(left: Value, operator: Math, right: Value) -> ValR<T, Value> {
    Err(Error::math(left, operator, right))
}

/// Both as integers, when they are; else both as floats.
fn numbers(
    left: &Value,
    right: &Value,
    integers: fn(isize, isize) -> Option<isize>,
    floats: fn(f64, f64) -> f64,
) -> Option<Value> {
    if let (Value::Int(left), Value::Int(right)) = (left, right)
        && let Some(result) = integers(*left, *right)
    {
        return Some(Value::Int(result));
    }
    Some(Value::Float(floats(left.float()?, right.float()?)))
}

impl Add for Value {
    type Output = ValR<Self>;

    fn add(self, other: Self) -> Self::Output {
        step();
        if let Some(sum) = numbers(&self, &other, isize::checked_add, |a, b| a + b) {
            return Ok(sum);
        }
        match (self, other) {
            (Self::Null, value) | (value, Self::Null) => Ok(value),
            (Self::String(left), Self::String(right)) => {
                let charge = Charge::of(left.text.len() + right.text.len());
                let text = [&*left.text, &*right.text].concat();
                drop(charge);
                Ok(Self::string(text))
            }
            (Self::Array(left), Self::Array(right)) => {
                let charge = Charge::of((left.items.len() + right.items.len()) * size_of::<Self>());
                let items = left.items.iter().chain(&right.items).cloned().collect();
                drop(charge);
                Ok(Self::array(items))
            }
            (Self::Object(left), Self::Object(right)) => {
                let mut members = left.members.clone();
                members.extend(right.members.iter().map(|(key, value)| (key.clone(), value.clone())));
                Ok(Self::object(members))
            }
            (left, right) => no_result(left, Math::Add, right),
        }
    }
}

impl Sub for Value {
    type Output = ValR<Self>;

    fn sub(self, other: Self) -> Self::Output {
        if let Some(difference) = numbers(&self, &other, isize::checked_sub, |a, b| a - b) {
            return Ok(difference);
        }
        match (self, other) {
            (Self::Array(left), Self::Array(right)) => {
                let kept = left.items.iter().filter(|item| !right.items.contains(item));
                Ok(Self::array(kept.cloned().collect()))
            }
            (left, right) => no_result(left, Math::Sub, right),
        }
    }
}

impl Mul for Value {
    type Output = ValR<Self>;

    fn mul(self, other: Self) -> Self::Output {
        if let Some(product) = numbers(&self, &other, isize::checked_mul, |a, b| a * b) {
            return Ok(product);
        }
        match (self, other) {
            (Self::String(text), number) | (number, Self::String(text)) if number.float().is_some() => {
                let times = number.float().unwrap_or_default();
                if times.is_nan() || times <= 0.0 {
                    return Ok(Self::Null);
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "saturates, and is positive"
                )]
                let times = (times.ceil() as usize).max(1);
                let charge = Charge::of(text.text.len().saturating_mul(times));
                let repeated = text.text.repeat(times);
                drop(charge);
                Ok(Self::string(repeated))
            }
            (Self::Object(left), Self::Object(right)) => {
                Ok(Self::object(merged(&left.members, &right.members)))
            }
            (left, right) => no_result(left, Math::Mul, right),
        }
    }
}

/// The members of both; objects under one key are merged too.
fn merged(left: &Members, right: &Members) -> Members {
    step();
    let mut members = left.clone();
    for (key, value) in right {
        let both = match (members.get(key), value) {
            (Some(Value::Object(left)), Value::Object(right)) => {
                Value::object(merged(&left.members, &right.members))
            }
            _ => value.clone(),
        };
        members.insert(key.clone(), both);
    }
    members
}

impl Div for Value {
    type Output = ValR<Self>;

    fn div(self, other: Self) -> Self::Output {
        match (&self, &other) {
            (Self::String(text), Self::String(separator)) => Ok(split(&text.text, &separator.text)),
            _ => match (self.float(), other.float()) {
                (Some(left), Some(right)) => {
                    let whole = |left: isize, right: isize| {
                        (left.checked_rem(right) == Some(0)).then(|| left.checked_div(right)).flatten()
                    };
                    let quotient = numbers(&self, &other, whole, |left, right| left / right);
                    Ok(quotient.unwrap_or(Self::Float(left / right)))
                }
                _ => no_result(self, Math::Div, other),
            },
        }
    }
}

fn split(text: &str, separator: &str) -> Value {
    if separator.is_empty() {
        return text.chars().map(|character| Value::string(character.to_string())).collect();
    }
    if text.is_empty() {
        return Value::array(Vec::new());
    }
    text.split(separator).map(Value::string).collect()
}

impl Rem for Value {
    type Output = ValR<Self>;

    fn rem(self, other: Self) -> Self::Output {
        let is_zero = other.float().is_none_or(|divisor| divisor == 0.0);
        match numbers(&self, &other, isize::checked_rem, |a, b| a % b) {
            Some(rest) if !is_zero => Ok(rest),
            _ => no_result(self, Math::Rem, other),
        }
    }
}

impl Neg for Value {
    type Output = ValR<Self>;

    fn neg(self) -> Self::Output {
        match &self {
            Self::Int(int) => {
                Ok(int.checked_neg().map_or_else(|| Self::number("9223372036854775808"), Self::Int))
            }
            // Its digits stay.
            Self::Decimal(digits) => Ok(match digits.text.strip_prefix('-') {
                Some(positive) => Self::number(positive),
                None => Self::number(&format!("-{}", digits.text)),
            }),
            Self::Float(float) => Ok(Self::Float(-float)),
            _ => super::wrong_type(self, "number"),
        }
    }
}
