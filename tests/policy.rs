//! What a server file says about who sees what, held against the real program.

mod audit;
mod browsers;
mod limits;
mod offers;
mod rules;
mod toolsets;
