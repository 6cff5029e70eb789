use serde_json::json;

use super::*;
use crate::catalog::fixture::{body, media};
use crate::openapi::operation::PropertyEncoding;

fn laid_out(body: &RequestBody) -> BodyLayout {
    layout(body, &Definitions::new()).unwrap()
}

fn format_of(media_type: &str, schema: Value) -> (BodyFormat, String) {
    let layout = laid_out(&body(media_type, schema));
    (layout.media[0].format, layout.media[0].name.to_string())
}

#[test]
fn a_media_type_says_how_a_body_is_written() {
    for (media_type, format) in [
        ("application/json; charset=utf-8", BodyFormat::Json),
        ("application/vnd.api+json", BodyFormat::Json),
        ("text/json", BodyFormat::Json),
        ("application/x-ndjson", BodyFormat::JsonLines),
        ("application/x-www-form-urlencoded", BodyFormat::Form),
        ("Multipart/Form-Data", BodyFormat::Multipart),
        ("application/xml", BodyFormat::Xml),
        ("application/soap+xml", BodyFormat::Xml),
        ("text/csv", BodyFormat::Text),
        ("application/yaml", BodyFormat::Text),
        ("application/zip", BodyFormat::Binary),
        ("image/*", BodyFormat::Binary),
        ("image/svg+xml", BodyFormat::Binary),
    ] {
        assert_eq!(format_of(media_type, json!({})), (format, media_type.to_owned()));
    }
}

#[test]
fn what_says_nothing_is_written_as_its_schema_says() {
    let json = |name: &str| (BodyFormat::Json, name.to_owned());
    assert_eq!(format_of("*/*", json!({"type": "object"})), json("application/json"));
    assert_eq!(format_of("examples", json!({})), json("application/json"));
    assert_eq!(format_of("*/*", json!({"type": "string"})), (BodyFormat::Text, "text/plain".to_owned()));
    assert_eq!(
        format_of("*/*", json!({"type": "string", "format": "binary"})),
        (BodyFormat::Binary, "*/*".to_owned())
    );
}

#[test]
fn files_of_a_form_are_found_by_format_media_type_and_encoding() {
    let schema = json!({"type": "object", "properties": {
        "a": {"type": "string", "format": "binary"}, "b": {"type": "string", "contentMediaType": "image/png"},
        "c": {}, "d": {"type": "string"}, "e": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "f": {"type": "object"},
    }});
    let mut form = body("multipart/form-data", schema);
    let encoding = |media: &str| PropertyEncoding {
        content_type: Some(media.to_owned()),
        ..PropertyEncoding::default()
    };
    form.media[0].encoding = vec![
        ("c".into(), encoding("application/octet-stream")),
        ("d".into(), encoding("text/plain")),
        ("f".into(), encoding("application/octet-stream")),
    ];
    let fields = &laid_out(&form).media[0].fields;
    let files: Vec<_> =
        fields.iter().filter(|field| field.content == FieldContent::File).map(|field| &*field.name).collect();
    assert_eq!(files, ["a", "b", "c", "e"]);
}

#[test]
fn media_types_that_hold_the_same_in_the_same_way_are_one() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let mut request_body = body("application/json", schema.clone());
    request_body.media.extend(
        ["application/*+json", "text/json", "application/xml"].map(|name| media(name, schema.clone())),
    );
    let layout = laid_out(&request_body);
    let names: Vec<_> = layout.media.iter().map(|media| &*media.name).collect();
    assert_eq!(names, ["application/json", "application/xml"]);
}

#[test]
fn media_types_that_hold_different_things_make_one_argument_of_all() {
    let mut request_body =
        body("application/json", json!({"type": "object", "properties": {"a": {"type": "string"}}}));
    request_body.media.push(media("text/plain", json!({})));
    let Content::Whole(whole) = laid_out(&request_body).content else { panic!() };
    assert_eq!(whole.schema.to_value()["anyOf"][1], json!({"type": "string"}));
}

#[test]
fn a_property_that_two_parts_of_a_composition_have_takes_what_both_take() {
    let schema = json!({"allOf": [
        {"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"maxLength": 3}, "b": {"type": "string"}}},
    ]});
    let Content::Properties(properties) = laid_out(&body("application/json", schema)).content else {
        panic!()
    };
    assert_eq!(properties[0].schema, json!({"allOf": [{"type": "string"}, {"maxLength": 3}]}));
    assert_eq!(properties.len(), 2);
}

#[test]
fn an_object_or_null_is_an_object() {
    let object =
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]});
    let layout = laid_out(&body("application/json", json!({"anyOf": [object, {"type": "null"}]})));
    assert!(matches!(layout.content, Content::Properties(properties) if properties.len() == 1));
}
