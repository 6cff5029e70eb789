//! A call that begins a job: the API accepts it and goes on by itself, and is asked until the job is over.
//!
//! Once the API has accepted, nothing that happens here may look as if it had not: a caller who is told of a failure
//! begins the job again. So when time is up, or the questions are not answered, the result says that the job was
//! begun, how far it was, and where to ask; it is no error. An error is only a job that has failed itself.
//!
//! The questions go to the API's own origin below the base path, never earlier than the API asks by `Retry-After`, and
//! past the cache: what was true a moment ago is what is being asked about.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep_until, timeout_at};
use url::Url;

use super::error::CallError;
use super::exchange::Exchange;
use super::json::find;
use super::outcome::Problem;
use super::{Weight, map, target};
use crate::catalog::CallPlan;
use crate::catalog::encode;
use crate::clock;
use crate::config::gateway::{JobCondition, JobPathPiece, JobPlace, JobRules};
use crate::upstream::{Fault, HttpRequest, Reply, retry_after};

/// Of the time that a call has, so much is kept for saying that the job runs on.
const RESERVE: Duration = Duration::from_millis(200);
/// So many questions in a row may go unanswered.
const UNANSWERED: usize = 5;
/// The key in `_meta`.
const KEY: &str = "toolgate/job";

/// How far a job is, by an answer about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Done,
    Failed,
}

/// The answer to a request that begins a job: the job's result when it comes in time.
///
/// # Errors
/// [`CallError`] when the request itself came to nothing, or the job has failed.
pub(super) async fn run(
    exchange: &mut Exchange<'_, '_>,
    rules: &JobRules,
    request: &HttpRequest,
) -> Result<Reply, CallError> {
    let accepted = exchange.ask(request).await?;
    if !accepted.status.is_success() {
        return Ok(accepted);
    }
    match state(rules, &accepted) {
        State::Done => return Ok(accepted),
        State::Failed => return Err(failed(exchange.plan, &accepted).into()),
        State::Running => {}
    }
    let Some(url) = url(exchange, &rules.status, &accepted) else {
        tell(exchange, "unknown", None, "where it can be asked about is not said, or is not at this API");
        return Ok(accepted);
    };
    let question = question(request, url);
    follow(exchange, rules, &question, accepted).await
}

/// Asks until the job is over, or the time is.
async fn follow(
    exchange: &mut Exchange<'_, '_>,
    rules: &JobRules,
    question: &HttpRequest,
    accepted: Reply,
) -> Result<Reply, CallError> {
    let soon = exchange.deadline.checked_sub(RESERVE).unwrap_or(exchange.deadline);
    let mut last = accepted;
    let mut wait = pause(rules, &last);
    let mut unanswered = 0;
    for asked in 1_u64.. {
        let at = Instant::now() + wait;
        if at >= soon {
            break;
        }
        sleep_until(at).await;
        let Ok(answer) = timeout_at(soon, exchange.fetch(question)).await else { break };
        exchange.report(asked, None, "the job is still running");
        exchange.happened(Weight::Step, format_args!("asked {asked} times about the job"));
        match answer {
            Ok(reply) if reply.status.is_success() => {
                unanswered = 0;
                let was_redirected = reply.url != question.url;
                last = reply;
                match state(rules, &last) {
                    State::Failed => return Err(failed(exchange.plan, &last).into()),
                    State::Done => return result(exchange, rules, question, last).await,
                    // Redirected to something that does not speak of the job any more: that is its result.
                    State::Running if was_redirected && !speaks_of_it(rules, &last) => return Ok(last),
                    State::Running => wait = pause(rules, &last),
                }
            }
            Ok(reply) if is_passing(reply.status) && unanswered < UNANSWERED => {
                unanswered += 1;
                wait = pause(rules, &reply);
            }
            Err(CallError::Send(error)) if error.is_transient() && unanswered < UNANSWERED => {
                unanswered += 1;
                wait = rules.interval;
            }
            Ok(reply) => {
                let why = format!("the API answered {} when it was asked", reply.status.as_u16());
                tell(exchange, "unknown", Some(&question.url), &why);
                return Ok(last);
            }
            Err(error) => {
                let why = error.problem(exchange.plan, true).message;
                tell(exchange, "unknown", Some(&question.url), &why);
                return Ok(last);
            }
        }
    }
    tell(exchange, "running", Some(&question.url), "there was no time to wait for its end");
    Ok(last)
}

/// What a job that is done has come to.
async fn result(
    exchange: &mut Exchange<'_, '_>,
    rules: &JobRules,
    question: &HttpRequest,
    last: Reply,
) -> Result<Reply, CallError> {
    let Some(place) = &rules.result else { return Ok(last) };
    let Some(url) = url(exchange, place, &last) else {
        tell(exchange, "done", None, "where its result is, is not said, or is not at this API");
        return Ok(last);
    };
    let soon = exchange.deadline.checked_sub(RESERVE).unwrap_or(exchange.deadline);
    let request = HttpRequest { url, ..question.clone() };
    match timeout_at(soon, exchange.fetch(&request)).await {
        Ok(Ok(reply)) if reply.status.is_success() => Ok(reply),
        _ => {
            tell(exchange, "done", Some(&request.url), "its result could not be read");
            Ok(last)
        }
    }
}

/// How far the job is.
fn state(rules: &JobRules, reply: &Reply) -> State {
    let holds = |condition: &Option<JobCondition>| condition.as_ref().is_some_and(|one| holds(one, reply));
    match () {
        () if holds(&rules.failed) => State::Failed,
        () if rules.done.is_none() && reply.status != StatusCode::ACCEPTED => State::Done,
        () if holds(&rules.done) => State::Done,
        () => State::Running,
    }
}

fn holds(condition: &JobCondition, reply: &Reply) -> bool {
    let found = value(reply, &condition.path);
    found.is_some_and(|found| condition.values.contains(&found))
}

/// Whether an answer has what says how far the job is.
fn speaks_of_it(rules: &JobRules, reply: &Reply) -> bool {
    rules.done.as_ref().is_none_or(|done| value(reply, &done.path).is_some())
}

fn value(reply: &Reply, path: &crate::config::gateway::BodyPath) -> Option<Value> {
    serde_json::from_str(find::at(std::str::from_utf8(&reply.body).ok()?, path)?).ok()
}

/// How long to wait before the next question: as long as the rules and the API ask for.
fn pause(rules: &JobRules, reply: &Reply) -> Duration {
    let asked = retry_after::seconds(&reply.headers, clock::wall()).map(Duration::from_secs);
    rules.interval.max(asked.unwrap_or_default())
}

/// Whether a question may well be answered a moment later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// The URL that an answer names; `None` when it names none that is asked.
fn url(exchange: &Exchange<'_, '_>, place: &JobPlace, reply: &Reply) -> Option<Url> {
    let base = &exchange.plan.request.base;
    let text = match place {
        JobPlace::Header(name) => reply.headers.get(name)?.to_str().ok()?.to_owned(),
        JobPlace::Body(path) => match value(reply, path)? {
            Value::String(text) if !text.is_empty() => text,
            _ => return None,
        },
        JobPlace::Path(pieces) => {
            let mut url = exchange.plan.request.prefix.to_string();
            for piece in pieces {
                match piece {
                    JobPathPiece::Literal(text) => url.push_str(text),
                    JobPathPiece::Value(path) => url.push_str(&segment(&value(reply, path)?)?),
                }
            }
            url
        }
    };
    target::resolve(&reply.url, base, &text).ok()
}

/// A value as one segment of a path.
fn segment(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !text.contains(char::is_control)).then(|| encode::value(&text))
}

/// The request that asks about the job: the headers of the one that began it, without what spoke of its body.
fn question(request: &HttpRequest, url: Url) -> HttpRequest {
    let mut headers = request.headers.clone();
    for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
        headers.remove(name);
    }
    HttpRequest { method: Method::GET, url, headers, body: Bytes::new() }
}

/// Tells of a job that was begun and whose end did not come.
fn tell(exchange: &mut Exchange<'_, '_>, state: &str, url: Option<&Url>, why: &str) {
    let redactor = exchange.plan.upstream.redactor();
    let place = url.map(|url| redactor.blank(url.path()).into_owned());
    let mut text = match state {
        "done" => format!("The job is done, but {why}."),
        "running" => format!("The job was begun and is still running: {why}."),
        _ => format!("The job was begun, but how far it is, is not known: {why}."),
    };
    if let Some(place) = &place {
        text.push_str(&format!(" It is at {place}."));
    }
    text.push_str(" Do not begin it again: ask about it later.");
    let text = redactor.blank(&text).into_owned();
    exchange.notes.tell(KEY, json!({"state": state, "url": place}));
    exchange.notes.say(text);
}

/// A job that has failed.
fn failed(plan: &CallPlan, reply: &Reply) -> Box<Problem> {
    Box::new(Problem {
        code: "job_failed",
        kind: None,
        status: None,
        fault: Fault::Upstream,
        message: "The API began the job, and the job has failed.".to_owned(),
        advice: "What the API says about it is below. Calling again begins another job.".into(),
        retryable: false,
        retry_after_seconds: None,
        body: map::excerpt(plan, reply),
        arguments: Vec::new(),
    })
}
