//! What a reader can take: the coding of a body, the language of a page, and whether a person is
//! looking. Pure.

use super::Languages;
use super::shelf::Coding;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};

/// A header by which it is decided what is answered where a document stands ready; all others are the
/// same to us.
pub(super) fn decides(name: &str) -> Option<HeaderName> {
    [ACCEPT_ENCODING, IF_NONE_MATCH, IF_MODIFIED_SINCE, ACCEPT_LANGUAGE]
        .into_iter()
        .find(|known| name.eq_ignore_ascii_case(known.as_str()))
}

/// The best of the codings on `offer` by Accept-Encoding (RFC 9110 §12.5.3): what the reader weighs
/// most, and of equals the one that stands last on the offer. The document as it is where nothing
/// else is welcome, though it be refused: a reader that says so is served better than turned away.
pub(super) fn coding(headers: &HeaderMap, offer: impl Iterator<Item = Coding>) -> Coding {
    let accepted = Accepted::of(headers);
    let mut best = (Coding::Identity, 0);
    for coding in offer {
        let weight = accepted.weight(coding);
        if weight > 0 && weight >= best.1 {
            best = (coding, weight);
        }
    }
    best.0
}

/// The page language that the reader weighs most by Accept-Language (RFC 9110 §12.5.4), of equals the
/// one that stands first there; the first of ours where there is none.
pub(super) fn language(headers: &HeaderMap, languages: Languages) -> &'static str {
    let mut best = (languages.first, 0);
    for (tag, weight) in elements(headers, &ACCEPT_LANGUAGE) {
        let nearest = if tag == "*" { Some(languages.first) } else { (languages.nearest)(&tag) };
        if let Some(language) = nearest.filter(|_| weight > best.1) {
            best = (language, weight);
        }
    }
    best.0
}

/// Whether an error is told to a browser rather than to a program.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    elements(headers, &ACCEPT).any(|(media_type, weight)| media_type == "text/html" && weight > 0)
}

/// Weights in thousandths, as far as they were named.
#[derive(Default)]
struct Accepted {
    identity: Option<u16>,
    gzip: Option<u16>,
    brotli: Option<u16>,
    any_other: Option<u16>,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        for (name, weight) in elements(headers, &ACCEPT_ENCODING) {
            let place = match name.as_str() {
                "identity" => &mut accepted.identity,
                "gzip" | "x-gzip" => &mut accepted.gzip,
                "br" => &mut accepted.brotli,
                "*" => &mut accepted.any_other,
                _ => continue,
            };
            *place = Some(weight);
        }
        accepted
    }

    fn weight(&self, coding: Coding) -> u16 {
        match coding {
            // Welcome unless it is refused, but less than anything that was asked for.
            Coding::Identity => self.identity.or(self.any_other.filter(|weight| *weight == 0)).unwrap_or(1),
            Coding::Gzip => self.gzip.or(self.any_other).unwrap_or(0),
            Coding::Brotli => self.brotli.or(self.any_other).unwrap_or(0),
        }
    }
}

/// The elements of a list header in lower case, with their weights in thousandths (RFC 9110
/// §12.4.2); a weight that is none counts as none given.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = (String, u16)> + 'a {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|element| {
        let mut parts = element.split(';').map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").and_then(thousandths));
        Some((name, weight.unwrap_or(1000)))
    })
}

fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.trim().parse().ok()?;
    // In range, and no NaN: the cast cuts nothing off.
    (0.0..=1.0).contains(&weight).then(|| (weight * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn chooses_the_coding_that_the_reader_weighs_most() {
        let check = |accept: &[&'static str], expected| {
            let offer = [Coding::Identity, Coding::Gzip, Coding::Brotli];
            let chosen = coding(&headers(ACCEPT_ENCODING, accept), offer.into_iter());
            assert_eq!(chosen, expected, "{accept:?}");
        };
        check(&[], Coding::Identity);
        check(&[""], Coding::Identity);
        check(&["gzip"], Coding::Gzip);
        check(&["gzip, deflate, br, zstd"], Coding::Brotli);
        check(&["gzip", "br"], Coding::Brotli);
        check(&["GZIP;Q=1.0, br;q=0.9"], Coding::Gzip);
        check(&["gzip;q=0, br;q=0"], Coding::Identity);
        check(&["br;q=0.001"], Coding::Brotli);
        check(&["*"], Coding::Brotli);
        check(&["*, br;q=0"], Coding::Gzip);
        check(&["identity, gzip;q=0.5"], Coding::Identity);
        check(&["identity;q=0"], Coding::Identity);
        check(&["*;q=0"], Coding::Identity);
        check(&["identity;q=0, *;q=0.3"], Coding::Brotli);
        check(&["deflate, zstd"], Coding::Identity);
        check(&["gzip;q=much, br;q=2"], Coding::Brotli);
        check(&[";;,,q=1,"], Coding::Identity);
    }

    #[test]
    fn offers_only_what_there_is() {
        let accept = headers(ACCEPT_ENCODING, &["br, gzip;q=0.5"]);
        assert_eq!(coding(&accept, [Coding::Identity, Coding::Gzip].into_iter()), Coding::Gzip);
        assert_eq!(coding(&accept, [Coding::Identity].into_iter()), Coding::Identity);
    }

    #[test]
    fn chooses_the_language_that_the_reader_weighs_most() {
        let nearest = |tag: &str| match tag.split('-').next() {
            Some("en") => Some("en"),
            Some("sr" | "hr") => Some("sr-Latn"),
            _ => None,
        };
        let check = |accept: &[&'static str], expected| {
            let headers = headers(ACCEPT_LANGUAGE, accept);
            assert_eq!(language(&headers, Languages { first: "en", nearest }), expected, "{accept:?}");
        };
        check(&[], "en");
        check(&["hr-HR,hr;q=0.9,en;q=0.8"], "sr-Latn");
        check(&["de-AT, en;q=0.5, sr;q=0.7"], "sr-Latn");
        check(&["en, sr"], "en");
        check(&["en;q=0.2", "SR"], "sr-Latn");
        check(&["sr;q=0"], "en");
        check(&["*, sr;q=0.9"], "en");
        check(&["fr"], "en");
        check(&[";;q=1,,*;q=2"], "en");
    }

    #[test]
    fn a_browser_is_known_by_what_it_accepts() {
        let check = |accept: &[&'static str], expected| {
            assert_eq!(wants_page(&headers(ACCEPT, accept)), expected, "{accept:?}");
        };
        check(&["text/html,application/xhtml+xml,*/*;q=0.8"], true);
        check(&["*/*"], false);
        check(&["application/atom+xml, text/html;q=0"], false);
        check(&[], false);
    }
}
