use super::*;

fn code(text: &str) -> i32 {
    Message::parse(text.as_bytes()).unwrap_err().error.code()
}

fn refused_id(text: &str) -> Option<&str> {
    Message::parse(text.as_bytes()).unwrap_err().id.map(Id::as_str)
}

fn id(text: &str) -> Option<String> {
    let message = format!(r#"{{"jsonrpc":"2.0","id":{text},"method":"ping"}}"#);
    match Message::parse(message.as_bytes()) {
        Ok(Message::Request(request)) => Some(request.id.as_str().to_owned()),
        Ok(other) => panic!("{other:?}"),
        Err(refused) => {
            assert_eq!(refused.error.code(), -32600, "{text}");
            None
        }
    }
}

#[test]
fn ids_stay_as_they_were_written() {
    let long = format!("\"{}\"", "x".repeat(10_000));
    for text in [
        "0",
        "-7",
        "1e2",
        "1E+2",
        "7.0",
        "9007199254740993",
        "123456789012345678901234567890",
        r#""""#,
        r#""1e2""#,
        r#""\u0061\n""#,
        r#""ü""#,
        &long,
    ] {
        assert_eq!(id(text).as_deref(), Some(text));
    }
}

#[test]
fn an_id_is_a_string_or_an_integer() {
    for text in ["null", "true", "1.5", "70e-1", "{}", "[1]"] {
        assert_eq!(id(text), None, "{text}");
    }
}

#[test]
fn what_is_no_json_is_a_parse_error() {
    for text in ["", "x", "{", r#"{"jsonrpc":"2.0",}"#, "{}{}", "[1,2", "\u{feff}{}", r#"{"id":01}"#] {
        assert_eq!(code(text), -32700, "{text}");
    }
    assert_eq!(Message::parse(b"{\"a\":\"\xff\"}").unwrap_err().error, ProtocolError::Parse);
}

#[test]
fn what_is_json_but_no_message_is_an_invalid_request() {
    for text in [
        "null",
        "1",
        r#""text""#,
        "[]",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        "{}",
        r#"["2.0",1,"ping",{}]"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
    ] {
        assert_eq!(code(text), -32600, "{text}");
    }
}

#[test]
fn parameters_are_an_object_or_nothing() {
    for params in [
        "[]",
        "1",
        r#""a""#,
        r#"{"_meta":1}"#,
        r#"{"_meta":[]}"#,
        r#"{"_meta":["2026-07-28",{}]}"#,
        r#"["echo"]"#,
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{params}}}"#);
        assert_eq!((code(&text), refused_id(&text)), (-32602, Some("1")), "{params}");
    }
    for params in ["{}", "null", r#"{"_meta":null}"#, r#"{"_meta":{}, "other":[{}]}"#] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{params}}}"#);
        assert!(matches!(Message::parse(text.as_bytes()), Ok(Message::Request(_))), "{params}");
    }
}

#[test]
fn a_key_that_comes_twice_is_refused_wherever_it_is() {
    for (text, code_, id) in [
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32600, None),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, -32600, None),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":2}"#, -32600, Some("1")),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/call"}"#, -32600, None),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            -32602,
            Some("1"),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"a":1,"a":2}}}"#,
            -32602,
            Some("1"),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"arguments":{"l":[{"b":1,"b":1}]}}}"#,
            -32602,
            Some("1"),
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{"b":1,"b":1}}}"#, -32602, Some("1")),
    ] {
        assert_eq!((code(text), refused_id(text)), (code_, id), "{text}");
    }
}

#[test]
fn two_hundred_thousand_brackets_are_refused_with_their_id() {
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let text =
        format!(r#"{{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{{"arguments":{nested}}}}}"#);
    assert_eq!((code(&text), refused_id(&text)), (-32602, Some("\"a\"")));
    assert_eq!(code(&nested), -32600);
    assert_eq!(code(&"[".repeat(200_000)), -32700);
    assert_eq!(code(&r#"{"a":"#.repeat(200_000)), -32700);
}

#[test]
fn the_rest_is_told_apart_by_its_members() {
    let parse = |text: &'static str| Message::parse(text.as_bytes()).unwrap();
    assert!(matches!(
        parse(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
        Message::Notification { .. }
    ));
    assert!(matches!(parse(r#"{"jsonrpc":"2.0","method":"x","params":[1]}"#), Message::Notification { .. }));
    assert!(matches!(
        parse(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
        Message::Response { result: Some(_), .. }
    ));
    assert!(matches!(
        parse(r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a"}}"#),
        Message::Response { result: None, .. }
    ));
}
