//! `schema`: the JSON Schema of the gateway file or of the server file, or its reference page.

use clap::{Args, ValueEnum};

use super::{Failure, Verdict, output};
use crate::config;

/// Print the JSON Schema of the gateway file, or of the server file
///
/// Editors complete and check a file that begins with
/// `# yaml-language-server: $schema=PATH`.
#[derive(Args, Debug)]
pub(super) struct Schema {
    /// As JSON Schema for editors, or as a page in Markdown for people
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,

    /// That of the server file (--config)
    #[arg(long)]
    server: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Markdown,
}

impl Schema {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let json = |schema| serde_json::to_string_pretty(&schema).unwrap_or_default();
        let answer = match (self.format, self.server) {
            (Format::Json, false) => json(config::schema()),
            (Format::Json, true) => json(config::server_schema()),
            (Format::Markdown, false) => config::page(),
            (Format::Markdown, true) => config::server_page(),
        };
        output::answer(answer)?;
        Ok(Verdict::Good)
    }
}
