//! The server file: what it means, and what is wrong with it.

mod agreement;
mod faults;

use std::path::Path;

use super::{AuditTarget, ServerConfig};
use crate::config::tests::Fake;
use crate::diagnostic::{Diagnostics, render};
use crate::source::Source;

/// Reads a file in an environment with `ORIGIN`.
pub(super) fn read(text: &str) -> (Option<ServerConfig>, Diagnostics) {
    let environment = Fake::new(&[("ORIGIN", "https://app.example.com"), ("EMPTY", "")]);
    let mut diagnostics = Diagnostics::default();
    let source = Source::new("server.yaml", text);
    let config = super::read_in(&environment, &source, Path::new("/folder"), &mut diagnostics);
    (config, diagnostics)
}

/// A file without any problem.
pub(super) fn good(text: &str) -> ServerConfig {
    let (config, diagnostics) = read(text);
    assert!(diagnostics.is_empty(), "{}", render::text(&diagnostics, false));
    config.unwrap()
}

#[test]
fn a_toolset_is_what_was_written() {
    let config = good(
        "x-note: 1\ntoolsets:\n  support:\n    include: ['gateway:shop tag:orders', gateway:mail, 'GET /x', list_*]\n    \
         exclude: ['gateway:shop  DELETE *']\n    instructions: Answer customers.\n    discover: auto\n  all: {}\n",
    );
    let [support, all] = &*config.toolsets else { panic!("{config:?}") };
    let texts: Vec<&str> = support.include.iter().map(|selector| &*selector.text).collect();
    assert_eq!(texts, ["gateway:shop tag:orders", "gateway:mail", "GET /x", "list_*"]);
    assert_eq!(support.include[1].whole_gateway(), Some("mail"));
    assert_eq!(support.include[0].whole_gateway(), None);
    assert_eq!(support.instructions.as_deref(), Some("Answer customers."));
    assert!(support.discover.is_some() && all.discover.is_none() && all.include.is_empty());
    assert_eq!(all.name, "all");
}

#[test]
fn limits_audit_and_origins_are_what_was_written() {
    let config = good(
        "limits: {per_caller: {requests: 600, per: 1m}, concurrent: 5}\naudit: {file: logs/a.jsonl}\n\
         cors: {origins: ['${ORIGIN}', 'http://localhost:6274', '${EMPTY:-}']}\n",
    );
    let rate = config.limits.rate.unwrap();
    assert_eq!((rate.requests, rate.burst, config.limits.concurrent), (600, 60, Some(5)));
    assert_eq!(config.audit, Some(AuditTarget::File("/folder/logs/a.jsonl".into())));
    assert_eq!(config.origins, ["https://app.example.com", "http://localhost:6274"]);
    assert_eq!(good("audit: stderr").audit, Some(AuditTarget::Stderr));
}

#[test]
fn a_file_without_anything_means_nothing() {
    assert!(good("{}").toolsets.is_empty());
}
