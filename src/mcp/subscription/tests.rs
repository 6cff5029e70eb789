use serde_json::{Value, json};

use super::*;
use crate::mcp::Changed;
use crate::mcp::changes::Changes;
use crate::mcp::message::Message;
use crate::mcp::testing::modern;

const ALL: Changing = Changing { tools: true, resources: true, prompts: true };

fn subscribe(id: &str, notifications: &Value, changing: Changing) -> Result<Subscription, ProtocolError> {
    let text = modern(id, "subscriptions/listen", &json!({"notifications": notifications}));
    match Message::parse(text.as_bytes()) {
        Ok(Message::Request(request)) => Subscription::of(&request, changing, 0),
        other => panic!("{other:?}"),
    }
}

fn value(message: &Bytes) -> Value {
    serde_json::from_slice(message).unwrap()
}

fn methods(messages: &[Bytes]) -> Vec<String> {
    messages.iter().map(|message| value(message)["method"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_cannot_change_is_not_promised() {
    let wishes = json!({
        "toolsListChanged": true,
        "promptsListChanged": false,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["a:b"],
        "somethingElse": true,
    });
    for (changing, honoured) in [
        (
            ALL,
            json!({"toolsListChanged": true, "resourcesListChanged": true, "resourceSubscriptions": ["a:b"]}),
        ),
        (Changing { tools: true, ..Changing::default() }, json!({"toolsListChanged": true})),
        (Changing::default(), json!({})),
    ] {
        let acknowledged = value(&subscribe("\"x\"", &wishes, changing).unwrap().acknowledgement());
        assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(acknowledged["params"]["notifications"], honoured);
        assert_eq!(acknowledged["params"]["_meta"][ID], "x");
    }
}

#[test]
fn only_what_was_asked_for_is_told_and_each_carries_the_id() {
    let changes = Changes::default();
    let wishes = json!({"toolsListChanged": true, "resourceSubscriptions": ["file:///a"]});
    let mut subscription = subscribe("9007199254740993", &wishes, ALL).unwrap();
    let updated = vec!["file:///a".into(), "file:///b".into()];
    changes.note(Changed { tools: true, resources: true, prompts: true, updated });
    let news = changes.subscribe();
    let told = subscription.notices(&news.borrow());
    assert_eq!(methods(&told), ["notifications/tools/list_changed", "notifications/resources/updated"]);
    assert_eq!(value(&told[1])["params"]["uri"], "file:///a");
    for message in &told {
        let text = std::str::from_utf8(message).unwrap();
        assert!(text.contains(r#""io.modelcontextprotocol/subscriptionId":9007199254740993"#), "{text}");
    }
    assert!(subscription.notices(&news.borrow()).is_empty());
    let end = value(&subscription.end());
    assert_eq!((&end["id"], &end["result"]["resultType"]), (&end["result"]["_meta"][ID], &json!("complete")));
}

#[test]
fn a_filter_that_is_none_is_refused() {
    for odd in [
        json!(null),
        json!([]),
        json!("tools"),
        json!({"toolsListChanged": "yes"}),
        json!({"resourceSubscriptions": "file:///a"}),
        json!({"resourceSubscriptions": [1]}),
        json!({"resourceSubscriptions": vec!["a:b"; MOST_URIS + 1]}),
        json!({"resourceSubscriptions": ["a".repeat(MOST_URI_BYTES + 1)]}),
    ] {
        assert_eq!(subscribe("1", &odd, ALL).unwrap_err().code(), -32602, "{odd}");
    }
}

#[test]
fn a_legacy_client_is_told_without_an_id() {
    let told = [Notice::Tools, Notice::Updated("a\"b")].map(|notice| value(&notification(notice, None)));
    assert_eq!(told[0], json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}));
    assert_eq!(told[1]["params"], json!({"uri": "a\"b"}));
}
