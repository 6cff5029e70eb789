//! What the program says, held against the protocol's own JSON Schema of the version that is spoken.
//!
//! `cargo xtask test` takes the schemas out of the conformance suite and puts them beside the other tools. Where they
//! are not there, that is said once, and messages are taken as they are.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The schemas by version.
static VERSIONS: LazyLock<HashMap<&str, Version>> = LazyLock::new(|| {
    let read = |version| Some((version, Version::read(version)?));
    let versions: HashMap<_, _> =
        ["2025-06-18", "2025-11-25", "2026-07-28"].into_iter().filter_map(read).collect();
    if versions.is_empty() {
        println!("the schemas of the protocol are not there: messages are not held against them");
    }
    versions
});

struct Version {
    schema: Map<String, Value>,
    /// `$defs`, or what it was called before.
    definitions: &'static str,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Fails the test when a message of the program is not one of this version. `asked` is the method of the request that
/// it answers, if it is an answer.
pub(crate) fn check(version: &str, asked: Option<&str>, message: &Value) {
    let Some(schemas) = VERSIONS.get(version) else { return };
    let faults: Vec<String> = match message.get("method").and_then(Value::as_str) {
        Some(method) => schemas.sent(method, message),
        None => schemas.answered(asked, message),
    };
    assert!(faults.is_empty(), "no message of {version}: {faults:#?} in {message:#}");
}

impl Version {
    fn read(version: &str) -> Option<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
        let text = std::fs::read(target.join(format!("tools/schemas/{version}.json"))).ok()?;
        let schema: Map<String, Value> = serde_json::from_slice(&text).unwrap();
        let definitions = if schema.contains_key("$defs") { "$defs" } else { "definitions" };
        Some(Self { schema, definitions, compiled: Mutex::default() })
    }

    /// What is wrong with a request or notification of the program.
    fn sent(&self, method: &str, message: &Value) -> Vec<String> {
        let kind = if message.get("id").is_some() { "Request" } else { "Notification" };
        match self.of_method(method, kind) {
            Some(name) => self.faults(&name, message),
            None => vec![format!("there is no {kind} {method}")],
        }
    }

    /// What is wrong with an answer of the program.
    fn answered(&self, asked: Option<&str>, message: &Value) -> Vec<String> {
        if let Some(error) = message.get("error") {
            let envelope = self.first(&["JSONRPCErrorResponse", "JSONRPCError"]);
            return [self.faults(envelope, message), self.faults_of_error(error, message)].concat();
        }
        let mut faults = self.faults(self.first(&["JSONRPCResultResponse", "JSONRPCResponse"]), message);
        let result = &message["result"];
        if result["resultType"] == "input_required" {
            faults.extend(self.faults("InputRequiredResult", result));
        } else if let Some(request) = asked.and_then(|method| self.of_method(method, "Request")) {
            let own = request.replace("Request", "Result");
            faults.extend(self.faults(self.first(&[&own, "EmptyResult"]), result));
        }
        faults
    }

    /// Some errors are defined by their code.
    fn faults_of_error(&self, error: &Value, message: &Value) -> Vec<String> {
        let of_code = |definition: &Value| {
            let parts = definition["properties"]["error"]["allOf"].as_array().into_iter().flatten();
            parts.into_iter().any(|part| part["properties"]["code"]["const"] == error["code"])
        };
        let named = self.all().iter().find(|(_, definition)| of_code(definition));
        named.map(|(name, _)| self.faults(name, message)).unwrap_or_default()
    }

    fn of_method(&self, method: &str, kind: &str) -> Option<String> {
        let is_of = |(name, definition): &(&String, &Value)| {
            name.ends_with(kind) && definition["properties"]["method"]["const"] == json!(method)
        };
        self.all().iter().find(is_of).map(|(name, _)| name.clone())
    }

    fn first<'n>(&self, names: &[&'n str]) -> &'n str {
        names.iter().find(|name| self.all().contains_key(**name)).expect("one of them is defined")
    }

    fn all(&self) -> &Map<String, Value> {
        self.schema[self.definitions].as_object().unwrap()
    }

    fn faults(&self, name: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(name);
        validator
            .iter_errors(value)
            .map(|error| format!("{name}{}: {error}", error.instance_path()))
            .collect()
    }

    fn validator(&self, name: &str) -> Arc<Validator> {
        let compile = || {
            let mut schema = self.schema.clone();
            schema.insert("$ref".to_owned(), json!(format!("#/{}/{name}", self.definitions)));
            Arc::new(jsonschema::validator_for(&Value::Object(schema)).unwrap())
        };
        let mut compiled = self.compiled.lock().unwrap();
        Arc::clone(compiled.entry(name.to_owned()).or_insert_with(compile))
    }
}

#[test]
fn a_message_that_is_none_is_found_out() {
    let good = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}});
    check("2025-11-25", Some("tools/list"), &good);
    if VERSIONS.is_empty() {
        return;
    }
    let bad = [
        (Some("tools/list"), json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": 1}]}})),
        (Some("tools/call"), json!({"jsonrpc": "2.0", "id": 1, "result": {}})),
        (None, json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}})),
        (None, json!({"jsonrpc": "2.0", "method": "notifications/unheard", "params": {}})),
        (None, json!({"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": ""}})),
    ];
    for (asked, message) in bad {
        let held = std::panic::catch_unwind(|| check("2025-11-25", asked, &message));
        assert!(held.is_err(), "{message} was taken");
    }
}
