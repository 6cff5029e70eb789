//! The behaviour book: `tests/spec/*.md` says what toolgate does, and each of its sections is a test.
//!
//! A section is a heading, some prose and fenced blocks, which are read in order. The word after the language says
//! what a block is:
//!
//! | fence | what it is |
//! |---|---|
//! | `yaml openapi.yaml` | a file of this name; the first one is loaded, or `gateway.yaml` when there is one |
//! | `text problems` | all problems of a load, as `severity[code] file:line:column message` |
//! | `text tools` | the names of all tools |
//! | `json tool NAME` | a part of what `tools/list` says of a tool |
//! | `json call NAME` | arguments; the blocks after it are about this call |
//! | `http request` | the whole request of the call |
//! | `text refused` | what is said of the call instead of making it |
//! | `http answer` | what the API answers to the call |
//! | `json result` | a part of what the caller gets then |
//!
//! Of JSON only what is written is compared: an object may have more keys. A section without `text problems` has none.
//!
//! `TOOLGATE_UPDATE_BOOK=1 cargo test --test suite spec::` writes what toolgate does into the book, for the author to
//! read line by line: keys of JSON that are not written stay unwritten.

mod compare;
mod page;
mod run;

use std::path::PathBuf;

use futures_util::future::join_all;

use crate::support::gateway::repository;
use page::Page;

#[tokio::test]
async fn the_behaviour_book_holds() {
    let mut faults = String::new();
    let mut checked = 0;
    for path in pages() {
        let mut page = Page::read(&path);
        let sections = join_all(page.sections().into_iter().map(run::section)).await;
        let outcomes: Vec<_> = sections.into_iter().flatten().collect();
        checked += outcomes.len();
        if is_update() {
            page.update(&outcomes);
        }
        for outcome in outcomes.iter().filter(|outcome| !outcome.holds()) {
            faults.push_str(&outcome.report(&page));
        }
    }
    assert!(checked > 0, "the book is empty");
    assert!(faults.is_empty() || is_update(), "\n{faults}");
}

/// The pages of the book, by name.
fn pages() -> Vec<PathBuf> {
    let files = std::fs::read_dir(repository("tests/spec")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.sort();
    pages
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing of the program: it says whether the book is rewritten"
)]
fn is_update() -> bool {
    std::env::var_os("TOOLGATE_UPDATE_BOOK").is_some()
}
