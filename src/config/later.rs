//! Keys that a gateway file is going to have and that this version does nothing about.
//!
//! Taking them in silence would leave an author in the belief that his calls are cached or limited. They are
//! refused by name instead. Whoever builds one of them deletes it from [`LATER`] and declares it in [`super::file`].

use crate::diagnostic::{Code, Diagnostic};

/// By the name of the written form: its keys (or words) of later versions.
const LATER: &[(&str, &[&str])] = &[("EndpointFile", &["output"]), ("ChangeFile", &["output"])];

/// Whether `form` is going to have this key.
pub(super) fn is_later(form: &str, key: &str) -> bool {
    LATER.iter().any(|(name, keys)| *name == form && keys.contains(&key))
}

/// Keys of the server file that somebody may look for in a gateway file.
pub(super) const OF_SERVER: [&str; 6] = ["access", "toolsets", "rules", "limits", "audit", "cors"];

/// Keys of a gateway file that somebody may look for in the server file.
const OF_GATEWAY: [&str; 8] =
    ["gateway", "base_url", "openapi", "endpoints", "operations", "credential", "credentials", "headers"];

/// Where a key belongs that is none of this form, but of another file.
pub(super) fn other_file(form: &str, key: &str) -> Option<&'static str> {
    match form {
        "GatewayFile" if OF_SERVER.contains(&key) => {
            Some("it belongs in the server file, which is for all gateways: `toolgate serve … --config FILE`")
        }
        "ServerFile" if OF_GATEWAY.contains(&key) => {
            Some("it belongs in a gateway file, which is one API: `toolgate serve FILE`")
        }
        _ => None,
    }
}

/// Whether the key is there for others than toolgate: `$schema` for editors, `x-…` for anchors and notes.
pub(super) fn is_ignored(form: &str, key: &str) -> bool {
    matches!(form, "GatewayFile" | "ServerFile") && (key == "$schema" || key.starts_with("x-"))
}

/// The diagnostic about it.
pub(super) fn unavailable(key: &str) -> Diagnostic {
    Diagnostic::new(Code::UnavailableKey, format!("`{key}` is not available in this version of toolgate"))
        .help("leave it out: it would have no effect")
}
