//! Path templates: `/pets/{id}.json?beta=true`, parsed once.

/// A path template. Its text begins with `/`; a fragment is dropped, a fixed query is kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    text: String,
    segments: Vec<Segment>,
    query: Vec<(String, String)>,
}

/// What stands between two slashes.
pub type Segment = Vec<Piece>;

/// A piece of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Fixed text, as written in the document.
    Literal(String),
    /// A `{variable}`.
    Variable {
        /// Its name, without braces and operator.
        name: String,
        /// Written `{+name}`: slashes and other reserved characters of the value stay.
        reserved: bool,
    },
}

/// Why a path template cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It does not begin with a slash.
    #[error("a path begins with '/'")]
    NoSlash,
    /// A `{` without its `}` or the other way round.
    #[error("'{{' and '}}' do not match")]
    Unbalanced,
    /// `{}`
    #[error("a variable without a name")]
    EmptyVariable,
}

impl PathTemplate {
    /// Reads a path key of a document or the path of an endpoint.
    ///
    /// # Errors
    /// [`TemplateError`] when it is no path template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if !text.starts_with('/') {
            return Err(TemplateError::NoSlash);
        }
        let (without_fragment, _) = split_outside_braces(text, '#');
        let (path, query) = split_outside_braces(without_fragment, '?');
        let segments = split_segments(path)?;
        let query = query.map_or_else(Vec::new, |query| {
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        });
        Ok(Self { text: text.to_owned(), segments, query })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The segments; `/a/{b}` has two, `/` has one that is empty.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Fixed query parameters that the path key holds (`/responses?beta=true`).
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// Takes out the parts of the fixed query that are no fixed text: `/search?query={query}` has the key `query` and
    /// the variable `query`.
    pub(super) fn take_query_variables(&mut self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        self.query.retain(|(key, value)| {
            let variable = value.strip_prefix('{').and_then(|value| value.strip_suffix('}'));
            variables.extend(variable.map(|variable| (key.clone(), variable.to_owned())));
            variable.is_none()
        });
        variables
    }

    /// Makes a variable of the segments `:name`, as routers write it. Gives whether there is one.
    pub(super) fn take_colon_variable(&mut self, name: &str) -> bool {
        let mut found = false;
        for segment in &mut self.segments {
            if let [Piece::Literal(text)] = segment.as_slice()
                && text.strip_prefix(':') == Some(name)
            {
                *segment = vec![Piece::Variable { name: name.to_owned(), reserved: false }];
                found = true;
            }
        }
        found
    }

    /// The variables in order of appearance.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flatten().filter_map(|piece| match piece {
            Piece::Variable { name, .. } => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }
}

fn split_outside_braces(text: &str, separator: char) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if character == separator && depth == 0 => {
                return (text.get(..at).unwrap_or_default(), text.get(at + 1..));
            }
            _ => {}
        }
    }
    (text, None)
}

fn split_segments(path: &str) -> Result<Vec<Segment>, TemplateError> {
    let mut segments = Vec::new();
    let mut segment = Segment::new();
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    loop {
        let Some(at) = rest.find(['/', '{', '}']) else {
            push_literal(&mut segment, rest);
            segments.push(segment);
            return Ok(segments);
        };
        let (before, found) = rest.split_at(at);
        push_literal(&mut segment, before);
        if let Some(after) = found.strip_prefix('/') {
            segments.push(std::mem::take(&mut segment));
            rest = after;
        } else if let Some(after) = found.strip_prefix('{') {
            let (inside, after) = after.split_once('}').ok_or(TemplateError::Unbalanced)?;
            segment.push(variable(inside)?);
            rest = after;
        } else {
            return Err(TemplateError::Unbalanced);
        }
    }
}

fn push_literal(segment: &mut Segment, text: &str) {
    if !text.is_empty() {
        segment.push(Piece::Literal(text.to_owned()));
    }
}

fn variable(inside: &str) -> Result<Piece, TemplateError> {
    if inside.contains('{') {
        return Err(TemplateError::Unbalanced);
    }
    let (name, reserved) = match inside.strip_prefix('+') {
        Some(name) => (name, true),
        None => (inside, false),
    };
    if name.is_empty() {
        return Err(TemplateError::EmptyVariable);
    }
    Ok(Piece::Variable { name: name.to_owned(), reserved })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_may_hold_several_pieces() {
        let template = PathTemplate::parse("/files/{id}.{format}:undo").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["id", "format"]);
        assert_eq!(template.segments().len(), 2);
        assert_eq!(template.segments()[1].len(), 4);
    }

    #[test]
    fn query_and_fragment_are_no_part_of_the_path() {
        let template = PathTemplate::parse("/responses?beta=true").unwrap();
        assert_eq!(template.segments(), [vec![Piece::Literal("responses".into())]]);
        assert_eq!(template.query(), [("beta".to_owned(), "true".to_owned())]);
        assert!(PathTemplate::parse("/oauth2/token#refresh").unwrap().query().is_empty());
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert_eq!(PathTemplate::parse("pets"), Err(TemplateError::NoSlash));
        assert_eq!(PathTemplate::parse("/{a"), Err(TemplateError::Unbalanced));
        assert_eq!(PathTemplate::parse("/a}"), Err(TemplateError::Unbalanced));
        assert_eq!(PathTemplate::parse("/{a{b}}"), Err(TemplateError::Unbalanced));
        assert_eq!(PathTemplate::parse("/{}"), Err(TemplateError::EmptyVariable));
    }
}
