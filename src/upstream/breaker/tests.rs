use tokio::time::advance;

use super::*;

const RULES: BreakerRules = BreakerRules { failures: 5, window: Duration::from_secs(10), success_rate: 50 };

fn request(breaker: &Breaker) -> Result<Watched<'_>, Open> {
    breaker.check()?;
    breaker.admit(clock::now() + Duration::from_secs(30))
}

/// How many of `wanted` requests were let through; all of them end in the same way.
fn asked(breaker: &Breaker, wanted: usize, good: bool) -> usize {
    let end = |watched: Watched<'_>| if good { watched.success() } else { watched.failure() };
    (0..wanted).filter_map(|_| request(breaker).ok()).map(end).count()
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_it_and_one_request_a_second_is_let_through() {
    let breaker = Breaker::new(RULES);
    assert_eq!(asked(&breaker, 100, false), 5);
    assert_eq!(request(&breaker).unwrap_err().until, clock::now() + PROBE);
    for _ in 0..60 {
        advance(PROBE).await;
        assert_eq!(asked(&breaker, 100, false), 1);
    }
    advance(PROBE).await;
    assert_eq!(asked(&breaker, 100, true), 100, "the first good answer closes it");
}

#[tokio::test(start_paused = true)]
async fn while_a_probe_is_on_its_way_the_others_wait_for_the_next() {
    let breaker = Breaker::new(RULES);
    asked(&breaker, 5, false);
    advance(PROBE).await;
    let probe = request(&breaker).unwrap();
    assert!(request(&breaker).is_err());
    advance(PROBE).await;
    let second = request(&breaker).unwrap();
    second.unknown();
    probe.success();
    assert_eq!(asked(&breaker, 100, true), 100);
}

#[tokio::test(start_paused = true)]
async fn a_good_answer_now_and_then_is_no_row_but_a_bad_rate() {
    let breaker = Breaker::new(RULES);
    let mut sent = 0;
    while breaker.check().is_ok() {
        sent += asked(&breaker, 1, sent % 3 == 0);
        advance(Duration::from_millis(10)).await;
        assert!(sent <= 110, "it does not open");
    }
    assert!(sent >= 99, "it opened after {sent}: too few for a rate");
}

#[tokio::test(start_paused = true)]
async fn an_api_that_fails_now_and_then_is_called_on() {
    let breaker = Breaker::new(RULES);
    for number in 0..10_000 {
        assert_eq!(asked(&breaker, 1, number % 3 != 0), 1, "one of three fails");
        advance(Duration::from_millis(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn good_answers_of_an_hour_do_not_hide_bad_ones_of_today() {
    let breaker = Breaker::new(RULES);
    asked(&breaker, 1_000_000, true);
    advance(Duration::from_secs(3600)).await;
    let mut sent = 0;
    while breaker.check().is_ok() {
        sent += asked(&breaker, 1, sent % 4 == 0);
        assert!(sent <= 110, "it does not open");
    }
}

#[tokio::test(start_paused = true)]
async fn who_calls_now_and_then_never_meets_it() {
    let breaker = Breaker::new(RULES);
    for _ in 0..100 {
        assert_eq!(asked(&breaker, 1, false), 1);
        advance(Duration::from_secs(11)).await;
    }
    for _ in 0..100 {
        assert_eq!(asked(&breaker, 1, false), 1, "once a second is a probe each time");
        advance(PROBE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_says_nothing_and_one_whose_time_is_up_is_a_failure() {
    let breaker = Breaker::new(RULES);
    let soon = || breaker.admit(clock::now() + Duration::from_secs(2)).unwrap();
    for _ in 0..100 {
        drop(soon());
    }
    assert!(breaker.check().is_ok());
    let hanging = [(); 5].map(|()| soon());
    advance(Duration::from_secs(2)).await;
    drop(hanging);
    assert!(breaker.check().is_err());
}
