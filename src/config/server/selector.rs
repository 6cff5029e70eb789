//! Patterns over the tools of all gateways: `gateway:shop tag:orders`, `GET /orders/*`, `shop_list_*`.
//!
//! They are those of a gateway file's `include`, with two differences. Tools have names of their own by now, so a
//! pattern that is neither a tag nor a route is about those; and it may begin with the gateway that it is about.

use crate::config::gateway::OperationMatch;
use crate::config::pattern;
use crate::config::resolver::Resolver;
use crate::config::text::Literal;
use crate::config::written::{List, Written};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

/// Which tools are meant. `*` stands for anything.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Only tools of gateways with such a name.
    pub gateway: Option<String>,
    /// Only tools like this; an id is the name of a tool.
    pub matches: Option<OperationMatch>,
    /// As it was written.
    pub text: String,
    /// Where it was written.
    pub place: Place,
}

impl Selector {
    /// The gateways that it means as a whole.
    #[must_use]
    pub fn whole_gateway(&self) -> Option<&str> {
        self.gateway.as_deref().filter(|_| self.matches.is_none())
    }
}

/// What a list of patterns means.
pub(super) fn resolve(
    written: Option<&Written<'_, List<'_, Literal<'_>>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<Selector> {
    let patterns = written.iter().flat_map(|list| &list.value.0);
    patterns.filter_map(|written| one(written, resolver)).collect()
}

fn one(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<Selector> {
    let text = written.value.0.trim();
    let (gateway, rest) = match text.strip_prefix("gateway:") {
        Some(after) => {
            let after = after.trim_start();
            let (name, rest) = after.split_once(' ').unwrap_or((after, ""));
            (Some(name), rest.trim_start())
        }
        None => (None, text),
    };
    let refuse = |help: String| {
        let message = format!("`{text}` is no pattern over tools");
        Diagnostic::new(Code::InvalidValue, message).at(written.slot.place()).help(help)
    };
    if gateway == Some("") {
        resolver.problem(refuse("write the name of a gateway: `gateway:NAME`".to_owned()));
        return None;
    }
    let matches = match (gateway, rest) {
        (Some(_), "") => None,
        _ => match pattern::parse(rest) {
            Ok(matches) => Some(matches),
            Err(error) => {
                resolver.problem(refuse(error.to_string().replace("an operationId", "the name of a tool")));
                return None;
            }
        },
    };
    Some(Selector {
        gateway: gateway.map(str::to_owned),
        matches,
        text: text.to_owned(),
        place: written.slot.place(),
    })
}
