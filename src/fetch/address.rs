//! The guard against requests to places that only this machine can reach: private, loopback and
//! link-local addresses, and ports where no web server listens. Literals are checked as the URL
//! standard reads them, so that no spelling gets past; names are checked where they are resolved.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Below these live mail, shells and databases, but no feeds; 80 and 443 aside.
const FREE_PORT_MIN: u16 = 1024;

/// An address that is not asked without the operator's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    what: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; if that is meant, set allow_private = true for this feed", self.what)
    }
}

impl std::error::Error for Refused {}

/// Knows the places that only this machine can reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// What keeps an address from being public, with its article; `None` where nothing does. Tests,
    /// which have only loopback, call a part of it public.
    pub kind: fn(IpAddr) -> Option<&'static str>,
}

impl Default for Guard {
    fn default() -> Self {
        Self { kind }
    }
}

impl Guard {
    /// Whether the address itself may be asked. Names pass here and meet [`Self::public_only`].
    pub fn check(self, url: &Url, allow_private: bool) -> Result<(), Refused> {
        if allow_private {
            return Ok(());
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !matches!(port, 80 | 443 | FREE_PORT_MIN..) {
            return Err(Refused { what: format!("port {port} is none that feeds are served from") });
        }
        match ip(url).and_then(|ip| Some((ip, (self.kind)(ip)?))) {
            Some((ip, kind)) => Err(Refused { what: format!("{ip} is {kind} address") }),
            None => Ok(()),
        }
    }

    /// Those of a name's addresses that anyone may reach; an error where it has others only.
    pub fn public_only(self, name: &str, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Refused> {
        let public: Vec<_> = found.iter().copied().filter(|address| (self.kind)(address.ip()).is_none()).collect();
        match found.first().and_then(|address| Some((address.ip(), (self.kind)(address.ip())?))) {
            Some((ip, kind)) if public.is_empty() => {
                Err(Refused { what: format!("{name} is at {ip}, {kind} address") })
            }
            _ => Ok(public),
        }
    }
}

/// The address that stands in a URL in the place of a name.
pub(super) fn ip(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    }
}

/// What keeps an address from being public, with its article; `None` where nothing does.
/// After IANA's special-purpose registries (RFC 6890 and its successors).
fn kind(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => kind_of_v4(ip),
        IpAddr::V6(ip) => kind_of_v6(ip),
    }
}

fn kind_of_v4(ip: Ipv4Addr) -> Option<&'static str> {
    match ip.octets() {
        [127, ..] => Some("a loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Some("a private"),
        [169, 254, ..] => Some("a link-local"),
        [224..=239, ..] => Some("a multicast"),
        [0, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [240..=255, ..] => Some("a reserved"),
        _ => None,
    }
}

fn kind_of_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if ip == Ipv6Addr::LOCALHOST {
        return Some("a loopback");
    }
    let embedded = embedded_v4(ip);
    if !embedded.is_empty() {
        return embedded.into_iter().find_map(kind_of_v4);
    }
    match ip.segments() {
        [0xfc00..=0xfdff, ..] => Some("a private"),
        [0xfe80..=0xfebf, ..] => Some("a link-local"),
        [0xff00..=0xffff, ..] => Some("a multicast"),
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("a reserved"),
        // Outside 2000::/3 nothing is handed out.
        [0x2000..=0x3fff, ..] => None,
        _ => Some("a reserved"),
    }
}

/// The IPv4 addresses that a packet to this one may end at: mapped, compatible and translated
/// ones, NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo's server and client (RFC 4380), ISATAP
/// (RFC 5214).
fn embedded_v4(ip: Ipv6Addr) -> Vec<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => vec![v4(high, low)],
        [0x2002, high, low, ..] => vec![v4(high, low)],
        [0x2001, 0, high, low, _, _, client_high, client_low] => vec![v4(high, low), v4(!client_high, !client_low)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(address: &str) -> Option<String> {
        let url = Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        Guard::default().check(&url, false).err().map(|refused| refused.to_string())
    }

    #[test]
    fn b02_private_addresses_are_refused_in_every_spelling() {
        let hosts = [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "2130706433",
            "0177.0.0.1",
            "0x7f.1",
            "0x7f000001",
            "127.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "\u{2460}\u{2461}\u{2466}.\u{24ea}.\u{24ea}.\u{2460}",
            "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[::10.0.0.1]",
            "[::ffff:0:10.0.0.1]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::1]",
            "[2001:0:7f00:1::1]",
            "[2001:0:808:808::80ff:fffe]",
            "[2001:db8::1]",
            "[2001:10::1]",
            "[100::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fdff::1]",
            "[ff02::1]",
            "[2600::5efe:10.0.0.1]",
            "[4000::1]",
            "[3fff::1]",
        ];
        for host in hosts {
            for address in [format!("http://{host}/"), format!("https://user@{host}:8443/feed?x")] {
                let refusal = refusal(&address).unwrap_or_else(|| panic!("{address} passed"));
                assert!(refusal.contains("allow_private"), "{refusal}");
            }
        }
    }

    #[test]
    fn a_backslash_or_a_name_before_the_host_hides_nothing() {
        for address in ["http://good.example@127.0.0.1/", "http:\\\\127.0.0.1\\x", "http://127.0.0.1\\@good.example/"] {
            assert!(refusal(address).is_some(), "{address} passed");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        let hosts = [
            "example.org",
            "localhost",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.167.0.1",
            "198.20.0.1",
            "[2600::1]",
            "[2a00:1450::1]",
            "[::ffff:8.8.8.8]",
            "[64:ff9b::808:808]",
            "[2002:808:808::1]",
            "[2001:0:808:808::f7f7:f7f7]",
            "[2001:200::1]",
        ];
        for host in hosts {
            assert_eq!(refusal(&format!("http://{host}/")), None, "{host}");
        }
    }

    #[test]
    fn the_operators_word_opens_every_address_and_port() {
        for address in ["http://127.0.0.1:22/", "http://[::1]/", "http://169.254.169.254/"] {
            assert_eq!(Guard::default().check(&Url::parse(address).expect("an address"), true), Ok(()));
        }
    }

    #[test]
    fn b09_ports_of_other_services_are_refused() {
        for port in [1, 22, 25, 81, 110, 445, 1023] {
            let refusal = refusal(&format!("http://example.org:{port}/")).expect("a refusal");
            assert!(refusal.contains(&format!("port {port}")) && refusal.contains("allow_private"), "{refusal}");
        }
        for port in [80, 443, 1024, 8080, 8443, 65535] {
            assert_eq!(refusal(&format!("http://example.org:{port}/")), None);
        }
    }

    #[test]
    fn of_a_names_addresses_only_the_public_ones_are_used() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), 0)).collect()
        };
        let choose = |list: &[&str]| Guard::default().public_only("a.example", &addresses(list));
        assert_eq!(choose(&["8.8.8.8", "127.0.0.1", "fe80::1"]), Ok(addresses(&["8.8.8.8"])));
        assert_eq!(choose(&[]), Ok(Vec::new()));
        let refused = choose(&["::1", "10.0.0.1"]).expect_err("a refusal").to_string();
        assert!(refused.starts_with("a.example is at ::1, a loopback address"), "{refused}");
    }
}
