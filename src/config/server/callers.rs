//! Whether the callers that rules are about can be told apart at all. A rule that is about nobody, or about everybody,
//! looks like one that keeps somebody out.

use super::file::ServerFile;
use super::rule::WhoFile;
use crate::config::resolver::Resolver;
use crate::config::suggest::did_you_mean;
use crate::config::written::{List, Optional};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

type People<'t> = Optional<'t, List<'t, WhoFile<'t>>>;

/// Reports rules that nobody could be kept to, and keys that nobody has.
pub(super) fn check(file: &ServerFile<'_>, resolver: &mut Resolver<'_>) {
    let rules = file.rules.iter().flat_map(|rules| &rules.value.0);
    let toolsets = file.toolsets.iter().flat_map(|toolsets| &toolsets.value.0);
    let Some(access) = &file.access else {
        let with_rules = toolsets.filter(|entry| {
            let toolset = &entry.value;
            toolset.scopes.is_some() || toolset.allow.is_some() || toolset.deny.is_some()
        });
        let places = file.rules.iter().map(|rules| rules.slot.key_place());
        places.chain(with_rules.map(|entry| entry.key_place.clone())).for_each(|place| {
            resolver.problem(nobody_is_asked(place));
        });
        return;
    };
    let keys = access.value.keys.iter().flat_map(|keys| &keys.value.0);
    let names: Vec<&str> = keys.map(|entry| entry.key).collect();
    let of_rules = rules.flat_map(|rule| [&rule.value.allow, &rule.value.deny]);
    let of_toolsets = toolsets.flat_map(|entry| [&entry.value.allow, &entry.value.deny]);
    of_rules.chain(of_toolsets).for_each(|people| check_keys(people, &names, resolver));
}

fn check_keys(people: &People<'_>, names: &[&str], resolver: &mut Resolver<'_>) {
    let written = people.iter().flat_map(|people| &people.value.0).filter_map(|who| who.value.key);
    for key in written.filter(|key| !key.value.0.contains('*') && !names.contains(&key.value.0)) {
        let message = format!("there is no key `{}` in `access`", key.value.0);
        let problem = Diagnostic::new(Code::InvalidValue, message).at(key.slot.place());
        resolver.problem(match did_you_mean(key.value.0, names.iter().copied()) {
            Some(help) => problem.help(help),
            None if names.is_empty() => problem,
            None => problem.help(format!("there is {}", names.join(", "))),
        });
    }
}

fn nobody_is_asked(place: Place) -> Diagnostic {
    Diagnostic::new(Code::MissingKey, "nobody is asked who he is, so this would keep nobody out")
        .at(place)
        .help("say in `access` who may call")
}
