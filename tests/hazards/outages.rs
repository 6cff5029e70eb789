//! L3, L14: APIs that are down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::World;
use crate::support::figures;
use crate::support::gateway::Setup;
use crate::support::load::{Outcome, count, median, offer};
use crate::support::upstream::{Answer, Entry, Upstream, faults};

const SECOND: Duration = Duration::from_secs(1);
/// Calls a second.
const RATE: usize = 50;

#[tokio::test]
async fn an_outage_is_left_alone_and_its_end_is_found() {
    let down = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let script = move |entry: &Entry| match is_down.load(Ordering::SeqCst) {
        true => Answer::status(503, "text/plain", "down for maintenance"),
        false => faults::echo(entry),
    };
    let world = World::of(script).await;
    let seconds = if figures::full_length() { 60 } else { 4 };
    let calls = offer(world.gateway.address, RATE, RATE * (seconds + 6), |number| {
        ("read_item".to_owned(), json!({"item": number.to_string()}))
    });
    let repair = async {
        tokio::time::sleep(SECOND * u32::try_from(seconds).unwrap()).await;
        down.store(false, Ordering::SeqCst);
        toolgate::clock::now()
    };
    let (outcomes, repaired) = tokio::join!(calls, repair);
    let entries = world.upstream.ledger().entries();
    let outage = Outage { began: entries[0].at, repaired };
    outage.check_requests(&entries);
    outage.check_calls(&outcomes);
}

struct Outage {
    began: Instant,
    repaired: Instant,
}

impl Outage {
    fn check_requests(&self, entries: &[Entry]) {
        let opened = self.began + SECOND;
        let probes = entries.iter().filter(|entry| entry.at > opened && entry.at < self.repaired).count();
        let first = entries.iter().filter(|entry| entry.at <= opened).count();
        let seconds = (self.repaired - opened).as_secs_f64();
        figures::row(
            "L3",
            &format!("503 to everything, {RATE} calls a second"),
            format!("{first} requests in the first second, then {probes} in {seconds:.1} s"),
        );
        assert!(first < 3 * RATE, "{first} requests in the first second");
        assert!(probes as f64 <= seconds.ceil(), "{probes} probes in {seconds} seconds");
    }

    fn check_calls(&self, outcomes: &[Outcome]) {
        let refused: Vec<&Outcome> =
            outcomes.iter().filter(|outcome| outcome.result.code() == "circuit_open").collect();
        assert!(refused.len() > RATE, "{} calls were refused", refused.len());
        assert!(refused.iter().all(|outcome| outcome.result.retry_after() == Some(1)));
        let first =
            outcomes.iter().find(|outcome| outcome.began > self.repaired && !outcome.result.is_error());
        let recovery = first.unwrap().began - self.repaired;
        let late = outcomes.iter().filter(|outcome| outcome.began > self.repaired + 5 * SECOND);
        assert!(late.clone().count() > 0);
        let missed = late.filter(|outcome| outcome.result.is_error()).count();
        figures::row(
            "L3",
            "the end of it",
            format!(
                "found after {:.1} s; refused calls take {:.1?}",
                recovery.as_secs_f64(),
                median(refused.into_iter())
            ),
        );
        assert_eq!(missed, 0, "not all calls succeed five seconds after the end");
    }
}

/// How many APIs there are; the first of them is the dead one.
const APIS: usize = 10;

#[tokio::test]
async fn one_dead_api_of_ten_moves_none_of_the_others() {
    let dead = Upstream::start(|_| Answer::Hang).await;
    let mut setup = Setup::new();
    let mut alive = Vec::new();
    for number in 0..APIS {
        let url = match number {
            0 => dead.url(),
            _ => {
                alive.push(Upstream::echo().await);
                alive.last().unwrap().url()
            }
        };
        let file = format!(
            "gateway: api{number}\nbase_url: {url}\ntimeout: 3s\nconcurrency: {{requests: 20, queue: 20}}\n\
             endpoints: {{read: {{request: 'GET /items/{{item}}'}}}}\n"
        );
        setup = setup.source(&format!("api{number}.yaml"), file);
    }
    let gateway = setup.serve().await;
    let per_api = if figures::full_length() { 200 } else { 20 };
    // Without the dead one, and then in turn with it.
    let tool = |number: usize| format!("api{number}_read");
    let item = |number: usize| json!({"item": number.to_string()});
    let before = offer(gateway.address, 100, per_api * (APIS - 1), |number| {
        (tool(1 + number % (APIS - 1)), item(number))
    })
    .await;
    let with = offer(gateway.address, 100 * APIS / (APIS - 1), per_api * APIS, |number| {
        (tool(number % APIS), item(number))
    })
    .await;
    let (to_dead, others): (Vec<Outcome>, Vec<Outcome>) =
        with.into_iter().partition(|outcome| outcome.number % APIS == 0);
    assert_eq!(count(&before, |result| result.is_error()) + count(&others, |result| result.is_error()), 0);
    assert_eq!(count(&to_dead, |result| !result.is_error()), 0);
    figures::row(
        "L14",
        "one of ten APIs never answers",
        format!(
            "the others take {:.1?}, and {:.1?} without it",
            median(others.iter()),
            median(before.iter())
        ),
    );
    let latest = others.iter().map(|outcome| outcome.took).max().unwrap();
    assert!(latest < 3 * SECOND, "a call to another API took {latest:?}: as long as one to the dead one");
}
