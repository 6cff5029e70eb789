use serde_json::{Value, json};

use super::*;
use crate::catalog::build::{BuildOptions, Served, build};
use crate::catalog::fixture::{operation, served};
use crate::config::Gateway;
use crate::config::shown::Discover;
use crate::diagnostic::Diagnostics;
use crate::openapi::Operation;

fn named(method: &str, path: &str, id: &str, summary: &str, tag: &str) -> Operation {
    Operation {
        id: Some(id.to_owned()),
        summary: Some(summary.to_owned()),
        tags: vec![tag.to_owned()],
        ..operation(method, path)
    }
}

fn gateway(name: &str, discover: Discover, operations: Vec<Operation>) -> Served {
    let mut gateway = Gateway::named(name);
    gateway.shown.discover = discover;
    served(gateway, operations)
}

fn books() -> Vec<Operation> {
    vec![
        named("GET", "/books", "list_books", "List the books.", "Books"),
        named("GET", "/books/{id}", "get_book", "One book.", "Books"),
        named("GET", "/hours", "opening_hours", "When the shop is open.", "Shop"),
        named("DELETE", "/books/{id}", "delete_book", "Remove a book for good.", "Books"),
    ]
}

fn weather() -> Vec<Operation> {
    vec![named("GET", "/now", "now", "The weather now.", "Weather")]
}

fn catalog(served: &[Served], allow_writes: bool) -> Catalog {
    build(served, &BuildOptions { allow_writes, ..BuildOptions::default() }, &mut Diagnostics::default())
}

fn listed(catalog: &Catalog, gateway: Option<&str>) -> Vec<Value> {
    serde_json::from_slice(&catalog.list(catalog.view(gateway).unwrap(), Profile::Portable)).unwrap()
}

fn names(catalog: &Catalog, gateway: Option<&str>) -> Vec<String> {
    listed(catalog, gateway).iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

fn found(catalog: &Catalog, gateway: Option<&str>, text: &str) -> Vec<String> {
    let query = Query { text, limit: 10, gateway: None, tag: None };
    let found = catalog.search(catalog.view(gateway).unwrap(), &query);
    found.tools.iter().map(|tool| tool.name.to_string()).collect()
}

const THREE: [&str; 3] = ["search_tools", "describe_tool", "call_tool"];

#[test]
fn three_tools_are_listed_instead_of_all() {
    let catalog = catalog(&[gateway("shop", Discover::On, books())], true);
    assert_eq!(names(&catalog, None), THREE);
    assert_eq!(names(&catalog, Some("shop")), THREE);
    assert_eq!(catalog.tools().len(), 4);
    let search = &listed(&catalog, None)[0];
    let said = search["description"].as_str().unwrap();
    assert!(said.contains("4 tools of shop") && said.contains("Topics: Books, Shop"), "{said}");
    let properties = search["inputSchema"]["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["query", "limit", "tag"]);
}

#[test]
fn a_gateway_is_searched_above_the_number_that_is_said() {
    for (discover, searched) in [
        (Discover::Off, false),
        (Discover::On, true),
        (Discover::Above(3), true),
        (Discover::Above(4), false),
        (Discover::AUTO, false),
    ] {
        let catalog = catalog(&[gateway("shop", discover, books())], true);
        assert_eq!(names(&catalog, None).len(), if searched { 3 } else { 4 }, "{discover:?}");
    }
    let empty = catalog(&[gateway("shop", Discover::On, Vec::new())], true);
    assert_eq!(names(&empty, None), Vec::<String>::new(), "there is nothing to search");
}

#[test]
fn each_view_lists_what_is_not_searched_beside_the_three() {
    let several = [gateway("shop", Discover::On, books()), gateway("sky", Discover::Off, weather())];
    let catalog = catalog(&several, true);
    assert_eq!(names(&catalog, None), [&THREE[..], &["sky_now"]].concat());
    assert_eq!(names(&catalog, Some("shop")), THREE);
    assert_eq!(names(&catalog, Some("sky")), ["sky_now"]);
    assert!(catalog.view(Some("sky")).unwrap().discovery.is_none());
}

#[test]
fn a_view_finds_its_own_tools_only() {
    let both = [gateway("shop", Discover::On, books()), gateway("sky", Discover::On, weather())];
    let catalog = catalog(&both, false);
    assert_eq!(found(&catalog, None, "weather"), ["sky_now"]);
    assert_eq!(found(&catalog, Some("shop"), "weather"), Vec::<String>::new());
    let view = catalog.view(None).unwrap();
    let query = Query { text: "open now book weather", limit: 10, gateway: Some("sky"), tag: None };
    assert_eq!(catalog.search(view, &query).tools.len(), 1);
    let query = Query { text: "open now book weather", limit: 10, gateway: None, tag: Some("SHOP") };
    assert_eq!(&*catalog.search(view, &query).tools[0].name, "shop_opening_hours");
}

#[test]
fn what_is_searched_for_comes_with_what_it_does_and_requires() {
    let catalog = catalog(&[gateway("shop", Discover::On, books())], true);
    let query = Query { text: "remove book", limit: 1, gateway: None, tag: None };
    let found = serde_json::to_value(catalog.search(catalog.view(None).unwrap(), &query)).unwrap();
    assert_eq!(
        found,
        json!({
            "tools": [{"name": "delete_book", "description": "Remove a book for good.", "required": ["id"]}],
            "more": 2
        })
    );
}

#[test]
fn a_name_or_a_route_finds_its_tool_first() {
    let catalog = catalog(&[gateway("shop", Discover::On, books())], true);
    for query in ["get_book", "GET_BOOK", "GET /books/{id}"] {
        assert_eq!(found(&catalog, None, query)[0], "get_book", "{query}");
    }
}

#[test]
fn names_that_an_api_has_taken_are_left_to_it() {
    let mut operations = books();
    operations.push(named("GET", "/tools", "search_tools", "Search tools of the trade.", "Tools"));
    let catalog = catalog(&[gateway("shop", Discover::On, operations)], true);
    let expected = ["toolgate_search_tools", "toolgate_describe_tool", "toolgate_call_tool"];
    assert_eq!(names(&catalog, None), expected);
    assert_eq!(catalog.view(None).unwrap().discovery.as_ref().unwrap().tool("search_tools"), None);
    let said = listed(&catalog, None)[2]["description"].as_str().unwrap().to_owned();
    assert!(said.contains("toolgate_describe_tool"), "{said}");
}

#[test]
fn a_call_asks_for_consent_unless_all_that_can_be_called_only_reads() {
    let hints = |allow_writes: bool| {
        let catalog = catalog(&[gateway("shop", Discover::On, books())], allow_writes);
        listed(&catalog, None)[2]["annotations"].clone()
    };
    assert_eq!(
        (&hints(true)["readOnlyHint"], &hints(true)["destructiveHint"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&hints(false)["readOnlyHint"], &hints(false)["destructiveHint"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn what_is_found_is_bounded_however_long_the_descriptions_are() {
    let long = "word ".repeat(400);
    let many = (0..500).map(|index| {
        named(
            "GET",
            &format!("/{}/{index}", "x".repeat(40)),
            &format!("{}_{index}", "n".repeat(50)),
            &long,
            "t",
        )
    });
    let catalog = catalog(&[gateway("shop", Discover::On, many.collect())], true);
    let query = Query { text: "word", limit: 50, gateway: None, tag: None };
    let found = catalog.search(catalog.view(None).unwrap(), &query);
    assert_eq!(found.tools.len() + found.more, 500);
    assert!(serde_json::to_string(&found).unwrap().len() < 9 << 10);
}

#[test]
fn the_three_cost_little_however_many_gateways_and_topics_there_are() {
    let many = (0..60).map(|index| {
        let operations = (0..5).map(|number| {
            let tag = format!("a rather long topic with the number {index} {number}");
            named("GET", &format!("/{number}"), &format!("op{number}"), "Does it.", &tag)
        });
        gateway(&format!("gateway-with-a-long-name-{index}"), Discover::On, operations.collect())
    });
    let catalog = catalog(&many.collect::<Vec<_>>(), true);
    for profile in Profile::ALL {
        let list = catalog.list(catalog.view(None).unwrap(), profile);
        assert!(list.len() < 2400, "{profile:?}: {}", list.len());
    }
}
