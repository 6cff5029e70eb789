//! Parameters, from the wire back to values: OpenAPI's styles read in the direction of a server.
//!
//! Nothing here is shared with what writes requests. A style is undone first, which gives texts in lists and fields
//! ([`Loose`]); the schema then says which of them are numbers, booleans and so on ([`typed`]). Where a schema leaves
//! several readings open, all are handed on and whoever validates takes the first that holds.

use serde_json::{Map, Value};

use super::received::{Pair, decoded, decoded_form};
use super::schema::{self, Shape};
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Encoding, Location, Parameter, Style};

/// A value whose texts have no types yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Loose {
    Text(String),
    List(Vec<Self>),
    Fields(Vec<(String, Self)>),
}

/// Why the text of a parameter does not have its style.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misshapen {
    #[error("must begin with '{0}'")]
    Prefix(String),
    #[error("is no list of names and values")]
    Fields,
    #[error("is given {0} times, and takes one value")]
    Repeated(usize),
    #[error("is not well-formed JSON: {0}")]
    Json(String),
    #[error("is no such form: {0}")]
    Form(String),
    #[error("must be given as {0}[key]=value")]
    DeepObject(String),
}

/// The readings of a value, most likely first; never empty.
pub(super) type Readings = Vec<Value>;

/// What reads one parameter.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'o> {
    pub name: &'o str,
    pub schema: &'o Value,
    pub definitions: &'o Definitions,
    pub shape: Shape,
    pub style: Style,
    pub explode: bool,
    pub reserved: bool,
}

impl<'o> Decoder<'o> {
    pub(super) fn new(parameter: &'o Parameter, schema: &'o Value, definitions: &'o Definitions) -> Self {
        let style = Self::plain(&parameter.name, schema, definitions, parameter.location);
        style.with(&parameter.encoding)
    }

    /// A decoder by the styles that hold when none is said.
    pub(super) fn plain(
        name: &'o str,
        schema: &'o Value,
        definitions: &'o Definitions,
        location: Location,
    ) -> Self {
        let style = location.default_style();
        let shape = Shape::of(schema, definitions);
        Self { name, schema, definitions, shape, style, explode: style == Style::Form, reserved: false }
    }

    pub(super) fn with(self, encoding: &Encoding) -> Self {
        match encoding {
            Encoding::Style { style, explode, allow_reserved, .. } => {
                Self { style: *style, explode: *explode, reserved: *allow_reserved, ..self }
            }
            Encoding::Content { .. } => self,
        }
    }

    /// A path variable.
    pub(super) fn path(&self, raw: &str) -> Result<Readings, Misshapen> {
        match self.style {
            Style::Label => self.labelled(raw),
            Style::Matrix => self.matrix(raw),
            _ => self.delimited(raw, &[","], &decoded),
        }
    }

    /// A header: never percent-encoded, blanks around its items mean nothing.
    pub(super) fn header(&self, raw: &str) -> Result<Readings, Misshapen> {
        self.delimited(raw, &[","], &|text| text.trim().to_owned())
    }

    /// What `pairs` hold of this parameter; those are marked. `others` are names that other parameters have.
    pub(super) fn pairs(&self, pairs: &mut [Pair], others: &[&str]) -> Result<Option<Readings>, Misshapen> {
        match (self.style, self.explode) {
            (Style::DeepObject, _) => self.deep(pairs),
            (_, true) => self.exploded(pairs, others),
            (style, false) => {
                let values = take(pairs, |name| name == self.name);
                match values.as_slice() {
                    [] => Ok(None),
                    [(_, value)] => {
                        self.delimited(value, separators(style), &|text| self.text(text)).map(Some)
                    }
                    several => Err(Misshapen::Repeated(several.len())),
                }
            }
        }
    }

    /// A text of the query or a form.
    fn text(&self, raw: &str) -> String {
        if self.reserved { decoded(raw) } else { decoded_form(raw) }
    }

    /// `a,b` or `k,v,k,v` or, exploded, `k=v,k=v`.
    fn delimited(
        &self,
        raw: &str,
        separators: &[&str],
        decode: &dyn Fn(&str) -> String,
    ) -> Result<Readings, Misshapen> {
        let mut readings = Vec::new();
        if self.shape.primitive {
            readings.push(Loose::Text(decode(raw)));
        }
        let parts = split(raw, separators);
        if self.shape.array {
            readings.push(Loose::List(parts.iter().map(|part| Loose::Text(decode(part))).collect()));
        }
        if self.shape.object {
            match fields(&parts, self.explode, decode) {
                Some(fields) => readings.push(Loose::Fields(fields)),
                None if readings.is_empty() => return Err(Misshapen::Fields),
                None => {}
            }
        }
        Ok(self.typed(readings))
    }

    /// `.a`, `.a,b`, exploded `.a.b` (RFC 6570, section 3.2.5).
    fn labelled(&self, raw: &str) -> Result<Readings, Misshapen> {
        let raw = raw.strip_prefix('.').ok_or_else(|| Misshapen::Prefix(".".to_owned()))?;
        self.delimited(raw, if self.explode { &["."] } else { &[","] }, &decoded)
    }

    /// `;name=a`, `;name=a,b`, exploded `;name=a;name=b` or `;k=v;k=v` (RFC 6570, section 3.2.7).
    fn matrix(&self, raw: &str) -> Result<Readings, Misshapen> {
        let prefix = || Misshapen::Prefix(format!(";{}=", self.name));
        let raw = raw.strip_prefix(';').ok_or_else(prefix)?;
        let mut pairs: Vec<Pair> = raw
            .split(';')
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| Pair { name: decoded(name), value: value.to_owned(), taken: false })
            .collect();
        let decoder = Self { style: Style::Form, reserved: true, ..*self };
        decoder.pairs(&mut pairs, &[])?.ok_or_else(prefix)
    }

    /// Each item or property as a pair of its own.
    fn exploded(&self, pairs: &mut [Pair], others: &[&str]) -> Result<Option<Readings>, Misshapen> {
        let values = take(pairs, |name| name == self.name);
        let mut readings = Vec::new();
        if let [(_, value)] = values.as_slice()
            && self.shape.primitive
        {
            readings.push(Loose::Text(self.text(value)));
        }
        if self.shape.array && !values.is_empty() {
            let items: Vec<Loose> = values.iter().map(|(_, value)| Loose::Text(self.text(value))).collect();
            let nothing = items == [Loose::Text(String::new())];
            readings.push(Loose::List(items));
            readings.extend(nothing.then(|| Loose::List(Vec::new())));
        }
        if self.shape.object && values.is_empty() {
            let fields = self.own_fields(pairs, others);
            readings.extend((!fields.is_empty()).then_some(Loose::Fields(fields)));
        }
        match (readings.is_empty(), values.len()) {
            (true, 0) => Ok(None),
            (true, times) => Err(Misshapen::Repeated(times)),
            _ => Ok(Some(self.typed(readings))),
        }
    }

    /// The pairs whose names are properties of this object, or might be, and belong to no other parameter.
    fn own_fields(&self, pairs: &mut [Pair], others: &[&str]) -> Vec<(String, Loose)> {
        let declared = schema::property_names(self.schema, self.definitions);
        let open = schema::is_open(self.schema, self.definitions);
        let taken = take(pairs, |name| {
            declared.iter().any(|declared| declared == name) || (open && !others.contains(&name))
        });
        let mut fields = Vec::new();
        for (name, value) in taken {
            add(&mut fields, &[name.as_str()], self.text(&value));
        }
        fields
    }

    /// `name[key]=value`, deeper keys in more brackets.
    fn deep(&self, pairs: &mut [Pair]) -> Result<Option<Readings>, Misshapen> {
        let prefix = format!("{}[", self.name);
        let taken = take(pairs, |name| name == self.name || name.starts_with(&prefix));
        let mut fields = Vec::new();
        let mut items = Vec::new();
        for (name, value) in &taken {
            let value = self.text(value);
            let keys = name.get(self.name.len()..).and_then(brackets);
            let keys = keys.ok_or_else(|| Misshapen::DeepObject(self.name.to_owned()))?;
            match keys.as_slice() {
                [] if self.shape.array || self.shape.primitive => items.push(Loose::Text(value)),
                [] => return Err(Misshapen::DeepObject(self.name.to_owned())),
                keys => add(&mut fields, keys, value),
            }
        }
        let mut readings = Vec::new();
        if let ([item], true) = (items.as_slice(), self.shape.primitive) {
            readings.push(item.clone());
        }
        readings.extend((!items.is_empty()).then_some(Loose::List(items)));
        readings.extend((!fields.is_empty()).then_some(Loose::Fields(fields)));
        Ok((!readings.is_empty()).then(|| self.typed(readings)))
    }

    fn typed(&self, readings: Vec<Loose>) -> Readings {
        readings.into_iter().map(|loose| typed(loose, self.schema, self.definitions)).collect()
    }
}

/// Gives texts the types that the schema asks for.
pub(super) fn typed(loose: Loose, schema: &Value, definitions: &Definitions) -> Value {
    match loose {
        Loose::Text(text) => leaf(text, schema, definitions),
        Loose::List(items) => {
            let item_schema = schema::items(schema, definitions);
            Value::Array(items.into_iter().map(|item| typed(item, &item_schema, definitions)).collect())
        }
        Loose::Fields(fields) => {
            let shape = Shape::of(schema, definitions);
            if shape.array && !shape.object {
                let items = fields.into_iter().map(|(_, item)| item).collect();
                return typed(Loose::List(items), schema, definitions);
            }
            let typed = fields.into_iter().map(|(name, value)| {
                let value = typed(value, &schema::property(schema, definitions, &name), definitions);
                (name, value)
            });
            Value::Object(typed.collect::<Map<_, _>>())
        }
    }
}

/// A text as the schema takes it: text, number, boolean, null, or JSON where only a list or an object will do.
fn leaf(text: String, schema: &Value, definitions: &Definitions) -> Value {
    let shape = Shape::of(schema, definitions);
    let parsed = serde_json::from_str::<Value>(&text).ok();
    let string = Value::String(text);
    if !shape.primitive {
        let parsed = parsed.filter(|value| value.is_array() || value.is_object());
        return parsed.unwrap_or(if shape.array { Value::Array(vec![string]) } else { string });
    }
    let Some(validator) = schema::validator(schema, definitions) else { return string };
    if validator.is_valid(&string) {
        return string;
    }
    if string.as_str().is_some_and(str::is_empty) && validator.is_valid(&Value::Null) {
        return Value::Null;
    }
    match parsed {
        Some(value) if validator.is_valid(&value) => value,
        Some(Value::Number(number)) if takes_numbers(schema, definitions) => Value::Number(number),
        _ => string,
    }
}

fn takes_numbers(schema: &Value, definitions: &Definitions) -> bool {
    let flat = schema::Flat::of(schema, definitions);
    flat.is_some_and(|flat| flat.types().iter().any(|name| matches!(*name, "integer" | "number")))
}

/// Takes the pairs with such names.
fn take(pairs: &mut [Pair], wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let open = pairs.iter_mut().filter(|pair| !pair.taken && wanted(&pair.name));
    open.map(|pair| {
        pair.taken = true;
        (pair.name.clone(), pair.value.clone())
    })
    .collect()
}

/// What stands between the items of a list in a query. A blank, a bar and a tab must be encoded there, and are
/// delimiters all the same.
fn separators(style: Style) -> &'static [&'static str] {
    match style {
        Style::SpaceDelimited => &["%20", "+"],
        Style::PipeDelimited => &["|", "%7C", "%7c"],
        Style::TabDelimited => &["%09", "\t"],
        _ => &[","],
    }
}

fn split<'r>(raw: &'r str, separators: &[&str]) -> Vec<&'r str> {
    if raw.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![raw];
    for separator in separators {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    parts
}

fn fields(parts: &[&str], explode: bool, decode: &dyn Fn(&str) -> String) -> Option<Vec<(String, Loose)>> {
    if explode {
        let pairs = parts.iter().map(|part| part.split_once('='));
        return pairs
            .map(|pair| pair.map(|(name, value)| (decode(name), Loose::Text(decode(value)))))
            .collect();
    }
    let (pairs, rest) = parts.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[name, value]| (decode(name), Loose::Text(decode(value)))).collect())
}

/// The keys of `[a][b]`; none of an empty text.
fn brackets(text: &str) -> Option<Vec<&str>> {
    let mut keys = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push(key);
        rest = after;
    }
    Some(keys)
}

/// Adds a value below these keys; what is there twice becomes a list, and so does what has an empty key.
fn add(fields: &mut Vec<(String, Loose)>, keys: &[&str], value: String) {
    let Some((key, deeper)) = keys.split_first() else { return };
    let at = fields.iter().position(|(name, _)| name == key);
    let known = at.and_then(|at| fields.get_mut(at)).map(|(_, value)| value);
    match (known, deeper) {
        (None, [] | [""]) => {
            let text = Loose::Text(value);
            let list = !deeper.is_empty();
            fields.push(((*key).to_owned(), if list { Loose::List(vec![text]) } else { text }));
        }
        (None, deeper) => {
            let mut inner = Vec::new();
            add(&mut inner, deeper, value);
            fields.push(((*key).to_owned(), Loose::Fields(inner)));
        }
        (Some(Loose::Fields(inner)), deeper) => add(inner, deeper, value),
        (Some(Loose::List(items)), _) => items.push(Loose::Text(value)),
        (Some(known), _) => {
            let first = std::mem::replace(known, Loose::List(Vec::new()));
            *known = Loose::List(vec![first, Loose::Text(value)]);
        }
    }
}

#[cfg(test)]
mod tests;
