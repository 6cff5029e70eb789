//! One operation.

use super::path::{Found, PathItem};
use super::{Reader, flag};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::node::Node;
use crate::openapi::operation::Operation;
use crate::openapi::template::PathTemplate;

impl<'d> Reader<'d> {
    /// Types an operation; `None` (and told) when it cannot be served.
    pub(super) fn operation(
        &mut self,
        item: &PathItem<'d>,
        template: &PathTemplate,
        found: Found<'d>,
    ) -> Option<Operation> {
        let node = self.operation_node(template, &found)?;
        let mut path = template.clone();
        let declared = self.declared(item, node);
        let parameters = self.with_variables(item, &mut path, &declared);
        let body = self.body(node, &found, &declared);
        let schemas = parameters.iter().map(|parameter| &parameter.schema);
        let schemas = schemas.chain(body.iter().flat_map(|body| body.schemas()));
        let closure = self.schemas.close(&mut self.references, schemas);
        if closure.cut {
            self.tell_cut(&found, &path);
        }
        Some(Operation {
            id: text(node, "operationId"),
            summary: self.text_of(node, item, "summary"),
            description: self.text_of(node, item, "description"),
            tags: node.get("tags").into_iter().flat_map(Node::items).filter_map(tag).collect(),
            deprecated: flag(node, "deprecated"),
            servers: self.servers(item, node),
            parameters: parameters
                .iter()
                .map(|parameter| parameter.finish(closure.cut, &found.place))
                .collect(),
            body: body.map(|body| body.finish(closure.cut)),
            produces: self.produces(node),
            outline: self.outline(node),
            security: self.security(node),
            definitions: closure.definitions,
            hints: self.hints(item, node),
            method: found.method,
            place: found.place,
            path,
        })
    }

    fn operation_node(&mut self, template: &PathTemplate, found: &Found<'d>) -> Option<Node<'d>> {
        let reason = match self.references.try_follow(found.node) {
            Ok(node) if node.is_object() => return Some(node),
            Ok(_) => "an operation is an object".to_owned(),
            Err(broken) => {
                let reference = found.node.get("$ref").and_then(Node::as_str).unwrap_or_default();
                format!("`$ref` {reference:?} {broken}")
            }
        };
        let message = format!("{} {} is left out: {reason}", found.method, template.text());
        let diagnostic = Diagnostic::new(Code::UnservableOperation, message).at(found.place.clone());
        self.report().push(diagnostic);
        None
    }

    /// A text of the operation; its path item's when it has none (OpenAPI 3.1, section 4.8.9.1).
    fn text_of(&mut self, node: Node<'d>, item: &PathItem<'d>, key: &str) -> Option<String> {
        let own = self.references.text(node, key);
        let text = match own {
            None if self.version.is_3() => item.get(key).and_then(Node::scalar),
            own => own,
        };
        text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    fn tell_cut(&mut self, found: &Found<'d>, path: &PathTemplate) {
        let message = format!("the schemas of {} {} are too large to show whole", found.method, path.text());
        let diagnostic = Diagnostic::new(Code::SchemaTooLarge, message).at(found.place.clone());
        self.report().push(diagnostic);
    }
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key)?.scalar().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A tag is a text; some write the Tag Object itself there.
fn tag(node: Node<'_>) -> Option<String> {
    node.scalar().or_else(|| node.get("name")?.scalar()).map(str::to_owned)
}
