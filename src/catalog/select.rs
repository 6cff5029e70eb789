//! Which operations of a document become tools, and which change goes with which.

use http::Method;

use super::plan::Effect;
use crate::config::gateway::{Change, Gateway, OperationMatch, Pattern, Writes};
use crate::config::wildcard;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;

/// The operations of a document that become tools, each with the change to it.
///
/// Patterns that match nothing are warned about, and so are writing operations that are left out: a list that is
/// silently too short looks like a fault of the document.
pub(super) fn select<'a>(
    gateway: &'a Gateway,
    operations: &'a [Operation],
    writes: Writes,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'a Operation, Option<&'a Change>)> {
    let rules = &gateway.operations;
    let changes = rules.change.iter().map(|(pattern, _)| pattern);
    for pattern in rules.include.iter().chain(&rules.exclude).chain(changes) {
        if !operations.iter().any(|operation| matches(pattern, operation)) {
            diagnostics.push(no_match(pattern, operations));
        }
    }
    let mut denied = 0_usize;
    let mut selected = Vec::with_capacity(operations.len());
    for operation in operations {
        let included =
            rules.include.is_empty() || rules.include.iter().any(|pattern| matches(pattern, operation));
        let excluded = rules.exclude.iter().any(|pattern| matches(pattern, operation));
        let outdated = rules.denies_deprecated && operation.deprecated;
        // The gateway file has the last word: what it names one by one is served, whatever the document hides.
        let named = || rules.include.iter().any(|pattern| pattern.is_single() && matches(pattern, operation));
        if !included || excluded || outdated || operation.hints.hidden && !named() {
            continue;
        }
        if writes == Writes::Deny && Effect::of(&operation.method) != Effect::Safe {
            denied += 1;
            continue;
        }
        let change = rules.change.iter().find(|(pattern, _)| matches(pattern, operation));
        selected.push((operation, change.map(|(_, change)| change)));
    }
    if denied > 0 {
        diagnostics.push(writes_denied(gateway, denied));
    }
    selected
}

/// The operations of a document that are offered as resources: those that are read by GET, without a body.
pub(super) fn resources<'a>(
    gateway: &'a Gateway,
    operations: &'a [Operation],
    diagnostics: &mut Diagnostics,
) -> Vec<(&'a Operation, Option<&'a Change>)> {
    let rules = &gateway.operations;
    let is_read = |operation: &&Operation| {
        operation.method == Method::GET && operation.body.as_ref().is_none_or(|body| !body.required)
    };
    let read: Vec<&Operation> = operations.iter().filter(is_read).collect();
    for pattern in &rules.resources {
        if !read.iter().any(|operation| matches(pattern, operation)) {
            diagnostics.push(no_match(pattern, operations));
        }
    }
    let is_offered =
        |operation: &&Operation| rules.resources.iter().any(|pattern| matches(pattern, operation));
    let change = |operation: &Operation| {
        rules.change.iter().find(|(pattern, _)| matches(pattern, operation)).map(|(_, change)| change)
    };
    read.into_iter().filter(is_offered).map(|operation| (operation, change(operation))).collect()
}

/// Whether the pattern matches. Variable names of a path do not matter; `*` stands for anything.
fn matches(pattern: &Pattern, operation: &Operation) -> bool {
    match &pattern.matches {
        OperationMatch::Tag(tag) => operation.tags.iter().any(|candidate| wildcard(tag, candidate)),
        OperationMatch::Id(id) => operation.id.as_deref().is_some_and(|candidate| wildcard(id, candidate)),
        OperationMatch::Route { method, path } => {
            method.as_ref().is_none_or(|method: &Method| *method == operation.method)
                && is_path(path, operation.path.text())
        }
    }
}

/// Whether a path template is of the form of a pattern; the names of variables do not matter.
pub(super) fn is_path(pattern: &str, path: &str) -> bool {
    wildcard(&anonymous(pattern), &anonymous(path))
}

/// `/repos/{}/{}` of `/repos/{owner}/{repo}`.
fn anonymous(path: &str) -> String {
    let mut anonymous = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '{' => inside = true,
            '}' => {
                inside = false;
                anonymous.push_str("{}");
            }
            _ if !inside => anonymous.push(character),
            _ => {}
        }
    }
    anonymous
}

fn no_match(pattern: &Pattern, operations: &[Operation]) -> Diagnostic {
    let message = format!("`{}` matches no operation", pattern.text);
    let diagnostic = Diagnostic::new(Code::NoMatch, message);
    let candidates: Vec<String> = match &pattern.matches {
        OperationMatch::Tag(_) => operations
            .iter()
            .flat_map(|operation| operation.tags.iter().map(|tag| format!("tag:{tag}")))
            .collect(),
        OperationMatch::Id(_) => operations.iter().filter_map(|operation| operation.id.clone()).collect(),
        OperationMatch::Route { .. } => operations.iter().map(Operation::signature).collect(),
    };
    let diagnostic = match super::suggest(&pattern.text, candidates.iter().map(String::as_str)) {
        Some(similar) => diagnostic.help(format!("did you mean `{similar}`?")),
        None => diagnostic,
    };
    match &pattern.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

fn writes_denied(gateway: &Gateway, denied: usize) -> Diagnostic {
    let operations = if denied == 1 { "1 operation that writes is" } else { "operations that write are" };
    let count = if denied == 1 { String::new() } else { format!("{denied} ") };
    let diagnostic = Diagnostic::new(Code::WritesDenied, format!("{count}{operations} not served"));
    let help = if gateway.place.is_some() {
        "`operations: {writes: allow}` serves them"
    } else {
        "--allow-writes serves them"
    };
    let diagnostic = diagnostic.help(help);
    match &gateway.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixture;

    fn pattern(text: &str) -> Pattern {
        let matches = match text.split_once(' ') {
            Some((method, path)) => OperationMatch::Route {
                method: method.parse().ok().filter(|_| method != "*"),
                path: path.into(),
            },
            None => match text.strip_prefix("tag:") {
                Some(tag) => OperationMatch::Tag(tag.into()),
                None => OperationMatch::Id(text.into()),
            },
        };
        Pattern { matches, text: text.into(), place: None }
    }

    fn operations() -> Vec<Operation> {
        let mut list = fixture::operation("GET", "/pets");
        list.id = Some("pets/list".into());
        list.tags = vec!["pets".into()];
        let mut create = fixture::operation("POST", "/pets");
        create.id = Some("pets/create".into());
        vec![list, create, fixture::operation("GET", "/pets/{petId}"), fixture::operation("QUERY", "/pets")]
    }

    fn selected(gateway: &Gateway, writes: Writes) -> (Vec<String>, Vec<String>) {
        let mut diagnostics = Diagnostics::default();
        let operations = operations();
        let selected = select(gateway, &operations, writes, &mut diagnostics);
        let texts = diagnostics.iter().map(|diagnostic| {
            format!(
                "{}: {} ({})",
                diagnostic.code.as_str(),
                diagnostic.message,
                diagnostic.help.clone().unwrap_or_default()
            )
        });
        (selected.iter().map(|(operation, _)| operation.signature()).collect(), texts.collect())
    }

    #[test]
    fn writes_are_left_out_with_a_note() {
        let (signatures, diagnostics) = selected(&Gateway::named("pets"), Writes::Deny);
        assert_eq!(signatures, ["GET /pets", "GET /pets/{petId}", "QUERY /pets"]);
        assert_eq!(
            diagnostics,
            ["writes-denied: 1 operation that writes is not served (--allow-writes serves them)"]
        );
        assert_eq!(selected(&Gateway::named("pets"), Writes::Allow).0.len(), 4);
        assert_eq!(selected(&Gateway::named("pets"), Writes::Confirm).0.len(), 4);
    }

    #[test]
    fn include_and_exclude_take_ids_tags_routes_and_stars() {
        let mut gateway = Gateway::named("pets");
        for (include, exclude, expected) in [
            (vec!["tag:pets"], vec![], vec!["GET /pets"]),
            (vec!["pets/*"], vec![], vec!["GET /pets", "POST /pets"]),
            (vec!["GET /pets/{id}"], vec![], vec!["GET /pets/{petId}"]),
            (vec!["* /pets*"], vec!["* /pets"], vec!["GET /pets/{petId}"]),
            (vec![], vec!["QUERY *", "pets/cr*te"], vec!["GET /pets", "GET /pets/{petId}"]),
        ] {
            gateway.operations.include = include.into_iter().map(pattern).collect();
            gateway.operations.exclude = exclude.into_iter().map(pattern).collect();
            assert_eq!(
                selected(&gateway, Writes::Allow),
                (expected.into_iter().map(str::to_owned).collect(), vec![])
            );
        }
    }

    #[test]
    fn deprecated_operations_are_left_out_where_they_are_denied() {
        let mut gateway = Gateway::named("pets");
        gateway.operations.denies_deprecated = true;
        let mut operations = operations();
        operations[0].deprecated = true;
        let mut diagnostics = Diagnostics::default();
        let selected = select(&gateway, &operations, Writes::Allow, &mut diagnostics);
        assert_eq!(selected.len(), operations.len() - 1);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn what_matches_nothing_is_warned_about_with_a_suggestion() {
        let mut gateway = Gateway::named("pets");
        gateway.operations.exclude = vec![pattern("pets/lst")];
        gateway.operations.change = vec![(pattern("GET /pet"), Change::default())];
        let (_, diagnostics) = selected(&gateway, Writes::Allow);
        assert_eq!(
            diagnostics,
            [
                "no-match: `pets/lst` matches no operation (did you mean `pets/list`?)",
                "no-match: `GET /pet` matches no operation (did you mean `GET /pets`?)",
            ]
        );
    }
}
