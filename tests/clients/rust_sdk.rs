//! The official Rust SDK's client, as a crate.

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{ITEM, TARGET, TOOL, World, assert_called};
use crate::support::wait;

/// A client that answers nothing that a server might ask.
#[derive(Clone, Default)]
struct Client;

impl ClientHandler for Client {}

fn lifecycles() -> [ClientLifecycleMode; 3] {
    let modern = vec![ProtocolVersion::V_2026_07_28];
    [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover { preferred_versions: modern.clone() },
        ClientLifecycleMode::Auto { preferred_versions: modern, legacy_version: None },
    ]
}

#[tokio::test]
async fn the_rust_sdk_lists_and_calls_over_http() {
    for lifecycle in lifecycles() {
        let (upstream, gateway) = World::new().await.serve().await;
        let transport = StreamableHttpClientTransport::from_uri(gateway.url());
        let client =
            wait::within("rmcp to connect", Client.serve_with_lifecycle(transport, lifecycle.clone())).await;
        let client = client.unwrap_or_else(|error| panic!("{lifecycle:?}: {error}\n{}", gateway.stderr()));
        list_and_call(client).await;
        assert_called(&upstream);
    }
}

#[tokio::test]
async fn the_rust_sdk_lists_and_calls_over_stdio() {
    for lifecycle in lifecycles() {
        let world = World::new().await;
        let words = world.command_line();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let transport = TokioChildProcess::new(command).unwrap();
        let client =
            wait::within("rmcp to connect", Client.serve_with_lifecycle(transport, lifecycle.clone())).await;
        list_and_call(client.unwrap_or_else(|error| panic!("{lifecycle:?}: {error}"))).await;
        assert_called(&world.upstream);
    }
}

async fn list_and_call(client: RunningService<RoleClient, Client>) {
    let tools = wait::within("the list", client.list_all_tools()).await.unwrap();
    let tool = tools.iter().find(|tool| tool.name == TOOL).expect("the tool is listed");
    assert!(tool.input_schema.contains_key("properties"), "{tool:?}");
    let call = |arguments: Value| {
        let arguments = arguments.as_object().unwrap().clone();
        client.call_tool(CallToolRequestParams::new(TOOL).with_arguments(arguments))
    };
    let result = wait::within("the answer", call(json!({"item": ITEM}))).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{result:?}");
    assert_eq!(result.structured_content.expect("structured content")["target"], TARGET);
    let failed = wait::within("the error", call(json!({"itme": ITEM}))).await.unwrap();
    assert_eq!(failed.is_error, Some(true), "{failed:?}");
    client.cancel().await.unwrap();
}
