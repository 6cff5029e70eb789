//! What a server says that it offers, in `initialize` and in `server/discover`. What is not in there is answered with
//! -32601.

use serde_json::{Map, Value, json};

use super::subscription::Changing;
use crate::catalog::View;

/// The `capabilities` of the server at this endpoint. Both eras have them in the same words.
pub(crate) fn capabilities(view: &View, changing: Changing) -> Value {
    let mut offered = Map::new();
    if view.offered.completes {
        offered.insert("completions".to_owned(), json!({}));
    }
    offered.insert("logging".to_owned(), json!({}));
    if view.offered.prompts.is_some() {
        offered.insert("prompts".to_owned(), list(changing.prompts));
    }
    if view.offered.resources.is_some() {
        let changes = json!({"listChanged": true, "subscribe": true});
        let resources = if changing.resources { changes } else { list(false) };
        offered.insert("resources".to_owned(), resources);
    }
    offered.insert("tools".to_owned(), list(changing.tools));
    Value::Object(offered)
}

/// A list that is offered. Only where it can change a client is told so.
fn list(can_change: bool) -> Value {
    if can_change { json!({"listChanged": true}) } else { json!({}) }
}
