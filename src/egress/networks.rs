//! Which addresses outgoing requests may reach.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Networks that are not the public internet (IANA's special-purpose address registries), those in which an IPv4 address
/// is embedded, and the metadata service of Azure, which has a public address.
const BLOCKED: [&str; 34] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "::1/128",
];

/// The networks that requests may and may not reach.
#[derive(Debug)]
pub struct Networks {
    allowed: Vec<IpNet>,
    blocked: Vec<IpNet>,
    own: Vec<SocketAddr>,
}

impl Networks {
    /// The public internet and the networks `allowed`, except `own`, the addresses that this server listens on.
    pub fn new(allowed: &[IpNet], own: &[SocketAddr]) -> Self {
        let blocked = BLOCKED.iter().filter_map(|text| text.parse().ok());
        Self {
            allowed: allowed.to_vec(),
            blocked: blocked.collect(),
            own: own.to_vec(),
        }
    }

    /// Whether the address is in one of the allowed networks.
    pub fn is_allowed(&self, ip: IpAddr) -> bool {
        contains(&self.allowed, ip.to_canonical())
    }

    /// Whether a request may be sent to the address.
    pub fn may_reach(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        contains(&self.allowed, ip) || !(contains(&self.blocked, ip) || is_local(ip))
    }

    /// Keeps the addresses that a request may be sent to, with TLS or `plain`: without it to allowed networks alone.
    pub fn filter(&self, ips: Vec<IpAddr>, plain: bool) -> Vec<IpAddr> {
        let permitted = |ip: &IpAddr| match plain {
            true => self.is_allowed(*ip),
            false => self.may_reach(*ip),
        };
        ips.into_iter().filter(permitted).collect()
    }

    /// Whether one of the addresses that this server listens on has this port.
    pub fn is_own_port(&self, port: u16) -> bool {
        self.own.iter().any(|own| own.port() == port)
    }

    /// Whether this server listens on the address.
    pub fn is_own(&self, ip: IpAddr, port: u16) -> bool {
        let ip = ip.to_canonical();
        self.own
            .iter()
            .filter(|own| own.port() == port)
            .any(|own| own.ip() == ip || ip.is_unspecified() || own.ip().is_unspecified() && is_local(ip))
    }
}

fn contains(networks: &[IpNet], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&ip))
}

/// Whether the address is one of this machine. If that can't be found out, it may be.
#[cfg(unix)]
pub fn is_local(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    if ip.is_loopback() || ip.is_unspecified() {
        return true;
    }
    let Ok(mut interfaces) = nix::ifaddrs::getifaddrs() else {
        return true;
    };
    interfaces.any(|interface| {
        let address = interface.address;
        let four = address.as_ref().and_then(|found| found.as_sockaddr_in());
        let six = address.as_ref().and_then(|found| found.as_sockaddr_in6());
        four.is_some_and(|four| IpAddr::V4(four.ip()) == ip)
            || six.is_some_and(|six| IpAddr::V6(six.ip()) == ip)
    })
}

/// Whether the address is one of this machine: a socket can be bound to no other.
#[cfg(not(unix))]
pub fn is_local(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || ip.is_unspecified() || std::net::UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(allowed: &[&str], own: &[&str]) -> Networks {
        let allowed: Vec<IpNet> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        let own: Vec<SocketAddr> = own.iter().map(|text| text.parse().unwrap()).collect();
        Networks::new(&allowed, &own)
    }

    #[test]
    fn each_blocked_network_is_blocked_from_its_first_to_its_last_address() {
        let networks = networks(&[], &[]);
        assert_eq!(networks.blocked.len(), BLOCKED.len());
        for network in &networks.blocked {
            assert!(!networks.may_reach(network.network()), "{network}");
            assert!(!networks.may_reach(network.broadcast()), "{network}");
        }
        for ip in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(networks.may_reach(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "2002:7f00:1::",
        ] {
            assert!(!networks.may_reach(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn what_is_allowed_beats_what_is_blocked() {
        let networks = networks(&["10.1.0.0/16", "fd00::/8"], &[]);
        assert!(networks.may_reach("10.1.2.3".parse().unwrap()));
        assert!(networks.may_reach("::ffff:10.1.2.3".parse().unwrap()));
        assert!(networks.may_reach("fd12::1".parse().unwrap()));
        assert!(!networks.may_reach("10.2.0.1".parse().unwrap()));
        assert!(!networks.is_allowed("1.1.1.1".parse().unwrap()));
    }

    #[test]
    fn the_server_itself_is_recognized_on_each_of_its_addresses() {
        let networks = networks(&["127.0.0.0/8"], &["0.0.0.0:8000", "127.0.0.1:9000"]);
        let local = "127.0.0.1".parse().unwrap();
        assert!(networks.is_own(local, 8000) && networks.is_own(local, 9000));
        assert!(networks.is_own("::ffff:127.0.0.1".parse().unwrap(), 9000));
        assert!(!networks.is_own(local, 8001));
        assert!(!networks.is_own("1.1.1.1".parse().unwrap(), 8000));
        assert!(!networks.is_own("127.0.0.2".parse().unwrap(), 9000));
    }
}
