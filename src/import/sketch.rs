//! What is going to be written: a gateway file of which every key is known, with its comments.

use serde_json::{Map, Value};

use super::yaml;

/// A gateway file.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// Comments at its head.
    pub(super) notes: Vec<String>,
    /// Keys before the endpoints, in order.
    pub(super) head: Map<String, Value>,
    /// In order; names are unique.
    pub(super) endpoints: Vec<Endpoint>,
}

/// An endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Endpoint {
    /// The name of its tool.
    pub(super) name: String,
    /// Comments above it.
    pub(super) notes: Vec<String>,
    /// Its keys, in order.
    pub(super) keys: Map<String, Value>,
}

impl Sketch {
    /// The text of the file.
    pub(super) fn to_yaml(&self) -> String {
        let mut out = String::new();
        self.notes.iter().for_each(|note| yaml::comment(&mut out, note, 0));
        yaml::entries(&mut out, &self.head, 0);
        if !self.endpoints.is_empty() {
            out.push_str("endpoints:\n");
        }
        self.endpoints.iter().for_each(|endpoint| endpoint.write(&mut out));
        out
    }
}

impl Endpoint {
    /// How many bytes it takes.
    pub(super) fn length(&self) -> usize {
        let mut out = String::new();
        self.write(&mut out);
        out.len()
    }

    /// Always on lines of its own: it is there to be changed.
    fn write(&self, out: &mut String) {
        self.notes.iter().for_each(|note| yaml::comment(out, note, 2));
        out.extend(["  ", &self.name, ":\n"]);
        yaml::entries(out, &self.keys, 4);
    }
}

/// A name that is not taken yet: with a number after it when it is. The name is then taken.
pub(super) fn unique(name: &str, taken: &mut Vec<String>) -> String {
    /// The longest name of a tool.
    const LONGEST: usize = 64;
    let numbered = |number: usize| {
        let suffix = if number == 1 { String::new() } else { format!("_{number}") };
        let kept = name.get(..LONGEST - suffix.len()).unwrap_or(name);
        format!("{kept}{suffix}")
    };
    let free = (1..).map(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.push(free.clone());
    free
}
