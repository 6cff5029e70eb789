//! Dotted paths: `user.login`, `items.id`. A list on the way stands for each of its items.

use super::json::{self, Kind};

/// A path to members: their names in order; never empty, and none of them is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Box<str>>);

/// A text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a path is names with dots between them, like `user.login`")]
pub struct PathError;

/// Which members of an answer are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    /// What is below it counts no more: it is kept whole.
    whole: bool,
    /// By name.
    kept: Vec<(Box<str>, Projection)>,
}

/// How deep values are looked into: far deeper than any path is written.
const DEPTH: usize = 64;

impl std::str::FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let names: Vec<Box<str>> = text.split('.').map(Box::from).collect();
        if names.len() > DEPTH || names.iter().any(|name| name.trim().is_empty()) {
            return Err(PathError);
        }
        Ok(Self(names))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Path {
    /// What is at the path in valid JSON, as text; several values where there are lists on the way.
    pub(crate) fn find<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut found = vec![text];
        for name in &self.0 {
            let below = |text: &&'a str| -> Vec<&'a str> { objects(text, 0).collect() };
            let member = |object: &'a str| {
                let named = |(key, _): &(&str, &str)| is_named(key, name);
                json::members(object).filter(named).last().map(|(_, value)| value)
            };
            found = found.iter().flat_map(below).filter_map(member).collect();
        }
        found
    }
}

/// The value itself, or each item of a list.
fn objects(text: &str, depth: usize) -> Box<dyn Iterator<Item = &str> + '_> {
    match json::kind(text) {
        Kind::Array if depth < DEPTH => {
            Box::new(json::items(text).flat_map(move |item| objects(item, depth + 1)))
        }
        _ => Box::new(std::iter::once(text)),
    }
}

/// Whether a key, in its quotes, is this name.
fn is_named(key: &str, name: &str) -> bool {
    let plain = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
    plain == name || (plain.contains('\\') && json::text(key) == name)
}

impl Projection {
    /// Keeps what these paths lead to.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut projection = Self::default();
        for path in paths {
            projection.keep(&path.0);
        }
        projection
    }

    /// A shorter path keeps all that a longer one would.
    fn keep(&mut self, names: &[Box<str>]) {
        let Some((name, rest)) = names.split_first() else {
            self.whole = true;
            return;
        };
        let known = self.kept.iter().position(|(kept, _)| kept == name);
        let index = known.unwrap_or(self.kept.len());
        if known.is_none() {
            self.kept.push((name.clone(), Self::default()));
        }
        if let Some((_, below)) = self.kept.get_mut(index) {
            below.keep(rest);
        }
    }

    /// The value with nothing but these members, in the order in which it has them. What is kept is not touched.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut out = String::new();
        self.write(text, 0, &mut out);
        out
    }

    fn write(&self, text: &str, depth: usize, out: &mut String) {
        match json::kind(text) {
            Kind::Array if depth < DEPTH => {
                out.push('[');
                for (index, item) in json::items(text).enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    self.write(item, depth + 1, out);
                }
                out.push(']');
            }
            Kind::Object if depth < DEPTH => self.write_members(text, depth, out),
            _ => out.push_str(text),
        }
    }

    fn write_members(&self, text: &str, depth: usize, out: &mut String) {
        out.push('{');
        let mut first = true;
        for (key, value) in json::members(text) {
            let Some((_, below)) = self.kept.iter().find(|(name, _)| is_named(key, name)) else { continue };
            out.push_str(if std::mem::take(&mut first) { "" } else { "," });
            out.push_str(key);
            out.push(':');
            if below.whole { out.push_str(value) } else { below.write(value, depth + 1, out) }
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(paths: &[&str], text: &str) -> String {
        let paths: Vec<Path> = paths.iter().map(|path| path.parse().unwrap()).collect();
        Projection::new(&paths).apply(text)
    }

    #[test]
    fn members_are_kept_in_their_order_and_with_their_digits() {
        let text = r#"{"total": 2, "items": [{"b":1.50,"id":9007199254740993,"user":{"login":"a","x":1}}, {"id":2}], "next":null}"#;
        assert_eq!(
            project(&["items.id", "total"], text),
            r#"{"total":2,"items":[{"id":9007199254740993},{"id":2}]}"#
        );
        assert_eq!(
            project(&["items.user.login", "items.b"], text),
            r#"{"items":[{"b":1.50,"user":{"login":"a"}},{}]}"#
        );
        assert_eq!(
            project(&["items.user", "items.user.login"], text),
            r#"{"items":[{"user":{"login":"a","x":1}},{}]}"#
        );
        assert_eq!(
            project(&["id"], r#"[{"id":1,"a":2},"text",[{"\u0069d":3}]]"#),
            r#"[{"id":1},"text",[{"\u0069d":3}]]"#
        );
    }

    #[test]
    fn what_is_at_a_path_is_found_through_lists() {
        let find = |path: &str, text| path.parse::<Path>().unwrap().find(text);
        assert_eq!(find("ok", r#"{"ok": false}"#), ["false"]);
        assert_eq!(find("errors.code", r#"{"errors":[{"code":"a"},{"x":1},{"code":2}]}"#), ["\"a\"", "2"]);
        assert!(find("a.b", r#"{"a":1}"#).is_empty());
        assert!("".parse::<Path>().is_err() && "a..b".parse::<Path>().is_err());
    }
}
