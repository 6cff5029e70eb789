use std::path::Path;

use super::*;
use crate::config::resolver::Resolver;
use crate::config::tests::Fake;
use crate::config::written::{Read, Slot, Written};
use crate::diagnostic::Diagnostics;
use crate::source::Source;

fn read(text: &str) -> (Option<Access>, Vec<String>) {
    let source = Source::new("server.yaml", text);
    let environment = Fake::new(&[("SECRET", "s3cret")]);
    let mut problems = Diagnostics::default();
    let tree = crate::openapi::parse(&source, &mut problems).unwrap();
    let slot = Slot::root(tree.root());
    let file = AccessFile::read(slot, &mut problems).unwrap();
    let mut resolver = Resolver { environment: &environment, folder: Path::new("/"), problems };
    let access = resolve(&Written { value: file, slot }, &mut resolver);
    let messages = resolver.problems.iter().map(|problem| problem.message.clone()).collect();
    (access, messages)
}

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn keys_and_tokens_are_read_with_their_defaults() {
    let (access, problems) = read(&format!(
        "resource: https://mcp.example.com/mcp\nkeys:\n  ci: {{sha256: {HASH}, scopes: [read], expires: 2027-01-01}}\n\
         oauth: {{issuer: 'https://login.example.com'}}\nimplied_scopes: {{write: [read]}}\n"
    ));
    assert_eq!(problems, [""; 0]);
    let access = access.unwrap();
    let key = &access.keys[0];
    assert_eq!((key.name.as_str(), key.sha256[0], key.sha256[31]), ("ci", 0x9f, 0x08));
    assert!(key.expires.is_some() && key.scopes == ["read"]);
    let tokens = access.tokens.unwrap();
    assert_eq!(tokens.audiences, ["https://mcp.example.com/mcp"]);
    assert_eq!(tokens.leeway, Duration::from_secs(30));
    let TokenCheck::Signature { keys: KeyPlace::Discovered(issuer), algorithms } = tokens.check else {
        panic!()
    };
    assert_eq!((issuer.as_str(), algorithms.len()), ("https://login.example.com/", ALGORITHMS.len()));
    assert_eq!(access.implied_scopes["write"], ["read"]);
}

#[test]
fn introspection_stands_instead_of_signatures_and_its_secret_is_not_printed() {
    let (access, problems) = read(
        "resource: http://127.0.0.1:8080/mcp\noauth:\n  issuer: https://login.example.com\n  introspection: {url: \
         'https://login.example.com/introspect', client_id: gate, client_secret: '${SECRET}'}\n",
    );
    assert_eq!(problems, [""; 0]);
    let access = access.unwrap();
    assert!(!format!("{access:?}").contains("s3cret"));
    assert!(matches!(access.tokens.unwrap().check, TokenCheck::Introspection(_)));
}

#[test]
fn what_cannot_work_or_would_not_be_safe_is_refused() {
    let oauth = |more: &str| {
        format!("resource: https://mcp.example.com/mcp\noauth: {{issuer: 'https://i.example.com', {more}}}\n")
    };
    let cases = [
        ("resource: https://mcp.example.com/mcp\n".to_owned(), "nobody could call"),
        ("oauth: {issuer: 'https://login.example.com'}\n".to_owned(), "`oauth` needs the `resource`"),
        (oauth("jwks_url: 'http://i.example.com/jwks'"), "this is an https URL"),
        (oauth("jwks_url: 'https://u:p@i.example.com/jwks'"), "must not hold a user name"),
        (oauth("algorithms: [HS256]"), "`HS256` is none of"),
        (oauth("algorithms: [none]"), "`none` is none of"),
        (oauth("algorithms: []"), "without an algorithm"),
        (oauth("leeway: 6m"), "clocks that differ"),
        (oauth("required_scopes: ['a b']"), "this is no scope"),
        (
            oauth(
                "jwks_url: 'https://i.example.com/jwks', introspection: {url: 'https://i.example.com/i', client_id: a, client_secret: b}",
            ),
            "of no use",
        ),
        ("keys: {ci: {sha256: my-plain-key}}\n".to_owned(), "this is no SHA-256"),
        (format!("keys: {{ci: {{sha256: {HASH}, expires: soon}}}}\n"), "this is no date"),
        (
            format!("keys: {{a: {{sha256: {HASH}}}, b: {{sha256: {HASH}}}}}\n"),
            "another name has the same key",
        ),
        ("keys: {ci: {}}\n".to_owned(), "`sha256` is missing"),
    ];
    for (text, expected) in cases {
        let (access, problems) = read(&text);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{text}: {problems:?}");
        assert!(access.is_none(), "{text}");
    }
}
