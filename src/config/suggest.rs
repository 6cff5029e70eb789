//! What an author may have meant.

/// Below this, a suggestion is a guess: `timout` is 0.97 like `timeout`, `tags` is 0.72 like `tag:x`.
const ALIKE: f64 = 0.8;

/// `did you mean X?` for the candidate that is most like `text`, when one is like it at all.
pub(super) fn did_you_mean<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    candidates
        .map(|candidate| (likeness(text, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Whether the one may be meant by the other.
pub(super) fn is_alike(text: &str, candidate: &str) -> bool {
    likeness(text, candidate) >= ALIKE
}

/// Whether the one is the other with a slip of the finger, and nothing else can be in it.
pub(super) fn is_typo(text: &str, candidate: &str) -> bool {
    is_alike(text, candidate) && text.chars().count().abs_diff(candidate.chars().count()) <= 2
}

fn likeness(text: &str, candidate: &str) -> f64 {
    strsim::jaro_winkler(&text.to_lowercase(), &candidate.to_lowercase())
}
