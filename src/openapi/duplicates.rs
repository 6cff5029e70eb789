//! The warnings for keys that come twice, the same for JSON and YAML.

use std::sync::Arc;

use super::node::{Builder, Duplicate};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Place, Source};

/// One warning for each key that came twice; when there are very many of them, the last says how many more.
pub(super) fn warnings(source: &Arc<Source>, builder: &Builder) -> Diagnostics {
    let (kept, count) = builder.duplicates();
    let mut warnings: Diagnostics = kept.iter().map(|duplicate| warning(source, *duplicate)).collect();
    if let (Some(last), 1..) = (kept.last(), count.saturating_sub(kept.len())) {
        let message = format!("{} more keys come twice", count - kept.len());
        warnings.push(Diagnostic::new(Code::DuplicateKey, message).at(Place::new(source, last.second)));
    }
    warnings
}

fn warning(source: &Arc<Source>, duplicate: Duplicate) -> Diagnostic {
    let key = source.slice(duplicate.second).trim_matches(['"', '\'']);
    let line = source.line_column(duplicate.first.start).line;
    Diagnostic::new(
        Code::DuplicateKey,
        format!("`{key}` comes twice here; this one counts, not the one on line {line}"),
    )
    .at(Place::new(source, duplicate.second))
}
