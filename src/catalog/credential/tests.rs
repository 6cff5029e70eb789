use super::*;
use crate::catalog::fixture;
use crate::config::gateway::{NamedCredential, Text};
use crate::openapi::operation::SchemeUse;

/// A key in a header.
fn key(header: &str) -> Credential {
    Credential::ApiKey { location: Location::Header, name: header.to_owned(), value: "s3cret".into() }
}

fn bearer() -> Credential {
    Credential::Bearer("s3cret".into())
}

fn basic() -> Credential {
    Credential::Basic { username: Text::Plain("me".into()), password: "s3cret".into() }
}

fn schemes() -> Vec<SecurityScheme> {
    let place = fixture::operation("GET", "/").place;
    let key = |name: &str| SchemeKind::ApiKey { location: Location::Header, name: name.to_owned() };
    [
        ("key", key("X-Key")),
        ("app", key("X-App")),
        ("token", SchemeKind::Http { scheme: "bearer".into() }),
        ("oauth", SchemeKind::OAuth2),
        ("login", SchemeKind::Http { scheme: "basic".into() }),
        ("odd", SchemeKind::Other),
    ]
    .map(|(name, kind)| SecurityScheme {
        name: name.to_owned(),
        kind,
        description: None,
        place: place.clone(),
    })
    .into()
}

/// `GET /a` that asks for `OR` of `AND`s: `key+app|token`; `-` for `[]`, nothing for no word, `?` for `{}`.
fn operation(security: &str) -> Operation {
    let mut operation = fixture::operation("GET", "/a");
    let scheme = |name: &str| SchemeUse { scheme: name.to_owned(), scopes: Vec::new() };
    operation.security = match security {
        "" => None,
        "-" => Some(Vec::new()),
        security => Some(
            security
                .split('|')
                .map(|all| all.split('+').filter(|name| *name != "?").map(scheme).collect())
                .collect(),
        ),
    };
    operation
}

/// The names of what is chosen, and what is told.
fn chosen(credentials: &[(&str, Credential)], security: &str) -> (String, Vec<String>) {
    let mut gateway = Gateway::named("api");
    gateway.credentials = credentials
        .iter()
        .map(|(name, credential)| NamedCredential {
            name: (*name).to_owned(),
            credential: credential.clone(),
        })
        .collect();
    chosen_of(&gateway, security, None)
}

fn chosen_of(gateway: &Gateway, security: &str, change: Option<&Change>) -> (String, Vec<String>) {
    let (schemes, operation) = (schemes(), operation(security));
    let mut choice = Credentials::new(gateway, &schemes);
    let indexes = choice.of(&operation, change);
    let mut diagnostics = Diagnostics::default();
    choice.tell(&mut diagnostics);
    let names: Vec<&str> = indexes.iter().map(|index| &*gateway.credentials[*index].name).collect();
    let told = diagnostics.iter().map(|told| format!("{}: {}", told.code.as_str(), told.message)).collect();
    (names.join("+"), told)
}

#[test]
fn the_document_chooses_by_name_then_by_kind_and_place() {
    let all = [("key", key("X-Other")), ("b", bearer()), ("c", basic()), ("d", key("x-app"))];
    for (security, expected) in [
        ("key", "key"),
        ("token", "b"),
        ("oauth", "b"),
        ("login", "c"),
        ("app", "d"),
        ("key+app", "key+d"),
        ("odd|token", "b"),
        ("odd+key|login|token", "c"),
        ("?|token", "b"),
        ("-", ""),
        ("?", ""),
    ] {
        assert_eq!(chosen(&all, security), (expected.to_owned(), vec![]), "{security}");
    }
}

#[test]
fn what_fits_twice_is_chosen_by_nobody_but_a_default() {
    let two = [("a", bearer()), ("b", bearer())];
    let (names, told) = chosen(&two, "token");
    assert_eq!((names.as_str(), told.len()), ("", 1));
    let two = [("default", bearer()), ("b", bearer())];
    assert_eq!(chosen(&two, "token"), ("default".to_owned(), vec![]));
}

#[test]
fn the_default_goes_with_everything_but_what_declines_it() {
    let one = [("default", bearer())];
    for security in ["", "token", "oauth", "?|key"] {
        assert_eq!(chosen(&one, security), ("default".to_owned(), vec![]), "{security}");
    }
    assert_eq!(chosen(&one, "-"), (String::new(), vec![]));
    let told = "credential-kind: `GET /a` asks for the credential `key` (a key in the header `X-Key`); what is sent is \
                of another kind: bearer";
    assert_eq!(chosen(&one, "key"), ("default".to_owned(), vec![told.to_owned()]));
    let named = [("mine", bearer())];
    assert_eq!(chosen(&named, "").0, "mine", "the only one there is");
    let of_a_scheme = [("token", bearer())];
    assert_eq!(chosen(&of_a_scheme, "").0, "", "it is for that scheme");
}

#[test]
fn what_is_not_there_is_told_once_for_each_scheme() {
    let gateway = Gateway { place: Some(fixture::operation("GET", "/").place), ..Gateway::named("api") };
    let schemes = schemes();
    let operations = ["token", "token|key", "key", "?|key", "-", "token+app"].map(operation);
    let mut choice = Credentials::new(&gateway, &schemes);
    for operation in &operations {
        assert!(choice.of(operation, None).is_empty());
    }
    let mut diagnostics = Diagnostics::default();
    choice.tell(&mut diagnostics);
    let told: Vec<&str> = diagnostics.iter().map(|told| told.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`GET /a` and 2 more operations ask for the credential `token` (HTTP bearer), and there is none: calls are \
             sent without it",
            "`GET /a` asks for the credential `key` (a key in the header `X-Key`), and there is none: calls are sent \
             without it",
            "`GET /a` asks for the credential `app` (a key in the header `X-App`), and there is none: calls are sent \
             without it",
        ]
    );
    assert!(diagnostics.iter().all(|told| told.severity == Severity::Warning));
}

#[test]
fn what_there_is_of_several_is_sent() {
    let (names, told) = chosen(&[("key", key("X-Key")), ("c", basic())], "odd|key+app");
    assert_eq!((names.as_str(), told.len()), ("key", 1));
}

#[test]
fn a_header_of_the_gateway_can_be_what_is_asked_for() {
    let mut gateway = Gateway::named("api");
    gateway.headers = vec![(http::HeaderName::from_static("x-key"), Text::Secret("s3cret".into()))];
    assert_eq!(chosen_of(&gateway, "key", None), (String::new(), vec![]));
    assert_eq!(chosen_of(&gateway, "app", None).1.len(), 1);
}

#[test]
fn a_bare_document_without_credentials_is_no_fault() {
    let gateway = Gateway::named("api");
    let (schemes, operation) = (schemes(), operation("token"));
    let mut choice = Credentials::new(&gateway, &schemes);
    choice.of(&operation, None);
    let mut diagnostics = Diagnostics::default();
    choice.tell(&mut diagnostics);
    let severities: Vec<Severity> = diagnostics.iter().map(|told| told.severity).collect();
    assert_eq!(severities, [Severity::Note]);
}

#[test]
fn the_gateway_file_has_the_last_word() {
    let mut gateway = Gateway::named("api");
    let named = |name: &str, credential| NamedCredential { name: name.to_owned(), credential };
    gateway.credentials = vec![named("default", bearer()), named("key", key("X-Key"))];
    let change = |names: &[&str]| Change {
        credentials: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..Change::default()
    };
    for (security, names, expected) in
        [("key", &[][..], ""), ("-", &["key"], "key"), ("token", &["key", "default"], "key+default")]
    {
        let (names, told) = chosen_of(&gateway, security, Some(&change(names)));
        assert_eq!((names.as_str(), told.len()), (expected, 0), "{security}");
    }
}
