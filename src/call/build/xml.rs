//! XML bodies, by OpenAPI's `xml` object (3.1, section 4.8.26).

use quick_xml::escape::escape;
use serde_json::Value;

use super::body::Source;
use super::style::text;
use super::{Reason, Refusal};
use crate::catalog::schema::{definition, reference, resolve};
use crate::openapi::XML_KEY;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Object};

/// How deep `allOf` and alternatives are searched for a property.
const DEPTH: usize = 8;

/// Writes a document whose root is named by the schema: `xml.name`, else the name of the component, else `root`. A text
/// is taken for XML already.
pub(super) fn write(
    schema: &Json,
    definitions: &Definitions,
    source: &Source<'_>,
) -> Result<Vec<u8>, Refusal> {
    if let Source::Whole(Value::String(text), _) = source {
        return Ok(text.clone().into_bytes());
    }
    if let Some((name, _)) = source.properties().into_iter().find(|(_, value)| holds_control(value)) {
        return Err(Refusal::Argument(source.argument(name), Reason::Control));
    }
    let mut writer = Writer { out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(), definitions };
    let name = reference(schema).unwrap_or("root");
    match source {
        Source::Whole(Value::Array(items), _) => writer.list(name, items, schema),
        Source::Whole(value, _) => writer.property(name, value, schema),
        Source::Properties(_) => writer.element(name, &source.properties(), schema),
    }
    Ok(writer.out.into_bytes())
}

struct Writer<'d> {
    out: String,
    definitions: &'d Definitions,
}

/// What `xml` says about a schema.
#[derive(Default)]
struct Rules<'a> {
    name: Option<&'a str>,
    prefix: Option<&'a str>,
    namespace: Option<&'a str>,
    node: Node,
    wrapped: bool,
}

/// What a value becomes (3.2's `nodeType`; `attribute` of earlier versions).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Node {
    #[default]
    Element,
    Attribute,
    /// Text of the element around it.
    Text,
    /// The same, in a CDATA section.
    CData,
    /// Nothing of its own: what is in it belongs to the element around it.
    Nothing,
}

impl<'d> Writer<'d> {
    /// Writes a document that is a list: there is one root around the items, whatever the schema says.
    fn list(&mut self, name: &str, items: &[Value], schema: &'d Json) {
        let rules = self.rules(schema);
        let name = rules.name.unwrap_or(name);
        let item_schema = self.items(schema);
        let item_name = reference(item_schema).unwrap_or("item");
        self.open(name, &rules, &[]);
        items.iter().for_each(|item| self.property(item_name, item, item_schema));
        self.close(name, &rules);
    }

    /// Writes a property: an element, or for an array one for each item, wrapped when the schema says so.
    fn property(&mut self, name: &str, value: &Value, schema: &'d Json) {
        match value {
            Value::Array(items) => {
                let rules = self.rules(schema);
                let item_schema = self.items(schema);
                if rules.wrapped {
                    let outer = rules.name.unwrap_or(name);
                    self.open(outer, &rules, &[]);
                    items.iter().for_each(|item| self.property(outer, item, item_schema));
                    self.close(outer, &rules);
                } else {
                    items.iter().for_each(|item| self.property(name, item, item_schema));
                }
            }
            Value::Object(object) => {
                let properties: Vec<_> = object.iter().map(|(name, value)| (name.as_str(), value)).collect();
                self.element(name, &properties, schema);
            }
            value => {
                let rules = self.rules(schema);
                let name = rules.name.unwrap_or(name);
                let text = text(value).unwrap_or_default();
                match rules.node {
                    Node::Text | Node::Nothing => self.out.push_str(&escape(text)),
                    // What would end the section goes into the next one.
                    Node::CData => {
                        let inner = text.replace("]]>", "]]]]><![CDATA[>");
                        self.out.push_str(&format!("<![CDATA[{inner}]]>"));
                    }
                    Node::Element | Node::Attribute => {
                        self.open(name, &rules, &[]);
                        self.out.push_str(&escape(text));
                        self.close(name, &rules);
                    }
                }
            }
        }
    }

    /// Writes an object: attributes first, then elements in the order given.
    fn element(&mut self, name: &str, properties: &[(&str, &Value)], schema: &'d Json) {
        let rules = self.rules(schema);
        let name = rules.name.unwrap_or(name);
        let mut attributes = Vec::new();
        let mut elements = Vec::new();
        for (property, value) in properties {
            let schema = self.schema_of(schema, property, DEPTH).unwrap_or(&Json::Null);
            let rules = self.rules(schema);
            if rules.node == Node::Attribute {
                let Some(value) = text(value) else { continue };
                let name = prefixed(rules.name.unwrap_or(property), rules.prefix);
                attributes.push(format!(" {name}=\"{}\"", escape(value)));
            } else {
                elements.push((*property, *value, schema));
            }
        }
        let is_element = rules.node != Node::Nothing;
        if is_element {
            self.open(name, &rules, &attributes);
        }
        for (name, value, schema) in elements {
            self.property(name, value, schema);
        }
        if is_element {
            self.close(name, &rules);
        }
    }

    fn open(&mut self, name: &str, rules: &Rules<'_>, attributes: &[String]) {
        self.out.push('<');
        self.out.push_str(&prefixed(name, rules.prefix));
        if let Some(namespace) = rules.namespace {
            let declared = rules.prefix.map(|prefix| format!(":{}", legal(prefix))).unwrap_or_default();
            self.out.push_str(&format!(" xmlns{declared}=\"{}\"", escape(namespace)));
        }
        attributes.iter().for_each(|attribute| self.out.push_str(attribute));
        self.out.push('>');
    }

    fn close(&mut self, name: &str, rules: &Rules<'_>) {
        self.out.push_str("</");
        self.out.push_str(&prefixed(name, rules.prefix));
        self.out.push('>');
    }

    fn rules(&self, schema: &'d Json) -> Rules<'d> {
        // `xml` beside a `$ref` counts before that of what it refers to.
        let own = schema.get(XML_KEY).or_else(|| resolve(schema, self.definitions).get(XML_KEY));
        let Some(Json::Object(xml)) = own else { return Rules::default() };
        let text = |key: &str| xml.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
        let is = |key: &str| xml.get(key) == Some(&Json::Bool(true));
        Rules {
            name: text("name"),
            prefix: text("prefix"),
            namespace: text("namespace"),
            node: match text("nodeType") {
                Some("attribute") => Node::Attribute,
                Some("text") => Node::Text,
                Some("cdata") => Node::CData,
                Some("none") => Node::Nothing,
                _ if is("attribute") => Node::Attribute,
                _ => Node::Element,
            },
            wrapped: is("wrapped") || text("nodeType") == Some("element") && self.is_array(schema),
        }
    }

    fn is_array(&self, schema: &Json) -> bool {
        resolve(schema, self.definitions).get("items").is_some()
    }

    fn items(&self, schema: &'d Json) -> &'d Json {
        resolve(schema, self.definitions).get("items").unwrap_or(&Json::Null)
    }

    /// The schema of a property, wherever the object's schema has it.
    fn schema_of(&self, schema: &'d Json, name: &str, depth: usize) -> Option<&'d Json> {
        let depth = depth.checked_sub(1)?;
        let keywords: &'d Object = schema.as_object()?;
        if let Some(found) = keywords.get("properties").and_then(|properties| properties.get(name)) {
            return Some(found);
        }
        let target = reference(schema).and_then(|name| definition(self.definitions, name));
        let parts =
            ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| keywords.get(keyword)?.as_array());
        target.into_iter().chain(parts.flatten()).find_map(|part| self.schema_of(part, name, depth))
    }
}

fn prefixed(name: &str, prefix: Option<&str>) -> String {
    match prefix {
        Some(prefix) => format!("{}:{}", legal(prefix), legal(name)),
        None => legal(name),
    }
}

/// A name that may stand in a tag; argument names and keys of free objects need not.
fn legal(name: &str) -> String {
    let mut legal: String = name
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || matches!(character, '_' | '-' | '.') { character } else { '_' }
        })
        .collect();
    if !legal.starts_with(|character: char| character.is_alphabetic() || character == '_') {
        legal.insert(0, '_');
    }
    legal
}

/// Whether a text holds a control character that XML 1.0 cannot hold in any form.
fn holds_control(value: &Value) -> bool {
    let is_illegal = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    match value {
        Value::String(text) => text.contains(is_illegal),
        Value::Array(items) => items.iter().any(holds_control),
        Value::Object(object) => object.values().any(holds_control),
        _ => false,
    }
}
