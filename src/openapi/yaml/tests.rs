use super::*;

fn read(text: &str) -> (Option<Tree>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let tree = parse(&Source::new("a.yaml", text), &mut diagnostics);
    (tree, diagnostics)
}

/// The value of a text that is read without a word.
fn value(text: &str) -> String {
    let (tree, diagnostics) = read(text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    tree.unwrap().root().to_value().to_string()
}

/// The value of a text and the warnings about it, each as `line:column: message`.
fn with_warnings(text: &str) -> (String, Vec<String>) {
    let (tree, diagnostics) = read(text);
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning));
    (tree.unwrap().root().to_value().to_string(), messages(&diagnostics))
}

/// The one error that a text has, as `line:column: message`.
fn error(text: &str) -> (Code, String) {
    let (tree, diagnostics) = read(text);
    assert!(tree.is_none(), "{text} was read");
    let code = diagnostics.iter().next().unwrap().code;
    let [message]: [String; 1] = messages(&diagnostics).try_into().unwrap();
    (code, message)
}

fn messages(diagnostics: &Diagnostics) -> Vec<String> {
    let message = |diagnostic: &Diagnostic| {
        let start = diagnostic.place.as_ref().unwrap().start();
        format!("{}:{}: {}", start.line, start.column, diagnostic.message)
    };
    diagnostics.iter().map(message).collect()
}

#[test]
fn scalars_are_what_the_core_schema_says() {
    for (written, expected) in [
        ("null", "null"),
        ("~", "null"),
        ("", "null"),
        ("Null", "null"),
        ("nULL", "\"nULL\""),
        ("true", "true"),
        ("True", "true"),
        ("FALSE", "false"),
        ("yes", "\"yes\""),
        ("NO", "\"NO\""),
        ("y", "\"y\""),
        ("on", "\"on\""),
        ("Off", "\"Off\""),
        ("0", "0"),
        ("-19", "-19"),
        ("+12", "12"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("0xffffffffffffffffffff", "1208925819614629174706175"),
        ("0x", "\"0x\""),
        ("0x+1", "\"0x+1\""),
        ("0xffffffffffffffffffffffffffffffffff", "\"0xffffffffffffffffffffffffffffffffff\""),
        ("-0x1F", "\"-0x1F\""),
        ("0o8", "\"0o8\""),
        ("0b11", "\"0b11\""),
        ("0031381", "\"0031381\""),
        ("00.5", "\"00.5\""),
        ("1_000", "\"1_000\""),
        ("-9223372036854775809", "-9223372036854775809"),
        ("3.10", "3.10"),
        (".5", "0.5"),
        ("-.5e-3", "-0.5e-3"),
        ("1.", "1.0"),
        ("+1.e+3", "1.0e+3"),
        ("6.02e+23", "6.02e+23"),
        ("1e", "\"1e\""),
        ("1e+", "\"1e+\""),
        (".", "\".\""),
        ("+", "\"+\""),
        ("-.", "\"-.\""),
        ("..5", "\"..5\""),
        ("1.2.3", "\"1.2.3\""),
        ("1.2e3e4", "\"1.2e3e4\""),
        (".inf", "\".inf\""),
        (".nan", "\".nan\""),
        ("2001-12-14", "\"2001-12-14\""),
        ("12:30:45", "\"12:30:45\""),
        ("\"12\"", "\"12\""),
        ("'true'", "\"true\""),
        ("'it''s'", "\"it's\""),
        ("\"a\\u00e4\\n\\x41\"", "\"aä\\nA\""),
        ("!!str 12", "\"12\""),
        ("!!str", "\"\""),
        ("! 12", "\"12\""),
        ("!!int '12'", "12"),
        ("!!float \"1.5\"", "1.5"),
        ("!!bool 'true'", "true"),
        ("!!null ''", "null"),
        ("!!int twelve", "\"twelve\""),
        ("!!binary R0lGODlh", "\"R0lGODlh\""),
        ("!!timestamp 2001-12-14", "\"2001-12-14\""),
        ("|\n  a\n   b\n", "\"a\\n b\\n\""),
        (">-\n  a\n  b\n", "\"a b\""),
    ] {
        assert_eq!(value(&format!("a: {written}")), format!("{{\"a\":{expected}}}"), "{written}");
    }
}

#[test]
fn keys_are_texts_as_they_are_written() {
    assert_eq!(
        value("200: a\ntrue: b\n~: c\n0x1F: d\n1.0: e\non: f\n'q': g\n: h\n? i\n: j\n"),
        r#"{"200":"a","true":"b","~":"c","0x1F":"d","1.0":"e","on":"f","q":"g","":"h","i":"j"}"#
    );
}

#[test]
fn a_key_that_is_no_text_is_left_out_with_a_warning() {
    let expected = "1:2: a key must be a text; this one was left out, with its value".to_owned();
    assert_eq!(with_warnings("{{a: b}: c, d: e}"), (r#"{"d":"e"}"#.to_owned(), vec![expected]));
}

#[test]
fn nodes_know_their_places() {
    let text = "# ä\nä: 'ü'\nlist:\n  - one # note\n  - |\n    two\n\nmap: {x: \"\\n\"}\nnone:\nlast: 1\n";
    let (tree, _) = read(text);
    let tree = tree.unwrap();
    let written = |key: &str| {
        let entry = tree.root().entry(key).unwrap();
        (tree.source().slice(entry.key_span), tree.source().slice(entry.value.span()))
    };
    assert_eq!(written("ä"), ("ä", "'ü'"));
    assert_eq!(written("list"), ("list", "- one # note\n  - |\n    two"));
    assert_eq!(written("map"), ("map", "{x: \"\\n\"}"));
    assert_eq!(written("none"), ("none", ""));
    assert_eq!(written("last"), ("last", "1"));
    let two = tree.root().get("list").unwrap().item(1).unwrap();
    assert_eq!((two.as_str(), two.place().to_string().as_str()), (Some("two\n"), "a.yaml:6:5"));
}

#[test]
fn aliases_share_the_node_of_their_anchor() {
    let (tree, _) = read("a: &x {n: 1}\nb: *x\nc: [*x, &y text, *y]\n&k d: *k\n*k : 5\n");
    let tree = tree.unwrap();
    let root = tree.root();
    assert_eq!(root.get("a").unwrap().id(), root.get("b").unwrap().id());
    let expected = r#"{"a":{"n":1},"b":{"n":1},"c":[{"n":1},"text","text"],"d":5}"#;
    assert_eq!(root.to_value().to_string(), expected);
}

#[test]
fn merge_keys_copy_what_the_mapping_does_not_say_itself() {
    let anchors = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\n";
    for (written, expected) in [
        ("{<<: *x}", r#"{"a":1,"b":2}"#),
        ("{z: 0, <<: *x, b: 9}", r#"{"z":0,"a":1,"b":9}"#),
        ("{b: 9, <<: *x}", r#"{"b":9,"a":1}"#),
        ("{<<: [*x, *y], d: 5}", r#"{"a":1,"b":2,"c":4,"d":5}"#),
        ("{<<: *y, e: {<<: *x, f: 1}, <<: *x}", r#"{"b":3,"c":4,"e":{"a":1,"b":2,"f":1},"a":1}"#),
        ("{<<: {a: 1}}", r#"{"a":1}"#),
        ("{<<: []}", "{}"),
        ("{'<<': 1}", r#"{"<<":1}"#),
    ] {
        let (tree, diagnostics) = read(&format!("{anchors}m: {written}"));
        assert!(diagnostics.is_empty(), "{written}: {diagnostics:?}");
        let tree = tree.unwrap();
        assert_eq!(tree.root().get("m").unwrap().to_value().to_string(), expected, "{written}");
    }
}

#[test]
fn a_merge_key_without_a_mapping_is_left_out_with_a_warning() {
    for written in ["1", "[a]", "[{a: 1}, ~]"] {
        let (value, warnings) = with_warnings(&format!("<<: {written}\nb: 2"));
        assert_eq!(value, r#"{"b":2}"#);
        assert_eq!(warnings, ["1:1: `<<` takes a mapping or a list of mappings; it was left out"]);
    }
}

#[test]
fn a_key_that_comes_twice_is_a_warning_and_the_last_counts() {
    let expected = "3:1: `a` comes twice here; this one counts, not the one on line 1".to_owned();
    assert_eq!(with_warnings("a: 1\nb: 2\n\"a\": 3\n"), (r#"{"a":3,"b":2}"#.to_owned(), vec![expected]));
}

#[test]
fn of_several_documents_the_first_with_something_in_it_is_read() {
    let expected = "4:1: only the first document of this file is read; another begins here".to_owned();
    assert_eq!(with_warnings("---\na: 1\n---\nb: 2\n"), (r#"{"a":1}"#.to_owned(), vec![expected]));
    assert_eq!(value("%YAML 1.2\n---\na: 1\n...\n"), r#"{"a":1}"#);
    assert_eq!(value("---\n# nothing\n---\na: 1\n---\n"), r#"{"a":1}"#);
}

#[test]
fn tags_that_mean_nothing_are_passed_over_with_a_warning() {
    let expected = vec![
        "1:13: the tag `!include` means nothing here; the value was read without it".to_owned(),
        "2:7: the tag `!x` means nothing here; the value was read without it".to_owned(),
    ];
    assert_eq!(
        with_warnings("a: !include 12\nb: !x {c: 1}\n"),
        (r#"{"a":12,"b":{"c":1}}"#.to_owned(), expected)
    );
}

#[test]
fn what_is_no_yaml_is_an_error_with_its_place() {
    for (text, expected) in [
        ("", "1:1: there is nothing in this text"),
        ("# only a comment\n", "1:1: there is nothing in this text"),
        ("a: b: c", "1:5: mapping values are not allowed in this context"),
        ("a: 1\n\tb: 2\n", "2:1: while scanning a plain scalar, found a tab"),
        ("a:\n\tb: 2\n", "2:2: tabs disallowed within this context (block indentation)"),
        ("a:\n  b: 1\n c: 2\n", "3:2: while parsing a block mapping, did not find expected key"),
        ("a: *missing\n", "1:4: while parsing node, found unknown anchor"),
        ("a: [1, 2\nb: 3\n", "2:2: illegal placement of ':' indicator"),
        ("a: \"b", "1:4: unclosed quote"),
        ("ä: @b\n", "1:4: unexpected character: `@'"),
        ("text\nand more: 1\n", "2:9: mapping values are not allowed in this context"),
    ] {
        assert_eq!(error(text), (Code::Syntax, expected.to_owned()), "{text}");
    }
}

#[test]
fn quoted_texts_may_go_on_at_any_column() {
    assert_eq!(
        value(
            "a:\n  b: \"one\ntwo \\\" \\\n  three\n\n\n  four\"\n  c: # it's\n    &x 'five\n'' six\n'\n  d: 1\n"
        ),
        r#"{"a":{"b":"one two \" three\n\nfour","c":"five ' six ","d":1}}"#
    );
    assert_eq!(value("a: \"one\n\ttwo\"\n"), r#"{"a":"one two"}"#);
}

#[test]
fn a_quote_that_is_not_closed_is_an_error_where_the_text_cannot_go_on() {
    for text in ["a:\n  b: 'one\nc: two\n", "a:\n  b: \"one\nc: \"two\"\nd: \"three\"\n"] {
        assert_eq!(error(text).1, "3:1: invalid indentation in multiline quoted scalar");
    }
}

#[test]
fn aliases_that_expand_too_far_are_refused_in_little_time_and_space() {
    let mut doubling = "a0: &a0 [x, x]\n".to_owned();
    let mut chain = "a0: &a0 [x]\n".to_owned();
    let mut merges =
        format!("a0: &a0 {{{}}}\n", (0..1_000).map(|key| format!("k{key}: 1, ")).collect::<String>());
    for level in 1..2_000 {
        let before = level - 1;
        doubling += &format!("a{level}: &a{level} [*a{before}, *a{before}]\n");
        chain += &format!("a{level}: &a{level} [*a{before}]\n");
        merges += &format!("a{level}: &a{level} {{<<: *a{before}, x{level}: 1}}\n");
    }
    for text in [doubling, chain, merges] {
        assert_eq!(error(&text).0, Code::TooDeep);
    }
    assert_eq!(
        error("a: &a [*a]"),
        (Code::TooDeep, "1:8: an alias of what it is a part of: it would expand for ever".to_owned())
    );
}

#[test]
fn nesting_is_read_to_a_limit_and_refused_beyond() {
    let block: String = (0..20_000).map(|level| format!("{}a:\n", " ".repeat(level.min(3_000)))).collect();
    for text in [format!("a: {}", "[".repeat(20_000)), "- ".repeat(20_000), "{a: ".repeat(20_000), block] {
        assert_eq!(error(&text).0, Code::TooDeep);
    }
    for text in [format!("{}{}", "[ ".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)), "- ".repeat(MAX_DEPTH) + "x"]
    {
        let (tree, _) = read(&text);
        assert_eq!(tree.unwrap().extent().depth as usize, MAX_DEPTH);
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"'#&*!|>%@a1.e \\-\\\\?<\t\n]{0,40}") {
            let (tree, diagnostics) = read(&text);
            prop_assert_eq!(tree.is_none(), diagnostics.has_errors());
        }

        #[test]
        fn a_number_is_one_in_json(text in "[-+]?[0-9.]{0,4}([eE][-+]?[0-9]{0,2})?|0[xo][0-9a-f]{0,4}") {
            if let scalar::Scalar::Number(number) = scalar::resolve(&text, ScalarStyle::Plain, None) {
                prop_assert!(serde_json::from_str::<serde_json::Number>(&number).is_ok(), "{}", number);
            }
        }
    }
}
