//! `key`: a new API key for a caller.

use clap::Args;

use super::{Failure, Verdict, output};
use crate::access::NewKey;

/// Make an API key: the key for a caller, and its hash for the server file
///
/// The key is written to stdout, once and nowhere else. What goes into the
/// server file is written to stderr: from a hash nobody finds the key again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate key                  A key, and the lines for the server file
  toolgate key --name ci >key   The key into a file, the lines on the terminal")]
pub(super) struct Key {
    /// What rules and the log shall call whoever has it
    #[arg(long, default_value = "caller", value_parser = name)]
    name: String,
}

impl Key {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let new = NewKey::random();
        output::answer(&new.key)?;
        output::talk(&format!("access:\n  keys:\n    {}: {{sha256: {}}}", self.name, new.sha256));
        Ok(Verdict::Good)
    }
}

/// A name that YAML takes without quotes.
fn name(text: &str) -> Result<String, &'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if begins && text.bytes().all(is_word) {
        Ok(text.to_owned())
    } else {
        Err("write letters, digits, - and _")
    }
}
