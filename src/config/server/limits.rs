//! How much one caller may ask for, whatever of.

use crate::config::duration::TimeSpan;
use crate::config::gateway::{ForEach, RateLimit};
use crate::config::rate_limit;
use crate::config::resolver::Resolver;
use crate::config::whole::Whole;
use crate::config::written::{Optional, Required, Written, written};

written! {
    /// How much one caller may ask for, over all gateways. What is more is refused at once, and the caller is told when
    /// to come back. A rate limit of a gateway file protects its API; this one protects callers from each other.
    #[schemars(rename = "Limits")]
    pub(super) struct LimitsFile<'t> {
        /// So many calls of one caller in so much time; of tools, resources, prompts and completions together.
        #[schemars(extend("examples" = [{"requests": 600, "per": "1m", "burst": 60}]))]
        per_caller: Optional<'t, PerCallerFile<'t>>,
        /// So many calls of one caller run at once.
        concurrent: Optional<'t, Whole<1, 1_000_000>>,
    }

    /// So many calls in so much time.
    #[schemars(rename = "PerCaller")]
    pub(super) struct PerCallerFile<'t> {
        /// How many calls.
        requests: Required<'t, Whole<1, 1_000_000>>,
        /// In how much time.
        per: Required<'t, TimeSpan>,
        /// How many of them may come at once. Default: a tenth of `requests`.
        burst: Optional<'t, Whole<1, 1_000_000>>,
    }
}

/// How much one caller may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerLimits {
    /// So many calls in so much time.
    pub rate: Option<RateLimit>,
    /// So many at once; at least 1.
    pub concurrent: Option<u32>,
}

/// The limits of a file.
pub(super) fn resolve(
    written: Option<&Written<'_, LimitsFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> CallerLimits {
    let Some(file) = written.map(|written| &written.value) else { return CallerLimits::default() };
    CallerLimits {
        rate: file.per_caller.as_ref().and_then(|written| rate(&written.value, resolver)),
        concurrent: file.concurrent.map(|written| written.value.0),
    }
}

fn rate(file: &PerCallerFile<'_>, resolver: &mut Resolver<'_>) -> Option<RateLimit> {
    let limit = rate_limit::checked(file.requests.0?, file.per.0?, file.burst, resolver)?;
    Some(RateLimit { for_each: ForEach::Caller, ..limit })
}
