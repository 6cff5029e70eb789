//! Texts with gaps for arguments: `Look at issue {{ number }}.`, in the language of Jinja.
//!
//! Nothing is escaped, since what comes out is a text and no page. Whoever writes a template is trusted, and whoever
//! gives the values is not: values are only ever put in, never read as templates themselves. A template runs on
//! [`FUEL`] and writes at most [`MOST_BYTES`].

use std::io;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// How many steps a template may take.
const FUEL: u64 = 100_000;

/// What a template may write, in bytes.
pub const MOST_BYTES: usize = 2 << 20;

/// The longest template, in bytes.
const LONGEST: usize = 256 << 10;

/// Everything but unreserved characters (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A template that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: Box<str>,
    variables: Box<[Box<str>]>,
}

/// A text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong, without a full stop.
    pub message: String,
    /// The line of the text that it is on, from 1.
    pub line: Option<usize>,
}

/// A template came to nothing with these values: in the words of the interpreter, which quote none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(String);

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`] when it is none, uses what is not there, or is too long.
    pub fn load(source: &str) -> Result<Self, TemplateError> {
        if source.len() > LONGEST {
            let message = format!("a template has at most {} KiB", LONGEST >> 10);
            return Err(TemplateError { message, line: None });
        }
        let environment = environment();
        let template = environment
            .template_from_str(source)
            .map_err(|error| TemplateError { message: described(&error), line: error.line() })?;
        let is_given = |name: &String| !environment.globals().any(|(known, _)| known == name.as_str());
        let mut variables: Vec<Box<str>> =
            template.undeclared_variables(false).into_iter().filter(is_given).map(Into::into).collect();
        variables.sort();
        let template = Self { source: source.into(), variables: variables.into() };
        template.check(&environment)?;
        Ok(template)
    }

    /// Filters and functions are looked up when they are reached, so the template is filled in once to see.
    fn check(&self, environment: &Environment<'_>) -> Result<(), TemplateError> {
        let values = values(self.variables().map(|name| (name, "1")));
        let rendered = environment.render_str(&self.source, values);
        match rendered {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter
                        | ErrorKind::UnknownFunction
                        | ErrorKind::UnknownTest
                        | ErrorKind::UnknownMethod
                ) =>
            {
                Err(TemplateError { message: described(&error), line: error.line() })
            }
            _ => Ok(()),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the values that it has gaps for, in alphabetical order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(AsRef::as_ref)
    }

    /// The text with these values in its gaps. A value that is not given is empty, and not there for `{% if … %}`.
    ///
    /// # Errors
    /// [`RenderError`] when it needs more than [`FUEL`] or [`MOST_BYTES`], or does what these values do not allow.
    pub fn render(&self, values: &[(&str, &str)]) -> Result<String, RenderError> {
        let environment = environment();
        let failed = |error: minijinja::Error| RenderError(described(&error));
        let template = environment.template_from_str(&self.source).map_err(failed)?;
        let values = self::values(values.iter().copied());
        let mut out = Bounded(Vec::new());
        template.render_captured_to(values, &mut out).map_err(failed)?;
        String::from_utf8(out.0).map_err(|error| RenderError(error.to_string()))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("urlencode", |text: &str| utf8_percent_encode(text, UNRESERVED).to_string());
    environment
}

fn values<'v>(values: impl Iterator<Item = (&'v str, &'v str)>) -> minijinja::Value {
    minijinja::Value::from_pairs(values)
}

fn described(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

/// A buffer that takes no more than [`MOST_BYTES`].
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str, values: &[(&str, &str)]) -> Result<String, RenderError> {
        Template::load(source).unwrap().render(values)
    }

    #[test]
    fn values_are_put_in_as_they_are_and_never_read_as_templates() {
        let hostile = "<b>{{ 7 * 7 }}{% for x in range(9) %}";
        assert_eq!(render("a {{ x }} b", &[("x", hostile)]).unwrap(), format!("a {hostile} b"));
        assert_eq!(render("{{ x | urlencode }}", &[("x", "a/../b?")]).unwrap(), "a%2F..%2Fb%3F");
        assert_eq!(render("{{ x | tojson }}", &[("x", "\"\n")]).unwrap(), r#""\"\n""#);
    }

    #[test]
    fn what_is_not_given_is_empty_and_not_there() {
        let source = "a{{ x }}{% if x %}never{% else %}!{% endif %}{{ x | default('d') }}";
        assert_eq!(render(source, &[]).unwrap(), "a!d");
    }

    #[test]
    fn the_gaps_are_known_before_anything_runs() {
        let template =
            Template::load("{{ b }} {% set c = a %}{{ c }} {% for i in range(3) %}{{ i }}{% endfor %}");
        assert_eq!(template.unwrap().variables().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_template_ends_at_its_bounds() {
        let loops = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(render(loops, &[]).is_err());
        let large = "x".repeat(MOST_BYTES / 2 + 1);
        assert!(render("{{ x }}{{ x }}", &[("x", &large)]).is_err());
    }

    #[test]
    fn what_is_no_template_is_told_with_its_line() {
        let error = Template::load("a\n{{ x").unwrap_err();
        assert_eq!(error.line, Some(2), "{error}");
        assert_eq!(Template::load("{{ x | nothing }}").unwrap_err().line, Some(1));
        // What is not known is taken for a gap, and whoever knows all gaps says so.
        let unknown = Template::load("{{ nothing(x) }}").unwrap();
        assert_eq!(unknown.variables().collect::<Vec<_>>(), ["nothing", "x"]);
    }
}
