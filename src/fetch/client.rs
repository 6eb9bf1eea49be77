//! The HTTP clients under the fetcher: what they trust, how they find addresses, and what they
//! never do by themselves (redirects, proxies, Referer, second tries).

use super::address;
use super::error::Error;
use super::limits::Limits;
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
    pub fn new(limits: &Limits) -> Result<Self, Error> {
        let tls = tls().map_err(|error| Error::Setup(error.to_string()))?;
        let builder = || {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .no_proxy()
                .referer(false)
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .connect_timeout(limits.connect)
                .pool_idle_timeout(limits.idle)
                .pool_max_idle_per_host(1)
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| Error::Setup(error.to_string()));
        Ok(Self { public: build(builder().dns_resolver(Guarded))?, private: build(builder())? })
    }

    pub fn of(&self, allow_private: bool) -> &Client {
        if allow_private { &self.private } else { &self.public }
    }
}

/// The machine's root certificates; without any, plain http still works.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = match builder.clone().with_platform_verifier() {
        Ok(builder) => builder.with_no_client_auth(),
        Err(error) => {
            warn!(%error, "https addresses cannot be asked: install root certificates (ca-certificates)");
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Finds public addresses only. What it gives is what is connected to, so that a name cannot have
/// one address for the check and another for the connection.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public = address::public_only(name.as_str(), found)?;
            Ok(Box::new(public.into_iter()) as Box<_>)
        })
    }
}
