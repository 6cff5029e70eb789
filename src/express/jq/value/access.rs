//! What is inside of a value: the interpreter's two interfaces to it.

use std::rc::Rc;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{Error, Exn, ValR, ValX};

use super::{Members, Text, Value, wrong_type};
use crate::express::jq::meter::step;

const ITERABLE: &str = "array or object";

impl Value {
    /// Where a position is in a list of `length`; negative ones count from its end.
    fn position(&self, length: usize) -> Option<usize> {
        let at = match self {
            Self::Int(int) => *int,
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            other => other.float()?.floor() as isize,
        };
        if at < 0 { length.checked_sub(at.unsigned_abs()) } else { Some(at.unsigned_abs()) }
    }

    /// The bounds of a slice in a list of `length`.
    fn bounds(range: &Range<&Self>, length: usize) -> Result<(usize, usize), Error<Self>> {
        let bound = |bound: Option<&Self>, default: usize| match bound {
            None | Some(Self::Null) => Ok(default),
            Some(value) if value.float().is_none() => wrong_type(value.clone(), "number"),
            Some(value) => Ok(value.position(length).unwrap_or(0).min(length)),
        };
        let start = bound(range.start, 0)?;
        Ok((start, bound(range.end, length)?.max(start)))
    }

    /// The `range` that an object `{start, end}` means.
    fn as_range(&self) -> Option<Range<&Self>> {
        let Self::Object(object) = self else { return None };
        let bound =
            |name: &str| object.members.iter().find(|(key, _)| *key.text == *name).map(|(_, value)| value);
        Some(bound("start")..bound("end"))
    }

    /// What is under an index; `None` when nothing is.
    pub(in crate::express::jq) fn find(&self, index: &Self) -> ValR<Option<Self>, Self> {
        Ok(match (self, index) {
            (Self::Null, Self::String(_) | Self::Null) => None,
            (Self::Null, index) if index.float().is_some() => None,
            (Self::Object(object), Self::String(key)) => object.members.get(&**key).cloned(),
            (Self::Array(array), index) if index.float().is_some() => {
                index.position(array.items.len()).and_then(|at| array.items.get(at)).cloned()
            }
            _ => return Err(Error::index(self.clone(), index.clone())),
        })
    }
}

/// The first result of an update; `None` when it gives none, which deletes.
fn first<'a, I: Iterator<Item = ValX<'a, Value>>>(mut results: I) -> ValX<'a, Option<Value>, Value> {
    results.next().transpose()
}

impl jaq_core::ValT for Value {
    fn from_num(digits: &str) -> ValR<Self> {
        Ok(Self::number(digits))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(members: I) -> ValR<Self> {
        let member = |(key, value)| match key {
            Self::String(key) => Ok((key, value)),
            key => wrong_type(key, "key of an object"),
        };
        members.into_iter().map(member).collect::<Result<Members, _>>().map(Self::object)
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        match self {
            Self::Array(array) => Box::new((0..array.items.len()).map(move |at| {
                step();
                Ok((at.into(), array.items.get(at).cloned().unwrap_or(Self::Null)))
            })),
            Self::Object(object) => Box::new((0..object.members.len()).filter_map(move |at| {
                step();
                let (key, value) = object.members.get_index(at)?;
                Some(Ok((Self::String(Rc::clone(key)), value.clone())))
            })),
            other => box_once(wrong_type(other, ITERABLE)),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        match self {
            Self::Array(_) | Self::Object(_) => {
                Box::new(self.key_values().map(|entry| entry.map(|(_, value)| value)))
            }
            other => box_once(wrong_type(other, ITERABLE)),
        }
    }

    fn index(self, index: &Self) -> ValR<Self> {
        if let (Self::Array(_) | Self::String(_) | Self::Null, Some(range)) = (&self, index.as_range()) {
            return self.range(range);
        }
        Ok(self.find(index)?.unwrap_or(Self::Null))
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        match &self {
            Self::Null => Ok(Self::Null),
            Self::Array(array) => {
                let (start, end) = Self::bounds(&range, array.items.len())?;
                Ok(Self::array(array.items.get(start..end).unwrap_or_default().to_vec()))
            }
            Self::String(text) => {
                let (start, end) = Self::bounds(&range, text.text.chars().count())?;
                Ok(Self::string(text.text.chars().skip(start).take(end - start).collect::<String>()))
            }
            _ => wrong_type(self, "array or text"),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match &self {
            Self::Array(array) => array.items.iter().cloned().flat_map(f).collect(),
            Self::Object(object) => {
                let updated = |(key, value): (&Rc<Text>, &Self)| {
                    first(f(value.clone()))
                        .map(|value| value.map(|value| (Rc::clone(key), value)))
                        .transpose()
                };
                Ok(Self::object(
                    object.members.iter().filter_map(updated).collect::<Result<_, Exn<'_, _>>>()?,
                ))
            }
            _ => opt.fail(self, |value| Exn::from(Error::typ(value, ITERABLE))),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        index: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        if let (Self::Array(_), Some(range)) = (&self, index.as_range()) {
            return self.map_range(range, opt, f);
        }
        match (&self, index) {
            (Self::Object(_) | Self::Null, Self::String(key)) => {
                let mut members =
                    if let Self::Object(object) = &self { object.members.clone() } else { Members::new() };
                match first(f(members.get(&**key).cloned().unwrap_or(Self::Null)))? {
                    Some(value) => drop(members.insert(Rc::clone(key), value)),
                    None => drop(members.shift_remove(&**key)),
                }
                Ok(Self::object(members))
            }
            (Self::Array(_) | Self::Null, index) if index.float().is_some() => {
                let mut items = if let Self::Array(array) = &self { array.items.clone() } else { Vec::new() };
                // At its end one more may be put; further on there would be a gap.
                let Some(at) = index.position(items.len()).filter(|at| *at <= items.len()) else {
                    let message = format!("there is nothing at {index}, nor just before it");
                    return opt.fail(self, |_| Exn::from(Error::str(message)));
                };
                let is_new = at == items.len();
                match first(f(items.get(at).cloned().unwrap_or(Self::Null)))? {
                    Some(value) if is_new => items.push(value),
                    Some(value) => items.iter_mut().skip(at).take(1).for_each(|item| *item = value.clone()),
                    None if is_new => {}
                    None => drop(items.remove(at)),
                }
                Ok(Self::array(items))
            }
            _ => {
                let index = index.clone();
                opt.fail(self, |value| Exn::from(Error::index(value, index)))
            }
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        let Self::Array(array) = &self else {
            return opt.fail(self, |value| Exn::from(Error::typ(value, "array")));
        };
        let (start, end) = match Self::bounds(&range, array.items.len()) {
            Ok(bounds) => bounds,
            Err(error) => return opt.fail(self, |_| Exn::from(error)),
        };
        let slice = array.items.get(start..end).unwrap_or_default().to_vec();
        let new = match first(f(Self::array(slice)))? {
            None => Vec::new(),
            Some(Self::Array(new)) => new.items.clone(),
            Some(other) => return Err(Exn::from(Error::typ(other, "array"))),
        };
        let mut items = array.items.clone();
        items.splice(start..end, new);
        Ok(Self::array(items))
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::String(text) => Self::String(text),
            other => Self::string(other.to_json()),
        }
    }
}

impl jaq_std::ValT for Value {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        match self {
            Self::Array(array) => Ok(array.items.iter().cloned().collect()),
            other => Err(other),
        }
    }

    fn is_int(&self) -> bool {
        match self {
            Self::Int(_) => true,
            Self::Decimal(digits) => !digits.text.contains(['.', 'e', 'E']),
            _ => false,
        }
    }

    fn as_isize(&self) -> Option<isize> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }

    fn as_f64(&self) -> Option<f64> {
        self.float()
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::String(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::String(text) = self { Some(text.text.as_bytes()) } else { None }
    }

    fn as_sub_str(&self, part: &[u8]) -> Self {
        Self::string(String::from_utf8_lossy(part))
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::string(String::from_utf8_lossy(bytes.as_ref()))
    }
}
