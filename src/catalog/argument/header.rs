//! Arguments that clients repeat in headers (`x-mcp-header`, MCP 2026-07-28).
//!
//! A client leaves out a whole tool whose annotations break the rules. So one that does is not made, and whoever wrote it
//! is told: values are texts, whole numbers or flags, and no two arguments have one header.

use super::{Input, placed};
use crate::catalog::schema::resolve;
use crate::config::gateway::{Change, ParameterChange};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// Gives the arguments that a change names their headers.
pub(super) fn assign(
    change: &Change,
    inputs: &mut [Input],
    operation: &Operation,
    diagnostics: &mut Diagnostics,
) {
    for (key, change) in &change.parameters {
        let Some(header) = &change.mcp_header else { continue };
        let is_taken = inputs
            .iter()
            .any(|input| input.header.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(header)));
        let is_it = |input: &&mut Input| input.wire == *key || input.argument.as_deref() == Some(key);
        let Some(input) = inputs.iter_mut().find(is_it) else { continue };
        match fault(input, is_taken, &operation.definitions) {
            None => input.header = Some(header.as_str().into()),
            Some(fault) => diagnostics.push(refused(key, fault, change)),
        }
    }
}

/// Why an argument cannot be repeated in a header.
fn fault(input: &Input, is_taken: bool, definitions: &Definitions) -> Option<&'static str> {
    let schema = resolve(&input.schema, definitions);
    let is_plain = |name: &Json| ["string", "integer", "boolean"].iter().any(|plain| name == plain);
    let fits = match schema.get("type") {
        Some(Json::Array(names)) => {
            let mut named = names.iter().filter(|name| *name != "null");
            named.next().is_some_and(is_plain) && named.next().is_none()
        }
        Some(name) => is_plain(name),
        None => false,
    };
    match (is_taken, fits, input.argument.is_some()) {
        (true, ..) => Some("another argument has this header"),
        (_, false, _) => Some("only a text, a whole number or a flag can be in one"),
        (.., false) => Some("it is hidden"),
        _ => None,
    }
}

fn refused(key: &str, fault: &str, change: &ParameterChange) -> Diagnostic {
    let message = format!("`{key}` is not repeated in a header: {fault}");
    placed(Diagnostic::new(Code::InvalidValue, message), change)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::argument::inputs;
    use crate::catalog::fixture::{operation, parameter};
    use crate::openapi::operation::Location;

    /// The headers of the arguments `a` and `b`, and what was said, after `b` was given the header `Region` like `a`, or
    /// this change.
    fn assigned(schema: Value, change: ParameterChange) -> (Vec<Option<String>>, Vec<String>) {
        let region = |name: &str| ParameterChange { mcp_header: Some(name.to_owned()), ..Default::default() };
        let taken = [parameter(Location::Query, "a", json!({"type": "string"}))];
        let mut operation = operation("GET", "/");
        operation.parameters = taken.into_iter().chain([parameter(Location::Query, "b", schema)]).collect();
        let parameters = vec![("a".to_owned(), region("Region")), ("b".to_owned(), change)];
        let change = Change { parameters, ..Change::default() };
        let mut diagnostics = Diagnostics::default();
        let parameters = operation.parameters.clone();
        let inputs = inputs(&operation, &parameters, None, Some(&change), &mut diagnostics).unwrap();
        let headers = inputs.iter().map(|input| input.header.as_deref().map(str::to_owned)).collect();
        (headers, diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect())
    }

    #[test]
    fn only_what_clients_accept_becomes_a_header() {
        let in_header =
            |name: &str| ParameterChange { mcp_header: Some(name.to_owned()), ..Default::default() };
        for schema in [
            json!({"type": "integer"}),
            json!({"type": "boolean"}),
            json!({"type": ["string", "null"], "enum": ["x", null]}),
        ] {
            let (headers, said) = assigned(schema.clone(), in_header("Zone"));
            assert_eq!(headers, [Some("Region".to_owned()), Some("Zone".to_owned())], "{schema}");
            assert!(said.is_empty(), "{said:?}");
        }
        let hidden = ParameterChange { hide: true, default: Some(json!("x")), ..in_header("Zone") };
        let only = "only a text, a whole number or a flag can be in one";
        for (schema, change, why) in [
            (json!({"type": "string"}), in_header("rEGION"), "another argument has this header"),
            (json!({"type": "string"}), hidden, "it is hidden"),
            (json!({"type": "number"}), in_header("Zone"), only),
            (json!({"type": "array", "items": {"type": "string"}}), in_header("Zone"), only),
            (json!({"type": ["string", "integer"]}), in_header("Zone"), only),
            (json!({}), in_header("Zone"), only),
        ] {
            let (headers, said) = assigned(schema.clone(), change);
            assert_eq!(headers, [Some("Region".to_owned()), None], "{schema}");
            assert_eq!(said, [format!("`b` is not repeated in a header: {why}")]);
        }
    }
}
