//! Schemas of a document, written out: an endpoint has no `$ref`.

use serde_json::{Map, Value, json};

use crate::config::is_schema_keyword;
use crate::openapi::definitions::Definitions;

/// Why a schema cannot be written out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Obstacle {
    /// It holds itself.
    #[error("its schemas refer to themselves")]
    Recursive,
    /// Nobody would read it.
    #[error("its schemas are too large to be written out")]
    TooLarge,
    /// An endpoint has no such keyword.
    #[error("a schema says `{0}`, for which an endpoint has no word")]
    Keyword(String),
    /// No validator takes it.
    #[error("a schema cannot be used")]
    Unusable,
}

/// The most nodes of one schema, references written out.
const MOST: usize = 1_500;

/// Keywords that say nothing about which values are valid, nor about how they are sent.
const SAYS_NOTHING: [&str; 6] = ["$comment", "example", "externalDocs", "readOnly", "writeOnly", "$schema"];
/// Keywords that may stand beside a `$ref` without changing what it takes.
const ANNOTATIONS: [&str; 5] = ["title", "description", "default", "examples", "deprecated"];

/// A schema without references.
pub(super) fn schema(schema: &Value, definitions: &Definitions) -> Result<Value, Obstacle> {
    let mut inliner = Inliner { definitions, open: Vec::new(), left: MOST };
    let written = inliner.schema(schema)?;
    // What a validator refuses in a document accepts anything there; in a gateway file it is a fault.
    match jsonschema::draft202012::new(&written) {
        Ok(_) => Ok(written),
        Err(_) => Err(Obstacle::Unusable),
    }
}

struct Inliner<'a> {
    definitions: &'a Definitions,
    /// The references that are being written out.
    open: Vec<String>,
    left: usize,
}

impl Inliner<'_> {
    fn schema(&mut self, schema: &Value) -> Result<Value, Obstacle> {
        self.left = self.left.checked_sub(1).ok_or(Obstacle::TooLarge)?;
        let Value::Object(keywords) = schema else { return Ok(schema.clone()) };
        let mut written = Map::new();
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "$ref" | "$defs" => {}
                _ if SAYS_NOTHING.contains(&keyword.as_str()) => {}
                _ if !is_schema_keyword(keyword) => return Err(Obstacle::Keyword(keyword.clone())),
                _ => {
                    let value = self.keyword(keyword, value)?;
                    written.insert(keyword.clone(), value);
                }
            }
        }
        match keywords.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.reference(reference, written),
            None => Ok(Value::Object(written)),
        }
    }

    fn keyword(&mut self, keyword: &str, value: &Value) -> Result<Value, Obstacle> {
        match (keyword, value) {
            ("properties" | "patternProperties", Value::Object(schemas)) => {
                let mut written = Map::new();
                for (name, schema) in schemas {
                    written.insert(name.clone(), self.schema(schema)?);
                }
                Ok(Value::Object(written))
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter().map(|schema| self.schema(schema)).collect()
            }
            ("items" | "contains" | "additionalProperties" | "propertyNames" | "not", schema) => {
                self.schema(schema)
            }
            (_, value) => {
                self.left = self.left.checked_sub(size(value)).ok_or(Obstacle::TooLarge)?;
                Ok(value.clone())
            }
        }
    }

    /// The schema of a reference, with what stands beside it.
    fn reference(&mut self, reference: &str, beside: Map<String, Value>) -> Result<Value, Obstacle> {
        let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
        let name = name.replace("~1", "/").replace("~0", "~");
        if self.open.contains(&name) {
            return Err(Obstacle::Recursive);
        }
        let definitions = self.definitions;
        let Some(target) = definitions.get(&name) else { return Ok(Value::Object(beside)) };
        self.open.push(name);
        let written = self.schema(&target.to_value());
        self.open.pop();
        Ok(match written? {
            Value::Object(mut keywords) if beside.keys().all(|key| ANNOTATIONS.contains(&key.as_str())) => {
                keywords.extend(beside);
                Value::Object(keywords)
            }
            written => {
                let mut keywords = beside;
                match keywords.get_mut("allOf") {
                    Some(Value::Array(all)) => all.insert(0, written),
                    _ => {
                        keywords.insert("allOf".to_owned(), json!([written]));
                    }
                }
                Value::Object(keywords)
            }
        })
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>() / 4,
        Value::Object(object) => 1 + object.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions() -> Definitions {
        let named = [
            ("Name", json!({"type": "string", "description": "A name."})),
            (
                "Pair",
                json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/Name"}, "b": {"$ref": "#/$defs/Name"}}}),
            ),
            (
                "Tree",
                json!({"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}),
            ),
        ];
        named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
    }

    fn written(value: &Value) -> Result<Value, Obstacle> {
        schema(value, &definitions())
    }

    #[test]
    fn references_are_written_out_with_what_stands_beside_them() {
        let name = json!({"type": "string", "description": "A name."});
        assert_eq!(
            written(&json!({"$ref": "#/$defs/Pair"})),
            Ok(json!({"type": "object", "properties": {"a": name, "b": name}}))
        );
        assert_eq!(
            written(&json!({"$ref": "#/$defs/Name", "description": "Another."})),
            Ok(json!({"type": "string", "description": "Another."}))
        );
        assert_eq!(
            written(&json!({"$ref": "#/$defs/Name", "maxLength": 3})),
            Ok(json!({"maxLength": 3, "allOf": [name]}))
        );
        assert_eq!(written(&json!({"readOnly": true, "$comment": "x"})), Ok(json!({})));
    }

    #[test]
    fn what_cannot_be_written_out_is_named() {
        assert_eq!(written(&json!({"$ref": "#/$defs/Tree"})), Err(Obstacle::Recursive));
        assert_eq!(written(&json!({"if": {}})), Err(Obstacle::Keyword("if".to_owned())));
        assert_eq!(written(&json!({"pattern": "("})), Err(Obstacle::Unusable));
        let many: Vec<Value> = (0..9_000).map(Value::from).collect();
        assert_eq!(written(&json!({"enum": many})), Err(Obstacle::TooLarge));
    }
}
