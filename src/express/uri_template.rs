//! URI templates (RFC 6570), read backwards: from a URI that a client sends to the values of the variables.
//!
//! A template is matched as a whole or not at all, in time proportional to the URI, and each value is percent-decoded
//! once. What cannot be told apart again (two variables side by side) is refused when the template is read, and so are
//! the operators that no client of MCP writes: `{#…}`, `{.…}`, `{;…}`, prefixes (`:3`) and explosions (`*`).

use percent_encoding::percent_decode_str;
use regex::Regex;

/// The longest URI that is matched, in bytes.
pub const LONGEST: usize = 8 << 10;

/// A URI template.
#[derive(Clone, Debug)]
pub struct UriTemplate {
    text: Box<str>,
    /// What the whole URI looks like: a group for each variable outside of the query, and one for the query.
    pattern: Regex,
    /// The variables outside of the query, in the order of their groups.
    path: Vec<Box<str>>,
    /// The variables of the query.
    query: Vec<Box<str>>,
}

/// A text is no URI template, or none that can be read backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriTemplateError {
    /// `docs/{id}`
    #[error("a URI begins with its scheme: `docs://{{id}}`")]
    NoScheme,
    /// A space or a control character.
    #[error("a URI has no spaces; write `%20`")]
    Space,
    /// A brace without its other one.
    #[error("a brace has no other one")]
    Unbalanced,
    /// `{}`, or `{a-b}`.
    #[error("a variable's name has letters, digits, `_` and `.`")]
    Name,
    /// `{#a}`, `{a*}`, `{a:3}`, `{a,b}`.
    #[error("only `{{a}}`, `{{+a}}`, `{{/a}}`, `{{?a,b}}` and `{{&a,b}}` can be read from a URI again")]
    Operator,
    /// `{a}{b}`
    #[error("two variables need something fixed between them")]
    Adjacent,
    /// `{?a}/b`
    #[error("the variables of the query come last")]
    QueryLast,
    /// `{a}/{a}`
    #[error("a variable comes twice")]
    Twice,
    /// No variable at all.
    #[error("it has no variable; say it as `uri`")]
    NoVariable,
    /// So long that it cannot be compiled.
    #[error("it is too long")]
    TooLong,
}

/// A variable of a template, and what is before it.
struct Reader<'t> {
    pattern: String,
    path: Vec<&'t str>,
    query: Vec<&'t str>,
    /// The piece before was a variable.
    after_variable: bool,
}

impl UriTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`UriTemplateError`] when it is none, or none that a URI can be matched against.
    pub fn parse(text: &str) -> Result<Self, UriTemplateError> {
        if !has_scheme(text) {
            return Err(UriTemplateError::NoScheme);
        }
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(UriTemplateError::Space);
        }
        let mut reader = Reader { pattern: "^".into(), path: vec![], query: vec![], after_variable: false };
        let mut rest = text;
        while let Some((literal, expression)) = rest.split_once('{') {
            reader.literal(literal)?;
            let (inside, after) = expression.split_once('}').ok_or(UriTemplateError::Unbalanced)?;
            reader.expression(inside)?;
            rest = after;
        }
        reader.literal(rest)?;
        reader.finish(text)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.path.iter().chain(&self.query).map(AsRef::as_ref)
    }

    /// What the variables stand for in a URI, decoded; `None` when the URI is none of this template. Variables that may
    /// be left out (`{/a}`, `{?a}`) are in it only when they are there.
    #[must_use]
    pub fn matched(&self, uri: &str) -> Option<Vec<(&str, String)>> {
        if uri.len() > LONGEST {
            return None;
        }
        let captures = self.pattern.captures(uri)?;
        let mut values = Vec::with_capacity(self.path.len());
        for (index, name) in self.path.iter().enumerate() {
            if let Some(value) = captures.get(index + 1) {
                values.push((&**name, decoded(value.as_str())?));
            }
        }
        let query = captures.get(self.path.len() + 1).map_or("", |query| query.as_str());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = self.query.iter().find(|known| ***known == *name)?;
            if values.iter().any(|(known, _)| *known == &**name) {
                return None;
            }
            values.push((name, decoded(value)?));
        }
        Some(values)
    }
}

impl PartialEq for UriTemplate {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<'t> Reader<'t> {
    fn literal(&mut self, literal: &str) -> Result<(), UriTemplateError> {
        if literal.contains('}') {
            return Err(UriTemplateError::Unbalanced);
        }
        if literal.is_empty() {
            return Ok(());
        }
        if !self.query.is_empty() {
            return Err(UriTemplateError::QueryLast);
        }
        self.pattern.push_str(&regex::escape(literal));
        self.after_variable = false;
        Ok(())
    }

    fn expression(&mut self, inside: &'t str) -> Result<(), UriTemplateError> {
        let (operator, list) = match inside.chars().next() {
            Some(operator @ ('+' | '/' | '?' | '&' | '#' | '.' | ';' | '=' | ',' | '!' | '@' | '|')) => {
                (Some(operator), inside.get(1..).unwrap_or_default())
            }
            _ => (None, inside),
        };
        let names: Vec<&str> = list.split(',').collect();
        if names.iter().any(|name| name.ends_with('*') || name.contains(':')) {
            return Err(UriTemplateError::Operator);
        }
        if names.iter().any(|name| !is_name(name)) {
            return Err(UriTemplateError::Name);
        }
        match (operator, names.as_slice()) {
            (None, [name]) => self.variable(name, "([^/?#]+)"),
            (Some('+'), [name]) => self.variable(name, "([^?#]+)"),
            (Some('/'), names) => names.iter().try_for_each(|name| {
                self.after_variable = self.pattern.ends_with("([^?#]+)");
                self.variable(name, "(?:/([^/?#]+))?")
            }),
            (Some('?'), _) => self.query(&names, r"(?:\?([^#]*))?"),
            (Some('&'), _) => self.query(&names, "((?:&[^&#]*)*)"),
            _ => Err(UriTemplateError::Operator),
        }
    }

    fn variable(&mut self, name: &'t str, pattern: &str) -> Result<(), UriTemplateError> {
        if self.after_variable {
            return Err(UriTemplateError::Adjacent);
        }
        if !self.query.is_empty() {
            return Err(UriTemplateError::QueryLast);
        }
        self.pattern.push_str(pattern);
        self.path.push(name);
        self.after_variable = true;
        Ok(())
    }

    fn query(&mut self, names: &[&'t str], pattern: &str) -> Result<(), UriTemplateError> {
        if !self.query.is_empty() {
            return Err(UriTemplateError::QueryLast);
        }
        self.pattern.push_str(pattern);
        self.query.extend(names);
        Ok(())
    }

    fn finish(self, text: &str) -> Result<UriTemplate, UriTemplateError> {
        let names: Vec<&str> = self.path.iter().chain(&self.query).copied().collect();
        if names.is_empty() {
            return Err(UriTemplateError::NoVariable);
        }
        if names
            .iter()
            .enumerate()
            .any(|(index, name)| names.iter().skip(index + 1).any(|other| other == name))
        {
            return Err(UriTemplateError::Twice);
        }
        let pattern = Regex::new(&format!("{}$", self.pattern)).map_err(|_| UriTemplateError::TooLong)?;
        let owned = |names: Vec<&str>| names.into_iter().map(Box::from).collect();
        Ok(UriTemplate { text: text.into(), pattern, path: owned(self.path), query: owned(self.query) })
    }
}

/// Whether a text begins with a scheme (RFC 3986, section 3.1).
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// Percent-decoded once. `None` when an escape is none, or when it is no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let is_escape =
        |rest: &str| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched<'t>(template: &'t UriTemplate, uri: &str) -> Option<Vec<(&'t str, String)>> {
        template.matched(uri)
    }

    fn pairs(template: &str, uri: &str) -> Option<Vec<(String, String)>> {
        let template = UriTemplate::parse(template).unwrap();
        matched(&template, uri)
            .map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn expected(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn values_are_read_from_a_uri_and_decoded_once() {
        let issues = "issues://{owner}/{repo}/{number}";
        assert_eq!(
            pairs(issues, "issues://a%20b/c%252e/7"),
            expected(&[("owner", "a b"), ("repo", "c%2e"), ("number", "7")])
        );
        assert_eq!(pairs("files:///{+path}.md", "files:///a/b.c.md"), expected(&[("path", "a/b.c")]));
        assert_eq!(pairs("x:/a{/b,c}", "x:/a/1/2"), expected(&[("b", "1"), ("c", "2")]));
        assert_eq!(pairs("x:/a{/b,c}", "x:/a/1"), expected(&[("b", "1")]));
        assert_eq!(pairs("x:/a{?q,n}", "x:/a?n=1&q=%26+"), expected(&[("n", "1"), ("q", "&+")]));
        assert_eq!(pairs("x:/a{?q,n}", "x:/a"), expected(&[]));
        assert_eq!(pairs("x:/a?v=1{&q}", "x:/a?v=1&q=ä"), expected(&[("q", "ä")]));
    }

    #[test]
    fn a_uri_that_is_not_of_the_template_is_none() {
        for (template, uri) in [
            ("issues://{owner}/{repo}", "issues://a/b/c"),
            ("issues://{owner}/{repo}", "issues://a/"),
            ("issues://{owner}/{repo}", "issues:///b"),
            ("issues://{owner}/{repo}", "ISSUES://a/b"),
            ("issues://{owner}/{repo}", "issues://a/b?c=1"),
            ("issues://{owner}/{repo}", "issues://a/b#c"),
            ("issues://{owner}/{repo}", "issues://a/%zz"),
            ("issues://{owner}/{repo}", "issues://a/%ff"),
            ("issues://{owner}/{repo}", "xissues://a/b"),
            ("x:/a{?q}", "x:/a?other=1"),
            ("x:/a{?q}", "x:/a?q=1&q=2"),
            ("x.y:/{a}", "xzy:/1"),
        ] {
            assert_eq!(pairs(template, uri), None, "{template} {uri}");
        }
        let long = format!("x:/{}", "a".repeat(LONGEST));
        assert_eq!(pairs("x:/{a}", &long), None);
    }

    #[test]
    fn what_cannot_be_read_backwards_is_refused() {
        for (text, error) in [
            ("docs/{id}", UriTemplateError::NoScheme),
            ("{id}", UriTemplateError::NoScheme),
            ("x:/{a b}", UriTemplateError::Space),
            ("x:/{a", UriTemplateError::Unbalanced),
            ("x:/a}", UriTemplateError::Unbalanced),
            ("x:/{}", UriTemplateError::Name),
            ("x:/{a-b}", UriTemplateError::Name),
            ("x:/{#a}", UriTemplateError::Operator),
            ("x:/{a*}", UriTemplateError::Operator),
            ("x:/{a:3}", UriTemplateError::Operator),
            ("x:/{a,b}", UriTemplateError::Operator),
            ("x:/{a}{b}", UriTemplateError::Adjacent),
            ("x:/{+a}{/b}", UriTemplateError::Adjacent),
            ("x:/{?a}/b", UriTemplateError::QueryLast),
            ("x:/{a}/{a}", UriTemplateError::Twice),
            ("x:/a", UriTemplateError::NoVariable),
        ] {
            assert_eq!(UriTemplate::parse(text).err(), Some(error), "{text}");
        }
    }
}
