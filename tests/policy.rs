//! What a server file says about who sees what, held against the real program.

mod toolsets;
