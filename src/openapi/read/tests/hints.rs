use super::*;
use crate::openapi::operation::ToolHints;

fn hints(operation: &str) -> ToolHints {
    only(&format!("paths: {{/a: {{post: {operation}}}}}")).hints
}

/// Which of `/a` and `/b` are hidden.
fn hidden(rest: &str) -> Vec<bool> {
    let (operations, told) = operations_of(&document("3.1.0", rest));
    assert!(told.is_empty(), "{told:?}");
    operations.iter().map(|operation| operation.hints.hidden).collect()
}

#[test]
fn an_author_says_how_a_tool_looks() {
    let hints = hints(
        "{x-mcp: {name: find, title: Find, description: Finds., annotations: {readOnlyHint: true, openWorldHint: false, idempotentHint: true, destructiveHint: false}}}",
    );
    assert_eq!((hints.name.as_deref(), hints.title.as_deref()), (Some("find"), Some("Find")));
    assert_eq!(hints.description.as_deref(), Some("Finds."));
    assert_eq!((hints.read_only, hints.destructive), (Some(true), Some(false)));
    assert_eq!((hints.idempotent, hints.open_world), (Some(true), Some(false)));
    assert!(!hints.hidden);
}

#[test]
fn the_words_of_other_programs_are_taken_where_they_can_only_mean_one_thing() {
    let other = hints("{x-mcp-tool-name: a, x-mcp-tool-description: b, x-openai-isConsequential: true}");
    assert_eq!((other.name.as_deref(), other.description.as_deref()), (Some("a"), Some("b")));
    assert_eq!((other.read_only, other.destructive), (Some(false), Some(true)));
    let other = hints(
        "{x-speakeasy-mcp: {name: a, description: b, scopes: [read], readOnlyHint: true}, x-openai-isConsequential: false}",
    );
    assert_eq!((other.name.as_deref(), other.description.as_deref()), (Some("a"), Some("b")));
    assert_eq!((other.read_only, other.destructive), (Some(true), Some(false)));
    for operation in [
        "{x-mcp: false}",
        "{x-mcp: 'false'}",
        "{x-mcp: {hide: true}}",
        "{x-mcp: {enabled: false}}",
        "{x-mcp-tool: false}",
        "{x-speakeasy-mcp: {disabled: true}}",
    ] {
        assert!(hints(operation).hidden, "{operation}");
    }
    for operation in
        ["{}", "{x-mcp: true}", "{x-mcp: {hide: false}}", "{x-mcp: {scopes: [read]}}", "{x-internal: true}"]
    {
        assert!(!hints(operation).hidden, "{operation}");
    }
}

#[test]
fn an_operation_counts_before_its_path_item_its_tags_and_the_document() {
    let two = "paths: {/a: {x-mcp: true, get: {}}, /b: {get: {x-mcp: {name: b}}}}";
    assert_eq!(hidden(&format!("x-mcp: false\n{two}")), [false, true]);
    assert_eq!(
        hidden("x-mcp: false\npaths: {/a: {x-mcp: false, get: {x-mcp: true}}, /b: {get: {}}}"),
        [false, true]
    );
    let tagged = "tags: [{name: admin, x-mcp: false}, {name: other}]\npaths: {/a: {get: {tags: [admin]}}, /b: {get: {tags: [other]}}}";
    assert_eq!(hidden(tagged), [true, false]);
    // What describes a server of its own says nothing about tools.
    assert_eq!(
        hidden(&format!("x-mcp: {{protocolVersion: '2025-06-18', servers: [], tools: []}}\n{two}")),
        [false, false]
    );
}

#[test]
fn an_author_says_how_arguments_look() {
    let operation = only(
        "
paths:
  /a:
    parameters: [{$ref: '#/components/parameters/page'}]
    get: {parameters: [{name: q, in: query, x-mcp: {name: words, description: All words.}}, {name: plain, in: query}]}
components: {parameters: {page: {name: page, in: query, schema: {default: 1}, x-mcp: false}}}
",
    );
    let said: Vec<_> = operation
        .hints
        .parameters
        .iter()
        .map(|hint| (&*hint.name, hint.argument.as_deref(), hint.description.as_deref(), hint.hidden))
        .collect();
    assert_eq!(said, [("page", None, None, true), ("q", Some("words"), Some("All words."), false)]);
}
