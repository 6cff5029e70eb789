//! What README.md tells people to write into their clients, word for word: only the place of the checkout, the port
//! and the program are filled in.

use serde_json::Value;
use tokio::process::Command;

use super::programs::{NODE, run, run_in, tool};
use crate::support::gateway::{Setup, repository};
use crate::support::process;

const LIST: [&str; 5] = ["--method", "tools/list", "--format", "json", "-q"];

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn every_client_configuration_of_the_readme_connects() {
    let folder = repository("examples/bookshop").to_string_lossy().into_owned();
    let gateway = Setup::new().argument(folder).argument("--mock").serve().await;
    let filled = |text: &str| {
        text.replace("http://127.0.0.1:8080/mcp", &gateway.url())
            .replace("/path/to", &repository("").to_string_lossy())
    };
    let blocks = blocks();
    assert_eq!(blocks.len(), 6, "a client was added to README.md, or taken away: say here how it connects");
    for (language, text) in blocks {
        let text = filled(&text);
        match &*language {
            "sh" => connect(&command_line(&text)).await,
            "json" => connect(&configured(&serde_json::from_str(&text).unwrap())).await,
            "python" => {
                let said = run_in(Command::new(tool("python/bin/python")).arg("-c").arg(&text)).await;
                assert!(said.contains("list_books") && said.contains("Le Guin"), "{said}");
            }
            other => panic!("no client takes {other}"),
        }
    }
}

/// The Inspector as the client: a URL, or a command of which it speaks to the standard streams.
async fn connect(server: &[String]) {
    let script = tool("node/node_modules/.bin/mcp-inspector").to_string_lossy().into_owned();
    let cli = vec![script, "--cli".to_owned()];
    let list = LIST.map(str::to_owned).to_vec();
    let arguments = match server {
        [url] => [cli, vec![url.clone(), "--transport".into(), "http".into()], list].concat(),
        command => [cli, list, vec!["--".to_owned()], command.to_vec()].concat(),
    };
    let listed = run(NODE, &arguments).await;
    assert!(listed.contains("list_books"), "{server:?}: {listed}");
}

/// What `claude mcp add` is given: a URL at the end, or a command after `--`.
fn command_line(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(words[..3], ["claude", "mcp", "add"], "{text}");
    match words.iter().position(|word| *word == "--") {
        Some(end) => started(words[end + 1..].iter().copied()),
        None => vec![words.last().unwrap().to_string()],
    }
}

/// The only server of a client's settings.
fn configured(settings: &Value) -> Vec<String> {
    let servers = settings.get("mcpServers").or(settings.get("servers")).unwrap();
    let server = &servers["bookshop"];
    match server["url"].as_str() {
        Some(url) => vec![url.to_owned()],
        None => {
            let arguments = server["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
            started(std::iter::once(server["command"].as_str().unwrap()).chain(arguments))
        }
    }
}

/// The command with the program that is tested.
fn started<'w>(mut words: impl Iterator<Item = &'w str>) -> Vec<String> {
    assert_eq!(words.next(), Some("toolgate"));
    let program = process::program().to_string_lossy().into_owned();
    std::iter::once(program).chain(words.map(str::to_owned)).collect()
}

/// The code under "Connect a client", with its languages.
fn blocks() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let (_, after) = readme.split_once("\n## Connect a client\n").unwrap();
    let section = after.split("\n## ").next().unwrap();
    let fenced = section.split("\n```").skip(1).step_by(2);
    fenced
        .map(|block| {
            let (language, text) = block.split_once('\n').unwrap();
            (language.to_owned(), text.to_owned())
        })
        .collect()
}
