//! The clients: one per address policy and scheme, made when the first request needs it, shared by all upstreams.
//!
//! Reading the system's root certificates takes longer than everything else at a start, and fails where there are
//! none (an empty container); so only the first `https` request does it. A client keeps its idle connections across
//! reloads, because it belongs to no upstream. Its answers come as they are sent; [`super::body`] undoes their content
//! codings.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder};
use url::Url;

use super::address::{Policy, Resolver};
use super::decode;
use super::plain::Plain;

/// How long DNS, TCP and TLS may take together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than the idle timeout of most servers and load balancers, so that we are the one who closes.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
pub(super) const IDLE_CONNECTIONS_PER_HOST: usize = 256;
/// What we call ourselves.
pub(super) const OURSELVES: &str = concat!("toolgate/", env!("CARGO_PKG_VERSION"));

/// The clients of a process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Clients(Arc<All>);

#[derive(Debug, Default)]
struct All {
    general: [OnceLock<Client>; 4],
    plain: [OnceLock<Plain>; 2],
}

impl Clients {
    /// The client for this URL under this policy.
    ///
    /// # Errors
    /// When the system's root certificates cannot be read.
    pub fn client(&self, policy: Policy, url: &Url) -> Result<&Client, reqwest::Error> {
        let tls = url.scheme() == "https";
        let [any, public, any_tls, public_tls] = &self.0.general;
        let slot = match (policy, tls) {
            (Policy::Any, false) => any,
            (Policy::Public, false) => public,
            (Policy::Any, true) => any_tls,
            (Policy::Public, true) => public_tls,
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = build(policy, tls)?;
        Ok(slot.get_or_init(|| client))
    }

    /// The client for requests without TLS under this policy.
    pub(crate) fn plain(&self, policy: Policy) -> &Plain {
        let [any, public] = &self.0.plain;
        let slot = if policy == Policy::Any { any } else { public };
        slot.get_or_init(|| Plain::new(policy))
    }
}

/// A certificate of ours, in PEM.
pub(crate) struct Certificate<'a> {
    /// The certificate, and those between it and the one that the other side trusts.
    pub(crate) chain: &'a [u8],
    /// Its private key.
    pub(crate) key: &'a [u8],
    /// Who may have signed the other side's certificate, instead of those that the system trusts.
    pub(crate) ca: Option<&'a [u8]>,
}

/// A client of its own that shows a certificate; its connections are shared with nobody who does not.
///
/// # Errors
/// When the certificate, or its key, cannot be used.
pub(crate) fn with_certificate(
    policy: Policy,
    certificate: &Certificate<'_>,
) -> Result<Client, reqwest::Error> {
    let identity = reqwest::Identity::from_pem(&[certificate.chain, b"\n", certificate.key].concat())?;
    let builder = builder(policy).identity(identity);
    match certificate.ca {
        Some(ca) => builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(ca)?).build(),
        None => builder.build(),
    }
}

fn build(policy: Policy, tls: bool) -> Result<Client, reqwest::Error> {
    let builder = builder(policy);
    if tls { builder.build() } else { builder.tls_certs_only([]).build() }
}

/// What holds for every client.
fn builder(policy: Policy) -> ClientBuilder {
    Client::builder()
        .user_agent(OURSELVES)
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static(decode::ACCEPTED),
        )]))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .dns_resolver(Resolver(policy))
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
}
