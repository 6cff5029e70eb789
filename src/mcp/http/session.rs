//! Legacy sessions over HTTP: which one a request belongs to, and how a client ends it.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::Endpoint;
use super::response::{self, Pieces};
use crate::access::Principal;
use crate::mcp::client::Client;
use crate::mcp::era;
use crate::mcp::headers;
use crate::mcp::session::{Session, Visitor};

pub(super) static SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// Whether a request asks for what only a session has: the modern era has none.
pub(super) fn is_asked_for(head: &Parts) -> bool {
    let version = head.headers.get(&headers::PROTOCOL_VERSION);
    version.is_none_or(|version| version != era::MODERN) && head.headers.contains_key(&SESSION)
}

/// The session that a request names; `None` when it names none.
///
/// # Errors
///
/// 404 when there is none with this id for whoever comes, 400 when there are two ids.
pub(super) fn of(
    endpoint: &Endpoint,
    head: &Parts,
    principal: &Principal,
) -> Result<Option<Arc<Session>>, Box<Response<Pieces>>> {
    if !is_asked_for(head) {
        return Ok(None);
    }
    let id = id(head)?;
    let session = endpoint.sessions.find(id, visitor(head, principal));
    session.map(Some).ok_or_else(unknown)
}

/// Begins a session for a client that has just said hello and needs one.
pub(super) fn open(
    endpoint: &Endpoint,
    head: &Parts,
    principal: &Principal,
    client: Client,
    response: &mut Response<Pieces>,
) {
    let is_needed = client.can_be_asked() || endpoint.server.options.can_change;
    if endpoint.sessions.is_off() || !is_needed {
        return;
    }
    let session = Session::new(client, endpoint.server.changes.latest());
    let id = endpoint.sessions.open(session, visitor(head, principal));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(SESSION.clone(), id);
    }
}

/// `DELETE`: the client is done.
pub(super) fn end(endpoint: &Endpoint, head: &Parts, principal: &Principal) -> Response<Pieces> {
    match id(head) {
        Ok(id) if endpoint.sessions.end(id, visitor(head, principal)) => {
            response::empty(StatusCode::NO_CONTENT)
        }
        Ok(_) => *unknown(),
        Err(response) => *response,
    }
}

/// Who comes, and where: a slash at the end makes no other endpoint.
fn visitor<'a>(head: &'a Parts, principal: &'a Principal) -> Visitor<'a> {
    Visitor { principal: principal.id(), place: head.uri.path().trim_end_matches('/') }
}

fn id(head: &Parts) -> Result<&str, Box<Response<Pieces>>> {
    let id = headers::single(&head.headers, &SESSION).ok().flatten();
    let refused = || response::text(StatusCode::BAD_REQUEST, "Exactly one Mcp-Session-Id header, please");
    id.ok_or_else(|| Box::new(refused()))
}

/// The same for all ids that are no good here: clients begin anew.
fn unknown() -> Box<Response<Pieces>> {
    Box::new(response::text(StatusCode::NOT_FOUND, "No session with this id: send initialize again"))
}
