//! Every style in every place, with the texts of OpenAPI's own table of styles (3.1.1, section 4.8.12.4).

use serde_json::{Value, json};

use super::*;
use crate::mock::received::pairs;

fn parameter(name: &str, location: Location, style: Style, explode: bool, schema: Value) -> Parameter {
    Parameter {
        name: name.to_owned(),
        location,
        required: false,
        deprecated: false,
        description: None,
        schema: schema.into(),
        encoding: Encoding::Style { style, explode, allow_reserved: false, allow_empty: false },
        span: Default::default(),
    }
}

fn list() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

fn numbers() -> Value {
    json!({ "type": "array", "items": { "type": "integer" } })
}

fn object() -> Value {
    json!({ "type": "object", "properties": {
        "R": { "type": "integer" }, "G": { "type": "integer" }, "B": { "type": "integer" } } })
}

fn rgb() -> Value {
    json!({ "R": 100, "G": 200, "B": 150 })
}

fn path(style: Style, explode: bool, schema: Value, raw: &str) -> Value {
    let parameter = parameter("color", Location::Path, style, explode, schema);
    Decoder::new(&parameter, &parameter.schema.to_value(), &Definitions::new()).path(raw).unwrap().remove(0)
}

fn query(style: Style, explode: bool, schema: Value, raw: &str) -> Value {
    let parameter = parameter("color", Location::Query, style, explode, schema);
    let mut pairs = pairs(raw);
    let readings = Decoder::new(&parameter, &parameter.schema.to_value(), &Definitions::new())
        .pairs(&mut pairs, &[])
        .unwrap()
        .unwrap();
    assert!(pairs.iter().all(|pair| pair.taken), "{pairs:?}");
    readings.into_iter().next().unwrap()
}

#[test]
fn path_styles() {
    let text = json!({ "type": "string" });
    assert_eq!(path(Style::Simple, false, text.clone(), "a%2Fb%20c"), "a/b c");
    assert_eq!(path(Style::Simple, false, json!({ "type": "integer" }), "5"), json!(5));
    assert_eq!(path(Style::Simple, false, list(), "blue,black,brown"), json!(["blue", "black", "brown"]));
    assert_eq!(path(Style::Simple, false, list(), "a%2Cb,c"), json!(["a,b", "c"]));
    assert_eq!(path(Style::Simple, false, object(), "R,100,G,200,B,150"), rgb());
    assert_eq!(path(Style::Simple, true, object(), "R=100,G=200,B=150"), rgb());
    assert_eq!(path(Style::Label, false, text.clone(), ".blue"), "blue");
    assert_eq!(path(Style::Label, false, list(), ".blue,black"), json!(["blue", "black"]));
    assert_eq!(path(Style::Label, true, list(), ".blue.black"), json!(["blue", "black"]));
    assert_eq!(path(Style::Label, true, object(), ".R=100.G=200.B=150"), rgb());
    assert_eq!(path(Style::Matrix, false, text, ";color=blue"), "blue");
    assert_eq!(path(Style::Matrix, false, list(), ";color=blue,black"), json!(["blue", "black"]));
    assert_eq!(path(Style::Matrix, true, list(), ";color=blue;color=black"), json!(["blue", "black"]));
    assert_eq!(path(Style::Matrix, false, object(), ";color=R,100,G,200,B,150"), rgb());
    assert_eq!(path(Style::Matrix, true, object(), ";R=100;G=200;B=150"), rgb());
}

#[test]
fn query_styles() {
    assert_eq!(query(Style::Form, true, json!({ "type": "string" }), "color=a+b%2Bc"), "a b+c");
    assert_eq!(query(Style::Form, true, json!({ "type": "boolean" }), "color=true"), json!(true));
    assert_eq!(query(Style::Form, true, list(), "color=blue&color=a%2Cb"), json!(["blue", "a,b"]));
    assert_eq!(query(Style::Form, false, numbers(), "color=1,2"), json!([1, 2]));
    assert_eq!(query(Style::Form, false, list(), "color=blue,a%2Cb"), json!(["blue", "a,b"]));
    assert_eq!(query(Style::Form, false, object(), "color=R,100,G,200,B,150"), rgb());
    assert_eq!(query(Style::Form, true, object(), "R=100&G=200&B=150"), rgb());
    assert_eq!(query(Style::SpaceDelimited, false, numbers(), "color=1%202"), json!([1, 2]));
    assert_eq!(query(Style::PipeDelimited, false, numbers(), "color=1%7C2"), json!([1, 2]));
    assert_eq!(query(Style::TabDelimited, false, numbers(), "color=1%092"), json!([1, 2]));
    assert_eq!(query(Style::DeepObject, true, object(), "color[R]=100&color%5BG%5D=200&color[B]=150"), rgb());
}

#[test]
fn deep_objects_may_be_deeper() {
    let schema = json!({ "type": "object", "properties": {
        "filter": { "type": "object", "properties": { "min": { "type": "integer" } } },
        "tags": { "type": "array", "items": { "type": "string" } } } });
    let raw = "color[filter][min]=3&color[tags][]=a&color[tags][]=b";
    assert_eq!(
        query(Style::DeepObject, true, schema, raw),
        json!({ "filter": { "min": 3 }, "tags": ["a", "b"] })
    );
}

#[test]
fn headers_are_not_percent_encoded() {
    let text = parameter("X-A", Location::Header, Style::Simple, false, json!({ "type": "string" }));
    assert_eq!(
        Decoder::new(&text, &text.schema.to_value(), &Definitions::new()).header("a%20b").unwrap(),
        [json!("a%20b")]
    );
    let numbers = parameter("X-A", Location::Header, Style::Simple, false, numbers());
    assert_eq!(
        Decoder::new(&numbers, &numbers.schema.to_value(), &Definitions::new()).header("1, 2").unwrap(),
        [json!([1, 2])]
    );
}

#[test]
fn a_text_becomes_what_the_schema_takes() {
    let as_read = |schema: Value, raw: &str| query(Style::Form, true, schema, raw);
    assert_eq!(as_read(json!({ "type": "string" }), "color=5"), "5");
    assert_eq!(as_read(json!({ "type": ["integer", "null"] }), "color="), Value::Null);
    assert_eq!(as_read(json!({ "anyOf": [{ "type": "integer" }, { "enum": ["all"] }] }), "color=all"), "all");
    assert_eq!(
        as_read(json!({ "anyOf": [{ "type": "integer" }, { "enum": ["all"] }] }), "color=7"),
        json!(7)
    );
    assert_eq!(as_read(json!({ "type": "integer", "maximum": 3 }), "color=7"), json!(7));
    assert_eq!(as_read(json!({ "type": "integer" }), "color=abc"), "abc");
    let large = as_read(json!({ "type": "integer" }), "color=9007199254740993");
    assert_eq!(large.to_string(), "9007199254740993");
}

#[test]
fn both_readings_are_kept_where_a_schema_leaves_it_open() {
    let schema = json!({ "anyOf": [{ "type": "string" }, list()] });
    let parameter = parameter("color", Location::Query, Style::Form, true, schema);
    let mut pairs = pairs("color=a");
    let readings = Decoder::new(&parameter, &parameter.schema.to_value(), &Definitions::new())
        .pairs(&mut pairs, &[])
        .unwrap()
        .unwrap();
    assert_eq!(readings, [json!("a"), json!(["a"])]);
}

#[test]
fn what_does_not_have_its_style_is_told() {
    let definitions = Definitions::new();
    let path = |style, explode, schema, raw: &str| {
        let parameter = parameter("color", Location::Path, style, explode, schema);
        Decoder::new(&parameter, &parameter.schema.to_value(), &definitions).path(raw).unwrap_err()
    };
    assert_eq!(path(Style::Label, false, list(), "blue"), Misshapen::Prefix(".".into()));
    assert_eq!(path(Style::Matrix, false, list(), "blue"), Misshapen::Prefix(";color=".into()));
    assert_eq!(path(Style::Simple, false, object(), "R,100,G"), Misshapen::Fields);
    let query = |style, explode, schema, raw: &str| {
        let parameter = parameter("color", Location::Query, style, explode, schema);
        Decoder::new(&parameter, &parameter.schema.to_value(), &definitions).pairs(&mut pairs(raw), &[])
    };
    let text = json!({ "type": "string" });
    assert_eq!(query(Style::Form, true, text, "color=a&color=b"), Err(Misshapen::Repeated(2)));
    assert_eq!(query(Style::Form, false, list(), "color=a&color=b"), Err(Misshapen::Repeated(2)));
    assert_eq!(
        query(Style::DeepObject, true, object(), "color=a"),
        Err(Misshapen::DeepObject("color".into()))
    );
    assert_eq!(query(Style::Form, true, object(), "other=a"), Ok(None));
}
