//! Cursors that come back, and those that were tampered with.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::asked::Asked;
use super::*;
use crate::call::build;
use crate::catalog::build::{BuildOptions, build as build_catalog};
use crate::catalog::{CallPlan, Catalog, fixture};
use crate::config::Gateway;
use crate::config::gateway::{CursorRules, PageCaps, PageMode, PageRule, PageStyle, Pagination, Text};
use crate::diagnostic::Diagnostics;
use crate::openapi::Operation;
use crate::openapi::operation::Location;
use crate::upstream::CallerHeaders;

/// Two tools whose pages are linked.
fn catalog(gateway: &str, key: Option<&str>) -> Catalog {
    let mut gateway = Gateway::named(gateway);
    let rule = Some(PageRule { style: PageStyle::Link { parameter: None }, items: None });
    gateway.pagination = Pagination { mode: PageMode::Step, rule, caps: PageCaps::default(), place: None };
    gateway.cursors =
        CursorRules { key: key.map(|key| Text::Secret(key.into())), expires: Duration::from_secs(60) };
    let operation = |path: &str| Operation {
        parameters: vec![fixture::parameter(Location::Query, "page", json!({"type": "integer"}))],
        ..fixture::operation("GET", path)
    };
    let served = fixture::served(gateway, vec![operation("/items"), operation("/others")]);
    build_catalog(&[served], &BuildOptions::default(), &mut Diagnostics::default())
}

fn asked(plan: &CallPlan, arguments: Value) -> Asked<'_> {
    let arguments: Map<String, Value> = serde_json::from_value(arguments).unwrap();
    let first = build::build(plan, &Map::new()).unwrap();
    Asked { plan, pages: plan.pages.as_ref().unwrap(), arguments, first }
}

fn binding<'a>(asked: &Asked<'a>) -> Binding<'a> {
    let identity = Identity::new(&asked.plan.credentials, &CallerHeaders::default()).unwrap();
    Binding::new(asked.plan, asked.pages, &Principal::Local, &identity, &asked.arguments)
}

fn start(asked: &Asked<'_>) -> Start {
    let url = asked.first.url.join("?page=2&key=s3cret").unwrap();
    let history = History { pages: 300, position: 7, items: 9 };
    Start { position: Position::Url(url), skip: 200, history }
}

#[test]
fn a_cursor_comes_back_as_it_was_and_shows_nothing() {
    let catalog = catalog("a", None);
    let asked = asked(&catalog.tools()[0].plan, json!({"q": 1}));
    let cursor = binding(&asked).seal(&start(&asked), &asked.first.url).unwrap();
    assert_eq!(binding(&asked).open(&cursor, &asked.first.url).unwrap(), start(&asked));
    let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("s3cret"));
    let counted = Start { position: Position::First, ..Start::default() };
    assert!(binding(&asked).seal(&counted, &asked.first.url).unwrap().len() <= 72);
}

#[test]
fn every_bit_of_a_cursor_counts() {
    let catalog = catalog("a", None);
    let asked = asked(&catalog.tools()[0].plan, json!({}));
    let binding = binding(&asked);
    let cursor = binding.seal(&start(&asked), &asked.first.url).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let opened = binding.opened(&URL_SAFE_NO_PAD.encode(changed), &asked.first.url, clock::wall());
        assert_eq!(opened, Err(Refused::Foreign), "bit {at}");
    }
    for cut in 0..bytes.len() {
        let opened = binding.opened(&URL_SAFE_NO_PAD.encode(&bytes[..cut]), &asked.first.url, clock::wall());
        assert_eq!(opened, Err(Refused::Foreign), "{cut} bytes");
    }
    for nonsense in ["", "2", "abc", "not base64!", "🦀"] {
        assert_eq!(binding.opened(nonsense, &asked.first.url, clock::wall()), Err(Refused::Foreign));
    }
}

#[test]
fn a_cursor_is_good_for_its_call_and_its_time_alone() {
    let (one, other) = (catalog("a", None), catalog("b", None));
    let plan = &one.tools()[0].plan;
    let asked_with = |arguments| asked(plan, arguments);
    let own = asked_with(json!({"q": "x", "n": [1, {"b": 1, "a": 2}]}));
    let cursor = binding(&own).seal(&start(&own), &own.first.url).unwrap();
    let open = |asked: &Asked<'_>, later: Duration| {
        binding(asked).opened(&cursor, &asked.first.url, clock::wall() + later)
    };
    let now = Duration::ZERO;
    let reordered = asked_with(json!({"n": [1, {"a": 2, "b": 1}], "q": "x"}));
    assert!(open(&reordered, now).is_ok(), "the order of arguments means nothing");
    assert_eq!(open(&own, Duration::from_secs(61)), Err(Refused::Expired));
    for arguments in [json!({}), json!({"q": "y", "n": [1, {"b": 1, "a": 2}]}), json!({"q": "x"})] {
        assert_eq!(open(&asked_with(arguments), now), Err(Refused::OtherArguments));
    }
    let arguments = Value::Object(own.arguments);
    let other_tool = asked(&one.tools()[1].plan, arguments.clone());
    let other_gateway = asked(&other.tools()[0].plan, arguments);
    assert_eq!(open(&other_tool, now), Err(Refused::Foreign));
    assert_eq!(open(&other_gateway, now), Err(Refused::Foreign));
}

#[test]
fn replicas_with_one_key_understand_each_other_and_others_do_not() {
    let sealed_by = |key: Option<&str>| {
        let catalog = catalog("a", key);
        let asked = asked(&catalog.tools()[0].plan, json!({}));
        binding(&asked).seal(&start(&asked), &asked.first.url).unwrap()
    };
    let opens = |key: Option<&str>, cursor: &str| {
        let catalog = catalog("a", key);
        let asked = asked(&catalog.tools()[0].plan, json!({}));
        binding(&asked).open(cursor, &asked.first.url).is_ok()
    };
    let cursor = sealed_by(Some("sixteen characters"));
    assert!(opens(Some("sixteen characters"), &cursor));
    assert!(!opens(Some("other characters"), &cursor) && !opens(None, &cursor));
    assert!(opens(None, &sealed_by(None)));
}
