//! What only clients with a handshake ask for (2024-11-05 to 2025-11-25).
//!
//! No request needs a handshake before it: `initialize` is answered, and remembered where something remembers the
//! client, and every other request is served whether it came before or not.

use serde_json::value::RawValue;

use super::answer::Answer;
use super::client::Client;
use super::era::{self, Era};
use super::error::{ParamFault, ProtocolError};
use super::level::Level;
use super::message::Request;
use super::subscription::Changing;
use super::{identity, json, offered};
use crate::catalog::View;

/// `initialize`: the client's version if we speak it, else the newest of its era.
pub(crate) fn initialize(
    request: &Request<'_>,
    view: &View,
    changing: Changing,
) -> Result<Answer, ProtocolError> {
    let fault = |fault| ProtocolError::param("protocolVersion", fault);
    let requested = request.params.protocol_version.ok_or(fault(ParamFault::Missing))?;
    let requested = json::string(requested.get()).ok_or(fault(ParamFault::NotAString))?;
    let version = era::negotiate(&requested);
    let capabilities = offered::capabilities(view, changing);
    let info = identity::server_info(view, version);
    let mut members =
        format!(r#""protocolVersion":"{version}","capabilities":{capabilities},"serverInfo":{info}"#);
    push_instructions(&mut members, view);
    Ok(Answer::result(request.id, Era::Legacy, &members))
}

/// `ping`
pub(crate) fn ping(request: &Request<'_>) -> Answer {
    Answer::result(request.id, Era::Legacy, "")
}

/// `logging/setLevel`. Where nothing remembers the client, it changes nothing.
pub(crate) fn set_level(request: &Request<'_>, client: Option<&Client>) -> Result<Answer, ProtocolError> {
    let level = request.params.level.ok_or(ProtocolError::param("level", ParamFault::Missing))?;
    let level = Level::read(level, "level")?;
    client.iter().for_each(|client| client.set_level(level));
    Ok(ping(request))
}

/// `resources/subscribe` and `resources/unsubscribe`: the client is told when what it reads there changes. Where nothing
/// changes while it is served there is nothing to remember, nor to tell.
pub(crate) fn watch(
    request: &Request<'_>,
    client: Option<&Client>,
    can_change: bool,
) -> Result<Answer, ProtocolError> {
    let fault = |fault| ProtocolError::param("uri", fault);
    let uri = request.params.uri.ok_or(fault(ParamFault::Missing))?;
    let uri = json::string(uri.get()).ok_or(fault(ParamFault::NotAString))?;
    match client {
        None if can_change => return Err(ProtocolError::NoSession),
        Some(client) if request.method == "resources/unsubscribe" => client.unwatch(&uri),
        Some(client) if !client.watch(&uri) => return Err(fault(ParamFault::TooMuch)),
        Some(_) | None => {}
    }
    Ok(ping(request))
}

/// Adds the `instructions` member when there are any. Both eras have it.
pub(crate) fn push_instructions(members: &mut String, view: &View) {
    if let Some(instructions) = &view.instructions {
        members.push_str(r#","instructions":"#);
        members.push_str(&serde_json::Value::from(&**instructions).to_string());
    }
}

/// The id that `notifications/cancelled` names.
pub(crate) fn cancelled<'a>(request_id: Option<&'a RawValue>) -> Option<super::message::Id<'a>> {
    request_id.and_then(super::message::Id::read)
}
