//! Who is calling, and what they may see and use.

mod principal;
mod rule;

pub use principal::{Caller, Principal};
