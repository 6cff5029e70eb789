//! An upstream before peers that misbehave.

use std::io::Write as _;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::*;
use crate::config::gateway::Credential;
use crate::net::fixture::{Answer, Peer, answer};
use crate::openapi::operation::Location;

const LIMIT: usize = 1 << 20;

fn upstream(peer: &Peer) -> Upstream {
    Upstream::new("test", vec![peer.url.clone()], Vec::new(), &[], &Clients::default())
}

/// The identity of a call without a credential.
fn nobody() -> Identity {
    Identity::new(&Arc::new(CredentialSet::new("test", [])), &CallerHeaders::default()).unwrap()
}

/// An upstream with one credential, and the identity of its calls.
fn proven(peer: &Peer, credential: Credential) -> (Upstream, Identity) {
    let named = NamedCredential { name: "default".into(), credential };
    let upstream = Upstream::new("test", vec![peer.url.clone()], vec![named], &[], &Clients::default());
    let identity = Identity::new(&Arc::new(upstream.credential_set(&[0])), &CallerHeaders::default());
    (upstream, identity.unwrap())
}

fn request(method: Method, peer: &Peer, path: &str) -> HttpRequest {
    let url = peer.url.join(path).unwrap();
    HttpRequest { method, url, headers: HeaderMap::new(), body: Bytes::new() }
}

async fn get(peer: &Peer, path: &str) -> Result<Reply, SendError> {
    let sending = async { upstream(peer).send(&request(Method::GET, peer, path), &nobody(), LIMIT).await };
    timeout(Duration::from_secs(20), sending).await.expect("an answer or an error")
}

/// The code of what becomes of a GET that is answered so.
async fn code(action: impl Fn() -> Answer + Send + Sync + 'static) -> &'static str {
    let peer = Peer::start(move |_| action()).await;
    let code = get(&peer, "/").await.map_or_else(|error| error.code(), |_| "ok");
    timeout(Duration::from_secs(20), peer.closed()).await.expect("the connection is closed");
    code
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_answer_comes_whole_and_the_connection_is_used_again() {
    let peer = Peer::answering(answer("404 Not Found\r\nX-A: b", "no such thing")).await;
    let upstream = upstream(&peer);
    for _ in 0..2 {
        let reply = upstream.send(&request(Method::GET, &peer, "/a?b=c"), &nobody(), LIMIT).await.unwrap();
        assert_eq!((reply.status, reply.body.as_ref()), (StatusCode::NOT_FOUND, b"no such thing".as_ref()));
        assert_eq!(reply.headers["x-a"], "b");
        assert_eq!(reply.url.path(), "/a");
    }
    let requests = peer.requests();
    assert!(requests[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].contains("user-agent: toolgate/"));
    assert!(timeout(Duration::from_millis(1), peer.closed()).await.is_err(), "one connection, still open");
}

#[tokio::test]
async fn a_connection_that_was_closed_in_between_costs_no_call_and_repeats_none() {
    let peer = Peer::start(|_| Answer::Close(answer("200 OK", "done"))).await;
    let (upstream, elsewhere) = (upstream(&peer), Peer::answering(answer("200 OK", "")).await);
    for count in 1..=3 {
        let reply = upstream.send(&request(Method::POST, &peer, "/"), &nobody(), LIMIT).await.unwrap();
        assert_eq!((reply.body.as_ref(), peer.requests().len()), (b"done".as_ref(), count));
        peer.closed().await;
        // Until something else was heard of, nobody could have heard of the end.
        get(&elsewhere, "/").await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let peer = Peer::answering(answer("200 OK", "")).await;
    let upstream = upstream(&peer);
    upstream.send(&request(Method::GET, &peer, "/"), &nobody(), LIMIT).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    timeout(Duration::from_secs(20), peer.closed()).await.expect("the connection is closed");
}

#[tokio::test]
async fn bodies_of_many_pieces_and_codings_come_out_as_they_went_in() {
    let text = "0123456789".repeat(60_000);
    let chunked: String = text.as_bytes().chunks(30_000).fold(String::new(), |all, chunk| {
        format!("{all}{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap())
    });
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for bytes in [
        answer("200 OK", &text),
        format!("{head}{chunked}0\r\n\r\n").into_bytes(),
        answer("200 OK\r\nContent-Encoding: gzip", gzip(text.as_bytes())),
    ] {
        let peer = Peer::answering(bytes).await;
        assert!(get(&peer, "/").await.unwrap().body == text);
        assert!(peer.requests()[0].contains("accept-encoding: gzip, br, zstd, deflate"));
    }
}

#[tokio::test]
async fn every_way_to_break_an_answer_has_its_own_code() {
    let head = "HTTP/1.1 200 OK\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let cut = gzip(&[b'a'; 1000])[..20].to_vec();
    for (expected, action) in [
        ("reset", Answer::Close(Vec::new())),
        ("reset", Answer::Reset(Vec::new())),
        ("reset", Answer::Close(head.into())),
        ("invalid_response", Answer::Close(b"SSH-2.0-OpenSSH_9.6\r\n".into())),
        (
            "invalid_response",
            Answer::Close(format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n").into()),
        ),
        ("wrong_length", Answer::Close(format!("{head}Content-Length: 10\r\n\r\nabc").into())),
        ("truncated", Answer::Close(format!("{chunked}5\r\nab").into())),
        ("truncated", Answer::Close(format!("{chunked}2\r\nab\r\n").into())),
        ("invalid_chunk", Answer::Close(format!("{chunked}zz\r\nab\r\n0\r\n\r\n").into())),
        ("reset", Answer::Reset(format!("{head}Content-Length: 10\r\n\r\nabc").into())),
        ("decode", Answer::Close(answer("200 OK\r\nContent-Encoding: gzip", &cut))),
        ("decode", Answer::Close(answer("200 OK\r\nContent-Encoding: gzip, gzip", gzip(&gzip(b"a"))))),
        ("decode", Answer::Close(answer("200 OK\r\nContent-Encoding: compress", "a"))),
        ("too_large", Answer::Close(format!("{head}Content-Length: {}\r\n\r\n", 10_u64 << 30).into())),
        (
            "too_large",
            Answer::Endless(chunked.clone().into(), format!("2000\r\n{}\r\n", "a".repeat(0x2000)).into()),
        ),
        ("too_large", Answer::Close(answer("200 OK\r\nContent-Encoding: gzip", gzip(&vec![0; 64 << 20])))),
        ("headers_too_large", Answer::Endless(head.into(), b"X-A: b\r\n".into())),
        ("headers_too_large", Answer::Endless(format!("{head}X-A: ").into(), vec![b'a'; 4096])),
    ] {
        let action = std::sync::Mutex::new(Some(action));
        let found = code(move || action.lock().unwrap().take().unwrap()).await;
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn what_never_reached_the_api_is_known_to_be_unsent() {
    let unused = Peer::answering("").await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let upstream = Upstream::new(
        "test",
        vec![format!("http://{free}/").parse().unwrap()],
        Vec::new(),
        &[],
        &Clients::default(),
    );
    let mut refused = request(Method::POST, &unused, "/");
    refused.url.set_port(Some(free.port())).unwrap();
    let error = upstream.send(&refused, &nobody(), LIMIT).await.unwrap_err();
    assert_eq!((error.code(), error.certainly_not_written()), ("connect", true), "{error}");

    // Too long for a label of a name: no resolver asks anyone about it.
    let name: Url = format!("http://{}.example.com/", "a".repeat(64)).parse().unwrap();
    let trusting = Upstream::new("test", vec![name.clone()], Vec::new(), &[], &Clients::default());
    refused.url = name;
    let error = trusting.send(&refused, &nobody(), LIMIT).await.unwrap_err();
    assert_eq!((error.code(), error.certainly_not_written()), ("dns", true), "{error}");

    let reset = Peer::start(|_| Answer::Reset(Vec::new())).await;
    let error = get(&reset, "/").await.unwrap_err();
    assert!(!error.certainly_not_written(), "the request was read");
}

#[tokio::test]
async fn a_url_that_is_too_long_for_http_is_the_callers_fault() {
    let peer = Peer::answering(answer("200 OK", "")).await;
    let error = get(&peer, &format!("/?q={}", "a".repeat(70_000))).await.unwrap_err();
    assert_eq!((error.code(), error.fault()), ("invalid_request", Fault::Caller), "{error}");
    assert!(error.certainly_not_written());
}

#[tokio::test]
async fn tls_to_a_peer_that_does_not_speak_it_is_told_from_a_refused_connection() {
    for greeting in ["", "HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let answering = crate::tasks::spawn("peer", async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        });
        let upstream = Upstream::new("test", vec![url.clone()], Vec::new(), &[], &Clients::default());
        let request =
            HttpRequest { method: Method::POST, url, headers: HeaderMap::new(), body: Bytes::new() };
        let error = upstream.send(&request, &nobody(), LIMIT).await.unwrap_err();
        assert!(error.certainly_not_written(), "{error}");
        assert!(matches!(error.code(), "tls" | "connect"), "{error}");
        answering.await.unwrap();
    }
}

#[tokio::test]
async fn addresses_inside_are_refused_unless_the_operator_wrote_them() {
    let peer = Peer::answering(answer("200 OK", "secret of the inside")).await;
    let upstream = Upstream::new("test", Vec::new(), Vec::new(), &[], &Clients::default());
    let by_address = request(Method::GET, &peer, "/");
    let mut by_name = by_address.clone();
    by_name.url.set_host(Some("localhost")).unwrap();
    for request in [by_address, by_name] {
        let error = upstream.send(&request, &nobody(), LIMIT).await.unwrap_err();
        assert_eq!((error.code(), error.fault()), ("address_refused", Fault::Configuration), "{error}");
    }
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_origin_with_the_credential() {
    let peer = Peer::start(|request| {
        Answer::Write(match request.split(' ').nth(1).unwrap() {
            "/old" => answer("301 Moved Permanently\r\nLocation: /new?q=1", "moved"),
            "/new?q=1" => answer("200 OK", "here"),
            _ => answer("302 Found\r\nLocation: /loop", ""),
        })
    })
    .await;
    let (upstream, identity) = proven(&peer, Credential::Bearer("token".into()));
    let reply = upstream.send(&request(Method::GET, &peer, "/old"), &identity, LIMIT).await.unwrap();
    assert_eq!((reply.body.as_ref(), reply.url.path()), (b"here".as_ref(), "/new"));
    assert!(peer.requests().iter().all(|request| request.contains("authorization: Bearer token")));

    let error = get(&peer, "/loop").await.unwrap_err();
    assert_eq!(error.code(), "too_many_redirects");
    assert_eq!(peer.requests().len(), 2 + 1 + redirect::LIMIT);
}

#[tokio::test]
async fn nothing_goes_to_another_origin() {
    let other = Peer::answering(answer("200 OK", "thanks")).await;
    let location = other.url.join("/steal?token=t").unwrap();
    let peer = Peer::answering(answer(&format!("307 Temporary Redirect\r\nLocation: {location}"), "")).await;
    let key = Credential::ApiKey { location: Location::Query, name: "key".into(), value: "k3y!".into() };
    let (upstream, identity) = proven(&peer, key);
    let mut request = request(Method::POST, &peer, "/");
    request.body = Bytes::from("body");
    for method in [Method::GET, Method::POST] {
        request.method = method;
        let error = upstream.send(&request, &identity, LIMIT).await.unwrap_err();
        assert_eq!(error.code(), "redirect_refused");
        assert!(error.to_string().contains("/steal") && !error.to_string().contains("token"), "{error}");
    }
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn headers_that_frame_a_message_are_ours() {
    let peer = Peer::answering(answer("200 OK", "")).await;
    let mut request = request(Method::POST, &peer, "/");
    for (name, value) in [
        ("content-length", "100"),
        ("transfer-encoding", "chunked"),
        ("accept-encoding", "br"),
        ("te", "gzip"),
    ] {
        request.headers.insert(name, HeaderValue::from_static(value));
    }
    request.body = Bytes::from("four");
    upstream(&peer).send(&request, &nobody(), LIMIT).await.unwrap();
    let sent = peer.requests().remove(0);
    assert!(sent.contains("content-length: 4\r\n") && sent.ends_with("\r\n\r\nfour"), "{sent}");
    assert!(!sent.contains("chunked") && !sent.contains("accept-encoding: br\r\n"), "{sent}");
}

#[tokio::test]
async fn a_request_that_may_have_a_body_says_that_it_has_none() {
    let peer = Peer::answering(answer("200 OK", "")).await;
    for (method, expected) in
        [(Method::POST, true), (Method::PUT, true), (Method::GET, false), (Method::DELETE, false)]
    {
        upstream(&peer).send(&request(method.clone(), &peer, "/"), &nobody(), LIMIT).await.unwrap();
        assert_eq!(peer.requests().pop().unwrap().contains("content-length: 0"), expected, "{method}");
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_whatever_its_headers_say() {
    let peer =
        Peer::answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nContent-Encoding: gzip\r\n\r\n")
            .await;
    let reply = upstream(&peer).send(&request(Method::HEAD, &peer, "/"), &nobody(), LIMIT).await.unwrap();
    assert_eq!((reply.headers["content-length"].as_bytes(), reply.body.len()), (b"99999999999".as_ref(), 0));

    let peer = Peer::answering("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n").await;
    assert_eq!(get(&peer, "/").await.unwrap().body.len(), 0);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    for bytes in [Vec::new(), b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec()] {
        let peer = Peer::start(move |_| Answer::Stall(bytes.clone())).await;
        let upstream = upstream(&peer);
        let request = request(Method::GET, &peer, "/");
        let identity = nobody();
        let sending = upstream.send(&request, &identity, LIMIT);
        assert!(timeout(Duration::from_millis(100), sending).await.is_err());
        timeout(Duration::from_secs(10), peer.closed())
            .await
            .expect("the peer sees the end of the connection");
    }
}

#[test]
fn debug_prints_no_secret() {
    let named =
        NamedCredential { name: "default".into(), credential: Credential::Bearer("s3cr3t-token".into()) };
    let headers = [(ACCEPT_ENCODING, Text::Secret("s3cr3t-header".into()))];
    let upstream = Upstream::new("test", Vec::new(), vec![named], &headers, &Clients::default());
    assert!(!format!("{upstream:?}").contains("s3cr3t"));
    assert_eq!(upstream.redactor().blank("s3cr3t-token s3cr3t-header"), "*** ***");
}
