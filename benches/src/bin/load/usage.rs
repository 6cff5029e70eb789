//! What processes use, from the kernel's own books: nanoseconds on a CPU, and resident memory.

use std::fs;
use std::time::Duration;

/// Some processes and their children.
pub struct Processes(Vec<u32>);

/// What they have used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Time on a CPU, of all their threads that are alive.
    pub cpu: Duration,
    /// Resident memory now, in KiB.
    pub memory: usize,
    /// The most there ever was, in KiB.
    pub peak: usize,
}

impl Processes {
    /// These and all their children (nginx works in children).
    pub fn of(roots: &[u32]) -> Self {
        let mut all = roots.to_vec();
        let mut next = 0;
        while let Some(process) = all.get(next).copied() {
            next += 1;
            let children =
                fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
            all.extend(children.split_ascii_whitespace().filter_map(|word| word.parse::<u32>().ok()));
        }
        Self(all)
    }

    /// What they have used so far.
    pub fn cost(&self) -> Cost {
        let costs = self.0.iter().map(|process| cost(*process));
        costs.fold(Cost::default(), |sum, one| Cost {
            cpu: sum.cpu + one.cpu,
            memory: sum.memory + one.memory,
            peak: sum.peak + one.peak,
        })
    }
}

impl Cost {
    /// What was used since `before`; memory is as it is now.
    pub fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), ..self }
    }
}

fn cost(process: u32) -> Cost {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_ascii_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
    };
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let schedstat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        schedstat.split(' ').next()?.parse::<u64>().ok()
    });
    Cost { cpu: Duration::from_nanos(nanoseconds.sum()), memory: field("VmRSS:"), peak: field("VmHWM:") }
}
