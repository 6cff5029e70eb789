use serde_json::json;

use super::*;
use crate::catalog::fixture::{body, catalog, operation, parameter};
use crate::openapi::operation::Location;

/// What comes of arguments for a tool with one parameter of each kind: the arguments as JSON, or the problems.
fn outcome(arguments: &str) -> Result<String, Vec<String>> {
    let mut search = operation("POST", "/pets/{id}");
    let mut required = parameter(Location::Query, "kind", json!({"type": "string", "enum": ["cat", "dog"]}));
    required.required = true;
    search.parameters = vec![
        parameter(Location::Path, "id", json!({"type": "integer", "minimum": 1})),
        required,
        parameter(Location::Query, "per_page", json!({"type": "integer", "maximum": 100})),
        parameter(
            Location::Query,
            "tags",
            json!({"type": "array", "items": {"type": "string", "minLength": 2}}),
        ),
        parameter(Location::Query, "code", json!({"type": "string", "pattern": "^[A-Z]+$"})),
        parameter(Location::Query, "open", json!({"type": "boolean"})),
    ];
    let schema = json!({"type": "object", "properties": {
        "owner": {"type": ["string", "null"]},
        "where": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "price": {"oneOf": [{"type": "number"}, {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]}]},
    }});
    search.body = Some(body("application/json", schema));
    let (catalog, _) = catalog(vec![search]);
    let raw: Box<RawValue> = serde_json::from_str(arguments).unwrap();
    let validated = validate(&catalog.tools()[0].plan.arguments, Some(&raw));
    validated.map(|arguments| Value::Object(arguments).to_string()).map_err(|error| {
        let text = |problem: ArgumentProblem| match problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message,
        };
        error.problems.into_iter().map(text).collect()
    })
}

fn problems(more: &str) -> Vec<String> {
    outcome(&format!(r#"{{"id": 1, "kind": "cat", {more}}}"#)).unwrap_err()
}

#[test]
fn arguments_that_fit_come_out_as_they_went_in() {
    let arguments = r#"{"id":9007199254740993,"kind":"cat","price":{"amount":1.10},"owner":null}"#;
    assert_eq!(outcome(arguments).unwrap(), arguments);
}

#[test]
fn null_for_an_optional_argument_that_takes_none_is_nothing() {
    assert_eq!(
        outcome(r#"{"id": 1, "kind": "cat", "tags": null, "owner": null}"#).unwrap(),
        r#"{"id":1,"kind":"cat","owner":null}"#
    );
    assert_eq!(outcome(r#"{"id": 1, "kind": null}"#).unwrap_err(), ["`kind` is required"]);
}

#[test]
fn all_problems_come_in_one_answer() {
    assert_eq!(
        outcome(r#"{"id": "5", "kind": "cow", "perPage": 3, "open": "true"}"#).unwrap_err(),
        [
            "`id` must be an integer, not \"5\" (write 5 without quotes)",
            "`kind` must be one of \"cat\", \"dog\", not \"cow\"",
            "`open` must be true or false, not \"true\" (write true without quotes)",
            "\"perPage\" is not an argument of this tool (did you mean `per_page`?)",
        ]
    );
    assert_eq!(outcome("{}").unwrap_err(), ["`id` is required", "`kind` is required"]);
}

#[test]
fn each_problem_says_what_was_expected_and_what_came() {
    for (more, expected) in [
        (r#""per_page": 101"#, "`per_page` must be at most 100, not 101"),
        (r#""per_page": 1.5"#, "`per_page` must be an integer, not 1.5"),
        (r#""tags": "cat""#, "`tags` must be a list, not \"cat\" (put it in a list: […])"),
        (
            r#""tags": "[\"cat\"]""#,
            "`tags` must be a list, not \"[\\\"cat\\\"]\" (give the value itself, not its JSON as text)",
        ),
        (r#""tags": ["cat", 5]"#, "`tags[1]` must be text, not 5 (write \"5\")"),
        (r#""tags": ["a"]"#, "`tags[0]` must have at least 2 characters"),
        (r#""code": "abc""#, "`code` must match the pattern ^[A-Z]+$, unlike \"abc\""),
        (r#""where": {}"#, "`where.city` is required"),
        (r#""where": []"#, "`where` must be an object, not a list"),
        (r#""price": "free""#, "`price` must be a number or an object, not \"free\""),
        (
            r#""price": {"amount": "1"}"#,
            "`price.amount` must be a number, not \"1\" (write 1 without quotes)",
        ),
        (
            r#""zzzzz": 1"#,
            "\"zzzzz\" is not an argument of this tool (this tool takes `id`, `kind`, `per_page`, `tags`, `code`, `open`, `owner`, `where`, `price`)",
        ),
    ] {
        assert_eq!(problems(more), [expected]);
    }
}

#[test]
fn a_long_value_is_not_quoted() {
    let long = "x".repeat(5000);
    assert_eq!(
        problems(&format!(r#""per_page": "{long}""#)),
        ["`per_page` must be an integer, not a longer text"]
    );
    let unknown = problems(&format!(r#""{long}": 1"#));
    assert!(unknown[0].len() < 300, "{unknown:?}");
}

#[test]
fn a_pattern_cannot_take_long() {
    let mut search = operation("GET", "/pets");
    let pattern = "^(([a-z])+.)+[A-Z]([a-z])+$";
    search.parameters = vec![parameter(Location::Query, "q", json!({"type": "string", "pattern": pattern}))];
    let (catalog, _) = catalog(vec![search]);
    let raw: Box<RawValue> = serde_json::from_str(&format!(r#"{{"q": "{}"}}"#, "a".repeat(4000))).unwrap();
    assert!(validate(&catalog.tools()[0].plan.arguments, Some(&raw)).is_err());
}

#[test]
fn null_within_an_argument_is_nothing_where_it_is_no_value() {
    let given = r#"{"id":1,"kind":"cat","where":{"city":"Ulm","zip":null,"floor":null},"owner":null}"#;
    let mut search = operation("POST", "/pets/{id}");
    let place = json!({"type": "object", "required": ["city"], "additionalProperties": false, "properties": {
        "city": {"type": "string"}, "zip": {"type": "string"}, "floor": {"type": ["integer", "null"]}
    }});
    let schema = json!({"type": "object", "properties": {
        "where": place, "owner": {"type": ["string", "null"]}, "kind": {"type": "string"},
    }});
    search.parameters = vec![parameter(Location::Path, "id", json!({"type": "integer"}))];
    search.body = Some(body("application/json", schema));
    let (catalog, _) = catalog(vec![search]);
    let plan = &catalog.tools()[0].plan.arguments;
    let outcome = |arguments: &str| {
        let raw: Box<RawValue> = serde_json::from_str(arguments).unwrap();
        validate(plan, Some(&raw)).map(|arguments| Value::Object(arguments).to_string())
    };
    let expected = r#"{"id":1,"kind":"cat","where":{"city":"Ulm","floor":null},"owner":null}"#;
    assert_eq!(outcome(given).unwrap(), expected, "what null means stays");
    assert!(outcome(r#"{"id":1,"where":{"city":null}}"#).is_err(), "what is required must be given");
}
