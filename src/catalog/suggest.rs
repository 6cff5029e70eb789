//! "Did you mean": the nearest of some names.

/// The candidate that is most like `name`, when one is alike enough to be what was meant.
pub(crate) fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.8;
    let key = key(name);
    let likeness = |candidate: &str| strsim::jaro_winkler(&key, &self::key(candidate));
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// `per_page`, `perPage` and `per-page` are alike.
fn key(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '_' | '-')).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_is_suggested() {
        assert_eq!(suggest("perPage", ["page", "per_page"]), Some("per_page"));
        assert_eq!(suggest("stat", ["state", "sort"]), Some("state"));
        assert_eq!(suggest("colour", ["owner", "repo"]), None);
        assert_eq!(suggest("x", []), None);
    }
}
