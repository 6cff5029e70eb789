//! Names for the gateways of bare documents, which nobody named.

use rustc_hash::FxHashSet;

/// Longest name of a gateway; the path `/mcp/<name>` and, among several, the prefix of tool names.
const LONGEST: usize = 32;
/// Words that say no more than that it is an API. `GitHub v3 REST API` is `github`.
const NOISE: [&str; 10] =
    ["api", "apis", "rest", "restful", "http", "openapi", "swagger", "specification", "spec", "the"];

/// A name of `[a-z0-9-]` that is not taken yet: from the title of the document, else from the name of its file.
pub(super) fn made_up(title: Option<&str>, stem: &str, taken: &mut FxHashSet<String>) -> String {
    let name = title.and_then(slug).or_else(|| slug(stem)).unwrap_or_else(|| "api".to_owned());
    let name = (1..)
        .map(|number| if number == 1 { name.clone() } else { numbered(&name, number) })
        .find(|name| !taken.contains(name))
        .unwrap_or(name);
    taken.insert(name.clone());
    name
}

/// The words of a text that say something, as far as they fit.
fn slug(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let telling: Vec<&str> = words.iter().copied().filter(|word| !is_noise(word)).collect();
    let words = if telling.is_empty() { words } else { telling };
    let mut slug = String::new();
    for word in words {
        let separator = if slug.is_empty() { "" } else { "-" };
        if slug.is_empty() {
            slug.push_str(word.get(..LONGEST).unwrap_or(word));
        } else if slug.len() + separator.len() + word.len() <= LONGEST {
            slug.push_str(separator);
            slug.push_str(word);
        } else {
            break;
        }
    }
    (!slug.is_empty()).then_some(slug)
}

fn is_noise(word: &str) -> bool {
    let is_version =
        word.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    is_version || NOISE.contains(&word)
}

fn numbered(name: &str, number: u32) -> String {
    let suffix = format!("-{number}");
    let kept = name.get(..LONGEST - suffix.len()).unwrap_or(name);
    format!("{kept}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_told_by_the_words_that_say_something() {
        for (title, expected) in [
            ("GitHub v3 REST API", "github"),
            ("Bookshop", "bookshop"),
            ("The Open-Meteo API (v1)", "open-meteo"),
            ("REST API v2", "rest-api-v2"),
            ("Überwachung", "berwachung"),
            ("A very long title of something that has many words", "a-very-long-title-of-something"),
            ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyzabcdef"),
            ("天気", "file-name"),
        ] {
            assert_eq!(made_up(Some(title), "file_name", &mut FxHashSet::default()), expected);
        }
        assert_eq!(made_up(None, "...", &mut FxHashSet::default()), "api");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut taken = FxHashSet::from_iter(["shop".to_owned(), "shop-2".to_owned()]);
        assert_eq!(made_up(Some("Shop"), "", &mut taken), "shop-3");
        let long = "a".repeat(40);
        assert_eq!(made_up(Some(&long), "", &mut taken), "a".repeat(32));
        assert_eq!(made_up(Some(&long), "", &mut taken), format!("{}-2", "a".repeat(30)));
    }
}
