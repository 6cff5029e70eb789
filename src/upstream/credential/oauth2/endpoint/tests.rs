use std::sync::Arc;

use super::*;
use crate::config::gateway::{Assertion, AssertionKey};
use crate::net::fixture::{Answer as Reply, Peer, answer};

/// What a token endpoint at `/token?tenant=t3nant` is asked, and what comes of its answer.
async fn asked(grant: Grant, client: ClientAuthentication, reply: &str) -> (String, Result<Answer, String>) {
    let bytes = answer(reply.split_once('|').unwrap().0, reply.split_once('|').unwrap().1);
    let peer = Peer::start(move |_| Reply::Write(bytes.clone())).await;
    let token_url = peer.url.join("/token?tenant=t3nant").unwrap();
    let oauth2 = OAuth2 {
        token_url: token_url.clone(),
        grant,
        client,
        scopes: vec!["a".to_owned(), "b".to_owned()],
        parameters: vec![("audience".to_owned(), "https://api.example.com".into())],
    };
    let subject = SecretString::from("subject-t0ken");
    let request = Request { oauth2: &oauth2, subject: Some(&subject), rotated: None };
    let values = Values::new(Arc::new(Redactor::default()));
    let given = Endpoint::new(&token_url, &Clients::default()).ask(&request, &values).await;
    (peer.requests().remove(0), given.map_err(|fault| fault.to_string()))
}

fn none() -> ClientAuthentication {
    ClientAuthentication::None { client_id: None }
}

#[tokio::test]
async fn the_client_proves_itself_as_the_rfc_says() {
    let good = r#"200 OK|{"access_token": "t1", "token_type": "Bearer", "expires_in": "60"}"#;
    let basic = ClientAuthentication::Basic { client_id: "a b".into(), secret: "c:d/e".into() };
    let (request, given) = asked(Grant::ClientCredentials, basic, good).await;
    assert!(request.starts_with("POST /token?tenant=t3nant HTTP/1.1"), "{request}");
    let pair = STANDARD.encode("a+b:c%3Ad%2Fe");
    assert!(request.contains(&format!("authorization: Basic {pair}\r\n")), "{request}");
    let body = "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi.example.com";
    assert!(request.ends_with(body), "{request}");
    let token = given.ok().unwrap().token;
    assert_eq!((token.text.expose_secret(), token.lifetime.as_secs()), ("t1", 60));

    let body = ClientAuthentication::Body { client_id: "me".into(), secret: "s3cret".into() };
    let (request, _) = asked(Grant::RefreshToken("r3fresh".into()), body, good).await;
    assert!(
        request.contains("grant_type=refresh_token&refresh_token=r3fresh&client_id=me&client_secret=s3cret&"),
        "{request}"
    );
}

#[tokio::test]
async fn a_callers_token_is_exchanged_as_rfc_8693_says() {
    let grant = Grant::TokenExchange {
        header: http::header::AUTHORIZATION,
        token_type: "urn:ietf:params:oauth:token-type:access_token".into(),
    };
    let good = r#"200 OK|{"access_token": "t1", "token_type": "N_A"}"#;
    let (request, given) = asked(grant, none(), good).await;
    let body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=subject-t0ken&\
                subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&";
    assert!(request.contains(body), "{request}");
    assert_eq!(given.ok().unwrap().token.lifetime, LIFETIME);
}

#[tokio::test]
async fn a_statement_is_signed_for_the_token_endpoint() {
    let assertion = Assertion {
        key: AssertionKey {
            key: "a-shared-secret-of-32-characters".into(),
            algorithm: jsonwebtoken::Algorithm::HS256,
        },
        key_id: Some("k1".into()),
        issuer: Some("me".into()),
        subject: Some("user@example.com".into()),
        audience: None,
        claims: serde_json::from_str(r#"{"scope": "read"}"#).unwrap(),
        lifetime: Duration::from_secs(120),
    };
    let good = r#"200 OK|{"access_token": "t1"}"#;
    let (request, _) = asked(Grant::JwtBearer(Box::new(assertion)), none(), good).await;
    let body = request.rsplit("\r\n\r\n").next().unwrap();
    let fields: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(fields["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let key = jsonwebtoken::DecodingKey::from_secret(b"a-shared-secret-of-32-characters");
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.validate_aud = false;
    let token = jsonwebtoken::decode::<Value>(&fields["assertion"], &key, &validation).unwrap();
    assert_eq!(token.header.kid.as_deref(), Some("k1"));
    let claims = &token.claims;
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["scope"]),
        (&"me".into(), &"user@example.com".into(), &"read".into())
    );
    assert!(claims["aud"].as_str().unwrap().ends_with("/token?tenant=t3nant"));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 120);
}

#[tokio::test]
async fn what_is_no_token_is_told_without_secrets() {
    let secret = || ClientAuthentication::Body { client_id: "me".into(), secret: "s3cret-client".into() };
    for (reply, expected) in [
        (
            r#"401 Unauthorized|{"error": "invalid_client", "error_description": "s3cret-client is wrong"}"#,
            " answered 401 Unauthorized: invalid_client (*** is wrong)",
        ),
        ("503 Service Unavailable|<h1>down</h1>", " answered 503 Service Unavailable"),
        ("302 Found\r\nLocation: https://evil.example.com/|", " answered 302 Found"),
        ("200 OK|<h1>welcome</h1>", " gave no token: its answer is no JSON object"),
        ("200 OK|{}", " gave no token: there is no `access_token` in its answer"),
        (
            r#"200 OK|{"access_token": "a", "token_type": "mac"}"#,
            " gave no token: its token is no bearer token",
        ),
        (
            r#"200 OK|{"access_token": "a\r\nb"}"#,
            " gave no token: its token has characters that cannot be sent",
        ),
    ] {
        let (_, given) = asked(Grant::ClientCredentials, secret(), reply).await;
        let error = given.err().unwrap();
        assert!(error.ends_with(expected), "{error}");
        assert!(error.contains("/token ") && !error.contains("t3nant"), "{error}");
    }
}
