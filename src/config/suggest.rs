//! What an author may have meant.

/// `did you mean X?` for the candidate that is most like `text`, when one is like it at all.
pub(super) fn did_you_mean<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    /// Below this, a suggestion is a guess: `timout` is 0.97 like `timeout`, `tags` is 0.72 like `tag:x`.
    const ALIKE: f64 = 0.8;
    let lower = text.to_lowercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}
