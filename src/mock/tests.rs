//! Requests as raw text in, answers out: what a server of the API would say.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::*;
use crate::catalog::fixture::{self, body, parameter};
use crate::config::gateway::{Change, Credential, Endpoint, NamedCredential};
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Encoding, Location, Parameter, PropertyEncoding, SchemeUse, Style};

mod answers;
mod bodies;
mod requests;
mod served;

/// An operation that takes nothing.
fn operation(signature: &str) -> Operation {
    let (method, path) = signature.split_once(' ').unwrap();
    Operation { id: Some(signature.to_owned()), servers: Vec::new(), ..fixture::operation(method, path) }
}

fn required(parameter: Parameter) -> Parameter {
    Parameter { required: true, ..parameter }
}

/// An API of endpoints that answer with their own name.
fn api(operations: Vec<Operation>) -> MockApi {
    api_with(operations, Vec::new())
}

fn api_with(operations: Vec<Operation>, credentials: Vec<NamedCredential>) -> MockApi {
    let mut gateway = Gateway::named("shop");
    gateway.base_url = Some("https://api.example.com/v2/".parse().unwrap());
    gateway.credentials = credentials;
    gateway.endpoints = operations
        .into_iter()
        .map(|operation| Endpoint {
            example: operation.id.clone().map(Value::from),
            operation,
            change: Change::default(),
        })
        .collect();
    MockApi::new(&gateway, Vec::new(), None)
}

/// `GET /path?query` with header lines and a body.
fn request(line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Received {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = headers.iter().map(|(name, value)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    Received {
        method: method.parse().unwrap(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
        body: body.into(),
    }
}

fn get(line: &str) -> Received {
    request(line, &[], "")
}

/// The name of the operation that answered.
fn answered(api: &MockApi, received: &Received) -> String {
    let response = api.respond(received);
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{body}");
    body
}

/// Status and reasons.
fn refused(api: &MockApi, received: &Received) -> (u16, Vec<String>) {
    let response = api.respond(received);
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(problem["status"], response.status().as_u16());
    let reasons = problem["detail"].as_str().unwrap().split("; ").map(ToOwned::to_owned).collect();
    (response.status().as_u16(), reasons)
}
