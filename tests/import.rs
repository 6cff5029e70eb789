//! `toolgate import`: what is written is without fault, and sends what its input sends.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use toolgate::call::explain::{Format, explain};
use toolgate::catalog::Catalog;
use toolgate::catalog::build::BuildOptions;
use toolgate::diagnostic::{Severity, render};
use toolgate::import::{self, Options};
use toolgate::load::{self, Load, LoadArguments};
use toolgate::mock;
use toolgate::net::Clients;
use toolgate::openapi::definitions::Definitions;

use crate::corpus;
use crate::support::gateway::Setup;
use crate::support::process;
use crate::support::upstream::Upstream;
use crate::support::wait;

/// Runs `import` with these arguments in the folder of a setup, with a text on stdin.
async fn import(setup: &Setup, arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = process::command();
    command.current_dir(setup.path()).arg("import").args(arguments).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input may be gone already.
    let _gone = child.stdin.take().unwrap().write_all(stdin.as_bytes()).await;
    let output = wait::within("import", child.wait_with_output()).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The exit code and stdout of another verb about the gateway file.
async fn run(setup: Setup, verb: &str) -> (i32, String) {
    let output = setup.run(verb).await;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), said)
}

#[tokio::test]
async fn a_command_of_curl_becomes_a_tool_that_sends_what_curl_sends() {
    let upstream = Upstream::echo().await;
    let setup = Setup::new();
    let command = format!(
        "curl -X POST '{}/v1/shops/7/orders?dry_run=true&tag=a&tag=b' \\\n  -H 'Authorization: Bearer s3cr3t-t0ken' \\\n  -H 'X-Api-Version: 2024-01-31' \\\n  --json '{{\"book\": \"Emma\", \"lines\": [{{\"count\": 2}}]}}'\n",
        upstream.url()
    );
    let (code, yaml, stderr) = import(&setup, &["curl", "--name", "shop"], &command).await;
    assert_eq!((code, stderr.as_str()), (0, "Set SHOP_TOKEN before you serve it.\n"));
    assert!(!yaml.contains("s3cr3t"), "{yaml}");
    let setup = || Setup::new().source("gateway.yaml", &yaml).environment("SHOP_TOKEN", "s3cr3t-t0ken");
    assert_eq!(run(setup(), "check").await, (0, "No problems; 1 tools.\n".to_owned()));
    let arguments =
        json!({"shop_id": 7, "dry_run": true, "tag": ["a", "b"], "book": "Emma", "lines": [{"count": 2}]});
    let call = setup().arguments(["--tool", "create_shop_order", "--args", &arguments.to_string()]);
    let (code, said) = run(call, "call").await;
    assert_eq!(code, 0, "{said}");
    let entry = upstream.ledger().only();
    assert_eq!(
        (&*entry.request.method, &*entry.request.target),
        ("POST", "/v1/shops/7/orders?dry_run=true&tag=a&tag=b")
    );
    assert_eq!(entry.header("authorization"), Some("Bearer s3cr3t-t0ken"));
    assert_eq!(entry.header("x-api-version"), Some("2024-01-31"));
    let body: Value = serde_json::from_slice(&entry.request.body).unwrap();
    assert_eq!(body, json!({"book": "Emma", "lines": [{"count": 2}]}));
}

#[tokio::test]
async fn an_archive_and_a_collection_become_tools_that_send_what_they_hold() {
    let upstream = Upstream::echo().await;
    let archive = json!({"log": {"version": "1.2", "entries": [{
        "request": {"method": "PUT", "url": format!("{}/items/42?lang=en", upstream.url()),
            "headers": [{"name": "Cookie", "value": "sid=c00kie"}, {"name": "User-Agent", "value": "Browser"}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "note", "value": "a b"}]}},
        "response": {"content": {"mimeType": "application/json"}},
    }]}});
    let collection = json!({
        "info": {"name": "Items", "schema": "https://schema.example.com/v2.1.0/collection.json"},
        "variable": [{"key": "url", "value": upstream.url()}],
        "item": [{"name": "Replace an item", "request": {
            "method": "PUT", "url": {"raw": "{{url}}/items/:item_id?lang=en"},
            "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}, {"key": "value", "value": "c00kie"}]},
            "body": {"mode": "urlencoded", "urlencoded": [{"key": "note", "value": "a b"}]},
        }}],
    });
    for (from, input, tool, variable, header) in [
        ("har", archive, "replace_item", "ITEMS_SID", ("cookie", "sid=c00kie")),
        ("postman", collection, "replace_an_item", "ITEMS_X_KEY", ("x-key", "c00kie")),
    ] {
        let setup = Setup::new().file("input.json", input.to_string());
        let (code, yaml, stderr) = import(&setup, &[from, "input.json", "--name", "items"], "").await;
        assert_eq!((code, stderr), (0, format!("Set {variable} before you serve it.\n")), "{yaml}");
        assert!(!yaml.contains("c00kie"), "{yaml}");
        let setup = || Setup::new().source("gateway.yaml", &yaml).environment(variable, "c00kie");
        assert_eq!(run(setup(), "check").await, (0, "No problems; 1 tools.\n".to_owned()), "{yaml}");
        let arguments = json!({"item_id": 42, "lang": "en", "note": "a b"});
        let arguments =
            if from == "postman" { json!({"item_id": "42", "lang": "en", "note": "a b"}) } else { arguments };
        let (code, said) =
            run(setup().arguments(["--tool", tool, "--args", &arguments.to_string()]), "call").await;
        assert_eq!(code, 0, "{said}\n{yaml}");
        let entry = upstream.ledger().entries().pop().unwrap();
        assert_eq!((&*entry.request.method, &*entry.request.target), ("PUT", "/items/42?lang=en"));
        assert_eq!(entry.header(header.0), Some(header.1));
        assert_eq!(entry.request.body, b"note=a%20b");
    }
}

#[tokio::test]
async fn import_keeps_to_its_exit_codes_and_shows_no_input() {
    let setup = Setup::new().file("empty.json", "{}").file("there.yaml", "kept");
    for (arguments, stdin, expected) in [
        (&["curl"][..], "curl 'https://example.com -H s3cr3t", 1),
        (&["curl"], "", 1),
        (&["har", "empty.json"], "", 1),
        (&["postman", "empty.json"], "", 1),
        (&["har", "missing.har"], "", 1),
        (&["openapi", "missing.json"], "", 1),
        (&["curl", "curl https://example.com/a", "--output", "there.yaml"], "", 1),
        (&["curl", "--name", "a b"], "", 2),
        (&["curl", "--base-url", "nowhere"], "", 2),
        (&["openapi", "empty.json", "--operation", "/a"], "", 2),
        (&["gopher"], "", 2),
        (&[], "", 2),
    ] {
        let (code, stdout, stderr) = import(&setup, arguments, stdin).await;
        assert_eq!((code, stdout.as_str()), (expected, ""), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty() && !stderr.contains("s3cr3t"), "{arguments:?}: {stderr}");
    }
    let (code, stdout, _) =
        import(&setup, &["curl", "curl https://example.com/a", "--output", "new.yaml"], "").await;
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(std::fs::read_to_string(setup.path().join("new.yaml")).unwrap().contains("GET /a"));
    assert_eq!(std::fs::read_to_string(setup.path().join("there.yaml")).unwrap(), "kept");
}

#[tokio::test]
async fn chosen_operations_of_a_document_become_endpoints_and_what_they_cannot_say_stays_in_it() {
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "security": [{"key": []}],
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "schemas": {"Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}},
        },
        "paths": {
            "/books/{id}": {"get": {"operationId": "get_book", "summary": "Get a book.", "tags": ["books"], "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "fields", "in": "query", "explode": false, "schema": {"type": "array", "items": {"type": "string"}, "default": ["title"]}},
            ]}},
            "/trees": {"post": {"operationId": "plant", "tags": ["books"], "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}}},
            "/other": {"get": {"operationId": "other"}},
        },
    });
    let setup = Setup::new().file("shop.json", document.to_string());
    let (code, yaml, stderr) =
        import(&setup, &["openapi", "shop.json", "--operation", "tag:books"], "").await;
    assert_eq!((code, stderr.as_str()), (0, "Set SHOP_KEY before you serve it.\n"));
    let expected = r#"# These stay in the document, because an endpoint cannot say what they say:
# - POST /trees: its schemas refer to themselves
gateway: shop
base_url: https://api.example.com/v1
credential: {api_key: {in: header, name: X-Key, value: "${SHOP_KEY}"}}
openapi: shop.json
operations: {include: [POST /trees], writes: allow}
endpoints:
  get_book:
    summary: Get a book.
    request: GET /books/{id}
    parameters:
      id: {in: path, type: integer}
      fields:
        in: query
        explode: false
        schema:
          type: array
          items: {type: string}
          default: [title]
    produces: []
"#;
    let without_quotes =
        |text: &str| text.replace("\"https://api.example.com/v1\"", "https://api.example.com/v1");
    assert_eq!(without_quotes(&yaml), without_quotes(expected));
    let setup = Setup::new().file("shop.json", document.to_string()).source("gateway.yaml", &yaml);
    let setup = setup.environment("SHOP_KEY", "k3y");
    assert_eq!(run(setup, "check").await, (0, "No problems; 2 tools.\n".to_owned()));
}

/// The catalog of a load; nothing is ever called.
fn catalog(load: Load) -> Catalog {
    let assumed_server = Some("https://unknown.example.com".parse().unwrap());
    let options = BuildOptions { allow_writes: true, assumed_server, ..BuildOptions::default() };
    load.into_catalog(&options, &Clients::default()).0
}

async fn loaded(source: &str) -> Load {
    let arguments = LoadArguments { sources: vec![source.to_owned()], ..LoadArguments::default() };
    load::load(&arguments, &Clients::default()).await
}

/// Without what authenticates: it is nothing that the document says.
fn without_credentials(yaml: &str) -> String {
    let mut inside = false;
    let kept = yaml.lines().filter(|line| {
        if !line.starts_with(' ') {
            inside = line.starts_with("credential");
        }
        !inside && !line.starts_with("    credential:")
    });
    kept.map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn endpoints_of_real_documents_send_what_the_documents_tools_send() {
    let (mut endpoints, mut kept, mut compared) = (0, 0, 0);
    let mut differ: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in corpus::sources(|_| true) {
        // The largest take minutes in a build without optimisation.
        if source.text().len() > 3 << 20 {
            continue;
        }
        let name = source.name().to_owned();
        let own = catalog(loaded(&name).await);
        let path = std::path::absolute(&name).unwrap().display().to_string();
        let (imported, _) =
            import::openapi(loaded(&name).await, &path, &Options::default(), &Clients::default());
        let Some(imported) = imported else { continue };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.yaml");
        let yaml = imported.variables.iter().fold(without_credentials(&imported.yaml), |yaml, variable| {
            yaml.replace(&format!("${{{variable}}}"), "https://unknown.example.com")
        });
        std::fs::write(&file, &yaml).unwrap();
        let load = loaded(file.to_str().unwrap()).await;
        let errors = load.diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
        let of_file = errors.filter(|problem| {
            problem.place.as_ref().is_some_and(|place| place.source.name().ends_with("gateway.yaml"))
        });
        if of_file.count() > 0 {
            let text = render::text(&load.diagnostics, false);
            differ.entry(name.clone()).or_default().push(text.lines().take(4).collect());
        }
        endpoints += load.apis.iter().map(|api| api.gateway.endpoints.len()).sum::<usize>();
        kept += yaml
            .lines()
            .take_while(|line| line.starts_with('#'))
            .filter(|line| line.starts_with("# - "))
            .count();
        let theirs = catalog(load);
        for tool in theirs.tools() {
            let Some(original) = own.tool(&tool.name) else {
                differ.entry(name.clone()).or_default().push(format!("{} is no tool of it", tool.name));
                continue;
            };
            let face: Value = serde_json::from_str(&original.face).unwrap();
            let Some(arguments) = mock::instance(&face["inputSchema"], &Definitions::new()) else { continue };
            let arguments = to_raw_value(&arguments).unwrap();
            let sent = |tool: &toolgate::catalog::Tool| {
                explain(&tool.plan, Some(&arguments), Format::Http).map_err(|error| error.to_string())
            };
            let (expected, found) = (sent(original), sent(tool));
            compared += 1;
            if boundary_free(&expected) != boundary_free(&found) {
                let problem = format!("{}\n  {expected:?}\n  {found:?}", tool.name);
                differ.entry(name.clone()).or_default().push(problem);
            }
        }
    }
    println!(
        "{endpoints} endpoints, {kept} operations left in their documents, {compared} requests compared"
    );
    assert!(differ.is_empty(), "{differ:#?}");
}

/// Multipart bodies have a boundary of their own each time.
fn boundary_free(request: &Result<String, String>) -> Result<String, String> {
    let text = request.clone()?;
    let boundary = text.split("boundary=").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(match boundary {
        Some(boundary) => text.replace(boundary, "BOUNDARY"),
        None => text,
    })
}
