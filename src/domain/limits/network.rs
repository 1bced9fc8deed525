//! Networks: the unit in which unauthenticated callers are counted.

use std::net::{IpAddr, Ipv6Addr};

/// A part of the internet that limits count as one caller: an IPv4 address, or the /64 of an IPv6 address, which a
/// provider commonly assigns to one customer. Unknown addresses count as one network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// The network of unknown addresses.
    pub const UNKNOWN: Self = Self(None);

    /// Returns the network of an address. IPv4-mapped IPv6 addresses (`::ffff:192.0.2.1`) count as IPv4.
    pub fn of(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        }))
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => f.write_str("unknown"),
            Some(IpAddr::V4(address)) => address.fmt(f),
            Some(IpAddr::V6(address)) => write!(f, "{address}/64"),
        }
    }
}
