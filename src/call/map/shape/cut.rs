//! An answer cut between two items of its list, so that it stays JSON and says the same with fewer items.
//!
//! What is kept is kept byte for byte. An answer without a list that could be cut (one long text, one item that is
//! larger than the bound) is rewritten with what is long in it shortened.

use crate::catalog::CallPlan;
use crate::express::json::{self, Kind};

/// An answer that was cut.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// JSON.
    pub(super) text: String,
    /// How long it was.
    pub(super) whole: usize,
    /// The list that was cut; `None` when it was shortened in other ways.
    pub(super) list: Option<List>,
}

/// A list that was cut.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// Names of the members that lead to it, with dots between them; empty for the answer itself.
    pub(super) path: String,
    pub(super) shown: usize,
    pub(super) of: usize,
}

/// How deep in objects the list of an answer is: `{data: {result: {items: []}}}`.
const ENVELOPES: usize = 4;

/// The answer within its bounds; `None` when it is within them already. `text` is valid JSON.
pub(super) fn cut(text: &str, most: usize, items: Option<usize>) -> Option<Cut> {
    let text = text.trim_ascii();
    let found = list(text);
    let by_items = found.as_ref().and_then(|(path, list)| between_items(text, path, list, most, items));
    match by_items {
        Some(cut) => Some(cut),
        None if text.len() <= most => None,
        None => Some(Cut { text: shortened(text, most), whole: text.len(), list: None }),
    }
}

/// The list of an answer: itself, or the largest thing in it, as long as that is an object or a list.
pub(super) fn list(text: &str) -> Option<(String, &str)> {
    let (mut at, mut path) = (text, String::new());
    for _ in 0..=ENVELOPES {
        match json::kind(at) {
            Kind::Array => return Some((path, at)),
            Kind::Object => {
                let (key, value) = json::members(at).max_by_key(|(_, value)| value.len())?;
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(&json::text(key));
                at = value;
            }
            Kind::String | Kind::Other => return None,
        }
    }
    None
}

/// The text with as many items of the list as there is room for; `None` when all of them stay, or none.
fn between_items(text: &str, path: &str, list: &str, most: usize, items: Option<usize>) -> Option<Cut> {
    // The list is a part of the text.
    let start = list.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let (before, after) = (text.get(..=start)?, text.get(start + list.len() - 1..)?);
    let room = most.checked_sub(before.len() + after.len())?;
    let (mut kept, mut shown, mut of, mut full) = (String::new(), 0, 0, false);
    for item in json::items(list) {
        of += 1;
        let length = kept.len() + usize::from(shown > 0) + item.len();
        full = full || length > room || items.is_some_and(|items| shown >= items);
        if !full {
            kept.push_str(if shown > 0 { "," } else { "" });
            kept.push_str(item);
            shown += 1;
        }
    }
    (0 < shown && shown < of).then(|| Cut {
        text: [before, &kept, after].concat(),
        whole: text.len(),
        list: Some(List { path: path.to_owned(), shown, of }),
    })
}

/// How much of each text (in bytes) and of each list and object is kept, narrower and narrower.
const NARROWING: [(usize, usize); 6] = [(4096, 100), (1024, 50), (256, 20), (64, 10), (32, 4), (16, 1)];

/// The value with its long texts, lists and objects shortened until it is no longer than the bound. When nothing else
/// helps, a text with its beginning.
fn shortened(text: &str, most: usize) -> String {
    for (length, count) in NARROWING {
        let mut shorter = Shorter { out: String::new(), length, count, most };
        if shorter.write(text, 0) {
            return shorter.out;
        }
    }
    // Each byte takes at most six as part of a JSON string, and three are for the mark and two for the quotes.
    let end = text.floor_char_boundary(most.saturating_sub(5) / 6);
    json::string(&format!("{}…", text.get(..end).unwrap_or_default()))
}

struct Shorter {
    out: String,
    length: usize,
    count: usize,
    most: usize,
}

impl Shorter {
    /// Deeper than this there is only "…".
    const DEPTH: usize = 32;

    /// `false` when it became too long.
    fn write(&mut self, text: &str, depth: usize) -> bool {
        match json::kind(text) {
            Kind::String if text.len() > self.length => {
                let text = json::text(text);
                let shown = text.get(..text.floor_char_boundary(self.length)).unwrap_or_default();
                self.out.push_str(&json::string(&format!("{shown}…")));
            }
            Kind::Array | Kind::Object if depth > Self::DEPTH => self.out.push_str("\"…\""),
            Kind::Array => {
                self.out.push('[');
                for (index, item) in json::items(text).take(self.count).enumerate() {
                    self.out.push_str(if index > 0 { "," } else { "" });
                    if !self.write(item, depth + 1) {
                        return false;
                    }
                }
                self.out.push(']');
            }
            Kind::Object => {
                self.out.push('{');
                for (index, (key, value)) in json::members(text).take(self.count).enumerate() {
                    self.out.push_str(if index > 0 { "," } else { "" });
                    self.out.push_str(key);
                    self.out.push(':');
                    if !self.write(value, depth + 1) {
                        return false;
                    }
                }
                self.out.push('}');
            }
            Kind::String | Kind::Other => self.out.push_str(text),
        }
        self.out.len() <= self.most
    }
}

/// Arguments by which APIs are asked for less, and for what comes next.
const SIZES: [&str; 13] = [
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "size",
    "count",
    "max_results",
    "maxresults",
    "first",
    "top",
    "rows",
    "take",
];
const PLACES: [&str; 13] = [
    "page",
    "offset",
    "cursor",
    "after",
    "starting_after",
    "start",
    "skip",
    "page_token",
    "pagetoken",
    "next_token",
    "continuation",
    "from",
    "start_index",
];

/// How to get what is not shown, by the arguments that the tool has.
pub(super) fn advice(plan: &CallPlan) -> String {
    let named = |known: &[&str]| {
        let arguments = plan.arguments.arguments.iter().map(|argument| &*argument.name);
        let folded = |name: &str| name.to_ascii_lowercase().replace('-', "_");
        arguments
            .map(|name| (name, folded(name)))
            .find(|(_, name)| known.contains(&name.trim_start_matches('$')))
            .map(|(name, _)| name.to_owned())
    };
    let mut ways = Vec::new();
    match (named(&SIZES), named(&PLACES)) {
        (Some(size), Some(place)) => {
            ways.push(format!("ask for fewer at once with `{size}` and page with `{place}`"));
        }
        (Some(size), None) => ways.push(format!("ask for fewer at once with `{size}`")),
        (None, Some(place)) => ways.push(format!("page with `{place}`")),
        (None, None) => {}
    }
    if let Some(select) = &plan.response.select_argument {
        ways.push(format!("pick what you need with `{select}`"));
    }
    if ways.is_empty() {
        ways.push("ask for something narrower".to_owned());
    }
    format!("For the rest, {}.", ways.join(", or "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn a_list_is_cut_between_two_items_and_the_rest_stays_as_it_was() {
        let text = r#"{"total": 3, "data": {"items": [{"id":9007199254740993,"x":1.50}, {"id":2}, {"id":3}]}, "next":"a"}"#;
        let cut = super::cut(text, 1000, Some(2)).unwrap();
        assert_eq!(
            cut.text,
            r#"{"total": 3, "data": {"items": [{"id":9007199254740993,"x":1.50},{"id":2}]}, "next":"a"}"#
        );
        let list = cut.list.unwrap();
        assert_eq!((list.path.as_str(), list.shown, list.of), ("data.items", 2, 3));
        assert!(super::cut(text, 1000, Some(3)).is_none());
        assert_eq!(super::cut("[1,22,333]", 6, None).unwrap().text, "[1,22]");
    }

    #[test]
    fn what_has_no_list_to_cut_is_shortened() {
        let text = json!({"id": 1, "text": "ä".repeat(5000), "more": vec!["x".repeat(900); 3]}).to_string();
        let cut = super::cut(&text, 2000, None).unwrap();
        let value: Value = serde_json::from_str(&cut.text).unwrap();
        assert_eq!(value["id"], 1);
        assert!(value["text"].as_str().unwrap().ends_with('…'));
        assert!(cut.list.is_none() && cut.text.len() <= 2000);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            "\\PC{0,80}".prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(5, 200, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
                prop::collection::vec(("[a-z\"é]{0,9}", inner), 0..9)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_left_is_json_and_within_its_bounds(value in value(), most in 100_usize..3000, items in prop::option::of(1_usize..30)) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                match super::cut(&text, most, items) {
                    Some(cut) => {
                        prop_assert!(cut.text.len() <= most, "{} > {most}", cut.text.len());
                        prop_assert!(serde_json::from_str::<Value>(&cut.text).is_ok(), "{}", cut.text);
                        if let Some(list) = cut.list {
                            prop_assert!(list.shown < list.of && items.is_none_or(|items| list.shown <= items));
                        }
                    }
                    None => prop_assert!(text.trim().len() <= most),
                }
            }
        }
    }
}
