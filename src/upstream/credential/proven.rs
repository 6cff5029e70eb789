//! The proofs of one request: all of its identity's credentials, got together before anything is sent.

use reqwest::Client;
use secrecy::ExposeSecret;

use super::{Acquired, CredentialError, Identity, Keeper, Outgoing, Proof};
use crate::net::Policy;
use crate::telemetry::Redactor;

/// What all credentials of an identity put on a request, signatures last.
pub(crate) struct Proven<'i>(Vec<(&'i Keeper, Acquired)>);

impl<'i> Proven<'i> {
    /// Gets what every credential of the identity puts on a request to an address of this policy.
    ///
    /// # Errors
    /// [`CredentialError`] of the first one that is not to be had: nothing is sent without it.
    pub(crate) async fn new(identity: &'i Identity, policy: Policy) -> Result<Self, CredentialError> {
        let mut all = Vec::with_capacity(identity.keepers().len());
        for keeper in identity.keepers() {
            all.push((&**keeper, keeper.acquire(identity.caller(), policy).await?));
        }
        all.sort_by_key(|(_, acquired)| acquired.proof.is_signature());
        Ok(Self(all))
    }

    /// Puts all of them on a request.
    ///
    /// # Errors
    /// [`CredentialError`] when one cannot be put there.
    pub(crate) fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), CredentialError> {
        self.0.iter().try_for_each(|(keeper, acquired)| {
            acquired.proof.apply(request).map_err(|unsendable| keeper.unsendable(unsendable))
        })
    }

    /// The client that shows a certificate, when one of them is a certificate.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.0.iter().find_map(|(_, acquired)| match &acquired.proof {
            Proof::Connection(client) => Some(client),
            _ => None,
        })
    }

    /// The API answered 401. Whether another try, with what is then got, may go better.
    pub(crate) fn reject(&self, identity: &Identity) -> bool {
        let rejected = self.0.iter().map(|(keeper, acquired)| keeper.reject(identity.caller(), acquired));
        rejected.fold(false, |any, rejected| any | rejected)
    }

    /// Blanks what is the caller's own, which the upstream's redactor does not know; `None` when nothing is.
    pub(crate) fn redactor(&self, identity: &Identity) -> Option<Redactor> {
        if !identity.is_per_caller() {
            return None;
        }
        let mut secrets: Vec<&str> = Vec::new();
        for (_, acquired) in &self.0 {
            match &acquired.proof {
                Proof::Headers(headers) => {
                    secrets.extend(headers.iter().filter_map(|(_, value)| value.to_str().ok()));
                }
                Proof::Query { value, .. } | Proof::Cookie { value, .. } => {
                    secrets.push(value.expose_secret());
                }
                _ => {}
            }
        }
        Some(Redactor::new(secrets))
    }
}
