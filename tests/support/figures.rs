//! What a test of a hazard measured, for the table that `cargo xtask faults` prints.
//!
//! A test tells its figures whether they are good or bad; the assertions beside it decide that. Without somebody who
//! listens (`TOOLGATE_FIGURES` names a file) they are only printed.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write as _;

/// One row: the hazard (`L5`), what was done to the gateway, and what was measured.
pub(crate) fn row(hazard: &str, done: &str, measured: impl Display) {
    println!("{hazard}: {done}: {measured}");
    if let Some(path) = variable("TOOLGATE_FIGURES") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        // One write: tests run side by side.
        file.write_all(format!("{hazard}\t{done}\t{measured}\n").as_bytes()).unwrap();
    }
}

/// Whether durations are to be as long as the hazard says (`cargo xtask faults --full`), not scaled down.
pub(crate) fn full_length() -> bool {
    variable("TOOLGATE_FULL").is_some()
}

#[expect(clippy::disallowed_methods, reason = "the program's rule: tests are told things by xtask this way")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
