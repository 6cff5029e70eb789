//! What can be wrong with a schema.

use crate::diagnostic::Severity;

/// A mistake in a schema. What was mistaken is left out, so that a schema remains that some value satisfies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub(in crate::openapi) enum Fault {
    /// `properties: {a: 1}`
    #[error("a schema is neither an object nor a boolean; it accepts anything")]
    NotASchema,
    /// `type: any`
    #[error("`type` names no type of JSON Schema; it was left out")]
    Type,
    /// `$ref` beside a type that its target does not have.
    #[error("`type` contradicts the schema that `$ref` leads to; it was left out")]
    TypeBesideReference,
    /// `title: {}`
    #[error("a keyword of a schema takes a text; it was left out")]
    Text,
    /// `minimum: low`, `multipleOf: 0`
    #[error("a limit is not a number that it can be; it was left out")]
    Number,
    /// `minLength: -1`
    #[error("a length or count is not a whole number; it was left out")]
    Count,
    /// `minimum: 5, maximum: 1`
    #[error("a lower limit is above the upper one; both were left out")]
    Limits,
    /// `properties: []`
    #[error("a keyword of a schema takes an object; it was left out")]
    Object,
    /// `allOf: {}`
    #[error("a keyword of a schema takes a list with something in it; it was left out")]
    List,
    /// `required: name`
    #[error("`required` is no list of property names; what is no name was left out")]
    Required,
    /// `enum: []`, or no value of the type.
    #[error("`enum` holds no value that the schema's type allows; it was left out")]
    Enum,
    /// `type: array, enum: [a, b]`
    #[error("`enum` of a list holds no list; its values were taken as those of the items")]
    EnumOfItems,
    /// `const: 1, type: string`
    #[error("`const` is not of the schema's type; it was left out")]
    Const,
    /// `default: x, type: integer`
    #[error("`default` is no value that the schema allows; it was left out")]
    Default,
    /// Lookaround, a bad range, a construct of another engine.
    #[error("`pattern` is no regular expression that can be checked in linear time; it was left out")]
    Pattern,
    /// `pattern: /^a$/i`
    #[error(
        "`pattern` is written like a literal of JavaScript, and no text matches it with its slashes; they were left \
         out (and all of it when it ignores case)"
    )]
    PatternLiteral,
}

impl Fault {
    /// What costs the caller nothing but a hint is no more than good to know; a pattern with lookaround is not even
    /// wrong.
    pub(in crate::openapi) fn severity(self) -> Severity {
        match self {
            Self::Default | Self::Pattern => Severity::Note,
            _ => Severity::Warning,
        }
    }
}
