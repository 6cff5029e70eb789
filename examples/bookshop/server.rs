//! The bookshop's API, as `openapi.yaml` describes it: `cargo run --example bookshop [ADDRESS]`.
//!
//! Everything is in memory and gone when it ends. It is strict where the document is, so that a request that toolgate
//! builds wrongly is refused here.

mod problem;
mod query;
mod shop;

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;

use problem::Problem;
use query::Query;
use shop::{NewBook, NewOrder, NewReview, Shop};

/// Where it listens unless told otherwise; `openapi.yaml` says the same.
const ADDRESS: &str = "127.0.0.1:4010";
/// What a customer proves who they are with.
const TOKEN: &str = "Bearer demo-token";
/// What a partner proves who they are with.
const KEY: &str = "demo-key";

type Shared = State<Arc<Mutex<Shop>>>;
type Answer = Result<Response, Problem>;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    writeln!(std::io::stdout(), "the bookshop is open at http://{}/v1", listener.local_addr()?)?;
    axum::serve(listener, router()).await
}

fn router() -> Router {
    let v1 = Router::new()
        .route("/books", get(list_books).post(add_book))
        .route("/search", get(list_books))
        .route("/books/{isbn}", get(get_book).delete(remove_book))
        .route("/books/{isbn}/cover", get(get_cover).put(set_cover))
        .route("/books/{isbn}/reviews", get(list_reviews).post(add_review))
        .route("/authors", get(list_authors))
        .route("/orders", post(place_order))
        .route("/orders/{id}", get(get_order))
        .route("/opening-hours", get(opening_hours))
        .with_state(Arc::new(Mutex::new(Shop::stocked())));
    Router::new().nest("/v1", v1)
}

async fn list_books(State(shop): Shared, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query)?;
    json(StatusCode::OK, &open(&shop).list(&query)?)
}

async fn add_book(State(shop): Shared, headers: HeaderMap, body: Bytes) -> Answer {
    authenticate(&headers)?;
    let book = open(&shop).add(read::<NewBook>(&headers, &body)?)?;
    let place = [(LOCATION, format!("/v1/books/{}", book.isbn))];
    Ok((place, json(StatusCode::CREATED, &book)?).into_response())
}

async fn get_book(State(shop): Shared, Path(isbn): Path<String>) -> Answer {
    json(StatusCode::OK, &open(&shop).book(&isbn)?)
}

async fn remove_book(State(shop): Shared, Path(isbn): Path<String>, headers: HeaderMap) -> Answer {
    authenticate(&headers)?;
    open(&shop).remove(&isbn)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn get_cover(State(shop): Shared, Path(isbn): Path<String>) -> Answer {
    let cover = open(&shop).cover(&isbn)?;
    Ok(([(CONTENT_TYPE, "image/png")], cover).into_response())
}

async fn set_cover(State(shop): Shared, Path(isbn): Path<String>, headers: HeaderMap, body: Bytes) -> Answer {
    authenticate(&headers)?;
    if !is(&headers, "image/png") || !body.starts_with(b"\x89PNG") || body.len() > 1 << 20 {
        return Err(Problem::refused("a cover is a PNG picture of at most 1 MiB"));
    }
    open(&shop).set_cover(&isbn, body)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_reviews(State(shop): Shared, Path(isbn): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query)?;
    json(StatusCode::OK, &open(&shop).reviews(&isbn, &query)?)
}

async fn add_review(
    State(shop): Shared,
    Path(isbn): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    authenticate(&headers)?;
    let review = open(&shop).review(&isbn, read::<NewReview>(&headers, &body)?)?;
    json(StatusCode::CREATED, &review)
}

async fn list_authors(State(shop): Shared) -> Answer {
    json(StatusCode::OK, &open(&shop).authors())
}

async fn place_order(State(shop): Shared, headers: HeaderMap, body: Bytes) -> Answer {
    authenticate(&headers)?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let order = open(&shop).order(key, read::<NewOrder>(&headers, &body)?)?;
    json(StatusCode::CREATED, &order)
}

async fn get_order(State(shop): Shared, Path(id): Path<u64>, headers: HeaderMap) -> Answer {
    authenticate(&headers)?;
    json(StatusCode::OK, &open(&shop).ordered(id)?)
}

async fn opening_hours(RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query)?;
    json(StatusCode::OK, &shop::opening_hours(query.required("day")?)?)
}

/// A customer's token or a partner's key.
fn authenticate(headers: &HeaderMap) -> Result<(), Problem> {
    let has = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    match has(AUTHORIZATION.as_str(), TOKEN) || has("x-partner-key", KEY) {
        true => Ok(()),
        false => Err(Problem::unknown()),
    }
}

/// Reads a body, which must be JSON and say so.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    if !is(headers, "application/json") {
        return Err(Problem::refused("the body must be application/json"));
    }
    serde_json::from_slice(body).map_err(|error| Problem::refused(error.to_string()))
}

fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.split(';').next()).is_some_and(|value| value.trim() == media_type)
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    let text = serde_json::to_string(value).map_err(|error| Problem::refused(error.to_string()))?;
    Ok((status, [(CONTENT_TYPE, "application/json")], text).into_response())
}

/// Nothing here stops half-way, so a panic elsewhere leaves the shop in order.
fn open(shop: &Mutex<Shop>) -> MutexGuard<'_, Shop> {
    shop.lock().unwrap_or_else(PoisonError::into_inner)
}
