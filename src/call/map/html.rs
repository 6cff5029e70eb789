//! The text of a web page: what a person would read of an error page.

/// No error page says anything after this.
const READ: usize = 64 << 10;

/// The text between the tags of the first [`READ`] bytes, one space between words. Scripts, styles and comments are no text.
pub(super) fn text(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page.get(..page.floor_char_boundary(READ)).unwrap_or(page);
    loop {
        let (text, tag) = rest.split_once('<').unwrap_or((rest, ""));
        push_words(&mut words, text);
        if tag.is_empty() {
            return words;
        }
        rest = after_tag(tag);
    }
}

/// What follows the tag that `tag` begins in; behind its end tag when what is inside is no text.
fn after_tag(tag: &str) -> &str {
    if let Some(comment) = tag.strip_prefix("!--") {
        return comment.split_once("-->").map_or("", |(_, after)| after);
    }
    for (name, end) in [("script", "</script"), ("style", "</style"), ("svg", "</svg")] {
        if tag.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)) {
            let at = tag.to_ascii_lowercase().find(end);
            return at
                .and_then(|at| tag.get(at..))
                .and_then(|end| end.split_once('>'))
                .map_or("", |(_, after)| after);
        }
    }
    tag.split_once('>').map_or("", |(_, after)| after)
}

fn push_words(words: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        push_decoded(words, word);
    }
}

/// The few character references that pages of this kind have.
fn push_decoded(words: &mut String, word: &str) {
    const REFERENCES: [(&str, &str); 6] =
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
    let mut rest = word;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        words.push_str(before);
        let known = REFERENCES.iter().find(|(reference, _)| after.starts_with(reference));
        let (decoded, length) = known.map_or(("&", 1), |(reference, decoded)| (*decoded, reference.len()));
        words.push_str(decoded);
        rest = after.get(length..).unwrap_or_default();
    }
    words.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_read_as_a_person_would() {
        let page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title><style>p {color: red}</style>\n\
                    <SCRIPT>if (a < b) { alert('x') }</SCRIPT></head>\n<body><!-- <p>not this</p> --><h1>Sorry</h1>\n\
                    <p class=\"a\">Tom &amp; Jerry&#39;s   server\n is &lt;down&gt;</body></html>";
        assert_eq!(text(page), "502 Bad Gateway Sorry Tom & Jerry's server is <down>");
    }

    #[test]
    fn broken_pages_end_somewhere() {
        assert_eq!(text("<p>a<script>b"), "a");
        assert_eq!(text("a <"), "a");
        assert_eq!(text("<!-- x"), "");
        assert!(text(&"<a>ä ".repeat(100_000)).len() < READ);
    }
}
