//! The documentation holds: every YAML snippet of README.md and of `docs/` is loaded by the real program.
//!
//! - A snippet without `gateway:` is a part of a gateway file: `gateway: example` and a `base_url` are put before it.
//!   One with neither `openapi:` nor `endpoints:` takes its operations from a small document.
//! - One with a key of the server file is a server file, for what is served of the small document.
//! - What a snippet refers to is there: variables are set, files of `${file:…}` are written, and a document that is
//!   named but not shown on the page is the small one. Of that, patterns may match nothing (`no-match`). `client.pem`,
//!   `client.key`, `ca.pem` and `key.pem` are what their names say.
//! - A fence with a name (```` ```yaml overlay.yaml ````) is a file of this name for the snippets that follow on its
//!   page. It is loaded itself when it is a gateway file or a document.
//! - Configuration of other programs is fenced as something else (`text`, `json`, `yml`).
//!
//! The commands of `docs/from-zero.md` in `sh` fences are run too.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::gateway::{Setup, repository};
use crate::support::tls::Authority;
use crate::support::{process, wait};

/// A fenced block of a page.
struct Snippet {
    /// The page, below the repository.
    page: String,
    /// The line of the page before the snippet's first one.
    fence: usize,
    /// The name in the fence, when it has one.
    name: Option<String>,
    text: String,
}

/// The keys of a snippet that is a mapping.
struct Keys(serde_yaml::Mapping);

#[tokio::test]
async fn every_snippet_of_the_documentation_is_loaded_without_fault() {
    let mut faults = String::new();
    let mut count = 0;
    for page in pages() {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for snippet in snippets(&page) {
            count += 1;
            if let Some(name) = &snippet.name {
                files.insert(name.clone(), snippet.text.clone());
            }
            if snippet.name.is_none() || snippet.keys().is_loaded_by_itself() {
                for fault in snippet.faults(&files).await {
                    writeln!(faults, "{fault}").unwrap();
                }
            }
        }
    }
    assert!(count > 0, "no snippet was found");
    assert!(faults.is_empty(), "\n{faults}");
}

/// Every command of the guide, one after the other in one folder, as a reader would run them.
#[cfg(unix)]
#[tokio::test]
async fn every_command_of_the_guide_from_zero_does_what_it_says() {
    let page = repository("docs/from-zero.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let setup = snippets(&page)
        .into_iter()
        .filter_map(|snippet| Some((snippet.name?, snippet.text)))
        .fold(Setup::new(), |setup, (name, text)| setup.file(&name, text));
    let commands: Vec<&str> = shell_lines(&text);
    assert!(commands.len() > 5, "{commands:?}");
    for line in commands {
        let serves = line.contains("toolgate serve ");
        // A free port, so that nothing else can have it.
        let line = if serves { format!("exec env {line} --listen 127.0.0.1:0") } else { line.to_owned() };
        let mut command = process::shell(&line);
        command.current_dir(setup.path());
        let mut child = command.spawn().unwrap();
        if serves {
            let stderr = process::Captured::of(child.stderr.take().unwrap());
            wait::until(&line, || stderr.text().contains("/mcp").then_some(())).await;
            child.kill().await.unwrap();
        } else {
            let output = wait::within(&line, child.wait_with_output()).await.unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {said}");
        }
    }
}

/// The commands in the `sh` fences of a page, one a line.
#[cfg(unix)]
fn shell_lines(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter(|line| line.contains("toolgate ")).collect()
}

#[test]
fn an_editor_finds_no_fault_in_the_snippets_of_the_documentation() {
    let validator = |path: &str| {
        let schema = std::fs::read_to_string(repository(path)).unwrap();
        jsonschema::draft7::new(&serde_json::from_str(&schema).unwrap()).unwrap()
    };
    let of_gateways = validator("schemas/gateway.schema.json");
    let of_servers = validator("schemas/server.schema.json");
    for snippet in pages().iter().flat_map(|page| snippets(page)) {
        let keys = snippet.keys();
        let is_other = snippet.name.is_some() && !keys.has("gateway") && !keys.is_server_file();
        if keys.is_document() || keys.is_overlay() || is_other {
            continue;
        }
        let validator = if keys.is_server_file() { &of_servers } else { &of_gateways };
        let file: Value = serde_yaml::from_str(&snippet.written(&keys).0).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}:{}: {errors:?}", snippet.page, snippet.fence + 1);
    }
}

#[test]
fn fences_are_found_with_their_lines_and_names() {
    let text =
        "A\n```yaml\na: 1\n```\n- in a list:\n  ```yaml b.yaml\n  b: 2\n    c: 3\n  ```\n```yml\nno\n```\n";
    let found: Vec<_> = fences("page.md", text)
        .into_iter()
        .map(|snippet| (snippet.fence, snippet.name, snippet.text))
        .collect();
    let named = Some("b.yaml".to_owned());
    assert_eq!(found, [(2, None, "a: 1\n".to_owned()), (6, named, "b: 2\n  c: 3\n".to_owned())]);
}

/// Files of a certificate and of a key.
fn certificates(setup: Setup) -> Setup {
    let authority = Authority::new();
    let client = authority.sign("client.example.com");
    setup
        .file("ca.pem", authority.certificate())
        .file("client.pem", client.certificate)
        .file("client.key", &client.key)
        .file("key.pem", client.key)
}

impl Snippet {
    fn keys(&self) -> Keys {
        Keys(serde_yaml::from_str(&self.text).unwrap_or_default())
    }

    /// As it is loaded, and how many lines were put before it.
    fn written(&self, keys: &Keys) -> (String, usize) {
        let mut head = String::new();
        if keys.is_document() || keys.is_server_file() {
            return (self.text.clone(), 0);
        }
        if !keys.has("gateway") {
            head.push_str("gateway: example\n");
            if !keys.has("base_url") {
                head.push_str("base_url: https://api.example.com\n");
            }
        }
        if !keys.has("openapi") && !keys.has("endpoints") {
            head.push_str("openapi: ./document.json\n");
        }
        (format!("{head}{}", self.text), head.lines().count())
    }

    /// What the program says against it, each with its place on the page.
    async fn faults(&self, files: &BTreeMap<String, String>) -> Vec<String> {
        let keys = self.keys();
        let (mut text, before) = self.written(&keys);
        let mut setup = certificates(Setup::new().file("document.json", document().to_string()));
        for (name, text) in files {
            setup = setup.file(name, text);
        }
        if let Some(named) = keys.text("openapi").filter(|_| !keys.is_document()) {
            if named.contains("://") {
                text = text.replace(named, "./document.json");
            } else if !files.contains_key(named.trim_start_matches("./")) {
                setup = setup.with_folders(named, &document().to_string());
            }
        }
        for reference in references(&self.text) {
            match reference.strip_prefix("file:") {
                Some(path) if path.ends_with(".pem") => {}
                Some(path) => setup = setup.with_folders(path, "value-of-a-file"),
                None => setup = setup.environment(reference, "value-of-a-variable"),
            }
        }
        let setup = if keys.is_server_file() {
            setup.file("snippet.yaml", &text).arguments(["document.json", "--config", "snippet.yaml"])
        } else {
            setup.source("snippet.yaml", &text)
        };
        let setup = setup.arguments(["--format", "json"]);
        let output = setup.run("check").await;
        let said: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: {}", self.page, String::from_utf8_lossy(&output.stderr)));
        let said = said.as_array().unwrap().iter();
        let matters = |problem: &&Value| problem["severity"] != "note" && problem["code"] != "no-match";
        said.filter(matters).map(|problem| self.fault(problem, before)).collect()
    }

    fn fault(&self, problem: &Value, before: usize) -> String {
        let line = problem["line"].as_u64().map_or(1, |line| usize::try_from(line).unwrap());
        let line = self.fence + line.saturating_sub(before);
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        let file = text("file");
        let place = match file.as_str() {
            "" | "snippet.yaml" => format!("{}:{line}", self.page),
            other => format!("{}, {other}:{}", self.page, problem["line"]),
        };
        format!("{place}: {}: {} ({})", text("code"), text("message"), text("help"))
    }
}

impl Keys {
    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    fn is_document(&self) -> bool {
        self.has("swagger") || self.has("paths") || (self.has("openapi") && self.has("info"))
    }

    fn is_overlay(&self) -> bool {
        self.has("overlay")
    }

    fn is_server_file(&self) -> bool {
        let keys = ["access", "toolsets", "rules", "limits", "audit", "cors"];
        keys.iter().any(|key| self.has(key)) && !self.has("gateway")
    }

    fn is_loaded_by_itself(&self) -> bool {
        self.has("gateway") || self.is_server_file() || self.is_document()
    }
}

impl Setup {
    /// A file in the working directory or in a folder below it.
    fn with_folders(self, path: &str, text: &str) -> Self {
        let folder = Path::new(path).parent().map(|folder| self.path().join(folder));
        std::fs::create_dir_all(folder.unwrap_or_default()).unwrap();
        self.file(path, text)
    }
}

/// README.md and everything in `docs/`.
fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(repository("docs")).into_iter().flatten();
    let mut pages: Vec<PathBuf> = docs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.push(repository("README.md"));
    pages.sort();
    pages
}

fn snippets(page: &Path) -> Vec<Snippet> {
    let name = page.strip_prefix(repository("")).unwrap().display().to_string();
    fences(&name, &std::fs::read_to_string(page).unwrap())
}

fn fences(page: &str, text: &str) -> Vec<Snippet> {
    let mut found: Vec<Snippet> = Vec::new();
    let mut open: Option<(usize, Snippet)> = None;
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        match open.take() {
            None => {
                let name = line.trim_start().strip_prefix("```yaml");
                let name = name.filter(|name| name.is_empty() || name.starts_with(' ')).map(str::trim);
                open = name.map(|name| {
                    let name = (!name.is_empty()).then(|| name.to_owned());
                    (indent, Snippet { page: page.to_owned(), fence: index + 1, name, text: String::new() })
                });
            }
            Some((_, snippet)) if line.trim_start().starts_with("```") => found.push(snippet),
            Some((indent, mut snippet)) => {
                snippet.text.push_str(line.get(indent..).unwrap_or_default());
                snippet.text.push('\n');
                open = Some((indent, snippet));
            }
        }
    }
    found
}

/// What `${…}` stands for in a text: names of variables, and `file:PATH`.
fn references(text: &str) -> Vec<&str> {
    let inner = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    inner.map(|reference| reference.split(":-").next().unwrap_or(reference)).collect()
}

/// What a snippet takes its operations from when its page shows no document.
fn document() -> Value {
    let operation = |id: &str, name: &str| {
        json!({
            "operationId": id,
            "summary": format!("{id}."),
            "tags": ["items"],
            "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}}],
            "responses": {"200": {"description": "Fine.", "content": {"application/json": {}}}},
        })
    };
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Example", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {
            "/items": {"get": operation("list_items", "q")},
            "/items/latest": {"get": operation("latest_item", "since")},
        },
    })
}
