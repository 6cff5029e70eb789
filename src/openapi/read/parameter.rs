//! Parameters: where a value goes and how it is written.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::json;

use super::media_type::{MediaKind, concrete};
use super::path::PathItem;
use super::{Reader, flag};
use crate::diagnostic::Code;
use crate::openapi::node::Node;
use crate::openapi::operation::{Encoding, Location, Parameter, Style};
use crate::openapi::report::NodeKey;
use crate::openapi::schema::Schema;
use crate::openapi::version::Version;
use crate::source::Place;

/// A parameter whose schema still belongs to the document.
#[derive(Clone)]
pub(super) struct TypedParameter {
    pub(super) name: String,
    pub(super) location: Location,
    pub(super) required: bool,
    pub(super) deprecated: bool,
    pub(super) description: Option<String>,
    pub(super) schema: Schema,
    pub(super) encoding: Encoding,
    /// Where it was written.
    pub(super) place: Place,
}

/// What a path item and an operation declare between them.
#[derive(Default)]
pub(super) struct Declared<'d> {
    /// Parameters, those of the operation in place of the path item's of the same name and location.
    pub(super) parameters: Vec<Rc<TypedParameter>>,
    /// Swagger 2.0: `in: body`.
    pub(super) body: Option<Node<'d>>,
    /// Swagger 2.0: `in: formData`.
    pub(super) form: Vec<Node<'d>>,
    /// Swagger 2.0: header parameters that say the body's media type, or the answer's.
    pub(super) content_type: Option<Node<'d>>,
    /// Some could not be read, which has been told.
    pub(super) lost: bool,
}

/// Headers that are set for each request, or that only the connection may set (RFC 9110, section 7.6.1).
const RESERVED_HEADERS: [&str; 17] = [
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept-encoding",
];

impl TypedParameter {
    /// The parameter of the operation at `operation`, of which something was cut, or nothing was.
    pub(super) fn finish(&self, cut: bool, operation: &Place) -> Parameter {
        Parameter {
            name: self.name.clone(),
            location: self.location,
            required: self.required,
            deprecated: self.deprecated,
            description: self.description.clone(),
            schema: self.schema.for_operation(cut),
            encoding: self.encoding.clone(),
            // Spans of an operation are about its own source.
            span: if Arc::ptr_eq(&self.place.source, &operation.source) {
                self.place.span
            } else {
                operation.span
            },
        }
    }

    fn is(&self, location: Location, name: &str) -> bool {
        self.location == location
            && match location {
                Location::Header => self.name.eq_ignore_ascii_case(name),
                _ => self.name == name,
            }
    }
}

impl<'d> Reader<'d> {
    /// All that the path item and the operation declare.
    pub(super) fn declared(&mut self, item: &PathItem<'d>, operation: Node<'d>) -> Declared<'d> {
        let mut declared = Declared::default();
        let lists = [item.get("parameters"), operation.get("parameters")];
        for list in lists.into_iter().flatten() {
            let inherited = declared.parameters.len();
            for node in self.parameter_nodes(list) {
                self.declare(node, inherited, &mut declared);
            }
        }
        declared
    }

    /// The nodes of a list of parameters. The list itself may be a reference, or one parameter without a list.
    fn parameter_nodes(&mut self, list: Node<'d>) -> Vec<Node<'d>> {
        let list = self.references.follow(list).unwrap_or(list);
        if list.is_array() {
            return list.items().collect();
        }
        if list.get("name").is_some() && list.get("in").is_some() {
            return vec![list];
        }
        if list.kind() != crate::openapi::node::Kind::Null {
            self.report().once(Code::UnexpectedType, list, || "`parameters` is no list".to_owned());
        }
        Vec::new()
    }

    fn declare(&mut self, node: Node<'d>, inherited: usize, declared: &mut Declared<'d>) {
        let Some(target) = self.references.follow(node) else {
            declared.lost = true;
            return;
        };
        match target.get("in").and_then(Node::as_str) {
            Some(place) if place.eq_ignore_ascii_case("body") && !self.version.is_3() => {
                declared.body = Some(target);
                return;
            }
            Some(place) if place.eq_ignore_ascii_case("formData") && !self.version.is_3() => {
                declared.form.retain(|known| {
                    known.get("name").and_then(Node::scalar) != target.get("name").and_then(Node::scalar)
                });
                declared.form.push(target);
                return;
            }
            _ => {}
        }
        let Some(parameter) = self.parameter(target) else {
            declared.lost |= !is_reserved(target);
            if !self.version.is_3() && is_content_type(target) {
                declared.content_type = Some(target);
            }
            return;
        };
        let parameter = self.described_beside(node, parameter);
        let known =
            declared.parameters.iter().position(|known| known.is(parameter.location, &parameter.name));
        match known {
            None => declared.parameters.push(parameter),
            Some(at) if at < inherited => {
                if let Some(known) = declared.parameters.get_mut(at) {
                    *known = parameter;
                }
            }
            Some(_) => {
                let (name, place) = (&parameter.name, parameter.location.as_str());
                let message =
                    || format!("the {place} parameter `{name}` is declared twice; the first counts");
                self.report().once(Code::InvalidParameter, node, message);
            }
        }
    }

    /// A description beside a `$ref` wins over the one it leads to.
    fn described_beside(&mut self, node: Node<'d>, parameter: Rc<TypedParameter>) -> Rc<TypedParameter> {
        match node.get("$ref").and_then(|_| node.get("description")).and_then(Node::scalar) {
            Some(text) => {
                Rc::new(TypedParameter { description: Some(text.to_owned()), ..(*parameter).clone() })
            }
            None => parameter,
        }
    }

    /// The parameter that is written at `node`; `None` (and told) when it cannot be one.
    pub(super) fn parameter(&mut self, node: Node<'d>) -> Option<Rc<TypedParameter>> {
        let key = NodeKey::of(node);
        if let Some(known) = self.parameters.get(&key) {
            return known.clone();
        }
        let parameter = self.typed(node).map(Rc::new);
        self.parameters.insert(key, parameter.clone());
        parameter
    }

    fn typed(&mut self, node: Node<'d>) -> Option<TypedParameter> {
        let Some(name) = node.get("name").and_then(Node::scalar).filter(|name| !name.is_empty()) else {
            self.report().once(Code::InvalidParameter, node, || "a parameter without a name".to_owned());
            return None;
        };
        let Some(location) = self.location(node) else {
            let message = || format!("parameter `{name}`: `in` is none of the places for a parameter");
            let span = node.get("in").unwrap_or(node).span();
            self.report().once_at(Code::InvalidParameter, node, span, message);
            return None;
        };
        let span = node.get("name").unwrap_or(node).span();
        if location == Location::Header && is_reserved(node) {
            let message = || format!("the header `{name}` is set by toolgate; the parameter is left out");
            self.report().once_at(Code::ReservedParameter, node, span, message);
            return None;
        }
        let (schema, encoding) = self.value(node, location);
        Some(TypedParameter {
            name: name.to_owned(),
            location,
            required: location == Location::Path || flag(node, "required"),
            deprecated: flag(node, "deprecated"),
            description: self.references.text(node, "description").map(str::to_owned),
            schema,
            encoding,
            place: Place::new(node.tree().source(), span),
        })
    }

    fn location(&self, node: Node<'d>) -> Option<Location> {
        let text = node.get("in")?.as_str()?;
        let all =
            [Location::Path, Location::Query, Location::Header, Location::Cookie, Location::QueryString];
        let found = all.into_iter().find(|location| location.as_str().eq_ignore_ascii_case(text))?;
        (found != Location::QueryString || self.version >= Version::V32).then_some(found)
    }

    /// What values a parameter takes and how they are written.
    fn value(&mut self, node: Node<'d>, location: Location) -> (Schema, Encoding) {
        if let Some(schema) = node.get("schema") {
            return (self.schemas.read(&mut self.references, schema), self.style(node, location));
        }
        if let Some(content) = node.get("content").and_then(|content| content.entries().next()) {
            return self.content(content.key, content.value);
        }
        let says = |key: &str| node.get(key).is_some();
        let schema = if ["type", "enum", "items", "format"].into_iter().any(says) {
            self.schemas.read_parameter(&mut self.references, node)
        } else {
            Schema::plain(json!({"type": "string"}))
        };
        (schema, self.style(node, location))
    }

    fn content(&mut self, name: &str, media: Node<'d>) -> (Schema, Encoding) {
        let media = self.references.follow(media).unwrap_or(media);
        let media_type = concrete(name, false).unwrap_or_else(|| "application/json".to_owned());
        let schema = match media.get("schema") {
            Some(schema) => self.schemas.read(&mut self.references, schema),
            None if MediaKind::of(&media_type) == MediaKind::Json => Schema::plain(json!({})),
            None => Schema::plain(json!({"type": "string"})),
        };
        (schema, Encoding::Content { media_type })
    }

    /// How a value is written: 3.x's `style` and `explode`, or 2.0's `collectionFormat`.
    pub(super) fn style(&mut self, node: Node<'d>, location: Location) -> Encoding {
        let (style, explode) = if self.version.is_3() {
            self.declared_style(node, location)
        } else {
            self.collection_format(node, location)
        };
        let in_query = matches!(location, Location::Query);
        Encoding::Style {
            style,
            explode,
            allow_reserved: flag(node, "allowReserved") && (in_query || self.version >= Version::V32),
            allow_empty: in_query && flag(node, "allowEmptyValue"),
        }
    }

    fn declared_style(&mut self, node: Node<'d>, location: Location) -> (Style, bool) {
        let said = node.get("style").and_then(Node::as_str);
        let style = match said {
            None => location.default_style(),
            Some(said) => style_of(said, location).unwrap_or_else(|| {
                let place = location.as_str();
                let message = || format!("style `{said}` is not for {place} parameters; the default is used");
                self.report().once(Code::InvalidParameter, node, message);
                location.default_style()
            }),
        };
        let explode = node.get("explode").and_then(Node::scalar).map(|text| text == "true");
        match (style, explode) {
            (Style::DeepObject, _) | (Style::Form, None) => (style, true),
            // Exploded, nothing is left to delimit (the table of section 4.8.12.3 has it as form's).
            (Style::SpaceDelimited | Style::PipeDelimited, Some(true)) => (Style::Form, true),
            (style, explode) => (style, explode.unwrap_or(false)),
        }
    }

    fn collection_format(&mut self, node: Node<'d>, location: Location) -> (Style, bool) {
        let default = location.default_style();
        match node.get("collectionFormat").and_then(Node::as_str) {
            None | Some("csv") => (default, false),
            Some("ssv") => (Style::SpaceDelimited, false),
            Some("tsv") => (Style::TabDelimited, false),
            Some("pipes") => (Style::PipeDelimited, false),
            Some("multi") if location == Location::Query => (Style::Form, true),
            Some(other) => {
                let place = location.as_str();
                let message =
                    || format!("collectionFormat `{other}` is not for {place} parameters; `csv` is used");
                self.report().once(Code::InvalidParameter, node, message);
                (default, false)
            }
        }
    }
}

/// OpenAPI's table of styles and places (3.1, section 4.8.12.3; `cookie` is 3.2's).
fn style_of(text: &str, location: Location) -> Option<Style> {
    match (location, text) {
        (Location::Path, "matrix") => Some(Style::Matrix),
        (Location::Path, "label") => Some(Style::Label),
        (Location::Path | Location::Header, "simple") => Some(Style::Simple),
        (Location::Query | Location::Cookie, "form") | (Location::Cookie, "cookie") => Some(Style::Form),
        (Location::Query, "spaceDelimited") => Some(Style::SpaceDelimited),
        (Location::Query, "pipeDelimited") => Some(Style::PipeDelimited),
        (Location::Query, "deepObject") => Some(Style::DeepObject),
        _ => None,
    }
}

fn is_reserved(node: Node<'_>) -> bool {
    let name = node.get("name").and_then(Node::scalar).unwrap_or_default();
    node.get("in").and_then(Node::as_str).is_some_and(|place| place.eq_ignore_ascii_case("header"))
        && (RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
            || name.to_ascii_lowercase().starts_with("x-forwarded-"))
}

fn is_content_type(node: Node<'_>) -> bool {
    is_reserved(node)
        && node
            .get("name")
            .and_then(Node::scalar)
            .is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
}

/// Where a parameter that nobody wrote would have been written.
pub(super) fn synthesised(name: &str, location: Location, place: Place) -> TypedParameter {
    let style = location.default_style();
    TypedParameter {
        name: name.to_owned(),
        location,
        required: true,
        deprecated: false,
        description: None,
        schema: Schema::plain(json!({"type": "string"})),
        encoding: Encoding::Style {
            style,
            explode: style == Style::Form,
            allow_reserved: false,
            allow_empty: false,
        },
        place,
    }
}
