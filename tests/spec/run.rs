//! Runs the blocks of a section against the program.

use serde_json::Value;

use super::compare;
use super::page::{Block, Page, Section};
use crate::support::gateway::Setup;
use crate::support::upstream::{Answer, Upstream};

/// Where the API of a bare document is, and where gateway files of the book say that it is.
const API: &str = "https://api.example.com";

/// What became of a block that says what is expected.
pub(super) struct Outcome {
    title: String,
    pub(super) block: Block,
    actual: Actual,
}

/// What happened instead of what a block says.
enum Actual {
    Text(String),
    /// JSON, of which the block may say a part.
    Json(Value),
}

/// What has been read of a section so far.
struct Reader {
    title: String,
    files: Vec<(String, String)>,
    /// Name of the tool and arguments of the call that is spoken of.
    call: Option<(String, String)>,
    /// What the API answers.
    answer: Option<String>,
}

/// Runs a section: one outcome for each block that expects something.
pub(super) async fn section(section: Section) -> Vec<Outcome> {
    let mut reader = Reader { title: section.title, files: Vec::new(), call: None, answer: None };
    let mut outcomes = Vec::new();
    let is_problems = |block: &Block| block.kind().0 == "problems";
    if !section.blocks.iter().any(is_problems) {
        let mut block = section.blocks[0].clone();
        block.text.clear();
        reader.files = files(&section.blocks);
        let problems = reader.problems().await;
        assert!(problems.is_empty(), "{}: no `text problems`, but\n{problems}", reader.title);
        reader.files.clear();
    }
    for block in section.blocks {
        if let Some(actual) = reader.read(&block).await {
            outcomes.push(Outcome { title: reader.title.clone(), block, actual });
        }
    }
    outcomes
}

fn files(blocks: &[Block]) -> Vec<(String, String)> {
    let named = blocks.iter().filter(|block| block.kind().0.contains('.'));
    named.map(|block| (block.kind().0.to_owned(), block.text.clone())).collect()
}

impl Reader {
    /// Takes a block; what happens when it is one that expects something.
    async fn read(&mut self, block: &Block) -> Option<Actual> {
        match block.kind() {
            (name, "") if name.contains('.') => self.files.push((name.to_owned(), block.text.clone())),
            ("problems", "") => return Some(Actual::Text(self.problems().await)),
            ("tools", "") => return Some(Actual::Text(self.names().await)),
            ("tool", name) => return Some(Actual::Json(self.tool(name).await)),
            ("call", name) => self.call = Some((name.to_owned(), block.text.clone())),
            ("request", "") => return Some(Actual::Text(self.explain().await.0)),
            ("refused", "") => return Some(Actual::Text(self.explain().await.1)),
            ("answer", "") => self.answer = Some(block.text.clone()),
            ("result", "") => return Some(Actual::Json(self.result().await)),
            (kind, _) => panic!("{}: line {}: `{kind}` is no kind of block", self.title, block.line),
        }
        None
    }

    /// The files in a folder, with the API at `api`.
    fn setup(&self, api: &str) -> Setup {
        let mut setup = Setup::new();
        for (name, text) in &self.files {
            setup = setup.file(name, text.replace(API, api));
        }
        let gateway = self.files.iter().find(|(name, _)| name == "gateway.yaml");
        let (name, _) = gateway.or(self.files.first()).unwrap_or_else(|| panic!("{}: no file", self.title));
        let setup = setup.argument(name);
        if gateway.is_some() { setup } else { setup.arguments(["--allow-writes", "--base-url", api]) }
    }

    async fn problems(&self) -> String {
        let output = self.setup(API).arguments(["--format", "json"]).run("check").await;
        let records: Vec<Value> = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: {}", self.title, String::from_utf8_lossy(&output.stderr)));
        let line = |record: &Value| {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let place = match record["file"].as_str() {
                Some(file) => format!(" {file}:{}:{}", record["line"], record["column"]),
                None => String::new(),
            };
            format!("{}[{}]{place} {}\n", text("severity"), text("code"), text("message"))
        };
        records.iter().map(line).collect()
    }

    async fn tools(&self) -> Vec<Value> {
        let output = self.setup(API).arguments(["--format", "json"]).run("tools").await;
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    async fn names(&self) -> String {
        let tools = self.tools().await;
        tools.iter().map(|tool| format!("{}\n", tool["name"].as_str().unwrap_or_default())).collect()
    }

    async fn tool(&self, name: &str) -> Value {
        let tools = self.tools().await;
        let found = tools.iter().find(|tool| tool["name"] == name).cloned();
        found.unwrap_or_else(|| panic!("{}: there is no tool `{name}`: {}", self.title, self.title))
    }

    /// The request of the call, and what is said instead.
    async fn explain(&self) -> (String, String) {
        let output = self.called(API).run("explain").await;
        let request = same_boundary(&String::from_utf8_lossy(&output.stdout));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let error = said.find("error: the arguments").and_then(|at| said.get(at..)).unwrap_or(&said);
        if request.is_empty() {
            (format!("nothing: {said}"), error.to_owned())
        } else {
            (request.clone(), format!("nothing: it was\n{request}"))
        }
    }

    async fn result(&self) -> Value {
        let answer = self.answer.as_deref().unwrap_or_else(|| panic!("{}: no `http answer`", self.title));
        let bytes = wire(answer);
        let upstream = Upstream::start(move |_| Answer::Raw(bytes.clone())).await;
        let output = self.called(&upstream.url()).run("call").await;
        let text = String::from_utf8_lossy(&output.stdout).replace(&upstream.url(), API);
        serde_json::from_str(&text).unwrap_or_else(|_| {
            panic!("{}: no result: {}", self.title, String::from_utf8_lossy(&output.stderr))
        })
    }

    fn called(&self, api: &str) -> Setup {
        let (name, arguments) = self.call.as_ref().unwrap_or_else(|| panic!("{}: no call", self.title));
        self.setup(api).arguments(["--tool", name, "--args", arguments])
    }
}

impl Outcome {
    /// Whether what happened is what the block says.
    pub(super) fn holds(&self) -> bool {
        match &self.actual {
            Actual::Text(text) => *text == self.block.text,
            Actual::Json(value) => {
                self.expected().is_some_and(|expected| compare::part(value, &expected) == expected)
            }
        }
    }

    /// The block as it would hold.
    pub(super) fn rewritten(&self) -> String {
        match &self.actual {
            Actual::Text(text) => text.clone(),
            Actual::Json(value) => {
                let part = self.expected().map(|expected| compare::part(value, &expected));
                serde_json::to_string_pretty(&part.unwrap_or_else(|| value.clone())).unwrap()
            }
        }
    }

    /// Where it is, and what differs.
    pub(super) fn report(&self, page: &Page) -> String {
        let place = format!("{}:{}: {}", page.name(), self.block.line, self.title);
        let expected = match (&self.actual, self.expected()) {
            (Actual::Json(_), Some(expected)) => serde_json::to_string_pretty(&expected).unwrap(),
            _ => self.block.text.clone(),
        };
        format!("{place}\n{}\n", compare::difference(&expected, &self.rewritten()))
    }

    fn expected(&self) -> Option<Value> {
        serde_json::from_str(&self.block.text).ok()
    }
}

/// An answer as it goes over the wire: the head's lines end with CR LF, and the length is said.
fn wire(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let body = body.strip_suffix('\n').unwrap_or(body);
    let mut head = head.replace('\n', "\r\n");
    if !head.to_ascii_lowercase().contains("content-length") {
        head.push_str(&format!("\r\ncontent-length: {}", body.len()));
    }
    format!("{head}\r\n\r\n{body}").into_bytes()
}

/// A multipart body with a boundary that is the same every time, and lines that end as those of the book do.
fn same_boundary(request: &str) -> String {
    let text = request.replace("\r\n", "\n");
    let Some((_, rest)) = text.split_once("boundary=") else { return text };
    let boundary: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    text.replace(&boundary, "BOUNDARY")
}
