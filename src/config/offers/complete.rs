//! What completes an argument: a list of values, or what the API answers.

use super::super::cache::CacheSetting;
use super::super::credential::CredentialNames;
use super::super::duration::Timeout;
use super::super::endpoint::ParameterFile;
use super::super::gateway::{Completion, Endpoint};
use super::super::resolver::Resolver;
use super::super::response;
use super::super::text::Literal;
use super::super::written::{List, Map, Optional, Read, Required, Slot, Written, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;
use crate::source::Place;

/// A list of values, or a request.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(in crate::config) enum CompleteSetting<'t> {
    /// These values.
    Values(List<'t, Literal<'t>>),
    /// What the API answers.
    Request(Box<CompleteFile<'t>>),
}

written! {
    /// Values from the API: what has been typed so far, and the arguments that are there already, are the arguments of a
    /// request, by their names. While one that it needs is missing, there are no values.
    #[schemars(rename = "Complete")]
    #[expect(dead_code, reason = "`super::request` reads the keys about a request from the same mapping")]
    pub(in crate::config) struct CompleteFile<'t> {
        /// Path below `base_url`: `GET /path`.
        #[schemars(
            regex(pattern = r"^\s*GET +/[^\s#]*\s*$"),
            extend("examples" = ["GET /repos/{owner}/{repo}/labels"])
        )]
        request: Required<'t, Literal<'t>>,
        /// What the request takes, as in `endpoints`. `name` says which argument it is, where it has another name.
        parameters: Optional<'t, Map<'t, ParameterFile<'t>>>,
        /// A filter in jq that makes a list of texts of the answer.
        #[schemars(extend("examples" = ["[.[].name]"]))]
        select: Optional<'t, &'t str>,
        /// Names of the credentials that go with it; `none` for a request without one.
        credential: Optional<'t, CredentialNames<'t>>,
        /// How long it may take.
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept; as for the whole file.
        cache: Optional<'t, CacheSetting<'t>>,
    }
}

impl<'t> Read<'t> for CompleteSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            CompleteFile::read(slot, problems).map(Box::new).map(Self::Request)
        } else {
            List::read(slot, problems).map(Self::Values)
        }
    }
}

/// The names of credentials that a setting has.
pub(super) fn credential<'f, 't>(
    setting: &'f CompleteSetting<'t>,
) -> Option<&'f Written<'t, CredentialNames<'t>>> {
    match setting {
        CompleteSetting::Values(_) => None,
        CompleteSetting::Request(file) => file.credential.as_ref(),
    }
}

/// What a setting means. `owner` is the name of what has the argument.
pub(super) fn resolve<'t>(
    setting: &CompleteSetting<'t>,
    slot: Slot<'t>,
    owner: (&'t str, &Place),
    requests: &mut Vec<Endpoint>,
    resolver: &mut Resolver<'_>,
) -> Option<Completion> {
    match setting {
        CompleteSetting::Values(values) => {
            Some(Completion::Values(values.0.iter().map(|value| value.value.0.to_owned()).collect()))
        }
        CompleteSetting::Request(file) => {
            let id = super::request(owner.0, owner.1, slot, requests, resolver)?;
            let select: Option<&Written<'_, &str>> = file.select.as_ref();
            if let (Some(select), Some(endpoint)) = (select, requests.get_mut(id.0)) {
                endpoint.change.response.select = response::filter(select, resolver);
            }
            Some(Completion::Request(id))
        }
    }
}
