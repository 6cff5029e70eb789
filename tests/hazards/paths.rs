//! S1: an argument that wants to be more than one segment of a path.

use serde_json::json;

use super::World;

/// What no encoding makes harmless: servers and proxies decode it back.
const REFUSED: &[&str] = &[
    "",
    ".",
    "..",
    "%2e",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "%252E.",
    "..\\",
    "\\..",
    "..%2f",
    "..%2F..",
    "%2e%2e%2f",
    "../secrets",
    "a/../../b",
    "..%5c",
    "a\tb",
    "a\0b",
    "a\rb",
    "a\nb",
    "\u{1b}[2J",
    "\u{7f}",
    "a%0d%0ab",
    "%00",
];

/// What is one segment as soon as it is encoded.
const ENCODED: &[&str] = &[
    "a?x",
    "a?x=1&y=2",
    "a#b",
    "a;b",
    ";",
    "//h",
    "/a",
    "a/b",
    "@h",
    "a b",
    "100%",
    "ä",
    "%41",
    "...",
    "a..b",
    "+",
    ":80",
];

#[tokio::test]
async fn a_path_value_that_could_climb_is_refused_by_name() {
    let world = World::new().await;
    let mut client = world.client().await;
    for value in REFUSED {
        let text = client.call("read_item", json!({"item": value})).await.error();
        assert!(text.contains("item"), "{value:?}: the parameter is not named in {text:?}");
        world.upstream.ledger().assert_empty(&format!("{value:?}"));
    }
}

#[tokio::test]
async fn any_other_path_value_stays_one_segment_of_the_template() {
    let world = World::new().await;
    let mut client = world.client().await;
    for value in ENCODED {
        client.call("read_part", json!({"item": value, "part": "p"})).await.success();
        let entry = world.upstream.ledger().entries().pop().unwrap();
        let segments: Vec<&str> = entry.request.target.split('/').collect();
        let ["", "items", item, "parts", "p"] = segments[..] else {
            panic!("{value:?} left the template: {}", entry.request.target)
        };
        let decoded = percent_decode(item);
        assert_eq!(decoded, *value, "{value:?} arrived as another value");
        assert!(!item.contains(['?', '#', '\\']), "{item}");
        assert_eq!(entry.header("host"), world.upstream.url().strip_prefix("http://"));
    }
    assert_eq!(world.upstream.ledger().len(), ENCODED.len());
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
