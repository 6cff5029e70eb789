//! How long an answer is good, by its own headers (RFC 9111, RFC 5861) and by the gateway file.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, PRAGMA, SET_COOKIE, TRANSFER_ENCODING, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_cache_semantics::{CacheOptions, CachePolicy, RequestLike, ResponseLike};

use crate::clock;
use crate::config::gateway::CacheTimes;
use crate::store::{Kept, Moment};
use crate::upstream::{HttpRequest, Reply};

/// What may be done with a kept answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usable {
    /// It is given.
    Fresh,
    /// It is given, and a new one is asked for.
    WhileRevalidated,
    /// It is given when no new one can be had.
    IfError,
    /// It is given when the API says that it is still good.
    IfGood,
}

/// Without one of these an answer says neither how long it is good nor how to ask about it.
const SPEAKING: [HeaderName; 4] = [CACHE_CONTROL, ETAG, EXPIRES, LAST_MODIFIED];

/// Nothing is kept longer than this, whatever a header says.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

impl Usable {
    /// What may be done with this answer now.
    pub(super) fn of(kept: &Kept, now: Instant) -> Self {
        let elapsed = now.saturating_duration_since(kept.since);
        if elapsed < kept.fresh_for {
            Self::Fresh
        } else if elapsed < kept.fresh_for + kept.stale_while_revalidate {
            Self::WhileRevalidated
        } else if elapsed < kept.fresh_for + kept.stale_if_error {
            Self::IfError
        } else {
            Self::IfGood
        }
    }

    /// Whether it may be given when the API fails. An answer that may be given while a new one is asked for is asked
    /// for in the background, and kept when that fails.
    pub(super) fn if_error(self) -> bool {
        self != Self::IfGood
    }
}

/// The answer as it is kept; `None` when it may not be, or would be of no use.
pub(super) fn kept(times: &CacheTimes, request: &HttpRequest, reply: &Reply, asked: Moment) -> Option<Kept> {
    // First, and cheap: most answers say nothing, and where the file says nothing either there is nothing to reckon.
    if *times == CacheTimes::default() && !SPEAKING.iter().any(|name| reply.headers.contains_key(name)) {
        return None;
    }
    // What a redirect led to is not the answer of this URL for as long as it is good.
    if reply.url != request.url {
        return None;
    }
    lifetime(times, request, reply.status, reply.headers.clone(), reply.body.clone(), asked)
}

/// A kept answer that the API has said is still good, with the headers of that word (RFC 9111, section 3.2). `None`
/// when it speaks of another answer.
pub(super) fn renewed(
    times: &CacheTimes,
    request: &HttpRequest,
    old: &Kept,
    reply: &Reply,
    asked: Moment,
) -> Option<Kept> {
    let strength = |tag: &HeaderValue| tag.to_str().map(|tag| tag.trim_start_matches("W/").to_owned()).ok();
    if let (Some(old), Some(new)) = (old.headers.get(ETAG), reply.headers.get(ETAG))
        && strength(old) != strength(new)
    {
        return None;
    }
    let mut headers = old.headers.clone();
    headers.remove(AGE);
    for name in reply.headers.keys().filter(|name| !OF_THE_BODY.contains(name)) {
        headers.remove(name);
        for value in reply.headers.get_all(name) {
            headers.append(name, value.clone());
        }
    }
    let body = old.body.clone();
    lifetime(times, request, old.status, headers.clone(), body.clone(), asked)
        // The answer is good now, whether or not it may be kept any longer.
        .or_else(|| Some(Kept { headers, body, asked, fresh_for: Duration::ZERO, ..old.clone() }))
}

/// Headers that say something about the bytes, which stay as they are.
const OF_THE_BODY: [HeaderName; 5] =
    [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, TRANSFER_ENCODING];

/// The request by which the API can say that an answer is still good; `None` when it has no validator.
pub(super) fn conditional(request: &HttpRequest, kept: &Kept) -> Option<HttpRequest> {
    let validators = [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)];
    let mut conditional = None;
    for (validator, condition) in validators {
        if let Some(value) = kept.headers.get(validator) {
            let request = conditional.get_or_insert_with(|| request.clone());
            request.headers.insert(condition, value.clone());
        }
    }
    conditional
}

fn lifetime(
    times: &CacheTimes,
    request: &HttpRequest,
    status: StatusCode,
    headers: HeaderMap,
    body: bytes::Bytes,
    asked: Moment,
) -> Option<Kept> {
    let received = clock::wall();
    let read = Read::of(request, status, &headers, received)?;
    let is_success = matches!(status.as_u16(), 200 | 203 | 204);
    let fresh_for = match times.ttl {
        Some(ttl) if is_success && !read.says_something => ttl,
        _ => read.policy.time_to_live(received),
    };
    let stale = |configured: Duration, directive: &str| match read.must_revalidate {
        true => Duration::ZERO,
        false => configured.max(read.seconds(directive)).min(LONGEST),
    };
    let kept = Kept {
        status,
        fresh_for: fresh_for.min(LONGEST),
        stale_while_revalidate: stale(times.stale_while_revalidate, "stale-while-revalidate"),
        stale_if_error: stale(times.stale_if_error, "stale-if-error"),
        since: clock::now(),
        age: read.policy.age(received),
        asked,
        read: OnceLock::new(),
        body,
        headers,
    };
    let has_validator = kept.headers.contains_key(ETAG) || kept.headers.contains_key(LAST_MODIFIED);
    let is_of_use =
        has_validator || !kept.fresh_for.is_zero() || (is_success && !kept.stale_if_error.is_zero());
    is_of_use.then(|| in_memory_of_its_own(kept))
}

/// The same answer apart from the connection that it came by. Body and headers are parts of the buffer that was read into,
/// and the smallest part keeps all of it: several times what the store counts.
fn in_memory_of_its_own(mut kept: Kept) -> Kept {
    kept.body = bytes::Bytes::copy_from_slice(&kept.body);
    for value in kept.headers.values_mut() {
        // Cannot fail: it was a value.
        if let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    kept
}

/// The headers of an answer that may be kept, understood.
struct Read {
    policy: CachePolicy,
    /// The API's own word on how long the answer is good, be it "not at all".
    says_something: bool,
    /// It may not be given when it is old.
    must_revalidate: bool,
    directives: String,
}

impl Read {
    /// `None` when the answer may not be kept.
    fn of(
        request: &HttpRequest,
        status: StatusCode,
        headers: &HeaderMap,
        received: SystemTime,
    ) -> Option<Self> {
        // A cookie was made for one client; RFC 9111 leaves the choice, and a gateway for many has none.
        if headers.contains_key(SET_COOKIE) || varies_by_anything(headers) {
            return None;
        }
        let directives = directives(headers);
        let response = Answered { status, headers: legible(headers, &directives) };
        let options = CacheOptions { shared: true, cache_heuristic: 0.0, ..CacheOptions::default() };
        let policy = CachePolicy::new_options(&Asked(&request.headers), &response, received, options);
        let named = |word: &str| names(&directives).any(|name| name == word);
        let says_something =
            ["max-age", "s-maxage", "no-cache", "must-revalidate"].iter().any(|word| named(word))
                || headers.contains_key(EXPIRES)
                || headers.contains_key(PRAGMA);
        let must_revalidate =
            ["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage"].iter().any(|word| named(word));
        policy.is_storable().then_some(Self { policy, says_something, must_revalidate, directives })
    }

    /// The seconds of a directive of RFC 5861.
    fn seconds(&self, directive: &str) -> Duration {
        let value = self.directives.split(',').find_map(|part| {
            let (name, value) = part.split_once('=')?;
            (name.trim() == directive).then(|| value.trim().trim_matches('"').parse().ok())?
        });
        Duration::from_secs(value.unwrap_or(0))
    }
}

/// `Cache-Control` in lower case, on one line: names of directives know no case (RFC 9111, section 5.2).
fn directives(headers: &HeaderMap) -> String {
    let lines: Vec<String> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase())
        .collect();
    lines.join(",")
}

fn names(directives: &str) -> impl Iterator<Item = &str> {
    directives.split(',').map(|part| part.split('=').next().unwrap_or_default().trim())
}

/// The headers as the library can take them: it knows no case, and adds up ages without looking.
fn legible(headers: &HeaderMap, directives: &str) -> HeaderMap {
    let mut legible = headers.clone();
    if let Ok(directives) = HeaderValue::from_str(directives)
        && headers.contains_key(CACHE_CONTROL)
    {
        legible.insert(CACHE_CONTROL, directives);
    }
    let has_long_age = legible.get(AGE).is_some_and(|age| age.len() > 9);
    if has_long_age {
        legible.insert(AGE, HeaderValue::from_static("999999999"));
    }
    legible
}

/// `Vary: *` (RFC 9110, section 12.5.5).
fn varies_by_anything(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(VARY).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|name| name.trim() == "*")
}

/// A request as the library sees it. Its method and URL are in the key, so they always match; a method of another
/// name is here only when it is as safe as GET.
struct Asked<'a>(&'a HeaderMap);

impl RequestLike for Asked<'_> {
    fn uri(&self) -> Uri {
        Uri::default()
    }

    fn is_same_uri(&self, _: &Uri) -> bool {
        true
    }

    fn method(&self) -> &Method {
        &Method::GET
    }

    fn headers(&self) -> &HeaderMap {
        self.0
    }
}

/// An answer as the library sees it.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
}

impl ResponseLike for Answered {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

#[cfg(test)]
mod tests;
