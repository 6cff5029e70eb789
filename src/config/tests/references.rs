//! `${NAME}`, `${NAME:-default}`, `${file:PATH}`: where they are resolved, and what becomes of them.

use super::{good, problems, read, with_endpoint};
use crate::config::gateway::{Credential, Gateway, Secret, SecretPiece};
use crate::source::Seen;
use secrecy::ExposeSecret;

fn header(gateway: &Gateway, index: usize) -> (&str, bool) {
    let (_, value) = &gateway.headers[index];
    (value.expose(), value.is_secret())
}

fn bearer(gateway: &Gateway) -> Option<&str> {
    gateway.credentials.first().map(|named| match &named.credential {
        Credential::Bearer(token) => token.fixed().unwrap().expose_secret(),
        other => panic!("{other:?}"),
    })
}

#[test]
fn what_comes_from_the_environment_is_secret_and_what_is_written_is_not() {
    let gateway = good(&with_endpoint(
        "headers:\n  A: plain\n  B: a-${TOKEN}-${NONE:-d}\n  C: $$5 $6 ${NONE:-x}\n  D: 5$$\n",
    ));
    assert_eq!(header(&gateway, 0), ("plain", false));
    assert_eq!(header(&gateway, 1), ("a-s3cret-d", true));
    assert_eq!(header(&gateway, 2), ("$5 $6 x", true));
    assert_eq!(header(&gateway, 3), ("5$", false));
    assert!(!format!("{gateway:?}").contains("s3cret"));
}

#[test]
fn a_value_from_the_environment_is_never_read_as_yaml() {
    let environment = super::Fake::new(&[("X", "a: [1, ${TOKEN}]")]);
    let mut diagnostics = crate::diagnostic::Diagnostics::default();
    let source = crate::source::Source::new("shop.yaml", with_endpoint("headers: {X: \"${X}\"}\n"));
    let gateway =
        crate::config::read_in(&environment, &source, std::path::Path::new("/"), &mut diagnostics).unwrap();
    assert_eq!(header(&gateway, 0), ("a: [1, ${TOKEN}]", true));
}

#[test]
fn a_reference_that_comes_to_nothing_is_underlined_and_costs_the_gateway() {
    let text = with_endpoint(
        "credential: {bearer: \"a${NONE}\"}\nheaders: {A: \"${EMPTY}\", B: \"${my-var}\", C: \"${X\"}\n",
    );
    assert_eq!(
        problems(&text),
        [
            "6:24 ${NONE}: the environment variable `NONE` is not set (set it, or write ${NONE:-} when it may be missing)",
            "7:15 ${EMPTY}: the environment variable `EMPTY` is empty (set it, or write ${EMPTY:-} when it may be missing)",
            "7:30 ${my-var}: no reference is written like this (write ${NAME}, ${NAME:-default} or ${file:PATH}; $$ stands for a dollar sign)",
            "7:46 ${X: `${` without `}` (write ${NAME}, ${NAME:-default} or ${file:PATH}; $$ stands for a dollar sign)",
        ]
    );
    assert!(read(&text).0.is_none(), "nothing is sent without its credential");
}

#[test]
fn an_empty_default_says_that_none_is_wanted() {
    let gateway = good(&with_endpoint(
        "credential: {bearer: \"${NONE:-}\"}\nheaders: {A: \"token ${NONE:-}\", B: b}\n",
    ));
    assert_eq!(bearer(&gateway), None);
    assert_eq!(gateway.headers.len(), 1);
    let gateway = good(&with_endpoint("credential: {bearer: \"${TOKEN:-}\"}\n"));
    assert_eq!(bearer(&gateway), Some("s3cret"));
}

#[test]
fn a_base_url_may_come_from_the_environment_and_is_not_shown_when_it_is_wrong() {
    let gateway = good(&with_endpoint("").replace("https://api.example.com", "${API_URL}"));
    assert_eq!(gateway.base_url.unwrap().as_str(), "https://env.example.com/v2");
    let found = problems(&with_endpoint("").replace("https://api.example.com", "https://a:${TOKEN}@b"));
    assert_eq!(
        found,
        [
            "2:11 https://a:${TOKEN}@b: a URL must not hold a user name or password (say `credential: {basic: …}`)"
        ]
    );
}

#[test]
fn references_elsewhere_are_refused() {
    let text = with_endpoint(
        "    tags: [\"${TOKEN}\"]\n    parameters:\n      a: {default: [\"${TOKEN}\"]}\n      b: {description: \"in ${CURRENCY}\"}\n",
    )
    .replace("/books", "/books/${TOKEN}")
    .replace("shop", "${TOKEN}");
    let help = "(it is resolved in base_url, in openapi, in credentials and in the values of headers)";
    assert_eq!(
        problems(&text),
        [
            format!("1:10 ${{TOKEN}}: `${{…}}` stands for nothing here {help}"),
            format!("5:14 GET /books/${{TOKEN}}: `${{…}}` stands for nothing here {help}"),
            format!("6:12 \"${{TOKEN}}\": `${{…}}` stands for nothing here {help}"),
            format!("8:21 \"${{TOKEN}}\": `${{…}}` stands for nothing here {help}"),
        ]
    );
}

#[test]
fn a_secret_may_be_in_a_file_below_the_gateway_files_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "s3cret\r\n").unwrap();
    std::fs::write(folder.path().join("large"), "x".repeat(65_537)).unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    std::fs::write(folder.path().join("bytes"), [0xff_u8, 0xfe]).unwrap();
    let read = |path: &str| {
        let mut diagnostics = crate::diagnostic::Diagnostics::default();
        let text = with_endpoint(&format!("credential: {{bearer: \"${{file:{path}}}\"}}\n"));
        let source = crate::source::Source::new("shop.yaml", text);
        let gateway = crate::config::read(&source, folder.path(), &Seen::default(), &mut diagnostics);
        (
            gateway,
            diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect::<Vec<_>>().join("\n"),
        )
    };
    let (gateway, _) = read("./token");
    let gateway = gateway.unwrap();
    let Credential::Bearer(Secret(pieces)) = &gateway.credentials[0].credential else { panic!() };
    let [SecretPiece::File(path)] = pieces.as_slice() else { panic!("it is read again when it changes") };
    assert_eq!(crate::config::secret_file(path).unwrap().expose_secret(), "s3cret");
    for (path, reason) in [
        ("large", "it is larger than 64 KiB"),
        ("empty", "it is empty"),
        ("bytes", "it is not UTF-8"),
        ("absent", "No such file"),
    ] {
        let (gateway, message) = read(path);
        assert!(gateway.is_none());
        assert!(
            message.contains(reason) || (path == "absent" && message.contains("cannot find")),
            "{message}"
        );
    }
}
