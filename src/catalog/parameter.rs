//! Which parameters of an operation are arguments: those that the gateway does not set itself.

use http::HeaderName;

use crate::config::Gateway;
use crate::config::gateway::Credential;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::{Location, Parameter};
use crate::source::Place;

/// Headers that belong to the connection, say who is calling, or describe the body: a caller never sets them.
const RESERVED: &[&str] = &[
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "http2-settings",
    "authorization",
    "cookie",
    "proxy-authorization",
    "proxy-connection",
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-real-ip",
    "accept-encoding",
];

/// Why an operation cannot be served with its parameters.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// HTTP has no name like that, and the API asks for it.
    #[error("`{name}` is required and cannot be the name of a {location}")]
    IllegalName {
        /// Its name.
        name: String,
        /// Header or cookie.
        location: &'static str,
    },
}

/// The parameters that a caller can set: those declared, without the ones that toolgate sets itself, and with every
/// variable of the path among them.
pub(super) fn served(
    operation: &Operation,
    gateway: &Gateway,
    credentials: &[usize],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Parameter>, ParameterError> {
    let credentials: Vec<&Credential> = credentials
        .iter()
        .filter_map(|index| gateway.credentials.get(*index))
        .map(|named| &named.credential)
        .collect();
    let mut parameters = Vec::with_capacity(operation.parameters.len());
    for parameter in &operation.parameters {
        if parameter.location == Location::Path
            && !operation.path.variables().any(|name| name == parameter.name)
        {
            continue;
        }
        let place = || Place::new(&operation.place.source, parameter.span);
        if let Some(reason) = reserved(parameter, gateway, &credentials) {
            let location = parameter.location.as_str();
            let message = format!("the {location} parameter `{}` is no argument: {reason}", parameter.name);
            diagnostics.push(Diagnostic::new(Code::ReservedParameter, message).at(place()));
        } else if !is_token(parameter) {
            let (name, location) = (&parameter.name, parameter.location.as_str());
            if parameter.required {
                return Err(ParameterError::IllegalName { name: name.clone(), location });
            }
            let message = format!("`{name}` cannot be the name of a {location}; it is left out");
            diagnostics.push(Diagnostic::new(Code::InvalidParameter, message).at(place()));
        } else {
            parameters.push(parameter.clone());
        }
    }
    for name in operation.path.variables() {
        if !parameters.iter().any(|parameter| parameter.location == Location::Path && parameter.name == name)
        {
            parameters.push(Parameter::undeclared(name, operation.place.span));
        }
    }
    Ok(parameters)
}

/// Why a caller cannot set a parameter.
fn reserved(parameter: &Parameter, gateway: &Gateway, credentials: &[&Credential]) -> Option<&'static str> {
    if credentials.iter().any(|credential| credential.writes(parameter.location, &parameter.name)) {
        return Some("the credential is sent there");
    }
    if parameter.location != Location::Header {
        return None;
    }
    let is_it = |name: &str| parameter.name.eq_ignore_ascii_case(name);
    if RESERVED.iter().any(|name| is_it(name)) {
        return Some("toolgate sets it itself");
    }
    gateway.headers.iter().any(|(name, _)| is_it(name.as_str())).then_some("the gateway file sets it")
}

/// Whether the name of a header or cookie is one.
fn is_token(parameter: &Parameter) -> bool {
    match parameter.location {
        Location::Header | Location::Cookie => HeaderName::from_bytes(parameter.name.as_bytes()).is_ok(),
        Location::Path | Location::Query | Location::QueryString => true,
    }
}
