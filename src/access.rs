//! Who is calling, and what they may see and use.

mod principal;

pub use principal::{Caller, Principal};
