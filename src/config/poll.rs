//! How a job is followed that a request began.

use std::time::Duration;

use http::HeaderName;
use http::header::LOCATION;

use super::duration::Timeout;
use super::gateway::{BodyPath, JobCondition, JobPathPiece, JobPlace, JobRules};
use super::paginate::body_path;
use super::resolver::Resolver;
use super::text::{Literal, Sent};
use super::written::{Map, Optional, Read, Slot, Written, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

written! {
    /// How a job is followed that a request begins: the API accepts the request, and is asked again until the job is
    /// over or the time of the call is. Paths into the body are written `job.status`, or as a JSON pointer.
    #[schemars(rename = "Poll")]
    pub(super) struct PollFile<'t> {
        /// Where the answer says how the job is asked about: a path into the body where its URL is, or one of the keys
        /// `header` and `path`. Default: the header `Location`.
        status: Optional<'t, PlaceSetting<'t>>,
        /// When the job is done: a path into the body, and the value or values that say so. Default: as soon as an
        /// answer is another success than 202.
        #[schemars(extend("examples" = [{"status": ["succeeded", "done"]}]))]
        done: Optional<'t, Map<'t, Sent<'t>>>,
        /// When the job has failed, in the same way.
        #[schemars(extend("examples" = [{"status": ["failed", "cancelled"]}]))]
        failed: Optional<'t, Map<'t, Sent<'t>>>,
        /// How long to wait before each question; longer where the API asks for it with `Retry-After`.
        #[schemars(extend("default" = "2s"))]
        interval: Optional<'t, Timeout>,
        /// Where the result is, as `status`. Default: the last answer is the result.
        result: Optional<'t, PlaceSetting<'t>>,
    }

    /// Where a URL is, when it is not in the body: one of these.
    #[schemars(rename = "JobPlace")]
    pub(super) struct PlaceFile<'t> {
        /// In this header.
        #[schemars(extend("examples" = ["Operation-Location"]))]
        header: Optional<'t, Literal<'t>>,
        /// At this path below the base URL. What stands in braces is a path into the body.
        #[schemars(extend("examples" = ["/exports/{id}"]))]
        path: Optional<'t, Literal<'t>>,
    }
}

/// A path into the body, or another place.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum PlaceSetting<'t> {
    /// In the body.
    Body(Literal<'t>),
    /// Elsewhere.
    Elsewhere(PlaceFile<'t>),
}

impl<'t> Read<'t> for PlaceSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            PlaceFile::read(slot, problems).map(Self::Elsewhere)
        } else {
            Literal::read(slot, problems).map(Self::Body)
        }
    }
}

/// How long to wait when the file says nothing.
const INTERVAL: Duration = Duration::from_secs(2);

/// What `poll` means; `None` when it has a fault, which has been reported.
pub(super) fn resolve(written: &Written<'_, PollFile<'_>>, resolver: &mut Resolver<'_>) -> Option<JobRules> {
    let before = resolver.problems.len();
    let file = &written.value;
    let status = match &file.status {
        Some(status) => place(status, resolver),
        None => Some(JobPlace::Header(LOCATION)),
    };
    let done = file.done.as_ref().and_then(|done| condition(done, resolver));
    let failed = file.failed.as_ref().and_then(|failed| condition(failed, resolver));
    let result = file.result.as_ref().and_then(|result| place(result, resolver));
    let interval = file.interval.map_or(INTERVAL, |interval| interval.value.0);
    let rules = JobRules { status: status?, done, failed, interval, result };
    (resolver.problems.len() == before).then_some(rules)
}

fn place(written: &Written<'_, PlaceSetting<'_>>, resolver: &mut Resolver<'_>) -> Option<JobPlace> {
    match &written.value {
        PlaceSetting::Body(text) => body_path(text, written.slot, resolver).map(JobPlace::Body),
        PlaceSetting::Elsewhere(PlaceFile { header: Some(header), path: None }) => {
            let name = HeaderName::from_bytes(header.value.0.as_bytes());
            if name.is_err() {
                resolver.problem(header.slot.invalid("this cannot be the name of a header"));
            }
            name.ok().map(JobPlace::Header)
        }
        PlaceSetting::Elsewhere(PlaceFile { header: None, path: Some(path) }) => {
            let pieces = pieces(path.value.0);
            if pieces.is_none() {
                let help = "it begins with `/`; in braces stand paths into the body: `/exports/{id}`";
                resolver.problem(path.slot.invalid("this is no path with values of a body").help(help));
            }
            pieces.map(JobPlace::Path)
        }
        PlaceSetting::Elsewhere(_) => {
            let message = "it is a path into the body, or has one of the keys `header` and `path`";
            resolver.problem(written.slot.invalid(message));
            None
        }
    }
}

fn pieces(text: &str) -> Option<Vec<JobPathPiece>> {
    let mut pieces = Vec::new();
    let mut rest = text.strip_prefix('/').map(|_| text)?;
    while let Some((literal, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}')?;
        pieces.push(JobPathPiece::Literal(literal.to_owned()));
        pieces.push(JobPathPiece::Value(BodyPath::parse(path).filter(|_| !path.is_empty())?));
        rest = after;
    }
    pieces.push(JobPathPiece::Literal(rest.to_owned()));
    let is_plain = |piece: &JobPathPiece| match piece {
        JobPathPiece::Literal(text) => !text.contains(['}', '?', '#', ' ']),
        JobPathPiece::Value(_) => true,
    };
    pieces.iter().all(is_plain).then_some(pieces)
}

fn condition(written: &Written<'_, Map<'_, Sent<'_>>>, resolver: &mut Resolver<'_>) -> Option<JobCondition> {
    let [entry] = written.value.0.as_slice() else {
        resolver
            .problem(written.slot.invalid("it has one path into the body, with a value or a list of values"));
        return None;
    };
    let Some(path) = BodyPath::parse(entry.key) else {
        let invalid = entry.slot.invalid(format!("`{}` is no path into a body", entry.key));
        resolver.problem(invalid.at(entry.key_place.clone()));
        return None;
    };
    let values = match entry.value.to_value() {
        serde_json::Value::Array(values) => values,
        value => vec![value],
    };
    Some(JobCondition { path, values })
}
