//! What is shared by the tests of gateway files: each topic has its own file.

mod agreement;
mod asking;
mod credentials;
mod endpoints;
mod faults;
mod limits;
mod operations;
mod references;
pub(super) mod schemas;
mod servers;

use std::collections::HashMap;
use std::path::Path;

use super::env::{AttachmentError, Environment, FileError};
use super::gateway::Gateway;
use crate::diagnostic::{Diagnostics, render};
use crate::source::Source;

/// An environment that is there for one test alone.
pub(super) struct Fake {
    variables: HashMap<&'static str, &'static str>,
}

impl Fake {
    pub(super) fn new(variables: &[(&'static str, &'static str)]) -> Self {
        Self { variables: variables.iter().copied().collect() }
    }
}

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn file(&self, path: &Path) -> Result<String, FileError> {
        super::env::System.file(path)
    }

    fn attachment(&self, folder: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, AttachmentError> {
        super::env::System.attachment(folder, path, limit)
    }
}

/// Reads a file in an environment with `TOKEN` and `API_URL`.
fn read(text: &str) -> (Option<Gateway>, Diagnostics) {
    let environment =
        Fake::new(&[("TOKEN", "s3cret"), ("API_URL", "https://env.example.com/v2/"), ("EMPTY", "")]);
    let mut diagnostics = Diagnostics::default();
    let source = Source::new("shop.yaml", text);
    let gateway = super::read_in(&environment, &source, Path::new("/folder"), &mut diagnostics);
    (gateway, diagnostics)
}

/// A file without any problem.
fn good(text: &str) -> Gateway {
    let (gateway, diagnostics) = read(text);
    assert!(diagnostics.is_empty(), "{}", render::text(&diagnostics, false));
    gateway.unwrap()
}

/// The problems of a file, each as `line:column what is underlined: message (help)`.
fn problems(text: &str) -> Vec<String> {
    let (_, mut diagnostics) = read(text);
    diagnostics.sort();
    let described = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.place.as_ref().unwrap();
        let at = place.start();
        let underlined = place.source.slice(place.span).lines().next().unwrap_or_default();
        let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {underlined}: {}{help}", at.line, at.column, diagnostic.message)
    });
    described.collect()
}

/// A file with `base_url` and one endpoint, and what is written after them.
fn with_endpoint(rest: &str) -> String {
    format!(
        "gateway: shop\nbase_url: https://api.example.com\nendpoints:\n  list:\n    request: GET /books\n{rest}"
    )
}
