//! What lists of items are called, in the schema of an answer and in the answer itself.

/// What lists of items are called, the likeliest first.
pub(crate) const LISTS: [&str; 14] = [
    "items",
    "data",
    "results",
    "value",
    "values",
    "records",
    "entries",
    "hits",
    "content",
    "rows",
    "resources",
    "objects",
    "nodes",
    "list",
];

/// Lists that stand beside the items and are none.
pub(crate) const BESIDE: [&str; 8] =
    ["errors", "warnings", "links", "included", "facets", "notices", "messages", "schemas"];
