//! The requests of every operation of real documents, written down for a reader that is not ours.
//!
//! Arguments are made up from the `inputSchema` that a tool shows, as a model would, and go the way of a call up to
//! the request. `cargo xtask roundtrip` names the documents and has somebody else's validator read what comes out.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toolgate::call::build::build;
use toolgate::call::error::ArgumentsError;
use toolgate::call::validate::validate;
use toolgate::catalog::Tool;
use toolgate::catalog::build::BuildOptions;
use toolgate::load::{LoadArguments, load};
use toolgate::net::Clients;
use toolgate::openapi::definitions::Definitions;
use toolgate::upstream::HttpRequest;

/// Names a file with two lines for each document: where it is, and where its requests go.
const JOBS: &str = "TOOLGATE_ROUNDTRIP";

#[tokio::test]
#[ignore = "`cargo xtask roundtrip` runs it"]
async fn requests_of_real_documents_are_written_down() {
    let jobs = std::fs::read_to_string(jobs()).unwrap();
    let lines: Vec<&str> = jobs.lines().collect();
    for job in lines.chunks(2) {
        write(job[0], Path::new(job[1])).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing of the program: it says where the tests find documents"
)]
fn jobs() -> PathBuf {
    PathBuf::from(std::env::var_os(JOBS).expect("`cargo xtask roundtrip` says which documents"))
}

/// Writes a line of JSON for each request of a document.
async fn write(document: &str, to: &Path) {
    let arguments = LoadArguments {
        sources: vec![document.to_owned()],
        base_url: Some("https://api.example.com".parse().unwrap()),
        ..LoadArguments::default()
    };
    let clients = Clients::default();
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    let (catalog, _) = load(&arguments, &clients).await.into_catalog(&options, &clients);
    let mut out = BufWriter::new(std::fs::File::create(to).unwrap());
    for tool in catalog.tools() {
        for (kind, arguments) in arguments_of(tool) {
            let mut line = match request(tool, &arguments) {
                Ok(request) => shown(&request),
                Err(error) => json!({ "refused": messages(&error) }),
            };
            line["tool"] = (*tool.name).into();
            line["operation"] = (*tool.plan.signature).into();
            line["kind"] = kind.into();
            line["arguments"] = arguments;
            writeln!(out, "{line}").unwrap();
        }
    }
    out.flush().unwrap();
}

/// What a model might give: only what it must, everything that the tool shows, and everything by the schema of the
/// document, which says more than what is shown.
fn arguments_of(tool: &Tool) -> Vec<(&'static str, Value)> {
    let face: Value = serde_json::from_str(&tool.face).unwrap();
    let schema = &face["inputSchema"];
    let definitions = Definitions::from(schema["$defs"].as_object().cloned().unwrap_or_default());
    let mut needed = Map::new();
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let value = toolgate::mock::instance(&schema["properties"][name], &definitions);
        needed.insert(name.to_owned(), value.unwrap_or(Value::Null));
    }
    let mut all = needed.clone();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let (false, Some(value)) =
            (all.contains_key(name), toolgate::mock::instance(property, &definitions))
        {
            all.insert(name.clone(), value);
        }
    }
    let schema = tool.plan.arguments.schema();
    let document = toolgate::mock::instance(&schema, &tool.plan.arguments.definitions);
    let mut found = vec![("required", Value::from(needed.clone()))];
    if all != needed {
        found.push(("all", all.into()));
    }
    found.extend(document.map(|document| ("document", document)));
    found
}

fn request(tool: &Tool, arguments: &Value) -> Result<HttpRequest, ArgumentsError> {
    let raw: Box<RawValue> = serde_json::value::to_raw_value(arguments).unwrap();
    let arguments = validate(&tool.plan.arguments, Some(&raw))?;
    build(&tool.plan, &arguments)
}

fn shown(request: &HttpRequest) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().into()))
        .collect();
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers,
        "body": BASE64_STANDARD.encode(&request.body),
    })
}

fn messages(error: &ArgumentsError) -> Vec<String> {
    error.problems.iter().map(|problem| problem.message.clone()).collect()
}
