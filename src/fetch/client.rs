//! The HTTP clients under the fetcher: what they trust, how they find addresses, and what they
//! never do by themselves (redirects, proxies, Referer, second tries).

use super::Ground;
use super::address::Guard;
use super::error::Error;
use super::names::Names;
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;
use tracing::warn;

/// Two clients with connections of their own: one kept to a private address must never serve a
/// request that may not go there.
#[derive(Debug)]
pub(super) struct Clients {
    public: Client,
    private: Client,
}

impl Clients {
    pub fn new(ground: &Ground, names: &Arc<Names>) -> Result<Self, Error> {
        let tls = tls(ground.roots.clone()).map_err(|error| Error::Setup(error.to_string()))?;
        let build = |guard: Option<Guard>| {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Resolver { names: names.clone(), guard })
                .no_proxy()
                .referer(false)
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .connect_timeout(ground.limits.connect)
                .pool_idle_timeout(ground.limits.idle)
                .pool_max_idle_per_host(1)
                // One odd header line is no reason to lose a feed that every browser shows.
                .http1_ignore_invalid_headers_in_responses(true)
                .http1_allow_obsolete_multiline_headers_in_responses(true)
                .build()
                .map_err(|error| Error::Setup(error.to_string()))
        };
        Ok(Self { public: build(Some(ground.guard))?, private: build(None)? })
    }

    pub fn of(&self, allow_private: bool) -> &Client {
        if allow_private { &self.private } else { &self.public }
    }
}

/// The machine's root certificates unless others are given; without any, plain http still works.
fn tls(roots: Option<RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = match (roots, builder.clone().with_platform_verifier()) {
        (Some(roots), _) => builder.with_root_certificates(roots).with_no_client_auth(),
        (None, Ok(builder)) => builder.with_no_client_auth(),
        (None, Err(error)) => {
            warn!(%error, "https addresses cannot be asked: install root certificates (ca-certificates)");
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Finds addresses, under a guard public ones only. What it gives is what is connected to, so that a
/// name cannot have one address for the check and another for the connection.
struct Resolver {
    names: Arc<Names>,
    guard: Option<Guard>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, guard) = (self.names.clone(), self.guard);
        Box::pin(async move {
            let found = names.find(name.as_str()).await?;
            let usable = match guard {
                Some(guard) => guard.public_only(name.as_str(), &found)?,
                None => found.to_vec(),
            };
            Ok(Box::new(usable.into_iter()) as Box<_>)
        })
    }
}
