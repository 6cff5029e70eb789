//! Which of the two forms a document has.

use std::sync::Arc;

use super::node::Tree;
use super::{json, yaml};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Place, Source, Span};

/// Reads a text as JSON or YAML, whichever it looks like: a text that begins like a JSON object or array is JSON
/// (and refused when it is not well-formed, also where YAML would take it), anything else is YAML. Only in a file
/// that is called YAML, what begins like JSON and is none is read as YAML.
///
/// `None` when the text is neither; the reason is then an error in `diagnostics`.
#[must_use]
pub fn parse(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Tree> {
    /// Positions have 31 bits. Readers of files and URLs cap texts far below.
    const MAX_BYTES: usize = 1 << 30;
    if source.text().len() > MAX_BYTES {
        let error = Diagnostic::new(Code::SourceTooLarge, "the text is over 1 GiB");
        diagnostics.push(error.at(Place::new(source, Span::default())));
        return None;
    }
    if !json::looks_like_json(source.text()) {
        return yaml::parse(source, diagnostics);
    }
    let mut as_json = Diagnostics::default();
    let mut tree = json::parse(source, &mut as_json);
    if tree.is_none() && is_called_yaml(source.name()) {
        let mut as_yaml = Diagnostics::default();
        tree = yaml::parse(source, &mut as_yaml);
        if tree.is_some() {
            as_json = as_yaml;
        }
    }
    diagnostics.extend(as_json);
    tree
}

fn is_called_yaml(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> (Option<String>, Vec<String>) {
        let mut diagnostics = Diagnostics::default();
        let tree = parse(&Source::new(name, text), &mut diagnostics);
        let messages = diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
        (tree.map(|tree| tree.root().to_value().to_string()), messages)
    }

    #[test]
    fn what_begins_like_json_is_held_to_it_unless_the_file_is_called_yaml() {
        let text = "\u{feff} {\"openapi\": \"3.1.0\",}";
        let comma = "expected nothing between this comma and `}`".to_owned();
        assert_eq!(read("a.json", text), (None, vec![comma.clone()]));
        assert_eq!(read("https://example.com/openapi", text), (None, vec![comma]));
        assert_eq!(read("a.yaml", text), (Some(r#"{"openapi":"3.1.0"}"#.to_owned()), vec![]));
        assert_eq!(
            read("a.yml", "{\"a\": \"b\", ]"),
            (None, vec!["expected a key in double quotes, found `]`".to_owned()])
        );
    }

    #[test]
    fn anything_else_is_yaml_whatever_the_file_is_called() {
        for text in ["openapi: 3.1.0", "{openapi: 3.1.0}", "# {\n{ 'openapi': 3.1.0 }"] {
            assert_eq!(read("a.json", text), (Some(r#"{"openapi":"3.1.0"}"#.to_owned()), vec![]), "{text}");
        }
    }
}
