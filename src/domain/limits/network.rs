//! The unit in which callers are counted who are not signed in.

use std::net::{IpAddr, Ipv6Addr};

/// A part of the internet that limits count as one caller: an IPv4 address, or the /64 of an IPv6 address, all of
/// which one customer of a provider commonly has. Addresses that can't be known are one network together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// The network of callers whose address can't be known.
    pub const UNKNOWN: Self = Self(None);

    /// The network of an address. IPv6 addresses that stand for IPv4 ones (`::ffff:192.0.2.1`) count as these.
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
