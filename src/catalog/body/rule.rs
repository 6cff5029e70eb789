//! Rules about which properties of a body go together, made fit to stand among the arguments of a tool.

use serde_json::{Map, Value};

use crate::catalog::schema::{definition, reference};
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// How deep alternatives and what they refer to are followed; what is deeper is no rule any more.
const DEPTH: usize = 6;

/// Keywords whose value is a list of schemas of the same object.
const LISTS: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// Keywords whose value is a schema of the same object.
const SINGLE: [&str; 4] = ["not", "if", "then", "else"];

/// Keywords that say something about the whole object; the arguments of a tool are more than its body.
const WHOLE: [&str; 6] = [
    "additionalProperties",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "patternProperties",
];

/// A schema of an object that takes further properties, wherever its alternatives close it.
pub(super) fn opened(schema: &Json, definitions: &Definitions) -> Value {
    within(schema, definitions, DEPTH)
}

fn within(schema: &Json, definitions: &Definitions, depth: usize) -> Value {
    let (Json::Object(keywords), Some(depth)) = (schema, depth.checked_sub(1)) else {
        return Value::Bool(schema != &Json::Bool(false));
    };
    let mut opened = Map::new();
    for (keyword, value) in keywords.iter() {
        match value {
            Json::Array(schemas) if LISTS.contains(&keyword) => {
                let schemas = schemas.iter().map(|schema| within(schema, definitions, depth));
                opened.insert(keyword.to_owned(), schemas.collect());
            }
            value if SINGLE.contains(&keyword) => {
                opened.insert(keyword.to_owned(), within(value, definitions, depth));
            }
            _ if WHOLE.contains(&keyword) || keyword == "$ref" => {}
            value => {
                opened.insert(keyword.to_owned(), value.to_value());
            }
        }
    }
    if let Some(target) = reference(schema).and_then(|name| definition(definitions, name)) {
        let target = within(target, definitions, depth);
        match opened.get_mut("allOf") {
            Some(Value::Array(all)) => all.push(target),
            _ => drop(opened.insert("allOf".to_owned(), Value::Array(vec![target]))),
        }
    }
    opened.into()
}

/// The names that a rule lets choose from, when it says no more than that one of them is required.
pub(in crate::catalog) fn one_of_required(rule: &Value) -> Option<Vec<&str>> {
    let keywords = rule.as_object().filter(|keywords| keywords.len() == 1)?;
    let branches = LISTS.iter().take(2).find_map(|name| keywords.get(*name)?.as_array())?;
    let mut names = Vec::new();
    for branch in branches {
        if !branch.as_object()?.keys().all(|key| key == "required" || key == "title") {
            return None;
        }
        match branch.get("required")?.as_array()?.as_slice() {
            [Value::String(name)] => names.push(name.as_str()),
            _ => return None,
        }
    }
    (names.len() > 1).then_some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_says_nothing_about_what_it_does_not_name() {
        let mut definitions = Definitions::new();
        definitions.insert("A", json!({"required": ["a"], "additionalProperties": false}));
        let rule = json!({"oneOf": [{"$ref": "#/$defs/A"}, {"required": ["b"], "maxProperties": 1}]});
        let expected = json!({"oneOf": [{"allOf": [{"required": ["a"]}]}, {"required": ["b"]}]});
        assert_eq!(opened(&rule.into(), &definitions), expected);
    }

    #[test]
    fn a_choice_of_names_is_told_from_other_rules() {
        let choice = json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]});
        assert_eq!(one_of_required(&choice), Some(vec!["a", "b"]));
        for rule in [
            json!({"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]}),
            json!({"anyOf": [{"required": ["a"], "properties": {}}, {"required": ["b"]}]}),
            json!({"not": {"required": ["a"]}}),
        ] {
            assert_eq!(one_of_required(&rule), None, "{rule}");
        }
    }
}
