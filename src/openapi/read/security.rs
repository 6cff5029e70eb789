//! Security: what an operation asks for, and the schemes that a document declares.

use super::Reader;
use crate::diagnostic::Code;
use crate::openapi::node::{EntryRef, Node};
use crate::openapi::operation::{Location, SchemeKind, SchemeUse, SecurityRequirement, SecurityScheme};

impl<'d> Reader<'d> {
    /// The alternatives of an operation; the document's when it says nothing.
    pub(super) fn security(&mut self, operation: Node<'d>) -> Option<Vec<SecurityRequirement>> {
        let list = operation.get("security").or_else(|| self.root.get("security"))?;
        if !list.is_array() {
            if list.kind() != crate::openapi::node::Kind::Null {
                self.report().once(Code::UnexpectedType, list, || "`security` is no list".to_owned());
            }
            return None;
        }
        let requirements = list.items().filter(|item| item.is_object());
        Some(requirements.map(|requirement| self.requirement(requirement)).collect())
    }

    fn requirement(&mut self, requirement: Node<'d>) -> SecurityRequirement {
        let mut uses = Vec::with_capacity(requirement.len());
        for entry in requirement.entries() {
            self.tell_undefined(entry);
            let scopes = entry.value.items().filter_map(Node::scalar).map(str::to_owned).collect();
            uses.push(SchemeUse { scheme: entry.key.to_owned(), scopes });
        }
        uses
    }

    fn tell_undefined(&mut self, entry: EntryRef<'d>) {
        let declared = self.scheme_nodes();
        if declared.is_some_and(|declared| declared.get(entry.key).is_some()) {
            return;
        }
        let root = self.root;
        let place = crate::source::Place::new(entry.value.tree().source(), entry.key_span);
        let message = || format!("the security scheme `{}` is not declared", entry.key);
        self.report().once_for_place(Code::UndefinedSecurityScheme, root, &place, entry.key, message);
    }

    /// The schemes of the document. One that cannot be understood is of kind `Other`.
    pub(super) fn security_schemes(&mut self) -> Vec<SecurityScheme> {
        let schemes = self.scheme_nodes().into_iter().flat_map(Node::entries);
        let mut found = Vec::new();
        for entry in schemes.filter(|entry| !entry.key.starts_with("x-")) {
            let node = self.references.follow(entry.value).unwrap_or(entry.value);
            found.push(SecurityScheme {
                name: entry.key.to_owned(),
                kind: kind(node),
                description: node.get("description").and_then(Node::scalar).map(str::to_owned),
                place: crate::source::Place::new(entry.value.tree().source(), entry.key_span),
            });
        }
        found
    }

    fn scheme_nodes(&self) -> Option<Node<'d>> {
        let components = self.root.get("components").and_then(|components| components.get("securitySchemes"));
        components.or_else(|| self.root.get("securityDefinitions"))
    }
}

fn kind(node: Node<'_>) -> SchemeKind {
    let text =
        |key: &str| node.get(key).and_then(Node::scalar).map(str::trim).filter(|text| !text.is_empty());
    match text("type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "apikey" => match (location(text("in")), text("name")) {
            (Some(location), Some(name)) => SchemeKind::ApiKey { location, name: name.to_owned() },
            _ => SchemeKind::Other,
        },
        "basic" => SchemeKind::Http { scheme: "basic".to_owned() },
        "http" => text("scheme")
            .map_or(SchemeKind::Other, |scheme| SchemeKind::Http { scheme: scheme.to_ascii_lowercase() }),
        "oauth2" => SchemeKind::OAuth2,
        "openidconnect" => SchemeKind::OpenIdConnect,
        "mutualtls" => SchemeKind::MutualTls,
        _ => SchemeKind::Other,
    }
}

fn location(text: Option<&str>) -> Option<Location> {
    match text?.to_ascii_lowercase().as_str() {
        "header" => Some(Location::Header),
        "query" => Some(Location::Query),
        "cookie" => Some(Location::Cookie),
        _ => None,
    }
}
