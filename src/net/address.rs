//! Which addresses may be connected to.
//!
//! A host that the operator wrote may be anywhere. A host that a document or an answer names may not be inside: else
//! whoever writes the document makes toolgate knock at the machine's own services, the local network, or the cloud's
//! metadata service. The check is made on the resolved addresses, and only checked addresses reach the connector, so
//! that a name which resolves differently a moment later gains nothing. IP literals never reach a resolver; they are
//! checked in the URL ([`Policy::check`]), which has already turned `0x7f.1` and the like into plain numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Any: the operator wrote the host himself.
    Any,
    /// Only addresses of the public internet.
    Public,
}

/// The host has no address that may be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} is at {address}, which is not an address of the public internet")]
pub struct Refused {
    /// As it stands in the URL.
    pub host: String,
    /// The first address that was refused.
    pub address: IpAddr,
}

impl Policy {
    /// Checks a URL whose host is an IP literal; a name is checked when it is resolved.
    ///
    /// # Errors
    /// [`Refused`] when the literal is not permitted.
    pub fn check(self, url: &Url) -> Result<(), Refused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        if self.permits(address) {
            return Ok(());
        }
        Err(Refused { host: url.host_str().unwrap_or_default().to_owned(), address })
    }

    /// Whether this address may be connected to.
    #[must_use]
    pub fn permits(self, address: IpAddr) -> bool {
        self == Self::Any || is_public(address)
    }

    /// Those of a host's addresses that may be connected to.
    ///
    /// # Errors
    /// [`Refused`] when it has addresses and none of them may.
    pub(super) fn permitted(
        self,
        host: &str,
        mut found: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Refused> {
        let first = found.first().copied();
        found.retain(|address| self.permits(address.ip()));
        match first.filter(|_| found.is_empty()) {
            Some(first) => Err(Refused { host: host.to_owned(), address: first.ip() }),
            None => Ok(found),
        }
    }
}

/// The system's resolver, with what the policy forbids left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver(pub(super) Policy);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(policy.permitted(name.as_str(), found)?.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(embedded) => is_public_v4(embedded),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    GLOBAL_UNICAST.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
}

/// The IPv4 address that a packet to this one ends at: v4-mapped, NAT64 (RFC 6052), 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    let [_, _, e, f, g, h, ..] = address.octets();
    if MAPPED.contains(&address) || NAT64.contains(&address) {
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    SIX_TO_FOUR.contains(&address).then(|| Ipv4Addr::new(e, f, g, h))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, third: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0), prefix)
}

/// The registry of special-purpose addresses (RFC 6890), and what clouds have put elsewhere.
const NOT_PUBLIC_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this host
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carrier-grade NAT
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // Azure's host service
    v4(169, 254, 0, 0, 16),   // link-local, metadata services
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
];

const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);
const SIX_TO_FOUR: Ipv6Net = v6(0x2002, 0, 0, 16);

/// All that has been given out to the public; loopback, unique local, link-local and multicast are outside of it.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);
const NOT_PUBLIC_V6: [Ipv6Net; 3] = [
    v6(0x2001, 0, 0, 23),     // protocol assignments, Teredo
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x3fff, 0, 0, 20),     // documentation
];

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> bool {
        Policy::Public.check(&Url::parse(url).unwrap()).is_err()
    }

    #[test]
    fn inside_addresses_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001:0:1::1]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[::127.0.0.1]",
            "[2001:db8::1]",
        ] {
            assert!(refused(&format!("http://{host}/")), "{host}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for host in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]", "[64:ff9b::8.8.8.8]", "example.com"]
        {
            assert!(!refused(&format!("http://{host}/")), "{host}");
        }
        assert_eq!(Policy::Any.check(&Url::parse("http://127.0.0.1/").unwrap()), Ok(()));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_when_it_is_resolved() {
        let refused = Resolver(Policy::Public).resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(refused.downcast_ref::<Refused>().unwrap().host, "localhost");
        assert!(Resolver(Policy::Any).resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
