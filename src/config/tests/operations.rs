//! Which operations are taken and how they are changed.

use http::Method;
use serde_json::json;

use super::{good, problems};
use crate::config::gateway::{OperationMatch, Writes};

fn file(operations: &str) -> String {
    format!("gateway: shop\nopenapi: books.yaml\noperations:\n{operations}")
}

#[test]
fn operations_are_included_excluded_and_changed() {
    let rules = good(&file(
        "  include: [tag:books, 'GET /books/{id}', reviews/*]\n  exclude: ['* /admin/*']\n  writes: allow\n  change:\n    \
         GET /books:\n      name: list_books\n      title: Books\n      description: All books.\n      timeout: 5s\n      \
         parameters:\n        per_page: {default: 30, name: count, description: How many}\n        since: {hide: true}\n        \
         q: {required: true}\n        n: {default: null}\n",
    ))
    .operations;
    assert_eq!(
        rules.include.iter().map(|pattern| &pattern.matches).collect::<Vec<_>>(),
        [
            &OperationMatch::Tag("books".into()),
            &OperationMatch::Route { method: Some(Method::GET), path: "/books/{id}".into() },
            &OperationMatch::Id("reviews/*".into())
        ]
    );
    assert_eq!(rules.include[1].place.as_ref().unwrap().to_string(), "shop.yaml:4:24");
    assert_eq!(rules.exclude[0].matches, OperationMatch::Route { method: None, path: "/admin/*".into() });
    assert_eq!(rules.writes, Writes::Allow);
    let (pattern, change) = &rules.change[0];
    assert_eq!(pattern.text, "GET /books");
    assert_eq!((change.name.as_deref(), change.title.as_deref()), (Some("list_books"), Some("Books")));
    assert_eq!(change.timeout.unwrap().as_secs(), 5);
    let names: Vec<&str> = change.parameters.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["per_page", "since", "q", "n"]);
    let per_page = &change.parameters[0].1;
    assert_eq!((per_page.name.as_deref(), &per_page.default), (Some("count"), &Some(json!(30))));
    assert!(change.parameters[1].1.hide);
    assert_eq!(change.parameters[2].1.required, Some(true));
    assert_eq!(change.parameters[3].1.default, Some(json!(null)), "null is a value");
}

#[test]
fn writes_are_denied_unless_the_file_allows_them() {
    assert_eq!(good("gateway: shop\nopenapi: books.yaml\n").operations.writes, Writes::Deny);
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    for (rules, expected) in [
        (
            "  include: [/books]\n",
            "4:13 /books: `/books` is no pattern over operations (write the method before the path, or `*` for any)",
        ),
        (
            "  change: {tag:books: {name: a}}\n",
            "4:30 a: `tag:books` may mean several operations, which cannot all be called `a`",
        ),
        (
            "  change: {a: {name: a b}}\n",
            "4:22 a b: `a b` cannot be the name of a tool (a tool's name has 1 to 64 of the characters A-Z, a-z, 0-9, `_` and `-`)",
        ),
        (
            "  change: {a: {parameters: {b: {hide: true, required: true}}}}\n",
            "4:29 b: `b` is required and hidden, so that no call could be made (give it a `default`)",
        ),
        (
            "  change: {a: {parameters: {b: {default: '${TOKEN}'}}}}\n",
            "4:42 '${TOKEN}': `${…}` stands for nothing here (it is resolved in base_url, in openapi, in credentials and in the values of headers)",
        ),
        (
            "  change: {a: {paramters: {}}}\n",
            "4:16 paramters: there is no key `paramters` here (did you mean `parameters`?)",
        ),
    ] {
        assert_eq!(problems(&file(rules)), [expected]);
    }
}
