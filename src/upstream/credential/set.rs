//! The credentials of one tool, and what they come to for one call.

use std::sync::Arc;

use http::HeaderName;

use super::{CallerHeaders, CredentialError, Keeper, Partition};

/// The credentials that go with the calls of one tool, all of them with each call; decided when the tool is built.
#[derive(Debug)]
pub struct CredentialSet {
    keepers: Box<[Arc<Keeper>]>,
    /// The headers of a caller that one of them reads.
    caller_headers: Box<[HeaderName]>,
    /// Of a call for which no header of the caller is read.
    partition: Partition,
}

/// In whose name the API is asked: credentials, and the values in them that are the caller's own.
#[derive(Clone, Debug)]
pub struct Identity {
    set: Arc<CredentialSet>,
    caller: CallerHeaders,
    partition: Partition,
}

impl CredentialSet {
    /// These credentials of the upstream of this name.
    #[must_use]
    pub fn new(upstream: &str, keepers: impl IntoIterator<Item = Arc<Keeper>>) -> Self {
        let keepers: Box<[Arc<Keeper>]> = keepers.into_iter().collect();
        let mut caller_headers: Vec<HeaderName> =
            keepers.iter().flat_map(|keeper| keeper.caller_headers()).cloned().collect();
        caller_headers.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        caller_headers.dedup();
        let partition = partition(upstream, &keepers);
        Self { caller_headers: caller_headers.into(), partition, keepers }
    }

    /// The credentials, in the order in which they are put on a request.
    #[must_use]
    pub fn keepers(&self) -> &[Arc<Keeper>] {
        &self.keepers
    }

    /// Whether a call goes without a credential.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keepers.is_empty()
    }

    /// The headers of a caller's request that are kept for these credentials; all others are dropped at the door.
    #[must_use]
    pub fn caller_headers(&self) -> &[HeaderName] {
        &self.caller_headers
    }
}

impl Identity {
    /// What the credentials come to for a caller with these headers.
    ///
    /// # Errors
    /// [`CredentialError::NoCallerHeader`] when one of them needs a header that the caller has not sent.
    pub fn new(set: &Arc<CredentialSet>, caller: &CallerHeaders) -> Result<Self, CredentialError> {
        for keeper in &set.keepers {
            keeper.check_caller(caller)?;
        }
        let partition = if set.caller_headers.is_empty() {
            set.partition
        } else {
            let values = set.caller_headers.iter().flat_map(|name| {
                let value = caller.value(name).map_or(b"".as_slice(), |value| value.as_bytes());
                [name.as_str().as_bytes(), value]
            });
            Partition::of(std::iter::once(set.partition.as_bytes().as_slice()).chain(values))
        };
        Ok(Self { set: Arc::clone(set), caller: caller.clone(), partition })
    }

    /// What it is made of, for what is bound to it: the same in every process. Holds secrets of the caller.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.set.keepers.iter().map(|keeper| keeper.name().as_bytes());
        let values = self.set.caller_headers.iter().flat_map(|name| {
            let value = self.caller.value(name).map_or(b"".as_slice(), |value| value.as_bytes());
            [name.as_str().as_bytes(), value]
        });
        names.chain(values)
    }

    /// What stands for this identity in keys of caches and limits.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// Names of the credentials, as the gateway file has them.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        self.set.keepers.iter().map(|keeper| keeper.name())
    }

    /// Whether something of the caller's own request is in it: what the API answers is for this caller alone.
    #[must_use]
    pub fn is_per_caller(&self) -> bool {
        !self.set.caller_headers.is_empty()
    }

    pub(crate) fn keepers(&self) -> &[Arc<Keeper>] {
        &self.set.keepers
    }

    pub(crate) fn caller(&self) -> &CallerHeaders {
        &self.caller
    }
}

/// What the credentials are, and not only their names: after a reload a name may stand for somebody else, whose answers
/// are not to be had from what was kept.
fn partition(upstream: &str, keepers: &[Arc<Keeper>]) -> Partition {
    let of_keeper = |keeper: &Arc<Keeper>| {
        let parts = [keeper.name().to_owned(), format!("{:?}", keeper.credential())];
        parts.into_iter().chain(super::secrets(keeper.credential()))
    };
    let parts: Vec<String> =
        std::iter::once(upstream.to_owned()).chain(keepers.iter().flat_map(of_keeper)).collect();
    Partition::of(parts.iter().map(String::as_bytes))
}
