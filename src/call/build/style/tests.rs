use serde_json::json;

use super::*;

/// Empty text, text, array, object: the rows of the specification's table.
fn samples() -> [Value; 4] {
    [json!(""), json!("blue"), json!(["blue", "black"]), json!({"R": 100, "G": 200})]
}

fn in_path(style: Style, explode: bool) -> [String; 4] {
    samples().map(|value| {
        let mut out = String::new();
        match write("color", &value, style, explode, Escape::None, &mut out) {
            Ok(()) | Err(Reason::Empty) => out,
            Err(reason) => reason.to_string(),
        }
    })
}

fn in_query(value: &Value, style: Style, explode: bool) -> String {
    let mut out = String::new();
    Pairs::new(&mut out, "", "&").write("color", value, style, explode).unwrap();
    out
}

#[test]
fn paths_and_headers_follow_the_table() {
    for (style, explode, expected) in [
        (Style::Matrix, false, [";color", ";color=blue", ";color=blue,black", ";color=R,100,G,200"]),
        (Style::Matrix, true, [";color", ";color=blue", ";color=blue;color=black", ";R=100;G=200"]),
        (Style::Label, false, [".", ".blue", ".blue,black", ".R,100,G,200"]),
        (Style::Label, true, [".", ".blue", ".blue.black", ".R=100.G=200"]),
        (Style::Simple, false, ["", "blue", "blue,black", "R,100,G,200"]),
        (Style::Simple, true, ["", "blue", "blue,black", "R=100,G=200"]),
    ] {
        assert_eq!(in_path(style, explode), expected, "{style:?} {explode}");
    }
}

#[test]
fn queries_follow_the_table() {
    for (style, explode, expected) in [
        (Style::Form, false, ["color=", "color=blue", "color=blue,black", "color=R,100,G,200"]),
        (Style::Form, true, ["color=", "color=blue", "color=blue&color=black", "R=100&G=200"]),
        (
            Style::SpaceDelimited,
            false,
            ["color=", "color=blue", "color=blue%20black", "color=R%20100%20G%20200"],
        ),
        (
            Style::PipeDelimited,
            false,
            ["color=", "color=blue", "color=blue%7Cblack", "color=R%7C100%7CG%7C200"],
        ),
        (Style::PipeDelimited, true, ["color=", "color=blue", "color=blue&color=black", "R=100&G=200"]),
        (
            Style::TabDelimited,
            false,
            ["color=", "color=blue", "color=blue%09black", "color=R%09100%09G%09200"],
        ),
        (
            Style::DeepObject,
            true,
            [
                "color=",
                "color=blue",
                "color%5B%5D=blue&color%5B%5D=black",
                "color%5BR%5D=100&color%5BG%5D=200",
            ],
        ),
        // A style of another place, seen in real documents: read as form.
        (Style::Matrix, true, ["color=", "color=blue", "color=blue&color=black", "R=100&G=200"]),
    ] {
        assert_eq!(samples().map(|value| in_query(&value, style, explode)), expected, "{style:?} {explode}");
    }
}

#[test]
fn primitives_are_written_as_json_writes_them() {
    let number: Value = serde_json::from_str("12345678901234567890.10").unwrap();
    for (value, expected) in [
        (json!(true), "color=true"),
        (number, "color=12345678901234567890.10"),
        (json!(-1), "color=-1"),
        (json!(null), ""),
        (json!([]), ""),
        (json!({}), ""),
        (json!(["a", null, "b"]), "color=a&color=b"),
        (json!({"a": null, "b": 1}), "b=1"),
    ] {
        assert_eq!(in_query(&value, Style::Form, true), expected);
    }
}

#[test]
fn delimiters_in_values_are_encoded() {
    assert_eq!(in_query(&json!(["a,b", "c&d=e"]), Style::Form, false), "color=a%2Cb,c%26d%3De");
    assert_eq!(in_query(&json!(["a|b", "c d"]), Style::PipeDelimited, false), "color=a%7Cb%7Cc%20d");
    assert_eq!(in_query(&json!({"a&b": "ä+"}), Style::Form, true), "a%26b=%C3%A4%2B");
}

#[test]
fn what_a_style_cannot_say_is_json() {
    assert_eq!(in_query(&json!({"a": [1, 2]}), Style::Form, true), "a=%5B1%2C2%5D");
    assert_eq!(in_query(&json!([{"a": 1}]), Style::Form, true), "color=%7B%22a%22%3A1%7D");
}

#[test]
fn deep_objects_go_on_with_brackets() {
    let value =
        json!({"a": {"b": {"c": 1}}, "list": [1, 2], "items": [{"x": true}, {"x": false}], "none": null});
    let decoded = percent_encoding::percent_decode_str(&in_query(&value, Style::DeepObject, true))
        .decode_utf8_lossy()
        .into_owned();
    assert_eq!(
        decoded,
        "color[a][b][c]=1&color[list][]=1&color[list][]=2&color[items][0][x]=true&color[items][1][x]=false"
    );
    let mut out = String::new();
    Pairs::new(&mut out, "?", "&").write("ids%5B%5D", &json!([1, 2]), Style::DeepObject, true).unwrap();
    assert_eq!(out, "?ids%5B%5D=1&ids%5B%5D=2");
}

#[test]
fn reserved_characters_stay_where_they_are_allowed() {
    let mut out = String::new();
    let mut pairs = Pairs::new(&mut out, "", "&");
    pairs.escape(Escape::ReservedQuery);
    pairs.pair("q", ":/?#[]@!$&'()*+,;= %ä").unwrap();
    assert_eq!(out, "q=:/?%23[]@!$%26'()*%2B,;=%20%25%C3%A4");
    let mut out = String::new();
    Escape::ReservedPath.push("a/b:c?d#e%", &mut out).unwrap();
    assert_eq!(out, "a/b:c%3Fd%23e%25");
}

/// The examples of RFC 6570, sections 3.2.2 to 3.2.9, for the expressions that OpenAPI's styles are made of.
#[test]
fn the_examples_of_rfc_6570_come_out_as_it_says() {
    let list = json!(["red", "green", "blue"]);
    let keys = json!({"semi": ";", "dot": ".", "comma": ","});
    let listed = |name: &str, value: &Value, style, explode, escape| {
        let mut out = String::new();
        write(name, value, style, explode, escape, &mut out).map(|()| out).unwrap()
    };
    for (value, style, explode, expected) in [
        (&json!("value"), Style::Simple, false, "value"),
        (&json!("Hello World!"), Style::Simple, false, "Hello%20World%21"),
        (&list, Style::Simple, false, "red,green,blue"),
        (&list, Style::Simple, true, "red,green,blue"),
        (&keys, Style::Simple, false, "semi,%3B,dot,.,comma,%2C"),
        (&keys, Style::Simple, true, "semi=%3B,dot=.,comma=%2C"),
        (&json!("value"), Style::Label, false, ".value"),
        (&list, Style::Label, false, ".red,green,blue"),
        (&list, Style::Label, true, ".red.green.blue"),
        (&keys, Style::Label, false, ".semi,%3B,dot,.,comma,%2C"),
        (&keys, Style::Label, true, ".semi=%3B.dot=..comma=%2C"),
        (&json!("value"), Style::Matrix, false, ";v=value"),
        (&json!(""), Style::Matrix, false, ";v"),
        (&list, Style::Matrix, false, ";v=red,green,blue"),
        (&list, Style::Matrix, true, ";v=red;v=green;v=blue"),
        (&keys, Style::Matrix, false, ";v=semi,%3B,dot,.,comma,%2C"),
        (&keys, Style::Matrix, true, ";semi=%3B;dot=.;comma=%2C"),
    ] {
        // A query's escaping: a path refuses `.`, whatever a template may say.
        assert_eq!(
            listed("v", value, style, explode, Escape::Query),
            expected,
            "{value} {style:?} {explode}"
        );
    }
    // Its own example begins with a slash, which would leave an empty segment: that is refused.
    for (value, explode, expected) in [
        (&json!("foo/bar"), false, "foo/bar"),
        (&json!("Hello World!"), false, "Hello%20World!"),
        (&list, true, "red,green,blue"),
    ] {
        assert_eq!(listed("v", value, Style::Simple, explode, Escape::ReservedPath), expected);
    }
    for (value, explode, expected) in [
        (&json!(1024), false, "color=1024"),
        (&json!(""), false, "color="),
        (&list, false, "color=red,green,blue"),
        (&list, true, "color=red&color=green&color=blue"),
        (&keys, false, "color=semi,%3B,dot,.,comma,%2C"),
        (&keys, true, "semi=%3B&dot=.&comma=%2C"),
        (&json!([]), true, ""),
        (&json!({}), false, ""),
    ] {
        assert_eq!(in_query(value, Style::Form, explode), expected, "{value} {explode}");
    }
}
