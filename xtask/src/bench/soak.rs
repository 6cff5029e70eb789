//! Calls for a long time, of every kind, and how memory grows meanwhile.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::figures::{Measure, megabytes};
use super::programs::{Load, Programs};
use super::{document, process, profile, sessions};
use crate::program::Gateway;

/// How long each kind of load is, in seconds.
const STEP: f64 = 2.0;
/// How many sessions are opened and ended in each turn.
const SESSIONS: usize = 200;

/// Makes calls for so many minutes and prints memory after each turn of all kinds, and its slope. The first fifth is left
/// out of the slope: pools and caches fill then.
pub fn run(programs: &Programs, minutes: f64) -> Result<()> {
    let upstream = programs.upstream()?;
    let gateway = programs.gateway(&upstream)?;
    let kinds = kinds(&gateway);
    let (begin, whole) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut answers = 0.0;
    while begin.elapsed() < whole {
        for load in &kinds {
            answers += programs.measure(load)?.of_measure(Measure::Rate) * STEP;
        }
        for _ in 0..SESSIONS {
            sessions::open_and_close(&gateway)?;
        }
        let (seconds, memory) = (begin.elapsed().as_secs_f64(), process::memory(gateway.process())?);
        if begin.elapsed() > whole / 5 {
            points.push((seconds / 60.0, memory));
        }
        let (memory, slope) = (megabytes(memory), slope(&points));
        println!("{seconds:>5.0} s {answers:>10.0} answers {memory:>7.1} MB {slope:>+8.1} KiB a minute");
    }
    let (slope, peak) = (slope(&points), megabytes(process::peak(gateway.process())?));
    println!("memory grows by {slope:+.1} KiB a minute; the most there was is {peak:.1} MB");
    Ok(())
}

/// What is called in turn: calls, cache hits, failures, large answers of both kinds, lists.
fn kinds(gateway: &Gateway) -> Vec<Load> {
    let failed = Load { expect: "\"isError\":true".to_owned(), ..profile::steady(gateway, "errors") };
    let kinds = [
        (64, profile::steady(gateway, "small")),
        (64, profile::steady(gateway, "cached")),
        (16, profile::kept(profile::steady(gateway, "cached"))),
        (16, failed),
        (4, profile::steady(gateway, "large")),
        (4, profile::steady(gateway, "text")),
        (16, document::list_at(gateway)),
    ];
    kinds.map(|(at_once, load)| Load { at_once, seconds: STEP, ..load }).into()
}

/// The slope of the line that is nearest to all points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), point| {
        (above + (point.0 - x) * (point.1 - y), below + (point.0 - x).powi(2))
    });
    if below == 0.0 { 0.0 } else { above / below }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_points() {
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), 2.0);
        assert_eq!(slope(&[(1.0, 7.0)]), 0.0);
    }
}
