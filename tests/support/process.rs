//! The program as a child process: what it says on stderr, and what it costs.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

/// The program under test.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_toolgate"))
}

/// A command that runs the program with nothing of our environment in it but `PATH`.
pub(crate) fn command() -> Command {
    let mut command = Command::new(program());
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A line of a shell in which the program is found by its name.
#[cfg(unix)]
pub(crate) fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let folder = program().parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    command.env_clear().env("PATH", format!("{folder}:/usr/bin:/bin")).args(["-c", line]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Sends `child` a signal by its process id: `HUP`, `TERM`, `KILL`.
#[cfg(unix)]
pub(crate) async fn signal(child: &Child, name: &str) {
    let id = child.id().expect("the program runs").to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().await.unwrap().success());
}

/// What a stream of a child has said so far.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Reads `stream` to its end in the background.
    pub(crate) fn of(mut stream: impl AsyncReadExt + Unpin + Send + 'static) -> Self {
        let captured = Self::default();
        let bytes = Arc::clone(&captured.0);
        toolgate::tasks::spawn("capture", async move {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                bytes.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        captured
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// What a process uses, as Linux counts it. Elsewhere every figure is zero, and bounds on it hold trivially.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Resident memory now, in bytes.
    pub(crate) memory: usize,
    /// The most resident memory there ever was, in bytes.
    pub(crate) peak: usize,
    /// Open file descriptors.
    pub(crate) files: usize,
    /// Threads.
    pub(crate) threads: usize,
    /// Time on a CPU so far, of the threads that are alive.
    pub(crate) cpu: Duration,
}

impl Usage {
    /// What `child` uses now.
    pub(crate) fn of(child: &Child) -> Self {
        Self::of_process(child.id().expect("the program runs"))()
    }

    /// What the process of this id uses at the time when it is asked.
    pub(crate) fn of_process(id: u32) -> impl Fn() -> Self {
        let folder = PathBuf::from(format!("/proc/{id}"));
        move || Self::in_folder(&folder)
    }

    fn in_folder(folder: &Path) -> Self {
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_ascii_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0_usize)
        };
        Self {
            memory: field("VmRSS:") << 10,
            peak: field("VmHWM:") << 10,
            files: std::fs::read_dir(folder.join("fd")).map_or(0, Iterator::count),
            threads: field("Threads:"),
            cpu: cpu(folder),
        }
    }
}

/// The scheduler's own books: unlike the clock on the wall, they do not care what else the machine does.
fn cpu(process: &Path) -> Duration {
    let threads = std::fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let schedstat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedstat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
