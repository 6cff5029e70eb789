//! Wrong keys and values: everything is found in one pass and underlined where it is.

use super::{good, problems, read, with_endpoint};
use crate::config::gateway::DocumentLocation;
use crate::diagnostic::render;

#[test]
fn every_fault_of_a_file_is_found_in_one_pass() {
    let text = "\
gateway: my shop
base_url: ftp://example.com
tiemout: 10s
timeout: 10
credential:
  baerer: ${TOKEN}
headers:
  Host: example.com
  X-Version: 2
operations:
  include: tag:books
  writes: yes
endpoints:
  list:
    request: get /books
";
    assert_eq!(
        problems(text),
        [
            "1:10 my shop: `my shop` cannot be the name of a gateway (it has 1 to 32 of the characters A-Z, a-z, 0-9, `_` and `-`)",
            "2:11 ftp://example.com: only http and https URLs can be called",
            "3:1 tiemout: there is no key `tiemout` here (did you mean `timeout`?)",
            "4:10 10: `10` is no timeout (the unit is missing: d, h, m, s or ms)",
            "6:3 baerer: there is no key `baerer` here (did you mean `bearer`?)",
            "8:3 Host: `Host` cannot be set as a header (it comes from base_url)",
            "9:14 2: expected a text, found a number (write it in quotes)",
            "10:1 operations: `operations` is about a document, and `openapi` names none",
            "11:12 tag:books: expected a list, found a text (write it in brackets)",
            "12:11 yes: `yes` is none of deny, confirm, allow (write one of deny, confirm, allow)",
            "15:14 get: there is no method `get` (did you mean `GET`?)",
        ]
    );
    assert!(read(text).0.is_none());
}

#[test]
fn keys_of_later_versions_are_refused_by_name() {
    let found = problems(&with_endpoint("    output: {}\n"));
    let help = "(leave it out: it would have no effect)";
    assert_eq!(found, [format!("6:5 output: `output` is not available in this version of toolgate {help}"),]);
}

#[test]
fn what_a_file_needs_is_said_to_be_missing() {
    assert_eq!(
        problems("base_url: https://example.com\n"),
        [
            "1:1 base_url: https://example.com: `gateway` is missing",
            "1:1 base_url: https://example.com: there is nothing to serve: no `openapi` and no `endpoints`"
        ]
    );
    assert_eq!(
        problems("gateway: shop\nendpoints: {list: {request: GET /books}}\n"),
        [
            "2:1 endpoints: `endpoints` need a `base_url` (say where the API lives: `base_url: https://api.example.com`)"
        ]
    );
    assert_eq!(
        problems("gateway: shop\nbase_url:\nendpoints: {list: {description: x}}\n"),
        ["2:1 base_url: expected a text, found nothing", "3:13 list: `request` is missing"]
    );
    assert_eq!(problems("- a\n"), ["1:1 - a: expected a mapping, found a list"]);
}

#[test]
fn a_fault_costs_no_more_than_it_must() {
    let text = "\
gateway: shop
base_url: https://example.com
openapi: ./books.yaml
operations:
  exclude: [admin]
  change:
    listBooks: {name: list books}
    getBook: {name: book}
endpoints:
  good: {request: GET /good}
  bad: {request: GET /bad/, respnose: {}}
";
    let (gateway, diagnostics) = read(text);
    let gateway = gateway.unwrap();
    assert_eq!(diagnostics.len(), 2, "{}", render::text(&diagnostics, false));
    assert_eq!(gateway.endpoints.len(), 1);
    assert_eq!(gateway.endpoints[0].operation.id.as_deref(), Some("good"));
    let excluded: Vec<&str> = gateway.operations.exclude.iter().map(|pattern| &*pattern.text).collect();
    assert_eq!(excluded, ["admin", "listBooks"], "what cannot be changed as meant is not served unchanged");
    let changed: Vec<&str> = gateway.operations.change.iter().map(|(pattern, _)| &*pattern.text).collect();
    assert_eq!(changed, ["getBook"]);
    assert!(
        read(&text.replace("[admin]", "[/admin]")).0.is_none(),
        "nobody knows what should have been excluded"
    );
    assert!(read(&with_endpoint("").replace("GET", "get")).0.is_none(), "nothing is left to serve");
}

#[test]
fn a_file_says_where_the_api_and_its_document_are() {
    let gateway =
        good("gateway: shop\nbase_url: https://api.example.com/v1/\nopenapi: ./books.yaml\ntimeout: 1m30s\n");
    assert_eq!(gateway.name, "shop");
    assert_eq!(gateway.base_url.unwrap().as_str(), "https://api.example.com/v1");
    assert_eq!(gateway.document, Some(DocumentLocation::File("/folder/./books.yaml".into())));
    assert_eq!(gateway.timeout.as_secs(), 90);
    assert_eq!(gateway.place.unwrap().to_string(), "shop.yaml:1:10");
    let url = "https://api.example.com/openapi.json";
    let gateway = good(&format!("gateway: shop\nopenapi: {url}\n"));
    assert_eq!(gateway.document, Some(DocumentLocation::Url(url.parse().unwrap())));
    assert_eq!(gateway.timeout, crate::config::Gateway::DEFAULT_TIMEOUT);
}

#[test]
fn json_anchors_and_notes_are_fine() {
    good(
        r#"{"$schema": "x.json", "gateway": "shop", "base_url": "http://localhost:1", "endpoints": {"a": {"request": "GET /"}}}"#,
    );
    let gateway = good(
        "x-page: &page {type: integer, minimum: 1}\ngateway: shop\nbase_url: https://example.com\nendpoints:\n  \
         a: {request: GET /, parameters: {page: *page}}\n  b: {request: GET /b, parameters: {page: *page}}\n",
    );
    assert_eq!(gateway.endpoints.len(), 2);
}

#[test]
fn a_key_that_comes_twice_is_said() {
    let found = problems("gateway: shop\ngateway: shop2\nopenapi: a.yaml\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("2:1 gateway"), "{found:?}");
}

#[test]
fn headers_are_checked() {
    assert_eq!(
        problems(&with_endpoint(
            "headers:\n  Accept: text/csv\n  accept: x\n  X-A: \" b\"\n  Transfer-Encoding: chunked\n  \
             ${TOKEN}: x\n  X B: x\n  Authorization: x\ncredential: {bearer: \"${TOKEN}\"}\n"
        )),
        [
            "8:3 accept: the header `accept` is there twice: names differ by more than case",
            "9:8 \" b\": the value of a header is visible text in one line, without space around it",
            "10:3 Transfer-Encoding: `Transfer-Encoding` cannot be set as a header (it belongs to the connection)",
            "11:3 ${TOKEN}: `${…}` stands for nothing in a key",
            "12:3 X B: `X B` cannot be set as a header (a header's name has letters, digits and `-`, and no space)",
            "13:3 Authorization: the header `Authorization` is set by a credential too",
        ]
    );
}

#[test]
fn a_file_that_is_no_yaml_gets_a_hint_at_what_people_forget() {
    assert_eq!(
        problems("gateway: shop\noperations: {include: [GET /books/{id}]}\n"),
        [
            "2:35 {: while parsing a flow sequence, expected ',' or ']' (a text with `{`, `[`, `: ` or ` #` in it is written in quotes)"
        ]
    );
}

#[test]
fn a_text_that_a_comma_cut_in_two_gets_a_hint() {
    let help = "in braces, a text with a comma in it is written in quotes";
    assert_eq!(
        problems(&with_endpoint("    parameters: {q: {description: Books, new and old}}\n")),
        [format!("6:42 new and old: there is no key `new and old` here ({help})")]
    );
}
