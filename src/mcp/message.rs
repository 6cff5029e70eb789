//! The JSON-RPC envelope: what every message has, whatever it asks for.
//!
//! A message is parsed once and borrowed; its parts stay raw JSON until somebody needs them. After [`Message::parse`]
//! it is certain that the text is valid JSON, that no object in it has a key twice and that nothing is nested deeper
//! than can be read.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::error::{EnvelopeFault, ParamFault, ProtocolError};
use super::json;
use super::strict::{self, Flaw};

/// A message from a client.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// Wants an answer.
    Request(Request<'a>),
    /// Wants none.
    Notification {
        /// What it tells.
        method: Cow<'a, str>,
        /// Its details; faults in them concern nobody.
        params: Params<'a>,
    },
    /// An answer to a request of ours.
    Response {
        /// Which request; without one it answers none.
        id: Option<Id<'a>>,
        /// What came of it; `None`: an error.
        result: Option<&'a RawValue>,
    },
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// What the answer must carry.
    pub(crate) id: Id<'a>,
    /// What is asked for.
    pub(crate) method: Cow<'a, str>,
    /// With which parameters.
    pub(crate) params: Params<'a>,
}

/// The id of a request: a string or an integer, as raw JSON, so that it goes back byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id<'a>(&'a str);

/// A message that is refused, with its id if it has a readable one.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    /// Whom to answer.
    pub(crate) id: Option<Id<'a>>,
    /// Why.
    pub(crate) error: ProtocolError,
}

/// The parameters that some method reads, each as it came. `null` counts as a value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Params<'a> {
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) name: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) uri: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) arguments: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "inputResponses")]
    pub(crate) input_responses: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "requestState")]
    pub(crate) request_state: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) cursor: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) level: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "protocolVersion")]
    pub(crate) protocol_version: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "clientInfo")]
    pub(crate) client_info: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) capabilities: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) notifications: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "requestId")]
    pub(crate) request_id: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "ref")]
    pub(crate) reference: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) argument: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) context: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "object", rename = "_meta")]
    pub(crate) meta: Option<Meta<'a>>,
}

/// What we read of `params._meta`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Meta<'a> {
    #[serde(borrow, deserialize_with = "present", rename = "io.modelcontextprotocol/protocolVersion")]
    pub(crate) protocol_version: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "io.modelcontextprotocol/clientCapabilities")]
    pub(crate) client_capabilities: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "io.modelcontextprotocol/clientInfo")]
    pub(crate) client_info: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "io.modelcontextprotocol/logLevel")]
    pub(crate) log_level: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present", rename = "progressToken")]
    pub(crate) progress_token: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) traceparent: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) tracestate: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) baggage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// A member that is there, even when it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A member that is an object or `null`. A derived reader would take an array of the values as well.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Meta<'de>>, D::Error> {
    deserializer.deserialize_option(ObjectOrNull)
}

struct ObjectOrNull;

impl<'de> Visitor<'de> for ObjectOrNull {
    type Value = Option<Meta<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Meta::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

impl<'a> Message<'a> {
    /// Reads one message.
    ///
    /// # Errors
    ///
    /// Says why the message is refused, and to which id the answer goes.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Refused<'a>> {
        let text = std::str::from_utf8(body).map_err(|_| refused(None, ProtocolError::Parse))?;
        let envelope = Envelope::read(text).ok_or_else(|| refused(None, why_no_envelope(text)))?;
        let id = envelope.id.and_then(Id::read);
        if let Err(flaw) = strict::check(text) {
            return Err(refused(id, where_flawed(&envelope, flaw)));
        }
        envelope.open(id).map_err(|error| refused(id, error))
    }
}

impl<'a> Envelope<'a> {
    fn read(text: &'a str) -> Option<Self> {
        json::is_object(text.as_bytes()).then(|| serde_json::from_str(text).ok()).flatten()
    }

    fn open(self, id: Option<Id<'a>>) -> Result<Message<'a>, ProtocolError> {
        let fault = ProtocolError::envelope;
        if self.jsonrpc.map(RawValue::get) != Some(r#""2.0""#) {
            return Err(fault(EnvelopeFault::Version));
        }
        if self.id.is_some() && id.is_none() {
            return Err(fault(EnvelopeFault::Id));
        }
        let Some(method) = self.method else {
            let response = self.result.is_some() || self.error.is_some();
            let result = self.result.filter(|_| self.error.is_none());
            return if response {
                Ok(Message::Response { id, result })
            } else {
                Err(fault(EnvelopeFault::Method))
            };
        };
        let method = json::string(method.get()).ok_or(fault(EnvelopeFault::Method))?;
        let params = Params::read(self.params);
        Ok(match id {
            Some(id) => Message::Request(Request { id, method, params: params? }),
            None => Message::Notification { method, params: params.unwrap_or_default() },
        })
    }
}

impl Request<'_> {
    /// The answer where nothing of what the method is about is offered.
    pub(crate) fn not_offered(&self) -> ProtocolError {
        ProtocolError::MethodNotFound { method: self.method.clone().into_owned() }
    }
}

impl<'a> Params<'a> {
    /// `null` is taken for no parameters, as other servers do.
    fn read(raw: Option<&'a RawValue>) -> Result<Self, ProtocolError> {
        let Some(raw) = raw.map(RawValue::get).filter(|raw| *raw != "null") else {
            return Ok(Self::default());
        };
        let not_an_object = |param| ProtocolError::param(param, ParamFault::NotAnObject);
        if !json::is_object(raw.as_bytes()) {
            return Err(not_an_object("params"));
        }
        // Every other member is taken as it is: only `_meta` can be of a wrong type.
        serde_json::from_str(raw).map_err(|_| not_an_object("_meta"))
    }
}

impl<'a> Id<'a> {
    /// The id as raw JSON.
    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    /// The id that a raw JSON value is, if it can be one.
    pub(crate) fn read(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        (text.starts_with('"') || is_integer(text)).then_some(Self(text))
    }

    /// An id that was read before and kept as raw JSON.
    pub(crate) fn kept(raw: &'a str) -> Self {
        Self(raw)
    }
}

/// Whether a raw JSON value is a number that is whole as it is written: `7`, `7.0` and `7e2`, not `7.5` or `70e-1`.
fn is_integer(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let fraction = mantissa.split_once('.').map_or("", |(_, fraction)| fraction);
    !exponent.starts_with('-') && fraction.bytes().all(|digit| digit == b'0')
}

fn refused(id: Option<Id<'_>>, error: ProtocolError) -> Refused<'_> {
    Refused { id, error }
}

/// What is wrong with a text that is no object with the members of an envelope.
fn why_no_envelope(text: &str) -> ProtocolError {
    let Ok(value) = serde_json::from_str::<&RawValue>(text) else { return ProtocolError::Parse };
    ProtocolError::envelope(match (value.get().as_bytes().first(), strict::check(text)) {
        (Some(b'['), _) => EnvelopeFault::Batch,
        (Some(b'{'), Err(flaw)) => EnvelopeFault::Flaw(flaw),
        _ => EnvelopeFault::NotAnObject,
    })
}

/// A flaw inside `params` is told as one of them: the message itself is sound.
fn where_flawed(envelope: &Envelope<'_>, flaw: Flaw) -> ProtocolError {
    match envelope.params.map(|params| strict::check(params.get())) {
        Some(Err(flaw)) => ProtocolError::FlawedParams(flaw),
        _ => ProtocolError::envelope(EnvelopeFault::Flaw(flaw)),
    }
}

#[cfg(test)]
mod tests;
