//! Client certificates before a real TLS server that asks for one.

use serde_json::json;

use crate::support::api;
use crate::support::gateway::Setup;
use crate::support::mcp::Era;
use crate::support::tls::{Authority, Signed, TlsServer};

/// A gateway before the server, with the files of a certificate.
fn setup(server: &TlsServer, authority: &Authority, client: &Signed, credential: &str) -> Setup {
    let file = format!(
        "gateway: small\nbase_url: {}\nopenapi: ./api.json\ncredentials:\n  token: {{bearer: t0ken-beside-it}}\n{credential}",
        server.url()
    );
    Setup::new()
        .file("api.json", api::document().to_string())
        .file("ca.pem", authority.certificate())
        .file("client.pem", &client.certificate)
        .file("client.key", &client.key)
        .source("gateway.yaml", file)
        .environment("CLIENT_KEY", &client.key)
        .environment("TOOLGATE_LOG", "trace")
}

const FILES: &str = "  cert: {mtls: {certificate: ./client.pem, key: ./client.key, ca: ./ca.pem}}\n";
const TEXT: &str = "  cert: {mtls: {certificate: ./client.pem, key: \"${CLIENT_KEY}\", ca: ./ca.pem}}\n";

#[tokio::test]
async fn the_server_sees_the_clients_certificate_and_the_client_knows_the_servers_authority() {
    let authority = Authority::new();
    let (server, client) = (TlsServer::start(&authority).await, authority.sign("client.example.com"));
    for credential in [FILES, TEXT] {
        let gateway = setup(&server, &authority, &client, credential).serve().await;
        let result =
            gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await.success();
        assert_eq!(result.structured()["served"], true);
        let key = client.key.lines().nth(1).unwrap();
        assert!(!gateway.stderr().contains(key));
    }
}

#[tokio::test]
async fn without_the_certificate_or_with_anothers_tls_fails() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = TlsServer::start(&authority).await;
    let own = authority.sign("client.example.com");
    let foreign = stranger.sign("client.example.com");
    for (client, ca) in [(&foreign, &authority), (&own, &stranger)] {
        let gateway = setup(&server, ca, client, FILES).serve().await;
        let result = gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await;
        assert!(matches!(&*result.code(), "tls" | "reset"), "{}", result.0);
    }
    let gateway = setup(&server, &authority, &own, "").serve().await;
    gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await.error();
}

#[tokio::test]
async fn a_certificate_that_is_renewed_is_used_from_the_next_call_on() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = TlsServer::start(&authority).await;
    let setup = setup(&server, &authority, &stranger.sign("client.example.com"), FILES);
    let folder = setup.path().to_owned();
    let gateway = setup.serve().await;
    let mut client = gateway.client(Era::Modern).await;
    client.call("read_item", json!({"item": "1"})).await.error();
    let renewed = authority.sign("client.example.com");
    // One after the other, as a tool that renews them does: what does not belong together is never used.
    std::fs::write(folder.join("client.pem"), renewed.certificate).unwrap();
    std::fs::write(folder.join("client.key"), renewed.key).unwrap();
    client.call("read_item", json!({"item": "1"})).await.success();
}

#[tokio::test]
async fn check_finds_what_is_no_certificate_and_keys_that_belong_to_another() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority).await;
    let client = authority.sign("client.example.com");
    for (file, text, message) in [
        (
            "client.key",
            authority.sign("other.example.com").key,
            "the private key does not belong to the certificate",
        ),
        ("client.key", client.certificate.clone(), "there is no private key in it"),
        ("client.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n".to_owned(), "this is no PEM"),
        ("ca.pem", client.key.clone(), "there is no certificate in it"),
    ] {
        let setup = setup(&server, &authority, &client, FILES).file(file, text);
        let output = setup.run("check").await;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(message), "{said}");
    }
    let gone = setup(&server, &authority, &client, &FILES.replace("client.pem", "gone.pem"));
    let said = gone.run("check").await.stdout;
    assert!(String::from_utf8_lossy(&said).contains("the file cannot be read"));
}
