//! Redirects, followed hop by hop: where the next hop goes, whether it may, and what of the way is
//! permanent.

use super::error::Problem;
use chrono::{TimeDelta, Utc};
use http::HeaderValue;
use std::time::Duration;
use url::Url;

/// Honest chains have three: to https, to another name, to another path.
const REDIRECTS_MAX: usize = 5;

/// What common servers take as a request line.
const LOCATION_BYTES_MAX: usize = 8 * 1024;

/// What feeds.toml takes as an address: a longer one cannot be proposed to the operator, and is not
/// worth a kilobyte for each of ten thousand feeds.
pub(super) const KEPT_BYTES_MAX: usize = 2048;

/// A redirect may ask for a moment before it is followed (RFC 9110 §10.2.3); a longer one is for
/// another poll.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The way from the address that was asked to where we are.
#[derive(Debug)]
pub(super) struct Trail<'a> {
    first: &'a Url,
    followed: Vec<Url>,
    permanent: Option<Url>,
    is_permanent: bool,
}

impl<'a> Trail<'a> {
    pub fn starting_at(first: &'a Url) -> Self {
        Self { first, followed: Vec::new(), permanent: None, is_permanent: true }
    }

    /// What is asked next.
    pub fn here(&self) -> &Url {
        self.followed.last().unwrap_or(self.first)
    }

    /// Where the permanent redirects lead that the way began with: those after a temporary one say
    /// nothing about the address that we know.
    pub fn permanent_url(&self) -> Option<&Url> {
        self.permanent.as_ref()
    }

    /// Goes where a redirect points after its `wait`, or says why not. Everything that is left over
    /// here is an error, never an answer.
    pub fn follow(&mut self, status: u16, location: Option<&HeaderValue>, wait: Duration) -> Result<(), Problem> {
        let no = |reason: &str| Err(Problem::Redirect(format!("a redirect ({status}) {reason}")));
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return no("of a kind that cannot be followed");
        }
        if wait > WAIT_MAX {
            let until = TimeDelta::from_std(wait).ok().and_then(|wait| Utc::now().checked_add_signed(wait));
            return until.map_or_else(|| no("that asks to wait for ever"), |until| Err(Problem::Wait { until }));
        }
        let Some(location) = location else {
            return no("without an address");
        };
        if location.len() > LOCATION_BYTES_MAX {
            return no("with an address of more than 8 KiB");
        }
        let Ok(next) = self.here().join(&String::from_utf8_lossy(location.as_bytes())) else {
            return no("to something that is no address");
        };
        if !matches!(next.scheme(), "http" | "https") {
            return no("to an address that is neither http nor https");
        }
        if self.here().scheme() == "https" && next.scheme() == "http" {
            return no("from https to http, where anyone on the way could change the feed");
        }
        // Credentials in a Location are the server's words in our mouth.
        let mut next = without_credentials(next);
        next.set_fragment(None);
        if self.followed.contains(&next) || *self.first == next {
            return no("in a circle");
        }
        if self.followed.len() >= REDIRECTS_MAX {
            return no("after five others");
        }
        self.is_permanent &= matches!(status, 301 | 308);
        if self.is_permanent && next.as_str().len() <= KEPT_BYTES_MAX {
            self.permanent = Some(next.clone());
        }
        self.followed.push(next);
        Ok(())
    }
}

/// The address without name and password.
pub(super) fn without_credentials(mut url: Url) -> Url {
    // Only addresses without a host refuse, and those hold no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the hops; gives where that ends and what of it is permanent.
    fn walk(first: &str, hops: &[(u16, &str)]) -> Result<(String, Option<String>), String> {
        let first = first.parse().expect("an address");
        let mut trail = Trail::starting_at(&first);
        for (status, location) in hops {
            let location = HeaderValue::from_str(location).expect("a value");
            trail.follow(*status, Some(&location), Duration::ZERO).map_err(|problem| problem.to_string())?;
        }
        Ok((trail.here().to_string(), trail.permanent_url().map(ToString::to_string)))
    }

    fn check(hops: &[(u16, &str)], here: &str, permanent: Option<&str>) {
        assert_eq!(
            walk("http://a.example/feed", hops),
            Ok((here.to_owned(), permanent.map(str::to_owned))),
            "{hops:?}"
        );
    }

    fn check_refused(first: &str, hops: &[(u16, &str)], want: &str) {
        let said = walk(first, hops).expect_err("a refusal");
        assert!(said.contains(want), "{said}");
    }

    #[test]
    fn follows_every_spelling_of_an_address() {
        check(&[(302, "https://b.example/x")], "https://b.example/x", None);
        check(&[(302, "/x?y")], "http://a.example/x?y", None);
        check(&[(302, "x#part")], "http://a.example/x", None);
        check(&[(302, "//b.example/x")], "http://b.example/x", None);
        check(&[(302, "http://user:secret@b.example/x")], "http://b.example/x", None);
        check(&[(302, "HTTP://b.example")], "http://b.example/", None);
    }

    #[test]
    fn only_the_permanent_beginning_of_a_way_counts() {
        check(&[(301, "/b"), (308, "/c")], "http://a.example/c", Some("http://a.example/c"));
        check(&[(301, "/b"), (302, "/c"), (301, "/d")], "http://a.example/d", Some("http://a.example/b"));
        check(&[(307, "/b"), (301, "/c")], "http://a.example/c", None);
    }

    #[test]
    fn refuses_what_leads_nowhere() {
        check_refused("http://a.example/", &[(302, "file:///etc/passwd")], "neither http nor https");
        check_refused("http://a.example/", &[(302, "javascript:alert(1)")], "neither http nor https");
        check_refused("http://a.example/", &[(302, "http://[::1")], "no address");
        check_refused("http://a.example/", &[(300, "/x")], "cannot be followed");
        check_refused("http://a.example/", &[(302, &"x".repeat(LOCATION_BYTES_MAX + 1))], "8 KiB");
        let first = "http://a.example/".parse().expect("an address");
        let refusal = |location: Option<&HeaderValue>, wait: u64| {
            let followed = Trail::starting_at(&first).follow(302, location, Duration::from_secs(wait));
            followed.expect_err("a refusal").to_string()
        };
        assert!(refusal(None, 0).contains("without an address"));
        assert!(refusal(Some(&HeaderValue::from_static("/x")), 31).contains("it asked to wait until"));
    }

    #[test]
    fn a37_no_redirect_leads_out_of_tls() {
        check_refused("https://a.example/", &[(301, "http://a.example/")], "from https to http");
        check_refused(
            "https://a.example/",
            &[(302, "https://b.example/"), (307, "http://b.example/")],
            "from https to http",
        );
    }

    #[test]
    fn b35_stops_in_circles_and_after_five() {
        check_refused("http://a.example/", &[(302, "/")], "circle");
        check_refused("http://a.example/", &[(302, "/b"), (302, "/")], "circle");
        let hops: Vec<String> = (1..=6).map(|number| format!("/{number}")).collect();
        let hops: Vec<(u16, &str)> = hops.iter().map(|hop| (302, hop.as_str())).collect();
        assert!(walk("http://a.example/", &hops[..5]).is_ok());
        check_refused("http://a.example/", &hops, "after five others");
    }
}
