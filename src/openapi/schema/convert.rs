//! One schema, keyword by keyword.

use serde_json::{Map, Value, json};

use super::super::node::{EntryRef, Node};
use super::super::reference::{References, reference_of};
use super::super::version::Version;
use super::pattern::Written;
use super::types::Types;
use super::{Direction, Fault, Index, Schemas, XML, combine, enumeration, number, pattern};

/// Schemas nested deeper than this within one another accept anything. References do not nest.
const DEEPEST: usize = 64;

/// Keywords of a Swagger 2.0 parameter that mean something else in a schema.
const OF_PARAMETER: [&str; 5] = ["description", "required", "title", "deprecated", "xml"];

/// Converts a schema and notes the definitions that it refers to.
pub(super) struct Converter<'a, 'd> {
    pub(super) schemas: &'a mut Schemas<'d>,
    pub(super) references: &'a mut References<'d>,
    found: Vec<Index>,
    /// The schemas around the one that is being converted, outermost first.
    enclosing: Vec<Node<'d>>,
}

/// A schema in the making.
pub(super) struct Draft<'d> {
    pub(super) node: Node<'d>,
    pub(super) types: Types,
    pub(super) schema: Map<String, Value>,
    /// Properties that are there the other way only.
    pub(super) hidden: Vec<&'d str>,
    /// Properties that say themselves that they are required, as in JSON Schema's third draft.
    pub(super) required: Vec<&'d str>,
}

impl<'a, 'd> Converter<'a, 'd> {
    pub(super) fn new(schemas: &'a mut Schemas<'d>, references: &'a mut References<'d>) -> Self {
        Self { schemas, references, found: Vec::new(), enclosing: Vec::new() }
    }

    /// The definitions that what was converted refers to, each once.
    pub(super) fn finish(self) -> Vec<Index> {
        self.found
    }

    pub(super) fn schema(&mut self, node: Node<'d>) -> Value {
        if let Some(accepts) = node.as_bool() {
            return if accepts { json!({}) } else { Value::Bool(false) };
        }
        if node.is_object() && self.enclosing.len() < DEEPEST {
            return self.object(node, &[]);
        }
        if !node.is_object() && node.kind() != super::super::node::Kind::Null {
            self.fault(Fault::NotASchema, node);
        }
        json!({})
    }

    pub(super) fn parameter(&mut self, node: Node<'d>) -> Value {
        self.object(node, &OF_PARAMETER)
    }

    fn object(&mut self, node: Node<'d>, skip: &[&str]) -> Value {
        let mut draft = Draft {
            node,
            types: Types::of(node),
            schema: Map::with_capacity(node.len()),
            hidden: Vec::new(),
            required: Vec::new(),
        };
        self.enclosing.push(node);
        for entry in node.entries().filter(|entry| !skip.contains(&entry.key)) {
            self.keyword(entry, &mut draft);
        }
        self.enclosing.pop();
        combine::finish(self, draft)
    }

    fn keyword(&mut self, entry: EntryRef<'d>, draft: &mut Draft<'d>) {
        let EntryRef { key, value, .. } = entry;
        let converted = match key {
            "$ref" | "$dynamicRef" | "$recursiveRef" => return self.reference(key, value, draft),
            "type" => return self.types(value, draft),
            "properties" => self.properties(value, draft),
            "required" => return self.required(value, draft),
            "items" | "additionalItems" => return self.items(key, value, draft),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                return self.limit(key, value, draft);
            }
            "title" | "description" | "format" | "contentEncoding" | "contentMediaType" => {
                self.text(key, value, draft)
            }
            "deprecated" | "uniqueItems" => {
                value.scalar().is_some_and(|text| text == "true").then_some(Value::Bool(true))
            }
            "enum" | "const" | "default" => self.values(key, value, draft),
            "pattern" => self.pattern(value),
            "patternProperties" => self.pattern_properties(value),
            "dependentSchemas" => self.map(value),
            "dependentRequired" => dependent_required(value),
            "xml" => xml(value),
            "multipleOf" => {
                self.checked(number::limit(value).filter(number::is_divisor), Fault::Number, value)
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => self.checked(number::count(value), Fault::Count, value),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => self.list(value),
            "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems" => Some(self.open(value)),
            "not" | "if" | "then" | "else" | "contains" | "propertyNames" => Some(self.schema(value)),
            _ => None,
        };
        if let Some(converted) = converted {
            let key = if key == "xml" { XML } else { key };
            draft.schema.insert(key.to_owned(), converted);
        }
    }

    pub(super) fn fault(&mut self, fault: Fault, node: Node<'d>) {
        self.references.report().fault(fault, node);
    }

    fn checked(&mut self, value: Option<Value>, fault: Fault, node: Node<'d>) -> Option<Value> {
        if value.is_none() {
            self.fault(fault, node);
        }
        value
    }

    /// `$ref` and its kin. What stands beside a `$ref` counts, as JSON Schema 2020-12 has it, also in documents of
    /// versions that ignore it: their authors write descriptions there. Only a type, which older tools ask for
    /// there and authors then copy from elsewhere, has to agree with the target.
    fn reference(&mut self, key: &str, value: Node<'d>, draft: &mut Draft<'d>) {
        if value.as_str().is_none() {
            return self.fault(Fault::Text, value);
        }
        let target = match key {
            "$ref" => self.references.schema(draft.node),
            "$recursiveRef" => Some(self.recursive_target()),
            _ => self.references.schema_at(draft.node, key),
        };
        let Some(target) = target else { return };
        let index = self.schemas.define(target, draft.node);
        if !self.found.contains(&index) {
            self.found.push(index);
        }
        let name = self.schemas.name(index);
        draft.schema.insert("$ref".to_owned(), Value::String(format!("#/$defs/{name}")));
        let others = Types::of(target);
        if !draft.types.is_empty() && (!draft.types.meets(others) || self.schemas.version < Version::V31) {
            if !draft.types.meets(others) && self.schemas.version >= Version::V31 {
                self.fault(Fault::TypeBesideReference, value);
            }
            draft.types = Types::default();
            draft.schema.shift_remove("type");
        }
    }

    /// `$recursiveRef: "#"` of draft 2019-09 means the outermost schema that says `$recursiveAnchor: true`. In an
    /// OpenAPI document no `$id` bounds the search, so it is the schema that was converted first.
    fn recursive_target(&self) -> Node<'d> {
        let anchored = |node: &&Node<'d>| node.get("$recursiveAnchor").and_then(Node::as_bool) == Some(true);
        let found = self.enclosing.iter().find(anchored).or(self.enclosing.first());
        found.copied().unwrap_or_else(|| self.references.root())
    }

    fn types(&mut self, value: Node<'d>, draft: &mut Draft<'d>) {
        let (types, known) = Types::read(value);
        if !known {
            self.fault(Fault::Type, value);
        }
        let beside_reference = reference_of(draft.node).is_some();
        // The reference decides whether the type stays; it may come before or after.
        if draft.types.is_empty() || (beside_reference && self.schemas.version < Version::V31) {
            return;
        }
        if let Some(names) = types.to_value() {
            draft.schema.insert("type".to_owned(), names);
        }
        if value.as_str() == Some("file") {
            draft.schema.insert("format".to_owned(), json!("binary"));
        }
    }

    fn text(&mut self, key: &str, value: Node<'d>, draft: &Draft<'d>) -> Option<Value> {
        let text = self.references.text(draft.node, key);
        if text.is_none() && value.kind() != super::super::node::Kind::Null {
            self.fault(Fault::Text, value);
        }
        text.filter(|text| !text.is_empty()).map(|text| Value::String(text.to_owned()))
    }

    fn values(&mut self, key: &str, value: Node<'d>, draft: &Draft<'d>) -> Option<Value> {
        match key {
            "enum" if self.schemas.version < Version::V31 && reference_of(draft.node).is_some() => None,
            // Decided when the items are known.
            "enum" if draft.types == Types::ARRAY && !value.items().any(Node::is_array) => None,
            "enum" => {
                let values = enumeration::values(value, draft.types).map(Value::Array);
                self.checked(values, Fault::Enum, value)
            }
            "const" => self.checked(enumeration::coerced(value.to_value(), draft.types), Fault::Const, value),
            // Looked at again when the whole schema is known.
            _ => Some(value.to_value()),
        }
    }

    fn pattern(&mut self, value: Node<'d>) -> Option<Value> {
        let written = value.as_str().map(pattern::read);
        if matches!(written, Some(Written::Literal { .. })) {
            self.fault(Fault::PatternLiteral, value);
        }
        let text = match written {
            // Case cannot be ignored in JSON Schema, so nothing is checked rather than half.
            Some(Written::Literal { ignores_case: true, .. }) => return None,
            Some(Written::Literal { inside: text, .. } | Written::Plain(text)) => Some(text),
            None => None,
        };
        let text = text.filter(|text| self.is_linear(text));
        self.checked(text.map(|text| Value::String(text.to_owned())), Fault::Pattern, value)
    }

    fn is_linear(&mut self, text: &'d str) -> bool {
        *self.schemas.patterns.entry(text).or_insert_with(|| pattern::is_linear(text))
    }

    fn limit(&mut self, key: &str, value: Node<'d>, draft: &mut Draft<'d>) {
        let (bound, exclusive) = match key {
            "minimum" | "exclusiveMinimum" => ("minimum", "exclusiveMinimum"),
            _ => ("maximum", "exclusiveMaximum"),
        };
        let is_exclusive = |node: Option<Node<'_>>| node.and_then(Node::as_bool);
        if key == exclusive && value.as_bool().is_some() {
            return;
        }
        let key = if key == bound && is_exclusive(draft.node.get(exclusive)) == Some(true) {
            exclusive
        } else {
            key
        };
        if let Some(limit) = self.checked(number::limit(value), Fault::Number, value) {
            draft.schema.insert(key.to_owned(), limit);
        }
    }

    fn properties(&mut self, value: Node<'d>, draft: &mut Draft<'d>) -> Option<Value> {
        if !value.is_object() {
            return self.checked(None, Fault::Object, value);
        }
        let mut properties = Map::with_capacity(value.len());
        for entry in value.entries() {
            if self.is_hidden(entry.value) {
                draft.hidden.push(entry.key);
                continue;
            }
            if entry.value.get("required").and_then(Node::as_bool) == Some(true) {
                draft.required.push(entry.key);
            }
            let schema = self.schema(entry.value);
            properties.insert(entry.key.to_owned(), schema);
        }
        Some(Value::Object(properties))
    }

    /// Whether a property is there the other way only.
    pub(super) fn is_hidden(&mut self, property: Node<'d>) -> bool {
        let key = match self.schemas.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let says = |node: Node<'_>| node.get(key).is_some_and(|flag| flag.scalar() == Some("true"));
        says(property)
            || (reference_of(property).is_some() && self.references.schema(property).is_some_and(says))
    }

    fn required(&mut self, value: Node<'d>, draft: &mut Draft<'d>) {
        if value.as_bool().is_some() {
            // The third draft's way: it is the properties around this schema that it speaks to.
            return;
        }
        if !value.is_array() || value.items().any(|item| item.scalar().is_none()) {
            self.fault(Fault::Required, value);
        }
        for name in value.items().filter_map(Node::scalar) {
            draft.required.push(name);
        }
    }

    /// `items` is one schema, or (before 2020-12) a list of them, which is then followed by `additionalItems`.
    fn items(&mut self, key: &str, value: Node<'d>, draft: &mut Draft<'d>) {
        let is_tuple = draft.node.get("items").is_some_and(Node::is_array);
        let (key, schema) = match (key, is_tuple) {
            ("items", true) => ("prefixItems", self.list(value)),
            ("additionalItems", true) => ("items", Some(self.open(value))),
            ("additionalItems", false) => return,
            (_, _) => ("items", Some(self.open(value))),
        };
        if let Some(schema) = schema {
            draft.schema.insert(key.to_owned(), schema);
        }
    }

    /// A schema at a place where `true` and `false` are usual.
    fn open(&mut self, value: Node<'d>) -> Value {
        match value.scalar() {
            Some("true") => Value::Bool(true),
            Some("false") => Value::Bool(false),
            _ => self.schema(value),
        }
    }

    fn list(&mut self, value: Node<'d>) -> Option<Value> {
        if value.is_object() {
            return Some(json!([self.schema(value)]));
        }
        if value.is_empty() {
            return self.checked(None, Fault::List, value);
        }
        Some(value.items().map(|item| self.schema(item)).collect())
    }

    fn map(&mut self, value: Node<'d>) -> Option<Value> {
        if !value.is_object() {
            return self.checked(None, Fault::Object, value);
        }
        Some(value.entries().map(|entry| (entry.key.to_owned(), self.schema(entry.value))).collect())
    }

    fn pattern_properties(&mut self, value: Node<'d>) -> Option<Value> {
        let mut schemas = Map::new();
        for entry in value.entries() {
            if self.is_linear(entry.key) {
                let schema = self.schema(entry.value);
                schemas.insert(entry.key.to_owned(), schema);
            } else {
                self.fault(Fault::Pattern, entry.value);
            }
        }
        (!schemas.is_empty()).then_some(Value::Object(schemas))
    }
}

fn dependent_required(value: Node<'_>) -> Option<Value> {
    let names = |list: Node<'_>| -> Value { list.items().filter_map(Node::as_str).collect() };
    let map: Map<_, _> = value.entries().map(|entry| (entry.key.to_owned(), names(entry.value))).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

/// What the wire needs of OpenAPI's XML object.
fn xml(value: Node<'_>) -> Option<Value> {
    const KEYS: [&str; 6] = ["name", "namespace", "prefix", "attribute", "wrapped", "nodeType"];
    let known = value.entries().filter(|entry| KEYS.contains(&entry.key));
    let map: Map<_, _> = known.map(|entry| (entry.key.to_owned(), entry.value.to_value())).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}
