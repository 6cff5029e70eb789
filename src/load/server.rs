//! Reads the server file that a command line names.

use std::path::Path;

use super::input::unreadable;
use crate::config::{self, ServerConfig};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{MAX_GATEWAY_FILE, Reader};

/// What the server file at `path` means, and what is wrong with it. `None` when an error is: nothing is served by half
/// of its rules.
#[must_use]
pub fn server_config(path: &Path, reader: &Reader) -> (Option<ServerConfig>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let config = match reader.file(path, MAX_GATEWAY_FILE) {
        Ok(source) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            config::read_server(&source, folder, &reader.seen, &mut diagnostics)
        }
        Err(error) => {
            diagnostics.push(unreadable(&error, None));
            None
        }
    };
    (config, diagnostics)
}

/// A text that was given as a SOURCE and is a server file.
pub(super) fn misplaced() -> Diagnostic {
    let message = "this is a server file: it says nothing about an API";
    Diagnostic::new(Code::SourceUnknown, message).help("give it as `--config FILE`, beside the sources")
}
