//! One HTTP request, from its head to its response.

use http::header::{ACCEPT, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::allowed::Stranger;
use super::body::{self, BodyError};
use super::listener::{Door, Service};
use super::response::{self, Pieces};
use super::{Endpoint, listen, metrics, session, sse, working};
use crate::access::{Principal, Refused};
use crate::mcp::answer::Answer;
use crate::mcp::dispatch::{Context, Received};
use crate::mcp::era::{self, Era};
use crate::mcp::error::ProtocolError;
use crate::mcp::headers;

/// Answers one request. Dropped when the client disconnects.
pub(super) async fn answer(endpoint: &Endpoint, request: Request<Incoming>, door: Door) -> Response<Pieces> {
    let (head, body) = request.into_parts();
    let mut response = match route(endpoint, &head, door) {
        Ok(gateway) => match admit(endpoint, &head).await {
            // Boxed, as what few requests are: it would make the future of every request larger, and that is moved.
            Ok(principal) if sse::is_meant(endpoint, &head) => {
                Box::pin(sse::answer(endpoint, &head, &principal, body)).await
            }
            Ok(principal) => match check(endpoint, &head) {
                Ok(()) if head.method == Method::POST => {
                    post(endpoint, &head, gateway, &principal, body).await
                }
                Ok(()) => without_a_body(endpoint, &head, &principal),
                Err(response) => *response,
            },
            Err(refused) => response::refused(&refused),
        },
        Err(response) => *response,
    };
    endpoint.cors.let_read(&head.headers, &mut response);
    if endpoint.draining.is_cancelled() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Where a request goes, or what is answered whoever asks.
fn route<'h>(
    endpoint: &Endpoint,
    head: &'h Parts,
    door: Door,
) -> Result<Option<&'h str>, Box<Response<Pieces>>> {
    let text = |status, line| Err(Box::new(response::text(status, line)));
    if let Err(stranger) = endpoint.allowed.check(head.version, &head.uri, &head.headers, door) {
        return Err(Box::new(turned_away(stranger)));
    }
    // Before anybody is asked who he is: a browser asks without showing anything.
    if let Some(response) = endpoint.cors.preflight(head) {
        return Err(Box::new(response));
    }
    if sse::is_meant(endpoint, head) {
        return Ok(None);
    }
    let gateway = match head.uri.path() {
        "/healthz" => return Err(Box::new(probe(head, true))),
        "/readyz" => return Err(Box::new(probe(head, !endpoint.draining.is_cancelled()))),
        "/metrics" if endpoint.tells_metrics(door) => {
            return Err(Box::new(metrics::answer(endpoint, &head.method)));
        }
        _ if door.service == Service::Metrics => {
            return text(StatusCode::NOT_FOUND, "Nothing here: metrics are at /metrics");
        }
        "/mcp" | "/mcp/" => None,
        path => match path.strip_prefix("/mcp/") {
            Some(gateway) => Some(gateway),
            None => match metadata(endpoint, head) {
                Some(metadata) => return Err(Box::new(metadata)),
                None => return text(StatusCode::NOT_FOUND, "Nothing here: MCP is at /mcp"),
            },
        },
    };
    Ok(gateway)
}

/// Who asks. It comes before everything that is said to callers alone, and before anything of the body is read.
///
/// # Errors
/// [`Refused`] for whoever has not shown who he is.
async fn admit(endpoint: &Endpoint, head: &Parts) -> Result<Principal, Refused> {
    match endpoint.server.gatekeeper() {
        // Boxed: it may have to fetch keys, and would make the future of every request larger.
        Some(gatekeeper) => Box::pin(gatekeeper.admit(&head.headers)).await,
        None => Ok(Principal::Local),
    }
}

/// Everything else that can be said about a request before its body is read.
fn check(endpoint: &Endpoint, head: &Parts) -> Result<(), Box<Response<Pieces>>> {
    let text = |status, line| Err(Box::new(response::text(status, line)));
    let for_sessions = matches!(head.method, Method::GET | Method::DELETE) && session::is_asked_for(head);
    if head.method != Method::POST && !for_sessions {
        return Err(Box::new(response::method_not_allowed("POST")));
    }
    if endpoint.draining.is_cancelled() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "Shutting down");
    }
    if for_sessions {
        return Ok(());
    }
    if !is_json(&head.headers) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
    }
    if !accepts_json(&head.headers) {
        return text(StatusCode::NOT_ACCEPTABLE, "Accept must allow application/json");
    }
    Ok(())
}

fn turned_away(stranger: Stranger) -> Response<Pieces> {
    tracing::debug!(?stranger, "turned a request away");
    match stranger {
        Stranger::NoHost => response::text(StatusCode::BAD_REQUEST, "Exactly one Host header, please"),
        Stranger::Host => response::text(StatusCode::FORBIDDEN, "Not served under this host name"),
        Stranger::Origin => response::text(StatusCode::FORBIDDEN, "Not served to pages of this origin"),
    }
}

/// The answer to a message of somebody who is known.
async fn post(
    endpoint: &Endpoint,
    head: &Parts,
    gateway: Option<&str>,
    principal: &Principal,
    body: Incoming,
) -> Response<Pieces> {
    let server = &endpoint.server;
    let catalog = server.catalog.load_full();
    let Some(view) = catalog.seen_by(principal, gateway) else {
        return response::text(StatusCode::NOT_FOUND, "No gateway and no toolset of this name");
    };
    let body = match body::read(body, server.options.http.body_timeout).await {
        Ok(body) => body,
        Err(error) => return not_read(error),
    };
    let session = match session::of(endpoint, head, principal) {
        Ok(session) => session,
        Err(response) => return *response,
    };
    let context = Context {
        catalog: &catalog,
        view: &view,
        headers: Some(&head.headers),
        principal,
        client: session.as_ref().map(|session| &session.client),
    };
    match server.receive(&body, context) {
        Received::Answer(answer) => response::json(answer),
        Received::Hello(answer, client) => {
            let mut response = response::json(answer);
            session::open(endpoint, head, principal, client, &mut response);
            response
        }
        Received::Work(work) => {
            let streams = accepts(&head.headers, "text/event-stream");
            working::answer(endpoint, work, session.as_ref(), streams).await
        }
        Received::Lacking(answer, scopes) => lacking(endpoint, answer, &scopes),
        Received::Listen(subscription) => listen::subscribed(endpoint, &head.headers, subscription),
        Received::Cancelled(id) => {
            // Without a session nobody can tell whose id it is: a disconnect of a modern client, or the deadline, ends
            // the call.
            session.iter().for_each(|session| session.cancel(&id));
            unanswered(&head.headers)
        }
        Received::Response(reply) => {
            if let Some(session) = &session {
                session.questions.answer(reply);
            }
            unanswered(&head.headers)
        }
        Received::Nothing => unanswered(&head.headers),
    }
}

/// A caller sees what he asks for, and is told what he has to log in for.
fn lacking(endpoint: &Endpoint, answer: Answer, scopes: &[String]) -> Response<Pieces> {
    let gatekeeper = endpoint.server.gatekeeper();
    let challenge =
        gatekeeper.and_then(|it| it.insufficient_scope(scopes.iter().map(String::as_str)).challenge);
    let mut response = response::json(answer);
    response.headers_mut().extend(challenge.map(|challenge| (WWW_AUTHENTICATE, challenge)));
    response
}

/// A GET listens, a DELETE ends the session.
fn without_a_body(endpoint: &Endpoint, head: &Parts, principal: &Principal) -> Response<Pieces> {
    if head.method == Method::DELETE {
        return session::end(endpoint, head, principal);
    }
    match session::of(endpoint, head, principal) {
        Ok(Some(session)) => listen::session(endpoint, &head.headers, &session),
        Ok(None) => response::method_not_allowed("POST"),
        Err(response) => *response,
    }
}

/// The response to a notification.
fn unanswered(headers: &HeaderMap) -> Response<Pieces> {
    let refused = match headers::single(headers, &headers::PROTOCOL_VERSION) {
        Ok(Some(version)) if !era::SUPPORTED.contains(&version) => {
            ProtocolError::UnsupportedVersion { requested: version.to_owned() }
        }
        Ok(_) => return response::accepted(),
        Err(error) => error,
    };
    response::json(Answer::error(None, &refused, Era::Modern))
}

pub(super) fn not_read(error: BodyError) -> Response<Pieces> {
    let status = match error {
        BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
        BodyError::Broken => StatusCode::BAD_REQUEST,
    };
    let mut response = response::text(status, &error.to_string());
    // The rest of the body is not read, so nothing after it can be.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Where callers log in (RFC 9728). Whoever has not done so must be able to read it.
fn metadata(endpoint: &Endpoint, head: &Parts) -> Option<Response<Pieces>> {
    let gatekeeper = endpoint.server.gatekeeper()?;
    let document = gatekeeper.metadata(head.uri.path())?;
    Some(match head.method {
        Method::GET | Method::HEAD => response::document(document),
        _ => response::method_not_allowed("GET, HEAD"),
    })
}

fn probe(head: &Parts, good: bool) -> Response<Pieces> {
    match (&head.method, good) {
        (&Method::GET | &Method::HEAD, true) => response::text(StatusCode::OK, "ok"),
        (&Method::GET | &Method::HEAD, false) => {
            response::text(StatusCode::SERVICE_UNAVAILABLE, "shutting down")
        }
        _ => response::method_not_allowed("GET, HEAD"),
    }
}

/// Whether the body claims to be JSON. A page of another site can send other types without asking first, and one
/// without any type as well: so the type must be there.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split_once(';').map_or(value, |(media_type, _)| media_type);
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// Whether the client takes JSON. One that says nothing takes anything; clients should also name
/// `text/event-stream`, but one that does not can still be answered.
fn accepts_json(headers: &HeaderMap) -> bool {
    !headers.contains_key(ACCEPT)
        || ["application/json", "application/*", "*/*"].iter().any(|media_type| accepts(headers, media_type))
}

/// Whether the client names this media type, or range, as one that it takes.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let values = headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes);
    values.flat_map(|value| value.split(|byte| *byte == b',')).any(|range| names(range, media_type))
}

fn names(range: &[u8], media_type: &str) -> bool {
    let Some((named, parameters)) = range.trim_ascii().split_at_checked(media_type.len()) else {
        return false;
    };
    let mut parameters = parameters.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let refused = |parameter: &[u8]| {
        let weight = parameter.strip_prefix(b"q=").and_then(|weight| str::from_utf8(weight).ok());
        weight.is_some_and(|weight| weight.parse::<f32>() == Ok(0.0))
    };
    named.eq_ignore_ascii_case(media_type.as_bytes())
        && parameters.next().is_some_and(<[u8]>::is_empty)
        && !parameters.any(refused)
}
