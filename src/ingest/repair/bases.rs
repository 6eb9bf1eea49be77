//! The bases that addresses resolve against, by number.

use url::Url;

/// The bases that `xml:base` declares, by number. 0 is the document's own.
#[derive(Debug)]
pub(super) struct Bases(pub Vec<Option<Url>>);

/// A feed with a base for each of 2,000 entries and their content is within it.
const BASES_MAX: usize = 5_000;

/// Bases that grow by joining relative ones end here.
const BASE_BYTES_MAX: usize = 2_048;

impl Bases {
    /// The number of the base that `text` names inside of base `from`; `from` where it names none.
    pub(super) fn resolve(&mut self, from: u32, text: &str) -> u32 {
        let current = self.0.get(from as usize).and_then(Option::as_ref);
        let resolved = Url::options().base_url(current).parse(text.trim());
        let Ok(resolved) = resolved else { return from };
        let is_fit = matches!(resolved.scheme(), "http" | "https") && resolved.as_str().len() <= BASE_BYTES_MAX;
        if !is_fit || current == Some(&resolved) {
            return from;
        }
        if self.0.last().is_some_and(|last| last.as_ref() == Some(&resolved)) {
            return u32::try_from(self.0.len() - 1).unwrap_or(from);
        }
        if self.0.len() >= BASES_MAX {
            return from;
        }
        self.0.push(Some(resolved));
        u32::try_from(self.0.len() - 1).unwrap_or(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_join_and_stay_small() {
        let mut bases = Bases(vec![Url::parse("http://example.org/feed").ok()]);
        assert_eq!(bases.resolve(0, "/a/"), 1);
        assert_eq!(bases.resolve(1, "b"), 2);
        assert_eq!(bases.0[2].as_ref().map(Url::as_str), Some("http://example.org/a/b"));
        for refused in ["javascript:alert(1)", "http://", "/a/b", &"x/".repeat(2_000)] {
            assert_eq!(bases.resolve(2, refused), 2, "{refused}");
        }
    }
}
