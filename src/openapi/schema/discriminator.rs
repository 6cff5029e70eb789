//! OpenAPI's `discriminator`, said in JSON Schema's words.
//!
//! Beside `oneOf` or `anyOf` each branch gets the value of the property that chooses it, so that whoever reads the
//! schema knows what to write there. Where the branches say it themselves nothing is added.

use serde_json::{Map, Value, json};

use super::super::node::Node;
use super::super::reference::reference_of;
use super::convert::{Converter, Draft};

/// How many schemas are looked through for one property: more than any `allOf` has, and a bound on those that
/// include one another.
const MOST: usize = 64;

/// Adds the discriminator's values to the branches.
pub(super) fn apply<'d>(converter: &mut Converter<'_, 'd>, draft: &mut Draft<'d>) {
    let Some(discriminator) = draft.node.get("discriminator") else { return };
    let Some(name) = discriminator.get("propertyName").and_then(Node::as_str) else { return };
    for key in ["oneOf", "anyOf"] {
        let Some(nodes) = draft.node.get(key) else { continue };
        let Some(Value::Array(branches)) = draft.schema.get_mut(key) else { continue };
        for (node, branch) in nodes.items().zip(branches) {
            let values = values(discriminator, node);
            if let Value::Object(branch) = branch
                && !values.is_empty()
                && is_open(converter, node, name, &values)
            {
                choose(branch, name, &values);
            }
        }
    }
}

/// The schema of a property, in the schema itself or in what it is put together of.
pub(super) fn property<'d>(
    converter: &mut Converter<'_, 'd>,
    schema: Node<'d>,
    name: &str,
) -> Option<Node<'d>> {
    let mut queue = vec![schema];
    for at in 0..MOST {
        let mut node = *queue.get(at)?;
        if reference_of(node).is_some() {
            node = converter.references.follow(node)?;
        }
        if let Some(property) = node.get("properties").and_then(|properties| properties.get(name)) {
            return Some(property);
        }
        queue.extend(node.get("allOf").into_iter().flat_map(Node::items));
    }
    None
}

/// The values that choose a branch: those of the mapping, else the name of its schema.
fn values<'d>(discriminator: Node<'d>, branch: Node<'d>) -> Vec<&'d str> {
    let Some(reference) = reference_of(branch) else { return Vec::new() };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let mapping = discriminator.get("mapping");
    let chooses =
        |target: Node<'_>| target.as_str().is_some_and(|target| target == reference || target == name);
    let mapped = mapping.into_iter().flat_map(Node::entries).filter(|entry| chooses(entry.value));
    let mapped: Vec<&str> = mapped.map(|entry| entry.key).collect();
    if mapped.is_empty() && mapping.is_none_or(Node::is_empty) { vec![name] } else { mapped }
}

/// Whether the branch has the property, and takes these values and others too.
fn is_open<'d>(converter: &mut Converter<'_, 'd>, branch: Node<'d>, name: &str, values: &[&str]) -> bool {
    let Some(property) = property(converter, branch, name) else { return false };
    let Some(property) = converter.references.follow(property) else { return false };
    if property.get("const").is_some() {
        return false;
    }
    let Some(list) = property.get("enum") else { return true };
    let takes = |value: &&str| list.items().any(|item| item.as_str() == Some(*value));
    list.len() > values.len() && values.iter().all(takes)
}

fn choose(branch: &mut Map<String, Value>, name: &str, values: &[&str]) {
    if branch.contains_key("properties") || branch.contains_key("required") {
        return;
    }
    let schema = match values {
        [value] => json!({ "const": value }),
        _ => json!({ "enum": values }),
    };
    branch.insert("properties".to_owned(), json!({ name: schema }));
    branch.insert("required".to_owned(), json!([name]));
}
