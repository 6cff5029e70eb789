//! The stand-in over real HTTP.

use super::*;

async fn started() -> Mock {
    let mut echo = operation("GET /books/{id}");
    echo.parameters = vec![parameter(Location::Path, "id", json!({ "type": "integer" }))];
    echo.id = None;
    let api = api(vec![echo]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    start(vec![api], listener).unwrap()
}

#[tokio::test]
async fn each_api_is_below_its_gateway_and_base_path() {
    let mock = started().await;
    let base = mock.base_url("shop").unwrap().clone();
    assert!(base.as_str().ends_with("/shop/v2"), "{base}");
    assert_eq!(mock.base_url("other"), None);
    let answer = reqwest::get(format!("{base}/books/5")).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), r#"{"path":{"id":5}}"#);
    let outside = reqwest::get(base.join("/shop/v3/books/5").unwrap()).await.unwrap();
    assert_eq!(outside.status().as_u16(), 404);
    assert!(outside.text().await.unwrap().contains("/shop/v2"));
}

#[tokio::test]
async fn head_has_no_body() {
    let mock = started().await;
    let base = mock.base_url("shop").unwrap();
    let answer = reqwest::Client::new().head(format!("{base}/books/5")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 405);
    assert!(answer.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn it_ends_when_told() {
    let mock = started().await;
    let base = mock.base_url("shop").unwrap().clone();
    mock.stop().await;
    assert!(reqwest::get(format!("{base}/books/5")).await.unwrap_err().is_connect());
}
