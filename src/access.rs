//! Who is calling, and what they may see and use.

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Whoever can reach the loopback port or holds our stdin: the operator.
    Local,
}
