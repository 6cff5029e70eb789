//! Headers of the caller that are handed on.

use http::HeaderName;
use http::header::PROXY_AUTHORIZATION;

use crate::config::gateway::Credential;
use crate::config::header as headers;
use crate::config::resolver::Resolver;
use crate::config::text::Literal;
use crate::config::written::{List, Required, Written, written};

written! {
    /// Headers of the caller's own request, which go on to the API as they came. A call that lacks one of them, or
    /// comes over stdio, is refused. No other header of a caller ever goes on.
    #[schemars(inline)]
    pub(in crate::config) struct PassThroughFile<'t> {
        /// Names of the headers.
        #[schemars(extend("minItems" = 1, "examples" = [["X-User-Token"]]))]
        headers: Required<'t, List<'t, Literal<'t>>>,
    }
}

pub(super) fn resolve(file: &PassThroughFile<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let written = file.headers.0.as_ref()?;
    if written.value.0.is_empty() {
        resolver.problem(written.slot.invalid("name at least one header"));
        return None;
    }
    let names: Option<Vec<HeaderName>> =
        written.value.0.iter().map(|name| self::header(name, resolver)).collect();
    names.map(Credential::PassThrough)
}

/// A header that a caller may have set for the API.
pub(super) fn header(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<HeaderName> {
    let name = headers::name(written.value.0).map_err(|error| error.to_string());
    let name = name.and_then(|name| match name {
        name if name == PROXY_AUTHORIZATION || name.as_str().starts_with("mcp-") => {
            Err("it is between the caller and toolgate".to_owned())
        }
        name => Ok(name),
    });
    match name {
        Ok(name) => Some(name),
        Err(help) => {
            let message = format!("`{}` cannot be taken from a caller", written.value.0);
            resolver.problem(written.slot.invalid(message).help(help));
            None
        }
    }
}
