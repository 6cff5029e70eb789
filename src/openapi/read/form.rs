//! Swagger 2.0's `in: formData`: parameters that are properties of one body.

use super::body::{TypedBody, TypedMedia, in_form};
use super::media_type::{MediaKind, concrete};
use super::parameter::Declared;
use super::{Reader, flag};
use crate::openapi::node::Node;
use crate::openapi::operation::Location;
use crate::openapi::schema::Schema;

impl<'d> Reader<'d> {
    /// The body that the form parameters make up; `None` without any.
    pub(super) fn form(&mut self, operation: Node<'d>, declared: &Declared<'d>) -> Option<TypedBody> {
        if declared.form.is_empty() {
            return None;
        }
        let mut properties = Vec::new();
        let mut encoding = Vec::new();
        let mut required = Vec::new();
        for node in &declared.form {
            let Some(name) = node.get("name").and_then(Node::scalar) else { continue };
            let schema = self.schemas.read_parameter(&mut self.references, *node);
            properties.push((name, self.references.text(*node, "description"), schema));
            if node.get("collectionFormat").is_some() || is_list(*node) {
                encoding.push((name.to_owned(), in_form(self.style(*node, Location::Query))));
            }
            if flag(*node, "required") {
                required.push(name);
            }
        }
        let schema = Schema::object(properties, &required);
        let media = self.form_media(operation, declared).into_iter();
        let media = media.map(|name| TypedMedia { name, schema: schema.clone(), encoding: encoding.clone() });
        Some(TypedBody { required: !required.is_empty(), description: None, media: media.collect() })
    }

    /// The forms that the operation consumes. A file needs multipart, whatever the list says; without a list, or
    /// with one of what is no form, the parameters decide.
    fn form_media(&mut self, operation: Node<'d>, declared: &Declared<'d>) -> Vec<String> {
        let has_file =
            declared.form.iter().any(|node| node.get("type").and_then(Node::as_str) == Some("file"));
        let wanted = |name: &String| match MediaKind::of(name) {
            MediaKind::Multipart => true,
            MediaKind::Form => !has_file,
            _ => false,
        };
        let consumed = self.consumed(operation, declared);
        let mut media: Vec<String> = Vec::new();
        for name in consumed.iter().filter_map(|name| concrete(name, false)).filter(wanted) {
            if !media.contains(&name) {
                media.push(name);
            }
        }
        if media.is_empty() {
            let name = if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
            media.push(name.to_owned());
        }
        media
    }
}

fn is_list(node: Node<'_>) -> bool {
    node.get("type").and_then(Node::as_str) == Some("array")
}
