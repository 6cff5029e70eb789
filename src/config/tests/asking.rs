//! `ask` and `confirm`.

use serde_json::json;

use super::{good, problems, with_endpoint};
use crate::config::gateway::{AskWhen, Asked, Confirm, Role, Writes};

#[test]
fn questions_mean_what_they_say() {
    let text = r#"
    ask:
      - title: {message: "What about {{ q }}?", fields: [title, body], when: always}
      - colour: {message: Which?, fields: {colour: {type: string, enum: [red]}}, optional: true}
        sum: {messages: [a, {role: assistant, text: b}], system: c, into: sum}
        where: {roots: true, into: folders}
    confirm: Sure?
ask_timeout: 1m
"#;
    let gateway = good(&with_endpoint(text.trim_start_matches('\n')));
    assert_eq!(gateway.ask_timeout.as_secs(), 60);
    let change = &gateway.endpoints[0].change;
    assert!(matches!(&change.confirm, Some(Confirm::Saying(said)) if said.text == "Sure?"));
    let rounds = &change.ask.as_ref().unwrap().rounds;
    let [first] = &*rounds[0] else { panic!() };
    assert_eq!((&*first.name.name, first.when, first.optional), ("title", AskWhen::Always, false));
    assert_eq!(first.gives().map(|named| &*named.name).collect::<Vec<_>>(), ["title", "body"]);
    let [colour, sum, place] = &*rounds[1] else { panic!() };
    assert!(colour.optional && colour.when == AskWhen::Missing);
    let Asked::Person { fields, .. } = &colour.to else { panic!() };
    assert_eq!(fields[0].schema(), json!({"type": "string", "enum": ["red"]}));
    let Asked::Model { messages, max_tokens, .. } = &sum.to else { panic!() };
    assert_eq!((messages[0].role, messages[1].role, *max_tokens), (Role::User, Role::Assistant, 1000));
    assert!(matches!(&place.to, Asked::Roots { into } if into.name == "folders"));
}

#[test]
fn writes_can_be_confirmed() {
    let file = |rest: &str| format!("gateway: shop\nopenapi: a.json\noperations:\n{rest}");
    assert_eq!(good(&file("  writes: confirm\n")).operations.writes, Writes::Confirm);
    let changed = good(&file("  change: {a: {confirm: true}, b: {confirm: false}}\n"));
    let confirms: Vec<_> =
        changed.operations.change.iter().map(|(_, change)| change.confirm.as_ref()).collect();
    assert!(matches!(&*confirms, [Some(Confirm::On), Some(Confirm::Off)]));
}

#[test]
fn questions_that_cannot_be_asked_are_refused() {
    for (ask, expected) in [
        (
            "- a: {}",
            "6:11 a: it has one of the keys `fields`, `messages` and `roots` (`fields: [title]` lets the person give the argument `title`)",
        ),
        ("- a: {fields: [b]}", "6:11 a: `message` is missing (it is what the person reads)"),
        ("- a: {message: b, fields: []}", "6:35 []: there is no field"),
        (
            "- a: {message: b, fields: {c: {minimun: 1}}}",
            "6:40 minimun: a field of a form has no keyword `minimun` (did you mean `minimum`?)",
        ),
        (
            "- a: {message: b, fields: {c: 1}}",
            "6:39 1: expected a mapping, found a number (`{}` takes it as the parameter says)",
        ),
        ("- a: {messages: [b]}", "6:11 a: `into` is missing (it names the argument that the answer becomes)"),
        ("- a: {messages: [], into: b}", "6:25 []: there is no message"),
        ("- a: {messages: [{role: user}], into: b}", "6:26 {role: user}: `text` is missing"),
        ("- a: {roots: false, into: b}", "6:22 false: write `true`, or leave the question out"),
        (
            "- a: {roots: true, into: b, message: c}",
            "6:37 message: `message` has no effect in the question for folders",
        ),
        ("- a: {message: b, fields: [c], into: d}", "6:40 into: `into` has no effect in a form"),
        (
            "- confirm: {message: b, fields: [c]}",
            "6:11 confirm: `confirm` is the name of the question whether the call shall be made (call this one otherwise, or write `confirm: true` beside `ask`)",
        ),
        (
            "- a b: {message: b, fields: [c]}",
            "6:11 a b: `a b` cannot be the name of a question (it has 1 to 64 of the characters A-Z, a-z, 0-9, `_`, `-` and `.`)",
        ),
        ("- {}", "6:11 {}: this round asks nothing"),
        (
            "- a: {message: b, fields: [c], when: never}",
            "6:46 never: `never` is none of missing, always (write one of missing, always)",
        ),
    ] {
        assert_eq!(problems(&with_endpoint(&format!("    ask: [{}]\n", &ask[2..]))), [expected], "{ask}");
    }
    let twice = "    ask: [{a: {message: b, fields: [c]}}, {a: {message: b, fields: [d]}}]\n";
    assert_eq!(problems(&with_endpoint(twice)), ["6:44 a: two questions are called `a`"]);
    assert_eq!(
        problems(&with_endpoint("    confirm: 7\n")),
        ["6:14 7: expected true, false or a text, found a number"]
    );
}
