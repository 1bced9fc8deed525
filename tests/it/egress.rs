//! Outgoing requests: what they never reach.

#![expect(clippy::disallowed_methods, reason = "servers run beside the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handover::egress::{Egress, Rejected, Settings, Unreachable};
use hyper::HeaderMap;
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Addresses of this machine and of private networks, in all spellings that a URL has for them. `PORT` is one where
/// something listens.
const NEVER: [&str; 44] = [
    "https://127.0.0.1:PORT/",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7f.0.0.1:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://017700000001:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://127.255.255.254:PORT/",
    "https://１２７.０.０.１:PORT/",
    "https://127。0。0。1:PORT/",
    "https://①②⑦.0.0.1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    "https://0.0.0.0:PORT/",
    "https://0:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[64:ff9b::7f00:1]:PORT/",
    "https://[64:ff9b:1::7f00:1]:PORT/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[2001:0:7f00:1::]:PORT/",
    "https://[fe80::1]:PORT/",
    "https://[fc00::1]:PORT/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://100.64.0.1/",
    "https://192.0.0.192/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
];

/// Listens on all addresses of the machine and counts the connections.
async fn listener() -> (u16, Arc<AtomicUsize>) {
    let listener = match TcpListener::bind("[::]:0").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
    };
    let port = listener.local_addr().unwrap().port();
    let count = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = [0; 1_024];
                let _ = connection.read(&mut request).await;
                let answer = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 3\r\n\r\nabc";
                let _ = connection.write_all(answer.as_bytes()).await;
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            });
        }
    });
    (port, count)
}

fn allowed(networks: &[&str]) -> Settings {
    Settings {
        allowed: networks.iter().map(|network| network.parse().unwrap()).collect(),
        ..Settings::default()
    }
}

async fn post(egress: &Egress, url: &str) -> Result<u16, Unreachable> {
    let url = Url::parse(url).unwrap();
    let answer = egress.post(&url, HeaderMap::new(), b"{}".to_vec(), 16).await;
    answer.map(|answer| answer.status)
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_connected_to() {
    let (port, count) = listener().await;
    let egress = Egress::new(&Settings::default()).unwrap();
    for url in NEVER {
        let url = url.replace("PORT", &port.to_string());
        for url in [url.clone(), url.replacen("https", "http", 1)] {
            let (checked, sent) = (egress.check(&url).await, post(&egress, &url).await);
            // Not every resolver knows it.
            if url.contains("localhost.") && sent == Err(Unreachable::Dns) {
                continue;
            }
            let refused = matches!(checked, Err(Rejected::NotAllowed(_)));
            assert!(refused, "{url}: {checked:?}");
            assert_eq!(sent, Err(Unreachable::BlockedAddress), "{url}");
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
    // The listener would have noticed.
    let egress = Egress::new(&allowed(&["127.0.0.0/8"])).unwrap();
    assert_eq!(post(&egress, &format!("http://127.0.0.1:{port}/")).await, Ok(302));
    assert_eq!(post(&egress, &format!("http://localhost:{port}/")).await, Ok(302));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_no_usable_url_is_refused() {
    let egress = Egress::new(&Settings::default()).unwrap();
    let long = format!("https://example.com/{}", "x".repeat(3_000));
    for url in [
        "",
        "example.com",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "gopher://1.1.1.1/",
        "https://",
        "https://user@1.1.1.1/",
        "https://user:password@1.1.1.1/",
        "https://1.1.1.1/#fragment",
        "https://name.invalid/",
        "https://1.1.1.1:99999/",
        &long,
    ] {
        let checked = egress.check(url).await;
        assert!(matches!(checked, Err(Rejected::Invalid(_))), "{url}: {checked:?}");
    }
    assert!(egress.check("https://1.1.1.1/hook?a=b").await.is_ok());
    assert!(matches!(
        egress.check("http://1.1.1.1/").await,
        Err(Rejected::NotAllowed(_))
    ));
}

#[tokio::test]
async fn the_server_itself_is_not_reached_though_its_network_is_allowed() {
    let (port, count) = listener().await;
    let egress = Egress::new(&Settings {
        own: vec![format!("0.0.0.0:{port}").parse().unwrap()],
        ..allowed(&["127.0.0.0/8", "::1/128"])
    })
    .unwrap();
    for host in [
        "127.0.0.1",
        "127.0.0.2",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let url = format!("http://{host}:{port}/");
        assert_eq!(
            post(&egress, &url).await,
            Err(Unreachable::BlockedAddress),
            "{url}"
        );
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn failures_have_their_names() {
    let (port, _) = listener().await;
    let egress = Egress::new(&allowed(&["127.0.0.0/8"])).unwrap();
    assert_eq!(
        post(&egress, &format!("https://127.0.0.1:{port}/")).await,
        Err(Unreachable::Tls)
    );
    assert_eq!(
        post(&egress, "https://name.invalid/").await,
        Err(Unreachable::Dns)
    );
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        post(&egress, &format!("http://{closed}/")).await,
        Err(Unreachable::Connect)
    );
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = silent.accept().await {
            drop(connection);
        }
    });
    assert_eq!(
        post(&egress, &format!("http://{address}/")).await,
        Err(Unreachable::Closed)
    );
}

#[tokio::test]
async fn certificates_have_to_be_readable() {
    for text in ["", "nonsense"] {
        let settings = Settings {
            authorities: Some(text.into()),
            ..Settings::default()
        };
        let error = Egress::new(&settings).unwrap_err().to_string();
        assert!(error.contains("--egress-ca"), "{error}");
    }
}
