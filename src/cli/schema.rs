//! `schema`: the JSON Schema of the gateway file.

use clap::Args;

use super::{Failure, Verdict, output};

/// Print the JSON Schema of the gateway file
///
/// Editors complete and check a gateway file that begins with
/// `# yaml-language-server: $schema=PATH`.
#[derive(Args, Debug)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let Self {} = self;
        let schema = serde_json::to_string_pretty(&crate::config::schema()).unwrap_or_default();
        output::answer(schema)?;
        Ok(Verdict::Good)
    }
}
