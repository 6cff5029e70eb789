//! Clients that show a certificate: one for each address policy, made anew when a file of it changes.

use std::sync::{Mutex, PoisonError};

use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};

use super::error::CredentialFault;
use super::values::Values;
use crate::config::gateway::Mtls;
use crate::net::Policy;
use crate::net::client::{self, Certificate};

/// The clients of one certificate. Cannot be printed.
#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<Made>>);

struct Made {
    policy: Policy,
    certificate: SecretString,
    key: SecretString,
    ca: Option<SecretString>,
    client: Client,
}

impl Connections {
    /// The client that shows this certificate.
    pub(super) async fn client(
        &self,
        mtls: &Mtls,
        policy: Policy,
        values: &Values,
    ) -> Result<Client, CredentialFault> {
        let (certificate, key) = (values.expose(&mtls.certificate).await?, values.expose(&mtls.key).await?);
        let ca = match &mtls.ca {
            Some(ca) => Some(values.expose(ca).await?),
            None => None,
        };
        let same = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = |made: &&Made| {
            made.policy == policy
                && same(&made.certificate, &certificate)
                && same(&made.key, &key)
                && match (&made.ca, &ca) {
                    (Some(a), Some(b)) => same(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                }
        };
        if let Some(made) = made.iter().find(is_current) {
            return Ok(made.client.clone());
        }
        let pem = Certificate {
            chain: certificate.expose_secret().as_bytes(),
            key: key.expose_secret().as_bytes(),
            ca: ca.as_ref().map(|ca| ca.expose_secret().as_bytes()),
        };
        let client = client::with_certificate(policy, &pem)
            .map_err(|error| CredentialFault::Certificate { reason: innermost(&error) })?;
        made.retain(|made| made.policy != policy);
        made.push(Made { policy, certificate, key, ca, client: client.clone() });
        Ok(client)
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
