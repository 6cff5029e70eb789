use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::catalog::build::{BuildOptions, build as build_catalog};
use crate::catalog::fixture::{body, operation, parameter, served};
use crate::config::Gateway;
use crate::config::gateway::NamedCredential;
use crate::config::gateway::Text;
use crate::openapi::Operation;
use crate::openapi::operation::Location;

fn catalog(operation: Operation, credential: Option<Credential>) -> Catalog {
    let mut gateway = Gateway::named("pets");
    gateway.credentials = credential
        .map(|credential| NamedCredential { name: "default".into(), credential })
        .into_iter()
        .collect();
    gateway.headers = vec![(
        ::http::HeaderName::from_static("x-tenant"),
        Text::Secret(SecretString::from("s3cr3t-tenant")),
    )];
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    build_catalog(&[served(gateway, vec![operation])], &options, &mut Default::default())
}

fn explained(catalog: &Catalog, arguments: &serde_json::Value, format: Format) -> String {
    let arguments = serde_json::value::to_raw_value(arguments).unwrap();
    explain(&catalog.tools()[0].plan, Some(&arguments), format).unwrap()
}

fn create(schema: serde_json::Value) -> Operation {
    let mut create = operation("POST", "/pets/{id}");
    create.parameters = vec![parameter(Location::Path, "id", json!({"type": "string"}))];
    create.body = Some(body("application/json", schema));
    create
}

#[test]
fn a_request_is_shown_as_http() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let catalog = catalog(create(schema), Some(Credential::Bearer("s3cr3t-token".into())));
    assert_eq!(
        explained(&catalog, &json!({"id": "a b", "name": "Rex's"}), Format::Http),
        "POST /v1/pets/a%20b HTTP/1.1\nhost: api.example.com\naccept: application/json, */*;q=0.5\n\
         x-tenant: ***\ncontent-type: application/json\nauthorization: Bearer ***\ncontent-length: 16\n\n{\"name\":\"Rex's\"}\n"
    );
}

#[test]
fn a_request_is_shown_as_a_command_that_a_shell_takes_as_it_is_meant() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let catalog = catalog(create(schema), Some(Credential::Bearer("s3cr3t-token".into())));
    assert_eq!(
        explained(&catalog, &json!({"id": "a", "name": "Rex's $(rm) `x`"}), Format::Curl),
        "curl --globoff --request 'POST' 'https://api.example.com/v1/pets/a' \\\n  \
         --header 'accept: application/json, */*;q=0.5' \\\n  --header 'x-tenant: ***' \\\n  \
         --header 'content-type: application/json' \\\n  --header 'authorization: Bearer ***' \\\n  \
         --data-raw '{\"name\":\"Rex'\\''s $(rm) `x`\"}'\n"
    );
}

#[test]
fn every_credential_shows_its_place_and_not_itself() {
    let secret = || "s3cr3t-token".into();
    let key = |location| Credential::ApiKey { location, name: "key".into(), value: secret() };
    for (credential, expected) in [
        (
            Credential::Basic { username: Text::Plain("rex".into()), password: secret() },
            "authorization: Basic ***\n",
        ),
        (key(Location::Query), "GET /v1/pets?key=*** HTTP/1.1\n"),
        (key(Location::Header), "key: ***\n"),
        (key(Location::Cookie), "cookie: key=***\n"),
    ] {
        let text = explained(&catalog(operation("GET", "/pets"), Some(credential)), &json!({}), Format::Http);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn a_body_that_is_no_text_is_measured_or_piped() {
    let mut upload = operation("PUT", "/pets");
    upload.body = Some(body("image/png", json!({"type": "string", "format": "binary"})));
    let catalog = catalog(upload, None);
    let arguments = json!({"body": "iVBORw0KGgo="});
    assert!(explained(&catalog, &arguments, Format::Http).ends_with("\n\n<8 bytes that are no text>\n"));
    let command = explained(&catalog, &arguments, Format::Curl);
    assert!(command.starts_with("printf %s 'iVBORw0KGgo=' | base64 --decode | curl --globoff"), "{command}");
    assert!(command.ends_with("--data-binary @-\n"), "{command}");
}

#[test]
fn arguments_that_would_not_be_sent_are_not_explained() {
    let catalog = catalog(create(json!({"type": "string"})), None);
    assert!(explain(&catalog.tools()[0].plan, None, Format::Http).is_err());
}
