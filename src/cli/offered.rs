//! What is served beside tools, counted in words.

use crate::catalog::Catalog;

/// `, 2 resources, 1 prompt`, to be put after the number of tools; nothing when there is nothing.
pub(super) fn counted(catalog: &Catalog) -> String {
    let offers = catalog.offers();
    let counts = [
        (offers.resources.len(), "resource", "resources"),
        (offers.templates.len(), "resource template", "resource templates"),
        (offers.prompts.len(), "prompt", "prompts"),
    ];
    let words = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, several)| format!(", {count} {}", if *count == 1 { one } else { several }));
    words.collect()
}
