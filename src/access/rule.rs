//! Whether a caller is one of those that a rule is about.
//!
//! Two answers are kept apart. Whether something is there for a caller ([`Conditions::hides_from`]) depends on who he
//! is; telling him more would tell him what there is. Whether he may use what he sees ([`Conditions::lacking`]) depends on
//! scopes, which he can log in for: he is told which.

use serde_json::Value;

use super::Caller;
use crate::config::server::rule::{ClaimTest, Conditions, Who};
use crate::config::wildcard;

impl Conditions {
    /// Whether it can be hidden from anybody.
    pub(crate) fn hides(&self) -> bool {
        !self.allow.is_empty() || !self.deny.is_empty()
    }

    /// Whether it is not there for this caller.
    pub(crate) fn hides_from(&self, caller: &Caller) -> bool {
        let is_one_of = |people: &[Who]| people.iter().any(|who| who.is(caller));
        is_one_of(&self.deny) || !self.allow.is_empty() && !is_one_of(&self.allow)
    }

    /// Whether this caller needs a scope for it that he does not have.
    pub(crate) fn lacking(&self, caller: &Caller) -> bool {
        self.scopes.iter().any(|scope| !caller.has_scope(scope))
    }
}

impl Who {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Self::Key(pattern) => caller.key().is_some_and(|name| wildcard(pattern, name)),
            Self::Scope(scope) => caller.has_scope(scope),
            Self::Claim { path, test } => claim(caller, path).is_some_and(|claim| test.holds(claim)),
        }
    }
}

impl ClaimTest {
    fn holds(&self, claim: &Value) -> bool {
        match self {
            Self::Exists => !claim.is_null(),
            Self::Is(expected) => claim == expected,
            Self::Contains(expected) => claim.as_array().is_some_and(|items| items.contains(expected)),
        }
    }
}

/// The claim with this name, or at this path. A name with dots in it (`https://example.com/roles`) comes before a path.
fn claim<'c>(caller: &'c Caller, path: &str) -> Option<&'c Value> {
    caller.claim(path).or_else(|| {
        let mut splits = path.match_indices('.').rev();
        splits.find_map(|(at, _)| {
            let (name, rest) = (path.get(..at)?, path.get(at + 1..)?);
            inside(caller.claim(name)?, rest)
        })
    })
}

fn inside<'c>(value: &'c Value, path: &str) -> Option<&'c Value> {
    value.get(path).or_else(|| {
        let mut splits = path.match_indices('.').rev();
        splits.find_map(|(at, _)| inside(value.get(path.get(..at)?)?, path.get(at + 1..)?))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::server;

    fn token(claims: Value) -> Caller {
        let Value::Object(claims) = claims else { panic!() };
        Caller::of_token("https://login.example.com", "zoe", ["read", "write"], claims)
    }

    fn conditions(text: &str) -> Conditions {
        server::fixture(&format!("rules: [{text}]")).rules.remove(0).conditions
    }

    #[test]
    fn who_is_not_allowed_does_not_see_and_who_is_denied_neither() {
        let groups = token(
            json!({"groups": ["staff", "dev"], "tier": 2, "realm": {"roles": ["a"], "x.y": {"z": true}},
            "https://example.com/role": "boss", "nothing": null}),
        );
        let ci = Caller::of_key("ci-1", [""; 0]);
        for (rule, hidden_from_token, hidden_from_key) in [
            ("{allow: [{key: ci-1}]}", true, false),
            ("{allow: [{key: 'ci-*'}]}", true, false),
            ("{allow: [{key: 'c'}]}", true, true),
            ("{allow: [{key: ci-2}, {claim: groups, contains: staff}]}", false, true),
            ("{allow: [{claim: groups, is: staff}]}", true, true),
            ("{allow: [{claim: groups, contains: sta}]}", true, true),
            ("{allow: [{claim: tier, is: 2}]}", false, true),
            ("{allow: [{claim: tier, is: '2'}]}", true, true),
            ("{allow: [{claim: realm.roles, contains: a}]}", false, true),
            ("{allow: [{claim: realm.x.y.z, is: true}]}", false, true),
            ("{allow: [{claim: 'https://example.com/role', is: boss}]}", false, true),
            ("{allow: [{claim: nothing}]}", true, true),
            ("{allow: [{claim: groups}]}", false, true),
            ("{allow: [{claim: realm..roles}]}", true, true),
            ("{allow: [{scope: read}]}", false, true),
            ("{deny: [{scope: read}]}", true, false),
            ("{allow: [{key: '*'}, {scope: read}], deny: [{key: ci-1}]}", false, true),
            ("{scopes: [admin]}", false, false),
        ] {
            let conditions = conditions(rule);
            assert_eq!(conditions.hides_from(&groups), hidden_from_token, "{rule}");
            assert_eq!(conditions.hides_from(&ci), hidden_from_key, "{rule}");
        }
    }

    #[test]
    fn every_scope_is_needed() {
        let caller = token(json!({}));
        assert!(!conditions("{scopes: [read, write]}").lacking(&caller));
        assert!(conditions("{scopes: [read, admin]}").lacking(&caller));
        assert!(!conditions("{deny: [{scope: read}]}").lacking(&caller));
    }
}
