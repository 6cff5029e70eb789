//! A real authorization server, which we did not write: oidc-provider, with an API behind it that takes only its
//! tokens.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::programs::{NODE, tool};
use crate::support::api;
use crate::support::gateway::{Gateway, Setup, repository};
use crate::support::mcp::Era;
use crate::support::wait;

/// The server; it ends when this is dropped.
struct TokenServer {
    url: String,
    _folder: tempfile::TempDir,
    key: String,
    _child: Child,
}

impl TokenServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("signer.pem");
        let mut command = Command::new(tool(NODE));
        command.arg(repository("tests/clients/token_server.mjs")).arg(&key);
        command.env("TOOLGATE_NODE_MODULES", tool("node/node_modules"));
        let spawned =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = spawned.spawn().expect("node is there: cargo xtask tools");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = wait::within("the token server to listen", lines.next_line()).await.unwrap().unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let key = std::fs::read_to_string(key).unwrap();
        Self { url: said["url"].as_str().unwrap().to_owned(), _folder: folder, key, _child: child }
    }

    async fn serve(&self, client: &str) -> Gateway {
        let file = format!(
            "gateway: small\nbase_url: ${{SERVER}}\nopenapi: ./api.json\ncredential:\n  oauth2:\n    token_url: \
             ${{SERVER}}/token\n    scopes: [\"items:read\"]\n{client}"
        );
        let setup = Setup::new().file("api.json", api::document().to_string()).source("gateway.yaml", file);
        setup
            .file("signer.pem", &self.key)
            .environment("SERVER", &self.url)
            .environment("SECRET", "s3cret of+the/client%")
            .serve()
            .await
    }
}

/// The clients that the server knows, as a gateway file has them.
const CLIENTS: [(&str, &str); 3] = [
    ("basic", "    client_id: basic\n    client_secret: ${SECRET}\n"),
    ("body", "    client_id: body\n    client_secret: ${SECRET}\n    client_authentication: body\n"),
    (
        "signer",
        "    client_id: signer\n    client_assertion: {key: \"${file:./signer.pem}\", algorithm: ES256, audience: \
         \"${SERVER}\"}\n",
    ),
];

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn oidc_provider_gives_tokens_to_clients_that_prove_themselves_in_every_way() {
    let server = TokenServer::start().await;
    for (number, (name, client)) in CLIENTS.iter().enumerate() {
        let gateway = server.serve(client).await;
        let mut client = gateway.client(Era::Modern).await;
        for _ in 0..3 {
            let result = client.call("read_item", json!({"item": "1"})).await.success();
            assert_eq!(
                (&result.structured()["client"], &result.structured()["scope"]),
                (&json!(name), &json!("items:read"))
            );
            assert_eq!(result.structured()["given"], json!(number + 1), "one token for three calls");
        }
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn a_token_that_was_taken_back_is_replaced() {
    let server = TokenServer::start().await;
    let gateway = server.serve(CLIENTS[0].1).await;
    let mut client = gateway.client(Era::Modern).await;
    client.call("read_item", json!({"item": "revoke"})).await.success();
    let result = client.call("read_item", json!({"item": "1"})).await.success();
    assert_eq!(result.structured()["given"], 2);
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn what_oidc_provider_says_of_a_wrong_secret_is_told() {
    let server = TokenServer::start().await;
    let gateway = server.serve("    client_id: basic\n    client_secret: wrong-secret\n").await;
    let result = gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await;
    assert_eq!(result.code(), "credential");
    assert!(
        result.text().contains("invalid_client") && !result.text().contains("wrong-secret"),
        "{}",
        result.text()
    );
}
