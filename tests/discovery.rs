//! Discovery mode on GitHub's document, which is why it is there: every operation is found and can be called.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::corpus::corpus;
use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{Era, McpClient};

/// What people ask, and the tool that does it, by its name or by its route where the name is shortened. Any of several,
/// where several do.
const QUERIES: &[(&str, &[&str])] = &[
    ("create an issue", &["issues_create"]),
    ("list issues of a repository", &["issues_list-for-repo"]),
    ("close an issue", &["issues_update"]),
    ("comment on an issue", &["issues_create-comment"]),
    ("add labels to an issue", &["issues_add-labels"]),
    ("assign somebody to an issue", &["issues_add-assignees"]),
    ("lock an issue", &["issues_lock"]),
    ("search issues and pull requests", &["search_issues-and-pull-requests"]),
    ("create a milestone", &["issues_create-milestone"]),
    ("list all labels of a repo", &["issues_list-labels-for-repo"]),
    ("open a pull request", &["pulls_create"]),
    ("merge a pull request", &["pulls_merge"]),
    ("list the files changed in a pull request", &["pulls_list-files"]),
    ("request reviewers for a PR", &["pulls_request-reviewers"]),
    ("approve a pull request review", &["pulls_create-review", "pulls_submit-review"]),
    ("update the branch of a pull request", &["pulls_update-branch"]),
    ("list review comments on a pull request", &["pulls_list-review-comments"]),
    ("get a repository", &["repos_get"]),
    ("create a repository for the authenticated user", &["repos_create-for-authenticated-user"]),
    ("create a repo in an organization", &["repos_create-in-org"]),
    ("delete a repository", &["repos_delete"]),
    ("fork a repository", &["repos_create-fork"]),
    ("list branches", &["repos_list-branches"]),
    ("protect a branch", &["repos_update-branch-protection"]),
    ("rename a branch", &["repos_rename-branch"]),
    ("delete a branch ref", &["git_delete-ref"]),
    ("create a branch reference", &["git_create-ref"]),
    ("list commits", &["repos_list-commits"]),
    ("compare two commits", &["repos_compare-commits"]),
    ("get the content of a file", &["repos_get-content"]),
    ("create or update a file", &["repos_create-or-update-file-contents"]),
    ("get the readme", &["repos_get-readme"]),
    ("list contributors", &["repos_list-contributors"]),
    ("list languages of a repository", &["repos_list-languages"]),
    ("create a release", &["repos_create-release"]),
    ("get the latest release", &["repos_get-latest-release"]),
    ("upload a release asset", &["repos_upload-release-asset"]),
    ("generate release notes", &["repos_generate-release-notes"]),
    ("list tags", &["repos_list-tags"]),
    ("add a collaborator", &["repos_add-collaborator"]),
    ("create a webhook for a repository", &["repos_create-webhook"]),
    ("transfer a repository", &["repos_transfer"]),
    ("replace all topics", &["repos_replace-all-topics"]),
    ("trigger a workflow", &["actions_create-workflow-dispatch"]),
    ("list workflow runs", &["actions_list-workflow-runs", "actions_list-workflow-runs-for-repo"]),
    ("re-run failed jobs", &["actions_re-run-workflow-failed-jobs"]),
    ("cancel a workflow run", &["actions_cancel-workflow-run"]),
    ("download logs of a job", &["actions_download-job-logs-for-workflow-run"]),
    ("list artifacts of a run", &["actions_list-workflow-run-artifacts"]),
    ("set a repository secret", &["actions_create-or-update-repo-secret"]),
    (
        "get the public key for secrets",
        &["actions_get-repo-public-key", "dependabot_get-repo-public-key", "codespaces_get-repo-public-key"],
    ),
    (
        "list self-hosted runners",
        &["actions_list-self-hosted-runners-for-repo", "actions_list-self-hosted-runners-for-org"],
    ),
    ("list organization members", &["orgs_list-members"]),
    ("invite a user to an organization", &["orgs_create-invitation"]),
    ("remove a member from an org", &["orgs_remove-member"]),
    ("list teams", &["teams_list"]),
    ("add a user to a team", &["teams_add-or-update-membership-for-user-in-org"]),
    ("create a gist", &["gists_create"]),
    ("star a gist", &["gists_star"]),
    ("star a repository", &["activity_star-repo-for-authenticated-user"]),
    ("list notifications", &["GET /notifications"]),
    ("mark notifications as read", &["activity_mark-notifications-as-read"]),
    ("get the authenticated user", &["users_get-authenticated"]),
    ("follow a user", &["users_follow"]),
    ("list followers of a user", &["users_list-followers-for-user"]),
    ("add an ssh key", &["POST /user/keys"]),
    ("search code", &["search_code"]),
    ("search repositories", &["search_repos"]),
    ("search users", &["search_users"]),
    ("rate limit status", &["rate-limit_get"]),
    ("list dependabot alerts", &["dependabot_list-alerts-for-repo", "dependabot_list-alerts-for-org"]),
    (
        "list code scanning alerts",
        &["code-scanning_list-alerts-for-repo", "code-scanning_list-alerts-for-org"],
    ),
    (
        "create a codespace",
        &["codespaces_create-for-authenticated-user", "codespaces_create-with-repo-for-authenticated-user"],
    ),
    ("stop a codespace", &["codespaces_stop-for-authenticated-user"]),
    ("add a reaction to an issue", &["reactions_create-for-issue"]),
    ("list deployments", &["repos_list-deployments"]),
    ("create a deployment status", &["repos_create-deployment-status"]),
    ("create a check run", &["checks_create"]),
    ("render markdown", &["markdown_render"]),
    ("list gitignore templates", &["gitignore_get-all-templates"]),
    ("pull requst merge", &["pulls_merge"]),
    ("list repositry webhooks", &["repos_list-webhooks"]),
];

/// Of the queries, so many in a hundred find their operation among the first five.
const HIT_RATE: usize = 95;

#[tokio::test]
async fn the_operations_of_github_are_found_by_what_people_ask() {
    let Some(gateway) = github().await else { return };
    let mut client = gateway.client(Era::Modern).await;
    let mut missed = Vec::new();
    for (query, expected) in QUERIES {
        let found = search(&mut client, query, 5).await;
        let mut expected: Vec<String> = expected.iter().map(|&name| name.to_owned()).collect();
        for name in &mut expected {
            if name.contains(' ') {
                *name = search(&mut client, name, 1).await.remove(0);
            }
        }
        if !found.iter().any(|name| expected.contains(name)) {
            missed.push(format!("{query}: {found:?}"));
        }
    }
    let hits = QUERIES.len() - missed.len();
    println!("{hits} of {} queries found their operation among the first five", QUERIES.len());
    println!("{}", missed.join("\n"));
    assert!(QUERIES.len() >= 60);
    assert!(100 * hits >= HIT_RATE * QUERIES.len(), "{hits} of {}:\n{}", QUERIES.len(), missed.join("\n"));
}

#[tokio::test]
async fn the_three_tools_cost_under_two_kilobytes() {
    let Some(gateway) = github().await else { return };
    for era in crate::support::mcp::ERAS {
        let tools = gateway.client(era).await.tools().await;
        let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["search_tools", "describe_tool", "call_tool"]);
        let bytes = Value::from(tools).to_string().len();
        println!("tools/list of GitHub in discovery mode: {bytes} bytes");
        assert!(bytes < 2000, "{bytes}");
    }
}

/// Each is found by its own summary among the first ten, described, and called with its required arguments.
#[tokio::test]
async fn every_operation_of_github_is_found_described_and_called() {
    let Some(gateway) = github().await else { return };
    let mut client = gateway.client(Era::Modern).await;
    let operations = operations();
    assert!(operations.len() > 1000);
    let (mut unfound, mut uncalled) = (Vec::new(), Vec::new());
    for (route, summary) in &operations {
        let found = search(&mut client, route, 1).await;
        let name = found.first().unwrap_or_else(|| panic!("{route} is not there"));
        let by_summary = search(&mut client, summary, 10).await;
        if !by_summary.contains(name) {
            unfound.push(format!("{name}: {summary}: {by_summary:?}"));
        }
        let face = client.call("describe_tool", json!({"name": name})).await.success().structured().clone();
        assert_eq!(face["name"], json!(name));
        let schema = &face["inputSchema"];
        let mut arguments = required(schema);
        let mut result = client.call("call_tool", json!({"name": name, "arguments": arguments})).await;
        // What must come together no schema says that all providers take; the refusal names what is missing.
        if let Some(missing) = missing(&result.text(), schema, &arguments) {
            arguments[missing.as_str()] = instance(schema, &missing);
            result = client.call("call_tool", json!({"name": name, "arguments": arguments})).await;
        }
        if result.code() == "invalid_arguments" {
            uncalled.push(format!("{name} with {arguments}: {}", result.text()));
        }
    }
    println!("{} of {} found by their summary", operations.len() - unfound.len(), operations.len());
    assert!(unfound.is_empty(), "{}", unfound.join("\n"));
    assert!(uncalled.is_empty(), "{}", uncalled.join("\n"));
}

/// The figures of `docs/tools.md`.
#[tokio::test]
async fn less_detail_costs_less() {
    let Some(document) = document() else { return };
    let setup =
        || Setup::new().source("github.json", &document).arguments(["--allow-writes", "--format", "json"]);
    let mut bytes = Vec::new();
    for detail in ["full", "lean", "minimal"] {
        let output = setup().arguments(["--detail", detail]).run("tools").await;
        let tools: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(tools.len() > 1000);
        println!("tools/list of GitHub with detail {detail}: {} bytes", output.stdout.len());
        bytes.push(output.stdout.len());
        let advice = String::from_utf8(output.stderr).unwrap();
        assert!(advice.contains("tools cost a model about") && advice.contains("--discover on"), "{advice}");
    }
    let [full, lean, minimal] = bytes[..] else { unreachable!() };
    assert!(full <= 1_500_000, "{full}");
    assert!(4 * lean <= 3 * full, "{lean} of {full}");
    assert!(2 * minimal <= full, "{minimal} of {full}");
}

async fn search(client: &mut McpClient, query: &str, limit: usize) -> Vec<String> {
    let found = client.call("search_tools", json!({"query": query, "limit": limit})).await.success();
    let tools = found.structured()["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// What a tool requires, by its own schema.
fn required(schema: &Value) -> Value {
    let names = schema["required"].as_array().cloned().unwrap_or_default();
    let named = names.iter().filter_map(Value::as_str);
    named.map(|name| (name.to_owned(), instance(schema, name))).collect::<Map<_, _>>().into()
}

/// The first argument that a refusal names and that was not given.
fn missing(refusal: &str, schema: &Value, given: &Value) -> Option<String> {
    let mut named = refusal.split('`').skip(1).step_by(2);
    let is_missing = |name: &&str| schema["properties"].get(*name).is_some() && given.get(*name).is_none();
    named.find(is_missing).map(str::to_owned)
}

/// A value of an argument.
fn instance(schema: &Value, name: &str) -> Value {
    let definitions = schema["$defs"].as_object().cloned().unwrap_or_default().into();
    toolgate::mock::instance(&schema["properties"][name], &definitions).unwrap_or_default()
}

async fn github() -> Option<Gateway> {
    let document = document()?;
    let setup = Setup::new().source("github.json", document);
    Some(setup.arguments(["--mock", "--allow-writes", "--discover", "on"]).serve().await)
}

/// `GET /path` and summary of every operation, read without our own reader.
fn operations() -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(&document().unwrap_or_default()).unwrap();
    let methods = ["get", "put", "post", "delete", "patch"];
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let own = item.as_object().unwrap().iter().filter(|(method, _)| methods.contains(&method.as_str()));
        own.map(move |(method, operation)| {
            let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
            (format!("{} {path}", method.to_uppercase()), summary)
        })
    });
    operations.collect()
}

/// GitHub's document, when the corpus is there.
fn document() -> Option<String> {
    let path: PathBuf = corpus().join("octokit__generated_api.github.com.json.gz");
    let Ok(packed) = std::fs::read(&path) else {
        eprintln!("nothing was tested: there is no {}", path.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    Some(text)
}
