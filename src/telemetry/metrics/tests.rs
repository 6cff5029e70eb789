use super::*;

fn name(text: &str) -> Arc<str> {
    Arc::from(text)
}

#[test]
fn calls_are_counted_by_tool_and_outcome_and_the_rest_by_gateway() {
    let metrics = Metrics::default();
    let tool = metrics.tool(&name("shop"), Some("list_books"));
    for (outcome, milliseconds) in [("ok", 3), ("ok", 30), ("rate_limited", 60_000)] {
        tool.gateway.began();
        tool.ended(outcome, Duration::from_millis(milliseconds));
        tool.gateway.ended(1, 100, Duration::from_millis(500), "hit");
    }
    tool.gateway.request(Some(404));
    tool.gateway.request(None);
    tool.gateway.request(Some(999));
    let waiting = tool.gateway.wait();
    let moment = Moment { breakers: vec![(name("shop"), true)], gauges: vec![("tools", "Tools", 7)] };
    let text = metrics.expose(moment);
    for line in [
        r#"toolgate_calls_total{gateway="shop",tool="list_books",outcome="ok"} 2"#,
        r#"toolgate_calls_total{gateway="shop",tool="list_books",outcome="rate_limited"} 1"#,
        r#"toolgate_call_duration_seconds_count{gateway="shop",tool="list_books"} 3"#,
        r#"toolgate_call_duration_seconds_bucket{le="0.005",gateway="shop",tool="list_books"} 1"#,
        r#"toolgate_call_duration_seconds_bucket{le="30.0",gateway="shop",tool="list_books"} 2"#,
        r#"toolgate_call_duration_seconds_bucket{le="+Inf",gateway="shop",tool="list_books"} 3"#,
        r#"toolgate_upstream_requests_total{gateway="shop",status="4xx"} 1"#,
        r#"toolgate_upstream_requests_total{gateway="shop",status="none"} 2"#,
        r#"toolgate_upstream_retries_total{gateway="shop"} 3"#,
        r#"toolgate_answer_bytes_total{gateway="shop"} 300"#,
        r#"toolgate_wait_seconds_total{gateway="shop"} 1.5"#,
        r#"toolgate_cache_answers_total{gateway="shop",result="hit"} 3"#,
        r#"toolgate_calls_in_flight{gateway="shop"} 0"#,
        r#"toolgate_requests_waiting{gateway="shop"} 1"#,
        r#"toolgate_breaker_open{gateway="shop"} 1"#,
        r#"toolgate_reloads_total{result="good"} 0"#,
        "toolgate_tools 7",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    drop(waiting);
}

#[test]
fn counts_stay_with_their_tool_and_go_with_it() {
    let metrics = Metrics::default();
    let before = metrics.tool(&name("a"), Some("one"));
    before.ended("ok", Duration::ZERO);
    let after = metrics.tool(&name("a"), Some("one"));
    assert!(Arc::ptr_eq(&before, &after));
    drop((before, after));
    metrics.reloaded(true);
    let text = metrics.expose(Moment::default());
    assert!(
        !text.contains("\"one\"") && text.contains(r#"toolgate_reloads_total{result="good"} 1"#),
        "{text}"
    );
    assert!(lock(&metrics.tools).is_empty() && lock(&metrics.gateways).is_empty());
}
