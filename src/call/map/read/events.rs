//! Server-sent events (WHATWG HTML, section 9.2.6): what came until the stream ended.

use crate::call::json as check;
use crate::express::json;

/// What some APIs send after the last event.
const END: &str = "[DONE]";

/// The events as a list: their data, and when one of them has a name or an id, objects `{event, id, data}`. Data that is
/// JSON is JSON, other data is a text. An event that its stream broke off in is none.
pub(super) fn read(text: &str) -> String {
    let mut events = Vec::new();
    let mut event = Event::default();
    for line in text.replace("\r\n", "\n").replace('\r', "\n").split_inclusive('\n') {
        let Some(line) = line.strip_suffix('\n') else { break };
        if line.is_empty() {
            let complete = std::mem::take(&mut event);
            events
                .extend(Some(complete).filter(|event| event.data.as_deref().is_some_and(|data| data != END)));
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut event.data {
                Some(data) => *data = format!("{data}\n{value}"),
                None => event.data = Some(value.to_owned()),
            },
            "event" => event.name = Some(value.to_owned()),
            "id" => event.id = Some(value.to_owned()),
            _ => {}
        }
    }
    let named = events.iter().any(|event| event.name.is_some() || event.id.is_some());
    let written: Vec<String> = events.iter().map(|event| event.write(named)).collect();
    format!("[{}]", written.join(","))
}

#[derive(Debug, Default)]
struct Event {
    name: Option<String>,
    id: Option<String>,
    data: Option<String>,
}

impl Event {
    fn write(&self, named: bool) -> String {
        let data = self.data.as_deref().unwrap_or_default();
        let data = match check::scan(data.as_bytes()) {
            Ok(_) => check::compact(data),
            Err(_) => json::string(data),
        };
        if !named {
            return data;
        }
        let member = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("\"{name}\":{},", json::string(value))).unwrap_or_default()
        };
        format!("{{{}{}\"data\":{data}}}", member("event", &self.name), member("id", &self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_events_becomes_a_list() {
        let stream = ": hello\ndata: {\"n\":1.50}\n\ndata:two\ndata: lines\n\ndata: [DONE]\n\n";
        assert_eq!(read(stream), r#"[{"n":1.50},"two\nlines"]"#);
        let named = "event: add\r\nid: 7\r\ndata: 1\r\n\r\nretry: 5\r\n\r\ndata: 2\r\n\r\ndata: broken off";
        assert_eq!(read(named), r#"[{"event":"add","id":"7","data":1},{"data":2}]"#);
        assert_eq!(read(""), "[]");
    }
}
