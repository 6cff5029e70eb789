//! What is wrong with a server file is said where it is, all of it at once.

use super::read;
use crate::diagnostic::render;

/// The problems of a file, each as `line:column message (help)`; nothing is meant by it then.
fn problems(text: &str) -> Vec<String> {
    let (config, mut diagnostics) = read(text);
    diagnostics.sort();
    assert!(config.is_none(), "{}", render::text(&diagnostics, false));
    let described = diagnostics.iter().map(|diagnostic| {
        let at = diagnostic.place.as_ref().unwrap().start();
        let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {}{help}", at.line, at.column, diagnostic.message)
    });
    described.collect()
}

#[test]
fn one_fault_costs_the_whole_file_and_all_are_told() {
    let text = "\
toolset: {}
gateway: shop
toolsets:
  a b: {}
  empty: {include: []}
  odd: {include: ['gateway:', '/path', 'get /x', 7], exlude: [x]}
";
    assert_eq!(
        problems(text),
        [
            "1:1 there is no key `toolset` here (did you mean `toolsets`?)",
            "2:1 there is no key `gateway` here (it belongs in a gateway file, which is one API: `toolgate serve FILE`)",
            "4:3 `a b` cannot be the name of a toolset (it has 1 to 32 of the characters A-Z, a-z, 0-9, `_` and `-`)",
            "5:11 an empty selection has no tools (leave `include` out for all tools)",
            "6:19 `gateway:` is no pattern over tools (write the name of a gateway: `gateway:NAME`)",
            "6:31 `/path` is no pattern over tools (write the method before the path, or `*` for any)",
            "6:40 `get /x` is no pattern over tools (the method is one of GET, HEAD, OPTIONS, QUERY, POST, PUT, PATCH, \
             DELETE, or `*` for any)",
            "6:50 expected a text, found a number (write it in quotes)",
            "6:54 there is no key `exlude` here (did you mean `exclude`?)",
        ]
    );
}

#[test]
fn what_is_no_mapping_is_no_server_file() {
    assert_eq!(problems("[]"), ["1:1 expected a mapping, found a list"]);
    assert_eq!(problems("toolsets:\n").len(), 1);
}

#[test]
fn a_rule_says_whom_it_is_about_and_what_it_asks_for() {
    let text = "\
access: {keys: {a: {sha256: abababababababababababababababababababababababababababababababab}}}
rules:
  - {tools: [a]}
  - {tools: [], scopes: [a]}
  - {scopes: []}
  - {scopes: ['a b', 'a\"', '']}
  - {allow: []}
  - {allow: [{}, {key: a, scope: b}, {key: a, is: b}, {claim: a, is: 1, contains: 2}, {scope: 'x y'}, {claim: a, is: [1]}]}
";
    assert_eq!(
        problems(text),
        [
            "3:5 this rule asks for nothing (write `scopes`, `allow` or `deny`)",
            "4:13 this rule is about nothing (leave `tools` out for all tools)",
            "5:14 an empty list asks for nothing (leave `scopes` out)",
            "6:15 this is no scope (one scope an item: visible ASCII, without spaces, quotes and `\\`)",
            "6:22 this is no scope (one scope an item: visible ASCII, without spaces, quotes and `\\`)",
            "6:28 this is no scope (one scope an item: visible ASCII, without spaces, quotes and `\\`)",
            "7:13 an empty list: nobody could use it (leave it out)",
            "8:14 nobody is named (write one of `{key: NAME}`, `{scope: NAME}`, `{claim: NAME, is: VALUE}`)",
            "8:18 one item names callers in one way (write one of `{key: NAME}`, `{scope: NAME}`, `{claim: NAME, is: VALUE}`)",
            "8:38 `is` and `contains` are about a claim (write one of `{key: NAME}`, `{scope: NAME}`, `{claim: NAME, is: \
             VALUE}`)",
            "8:55 a claim cannot be something and contain something (write one of `{key: NAME}`, `{scope: NAME}`, `{claim: \
             NAME, is: VALUE}`)",
            "8:95 this is no scope (one scope an item: visible ASCII, without spaces, quotes and `\\`)",
            "8:118 expected a text, a number, true or false, found a list",
        ]
    );
}

#[test]
fn an_origin_is_written_as_a_browser_sends_it() {
    for origin in [
        "*",
        "null",
        "https://app.example.com/",
        "https://app.example.com/x",
        "https://APP.example.com",
        "app.example.com",
        "https://app.example.com:443",
        "https://u@app.example.com",
        "https://*.example.com",
        "https://",
        "file://",
        "https://a b",
        "https://app.example.com?x",
        "javascript:alert(1)",
        "https://app.example.com#",
        "data:text/html,x",
    ] {
        let said = problems(&format!("cors: {{origins: ['{origin}']}}"));
        assert!(said.len() == 1 && said[0].contains("is no origin of pages"), "{origin}: {said:?}");
    }
    assert_eq!(problems("cors: {origins: []}").len(), 1);
    assert_eq!(problems("audit: stdout").len(), 1);
    assert_eq!(problems("limits: {per_caller: {requests: 5, per: 1m, burst: 6}, concurrent: 0}").len(), 2);
}

#[test]
fn a_rule_about_callers_needs_callers() {
    let help = "say in `access` who may call";
    assert_eq!(
        problems("rules: [{scopes: [a]}]\ntoolsets: {a: {allow: [{scope: b}]}, b: {}}"),
        [
            format!("1:1 nobody is asked who he is, so this would keep nobody out ({help})"),
            format!("2:12 nobody is asked who he is, so this would keep nobody out ({help})"),
        ]
    );
    let access =
        "access: {keys: {robot: {sha256: abababababababababababababababababababababababababababababababab}}}";
    assert_eq!(
        problems(&format!(
            "{access}\nrules: [{{allow: [{{key: robt}}, {{key: 'r*'}}], deny: [{{key: x}}]}}]"
        )),
        [
            "2:24 there is no key `robt` in `access` (did you mean `robot`?)",
            "2:58 there is no key `x` in `access` (there is robot)",
        ]
    );
}
