//! Walks over APIs that count, link and point as they should, and over all that a generator can invent.

use std::sync::Arc;

use bytes::Bytes;
use http::header::LINK;
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use url::Url;

use super::asked::Asked;
use super::next::Position;
use super::seal::{Binding, Start};
use super::walk::{Ended, Walk};
use crate::access::Principal;
use crate::call::build;
use crate::catalog::build::{BuildOptions, build as build_catalog};
use crate::catalog::{CallPlan, fixture};
use crate::config::Gateway;
use crate::config::gateway::{
    BodyPath, CursorRules, NextCursor, PageCaps, PageEnd, PageMode, PageRule, PageStyle, Pagination,
};
use crate::diagnostic::Diagnostics;
use crate::openapi::Operation;
use crate::openapi::operation::Location;
use crate::upstream::{CallerHeaders, Identity, Reply};

fn path(text: &str) -> BodyPath {
    BodyPath::parse(text).unwrap()
}

fn styles() -> [PageStyle; 7] {
    let end = PageEnd { size: Some("limit".into()), ..PageEnd::default() };
    [
        PageStyle::Link { parameter: None },
        PageStyle::NextUrl { next: path("next"), parameter: None },
        PageStyle::Cursor {
            next: NextCursor::Body(path("next")),
            parameter: "cursor".into(),
            more: Some(path("more")),
        },
        PageStyle::Cursor {
            next: NextCursor::LastItem(path("id")),
            parameter: "cursor".into(),
            more: Some(path("more")),
        },
        PageStyle::Page { parameter: "page".into(), first: 1, end: end.clone() },
        PageStyle::Offset { parameter: "offset".into(), first: 0, end: end.clone() },
        PageStyle::Offset {
            parameter: "offset".into(),
            first: 0,
            end: PageEnd { total: Some(path("total")), ..end },
        },
    ]
}

fn plan_with(style: PageStyle, mode: PageMode, caps: PageCaps, cursors: CursorRules) -> Arc<CallPlan> {
    let parameter = |name: &str, kind: &str| fixture::parameter(Location::Query, name, json!({"type": kind}));
    let operation = Operation {
        parameters: vec![
            parameter("q", "string"),
            parameter("page", "integer"),
            parameter("cursor", "string"),
            parameter("offset", "integer"),
            parameter("limit", "integer"),
        ],
        ..fixture::operation("GET", "/items")
    };
    let rule = Some(PageRule { style, items: None });
    let mut gateway = Gateway::named("test");
    gateway.pagination = Pagination { mode, rule, caps, place: None };
    gateway.cursors = cursors;
    let served = fixture::served(gateway, vec![operation]);
    let catalog = build_catalog(&[served], &BuildOptions::default(), &mut Diagnostics::default());
    Arc::clone(&catalog.tools()[0].plan)
}

fn plan(style: PageStyle, mode: PageMode, caps: PageCaps) -> Arc<CallPlan> {
    plan_with(style, mode, caps, CursorRules::default())
}

fn asked<'a>(plan: &'a CallPlan, arguments: &Value) -> Asked<'a> {
    let arguments: Map<String, Value> = arguments.as_object().unwrap().clone();
    let first = build::build(plan, &arguments).unwrap();
    Asked { plan, pages: plan.pages.as_ref().unwrap(), arguments, first }
}

fn binding<'a>(asked: &Asked<'a>) -> Binding<'a> {
    let identity = Identity::new(&asked.plan.credentials, &CallerHeaders::default()).unwrap();
    Binding::new(asked.plan, asked.pages, &Principal::Local, &identity, &asked.arguments)
}

fn reply(body: &Value, link: Option<&str>) -> Reply {
    raw_reply(&body.to_string(), link)
}

fn raw_reply(body: &str, link: Option<&str>) -> Reply {
    let mut headers = HeaderMap::new();
    if let Some(link) = link.and_then(|link| link.parse().ok()) {
        headers.insert(LINK, link);
    }
    let url = Url::parse("https://api.example.com/v1/items").unwrap();
    Reply { status: StatusCode::OK, headers, body: Bytes::from(body.to_owned()), url }
}

/// An honest API of items with these ids, so many a page.
fn honest(count: u64, size: u64, position: &Position) -> Reply {
    let from = match position {
        Position::First => 0,
        Position::Url(url) => url.query_pairs().find(|(name, _)| name == "from").unwrap().1.parse().unwrap(),
        Position::Cursor(cursor) => cursor.as_str().map_or_else(
            || cursor.as_u64().unwrap() + 1,
            |text| text.strip_prefix("from-").unwrap().parse().unwrap(),
        ),
        Position::Number(number) => *number,
    };
    let end = (from + size).min(count);
    let more = end < count;
    let items: Vec<Value> = (from..end).map(|id| json!({"id": id})).collect();
    let mut body = json!({"items": items, "more": more, "total": count, "about": [1]});
    let target = format!("?from={end}");
    if more {
        body["next"] = json!(target);
    }
    reply(&body, more.then(|| format!("<{target}>; rel=\"next\"")).as_deref())
}

/// The same by the style's own way to count and to point.
fn served(style: &PageStyle, count: u64, size: u64, position: &Position) -> Reply {
    match (style, position) {
        (PageStyle::Page { .. }, Position::First) => honest(count, size, &Position::Number(0)),
        (PageStyle::Page { .. }, Position::Number(page)) => {
            honest(count, size, &Position::Number((page - 1) * size))
        }
        (PageStyle::Cursor { next: NextCursor::Body(_), .. }, _) => {
            let mut reply = honest(count, size, position);
            let mut body: Value = serde_json::from_slice(&reply.body).unwrap();
            if let Some(next) = body.get("next").and_then(Value::as_str) {
                body["next"] = json!(next.replace("?from=", "from-"));
            }
            reply.body = Bytes::from(body.to_string());
            reply
        }
        _ => honest(count, size, position),
    }
}

fn ids(reply: &Reply) -> Vec<u64> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    body["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// Walks to the end of one call.
fn walked<'a>(
    asked: &'a Asked<'a>,
    start: Start,
    api: &mut dyn FnMut(&Position) -> Reply,
) -> (Walk<'a>, Vec<Position>) {
    let mut walk = Walk::new(asked, start);
    let mut requests = vec![walk.position().clone()];
    let mut reply = api(walk.position());
    while let Some(position) = walk.take(reply) {
        reply = api(&position);
        requests.push(position);
        assert!(requests.len() <= 5000, "it does not end");
    }
    (walk, requests)
}

fn caps(pages: usize, items: usize, bytes: usize) -> PageCaps {
    PageCaps { pages, items, bytes }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_is_lost_or_comes_twice_however_an_answer_is_cut(
        style in prop::sample::select(styles().to_vec()),
        step: bool,
        count in 0..60_u64,
        size in 1..20_u64,
        pages in 1..5_usize,
        items in 1..25_usize,
        bytes in 1..400_usize,
    ) {
        let mode = if step { PageMode::Step } else { PageMode::Gather };
        let plan = plan(style.clone(), mode, caps(pages, items, bytes));
        let arguments = json!({"limit": size, "q": "a"});
        let asked = asked(&plan, &arguments);
        let binding = binding(&asked);
        let mut start = Start::default();
        let mut got = Vec::new();
        for call in 0.. {
            prop_assert!(call < 200, "calls never end");
            let (walk, _) = walked(&asked, start, &mut |position| served(&style, count, size, position));
            let resume = walk.resume.clone();
            let history = walk.history();
            let ended = walk.ended.clone();
            got.extend(ids(&walk.into_reply().unwrap()));
            let Some((position, skip)) = resume else {
                prop_assert_eq!(ended, Some(Ended::Complete));
                break;
            };
            // By way of the cursor that the model gets.
            let sealed = binding.seal(&Start { position, skip, history }, &asked.first.url).unwrap();
            start = binding.open(&sealed, &asked.first.url).unwrap();
        }
        prop_assert_eq!(got, (0..count).collect::<Vec<_>>());
    }
}

/// What an API may answer, as far as it matters to who reads pages.
#[derive(Clone, Debug)]
struct Behaviour {
    items: u64,
    fresh: bool,
    next: Option<Value>,
    link: Option<String>,
    more: Option<Value>,
    total: Option<Value>,
    form: u8,
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    let target = prop_oneof![
        Just("?page=1".to_owned()),
        (0..6_u8).prop_map(|number| format!("?page={number}")),
        Just("fresh".to_owned()),
        Just("https://other.example.net/v1/items?page=2".to_owned()),
        Just("/v2/items?page=2".to_owned()),
        Just("http://[".to_owned()),
        ".{0,8}",
    ];
    let value = prop_oneof![
        target.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({"a": [1]})),
        any::<bool>().prop_map(Value::from),
    ];
    let link = prop::option::of(target.prop_map(|target| format!("<{target}>; rel=next")));
    (
        (0..4_u64, any::<bool>()),
        (prop::option::of(value.clone()), link, prop::option::of(value.clone()), prop::option::of(value)),
        0..12_u8,
    )
        .prop_map(|((items, fresh), (next, link, more, total), form)| Behaviour {
            items,
            fresh,
            next,
            link,
            more,
            total,
            form,
        })
}

impl Behaviour {
    fn reply(&self, request: usize) -> Reply {
        let seed = if self.fresh { request as u64 * 100 } else { 0 };
        let items: Vec<Value> = (0..self.items).map(|at| json!({"id": seed + at})).collect();
        let fresh =
            |value: &str| if value == "fresh" { format!("?page=f{request}") } else { value.to_owned() };
        let link = self.link.as_ref().map(|link| link.replace("fresh", &format!("?page=f{request}")));
        match self.form {
            0 => return raw_reply("not json", link.as_deref()),
            1 => return raw_reply("[1,", link.as_deref()),
            2 => return reply(&Value::Array(items), link.as_deref()),
            3 => return reply(&json!({"items": "none"}), link.as_deref()),
            _ => {}
        }
        let mut body = json!({"items": items});
        for (name, value) in [("next", &self.next), ("more", &self.more), ("total", &self.total)] {
            if let Some(value) = value {
                body[name] = value.as_str().map_or_else(|| value.clone(), |text| fresh(text).into());
            }
        }
        reply(&body, link.as_deref())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn it_ends_whatever_an_api_answers(
        style in prop::sample::select(styles().to_vec()),
        script in prop::collection::vec(behaviour(), 1..12),
        limit in prop::option::of(0..4_u64),
        pages in 1..40_usize,
        items in 1..60_usize,
        bytes in 1..2000_usize,
    ) {
        let plan = plan(style, PageMode::Gather, caps(pages, items, bytes));
        let arguments = limit.map_or_else(|| json!({}), |limit| json!({"limit": limit}));
        let asked = asked(&plan, &arguments);
        let mut request = 0;
        let (walk, asked_for) = walked(&asked, Start::default(), &mut |_| {
            request += 1;
            script[(request - 1) % script.len()].reply(request)
        });
        prop_assert!(asked_for.len() <= pages);
        for (at, position) in asked_for.iter().enumerate() {
            prop_assert!(!asked_for[..at].contains(position), "{:?} is asked for twice", position);
            if let Position::Url(url) = position {
                prop_assert!(url.as_str().starts_with("https://api.example.com/v1"), "{}", url);
            }
            let _ = asked.request(position);
        }
        prop_assert!(walk.items.is_none_or(|got| got <= items), "{:?}", walk.items);
        let is_page = walk.ended != Some(Ended::NoPage);
        prop_assert!(walk.ended.is_some());
        let reply = walk.into_reply().unwrap();
        if is_page {
            serde_json::from_slice::<Value>(&reply.body).unwrap();
        }
    }

    #[test]
    fn steps_end_too_where_an_api_goes_in_circles(
        cycle in 1..40_u64,
        lead in 0..20_u64,
        style in prop::sample::select(vec![styles()[0].clone(), styles()[2].clone()]),
    ) {
        let plan = plan(style, PageMode::Step, PageCaps::default());
        let asked = asked(&plan, &json!({}));
        let mut start = Start::default();
        let mut at = 0;
        for calls in 0.. {
            prop_assert!(calls <= 3 * (cycle + lead) + 4, "it goes in circles for ever");
            let (walk, _) = walked(&asked, start, &mut |_| {
                at = if at >= lead + cycle { lead } else { at } + 1;
                let target = format!("?page={at}");
                // The items differ each time: only the place is the same.
                let body = json!({"items": [{"id": calls}], "next": target, "more": true});
                reply(&body, Some(&format!("<{target}>; rel=next")))
            });
            let history = walk.history();
            match walk.resume.clone() {
                Some((position, skip)) => start = Start { position, skip, history },
                None => {
                    prop_assert_eq!(walk.ended, Some(Ended::Repeated));
                    break;
                }
            }
        }
    }
}

#[test]
fn a_gathered_answer_is_the_first_page_with_all_items_and_what_the_last_page_says_of_more() {
    let style = styles()[2].clone();
    let plan = plan(style.clone(), PageMode::Gather, PageCaps::default());
    let asked = asked(&plan, &json!({}));
    let (walk, requests) = walked(&asked, Start::default(), &mut |position| served(&style, 5, 2, position));
    assert_eq!((requests.len(), walk.items), (3, Some(5)));
    let body: Value = serde_json::from_slice(&walk.into_reply().unwrap().body).unwrap();
    let items: Vec<Value> = (0..5).map(|id| json!({"id": id})).collect();
    assert_eq!(body, json!({"items": items, "more": false, "total": 5, "about": [1], "next": null}));
}

#[test]
fn an_api_that_ignores_the_page_is_seen_through() {
    let plan = plan(styles()[4].clone(), PageMode::Gather, PageCaps::default());
    let asked = asked(&plan, &json!({"limit": 2}));
    let same = |_: &Position| reply(&json!({"items": [{"id": 1}, {"id": 2}]}), None);
    let (walk, requests) = walked(&asked, Start::default(), &mut { same });
    assert_eq!((requests.len(), walk.items, walk.ended.clone()), (2, Some(2), Some(Ended::Repeated)));
    assert_eq!(ids(&walk.into_reply().unwrap()), [1, 2]);
}

#[test]
fn numbers_and_spaces_of_the_first_page_stay_as_they_are() {
    let plan = plan(styles()[0].clone(), PageMode::Gather, PageCaps::default());
    let asked = asked(&plan, &json!({}));
    let mut pages = [
        raw_reply("\u{feff} [ 9007199254740993 , 1.10 ] ", Some("<?page=2>; rel=next")),
        raw_reply("[1e400]", None),
    ]
    .into_iter();
    let (walk, _) = walked(&asked, Start::default(), &mut |_| pages.next().unwrap());
    assert_eq!(&walk.into_reply().unwrap().body[..], b"[9007199254740993,1.10,1e400]");
}
