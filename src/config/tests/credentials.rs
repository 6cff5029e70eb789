//! Credentials: their forms, their faults, and that no diagnostic shows one.

use super::{good, problems, read, with_endpoint};
use crate::config::gateway::Credential;
use crate::diagnostic::render;
use crate::openapi::operation::Location;
use secrecy::ExposeSecret;

fn exposed(secret: &crate::config::gateway::Secret) -> &str {
    secret.fixed().unwrap().expose_secret()
}

#[test]
fn bearer_basic_and_api_keys_are_read() {
    let gateway = good(&with_endpoint(
        "credential: {bearer: \"${TOKEN}\"}\ncredentials:\n  b: {basic: {username: me, password: \"\"}}\n  \
         c: {api_key: {in: cookie, name: sid, value: abc}}\n",
    ));
    let names: Vec<&str> = gateway.credentials.iter().map(|named| &*named.name).collect();
    assert_eq!(names, ["default", "b", "c"]);
    let Credential::Bearer(token) = &gateway.credentials[0].credential else { panic!() };
    assert_eq!(exposed(token), "s3cret");
    let Credential::Basic { username, password } = &gateway.credentials[1].credential else { panic!() };
    assert_eq!((username.expose(), exposed(password)), ("me", ""));
    let Credential::ApiKey { location, name, value } = &gateway.credentials[2].credential else { panic!() };
    assert_eq!((*location, &**name, exposed(value)), (Location::Cookie, "sid", "abc"));
}

#[test]
fn what_cannot_be_sent_as_a_credential_is_refused() {
    for (credential, expected) in [
        (
            "{}",
            "6:1 credential: a credential is exactly one of bearer, basic, api_key, oauth2, pass_through, mtls, sigv4 and hmac",
        ),
        (
            "{bearer: \"\"}",
            "6:22 \"\": this is no bearer token (it is empty; to send none, leave the credential out)",
        ),
        (
            "{bearer: Bearer x}",
            "6:22 Bearer x: this is no bearer token (write the token without the word Bearer)",
        ),
        (
            "{bearer: \"a b\"}",
            "6:22 \"a b\": this is no bearer token (a token has no space, line break or letter beyond ASCII in it)",
        ),
        ("${TOKEN}", "6:13 ${TOKEN}: expected a mapping, found a text"),
        (
            "{basic: {username: \"a:b\", password: c}}",
            "6:32 \"a:b\": a user name cannot hold a colon (RFC 7617, section 2)",
        ),
        ("{basic: {username: a}}", "6:14 basic: `password` is missing"),
        (
            "{api_key: {in: heder, name: X, value: y}}",
            "6:28 heder: `heder` is none of header, query, cookie (did you mean `header`?)",
        ),
        (
            "{api_key: {in: header, name: Content-Length, value: y}}",
            "6:42 Content-Length: `Content-Length` cannot be the name of a key in a header (it is counted)",
        ),
        ("{oauth2: {}}", "6:14 oauth2: `token_url` is missing"),
    ] {
        let found = problems(&with_endpoint(&format!("credential: {credential}\n")));
        assert!(found.contains(&expected.to_owned()), "{credential}: {found:#?}");
        assert!(read(&with_endpoint(&format!("credential: {credential}\n"))).0.is_none());
    }
}

#[test]
fn no_diagnostic_shows_what_is_written_in_a_credential() {
    for rest in [
        "credential: {bearer: hunter2, baerer: x}",
        "credentail: {bearer: hunter2}",
        "credential:\n  basic: {username: hunter2, password: hunter2, realm: x}",
        "credential: {api_key: {in: header, name: X-Key, value: \"hunter2\\n\"}}",
        "credential: hunter2",
        "credential: [hunter2]",
        "credential: {bearer: \"hunter2\"",
        "credential:\n  bearer: \"hunter2\n  x",
        "headers: {X-Api-Key: hunter2, Host: x}",
        "headers:\n  X-Api-Key: \"hunter2\\u0000\"",
        "headers: {\"X Y\": hunter2}",
        "api_token: hunter2",
        "credential: {bearer: \"${NONE}hunter2\"}",
    ] {
        let (gateway, diagnostics) = read(&with_endpoint(&format!("{rest}\n")));
        assert!(gateway.is_none(), "{rest}");
        assert!(!diagnostics.is_empty(), "{rest}");
        let shown = render::text(&diagnostics, false) + &render::json(&diagnostics);
        assert!(!shown.contains("hunter2"), "{rest}: {shown}");
        assert!(shown.contains("shop.yaml:"), "{rest}: {shown}");
    }
    let (_, diagnostics) = read("gateway: shop\nbase_url: https://me:hunter2@example.com\nopenapi: a.yaml\n");
    assert!(!render::text(&diagnostics, false).contains("hunter2"));
}

#[test]
fn a_line_without_a_secret_is_shown() {
    let key = "{api_key: {in: heder, name: X-Key, value: \"${TOKEN}\"}}";
    let (_, diagnostics) = read(&with_endpoint(&format!("credential: {key}\n")));
    assert!(render::text(&diagnostics, false).contains(key));
    let (_, diagnostics) = read(&with_endpoint("credential: {bearer: \"${NONE}\"}\nheaders: {Host: x}\n"));
    let shown = render::text(&diagnostics, false);
    assert!(shown.contains("6 | credential: {bearer: \"${NONE}\"}"), "{shown}");
    assert!(shown.contains("7 | headers: {Host: x}"), "{shown}");
}

#[test]
fn a_line_that_is_no_yaml_is_shown_unless_it_may_hold_a_secret() {
    for (text, shown) in [
        ("endpoints:\n  list: {author: [hunter2}\n", true),
        ("\"credential\": {\"bearer\" : \"hunter2\", ]\n", false),
        ("headers:\n  X-A:\n\n    [hunter2}\n", false),
    ] {
        let (gateway, diagnostics) = read(text);
        assert!(gateway.is_none());
        assert_eq!(render::text(&diagnostics, false).contains("hunter2"), shown, "{text}");
    }
}

#[test]
fn an_endpoint_names_its_credentials() {
    let gateway = good(
        "gateway: shop\nbase_url: https://api.example.com\ncredential: {bearer: a}\ncredentials:\n  b: {bearer: b}\n\
         endpoints:\n  one: {request: GET /a, credential: b}\n  two: {request: GET /b, credential: none}\n  \
         three: {request: GET /c, credential: [b, default]}\n  four: {request: GET /d}\n",
    );
    let names: Vec<_> =
        gateway.endpoints.iter().map(|endpoint| endpoint.change.credentials.clone()).collect();
    let owned = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
    assert_eq!(names, [owned(&["b"]), owned(&[]), owned(&["b", "default"]), None]);
}

#[test]
fn a_credential_that_is_named_must_be_there() {
    let endpoint = |rest: &str, credential: &str| {
        problems(&format!(
            "gateway: shop\nbase_url: https://api.example.com\n{rest}endpoints:\n  one: {{request: GET /a, credential: \
             {credential}}}\n"
        ))
    };
    assert_eq!(
        endpoint("credentials: {partner: {bearer: a}}\n", "[partner, patner]"),
        ["5:48 patner: there is no credential `patner` (did you mean `partner`?)"]
    );
    assert_eq!(
        endpoint("", "key"),
        ["4:38 key: there is no credential `key` (say `credential` or `credentials` in the gateway file)"]
    );
    let message = "3:15 none: `none` stands for no credential, and cannot be the name of one";
    assert_eq!(endpoint("credentials: {none: {bearer: a}}\n", "none"), [message]);
}
