//! Gateway files: from what was written to what is meant.
//!
//! ```text
//! text ──openapi::parse──► Tree ──written──► GatewayFile ──resolve──► Gateway
//! ```
//!
//! Everything in a file is checked in one pass and every problem is underlined where it is; [`written`] says how and
//! why it is not done by a deserializer. A fault costs no more than it must: [`resolve`] says what. Secrets come in
//! by references that are resolved per scalar ([`reference`]), are secret by type from then on, and what is written in
//! the file itself is kept out of diagnostics by [`secrecy`].

mod api_server;
pub(crate) mod ask;
mod base_url;
mod blame;
mod breaker;
mod cache;
mod command_line;
mod concurrency;
mod credential;
mod duration;
mod endpoint;
pub(crate) mod env;
pub mod errors;
mod file;
pub mod gateway;
mod header;
mod keyword;
mod later;
mod offers;
mod operations;
mod page;
mod paginate;
mod pattern;
mod poll;
mod rate_limit;
mod reference;
mod references;
mod resolve;
mod resolver;
pub mod response;
mod retry;
mod schema;
mod secrecy;
pub mod server;
pub mod shown;
mod size;
mod suggest;
mod text;
mod whole;
mod wildcard;
mod written;

use std::path::Path;
use std::sync::Arc;

use ::secrecy::SecretString;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::{self, node::Tree};
use crate::source::{Seen, Source};
pub use command_line::{
    OptionError, base_url, bearer_from_environment, header, pattern, references, server_variable,
};
pub(crate) use credential::check_token;
pub(crate) use credential::oauth2::encoding_key;
pub(crate) use duration::time_span;
use env::Environment;
use file::GatewayFile;
pub use gateway::Gateway;
pub(crate) use keyword::is_keyword as is_schema_keyword;
pub use page::{page, server_page};
use resolver::Resolver;
pub use schema::schema;
pub use server::{ServerConfig, read_server, server_schema};
pub(crate) use wildcard::wildcard;
use written::{Read, Slot};

/// Reads a gateway file; `folder` is where it is, and what paths in it are relative to.
///
/// All problems are collected. `None` when nothing of it can be served as it is meant; endpoints and operations that
/// have a fault of their own are left out of what is returned. `seen` takes note of the files that references name.
#[must_use]
pub fn read(
    source: &Arc<Source>,
    folder: &Path,
    seen: &Seen,
    diagnostics: &mut Diagnostics,
) -> Option<Gateway> {
    read_in(&env::Noted(seen), source, folder, diagnostics)
}

/// The names of the endpoints of a gateway file that have a fault, each with the first thing that is wrong with it.
/// References to the environment count as resolved.
pub(crate) fn faulty_endpoints(text: &str) -> Vec<(String, String)> {
    let source = Source::new("gateway.yaml", text);
    let mut problems = Diagnostics::default();
    let _gateway = read_in(&env::Pretended, &source, Path::new(""), &mut problems);
    let (tree, _) = parse(&source);
    let endpoints = tree.as_ref().and_then(|tree| tree.root().get("endpoints"));
    let mut faulty: Vec<(String, String)> = Vec::new();
    for problem in &problems {
        let name = endpoints.and_then(|endpoints| blame::entry_around(Some(endpoints), problem, &source));
        if let Some(name) = name.filter(|name| !faulty.iter().any(|(known, _)| known == name)) {
            faulty.push((name.to_owned(), problem.message.clone()));
        }
    }
    faulty
}

/// Whether a text is a gateway file, rather than an OpenAPI document or something else.
///
/// Both may have a key `openapi`: in a document it is a version.
#[must_use]
pub fn recognises(tree: &Tree) -> bool {
    let root = tree.root();
    let has = |key| root.get(key).is_some();
    !has("swagger") && !has("paths") && (has("gateway") || has("endpoints") || has("base_url"))
}

/// Whether a text that is neither gateway file nor document is a server file.
#[must_use]
pub fn recognises_server(tree: &Tree) -> bool {
    later::OF_SERVER.iter().any(|key| tree.root().get(key).is_some())
}

fn read_in(
    environment: &dyn Environment,
    source: &Arc<Source>,
    folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<Gateway> {
    let (tree, problems) = parse(source);
    let mut resolver = Resolver { environment, folder, problems };
    let gateway = tree.as_ref().and_then(|tree| {
        let root = Slot::root(tree.root());
        let file = GatewayFile::read(root, &mut resolver.problems)?;
        resolve::resolve(root, &file, &mut resolver)
    });
    diagnostics.extend(secrecy::shield(&resolver.problems, source, tree.as_ref().map(Tree::root)));
    gateway
}

/// The text as a tree, and what is said about it as text.
fn parse(source: &Arc<Source>) -> (Option<Tree>, Diagnostics) {
    let mut problems = Diagnostics::default();
    let tree = openapi::parse(source, &mut problems);
    let helped = problems.iter().cloned().map(|diagnostic| match diagnostic {
        Diagnostic { code: Code::Syntax, help: None, .. } => {
            diagnostic.help("a text with `{`, `[`, `: ` or ` #` in it is written in quotes")
        }
        other => other,
    });
    (tree, helped.collect())
}

/// The secret in a file, without the line break at its end.
///
/// # Errors
/// [`env::FileError`] when there is none.
pub(crate) fn secret_file(path: &Path) -> Result<SecretString, env::FileError> {
    let text = env::System.file(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).into())
}

#[cfg(test)]
mod tests;
