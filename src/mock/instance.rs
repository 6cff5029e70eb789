//! An instance of a schema: what an API might answer that keeps its word.
//!
//! The same schema always gives the same instance. Examples and defaults in the schema are used where they hold; what
//! breaks the schema around it is left out on the next try, for documents' own examples are often wrong. Optional
//! properties are filled in down to a bound, recursion ends at the second turn.

mod number;
mod pattern;
mod text;

use serde_json::{Map, Value, json};

use super::schema::{self, Flat};
use crate::openapi::definitions::Definitions;

/// Deeper than this nothing is found.
const DEPTH: usize = 48;
/// After so many values only what is required is filled in.
const VALUES: usize = 3_000;
/// After so many values nothing more is found.
const MAX_VALUES: usize = 10_000;
/// So many times examples that do not hold are left out, before all of them are.
const CORRECTIONS: usize = 3;
/// So many items at most, whatever `minItems` says.
const ITEMS: usize = 1_000;
/// So many branches of a `oneOf` are compared at most in one instance.
const COMPARISONS: usize = 64;

/// How much is filled in, from the richest instance to the barest: schemas that are knotted with each other may have
/// a small instance and no large one.
const MANNERS: &[Manner] = &[
    Manner { examples: true, optional_depth: 6 },
    Manner { examples: true, optional_depth: 2 },
    Manner { examples: false, optional_depth: 6 },
    Manner { examples: false, optional_depth: 2 },
    Manner { examples: false, optional_depth: 0 },
];

/// An instance of `schema`, the best that could be found; `None` when the schema takes nothing.
///
/// `definitions` are what `#/$defs/NAME` in the schema refers to.
#[must_use]
pub fn instance(schema: &Value, definitions: &Definitions) -> Option<Value> {
    let validator = schema::validator(schema, definitions);
    let mut distrusted = Vec::new();
    let mut first = None;
    for manner in MANNERS {
        let attempts = if manner.examples { 1 + CORRECTIONS } else { 1 };
        for _ in 0..attempts {
            let Some(found) = Generator::new(definitions, *manner, &distrusted).root(schema) else { break };
            let wrong: Vec<String> = validator
                .iter()
                .flat_map(|validator| validator.iter_errors(&found))
                .map(|error| error.instance_path().to_string())
                .collect();
            if wrong.is_empty() {
                return Some(found);
            }
            distrusted.extend(wrong);
            first.get_or_insert(found);
        }
    }
    first
}

/// How much is filled in.
#[derive(Clone, Copy, Debug)]
struct Manner {
    /// Examples and defaults of the schema are used where they look right.
    examples: bool,
    /// Optional properties and items are filled in above this depth.
    optional_depth: usize,
}

struct Generator<'a> {
    definitions: &'a Definitions,
    manner: Manner,
    /// JSON Pointers to what was wrong on an earlier try.
    distrusted: &'a [String],
    /// JSON Pointer to where we are.
    path: String,
    /// The property that is being filled in: what a text without other hints says.
    name: String,
    /// Definitions that we are inside of.
    open: Vec<String>,
    /// Which one among several equal items, from 0.
    turn: usize,
    depth: usize,
    values: usize,
    comparisons: usize,
}

impl<'a> Generator<'a> {
    fn new(definitions: &'a Definitions, manner: Manner, distrusted: &'a [String]) -> Self {
        Self {
            definitions,
            manner,
            distrusted,
            path: String::new(),
            name: "text".to_owned(),
            open: Vec::new(),
            turn: 0,
            depth: 0,
            values: 0,
            comparisons: 0,
        }
    }

    fn root(mut self, schema: &Value) -> Option<Value> {
        self.value(schema)
    }

    fn value(&mut self, schema: &Value) -> Option<Value> {
        self.values += 1;
        if self.depth >= DEPTH || self.values > MAX_VALUES {
            return None;
        }
        let flat = Flat::of(schema, self.definitions)?;
        if flat.followed.iter().any(|name| self.turns_in(name) > 1) {
            return None;
        }
        let open = self.open.len();
        self.open.extend(flat.followed.iter().cloned());
        self.depth += 1;
        let found = self.chosen(schema, flat);
        self.depth -= 1;
        self.open.truncate(open);
        found
    }

    /// How often we are inside of this definition.
    fn turns_in(&self, name: &str) -> usize {
        self.open.iter().filter(|open| *open == name).count()
    }

    /// Settles `anyOf` and `oneOf`: the first branches that lead to an instance.
    fn chosen(&mut self, schema: &Value, flat: Flat) -> Option<Value> {
        if let Some(example) = self.example(&flat) {
            return Some(example);
        }
        let mut flat = flat;
        let Some(branches) = flat.choices.pop() else { return self.plain(&flat) };
        let exclusive = flat.exclusive && branches.len() > 1;
        let mut first = None;
        for branch in &branches {
            let Some(with) = flat.and(branch, self.definitions) else { continue };
            let followed = with.followed.get(flat.followed.len()..).unwrap_or_default();
            if followed.iter().any(|name| self.turns_in(name) > 1) {
                continue;
            }
            let open = self.open.len();
            self.open.extend(followed.iter().cloned());
            let found = self.chosen(schema, with);
            self.open.truncate(open);
            let Some(found) = found else { continue };
            if !exclusive || self.is_the_only_one(schema, &found) {
                return Some(found);
            }
            first.get_or_insert(found);
        }
        first
    }

    /// Whether no second branch of a `oneOf` takes the value. Compiling costs, so this is asked a few times only.
    fn is_the_only_one(&mut self, schema: &Value, value: &Value) -> bool {
        self.comparisons += 1;
        self.comparisons > COMPARISONS || schema::holds(schema, self.definitions, value)
    }

    /// The schema's own example, or its default, if it looks right.
    fn example(&self, flat: &Flat) -> Option<Value> {
        if !self.manner.examples || self.turn > 0 || self.is_distrusted() {
            return None;
        }
        let examples = flat.get("examples").and_then(Value::as_array);
        let candidates = flat.get("example").into_iter().chain(examples.into_iter().flatten());
        candidates.chain(flat.get("default")).find(|value| !says_nothing(value) && fits(flat, value)).cloned()
    }

    /// Something was wrong here, above or below.
    fn is_distrusted(&self) -> bool {
        self.distrusted
            .iter()
            .any(|wrong| wrong.starts_with(&self.path) || self.path.starts_with(wrong.as_str()))
    }

    /// A schema without choices.
    fn plain(&mut self, flat: &Flat) -> Option<Value> {
        if let Some(value) = flat.get("const") {
            return Some(value.clone());
        }
        if let Some(values) = flat.get("enum").and_then(Value::as_array) {
            return self.one_of(flat, values);
        }
        let named = flat.types();
        let types = if named.is_empty() { vec![likely_type(flat)] } else { named };
        let ordered =
            types.iter().filter(|name| **name != "null").chain(types.iter().filter(|name| **name == "null"));
        ordered.into_iter().find_map(|name| self.of_type(name, flat))
    }

    fn one_of(&self, flat: &Flat, values: &[Value]) -> Option<Value> {
        let fitting: Vec<&Value> = values.iter().filter(|value| fits(flat, value)).collect();
        let said: Vec<&Value> = fitting.iter().copied().filter(|value| !says_nothing(value)).collect();
        let from = if said.is_empty() { fitting } else { said };
        from.get(self.turn % from.len().max(1)).map(|value| (*value).clone())
    }

    fn of_type(&mut self, name: &str, flat: &Flat) -> Option<Value> {
        match name {
            "null" => Some(Value::Null),
            "boolean" => Some(Value::Bool(self.turn.is_multiple_of(2))),
            "integer" => number::integer(flat, self.turn),
            "number" => number::number(flat, self.turn),
            "string" => text::text(flat, &self.name, self.turn).map(Value::String),
            "array" => self.array(flat),
            "object" => self.object(flat),
            _ => None,
        }
    }

    fn array(&mut self, flat: &Flat) -> Option<Value> {
        let least = size(flat, "minItems").unwrap_or_default().min(ITEMS);
        let most = size(flat, "maxItems").unwrap_or(ITEMS);
        let fixed = flat.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let rest = flat.get("contains").or_else(|| flat.get("items")).unwrap_or(&Value::Bool(true));
        let shown = usize::from(self.is_generous() && (fixed.is_empty() || flat.get("items").is_some()));
        let wanted = least.max(fixed.len() + shown);
        let mut items = Vec::new();
        for index in 0..wanted.min(most) {
            let schema = fixed.get(index).unwrap_or(rest);
            let Some(item) = self.item(schema, index, fixed.len()) else { break };
            items.push(item);
        }
        (items.len() >= least).then_some(Value::Array(items))
    }

    /// The item at `index`; the first one after the fixed ones is no variation of another.
    fn item(&mut self, schema: &Value, index: usize, fixed: usize) -> Option<Value> {
        let turn = self.turn;
        self.turn += index.saturating_sub(fixed);
        let found = self.at(&index.to_string(), |generator| generator.value(schema));
        self.turn = turn;
        found
    }

    fn object(&mut self, flat: &Flat) -> Option<Value> {
        let none = Map::new();
        let properties = flat.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required = required(flat);
        let most = size(flat, "maxProperties").unwrap_or(usize::MAX);
        let mut object = Map::new();
        for (name, schema) in properties {
            let needed = required.contains(&name.as_str());
            if !needed && (object.len() >= most || !self.fills_in(schema)) {
                continue;
            }
            match self.property(name, schema) {
                Some(value) => object.insert(name.clone(), value),
                None if needed => return None,
                None => continue,
            };
        }
        for name in required {
            if !object.contains_key(name) {
                let value = self.property(name, undeclared(flat, name))?;
                object.insert(name.to_owned(), value);
            }
        }
        self.fill_up(flat, &mut object)?;
        Some(Value::Object(object))
    }

    /// Properties under names of our own, as many as the schema asks for; one where it only has such.
    fn fill_up(&mut self, flat: &Flat, object: &mut Map<String, Value>) -> Option<()> {
        let least = size(flat, "minProperties").unwrap_or_default().min(ITEMS);
        let named = flat.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
        let typed = flat.get("additionalProperties").is_some_and(Value::is_object);
        let shown = usize::from(typed && !named && self.is_generous());
        for index in 0.. {
            if object.len() >= least.max(shown) || index > least + 1 {
                break;
            }
            let name = self.name_of(flat, index)?;
            match self.property(&name, undeclared(flat, &name)) {
                Some(value) => object.insert(name, value),
                None => break,
            };
        }
        (object.len() >= least).then_some(())
    }

    /// A name that `propertyNames` and `patternProperties` allow.
    fn name_of(&mut self, flat: &Flat, index: usize) -> Option<String> {
        let patterned = flat.get("patternProperties").and_then(Value::as_object);
        if let Some((pattern, _)) = patterned.and_then(|all| all.iter().next()) {
            return pattern::matching(pattern, index);
        }
        let Some(schema) = flat.get("propertyNames") else { return Some(format!("key{}", index + 1)) };
        let turn = std::mem::replace(&mut self.turn, index);
        let name = self.at("", |generator| generator.value(&json!({ "type": "string", "allOf": [schema] })));
        self.turn = turn;
        name.and_then(|name| name.as_str().map(ToOwned::to_owned))
    }

    fn property(&mut self, name: &str, schema: &Value) -> Option<Value> {
        let outer = std::mem::replace(&mut self.name, name.to_owned());
        let pointer = name.replace('~', "~0").replace('/', "~1");
        let found = self.at(&pointer, |generator| generator.value(schema));
        self.name = outer;
        found
    }

    fn at<T>(&mut self, token: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let end = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        let done = work(self);
        self.path.truncate(end);
        done
    }

    /// Whether an optional property of this schema is filled in: not when it would turn in a circle, and not what a
    /// reader of answers never sees.
    fn fills_in(&self, schema: &Value) -> bool {
        let hidden = schema.get("writeOnly") == Some(&Value::Bool(true));
        let name = schema.get("$ref").and_then(Value::as_str).and_then(schema::definition_name);
        self.is_generous() && !hidden && name.is_none_or(|name| self.turns_in(&name) == 0)
    }

    fn is_generous(&self) -> bool {
        self.depth <= self.manner.optional_depth && self.manner.optional_depth > 0 && self.values < VALUES
    }
}

/// `null` and the empty text: allowed, but no example of anything.
fn says_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn required(flat: &Flat) -> Vec<&str> {
    let names = flat.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The schema of a property that is not declared by name.
fn undeclared<'f>(flat: &'f Flat, name: &str) -> &'f Value {
    let patterned = flat.get("patternProperties").and_then(Value::as_object);
    let matching = patterned.into_iter().flatten().find(|(pattern, _)| pattern::is_match(pattern, name));
    matching
        .map(|(_, schema)| schema)
        .or_else(|| flat.get("additionalProperties"))
        .unwrap_or(&Value::Bool(true))
}

fn size(flat: &Flat, keyword: &str) -> Option<usize> {
    flat.get(keyword).and_then(Value::as_f64).filter(|size| *size >= 0.0).map(|size| size.min(1e9) as usize)
}

fn likely_type(flat: &Flat) -> &'static str {
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| flat.get(keyword).is_some());
    if has(&["properties", "additionalProperties", "required", "patternProperties", "minProperties"]) {
        "object"
    } else if has(&["items", "prefixItems", "contains", "minItems"]) {
        "array"
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        "number"
    } else {
        "string"
    }
}

/// Whether a value looks like an instance: its type and the plain bounds, but nothing inside it.
fn fits(flat: &Flat, value: &Value) -> bool {
    let types = flat.types();
    let of_type = types.is_empty() || types.iter().any(|name| is_of_type(value, name));
    let listed = flat.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value));
    let same = flat.get("const").is_none_or(|constant| constant == value);
    of_type && listed && same && number::is_within(flat, value) && text::is_within(flat, value)
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match (value, name) {
        (Value::Null, "null")
        | (Value::Bool(_), "boolean")
        | (Value::Number(_), "number")
        | (Value::String(_), "string")
        | (Value::Array(_), "array")
        | (Value::Object(_), "object") => true,
        (Value::Number(number), "integer") => number.as_f64().is_none_or(|number| number.fract() == 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
