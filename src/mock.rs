//! A stand-in for the API (`--mock`): answers from a document's examples and schemas, and refuses what the document does not allow.
