use super::*;
use crate::source::{Source, Span};

fn at(source: &std::sync::Arc<Source>, what: &str) -> Place {
    let start = source.text().find(what).unwrap();
    Place::new(source, Span::new(start, start + what.len()))
}

#[test]
fn the_source_is_underlined_and_its_place_named() {
    let source = Source::new("shop.yaml", "gateway: shop\ncahce: off\n");
    let diagnostic = Diagnostic::new(Code::UnknownKey, "there is no key `cahce`")
        .at(at(&source, "cahce"))
        .help("did you mean `cache`?");
    let expected = "\
error[unknown-key]: there is no key `cahce`
 --> shop.yaml:2:1
  |
2 | cahce: off
  | ^^^^^
  |
  = help: did you mean `cache`?

1 error
";
    assert_eq!(text(&[diagnostic].into_iter().collect(), false), expected);
}

#[test]
fn a_sensitive_place_is_named_but_not_shown() {
    let source = Source::new("shop.yaml", "credential:\n  bearer: s3cret\n  baerer: other\n");
    let diagnostic = Diagnostic::new(Code::UnknownKey, "no").at(at(&source, "s3cret")).sensitive();
    let shown = text(&[diagnostic].into_iter().collect(), false);
    assert!(shown.contains("shop.yaml:2:11"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_very_long_line_is_cut_to_what_surrounds_the_place() {
    let long = format!("{{\"a\":\"{}\",\"here\":1,\"b\":\"{}\"}}", "ä".repeat(500_000), "x".repeat(500_000));
    let source = Source::new("big.json", long);
    let diagnostic = Diagnostic::new(Code::UnexpectedType, "odd").at(at(&source, "\"here\""));
    let shown = text(&[diagnostic].into_iter().collect(), false);
    assert!(shown.contains("big.json:1:500009"), "{shown}");
    assert!(shown.contains("\"here\":1"), "{shown}");
    assert!(shown.contains("^^^^^^"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() < 140), "{shown}");
}

#[test]
fn a_place_of_several_lines_is_underlined_on_its_first() {
    let source = Source::new("a.yaml", "a:\r\n  b: 1  \r\n  c: 2\r\n");
    let place = Place::new(&source, Span::new(6, 20));
    let shown = text(&[Diagnostic::new(Code::InvalidValue, "no").at(place)].into_iter().collect(), false);
    assert!(shown.contains("2 |   b: 1"), "{shown}");
    assert!(shown.contains("\n  |   ^^^^\n") || shown.ends_with("  |   ^^^^\n\n1 error\n"), "{shown}");
}

#[test]
fn an_empty_place_at_the_end_of_the_text_is_shown() {
    let source = Source::new("a.yaml", "a: [1,\n");
    let place = Place::new(&source, Span::new(7, 7));
    let shown = text(&[Diagnostic::new(Code::Syntax, "no").at(place)].into_iter().collect(), false);
    assert!(shown.contains("a.yaml:2:1"), "{shown}");
}

#[test]
fn what_could_steer_a_terminal_is_replaced() {
    let source = Source::new("a\u{1b}[2J.yaml", "k\u{1b}ey\u{202e}: 1\u{0}\n");
    let place = Place::new(&source, Span::new(0, 4));
    let diagnostic = Diagnostic::new(Code::UnknownKey, "a\u{7}b").help("c\u{e0041}\nd").at(place);
    let diagnostics: Diagnostics = [diagnostic].into_iter().collect();
    for shown in [text(&diagnostics, false), json(&diagnostics)] {
        assert!(!shown.chars().any(|c| is_unprintable(c) && c != '\n'), "{shown:?}");
    }
}

#[test]
fn many_of_one_kind_are_summed_up_in_text_and_all_there_in_json() {
    let source = Source::new("a.yaml", "a: 1\n");
    let diagnostics: Diagnostics = (0..47)
        .map(|n| Diagnostic::new(Code::InvalidSchema, format!("number {n}")).at(at(&source, "a")))
        .chain([Diagnostic::new(Code::NoOperations, "none")])
        .collect();
    let shown = text(&diagnostics, false);
    assert!(shown.contains("number 9") && !shown.contains("number 10"), "{shown}");
    assert!(shown.contains("warning[invalid-schema]: and 37 more of this kind in a.yaml"), "{shown}");
    assert!(shown.ends_with("\n\n48 warnings\n"), "{shown}");
    let data: serde_json::Value = serde_json::from_str(&json(&diagnostics)).unwrap();
    assert_eq!(data.as_array().unwrap().len(), 48);
    assert_eq!(
        data[3],
        serde_json::json!({"code": "invalid-schema", "severity": "warning", "message": "number 3",
            "file": "a.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 2})
    );
    assert_eq!(
        data[47],
        serde_json::json!({"code": "no-operations", "severity": "warning", "message": "none"})
    );
}

#[test]
fn nothing_wrong_is_no_text_and_an_empty_array() {
    assert_eq!(text(&Diagnostics::default(), true), "");
    assert_eq!(json(&Diagnostics::default()), "[]");
}

#[test]
fn colours_are_for_terminals_alone() {
    let source = Source::new("a.yaml", "a: 1\n");
    let diagnostics: Diagnostics =
        [Diagnostic::new(Code::UnknownKey, "no").at(at(&source, "a"))].into_iter().collect();
    assert!(text(&diagnostics, true).contains("\u{1b}["));
    assert!(!text(&diagnostics, false).contains('\u{1b}'));
}
