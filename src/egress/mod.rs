//! Outgoing HTTP requests to URLs that people enter: webhooks and identity providers.
//!
//! A guard against server-side request forgery: such a URL must not reach what only this machine can reach. The address
//! is checked when a URL is saved ([`Egress::check`]) and again for each connection, because a name may resolve to
//! another address by then. No redirects are followed and no proxy is used.

mod failure;
mod networks;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::HeaderMap;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, Url, redirect, tls};
use url::Host;

use self::failure::{innermost, reason};
use self::networks::Networks;
use crate::error::Error;

pub use self::failure::{Rejected, Unreachable};

/// Maximum length of a URL, in bytes.
pub const MAX_URL: usize = 2_048;
/// Maximum time until a connection is established.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum time of a request, from the look-up of the name to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Bytes of an unwanted body that are read.
const DISCARDED: usize = 1 << 10;
/// Time for reading them.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);

/// Where requests may go.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Networks that are allowed though they are not public, also without TLS.
    pub allowed: Vec<IpNet>,
    /// Certificates of authorities that are trusted in addition to those of the machine, in PEM.
    pub authorities: Option<Vec<u8>>,
    /// The addresses that this server listens on: never reached.
    pub own: Vec<SocketAddr>,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The start of its body.
    pub body: Vec<u8>,
    /// Whether that is the whole body.
    pub is_complete: bool,
}

/// Sends requests; clones share their connections.
#[derive(Clone)]
pub struct Egress {
    networks: Arc<Networks>,
    /// For most ports.
    anywhere: Clients,
    /// For the ports that this server listens on: never to this machine.
    elsewhere: Clients,
}

#[derive(Clone)]
struct Clients {
    /// For `https`: to public and allowed networks.
    secure: Client,
    /// For `http`: to allowed networks alone.
    plain: Client,
}

impl Egress {
    /// Builds the clients.
    ///
    /// # Errors
    /// [`Error::BadInput`] if the certificates can't be read.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let networks = Arc::new(Networks::new(&settings.allowed, &settings.own));
        let bad = |error: reqwest::Error| Error::BadInput(format!("--egress-ca: {}", innermost(&error)));
        let authorities = settings.authorities.as_deref().unwrap_or_default();
        let authorities = Certificate::from_pem_bundle(authorities).map_err(bad)?;
        if settings.authorities.is_some() && authorities.is_empty() {
            return Err(Error::BadInput(
                "--egress-ca: the file contains no certificate in PEM".to_owned(),
            ));
        }
        let clients = |here| {
            let client = |plain| {
                let networks = Arc::clone(&networks);
                client(Resolver {
                    networks,
                    plain,
                    here,
                })
            };
            let secure = client(false)
                .https_only(true)
                .tls_version_min(tls::Version::TLS_1_2)
                .tls_certs_merge(authorities.clone());
            Ok::<_, Error>(Clients {
                secure: secure.build().map_err(bad)?,
                plain: client(true).build().map_err(bad)?,
            })
        };
        let anywhere = clients(true)?;
        let elsewhere = match settings.own.is_empty() {
            true => anywhere.clone(),
            false => clients(false)?,
        };
        Ok(Self {
            anywhere,
            elsewhere,
            networks,
        })
    }

    /// Parses a URL and checks that requests to it may be sent now; its name is resolved for that.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub async fn check(&self, text: &str) -> Result<Url, Rejected> {
        let url = parse(text).map_err(Rejected::Invalid)?;
        let judged = tokio::time::timeout(CONNECT_TIMEOUT, self.judge(&url)).await;
        match judged.unwrap_or(Err(Unreachable::Dns)) {
            Ok(()) => Ok(url),
            Err(Unreachable::BlockedAddress) if url.scheme() == "http" => Err(Rejected::NotAllowed(
                "must be an https URL; http is for networks that --egress-allow names, and never leads to this server",
            )),
            Err(Unreachable::BlockedAddress) => Err(Rejected::NotAllowed(
                "must lead to a public address, or to a network that --egress-allow names, and not to this server",
            )),
            Err(_) => Err(Rejected::Invalid("the host name can't be resolved")),
        }
    }

    /// Sends a GET request; reads at most `limit` bytes of the answer.
    ///
    /// # Errors
    /// See [`Unreachable`].
    pub async fn get(&self, url: &Url, limit: usize) -> Result<Answer, Unreachable> {
        self.send(url, |client| client.get(url.clone()), limit).await
    }

    /// Sends a POST request; reads at most `limit` bytes of the answer.
    ///
    /// # Errors
    /// See [`Unreachable`].
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Answer, Unreachable> {
        let build = |client: &Client| client.post(url.clone()).headers(headers).body(body);
        self.send(url, build, limit).await
    }

    /// Sends a POST request whose answer is its status and its headers. The body is not waited for.
    ///
    /// # Errors
    /// See [`Unreachable`].
    pub async fn notify(&self, url: &Url, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, Unreachable> {
        let build = |client: &Client| client.post(url.clone()).headers(headers).body(body);
        let mut response = self.begin(url, build).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A short body is read, so that the connection can be used again; what becomes of it doesn't matter.
        let discard = async {
            let mut read = 0;
            while let Ok(Some(chunk)) = response.chunk().await {
                read += chunk.len();
                if read > DISCARDED {
                    break;
                }
            }
        };
        let is_complete = tokio::time::timeout(DISCARD_TIMEOUT, discard).await.is_ok();
        Ok(Answer {
            status,
            headers,
            body: Vec::new(),
            is_complete,
        })
    }

    async fn send(
        &self,
        url: &Url,
        build: impl FnOnce(&Client) -> RequestBuilder,
        limit: usize,
    ) -> Result<Answer, Unreachable> {
        let mut response = self.begin(url, build).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut is_complete = true;
        while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
            let room = limit - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                is_complete = false;
                break;
            }
        }
        Ok(Answer {
            status,
            headers,
            body,
            is_complete,
        })
    }

    /// Sends a request, and returns once the headers of the answer are there.
    async fn begin(
        &self,
        url: &Url,
        build: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Response, Unreachable> {
        // The client resolves no literal address.
        if !matches!(url.host(), Some(Host::Domain(_))) {
            self.judge(url).await?;
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let clients = match self.networks.is_own_port(port) {
            true => &self.elsewhere,
            false => &self.anywhere,
        };
        let client = match url.scheme() {
            "http" => &clients.plain,
            _ => &clients.secure,
        };
        build(client).send().await.map_err(|error| reason(&error))
    }

    /// Checks the addresses that a URL leads to now.
    async fn judge(&self, url: &Url) -> Result<(), Unreachable> {
        let port = url.port_or_known_default().unwrap_or_default();
        let ips = match url.host() {
            Some(Host::Ipv4(ip)) => vec![IpAddr::V4(ip)],
            Some(Host::Ipv6(ip)) => vec![IpAddr::V6(ip)],
            Some(Host::Domain(name)) => look_up(name).await?,
            None => return Err(Unreachable::Dns),
        };
        let reached = self.networks.filter(ips, url.scheme() == "http");
        match reached.is_empty() || reached.iter().any(|ip| self.networks.is_own(*ip, port)) {
            true => Err(Unreachable::BlockedAddress),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.networks.fmt(f)
    }
}

/// # Errors
/// A message for the person who entered the URL.
fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > MAX_URL {
        return Err("must be at most 2,048 bytes long");
    }
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://example.com/path")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must be an https URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or a password");
    }
    if url.fragment().is_some() {
        return Err("must not contain a fragment");
    }
    Ok(url)
}

fn client(resolver: Resolver) -> ClientBuilder {
    Client::builder()
        .dns_resolver(resolver)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .user_agent(concat!("Handover/", env!("CARGO_PKG_VERSION")))
}

/// Resolves names for a client, which connects to no other addresses.
struct Resolver {
    networks: Arc<Networks>,
    /// Whether the client sends without TLS.
    plain: bool,
    /// Whether the client may connect to this machine, where that is allowed.
    here: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, plain, here) = (Arc::clone(&self.networks), self.plain, self.here);
        Box::pin(async move {
            let ips = look_up(name.as_str()).await?;
            let mut reached = networks.filter(ips, plain);
            reached.retain(|ip| here || !networks::is_local(*ip));
            if reached.is_empty() {
                return Err(Unreachable::BlockedAddress.into());
            }
            let reached = reached.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(reached) as Addrs)
        })
    }
}

async fn look_up(name: &str) -> Result<Vec<IpAddr>, Unreachable> {
    let found = tokio::net::lookup_host((name, 0)).await;
    let found = found.map_err(|_| Unreachable::Dns)?;
    Ok(found.map(|address| address.ip()).collect())
}
