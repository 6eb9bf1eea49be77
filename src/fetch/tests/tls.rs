//! Certificates that must not be believed. Those in `certificates` are of a root made for these tests
//! whose key was thrown away: `good` is of localhost until 2120, `expired` was until 2020, `other` is
//! of other.example; all are of the one key.

use super::*;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::Read as _;
use std::net::TcpListener;

const ROOT: &[u8] = include_bytes!("certificates/root.der");
const KEY: &[u8] = include_bytes!("certificates/key.der");

/// A server that shows this certificate, speaks this protocol and says this, the last part again and
/// again; its port.
fn server_showing(certificate: &'static [u8], protocol: &[u8], says: Vec<u8>, again: Vec<u8>) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("they are there")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], PrivatePkcs8KeyDer::from(KEY).into())
        .expect("the key is of the certificate");
    config.alpn_protocols = vec![protocol.to_vec()];
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut tls = ServerConnection::new(config.clone()).expect("a connection");
            let mut tls = Stream::new(&mut tls, &mut stream);
            // Whoever does not believe the certificate leaves.
            let mut head = [0; 4096];
            let mut told = tls.read(&mut head).and_then(|_| tls.write_all(&says));
            while told.is_ok() && !again.is_empty() {
                told = tls.write_all(&again);
            }
        }
    });
    port
}

fn believing(root: &'static [u8]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root)).expect("a certificate");
    roots
}

async fn asked(certificate: &'static [u8], roots: Option<&'static [u8]>) -> Result<Response, String> {
    let roots = roots.map(believing);
    let fetcher = standing_on(Ground { limits: small_limits(), roots, ..Ground::default() });
    let port = server_showing(certificate, b"http/1.1", ok("", b"secret"), Vec::new());
    let url = format!("https://localhost:{port}/").parse().expect("an address");
    get_with(&fetcher, &url, &Validators::default(), &[]).await.map_err(|error| {
        assert!(!error.is_connection_level(), "{error}");
        error.to_string()
    })
}

#[tokio::test]
async fn b13_a_server_that_proves_its_name_is_believed() {
    let response = asked(include_bytes!("certificates/good.der"), Some(ROOT)).await.expect("an answer");
    assert_eq!(&response.body[..], b"secret");
}

#[tokio::test]
async fn b13_a_certificate_that_proves_nothing_is_refused_and_the_error_says_why() {
    let check = async |certificate: &'static [u8], roots: Option<&'static [u8]>, why: &str| {
        let refusal = asked(certificate, roots).await.expect_err("a refusal");
        assert!(refusal.starts_with("fetch: localhost: no connection: ") && refusal.contains(why), "{refusal}");
    };
    check(include_bytes!("certificates/expired.der"), Some(ROOT), "expired").await;
    check(include_bytes!("certificates/other.der"), Some(ROOT), "not valid for name \"localhost\"").await;
    check(include_bytes!("certificates/good.der"), None, "nobody vouches for").await;
}

/// A frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("short");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream][..], payload].concat()
}

#[tokio::test]
async fn b34_floods_of_frames_end_with_the_limits() {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const CONTINUATION: u8 = 9;
    const END_HEADERS: u8 = 4;
    // What an HPACK table calls `:status: 200`, and a header of one letter each.
    let (status_200, header) = ([0x88], [0x00, 1, b'x', 1, b'y']);
    let floods = [
        ("CONTINUATION", frame(HEADERS, 0, 1, &status_200), frame(CONTINUATION, 0, 1, &header.repeat(10))),
        ("empty DATA", frame(HEADERS, END_HEADERS, 1, &status_200), frame(DATA, 0, 1, &[])),
        ("SETTINGS", Vec::new(), frame(SETTINGS, 0, 0, &[])),
    ];
    let limits = Limits { total: Duration::from_secs(2), ..small_limits() };
    for (name, first, again) in floods {
        let says = [frame(SETTINGS, 0, 0, &[]), first].concat();
        let port = server_showing(include_bytes!("certificates/good.der"), b"h2", says, again.repeat(20));
        let ground = Ground { limits: limits.clone(), roots: Some(believing(ROOT)), ..Ground::default() };
        let url = format!("https://localhost:{port}/").parse().expect("an address");
        let start = tokio::time::Instant::now();
        let result = get_with(&standing_on(ground), &url, &Validators::default(), &[]).await;
        assert!(result.is_err() && start.elapsed() < Duration::from_secs(10), "{name}: {:?}", start.elapsed());
    }
}
