use super::*;
use crate::net::fixture::{Answer, Peer, answer};

const LIMIT: usize = 1 << 20;

async fn fetched(url: &str) -> Result<Fetched, SourceError> {
    fetch(&Url::parse(url).unwrap(), LIMIT, &Reader::default()).await
}

#[tokio::test]
async fn a_document_on_this_machine_is_fetched_and_named_without_its_secrets() {
    let peer = Peer::answering(answer("200 OK", "\u{feff}openapi: 3.1.0")).await;
    let mut url = peer.url.join("api.yaml?token=secret#part").unwrap();
    url.set_username("user").unwrap();
    url.set_password(Some("p%40ss")).unwrap();
    let fetched = fetched(url.as_str()).await.unwrap();
    assert_eq!(fetched.source.text(), "openapi: 3.1.0");
    assert_eq!(fetched.source.name(), peer.url.join("api.yaml").unwrap().as_str());
    assert_eq!(fetched.url.username(), "");
    let request = peer.requests().remove(0);
    assert!(request.starts_with("GET /api.yaml?token=secret HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic dXNlcjpwQHNz\r\n"), "{request}");
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    for url in ["http://example.com/a.json", "http://10.0.0.1/a.json", "ftp://localhost/a.json"] {
        let error = fetched(url).await.unwrap_err();
        assert!(matches!(error, SourceError::Insecure { .. }), "{url}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_followed_within_the_origin_a_few_times() {
    let peer = Peer::start(|request| {
        Answer::Write(match request.split(' ').nth(1) {
            Some("/a") => answer("302 Found\r\nLocation: /v2/b", ""),
            Some("/v2/b") => answer("200 OK", "{}"),
            _ => answer("301 Moved Permanently\r\nLocation: /again", ""),
        })
    })
    .await;
    let fetched_a = fetched(peer.url.join("a").unwrap().as_str()).await.unwrap();
    assert_eq!(fetched_a.url.path(), "/v2/b");
    assert!(fetched_a.source.name().ends_with("/a"));
    let error = fetched(peer.url.join("again").unwrap().as_str()).await.unwrap_err();
    assert!(matches!(error, SourceError::TooManyRedirects { .. }), "{error}");
    assert_eq!(peer.requests().len(), 2 + 1 + MAX_REDIRECTS);
}

#[tokio::test]
async fn redirects_to_an_inside_address_or_to_plain_http_are_not_followed() {
    let inside = Peer::answering(answer("200 OK", "{}")).await;
    let plain = inside.url.to_string();
    let tls = plain.replace("http://", "https://");
    for (location, expected) in [
        (plain, "where it is not followed"),
        (tls, "which is not an address of the public internet"),
        ("https://169.254.169.254/latest".to_owned(), "which is not an address of the public internet"),
        ("file:///etc/passwd".to_owned(), "where it is not followed"),
    ] {
        let peer =
            Peer::answering(answer(&format!("307 Temporary Redirect\r\nLocation: {location}"), "")).await;
        let error = fetched(peer.url.as_str()).await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{location}: {error}");
    }
    assert!(inside.requests().is_empty());
}

#[tokio::test]
async fn what_is_no_document_is_told_by_what_it_is() {
    for (response, expected) in [
        (answer("404 Not Found", "{}"), "answers 404 Not Found"),
        (answer("304 Not Modified", ""), "answers 304 Not Modified"),
        (answer("302 Found", ""), "answers 302 Found"),
        (answer("200 OK", " ".repeat(LIMIT + 1)), "is larger than 1 MiB"),
    ] {
        let peer = Peer::answering(response).await;
        let error = fetched(peer.url.as_str()).await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_the_query() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a.json?token=secret", listener.local_addr().unwrap());
    drop(listener);
    let error = fetched(&url).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error:?}");
}
