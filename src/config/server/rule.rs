//! Who may see and use what.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::selector::{self, Selector};
use crate::config::resolver::Resolver;
use crate::config::text::Literal;
use crate::config::written::{List, Optional, Read, Slot, Written, expected, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Kind;

written! {
    /// Who may see and use tools. All rules that are about a tool hold for it together; where none is, everybody who
    /// is let in may use it. No rule concerns the operator: a client on stdio, and everybody where `access` is not
    /// written.
    #[schemars(rename = "Rule")]
    pub(super) struct RuleFile<'t> {
        /// Which tools it is about, by patterns as in a toolset. Default: all. A rule about a whole gateway
        /// (`gateway:NAME`), or about all, is about what else the gateway offers, too.
        #[schemars(extend("examples" = [["gateway:shop DELETE *", "tag:admin"]]))]
        tools: Optional<'t, List<'t, Literal<'t>>>,
        /// Scopes that a caller needs, all of them. He sees the tools without them; a call is answered with what he has
        /// to log in for (HTTP 403).
        #[schemars(extend("examples" = [["orders:write"]]))]
        scopes: Optional<'t, List<'t, Literal<'t>>>,
        /// Whoever is one of these; for all others the tools are not there.
        allow: Optional<'t, List<'t, WhoFile<'t>>>,
        /// For whoever is one of these the tools are not there, whatever `allow` says.
        deny: Optional<'t, List<'t, WhoFile<'t>>>,
    }

    /// Some callers: those with this key, with this scope, or with this claim in their token.
    #[schemars(rename = "Who", extend("minProperties" = 1))]
    pub(super) struct WhoFile<'t> {
        /// The name of an API key. `*` stands for anything.
        key: Optional<'t, Literal<'t>>,
        /// A scope that was granted.
        scope: Optional<'t, Literal<'t>>,
        /// A claim of the access token, by its name, or by names with dots between them where one is inside another.
        #[schemars(extend("examples" = ["realm_access.roles"]))]
        claim: Optional<'t, Literal<'t>>,
        /// What the claim is. Default: anything.
        is: Optional<'t, Scalar>,
        /// What is in the claim, which is a list.
        contains: Optional<'t, Scalar>,
    }
}

/// Rules about tools.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which tools; all when there is none.
    pub tools: Vec<Selector>,
    /// What holds for them.
    pub conditions: Conditions,
}

/// What a caller must be and have.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Scopes that he needs to use it, but not to see it.
    pub scopes: Vec<String>,
    /// Who may see it; everybody when there is none.
    pub allow: Vec<Who>,
    /// Who may not.
    pub deny: Vec<Who>,
}

/// Some callers.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// Who has a key with such a name.
    Key(String),
    /// To whom this scope is granted.
    Scope(String),
    /// Whose token has this claim.
    Claim {
        /// Its name, or names with dots between them.
        path: String,
        /// What it has to be.
        test: ClaimTest,
    },
}

/// What a claim has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimTest {
    /// There.
    Exists,
    /// This.
    Is(Value),
    /// A list with this in it.
    Contains(Value),
}

/// A text, a number, true or false.
#[derive(Clone)]
pub(super) struct Scalar(Value);

impl<'t> Read<'t> for Scalar {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if matches!(slot.node.kind(), Kind::Null | Kind::Array | Kind::Object) {
            problems.push(expected("a text, a number, true or false", slot));
            return None;
        }
        Some(Self(slot.node.to_value()))
    }
}

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

/// The keys of a mapping that are conditions.
pub(super) struct ConditionKeys<'f, 't> {
    /// `scopes`
    pub(super) scopes: &'f Optional<'t, List<'t, Literal<'t>>>,
    /// `allow`
    pub(super) allow: &'f Optional<'t, List<'t, WhoFile<'t>>>,
    /// `deny`
    pub(super) deny: &'f Optional<'t, List<'t, WhoFile<'t>>>,
}

impl ConditionKeys<'_, '_> {
    /// Whether there is one.
    pub(super) fn any(&self) -> bool {
        self.scopes.is_some() || self.allow.is_some() || self.deny.is_some()
    }

    /// What they mean.
    pub(super) fn resolve(&self, resolver: &mut Resolver<'_>) -> Conditions {
        Conditions {
            scopes: scopes(self.scopes, resolver),
            allow: people(self.allow, "nobody could use it", resolver),
            deny: people(self.deny, "it would keep nobody out", resolver),
        }
    }
}

/// The rules of a file.
pub(super) fn resolve(
    written: Option<&Written<'_, List<'_, RuleFile<'_>>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<Rule> {
    let rules = written.iter().flat_map(|rules| &rules.value.0);
    rules.map(|rule| one(rule, resolver)).collect()
}

fn one(written: &Written<'_, RuleFile<'_>>, resolver: &mut Resolver<'_>) -> Rule {
    let file = &written.value;
    let keys = ConditionKeys { scopes: &file.scopes, allow: &file.allow, deny: &file.deny };
    let has = |key: &str| written.slot.node.get(key).is_some();
    if !["scopes", "allow", "deny"].into_iter().any(has) {
        let problem = Diagnostic::new(Code::MissingKey, "this rule asks for nothing");
        resolver.problem(problem.at(written.slot.place()).help("write `scopes`, `allow` or `deny`"));
    }
    if let Some(tools) = file.tools.as_ref().filter(|tools| tools.slot.node.items().next().is_none()) {
        let problem = tools.slot.invalid("this rule is about nothing");
        resolver.problem(problem.help("leave `tools` out for all tools"));
    }
    Rule { tools: selector::resolve(file.tools.as_ref(), resolver), conditions: keys.resolve(resolver) }
}

fn scopes(written: &Optional<'_, List<'_, Literal<'_>>>, resolver: &mut Resolver<'_>) -> Vec<String> {
    let mut scopes = Vec::new();
    for item in written.iter().flat_map(|list| &list.value.0) {
        scopes.extend(scope(item, resolver));
    }
    if let Some(list) = written.as_ref().filter(|list| list.slot.node.items().next().is_none()) {
        resolver.problem(list.slot.invalid("an empty list asks for nothing").help("leave `scopes` out"));
    }
    scopes
}

/// A scope (RFC 6749, section 3.3): it stands in a challenge, between quotes.
fn scope(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<String> {
    let text = written.value.0;
    let is_scope =
        !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'));
    if !is_scope {
        let problem = written.slot.invalid("this is no scope");
        resolver.problem(problem.help("one scope an item: visible ASCII, without spaces, quotes and `\\`"));
    }
    is_scope.then(|| text.to_owned())
}

/// Some callers. `without` says what an empty list would mean.
fn people(
    written: &Optional<'_, List<'_, WhoFile<'_>>>,
    without: &str,
    resolver: &mut Resolver<'_>,
) -> Vec<Who> {
    if let Some(list) = written.as_ref().filter(|list| list.slot.node.items().next().is_none()) {
        resolver.problem(list.slot.invalid(format!("an empty list: {without}")).help("leave it out"));
    }
    let items = written.iter().flat_map(|list| &list.value.0);
    items.filter_map(|item| who(item, resolver)).collect()
}

fn who(written: &Written<'_, WhoFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Who> {
    let file = &written.value;
    let mut refuse = |message: &str| {
        let help = "write one of `{key: NAME}`, `{scope: NAME}`, `{claim: NAME, is: VALUE}`";
        resolver.problem(written.slot.invalid(message).help(help));
        None
    };
    let test = match (&file.is, &file.contains) {
        (Some(_), Some(_)) => return refuse("a claim cannot be something and contain something"),
        (Some(is), None) => ClaimTest::Is(is.value.0.clone()),
        (None, Some(contains)) => ClaimTest::Contains(contains.value.0.clone()),
        (None, None) => ClaimTest::Exists,
    };
    match (file.key, file.scope, file.claim) {
        (Some(_), None, None) | (None, Some(_), None) if test != ClaimTest::Exists => {
            refuse("`is` and `contains` are about a claim")
        }
        (Some(key), None, None) => Some(Who::Key(key.value.0.to_owned())),
        (None, Some(written), None) => scope(&written, resolver).map(Who::Scope),
        (None, None, Some(claim)) => Some(Who::Claim { path: claim.value.0.to_owned(), test }),
        (None, None, None) => refuse("nobody is named"),
        _ => refuse("one item names callers in one way"),
    }
}
