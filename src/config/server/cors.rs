//! Which web pages may call from a browser.

use url::{Origin, Url};

use crate::config::resolver::Resolver;
use crate::config::text::Template;
use crate::config::written::{List, Required, Written, written};
use crate::diagnostic::{Code, Diagnostic};

written! {
    /// Which web pages may call from a browser (CORS). Without it a browser lets none, and a request that comes from a
    /// page is refused.
    #[schemars(rename = "Cors")]
    pub(super) struct CorsFile<'t> {
        /// Origins of pages, exactly as a browser sends them: scheme, host, and the port where it is not the usual one.
        #[schemars(extend("examples" = [["https://app.example.com", "http://localhost:6274"]]))]
        origins: Required<'t, List<'t, Template<'t>>>,
    }
}

/// The origins that may call, in the form in which a browser sends them.
pub(super) fn resolve(
    written: Option<&Written<'_, CorsFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<String> {
    let Some(origins) = written.and_then(|cors| cors.value.origins.0.as_ref()) else { return Vec::new() };
    if origins.slot.node.items().next().is_none() {
        let problem = Diagnostic::new(Code::InvalidValue, "no page could call").at(origins.slot.key_place());
        resolver.problem(problem.help("leave `cors` out"));
    }
    origins.value.0.iter().filter_map(|origin| one(origin, resolver)).collect()
}

fn one(written: &Written<'_, Template<'_>>, resolver: &mut Resolver<'_>) -> Option<String> {
    let resolved = resolver.resolve(written)?;
    if resolved.declined {
        return None;
    }
    let text = resolved.text.expose();
    let help = match text {
        "*" => {
            "name the pages: whoever can reach this server could be called from any page that its people open"
        }
        "null" => "`null` is what every page in a sandbox has",
        _ => {
            "write it as a browser sends it: `https://app.example.com`, without a path and without a `/` at the end"
        }
    };
    if is_origin(text) {
        return Some(text.to_owned());
    }
    let shown = if resolved.text.is_secret() { "this".to_owned() } else { format!("`{text}`") };
    resolver.problem(written.slot.invalid(format!("{shown} is no origin of pages")).help(help));
    None
}

/// Whether a text is an origin in the one spelling that browsers have for it (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Some(url) = Url::parse(text).ok().filter(|_| !text.contains('*')) else { return false };
    match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization() == text,
        // Pages of editors and browser extensions: `vscode-webview://abc`.
        Origin::Opaque(_) => {
            url.has_host() && text == format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
        }
    }
}
