use std::sync::Arc;

use super::*;
use crate::catalog::Profile;
use crate::catalog::build::{BuildOptions, build};
use crate::catalog::fixture::{operation, served};
use crate::config::{Gateway, ServerConfig, server};
use crate::openapi::Operation;

fn named(method: &str, path: &str, id: &str, tag: &str) -> Operation {
    Operation { id: Some(id.to_owned()), tags: vec![tag.to_owned()], ..operation(method, path) }
}

/// A shop and a mail service, with what a server file says.
fn catalog(server_file: &str) -> (Catalog, Vec<String>) {
    let shop = vec![
        named("GET", "/orders", "list_orders", "orders"),
        named("DELETE", "/orders/{id}", "delete_order", "orders"),
        named("GET", "/books/{isbn}", "get_book", "books"),
    ];
    let mail = vec![named("POST", "/messages", "send_message", "mail")];
    let served = [served(Gateway::named("shop"), shop), served(Gateway::named("mail"), mail)];
    let server: Arc<ServerConfig> = Arc::new(server::fixture(server_file));
    let mut diagnostics = Diagnostics::default();
    let options = BuildOptions { allow_writes: true, server, ..BuildOptions::default() };
    let catalog = build(&served, &options, &mut diagnostics);
    let said = diagnostics.iter().map(|problem| {
        format!("{} {}: {}", problem.place.as_ref().unwrap(), problem.code.as_str(), problem.message)
    });
    (catalog, said.collect())
}

fn tools(catalog: &Catalog, name: &str) -> Vec<String> {
    let list = catalog.list(catalog.view(Some(name)).unwrap(), Profile::Portable);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
    list.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn tools_are_selected_by_gateway_tag_route_and_name() {
    for (selection, expected) in [
        ("{}", &["shop_list_orders", "shop_delete_order", "shop_get_book", "mail_send_message"][..]),
        ("{include: ['gateway:mail']}", &["mail_send_message"]),
        ("{include: ['gateway:*'], exclude: ['gateway:shop']}", &["mail_send_message"]),
        ("{include: ['tag:orders']}", &["shop_list_orders", "shop_delete_order"]),
        ("{include: ['gateway:shop tag:*'], exclude: ['DELETE *']}", &["shop_list_orders", "shop_get_book"]),
        ("{include: ['GET /books/{id}']}", &["shop_get_book"]),
        (
            "{include: ['* /*']}",
            &["shop_list_orders", "shop_delete_order", "shop_get_book", "mail_send_message"],
        ),
        ("{include: ['shop_*_order*']}", &["shop_list_orders", "shop_delete_order"]),
        ("{include: ['gateway:shop get_book']}", &["shop_get_book"]),
    ] {
        let (catalog, problems) = catalog(&format!("toolsets: {{some: {selection}}}"));
        assert_eq!(problems, [""; 0], "{selection}");
        assert_eq!(tools(&catalog, "some"), expected, "{selection}");
        let view = catalog.view(Some("some")).unwrap();
        for tool in catalog.tools() {
            assert_eq!(view.shows(tool), expected.contains(&&*tool.name), "{selection} {}", tool.name);
        }
    }
}

#[test]
fn what_else_a_gateway_offers_follows_its_tools() {
    let (catalog, _) = catalog(
        "toolsets: {a: {include: [shop_get_book]}, b: {include: ['gateway:mail'], exclude: ['POST *']}}",
    );
    let (a, b) = (catalog.view(Some("a")).unwrap(), catalog.view(Some("b")).unwrap());
    assert!(a.shows_gateway("shop") && !a.shows_gateway("mail"));
    assert!(b.shows_gateway("mail") && !b.shows_gateway("shop") && tools(&catalog, "b").is_empty());
}

#[test]
fn a_toolset_is_searched_when_it_says_so_whatever_its_gateways_do() {
    let (catalog, _) = catalog(
        "toolsets: {a: {include: ['gateway:shop'], discover: {above: 2}, instructions: Hi}, b: {discover: {above: 4}}}",
    );
    assert_eq!(tools(&catalog, "a"), ["search_tools", "describe_tool", "call_tool"]);
    let view = catalog.view(Some("a")).unwrap();
    assert_eq!(view.instructions.as_deref(), Some("Hi"));
    assert_eq!(view.discovery.as_ref().unwrap().count, 3);
    assert_eq!(tools(&catalog, "b").len(), 4);
    assert!(catalog.view(None).unwrap().discovery.is_none());
}

#[test]
fn a_toolset_with_the_name_of_a_gateway_is_refused_and_idle_patterns_are_told() {
    let (catalog, problems) = catalog(
        "toolsets:\n  shop: {}\n  a: {include: ['gateway:shp', 'gateway:mail tag:orders', shop_list_order, 'gateway:mail']}\n",
    );
    assert_eq!(
        problems,
        [
            "server.yaml:2:3 duplicate-gateway: there is a gateway `shop`; this toolset is not served",
            "server.yaml:3:17 no-match: there is no gateway `shp`",
            "server.yaml:3:32 no-match: `gateway:mail tag:orders` matches no tool",
            "server.yaml:3:59 no-match: `shop_list_order` matches no tool",
        ]
    );
    assert_eq!(tools(&catalog, "shop").len(), 3);
    assert_eq!(tools(&catalog, "a"), ["mail_send_message"]);
}
