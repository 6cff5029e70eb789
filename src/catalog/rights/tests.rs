use serde_json::{Map, Value};

use super::*;
use crate::catalog::Profile;
use crate::catalog::build::{BuildOptions, build};
use crate::catalog::discover::Query;
use crate::catalog::fixture::{operation, served};
use crate::config::shown::Discover;
use crate::config::{Gateway, server};
use crate::openapi::Operation;

fn catalog(server_file: &str, discover: Discover) -> (Catalog, Diagnostics) {
    let named = |method: &str, path: &str, id: &str, tag: &str| Operation {
        id: Some(id.to_owned()),
        tags: vec![tag.to_owned()],
        ..operation(method, path)
    };
    let shop = vec![
        named("GET", "/orders", "list_orders", "orders"),
        named("DELETE", "/orders/{id}", "delete_order", "orders"),
        named("GET", "/secrets", "read_secrets", "vault"),
    ];
    let mail = vec![named("POST", "/messages", "send", "mail")];
    let gateway = |name: &str, operations| {
        let mut gateway = Gateway::named(name);
        gateway.shown.discover = discover;
        served(gateway, operations)
    };
    let mut diagnostics = Diagnostics::default();
    let server = Arc::new(server::fixture(server_file));
    let options = BuildOptions { allow_writes: true, server, ..BuildOptions::default() };
    let catalog = build(&[gateway("shop", shop), gateway("mail", mail)], &options, &mut diagnostics);
    (catalog, diagnostics)
}

fn key(name: &str, scopes: &[&str]) -> Principal {
    Principal::Caller(Arc::new(Caller::of_key(name, scopes.iter().copied())))
}

fn listed(catalog: &Catalog, principal: &Principal, path: Option<&str>) -> Option<Vec<String>> {
    let view = catalog.seen_by(principal, path)?;
    let list: Vec<Value> = serde_json::from_slice(&catalog.list(&view, Profile::Portable)).unwrap();
    Some(list.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect())
}

const RULES: &str = "
toolsets:
  desk: {include: [shop_list_orders, shop_delete_order], allow: [{key: desk}, {key: boss}], scopes: [desk]}
rules:
  - {tools: ['tag:vault'], allow: [{key: boss}]}
  - {tools: ['gateway:mail'], deny: [{key: desk}]}
  - {tools: ['DELETE *'], scopes: [orders:write, orders:read]}
  - {tools: ['gateway:shop DELETE *'], scopes: [orders:write, audit]}
";

#[test]
fn what_is_hidden_is_in_no_list_and_at_no_path() {
    let (catalog, diagnostics) = catalog(RULES, Discover::Off);
    assert!(diagnostics.is_empty());
    let all = ["shop_list_orders", "shop_delete_order", "shop_read_secrets", "mail_send"];
    let (orders, mail) = (&all[..2], &all[3..]);
    assert_eq!(listed(&catalog, &Principal::Local, None).unwrap(), all);
    assert_eq!(listed(&catalog, &key("boss", &[]), None).unwrap(), all);
    assert_eq!(listed(&catalog, &key("desk", &[]), None).unwrap(), orders);
    assert_eq!(listed(&catalog, &key("other", &[]), None).unwrap(), [orders, mail].concat());
    assert_eq!(listed(&catalog, &key("desk", &[]), Some("mail")), None, "nothing is there");
    assert_eq!(listed(&catalog, &key("other", &[]), Some("mail")).unwrap(), mail);
    assert_eq!(listed(&catalog, &key("desk", &[]), Some("desk")).unwrap(), orders);
    assert_eq!(listed(&catalog, &key("other", &[]), Some("desk")), None);
    assert_eq!(listed(&catalog, &key("other", &[]), Some("no such path")), None);
    let view = catalog.seen_by(&key("desk", &[]), None).unwrap();
    assert!(view.shows_gateway("shop") && !view.shows_gateway("mail"));
    assert_ne!(catalog.similar(&view, "shop_read_secret"), Some("shop_read_secrets"));
}

#[test]
fn a_search_finds_and_names_nothing_that_is_hidden() {
    let (catalog, _) = catalog(RULES, Discover::On);
    let described = |principal: &Principal| {
        let view = catalog.seen_by(principal, None).unwrap();
        let query = Query { text: "secrets vault send", limit: 10, gateway: None, tag: None };
        let found =
            catalog.search(&view, &query).tools.iter().map(|tool| tool.name.to_string()).collect::<Vec<_>>();
        (found, String::from_utf8(catalog.list(&view, Profile::Portable).to_vec()).unwrap())
    };
    let (found, shown) = described(&key("desk", &[]));
    assert_eq!(found, [""; 0]);
    assert!(
        shown.contains("2 tools of shop") && !shown.contains("vault") && !shown.contains("mail"),
        "{shown}"
    );
    let (found, shown) = described(&key("boss", &[]));
    assert_eq!(found.len(), 2);
    assert!(shown.contains("4 tools of shop, mail") && shown.contains("vault"), "{shown}");
}

#[test]
fn all_scopes_that_a_call_needs_are_named_at_once() {
    let (catalog, _) = catalog(RULES, Discover::Off);
    let lacking = |principal: &Principal, path: Option<&str>, tool: &str| {
        let view = catalog.seen_by(principal, path).unwrap();
        catalog.lacking_for_tool(principal, &view, catalog.tool(tool).unwrap()).join(" ")
    };
    let write = "orders:write orders:read audit";
    assert_eq!(lacking(&key("boss", &["orders:write"]), None, "shop_delete_order"), write);
    assert_eq!(
        lacking(&key("boss", &["orders:write", "orders:read", "audit"]), None, "shop_delete_order"),
        ""
    );
    assert_eq!(lacking(&key("boss", &[]), None, "shop_list_orders"), "");
    assert_eq!(lacking(&key("boss", &[]), Some("desk"), "shop_list_orders"), "desk");
    assert_eq!(lacking(&key("boss", &["desk"]), Some("desk"), "shop_list_orders"), "");
    assert_eq!(lacking(&key("boss", &["desk"]), Some("desk"), "shop_delete_order"), format!("{write} desk"));
    assert_eq!(lacking(&Principal::Local, Some("desk"), "shop_delete_order"), "");
}

#[test]
fn callers_who_see_the_same_share_one_view_and_few_are_kept() {
    let rules: String =
        (0..12).map(|bit| format!("- {{tools: ['tag:vault'], deny: [{{scope: s{bit}}}]}}\n")).collect();
    let (catalog, _) = catalog(&format!("rules:\n{rules}"), Discover::Off);
    let view = |principal: &Principal| match catalog.seen_by(principal, None).unwrap() {
        Sight::Part(view) => view,
        Sight::Whole(_) => panic!("something is hidden"),
    };
    assert!(Arc::ptr_eq(&view(&key("a", &["s1"])), &view(&key("b", &["s1", "other"]))));
    for bits in 1..4096_u32 {
        let scopes: Vec<String> =
            (0..12).filter(|bit| bits >> bit & 1 == 1).map(|bit| format!("s{bit}")).collect();
        let caller = Caller::of_token("https://login.example.com", "x", scopes, Map::new());
        let _view = view(&Principal::Caller(Arc::new(caller)));
    }
    assert!(catalog.rights.parts.lock().unwrap().len() <= MOST_PARTS);
}

#[test]
fn a_rule_about_nothing_is_told() {
    let (_, diagnostics) = catalog("rules: [{tools: ['tag:valt'], allow: [{key: a}]}]", Discover::Off);
    let said: Vec<_> = diagnostics.iter().map(|problem| problem.message.clone()).collect();
    assert_eq!(said, ["`tag:valt` matches no tool"]);
}
