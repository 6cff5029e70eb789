use serde_json::json;

use super::*;

#[test]
fn a_value_comes_back_as_it_was() {
    let text = r#"{"type":["object","null"],"x":{"b":1.50,"a":-0,"$ref":"é\n"},"enum":[true,null,{},[]],"":12345678901234567890123}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let shared = Json::from(&value);
    assert_eq!(shared.to_string(), text);
    assert_eq!(serde_json::to_string(&shared.to_value()).unwrap(), text);
    assert_eq!(shared, value);
}

#[test]
fn the_order_of_members_does_not_matter_and_everything_else_does() {
    let json = |value: Value| Json::from(value);
    assert_eq!(json(json!({"a": 1, "b": [2]})), json(json!({"b": [2], "a": 1})));
    for other in [json!({"a": 1}), json!({"a": 1, "b": [3]}), json!({"a": 1, "c": [2]}), json!([1, [2]])] {
        assert_ne!(json(json!({"a": 1, "b": [2]})), json(other.clone()));
        assert_ne!(json(json!({"a": 1, "b": [2]})), other);
    }
}

#[test]
fn words_that_are_known_are_found_and_values_are_small() {
    for length in 0..30 {
        for word in known(length) {
            assert_eq!(word.len(), length);
            assert!(matches!(Text::from(*word).0, Shared::Known(known) if known == *word));
        }
    }
    assert!(matches!(Text::from("kind").0, Shared::Own(_)));
    assert_eq!((size_of::<Json>(), size_of::<Member>()), (24, 48));
}

#[test]
fn an_object_of_any_length_is_found_by_name_and_keeps_its_order() {
    for count in [0, 1, SHORT - 1, SHORT, SHORT + 1, 2 * SHORT + 1, 50_000] {
        let names: Vec<String> = (0..count).rev().map(|number| format!("n{number}")).collect();
        let mut members = Members::default();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(members.insert(name.as_str().into(), json!(number).into()), None);
        }
        if let Some(value) = members.get_mut("n0") {
            *value = Json::Null;
        }
        let object: Object = members.into_iter().collect();
        assert_eq!(object.len(), count);
        assert!(object.keys().eq(names.iter().map(String::as_str)));
        for (number, name) in names.iter().enumerate().filter(|(_, name)| *name != "n0") {
            assert_eq!(object.get(name).and_then(Json::as_u64), Some(number as u64));
        }
        assert_eq!((object.get("n0"), object.get("m")), ((count > 0).then_some(&Json::Null), None));
        let reversed: Object = object.members().iter().rev().cloned().collect();
        assert_eq!(reversed, object);
    }
}
