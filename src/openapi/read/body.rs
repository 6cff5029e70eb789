//! Request bodies.

use serde_json::json;

use super::media_type::{MediaKind, concrete, essence, rank};
use super::parameter::Declared;
use super::path::Found;
use super::{Reader, flag};
use crate::diagnostic::Code;
use crate::openapi::node::{EntryRef, Node};
use crate::openapi::operation::{Encoding, Location, MediaType, PropertyEncoding, RequestBody};
use crate::openapi::schema::Schema;

/// A request body whose schemas still belong to the document.
pub(super) struct TypedBody {
    pub(super) required: bool,
    pub(super) description: Option<String>,
    pub(super) media: Vec<TypedMedia>,
}

/// One media type of it.
pub(super) struct TypedMedia {
    pub(super) name: String,
    pub(super) schema: Schema,
    pub(super) encoding: Vec<(String, PropertyEncoding)>,
}

impl TypedBody {
    /// The schemas of all media types.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.media.iter().map(|media| &media.schema)
    }

    /// The body of an operation of which something was cut, or nothing was.
    pub(super) fn finish(self, cut: bool) -> RequestBody {
        let finish = |media: TypedMedia| MediaType {
            schema: media.schema.for_operation(cut),
            name: media.name,
            encoding: media.encoding,
        };
        RequestBody {
            required: self.required,
            description: self.description,
            media: self.media.into_iter().map(finish).collect(),
        }
    }
}

impl<'d> Reader<'d> {
    /// The body of an operation. Bodies of GET and DELETE are read too: servers that ask for one exist. TRACE never
    /// has one (RFC 9110, section 9.3.8).
    pub(super) fn body(
        &mut self,
        operation: Node<'d>,
        found: &Found<'d>,
        declared: &Declared<'d>,
    ) -> Option<TypedBody> {
        if found.method == http::Method::TRACE {
            return None;
        }
        if !self.version.is_3() {
            return match declared.body {
                Some(body) => Some(self.body_parameter(operation, body, declared)),
                None => self.form(operation, declared),
            };
        }
        let node = operation.get("requestBody")?;
        let body = self.references.follow(node)?;
        let media = self.body_content(body)?;
        let description = node.get("$ref").and_then(|_| node.get("description")).and_then(Node::scalar);
        let description = description.or_else(|| self.references.text(body, "description"));
        Some(TypedBody {
            required: flag(body, "required"),
            description: description.map(str::to_owned),
            media,
        })
    }

    /// The media types of a request body, best first; `None` (and told) without any.
    fn body_content(&mut self, body: Node<'d>) -> Option<Vec<TypedMedia>> {
        let content = body.get("content").and_then(|content| self.references.follow(content));
        let mut media: Vec<TypedMedia> = Vec::new();
        let entries = content.into_iter().flat_map(Node::entries);
        let entries = entries.filter(|entry| !entry.key.starts_with("x-"));
        // A type that is written out counts before one that a wildcard becomes.
        let (exact, vague): (Vec<_>, Vec<_>) = entries.partition(|entry| is_exact(entry.key));
        for entry in exact.into_iter().chain(vague) {
            if let Some(found) = self.media_type(entry)
                && !media.iter().any(|known| is_same(&known.name, &found.name))
            {
                media.push(found);
            }
        }
        if media.is_empty() {
            // Some write the schema of a JSON body where its `content` should be.
            if let Some(schema) = body.get("schema") {
                media.push(self.media("application/json".to_owned(), Some(schema)));
            } else if flag(body, "required") || !content.is_some_and(|content| content.is_object()) {
                let message = || "a request body without a media type; it is left out".to_owned();
                self.report().once(Code::UnexpectedType, body, message);
            }
        }
        if media.is_empty() {
            return None;
        }
        sort(&mut media);
        Some(media)
    }

    fn media_type(&mut self, entry: EntryRef<'d>) -> Option<TypedMedia> {
        let node = self.references.follow(entry.value)?;
        let schema = node.get("schema").or_else(|| node.get("itemSchema"));
        let is_text = schema.is_some_and(|schema| self.is_text(schema));
        let Some(name) = concrete(entry.key, is_text) else {
            let message = || format!("{:?} is no media type; it is left out", entry.key);
            self.report().once_at(Code::UnexpectedType, entry.value, entry.key_span, message);
            return None;
        };
        let mut media = self.media(name, node.get("schema"));
        if let (None, Some(items)) = (node.get("schema"), node.get("itemSchema")) {
            media.schema = self.schemas.read_items(&mut self.references, items);
        }
        if matches!(MediaKind::of(&media.name), MediaKind::Form | MediaKind::Multipart) {
            media.encoding = self.property_encodings(node);
        }
        Some(media)
    }

    /// A media type with a schema, which what is no structure may lack.
    pub(super) fn media(&mut self, name: String, schema: Option<Node<'d>>) -> TypedMedia {
        let kind = MediaKind::of(&name);
        let component = schema.filter(|_| kind == MediaKind::Xml).and_then(component);
        let schema = schema.map(|schema| self.schemas.read_body(&mut self.references, schema));
        let schema = match (schema, component) {
            (Some(schema), Some(component)) => Some(schema.named_in_xml(&component)),
            (schema, _) => schema,
        };
        let is_open = schema.as_ref().is_none_or(Schema::accepts_anything);
        let schema = match kind {
            MediaKind::Binary if is_open => Schema::plain(json!({"type": "string", "format": "binary"})),
            MediaKind::Text if is_open => Schema::plain(json!({"type": "string"})),
            _ => schema.unwrap_or_else(|| Schema::plain(json!({}))),
        };
        TypedMedia { name, schema, encoding: Vec::new() }
    }

    /// Whether a schema is that of a plain text, which no one sends as JSON unless told to.
    pub(super) fn is_text(&mut self, schema: Node<'d>) -> bool {
        let schema = self.references.follow(schema);
        schema.and_then(|schema| schema.get("type")).and_then(Node::as_str) == Some("string")
    }

    fn property_encodings(&mut self, media: Node<'d>) -> Vec<(String, PropertyEncoding)> {
        let entries = media.get("encoding").into_iter().flat_map(Node::entries);
        entries.map(|entry| (entry.key.to_owned(), self.property_encoding(entry.value))).collect()
    }

    fn property_encoding(&mut self, node: Node<'d>) -> PropertyEncoding {
        let says = |key: &str| node.get(key).is_some();
        let has_style = ["style", "explode", "allowReserved"].into_iter().any(says);
        let content_type = node.get("contentType").and_then(Node::as_str).map(str::trim);
        PropertyEncoding {
            content_type: content_type.filter(|text| !text.is_empty()).map(str::to_owned),
            encoding: has_style.then(|| self.style(node, Location::Query)),
            headers: self.fixed_headers(node),
        }
    }

    /// Headers of a part whose schema leaves only one value.
    fn fixed_headers(&mut self, node: Node<'d>) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for entry in node.get("headers").into_iter().flat_map(Node::entries) {
            let header = self.references.follow(entry.value);
            let schema = header.and_then(|header| header.get("schema")).unwrap_or(entry.value);
            let only = |list: Node<'d>| list.item(0).filter(|_| list.len() == 1);
            let value = schema.get("const").or_else(|| schema.get("enum").and_then(only));
            if let Some(value) = value.and_then(Node::scalar)
                && !entry.key.eq_ignore_ascii_case("content-type")
            {
                headers.push((entry.key.to_owned(), value.to_owned()));
            }
        }
        headers
    }

    /// Swagger 2.0's `in: body`.
    fn body_parameter(&mut self, operation: Node<'d>, body: Node<'d>, declared: &Declared<'d>) -> TypedBody {
        let schema = body.get("schema").unwrap_or(body);
        let is_text = self.is_text(schema);
        let mut media = Vec::new();
        for name in self.consumed(operation, declared) {
            // A form is no way to write a body that is declared as a whole, though generators list it.
            let name = concrete(&name, is_text);
            if let Some(name) = name
                && !media.iter().any(|known: &TypedMedia| is_same(&known.name, &name))
            {
                media.push(self.media(name, Some(schema)));
            }
        }
        if media.is_empty() {
            media.push(self.media("application/json".to_owned(), Some(schema)));
        }
        sort(&mut media);
        let description = self.references.text(body, "description").map(str::to_owned);
        TypedBody { required: flag(body, "required"), description, media }
    }

    /// What a 2.0 operation consumes. A `Content-Type` header parameter says it more exactly than a list that
    /// holds for the whole document.
    pub(super) fn consumed(&mut self, operation: Node<'d>, declared: &Declared<'d>) -> Vec<String> {
        let own = declared.content_type.map(|node| {
            let values = node.get("enum").into_iter().flat_map(Node::items);
            node.get("default").into_iter().chain(values).filter_map(Node::scalar).collect::<Vec<_>>()
        });
        let own = own.filter(|values| !values.is_empty());
        let listed = || {
            let list = operation.get("consumes").or_else(|| self.root.get("consumes"));
            list.into_iter().flat_map(Node::items).filter_map(Node::scalar).collect()
        };
        own.unwrap_or_else(listed).into_iter().map(str::to_owned).collect()
    }
}

/// The name of the component that a schema refers to: what an XML document of it is called, unless it says otherwise
/// (OpenAPI 3.1, section 4.8.26).
fn component(schema: Node<'_>) -> Option<String> {
    let pointer = schema.get("$ref")?.as_str()?.split_once('#')?.1;
    let name = pointer.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn is_exact(name: &str) -> bool {
    concrete(name, false).is_some_and(|concrete| concrete == name)
}

/// Best first; among equals the document's order.
pub(super) fn sort(media: &mut [TypedMedia]) {
    media.sort_by_key(|media| rank(&media.name, media.schema.is_list()));
}

/// Whether two media types differ in nothing but a charset.
fn is_same(left: &str, right: &str) -> bool {
    let is_plain = |name: &str| {
        let parameters = name.split_once(';').map_or("", |(_, parameters)| parameters.trim());
        parameters.is_empty() || parameters.to_ascii_lowercase().starts_with("charset")
    };
    essence(left).eq_ignore_ascii_case(essence(right)) && is_plain(left) && is_plain(right)
        || left.eq_ignore_ascii_case(right)
}

/// The encoding of a form's property, as a parameter of the query would have it.
pub(super) fn in_form(encoding: Encoding) -> PropertyEncoding {
    PropertyEncoding { encoding: Some(encoding), ..PropertyEncoding::default() }
}
