//! `import`: a gateway file from a document, from curl commands, a HAR archive or a Postman collection.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::problems::{self, Telling};
use super::progress::Progress;
use super::{Failure, Verdict, output, runtime};
use crate::config;
use crate::config::gateway::Pattern;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::import::{self, Imported, Options};
use crate::load::{self, LoadArguments};
use crate::net::Clients;
use crate::source::{self, MAX_DOCUMENT, Source};

/// Write a gateway file from what you have at hand
///
/// The file goes to stdout. It is meant to be edited: one endpoint a tool, in
/// OpenAPI's own words. No secret is ever written: what authenticates becomes
/// ${NAME}, and stderr says which variables to set.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate import openapi openapi.json --operation tag:books > books.yaml
  toolgate import curl 'curl https://api.example.com/books?q=emma'
  toolgate import curl commands.sh --output gateway.yaml
  toolgate import har session.har --base-url https://api.example.com
  toolgate import postman shop.postman_collection.json")]
pub(super) struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    Openapi(Openapi),
    Curl(Recorded),
    Har(Recorded),
    Postman(Recorded),
}

/// Endpoints of an OpenAPI or Swagger document
///
/// What an endpoint cannot say stays in the document: the gateway file includes
/// it from there, and a comment says why.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate import openapi openapi.json
  toolgate import openapi openapi.json --operation 'GET /books/{id}' --operation tag:orders
  toolgate import openapi https://api.example.com/openapi.json --name shop")]
struct Openapi {
    /// The document: a path or an https URL
    #[arg(value_name = "SOURCE")]
    source: String,

    /// Only these: an operationId, 'METHOD /path' or tag:NAME, * for anything; may be repeated
    #[arg(long = "operation", value_name = "PATTERN")]
    operations: Vec<String>,

    #[command(flatten)]
    common: Common,
}

/// Endpoints of recorded requests
#[derive(Args, Debug)]
struct Recorded {
    /// A file, - for stdin, or (curl) the command itself
    #[arg(value_name = "INPUT", default_value = "-", hide_default_value = true, allow_hyphen_values = true)]
    input: String,

    #[command(flatten)]
    common: Common,
}

/// What all of them take.
#[derive(Args, Debug)]
struct Common {
    /// Name of the gateway
    #[arg(long, value_name = "NAME", value_parser = gateway_name)]
    name: Option<String>,

    /// Where the API lives; of recorded requests, only those to this host are taken
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// Write the file here instead of to stdout; an existing one is not replaced
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Import {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        match self.from {
            From::Openapi(verb) => verb.run(),
            From::Curl(verb) => verb.run(import::curl),
            From::Har(verb) => verb.run(import::har),
            From::Postman(verb) => verb.run(import::postman),
        }
    }
}

impl Openapi {
    fn run(&self) -> Result<Verdict, Failure> {
        let options = self.common.options()?;
        let include = self.include()?;
        let imported = runtime::once(async {
            let clients = Clients::default();
            let arguments = LoadArguments {
                sources: vec![self.source.clone()],
                base_url: options.base_url.clone(),
                ..LoadArguments::default()
            };
            let shown = Progress::new(format!("reading {}", self.source));
            let mut load = load::load(&arguments, &clients).await;
            drop(shown);
            match load.apis.as_mut_slice() {
                [api] if api.gateway.place.is_none() => api.gateway.operations.include = include,
                [] => {}
                _ => return Err(Failure::NoDocument(self.source.clone())),
            }
            let (imported, diagnostics) = import::openapi(load, &self.document(), &options, &clients);
            let matters = |problem: &&Diagnostic| match problem.code {
                // What is not known of the document is a reference in the gateway file.
                Code::MissingServer => false,
                code => code == Code::NoMatch || problem.severity == Severity::Error,
            };
            let told: Diagnostics = diagnostics.iter().filter(matters).cloned().collect();
            problems::tell(&told, Telling::Everything);
            imported.ok_or(Failure::NothingToImport)
        })?;
        self.common.write(&imported)
    }

    fn include(&self) -> Result<Vec<Pattern>, Failure> {
        let patterns = self.operations.iter().map(|text| config::pattern(text));
        patterns.collect::<Result<_, _>>().map_err(|error| Failure::Option { option: "--operation", error })
    }

    /// How the gateway file names the document: paths in it are relative to itself.
    fn document(&self) -> String {
        let is_elsewhere = self.source.contains("://") || std::path::Path::new(&self.source).is_absolute();
        let folder = self.common.output.as_deref().and_then(std::path::Path::parent);
        match folder.filter(|folder| !folder.as_os_str().is_empty() && !is_elsewhere) {
            // From another folder only the whole path leads there.
            Some(_) => std::path::absolute(&self.source)
                .map_or_else(|_| self.source.clone(), |path| path.display().to_string()),
            None => self.source.clone(),
        }
    }
}

type Reader = fn(&Arc<Source>, &Options, &mut Diagnostics) -> Option<Imported>;

impl Recorded {
    fn run(&self, read: Reader) -> Result<Verdict, Failure> {
        let options = self.common.options()?;
        let source = self.source()?;
        let mut diagnostics = Diagnostics::default();
        let imported = read(&source, &options, &mut diagnostics);
        problems::tell(&diagnostics, Telling::Everything);
        match imported {
            Some(imported) => self.common.write(&imported),
            None => Err(Failure::NothingToImport),
        }
    }

    fn source(&self) -> Result<Arc<Source>, Failure> {
        let input = self.input.as_str();
        if input == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Failure::Input { from: "stdin".to_owned(), error })?;
            return Ok(Source::new("stdin", text));
        }
        if input.starts_with("curl ") {
            return Ok(Source::new("command line", input));
        }
        source::file::read(std::path::Path::new(input), MAX_DOCUMENT).map_err(Failure::Source)
    }
}

impl Common {
    fn options(&self) -> Result<Options, Failure> {
        let base_url = self.base_url.as_deref().map(config::base_url).transpose();
        let base_url = base_url.map_err(|error| Failure::Option { option: "--base-url", error })?;
        Ok(Options { name: self.name.clone(), base_url })
    }

    fn write(&self, imported: &Imported) -> Result<Verdict, Failure> {
        match &self.output {
            None => output::answer(&imported.yaml)?,
            Some(path) => {
                use std::io::Write as _;
                let written = std::fs::File::create_new(path)
                    .and_then(|mut file| file.write_all(imported.yaml.as_bytes()));
                written.map_err(|error| Failure::Written { path: path.clone(), error })?;
            }
        }
        for note in &imported.notes {
            output::talk(&format!("note: {note}"));
        }
        if !imported.variables.is_empty() {
            output::talk(&format!("Set {} before you serve it.", imported.variables.join(", ")));
        }
        Ok(Verdict::Good)
    }
}

fn gateway_name(text: &str) -> Result<String, String> {
    let is_name = (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 32 of the characters A-Z, a-z, 0-9, _ and -".to_owned())
    }
}
