//! "Did you mean" for what is written on the command line.

/// The name that was probably meant: one that is spelled alike, or the shortest that holds what was written.
pub(super) fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    let names = || names.iter().copied();
    let holding = || names().filter(|name| !written.is_empty() && name.contains(written));
    crate::catalog::suggest(written, names()).or_else(|| holding().min_by_key(|name| name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_alike_or_holds_it_is_suggested() {
        let names = ["list_books", "get_book", "delete_book_from_shelf"];
        let nearest = |written| nearest(written, &names);
        assert_eq!(nearest("listBooks"), Some("list_books"));
        assert_eq!(nearest("get_bok"), Some("get_book"));
        assert_eq!(nearest("from_shelf"), Some("delete_book_from_shelf"));
        assert_eq!(nearest("weather"), None);
        assert_eq!(nearest(""), None);
    }
}
