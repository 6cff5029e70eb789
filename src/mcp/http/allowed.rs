//! Who may reach us by which name: the defence against DNS rebinding.
//!
//! A web page can make a browser send requests to its own host name after pointing that name at 127.0.0.1. Such a
//! request has the page's name in `Host`, and the page in `Origin`. So a request is served only under names that no
//! stranger can own: loopback names, the address the connection arrived at, and what the operator allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::{HeaderMap, HeaderValue, Uri, Version, header};

use super::listener::{Door, Service};

/// A host, with a port if only that port is meant: `mcp.example.com`, `192.0.2.7:8080`, `[2001:db8::1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    host: Host<String>,
    port: Option<u16>,
}

/// An origin beyond those of the allowed hosts: `https://app.example.com`, `vscode-webview://abc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(String);

/// A text that is no host or no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowedError {
    /// Not a host with an optional port.
    #[error("{0:?} is not a host name or address with an optional port")]
    Host(String),
    /// Not a scheme and a host.
    #[error("{0:?} is not an origin like https://app.example.com")]
    Origin(String),
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// An HTTP/1.1 request must have exactly one `Host` (RFC 9112, section 3.2).
    NoHost,
    /// Not a name of ours.
    Host,
    /// Not a page that may call.
    Origin,
}

/// The names under which requests are served.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed {
    pub(super) hosts: Vec<AllowedHost>,
    pub(super) origins: Vec<AllowedOrigin>,
}

impl Allowed {
    /// Checks the head of a request that came in there. What came through the file system cannot have been led there by a
    /// name, and may use any; so may who asks for metrics.
    pub(super) fn check(
        &self,
        version: Version,
        target: &Uri,
        headers: &HeaderMap,
        door: Door,
    ) -> Result<(), Stranger> {
        let local = door.address;
        let any_name = door.service == Service::Metrics || door.is_file && self.hosts.is_empty();
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(_), None) if any_name => {}
            (Some(host), None) if self.serves(host.to_str().unwrap_or_default(), local) => {}
            (Some(_), None) => return Err(Stranger::Host),
            (None, _) if version < Version::HTTP_11 => return Err(Stranger::Host),
            _ => return Err(Stranger::NoHost),
        }
        // An absolute target counts before the Host header (RFC 9112, section 3.2.2), so it must be ours as well.
        if target.authority().is_some_and(|authority| !any_name && !self.serves(authority.as_str(), local)) {
            return Err(Stranger::Host);
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if self.trusts(origin, local) => Ok(()),
            _ => Err(Stranger::Origin),
        }
    }

    fn serves(&self, authority: &str, local: IpAddr) -> bool {
        let Some((host, port)) = parse(authority) else { return false };
        let ours = match host {
            Host::Name(name) => name.eq_ignore_ascii_case("localhost"),
            Host::Address(address) => {
                address == Ipv4Addr::LOCALHOST
                    || address == Ipv6Addr::LOCALHOST
                    || address == local.to_canonical()
            }
        };
        ours || self.hosts.iter().any(|allowed| allowed.matches(host, port))
    }

    fn trusts(&self, origin: &HeaderValue, local: IpAddr) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        if self.origins.iter().any(|allowed| allowed.0.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        web && self.serves(authority, local)
    }
}

impl AllowedHost {
    fn matches(&self, host: Host<&str>, port: Option<u16>) -> bool {
        let same = match (&self.host, host) {
            (Host::Name(ours), Host::Name(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (Host::Address(ours), Host::Address(theirs)) => *ours == theirs,
            _ => false,
        };
        same && (self.port.is_none() || self.port == port)
    }
}

impl FromStr for AllowedHost {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<Self, AllowedError> {
        let (host, port) = parse(text).ok_or_else(|| AllowedError::Host(text.to_owned()))?;
        let host = match host {
            Host::Name(name) => Host::Name(name.to_owned()),
            Host::Address(address) => Host::Address(address),
        };
        Ok(Self { host, port })
    }
}

impl FromStr for AllowedOrigin {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<Self, AllowedError> {
        match text.split_once("://") {
            Some((scheme, rest))
                if !scheme.is_empty() && !rest.is_empty() && !rest.contains(['/', '@', '?', '#']) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(AllowedError::Origin(text.to_owned())),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host<Name> {
    Name(Name),
    Address(IpAddr),
}

/// A host with an optional port, in its plain spelling. What can be spelled plainly and is not (user info, a dot at the
/// end, addresses in octal or in one number, an empty port) is refused: no client writes it, and two readers may
/// understand it differently.
fn parse(authority: &str) -> Option<(Host<&str>, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (Host::Address(IpAddr::V6(address.parse().ok()?)), port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (name, port) = authority.split_at_checked(end)?;
            (plain(name)?, port)
        }
    };
    match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some((host, Some(digits.parse().ok()?)))
        }
        None if port.is_empty() => Some((host, None)),
        _ => None,
    }
}

fn plain(name: &str) -> Option<Host<&str>> {
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Some(Host::Address(IpAddr::V4(address)));
    }
    let letters =
        |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    name.split('.').all(|label| !label.is_empty() && letters(label)).then_some(Host::Name(name))
}

#[cfg(test)]
mod tests;
