//! Jobs that outlast a request, and what a client is told meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use toolgate::clock;

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{ERAS, Era};
use crate::support::upstream::{Answer, Entry, Upstream};

const FILE: &str = "\
gateway: jobs
base_url: ${UPSTREAM}/v1
timeout: 1s
credential: {bearer: '${TOKEN}'}
endpoints:
  export:
    description: Export orders.
    request: POST /exports
    parameters: {month: {}}
    poll:
      status: job.url
      done: {job.state: [done, finished]}
      failed: {job.state: failed}
      interval: 5ms
      result: job.result
  plain:
    description: The same, as plain HTTP has it.
    request: POST /plain
    poll: {interval: 5ms}
  by_id:
    description: The same, by the id of the job.
    request: POST /exports
    parameters: {month: {}}
    poll: {status: {path: '/jobs/{job.id}'}, done: {job.state: done}, interval: 5ms}
  pages:
    description: Pages.
    request: GET /items
    parameters: {page: {type: integer}}
    paginate: {style: page, parameter: page, max_pages: 3}
";

async fn world(script: impl Fn(&Entry) -> Answer + Send + Sync + 'static) -> (Upstream, Gateway) {
    let upstream = Upstream::start(script).await;
    let gateway = setup(&upstream).serve().await;
    (upstream, gateway)
}

fn setup(upstream: &Upstream) -> Setup {
    Setup::new()
        .source("gateway.yaml", FILE)
        .environment("UPSTREAM", &upstream.url())
        .environment("TOKEN", "t0ken-of-jobs-3Fq8")
}

fn accepted(state: &str) -> Answer {
    let job = json!({"id": "a/b 1", "state": state, "url": "/v1/jobs/1", "result": "/v1/results/1"});
    Answer::status(202, "application/json", json!({"job": job}).to_string())
}

fn job(state: &str) -> Answer {
    Answer::json(&json!({"job": {"state": state, "result": "/v1/results/1"}}))
}

fn lines(upstream: &Upstream) -> Vec<String> {
    let entries = upstream.ledger().entries();
    entries.iter().map(|entry| format!("{} {}", entry.request.method, entry.request.target)).collect()
}

fn told(result: &crate::support::mcp::ToolResult) -> &Value {
    &result.0["_meta"]["toolgate/job"]
}

#[tokio::test]
async fn a_job_is_followed_to_its_result_and_begun_once() {
    let (upstream, gateway) =
        world(|entry| match (entry.request.method.as_str(), entry.path(), entry.attempt) {
            ("POST", ..) => accepted("queued"),
            (_, "/v1/results/1", _) => Answer::json(&json!({"rows": 3})),
            (_, _, 1) => job("running"),
            (_, _, 2) => Answer::status(503, "text/plain", "in a moment"),
            (_, _, 3) => Answer::Reset,
            _ => job("finished"),
        })
        .await;
    let result =
        gateway.client(Era::Modern).await.call("export", json!({"month": "2026-01"})).await.success();
    assert_eq!(result.structured(), &json!({"rows": 3}));
    assert!(told(&result).is_null());
    let status = "GET /v1/jobs/1";
    assert_eq!(lines(&upstream), ["POST /v1/exports", status, status, status, status, "GET /v1/results/1"]);
    for entry in upstream.ledger().entries() {
        assert_eq!(entry.header("authorization"), Some("Bearer t0ken-of-jobs-3Fq8"));
        assert_eq!(entry.header("content-type").is_some(), entry.request.method == "POST");
    }
}

#[tokio::test]
async fn plain_http_needs_no_more_than_202_and_a_location() {
    let (upstream, gateway) = world(|entry| match (entry.path(), entry.attempt) {
        ("/v1/plain", _) => Answer::status(202, "text/plain", "").header("Location", "/v1/jobs/7"),
        (_, 1) => Answer::status(202, "text/plain", ""),
        _ => Answer::redirect(303, "/v1/results/7"),
    })
    .await;
    let upstream_answers = gateway.client(Era::Legacy).await.call("plain", json!({})).await;
    // The stand-in redirects for ever: the questions are what counts here.
    assert_eq!(lines(&upstream)[..2], ["POST /v1/plain", "GET /v1/jobs/7"]);
    assert!(!upstream_answers.is_error(), "a job that was begun is no error: {}", upstream_answers.0);
    assert_eq!(lines(&upstream).iter().filter(|line| line.starts_with("POST")).count(), 1);
}

#[tokio::test]
async fn the_id_of_a_job_is_encoded_as_one_segment() {
    let (upstream, gateway) = world(|entry| match entry.request.method.as_str() {
        "POST" => accepted("queued"),
        _ => job("done"),
    })
    .await;
    gateway.client(Era::Modern).await.call("by_id", json!({})).await.success();
    assert_eq!(lines(&upstream), ["POST /v1/exports", "GET /v1/jobs/a%2Fb%201"]);
}

#[tokio::test]
async fn when_time_is_up_the_result_says_where_the_job_is_and_is_no_error() {
    for state in ["hang", "running"] {
        let (upstream, gateway) = world(move |entry| match (entry.request.method.as_str(), state) {
            ("POST", _) => accepted("queued"),
            (_, "hang") => Answer::Hang,
            _ => job("running"),
        })
        .await;
        let result = gateway.client(Era::Modern).await.call("export", json!({})).await.success();
        assert_eq!(told(&result), &json!({"state": "running", "url": "/v1/jobs/1"}));
        assert!(result.text().contains("Do not begin it again"), "{}", result.text());
        assert_eq!(lines(&upstream).iter().filter(|line| line.starts_with("POST")).count(), 1);
    }
}

#[tokio::test]
async fn a_job_that_fails_is_an_error_that_asks_for_no_second_one() {
    let (_upstream, gateway) = world(|entry| match entry.request.method.as_str() {
        "POST" => accepted("queued"),
        _ => Answer::json(&json!({"job": {"state": "failed"}, "why": "no such month"})),
    })
    .await;
    let result = gateway.client(Era::Modern).await.call("export", json!({})).await;
    assert_eq!(
        (result.code().as_str(), &result.structured()["error"]["retryable"]),
        ("job_failed", &json!(false))
    );
    assert!(result.error().contains("no such month"));
}

#[tokio::test]
async fn what_is_said_of_a_failed_job_has_no_secret_in_it() {
    for first in ["queued", "failed"] {
        let (_upstream, gateway) = world(move |entry| {
            let said = entry.header("authorization").unwrap_or_default();
            match entry.request.method.as_str() {
                "POST" if first == "queued" => accepted("queued"),
                _ => Answer::json(&json!({"job": {"state": "failed"}, "why": format!("{said} may not")})),
            }
        })
        .await;
        let result = gateway.client(Era::Modern).await.call("export", json!({})).await;
        assert_eq!(result.code(), "job_failed");
        assert!(result.text().contains("may not"), "{}", result.0);
        assert!(!result.0.to_string().contains("t0ken-of-jobs"), "{}", result.0);
    }
}

#[tokio::test]
async fn a_job_elsewhere_or_unknown_is_not_asked_about_and_no_error() {
    let other = Upstream::echo().await;
    for target in
        [format!("{}/v1/jobs/1", other.url()), "/admin".into(), "/v1/..%2fadmin".into(), "file:///x".into()]
    {
        let place = target.clone();
        let (upstream, gateway) = world(move |_| {
            Answer::status(202, "application/json", json!({"job": {"url": place}}).to_string())
        })
        .await;
        let result = gateway.client(Era::Modern).await.call("export", json!({})).await.success();
        assert_eq!(told(&result)["state"], "unknown", "{target}");
        assert_eq!(upstream.ledger().len(), 1, "{target}");
    }
    other.ledger().assert_empty("it is another origin");
    let (upstream, gateway) = world(|entry| match entry.request.method.as_str() {
        "POST" => accepted("queued"),
        _ => Answer::status(404, "application/json", "{}"),
    })
    .await;
    let result = gateway.client(Era::Modern).await.call("export", json!({})).await.success();
    assert_eq!(told(&result), &json!({"state": "unknown", "url": "/v1/jobs/1"}));
    assert_eq!(upstream.ledger().len(), 2);
}

#[tokio::test]
async fn a_request_that_fails_begins_no_job() {
    let (upstream, gateway) = world(|_| Answer::status(422, "application/json", "{}")).await;
    assert_eq!(gateway.client(Era::Modern).await.call("export", json!({})).await.code(), "unprocessable");
    assert_eq!(upstream.ledger().len(), 1);
}

#[tokio::test]
async fn the_api_is_never_asked_earlier_than_it_wants() {
    let upstream = Upstream::start(|entry| match entry.request.method.as_str() {
        "POST" => accepted("queued").header("Retry-After", "1"),
        _ => job("done").header("X-None", "1"),
    })
    .await;
    let gateway =
        setup(&upstream).file("gateway.yaml", FILE.replace("timeout: 1s", "timeout: 5s")).serve().await;
    let begun = clock::now();
    gateway.client(Era::Modern).await.call("by_id", json!({})).await.success();
    assert!(begun.elapsed() >= Duration::from_secs(1), "asked after {:?}", begun.elapsed());
    // Beyond the deadline it is not asked at all.
    let upstream = Upstream::start(|_| accepted("queued").header("Retry-After", "86400")).await;
    let gateway = setup(&upstream).serve().await;
    let result = gateway.client(Era::Modern).await.call("by_id", json!({})).await.success();
    assert_eq!((told(&result)["state"].as_str(), upstream.ledger().len()), (Some("running"), 1));
}

fn page(entry: &Entry) -> Answer {
    Answer::json(&json!({"items": [entry.id, entry.id]}))
}

fn with_token(tool: &str) -> Value {
    json!({"name": tool, "arguments": {}, "_meta": {"progressToken": "t-1"}})
}

/// Whether a message tells of progress, of this token.
fn is_progress(message: &Value) -> bool {
    message["method"] == "notifications/progress"
        && message["params"]["progressToken"] == "t-1"
        && message["params"]["progress"].is_number()
        && message["params"]["message"].is_string()
        && message.get("id").is_none()
}

#[tokio::test]
async fn a_client_on_stdio_that_asks_is_told_how_far_a_call_is() {
    let upstream = Upstream::start(page).await;
    for era in ERAS {
        let mut client = match era {
            Era::Legacy => setup(&upstream).serve_stdio().initialize().await,
            Era::Modern => setup(&upstream).serve_stdio(),
        };
        let line = client.message("tools/call", with_token("pages"));
        client.send(&line).await;
        let mut count = 0;
        let answer = loop {
            match client.receive().await.unwrap() {
                message if message.get("id").is_some() => break message,
                message => assert!(is_progress(&message), "{message}"),
            }
            count += 1;
        };
        assert!(count >= 1, "nothing was told");
        assert_eq!(answer["result"]["_meta"]["toolgate/pagination"]["pages"], 3, "{answer}");
        let quiet = client.request("tools/call", json!({"name": "pages", "arguments": {}})).await;
        assert!(quiet.get("result").is_some(), "who did not ask is told nothing: {quiet}");
    }
}

#[tokio::test]
async fn a_client_over_http_that_asks_gets_a_stream_only_when_there_is_something_to_tell() {
    let (_upstream, gateway) = world(|entry| match entry.path() {
        "/v1/items" => page(entry),
        _ => Answer::status(400, "application/json", "{}"),
    })
    .await;
    for era in ERAS {
        let mut client = gateway.client(era).await;
        let response = client.response("tools/call", with_token("pages")).await;
        assert_eq!(response.header("content-type"), Some("text/event-stream"), "{}", response.text());
        let text = response.text();
        let events: Vec<Value> = text
            .split("\n\n")
            .filter_map(|event| event.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        let (answer, before) = events.split_last().unwrap();
        assert!(!before.is_empty() && before.iter().all(is_progress), "{text}");
        assert_eq!(answer["result"]["_meta"]["toolgate/pagination"]["pages"], 3, "{answer}");
        let nothing = client.response("tools/call", with_token("plain")).await;
        assert_eq!(nothing.header("content-type"), Some("application/json"));
        let unasked = client.response("tools/call", json!({"name": "pages", "arguments": {}})).await;
        assert_eq!(unasked.header("content-type"), Some("application/json"));
    }
}
