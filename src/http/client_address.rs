//! The address of a client: that of the peer, or the one that a trusted proxy writes into a header.
//!
//! Exactly one header is trusted, the one that the reverse proxy is known to write: a proxy passes on headers that it
//! does not know, so a client could choose its address with any other header. Only the last entry of the header counts,
//! which is the proxy's own; anything written by the client precedes it. If that entry is not an address (`unknown`,
//! `_hidden`) or the header is missing, the peer's address counts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::HeaderMap;
use clap::ValueEnum;

use crate::domain::limits::Network;

/// The header in which the reverse proxy writes the address of its client.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyHeader {
    /// No proxy: the address of the peer counts.
    #[default]
    #[value(alias = "false")]
    None,
    /// `X-Forwarded-For`, the form that nearly all proxies write.
    #[value(alias = "true")]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Network {
    /// The network that a request comes from.
    pub fn of_request(header: ProxyHeader, headers: &HeaderMap, peer: Option<IpAddr>) -> Self {
        let last = |name: &str| headers.get_all(name).iter().next_back()?.to_str().ok();
        let named = match header {
            ProxyHeader::None => None,
            ProxyHeader::XForwardedFor => last("x-forwarded-for")
                .and_then(|list| list.rsplit(',').next())
                .and_then(read_node),
            ProxyHeader::Forwarded => last("forwarded").and_then(read_forwarded),
        };
        named.or(peer).map_or(Self::UNKNOWN, Self::of)
    }
}

/// The `for` of the last element of a `Forwarded` header (RFC 7239, section 4).
fn read_forwarded(list: &str) -> Option<IpAddr> {
    let element = split_outside_quotes(list, ',').next_back()?;
    split_outside_quotes(element, ';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| read_node(value))?
    })
}

/// Splits at a separator outside quoted strings.
fn split_outside_quotes(text: &str, separator: char) -> impl DoubleEndedIterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => {
                parts.push(&text[start..at]);
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter()
}

/// The address of a node (RFC 7239, section 6) in any form that proxies write: with or without quotes, brackets, port
/// or zone.
fn read_node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text)
        .trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return (port.is_empty() || port.starts_with(':'))
            .then(|| read_ipv6(address))?
            .map(IpAddr::V6);
    }
    if let Some(address) = read_ipv6(text) {
        return Some(address.into());
    }
    let address = text.split_once(':').map_or(text, |(address, _port)| address);
    address.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

/// An IPv6 address; a zone (`fe80::1%eth0`) names an interface of the proxy and is ignored.
fn read_ipv6(text: &str) -> Option<Ipv6Addr> {
    let address = text.split_once('%').map_or(text, |(address, _zone)| address);
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    fn from(header: ProxyHeader, headers: &[(&'static str, &str)]) -> Network {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Network::of_request(header, &map, Some(PEER))
    }

    #[test]
    fn a_header_is_believed_only_where_a_proxy_writes_it() {
        let both = [
            ("x-forwarded-for", "203.0.113.7"),
            ("forwarded", "for=198.51.100.9"),
        ];
        assert_eq!(from(ProxyHeader::None, &both), Network::of(PEER));
        assert_eq!(from(ProxyHeader::XForwardedFor, &both), network("203.0.113.7"));
        assert_eq!(from(ProxyHeader::Forwarded, &both), network("198.51.100.9"));
    }

    #[test]
    fn the_last_entry_of_x_forwarded_for_counts_in_every_form() {
        for (list, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.9, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:50123", "203.0.113.7"),
            ("\"203.0.113.7:50123\"", "203.0.113.7"),
            ("  203.0.113.7  ", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:443", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::"),
            ("[2001:db8::7]", "2001:db8::"),
            ("[2001:db8::7]:443", "2001:db8::"),
            ("\"[2001:db8:0:0:ffff::7]:443\"", "2001:db8::"),
            ("2001:db8::7%eth0", "2001:db8::"),
            ("[2001:db8::7%25eth0]:443", "2001:db8::"),
            // Falls back to the peer for anything that is not an address.
            ("unknown", "10.0.0.1"),
            ("203.0.113.7, unknown", "10.0.0.1"),
            ("203.0.113.7,", "10.0.0.1"),
            ("_hidden", "10.0.0.1"),
            ("", "10.0.0.1"),
            ("203.0.113", "10.0.0.1"),
            ("[203.0.113.7]", "10.0.0.1"),
            ("[2001:db8::7", "10.0.0.1"),
            ("[2001:db8::7]x", "10.0.0.1"),
        ] {
            let headers = [("x-forwarded-for", "192.0.2.99"), ("x-forwarded-for", list)];
            let found = from(ProxyHeader::XForwardedFor, &headers);
            assert_eq!(found, network(expected), "{list:?}");
        }
        assert_eq!(from(ProxyHeader::XForwardedFor, &[]), Network::of(PEER));
        assert_eq!(
            Network::of_request(ProxyHeader::None, &HeaderMap::new(), None),
            Network::UNKNOWN
        );
    }

    #[test]
    fn the_last_element_of_forwarded_counts_in_every_form() {
        for (list, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            (
                "For=\"203.0.113.7:47011\";proto=http;by=203.0.113.43",
                "203.0.113.7",
            ),
            ("by=203.0.113.43;for=203.0.113.7", "203.0.113.7"),
            ("for=198.51.100.9, for=203.0.113.7", "203.0.113.7"),
            ("for=\"[2001:db8::7]\"", "2001:db8::"),
            ("FOR=\"[2001:db8::7]:4711\"", "2001:db8::"),
            // A quoted comma or semicolon is not a separator.
            ("for=203.0.113.7;ext=\"a, for=198.51.100.9\"", "203.0.113.7"),
            ("for=203.0.113.7;ext=\"\\\", for=198.51.100.9\"", "203.0.113.7"),
            ("for=unknown", "10.0.0.1"),
            ("for=_hidden, for=_SEVKISEK", "10.0.0.1"),
            ("for=203.0.113.7, by=203.0.113.43", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            let found = from(ProxyHeader::Forwarded, &[("forwarded", list)]);
            assert_eq!(found, network(expected), "{list:?}");
        }
    }

    proptest! {
        #[test]
        fn every_form_of_an_address_is_one_network(address: IpAddr, port: u16, spoofed in "[ -~]{0,40}") {
            let node = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            for form in [address.to_string(), node.clone(), format!("{node}:{port}"), format!("\"{node}:{port}\"")] {
                let list = format!("{spoofed},{form}");
                prop_assert_eq!(from(ProxyHeader::XForwardedFor, &[("x-forwarded-for", &list)]), Network::of(address));
            }
            let forwarded = format!("proto=http;for=\"{node}:{port}\"");
            prop_assert_eq!(from(ProxyHeader::Forwarded, &[("forwarded", &forwarded)]), Network::of(address));
        }

        #[test]
        fn a_network_has_all_addresses_of_a_64(high: u64, low: u64, other: u64) {
            let address = |low: u64| Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low));
            prop_assume!(address(low).to_ipv4_mapped().is_none() && address(other).to_ipv4_mapped().is_none());
            prop_assert_eq!(Network::of(address(low).into()), Network::of(address(other).into()));
            prop_assert_ne!(Network::of(address(low).into()),
                Network::of(Ipv6Addr::from_bits(u128::from(high ^ 1) << 64 | 1).into()));
        }

        #[test]
        fn no_header_breaks_it(list in "\\PC{0,60}") {
            let mut map = HeaderMap::new();
            for name in ["x-forwarded-for", "forwarded"] {
                if let Ok(value) = HeaderValue::from_bytes(list.as_bytes()) {
                    map.append(name, value);
                }
            }
            for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
                Network::of_request(header, &map, Some(PEER));
            }
        }
    }
}
