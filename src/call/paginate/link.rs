//! `Link` headers (RFC 8288, section 3), as servers really write them: without quotes, in single quotes, with commas in
//! URLs and in titles.

use http::HeaderMap;
use http::header::LINK;

/// The target of the first link with the relation `next`; `None` when there is none.
pub(super) fn next(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(LINK).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    values.flat_map(links).find(|link| link.is_next).map(|link| link.target.to_owned())
}

struct Link<'v> {
    target: &'v str,
    is_next: bool,
}

/// The links of one header.
fn links(value: &str) -> impl Iterator<Item = Link<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let mut link = Link { target: target.trim(), is_next: false };
        rest = after;
        let mut relation = None;
        while let Some(after) = rest.trim_start().strip_prefix(';') {
            let (name, value, after) = parameter(after);
            rest = after;
            // Only the first relation counts (section 3.3). A link of something else (`anchor`) is none of ours.
            match name.to_ascii_lowercase().as_str() {
                "rel" => relation = relation.or(Some(value)),
                "anchor" => relation = Some(""),
                _ => {}
            }
        }
        let relation = relation.unwrap_or_default();
        link.is_next = relation.split_ascii_whitespace().any(|name| name.eq_ignore_ascii_case("next"));
        Some(link)
    })
}

/// Name and value of a parameter, and what follows it.
fn parameter(text: &str) -> (&str, &str, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.strip_prefix('=').map(str::trim_start) else { return (name.trim(), "", rest) };
    for quote in ['"', '\''] {
        if let Some(inside) = value.strip_prefix(quote) {
            let end = quoted_end(inside, quote);
            let (value, rest) = inside.split_at(end);
            return (name.trim(), value, rest.strip_prefix(quote).unwrap_or_default());
        }
    }
    let (value, rest) = value.split_at(value.find([';', ',']).unwrap_or(value.len()));
    (name.trim(), value.trim(), rest)
}

/// Where the quote ends that is open at the beginning.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&str]) -> Option<String> {
        next(&values.iter().map(|value| (LINK, value.parse().unwrap())).collect())
    }

    #[test]
    fn next_is_found_however_it_is_quoted() {
        for value in [
            r#"<u>; rel="next""#,
            r#"<u>;rel=next"#,
            r#"< u >; rel='next'"#,
            r#"<u>; REL="Next""#,
            r#"<u>; rel="prefetch next""#,
            r#"<u>; title="a, <b>; rel=\"prev\""; rel="next""#,
            r#"<u>; type; rel = "next" ; hreflang=de"#,
            r#"<a?x=1,2>; rel="prev", <u>; rel="next", <b>; rel="last""#,
            r#"<a>; rel=prev,<u>; rel=next,<b>; rel=last"#,
            r#"<a>, <u>; rel=next"#,
            r#"<u>; rel="next"#,
            r#", , <u>; rel="next","#,
        ] {
            assert_eq!(found(&[value]).as_deref(), Some("u"), "{value}");
        }
        assert_eq!(found(&["<a>; rel=prev", "<u>; rel=next"]).as_deref(), Some("u"));
        assert_eq!(found(&[r#"<?page=2,3&x=">; rel="next""#]).as_deref(), Some("?page=2,3&x=\""));
    }

    #[test]
    fn what_only_looks_like_next_is_none() {
        for value in [
            "",
            "next",
            "<u>",
            "<u",
            r#"<u>; rel="prev""#,
            r#"<u>; rel="nextish""#,
            r#"<u>; rel="prev"; rel="next""#,
            r#"<u>; title="rel=next""#,
            r##"<u>; rel="next"; anchor="#other""##,
            r#"<u>; rel="#,
        ] {
            assert_eq!(found(&[value]), None, "{value}");
        }
    }
}
