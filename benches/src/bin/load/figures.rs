//! What was measured.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::usage::Cost;

/// The figures of one run.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    /// Answers that were right.
    pub good: usize,
    /// Answers that were not.
    pub bad: usize,
    /// The beginning of the last answer that was not right.
    pub last_bad: String,
    /// Good answers in a second.
    pub rate: f64,
    /// Half of the answers took at most this long, in microseconds.
    pub p50: f64,
    /// 99 % of the answers took at most this long, in microseconds.
    pub p99: f64,
    /// CPU time of the measured processes for each good answer, in microseconds.
    pub cpu: f64,
    /// Their resident memory at the end, in KiB.
    pub memory: usize,
    /// The most resident memory that they ever had, in KiB.
    pub peak: usize,
}

/// What is written down while it runs.
pub struct Recorder {
    /// Answers that come before this moment are not counted.
    pub begin: Instant,
    /// Answers that come after this moment are not counted.
    pub end: Instant,
    latencies: Vec<Duration>,
    bad: usize,
    last_bad: String,
}

impl Recorder {
    /// Counts from `warm_up` on, for as long as `measured`.
    pub fn new(warm_up: Duration, measured: Duration) -> Self {
        let begin = Instant::now() + warm_up;
        let latencies = Vec::with_capacity(1 << 20);
        Self { begin, end: begin + measured, latencies, bad: 0, last_bad: String::new() }
    }

    /// Writes down an answer: when it was asked for, and whether it is right.
    pub fn record(&mut self, asked: Instant, good: bool, answer: &[u8]) {
        let now = Instant::now();
        if !good {
            self.bad += 1;
            self.last_bad = String::from_utf8_lossy(&answer[..answer.len().min(500)]).into_owned();
        } else if now >= self.begin && now < self.end {
            self.latencies.push(now - asked);
        }
    }

    /// The figures of the run, given what the measured processes used in the same time.
    pub fn figures(mut self, cost: Cost) -> Figures {
        self.latencies.sort_unstable();
        let good = self.latencies.len();
        let quantile = |per_mille: usize| {
            let at = (good * per_mille / 1000).min(good.saturating_sub(1));
            self.latencies.get(at).map_or(0.0, |latency| latency.as_nanos() as f64 / 1e3)
        };
        Figures {
            good,
            bad: self.bad,
            rate: good as f64 / (self.end - self.begin).as_secs_f64(),
            p50: quantile(500),
            p99: quantile(990),
            cpu: cost.cpu.as_nanos() as f64 / 1e3 / good.max(1) as f64,
            memory: cost.memory,
            peak: cost.peak,
            last_bad: self.last_bad,
        }
    }
}
