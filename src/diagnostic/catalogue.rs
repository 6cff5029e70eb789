//! The pages of all codes: what `check --explain` prints, and `docs/diagnostics.md`.
//!
//! Each code has a page in `pages/`, without which the crate does not compile. Its fenced files are an example of the
//! fault, and a test loads them.

use super::{Code, Severity};

const INTRODUCTION: &str = "\
# Diagnostics

What `toolgate check` finds, and every other verb tells when it loads. Codes are stable: `--format json` has them as
`code`. An error is something that was asked for and is not served, a warning something that is served and probably not
as its author meant it, a note something good to know. `check` exits 1 when there is an error or a warning.

`toolgate check --explain CODE` prints one of these pages.
";

/// The page of a code with its heading.
#[must_use]
pub fn page(code: Code) -> String {
    format!("# {}\n\n{}. {}", code.as_str(), severity(code), code.page())
}

/// All codes, one a line, with the first sentence about each.
#[must_use]
pub fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.as_str().len()).max().unwrap_or_default();
    let line = |code: &Code| {
        let sentence = code.summary().split_inclusive(['.', ';', ':']).next().unwrap_or_default();
        let sentence = sentence.trim_end_matches([';', ':', '.']);
        format!("{:width$}  {:7}  {sentence}", code.as_str(), severity(*code).to_lowercase())
    };
    Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// All pages in one, as `docs/diagnostics.md` has them.
#[must_use]
pub fn book() -> String {
    let pages = Code::ALL.iter().map(|code| format!("\n#{}", page(*code)));
    std::iter::once(INTRODUCTION.to_owned()).chain(pages).collect::<String>()
}

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_what_is_done_and_what_to_do() {
        for code in Code::ALL {
            let page = code.page();
            for part in ["**What toolgate does.** ", "**What to do.** "] {
                assert!(page.contains(part), "{}: {part}", code.as_str());
            }
            assert!(page.lines().all(|line| line.chars().count() <= 120), "{}: a long line", code.as_str());
        }
    }

    #[test]
    fn the_page_of_the_documentation_is_current() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics.md");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == book(), "docs/diagnostics.md is stale: cargo xtask generate");
    }

    #[test]
    fn the_list_has_a_line_for_every_code() {
        assert_eq!(list().lines().count(), Code::ALL.len());
        assert!(
            list().contains("broken-reference           warning  A `$ref` leads nowhere\n"),
            "{}",
            list()
        );
    }
}
