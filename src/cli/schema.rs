//! `schema`: the JSON Schema of the gateway file, or its reference page.

use clap::{Args, ValueEnum};

use super::{Failure, Verdict, output};

/// Print the JSON Schema of the gateway file
///
/// Editors complete and check a gateway file that begins with
/// `# yaml-language-server: $schema=PATH`.
#[derive(Args, Debug)]
pub(super) struct Schema {
    /// As JSON Schema for editors, or as a page in Markdown for people
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Markdown,
}

impl Schema {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let answer = match self.format {
            Format::Json => serde_json::to_string_pretty(&crate::config::schema()).unwrap_or_default(),
            Format::Markdown => crate::config::page(),
        };
        output::answer(answer)?;
        Ok(Verdict::Good)
    }
}
