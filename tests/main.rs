//! The integration tests: one binary, so that it links once and everybody shares [`support`].
//!
//! They talk to the real program and to 127.0.0.1 only, wait for conditions rather than for time to pass, and are
//! named as sentences. What needs programs that are not Rust's (`clients`) is marked `ignored`; `cargo xtask test`
//! installs those programs and runs it.

#[cfg(test)]
mod access;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod asking;
#[cfg(test)]
mod bookshop;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod diagnostics;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod github;
#[cfg(test)]
mod hazards;
#[cfg(test)]
mod import;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod offers;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod ready_files;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod roundtrip;
#[cfg(test)]
mod shaping;
#[cfg(test)]
mod spec;
#[cfg(test)]
mod support;
