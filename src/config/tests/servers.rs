//! `server`: which server is called.

use super::{good, problems};

fn file(server: &str) -> String {
    format!("gateway: shop\nopenapi: ./shop.yaml\nserver: {server}\n")
}

#[test]
fn a_server_url_has_its_variables_replaced() {
    let gateway = good(&file(
        "{url: \"https://{region}.example.com/{version}/\", variables: {region: eu, version: v2}}",
    ));
    assert_eq!(gateway.base_url.unwrap().as_str(), "https://eu.example.com/v2");
    let gateway = good(&file("{index: 1, variables: {region: \"${TOKEN}\"}}"));
    assert_eq!(gateway.base_url, None);
    assert_eq!(gateway.server.index.unwrap().value, 1);
    assert_eq!(gateway.server.variables[0].value, "s3cret");
}

#[test]
fn a_server_that_cannot_be_meant_is_refused() {
    for (server, expected) in [
        (
            "{url: \"https://{region}.example.com\"}",
            "3:15 \"https://{region}.example.com\": the variable `region` has no value (say `variables: {region: …}`)",
        ),
        (
            "{url: \"https://example.com\", variables: {region: eu}}",
            "3:50 region: there is no variable `region` in `url`",
        ),
        (
            "{url: \"ftp://example.com\"}",
            "3:15 \"ftp://example.com\": only http and https URLs can be called",
        ),
        (
            "{url: \"https://example.com\", index: 1}",
            "3:38 index: `index` is the number of a document's server, and `url` is another one",
        ),
        ("{index: first}", "3:17 first: expected a number, counted from 0, found a text"),
        ("{indx: 1}", "3:10 indx: there is no key `indx` here (did you mean `index`?)"),
    ] {
        assert_eq!(problems(&file(server)), [expected], "{server}");
    }
    assert_eq!(
        problems("gateway: shop\nbase_url: https://a.example.com\nopenapi: ./a.yaml\nserver: {index: 0}\n"),
        ["2:1 base_url: `server` says where the API lives too: one of the two would silently win"]
    );
    assert_eq!(
        problems(
            "gateway: shop\nserver: {index: 0}\nbase_url: https://a.example.com\nendpoints: {a: {request: GET /a}}\n"
        )
        .len(),
        2
    );
}
