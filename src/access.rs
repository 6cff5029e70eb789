//! Who is calling, and what they may see and use.
//!
//! Nobody is asked yet who they are: whoever reaches the loopback port or holds our standard input is the operator.
//! So nothing may listen where others reach it, unless the operator says that something else keeps them out.

use std::net::SocketAddr;

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Whoever can reach the loopback port or holds our stdin: the operator.
    Local,
}

/// An address must not be listened at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} can be reached by others, and nobody is asked who they are: listen on 127.0.0.1, or say --insecure"
)]
pub struct ExposedError {
    /// The address.
    pub address: SocketAddr,
}

/// Whether we may listen at `address`: on loopback always, elsewhere only when the operator said `insecure`.
///
/// # Errors
///
/// Others than the operator could call.
pub fn may_listen(address: SocketAddr, insecure: bool) -> Result<(), ExposedError> {
    if insecure || address.ip().to_canonical().is_loopback() { Ok(()) } else { Err(ExposedError { address }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_at_without_a_word_of_the_operator() {
        for address in ["127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(may_listen(address.parse().unwrap(), false), Ok(()), "{address}");
        }
        for address in
            ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1", "[fe80::1]:1"]
        {
            let address = address.parse().unwrap();
            assert_eq!(may_listen(address, false), Err(ExposedError { address }));
            assert_eq!(may_listen(address, true), Ok(()));
        }
    }
}
