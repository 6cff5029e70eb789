//! What processes take, from the kernel's own accounts.

use std::fs;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;

/// Resident memory of a process and its children (nginx works in children), in KiB.
pub fn memory(process: u32) -> Result<f64> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    let children = children.split_ascii_whitespace().filter_map(|word| word.parse().ok());
    std::iter::once(process).chain(children).map(|process| status(process, "VmRSS:")).sum()
}

/// The most resident memory that a process ever had, in KiB.
pub fn peak(process: u32) -> Result<f64> {
    status(process, "VmHWM:")
}

/// CPU time of all children that have ended and been waited for, with all their threads, in milliseconds.
pub fn ended_children() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok((usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e3)
}

/// Allows us and all programs that we start as many open files as the machine lets us, and says how many those are.
pub fn raise_open_files() -> Result<usize> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}

fn status(process: u32, field: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).with_context(|| status.clone())?;
    Ok(line.split_ascii_whitespace().next().context("a number")?.parse()?)
}
