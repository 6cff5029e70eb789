use super::*;
use crate::diagnostic::{Code, Severity};

fn read(text: &str) -> (Option<Tree>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let tree = parse(&Source::new("a.json", text), &mut diagnostics);
    (tree, diagnostics)
}

/// `line:column: message (help)` of the one error that `text` has.
fn error(text: &str) -> String {
    let (tree, diagnostics) = read(text);
    assert!(tree.is_none(), "{text} was read");
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    let diagnostic = diagnostics.iter().next().unwrap();
    assert_eq!((diagnostic.code, diagnostic.severity), (Code::Syntax, Severity::Error));
    let start = diagnostic.place.as_ref().unwrap().start();
    let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{}:{}: {}{help}", start.line, start.column, diagnostic.message)
}

#[test]
fn what_is_well_formed_is_read_as_serde_json_reads_it() {
    for text in [
        "null",
        " true ",
        "false\n",
        "0",
        "-0.0e-0",
        "12345678901234567890123",
        r#""""#,
        r#""plain text that is longer than one stride, with ä and 語""#,
        r#""\"\\\/\b\f\n\r\t\u00e4\uD834\uDD1E and more""#,
        "[]",
        "{}",
        "[[],{},[[]],[{}],1]",
        r#"{"a":{"b":[1,{"c":null}],"":2},"d\n":"\u0000"}"#,
        "\r\n\t{ \"a\" : [ 1 , 2.5E+10 ] , \"b\" : { } }\r\n",
    ] {
        let (tree, diagnostics) = read(text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let expected: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(tree.unwrap().root().to_value(), expected, "{text}");
    }
}

#[test]
fn every_node_knows_its_place() {
    let text = "{\"a\": [1, \"x\\ty\"],\n \"b\": {\"c\": true}}";
    let (tree, _) = read(text);
    let tree = tree.unwrap();
    let (a, b) = (tree.root().entry("a").unwrap(), tree.root().entry("b").unwrap());
    let written = |span| tree.source().slice(span);
    assert_eq!(written(tree.root().span()), text);
    assert_eq!((written(a.key_span), written(a.value.span())), ("\"a\"", "[1, \"x\\ty\"]"));
    assert_eq!(written(a.value.item(0).unwrap().span()), "1");
    assert_eq!(written(a.value.item(1).unwrap().span()), "\"x\\ty\"");
    assert_eq!(b.value.get("c").unwrap().place().to_string(), "a.json:2:13");
}

#[test]
fn what_is_not_well_formed_is_an_error_that_says_what_was_expected() {
    for (text, expected) in [
        ("", "1:1: expected a value, found the end of the text"),
        ("nul", "1:1: expected a value, found `nul`"),
        ("nullx", "1:1: expected a value, found `nullx`"),
        ("{\"a\": 1} x", "1:10: expected nothing after the document, found `x`"),
        ("{\"a\": 1}}", "1:9: expected nothing after the document, found `}`"),
        ("{\"a\" 1}", "1:6: expected `:` after the key, found `1`"),
        ("{\"ä\": 1 \"b\": 2}", "1:9: expected `,` or `}`, found `\"`"),
        ("[1 2]", "1:4: expected `,` or `]`, found `2`"),
        ("[1}", "1:3: expected `,` or `]`, found `}`"),
        ("{a: 1}", "1:2: expected a key in double quotes or `}`, found `a`"),
        ("{\"a\": 1, b: 2}", "1:10: expected a key in double quotes, found `b`"),
        ("{'a': 1}", "1:2: expected a key in double quotes or `}`, found `'` (JSON has double quotes only)"),
        (
            "[1,\n]",
            "1:3: expected nothing between this comma and `]` (remove the comma: JSON has none after the last value)",
        ),
        (
            "{\"a\": 1,}",
            "1:8: expected nothing between this comma and `}` (remove the comma: JSON has none after the last value)",
        ),
        ("[,]", "1:2: expected a value, found `,`"),
        ("// note\n1", "1:1: expected a value, found a comment (JSON has no comments)"),
        ("[1, /* two */ 2]", "1:5: expected a value, found a comment (JSON has no comments)"),
        ("[True]", "1:2: expected a value, found `True`"),
        ("[\u{a0}1]", "1:2: expected a value, found U+00A0"),
        (
            "{\n\"a\": [1",
            "2:8: expected `,` or `]`, found the end of the text (the `[` on line 2 is not closed)",
        ),
        (
            "{\n\"a\": 1\n",
            "3:1: expected `,` or `}`, found the end of the text (the `{` on line 1 is not closed)",
        ),
        ("[\"abc", "1:2: the text that begins here does not end"),
        ("[\"abc\\", "1:6: there is no such escape in JSON (write `\\\\` for a backslash)"),
        ("[\"C:\\dir\"]", "1:5: there is no such escape in JSON (write `\\\\` for a backslash)"),
        ("[\"\\u12g4\"]", "1:3: there is no such escape in JSON (write `\\\\` for a backslash)"),
        ("[\"\\u+123\"]", "1:3: there is no such escape in JSON (write `\\\\` for a backslash)"),
        ("[\"a\tb\"]", "1:4: a text must not hold a tab (write `\\u0009`)"),
        ("[\"a\u{1}b\"]", "1:4: a text must not hold a control character (write `\\u0001`)"),
        (
            "{\"a\": \"b,\n\"c\": 1}",
            "1:10: a text must not hold a line break (close the text that begins on line 1 with `\"`, or write `\\n`)",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn numbers_are_those_of_the_grammar() {
    for text in
        ["01", "-", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x1F", "1_000", "NaN", "-Infinity", "1.2.3", "1a"]
    {
        assert!(error(text).starts_with("1:1: "), "{text}");
    }
}

#[test]
fn a_key_that_comes_twice_is_a_warning_and_the_last_counts() {
    let (tree, diagnostics) = read("{\"a\": 1,\n\"b\": {\"a\": 2},\n\"a\": 3}");
    assert_eq!(tree.unwrap().root().to_value().to_string(), r#"{"a":3,"b":{"a":2}}"#);
    let warning = diagnostics.iter().next().unwrap();
    assert_eq!((warning.code, warning.severity), (Code::DuplicateKey, Severity::Warning));
    assert_eq!(warning.message, "`a` comes twice here; this one counts, not the one on line 1");
    assert_eq!(warning.place.as_ref().unwrap().to_string(), "a.json:3:1");
}

#[test]
fn very_many_keys_that_come_twice_are_counted_not_listed() {
    let (tree, diagnostics) = read(&format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(10_000)));
    assert!(tree.is_some());
    assert_eq!(diagnostics.len(), 101);
    assert_eq!(diagnostics.iter().last().unwrap().message, "9900 more keys come twice");
}

#[test]
fn half_a_surrogate_pair_is_replaced_with_a_warning() {
    for (text, expected) in [
        (r#""a\ud800b""#, "a\u{fffd}b"),
        (r#""\udc00""#, "\u{fffd}"),
        (r#""\ud800\ud834\udd1e""#, "\u{fffd}\u{1d11e}"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
    ] {
        let (tree, diagnostics) = read(text);
        assert_eq!(tree.unwrap().root().as_str(), Some(expected));
        let warning = diagnostics.iter().next().unwrap();
        assert_eq!((diagnostics.len(), warning.severity), (1, Severity::Warning));
    }
}

#[test]
fn nesting_is_read_to_a_limit_and_refused_beyond_without_recursion() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let (tree, _) = read(&nested(MAX_DEPTH));
    let tree = tree.unwrap();
    assert_eq!(tree.extent().depth as usize, MAX_DEPTH);
    assert!(serde_json::from_str::<serde_json::Value>(&tree.root().to_value().to_string()).is_ok());
    for text in [nested(MAX_DEPTH + 1), "[".repeat(200_000), "{\"a\":".repeat(200_000)] {
        let (tree, diagnostics) = read(&text);
        assert!(tree.is_none());
        let error = diagnostics.iter().next().unwrap();
        assert_eq!((diagnostics.len(), error.code), (1, Code::TooDeep));
    }
}

#[test]
fn a_special_character_is_found_at_every_position_of_a_stride() {
    for special in ['"', '\\', '\n', '\u{1f}', '\0'] {
        for before in 0..20 {
            let text = format!("{}{special}{}", "ÿ\u{7f}".repeat(before), "\"\u{1}ab".repeat(4));
            assert_eq!(scan::plain_text(text.as_bytes()), before * 3, "{special:?} after {before}");
        }
    }
    assert_eq!(scan::plain_text("aä語 \u{7f}".repeat(9).as_bytes()), 8 * 9);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            (-1e9..1e9_f64).prop_map(Into::into),
            "\\PC*".prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..20)
                    .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_back(value in value(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let (tree, diagnostics) = read(&text.unwrap());
            prop_assert!(diagnostics.is_empty());
            prop_assert_eq!(tree.unwrap().root().to_value(), value);
        }

        #[test]
        fn no_text_is_read_that_serde_json_refuses_nor_refused_that_it_reads(text in "[\\[\\]{}:,\"a1.e\\-\\\\u \n]{0,24}") {
            let (tree, _) = read(&text);
            prop_assert_eq!(tree.is_some(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
