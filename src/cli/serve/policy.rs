//! What the server file says that is settled when the server starts, and stays until it ends.

use std::sync::Arc;

use super::super::Failure;
use crate::access::Gatekeeper;
use crate::call::admission::Admission;
use crate::config::ServerConfig;
use crate::config::server::AuditTarget;
use crate::mcp::ServerOptions;
use crate::mcp::http::HttpOptions;
use crate::net::Clients;
use crate::telemetry::Guard;
use crate::telemetry::audit::Audit;

/// The options with what the server file says. As long as the guard is kept, audit lines are written.
///
/// # Errors
/// [`Failure::Written`] when audit lines cannot be.
pub(super) fn apply(
    config: &ServerConfig,
    options: ServerOptions,
) -> Result<(ServerOptions, Option<Guard>), Failure> {
    let (audit, guard) = audit(config.audit.as_ref())?.unzip();
    let admission = Admission::new(config.limits).map(Arc::new);
    let mut http = HttpOptions { cors_origins: config.origins.clone(), ..options.http };
    if let Some(access) = &config.access {
        // The host of the resource is one of our own names, in the operator's words.
        let host = access.resource.as_ref().and_then(|resource| resource.url.host_str()?.parse().ok());
        http.allowed_hosts.extend(host);
        http.gatekeeper = Some(Arc::new(Gatekeeper::new(access.clone(), &Clients::default())));
    }
    Ok((ServerOptions { admission, audit, http, ..options }, guard))
}

fn audit(target: Option<&AuditTarget>) -> Result<Option<(Audit, Guard)>, Failure> {
    let Some(target) = target else { return Ok(None) };
    let (begun, path) = match target {
        AuditTarget::Stderr => (Audit::to_stderr(), "stderr".into()),
        AuditTarget::File(path) => (Audit::to_file(path.clone()), path.clone()),
    };
    begun.map(Some).map_err(|error| Failure::Written { path, error })
}
