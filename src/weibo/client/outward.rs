//! Addresses that others wrote down, such as those of fans' pictures: the shop asks only where the whole world could
//! ask, never the machines beside it.

use super::{CallError, Client, connection, receive};
use anyhow::anyhow;
use reqwest::StatusCode;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use url::{Host, Url};

/// Nobody waits longer where others have sent the shop.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Client {
    /// Gets a file of at most so many bytes from an address that others wrote down: from Weibo where that is one of
    /// ours, else from the open net by https.
    pub(in crate::weibo) async fn get_outward(
        &self,
        address: &Url,
        largest: usize,
    ) -> Result<(StatusCode, Vec<u8>), CallError> {
        let weibo = self.settings().addresses.all();
        if weibo.iter().any(|weibo| weibo.origin() == address.origin()) {
            return self.get_file(address, None, largest).await;
        }
        let address = checked(address)
            .ok_or_else(|| CallError::Unknown(anyhow!("an address that the shop does not ask")))?;
        let request = self.outward().map_err(CallError::Unknown)?.get(address);
        receive(request, largest).await.map_err(CallError::Unknown)
    }

    fn outward(&self) -> anyhow::Result<reqwest::Client> {
        if let Some(made) = self.0.outward.get() {
            return Ok(made.clone());
        }
        let outward = connection(self.settings().timeout.min(TIMEOUT)).https_only(true);
        let outward = outward.dns_resolver(OpenNet).build()?;
        Ok(self.0.outward.get_or_init(|| outward).clone())
    }
}

/// Finds machines by name, those of the open net only. It decides where a connection goes, so that a name cannot
/// lead elsewhere the second time.
struct OpenNet;

impl Resolve for OpenNet {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<_> = found.filter(|address| is_open(address.ip())).collect();
            if open.is_empty() {
                return Err("this name is not of the open net".into());
            }
            let open: Addrs = Box::new(open.into_iter());
            Ok(open)
        })
    }
}

/// The same by https, or nothing where it names a port, a person or a machine that is not of the open net.
fn checked(address: &Url) -> Option<Url> {
    let mut address = address.clone();
    let is_web = matches!(address.scheme(), "http" | "https");
    if !is_web || address.port().is_some() || !address.username().is_empty() || address.password().is_some() {
        return None;
    }
    address.set_scheme("https").ok()?;
    match address.host()? {
        Host::Domain(_) => Some(address),
        Host::Ipv4(ip) => is_open(ip.into()).then_some(address),
        Host::Ipv6(ip) => is_open(ip.into()).then_some(address),
    }
}

fn is_open(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_open_v4(ip),
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or_else(|| is_open_v6(ip), is_open_v4),
    }
}

fn is_open_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let kept_apart = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && matches!(b, 18 | 19));
    let never = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation();
    !kept_apart && !never
}

/// Of what is given out to single machines everything, but what leads on to an old address.
fn is_open_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (0x2000..0x4000).contains(&first) && first != 0x2002 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_machines_of_the_open_net_are_asked() {
        for (address, asked) in [
            ("https://tva1.sinaimg.cn/50.jpg", Some("https://tva1.sinaimg.cn/50.jpg")),
            ("http://tva1.sinaimg.cn/50.jpg", Some("https://tva1.sinaimg.cn/50.jpg")),
            ("https://49.7.40.1/50.jpg", Some("https://49.7.40.1/50.jpg")),
            ("https://[240e::1]/50.jpg", Some("https://[240e::1]/50.jpg")),
            ("https://tva1.sinaimg.cn:8443/50.jpg", None),
            ("https://me:x@tva1.sinaimg.cn/50.jpg", None),
            ("ftp://tva1.sinaimg.cn/50.jpg", None),
            ("file:///etc/passwd", None),
            ("data:image/png;base64,AA==", None),
        ] {
            assert_eq!(checked(&Url::parse(address).unwrap()).as_ref().map(Url::as_str), asked, "{address}");
        }
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[fe80::1]",
            "[fd00::1]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
        ] {
            let address = Url::parse(&format!("https://{host}/a.jpg")).unwrap();
            assert_eq!(checked(&address), None, "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_leads_nowhere() {
        assert!(OpenNet.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
