//! One request to one host: the order in which it waits for its turn, the exchange itself, and the
//! one case in which it is sent again.

use super::closed::Door;
use super::error::{self, Problem};
use super::gate::Pass;
use super::redirects::{self, Trail};
use super::{Answer, Fetcher, Request, Response, address, body, coding, headers};
use crate::caching::Caching;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use http::{HeaderValue, StatusCode};
use hyper_util::client::legacy::connect::HttpInfo;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};
use url::Url;

/// What came of one request.
pub(super) enum Step {
    Answered(Box<Response>),
    Redirected { status: u16, location: Option<HeaderValue>, wait: Duration },
}

impl Fetcher {
    /// Asks when the turn has come: that of the host, then that of the machine it is on, then that of
    /// a place among all that are under way. In this order, so that whoever has a long queue or is
    /// slow to find holds no place, and a place is held for `time_left` at most. `heard` gets what was
    /// said, also where nothing comes of it.
    pub(super) async fn ask(
        &self,
        host: &str,
        trail: &Trail<'_>,
        request: &Request<'_>,
        time_left: &mut Duration,
        heard: &mut Option<Answer>,
    ) -> Result<Step, Problem> {
        self.shared.guard.check(trail.here(), request.allow_private)?;
        let door = Door::of(trail.here(), request);
        self.is_open(door)?;
        let pass = self.shared.gates.enter(host).await;
        // Another of its feeds may have been told to wait while this one was in the queue.
        self.is_open(door)?;
        let machine = self.machine(host, trail.here(), request.allow_private).await?;
        let _crowd = self.shared.crowds.enter(machine).await;
        let place = self.shared.places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let start = Instant::now();
        pass.start(self.spacing(host));
        let step = timeout(*time_left, self.exchange(trail, request, &pass, place, heard)).await;
        *time_left = time_left.saturating_sub(start.elapsed());
        if let Some(Answer { status: 429 | 503, caching: Caching { retry_after_s: Some(seconds), .. }, .. }) = heard {
            let wait = i64::try_from(*seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or_default();
            let now = Utc::now();
            self.shared.closed.close(door, now + wait, now);
        }
        step.map_err(|_| Problem::TooLate { seconds: self.shared.limits.total.as_secs() })?
    }

    fn is_open(&self, door: Door) -> Result<(), Problem> {
        match self.shared.closed.until(door, Utc::now()) {
            Some(until) => Err(Problem::Wait { until }),
            None => Ok(()),
        }
    }

    /// The first of the host's addresses that may be asked. The connection looks again, and finds the
    /// same within the minutes that a name is remembered.
    async fn machine(&self, host: &str, hop: &Url, allow_private: bool) -> Result<IpAddr, Problem> {
        if let Some(ip) = address::ip(hop) {
            return Ok(ip);
        }
        let found = self.shared.names.find(host).await?;
        let usable = match allow_private {
            true => found.to_vec(),
            false => self.shared.guard.public_only(host, &found)?,
        };
        usable
            .first()
            .map(|address| address.ip())
            .ok_or_else(|| Problem::NoConnection("the name has no address".to_owned()))
    }

    async fn exchange(
        &self,
        trail: &Trail<'_>,
        request: &Request<'_>,
        pass: &Pass,
        place: OwnedSemaphorePermit,
        heard: &mut Option<Answer>,
    ) -> Result<Step, Problem> {
        let limits = &self.shared.limits;
        let received = self.send(trail, request, pass).await?;
        pass.is_answered(received.extensions().get::<HttpInfo>().map(HttpInfo::local_addr));
        let (status, url, headers) = (received.status(), trail.here().clone(), received.headers());
        let caching = Caching::of(headers, Utc::now());
        let answer = heard.insert(Answer {
            status: status.as_u16(),
            caching: caching.clone(),
            wire_bytes: 0,
            took: Duration::ZERO,
        });
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            let location = headers.get(http::header::LOCATION).cloned();
            answer.wire_bytes = body::drain(received, limits).await;
            let wait = Duration::from_secs(caching.retry_after_s.unwrap_or(0));
            return Ok(Step::Redirected { status: status.as_u16(), location, wait });
        }
        if status == StatusCode::NOT_MODIFIED && !headers::is_conditional(&url, request) {
            // It would be taken for the word of the server that the validators are from.
            return Err(Problem::Unasked);
        }
        let mut response = Response {
            status: status.as_u16(),
            validators: headers::validators(headers, &url, request),
            url: redirects::without_credentials(url),
            permanent_url: trail.permanent_url().cloned(),
            caching,
            content_type: headers::content_type(headers),
            body: Bytes::new(),
            wire_bytes: 0,
            took: Duration::ZERO,
            place: Some(Arc::new(place)),
        };
        if status == StatusCode::OK {
            let coding = coding::of(headers)?;
            let wire = body::read(received, limits).await?;
            response.wire_bytes = wire.len() as u64;
            answer.wire_bytes = response.wire_bytes;
            response.body = coding::decode(wire, coding, limits.body_bytes_max).await?;
        } else {
            response.wire_bytes = body::drain(received, limits).await;
        }
        Ok(Step::Answered(Box::new(response)))
    }

    /// The server may close a kept connection at the moment that we use it; RFC 9112 §9.3.1 has a
    /// client try again then, once and on a new one. A new connection that breaks is not tried again.
    async fn send(&self, trail: &Trail<'_>, request: &Request<'_>, pass: &Pass) -> Result<reqwest::Response, Problem> {
        let client = self.shared.clients.of(request.allow_private);
        let headers = headers::of_hop(trail.here(), request, &self.user_agent)?;
        let outgoing = || client.get(trail.here().clone()).headers(headers.clone()).send();
        match outgoing().await {
            Err(error) if error::closed_early(&error).is_some_and(|over| pass.has_answered(over)) => {
                Ok(outgoing().await?)
            }
            result => Ok(result?),
        }
    }
}
