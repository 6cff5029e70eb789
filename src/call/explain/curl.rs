//! A request as a command line for POSIX shells.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use super::{readable, shown_url};
use crate::upstream::HttpRequest;

/// One option a line. Every word that comes from the request is quoted. A body that is no text is piped in as base64.
pub(super) fn write(request: &HttpRequest) -> String {
    let mut lines = Vec::new();
    let mut before = String::new();
    let method = match request.method {
        // `--request HEAD` would wait for a body.
        Method::HEAD => " --head".to_owned(),
        Method::GET if request.body.is_empty() => String::new(),
        _ => format!(" --request {}", quoted(request.method.as_str())),
    };
    // Without --globoff, curl takes brackets and braces in a URL for patterns.
    lines.push(format!("curl --globoff{method} {}", quoted(&shown_url(request))));
    for (name, value) in &request.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // A header without a value is written with a semicolon; with a colon, curl leaves it out.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        lines.push(format!("--header {}", quoted(&header)));
    }
    if !request.body.is_empty() {
        match readable(&request.body) {
            Some(body) => lines.push(format!("--data-raw {}", quoted(body))),
            None => {
                before =
                    format!("printf %s {} | base64 --decode | ", quoted(&STANDARD.encode(&request.body)));
                lines.push("--data-binary @-".to_owned());
            }
        }
    }
    format!("{before}{}\n", lines.join(" \\\n  "))
}

/// A word in single quotes, within which a shell knows no special character but the quote itself.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
