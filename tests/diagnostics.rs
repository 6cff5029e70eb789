//! The pages of the diagnostics hold: the example of each is a document or a gateway file with that fault.

use std::process::Output;

use serde_json::Value;
use toolgate::diagnostic::{Code, catalogue};

use crate::support::gateway::{Setup, repository};

/// Codes whose fault is no short text: something too large, something of another version, two files of one name.
const WITHOUT_EXAMPLE: [Code; 4] =
    [Code::SourceTooLarge, Code::DuplicateGateway, Code::UnavailableKey, Code::SchemaTooLarge];

#[tokio::test]
async fn the_example_of_every_page_has_the_fault_of_its_code() {
    for code in Code::ALL {
        let page = repository(&format!("src/diagnostic/pages/{}.md", code.as_str()));
        let files = files(&std::fs::read_to_string(page).unwrap());
        if files.is_empty() {
            assert!(WITHOUT_EXAMPLE.contains(code), "{} has no example", code.as_str());
            continue;
        }
        let told = told(files).await;
        let found = told.iter().find(|told| told.0 == code.as_str());
        let place = found.unwrap_or_else(|| panic!("{} is not among {told:?}", code.as_str())).1;
        assert!(place, "{} has no place", code.as_str());
        let others: Vec<_> = told.iter().filter(|told| told.0 != code.as_str()).collect();
        assert!(others.is_empty(), "{}: {others:?}", code.as_str());
    }
}

#[tokio::test]
async fn explain_prints_the_list_or_a_page_and_suggests_what_was_meant() {
    let explain = async |code: &[&str]| {
        let setup = code.iter().fold(Setup::new().argument("--explain"), |setup, code| setup.argument(*code));
        setup.run("check").await
    };
    let text = |output: &Output| String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    assert_eq!(text(&explain(&[]).await), catalogue::list());
    assert_eq!(text(&explain(&["syntax"]).await), catalogue::page(Code::Syntax).trim_end());
    let unknown = explain(&["sintax"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("syntax"));
}

/// What `check` tells of the files, the gateway file or the first one named: codes, and whether they have a place.
async fn told(files: Vec<(String, String)>) -> Vec<(String, bool)> {
    let gateway = files.iter().any(|(name, _)| name == "gateway.yaml");
    let source = if gateway { "gateway.yaml".to_owned() } else { files[0].0.clone() };
    let setup = files.into_iter().fold(Setup::new(), |setup, (name, text)| setup.file(&name, text));
    let output = setup.argument(source).arguments(["--format", "json"]).run("check").await;
    let records: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let told = |record: &Value| (record["code"].as_str().unwrap().to_owned(), record["line"].is_u64());
    records.iter().map(told).collect()
}

/// The fenced files of a page.
fn files(page: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(words) => {
                inside = true;
                files.push((words.split(' ').nth(1).unwrap_or_default().to_owned(), String::new()));
            }
            None if inside => files.last_mut().unwrap().1.push_str(&format!("{line}\n")),
            None => {}
        }
    }
    files
}
