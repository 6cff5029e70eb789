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
