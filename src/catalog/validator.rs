//! The compiled schemas of a tool's arguments.
//!
//! Validation is bounded: patterns run on an engine that is linear in the text, compiled patterns have a maximal size,
//! and texts longer than [`LONGEST_MATCHED`] are not matched at all (the API will judge them). What cannot be
//! compiled, such as a pattern with lookaround, is left out of the validation: the API judges that too.

mod lenient;

use std::sync::OnceLock;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::plan::{ArgumentsPlan, Together};
use lenient::lenient;

/// Arguments with a text longer than this are validated without patterns. A linear engine takes time proportional to
/// text × pattern; this and [`PATTERN_SIZE`] keep the product below 50 ms.
pub(crate) const LONGEST_MATCHED: usize = 4 << 10;

/// The largest compiled pattern, in bytes.
const PATTERN_SIZE: usize = 128 << 10;

/// How many keywords of one tool may be left out because they cannot be compiled, before the tool goes without
/// validation by schema.
const MOST_LEFT_OUT: usize = 64;

/// The compiled forms of one schema.
#[derive(Debug)]
pub(super) struct Validators {
    whole: Option<Validator>,
    without_patterns: OnceLock<Option<Validator>>,
}

impl ArgumentsPlan {
    /// A plan of these arguments, not yet compiled.
    #[must_use]
    pub fn new(
        arguments: Vec<super::plan::ArgumentPlan>,
        together: Option<Together>,
        definitions: crate::openapi::definitions::Definitions,
    ) -> Self {
        Self { arguments, together, rules: Vec::new(), definitions, validator: OnceLock::new() }
    }

    /// The same plan with these rules.
    #[must_use]
    pub fn with_rules(self, rules: Vec<Value>) -> Self {
        Self { rules, ..self }
    }

    /// The schema of the whole `arguments` object, JSON Schema 2020-12, as the document says it. Calls are validated
    /// against a more lenient form of it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        let properties: Map<String, Value> = self
            .arguments
            .iter()
            .map(|argument| (argument.name.to_string(), argument.schema.to_value()))
            .collect();
        schema.insert("properties".into(), properties.into());
        let required = self.arguments.iter().filter(|argument| argument.required);
        schema.insert("required".into(), required.map(|argument| argument.name.to_string()).collect());
        if let Some(together) = &self.together {
            schema.insert("dependentRequired".into(), together.dependent_required());
        }
        schema.insert("additionalProperties".into(), false.into());
        if !self.rules.is_empty() {
            schema.insert("allOf".into(), self.rules.clone().into());
        }
        if !self.definitions.is_empty() {
            schema.insert("$defs".into(), self.definitions.to_map().into());
        }
        schema.into()
    }

    /// What validates arguments whose longest text has `longest` bytes. `None` when the schema cannot be compiled.
    #[must_use]
    pub fn validator(&self, longest: usize) -> Option<&Validator> {
        let validators = self.validator.get_or_init(|| {
            let whole = compile(lenient(self.schema()));
            Box::new(Validators { whole, without_patterns: OnceLock::new() })
        });
        if longest <= LONGEST_MATCHED {
            return validators.whole.as_ref();
        }
        let without = || {
            let mut schema = self.schema();
            remove_patterns(&mut schema);
            compile(lenient(schema))
        };
        validators.without_patterns.get_or_init(without).as_ref()
    }
}

impl Together {
    pub(super) fn dependent_required(&self) -> Value {
        let required: Vec<&str> = self.required.iter().map(AsRef::as_ref).collect();
        self.of.iter().map(|name| (name.to_string(), json!(required))).collect::<Map<_, _>>().into()
    }
}

/// Compiles a schema; a keyword that cannot be compiled is left out.
pub(super) fn compile(mut schema: Value) -> Option<Validator> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(false)
        .with_pattern_options(
            PatternOptions::regex().size_limit(PATTERN_SIZE).dfa_size_limit(8 * PATTERN_SIZE),
        );
    for _ in 0..MOST_LEFT_OUT {
        let error = match options.build(&schema) {
            Ok(validator) => return Some(validator),
            Err(error) => error,
        };
        // A keyword that breaks the metaschema is named by its place in the schema, one that does not compile by the
        // place of the keyword.
        let at = [error.instance_path().as_str(), error.schema_path().as_str()];
        if !at.iter().any(|pointer| remove(&mut schema, pointer)) {
            return None;
        }
    }
    None
}

/// Removes the keyword at `pointer`. Whether there was one.
fn remove(schema: &mut Value, pointer: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    let key = key.replace("~1", "/").replace("~0", "~");
    match schema.pointer_mut(parent) {
        Some(Value::Object(parent)) => parent.shift_remove(&key).is_some(),
        Some(Value::Array(_)) => remove(schema, parent),
        _ => false,
    }
}

/// Without `pattern` and `patternProperties`; the latter takes `additionalProperties` along, which depends on it.
fn remove_patterns(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if keywords.get("pattern").is_some_and(Value::is_string) {
                keywords.shift_remove("pattern");
            }
            if keywords.shift_remove("patternProperties").is_some() {
                keywords.shift_remove("additionalProperties");
            }
            let values = keywords.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "enum" | "const"));
            values.for_each(|(_, value)| remove_patterns(value));
        }
        Value::Array(items) => items.iter_mut().for_each(remove_patterns),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::ArgumentPlan;
    use super::*;
    use crate::openapi::definitions::Definitions;

    fn plan(schema: Value) -> ArgumentsPlan {
        let argument =
            ArgumentPlan { name: "a".into(), schema: schema.into(), required: false, nullable: false };
        ArgumentsPlan::new(vec![argument], None, Definitions::new())
    }

    #[test]
    fn a_keyword_that_cannot_be_compiled_costs_no_other() {
        let plan = plan(json!({
            "type": "object",
            "properties": {
                "b": {"type": "string", "pattern": "(?=x)", "maxLength": 3},
                "c": {"type": "string", "pattern": "[z-a]", "minLength": "2"},
            },
            "patternProperties": {"(?<=x)": {"type": "string"}},
        }));
        let validator = plan.validator(0).unwrap();
        assert!(validator.is_valid(&json!({"a": {"b": "abc", "c": ""}})));
        assert!(!validator.is_valid(&json!({"a": {"b": "abcd"}})));
        assert!(!validator.is_valid(&json!({"a": {"c": 1}})));
    }

    #[test]
    fn long_texts_are_not_matched_against_patterns() {
        let plan = plan(json!({"type": "string", "pattern": "^a+$", "maxLength": 100_000}));
        let arguments = json!({"a": "b".repeat(LONGEST_MATCHED + 1)});
        assert!(!plan.validator(0).unwrap().is_valid(&arguments));
        assert!(plan.validator(LONGEST_MATCHED + 1).unwrap().is_valid(&arguments));
    }

    #[test]
    fn formats_are_not_asserted() {
        let plan = plan(json!({"type": "string", "format": "date-time"}));
        assert!(plan.validator(0).unwrap().is_valid(&json!({"a": "tomorrow"})));
    }
}
