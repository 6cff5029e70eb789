use super::*;
use crate::openapi::operation::{Location, SchemeKind};

#[test]
fn alternatives_are_the_operations_own_or_the_documents() {
    let (operations, told) = operations_of(&document("3.1.0", "
security: [{key: []}]
paths:
  /a: {get: {}, put: {security: []}, post: {security: [{}, {key: [], token: [read, write]}]}, patch: {security: 1}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, token: {type: http, scheme: Bearer}}
"));
    let alternatives: Vec<_> = operations
        .iter()
        .map(|operation| {
            operation.security.as_ref().map(|security| {
                let names = |uses: &Vec<crate::openapi::operation::SchemeUse>| {
                    uses.iter()
                        .map(|used| format!("{}{:?}", used.scheme, used.scopes))
                        .collect::<Vec<_>>()
                        .join("+")
                };
                security.iter().map(names).collect::<Vec<_>>().join("|")
            })
        })
        .collect();
    assert_eq!(alternatives[0].as_deref(), Some("key[]"));
    assert_eq!(alternatives[1].as_deref(), Some(""));
    assert_eq!(alternatives[2].as_deref(), Some(r#"|key[]+token["read", "write"]"#));
    assert_eq!(alternatives[3], None);
    assert_eq!(told, ["unexpected-type 6"]);
    assert_eq!(only("paths: {/a: {get: {}}}").security, None);
}

#[test]
fn a_scheme_that_is_not_declared_is_told_once() {
    let (operations, told) = operations_of(&document(
        "2.0",
        "
security: [{none: []}]
paths: {/a: {get: {}, put: {security: [{none: []}]}, post: {security: [{other: []}]}}}
",
    ));
    assert_eq!(operations.len(), 3);
    assert_eq!(told, ["undefined-security-scheme 4", "undefined-security-scheme 5"]);
}

#[test]
fn schemes_of_all_versions_are_of_one_kind() {
    let schemes = "
      basic: {type: basic}
      bearer: {type: http, scheme: Bearer}
      key: {type: apiKey, in: query, name: key}
      cookie: {type: apiKey, in: cookie, name: session}
      broken: {type: apiKey, in: body}
      oauth: {type: oauth2, flow: implicit}
      openid: {type: openIdConnect}
      tls: {type: mutualTLS}
      odd: 5
";
    let kinds = |text: &str| {
        let mut diagnostics = Diagnostics::default();
        let document = Document::read(&Source::new("openapi.yaml", text), &mut diagnostics).unwrap();
        document.security_schemes().into_iter().map(|scheme| scheme.kind).collect::<Vec<_>>()
    };
    let key = |location, name: &str| SchemeKind::ApiKey { location, name: name.to_owned() };
    let expected = vec![
        SchemeKind::Http { scheme: "basic".to_owned() },
        SchemeKind::Http { scheme: "bearer".to_owned() },
        key(Location::Query, "key"),
        key(Location::Cookie, "session"),
        SchemeKind::Other,
        SchemeKind::OAuth2,
        SchemeKind::OpenIdConnect,
        SchemeKind::MutualTls,
        SchemeKind::Other,
    ];
    let of_3 = format!("paths: {{}}\ncomponents:\n  securitySchemes:{schemes}");
    assert_eq!(kinds(&document("3.1.0", &of_3)), expected);
    assert_eq!(kinds(&document("2.0", &format!("paths: {{}}\nsecurityDefinitions:{schemes}"))), expected);
}

#[test]
fn servers_of_the_operation_hold_before_the_paths_and_the_documents() {
    let (operations, told) = operations_of(&document(
        "3.1.0",
        "
servers:
  - url: https://{region}.example.com/{version}
    variables: {region: {default: eu, enum: [eu, us]}, version: {enum: [v1, v2]}, odd: {}}
paths:
  /a: {servers: [{url: /path}], get: {}, put: {servers: [{url: ' https://own.example.com '}, {}]}}
  /b: {servers: [], get: {servers: [{url: ''}]}, put: {}}
",
    ));
    let url = |at: usize| &*operations[at].servers[0].url;
    assert_eq!((url(0), url(1), url(2)), ("/path", "https://own.example.com", "/"));
    let variables: Vec<_> = operations[3].servers[0]
        .variables
        .iter()
        .map(|variable| (&*variable.name, variable.default.as_deref(), variable.values.join(",")))
        .collect();
    let expected = [
        ("region", Some("eu"), "eu,us".to_owned()),
        ("version", Some("v1"), "v1,v2".to_owned()),
        ("odd", None, String::new()),
    ];
    assert_eq!(variables, expected);
    assert_eq!(operations[1].servers.len(), 1);
    assert_eq!(told, ["invalid-server 8"]);
    assert!(only("paths: {/a: {get: {}}}").servers.is_empty());
}
