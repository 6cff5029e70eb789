//! The words of a text, in lower case: identifiers are taken apart where a person sees the next word begin.

/// Words longer than this are cut: nobody types them, and comparing them takes time.
const LONGEST: usize = 40;

/// The words of a text: `listOrdersByHTTPCode_v2` is `list orders by http code v2`.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .flat_map(parts)
        .map(|part| part.chars().take(LONGEST).flat_map(char::to_lowercase).collect())
}

/// `HTTPCodeOf` is `HTTP`, `Code`, `Of`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let end = boundary(rest)?;
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// Where the first word of an identifier ends; `None` when nothing is left.
fn boundary(word: &str) -> Option<usize> {
    let mut characters = word.char_indices().peekable();
    let (_, mut before) = characters.next()?;
    while let Some((at, character)) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|(_, next)| next.is_lowercase());
        let begins = character.is_uppercase() && (!before.is_uppercase() || next_is_lower);
        if begins {
            return Some(at);
        }
        before = character;
    }
    Some(word.len())
}

/// Whether a word says nothing about what is looked for.
pub(super) fn is_filler(word: &str) -> bool {
    const FILLERS: &[&str] = &[
        "a",
        "all",
        "an",
        "and",
        "any",
        "api",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "have",
        "how",
        "i",
        "in",
        "into",
        "is",
        "it",
        "its",
        "let",
        "me",
        "my",
        "need",
        "of",
        "on",
        "or",
        "our",
        "please",
        "that",
        "the",
        "their",
        "there",
        "these",
        "this",
        "to",
        "tool",
        "tools",
        "under",
        "us",
        "use",
        "using",
        "want",
        "was",
        "we",
        "what",
        "where",
        "which",
        "who",
        "with",
        "you",
        "your",
        "s",
        "somebody",
        "someone",
        "something",
        "anybody",
    ];
    FILLERS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_sentences_are_words() {
        for (text, expected) in [
            ("issues/list-for-repo", "issues list for repo"),
            ("listOrdersByHTTPCode_v2", "list orders by http code v2"),
            ("GET /repos/{owner}/{repo}.json", "get repos owner repo json"),
            ("The user's e-mail.", "the user s e mail"),
            ("ÄpfelUndÖl", "äpfel und öl"),
            ("ID", "id"),
            ("", ""),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
