//! Calls for a long time, and how memory grows meanwhile.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::profile;
use super::programs::{Load, Programs};

/// How long each measurement is, in seconds.
const STEP: f64 = 5.0;

/// Calls for so many minutes over 64 connections and prints the slope of memory. The first fifth is left out: pools
/// and caches fill then.
pub fn run(programs: &Programs, minutes: f64) -> Result<()> {
    let upstream = programs.upstream()?;
    let gateway = programs.gateway(&upstream)?;
    let load = profile::steady(&gateway.url, gateway.process());
    let (begin, whole) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
    let mut points = Vec::new();
    while begin.elapsed() < whole {
        let figures = programs.measure(&Load { at_once: 64, seconds: STEP, ..load.clone() })?;
        let at = begin.elapsed();
        println!(
            "{:>5.0} s {:>8.0} calls/s {:>7.1} MiB",
            at.as_secs_f64(),
            figures.rate,
            figures.memory / 1024.0
        );
        if at > whole / 5 {
            points.push((at.as_secs_f64() / 3600.0, figures.memory));
        }
    }
    println!("memory grows by {:+.0} KiB an hour", slope(&points));
    Ok(())
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
