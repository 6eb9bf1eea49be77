//! `forms`: what a listed word finds, before it is listed.

use super::{Outcome, print_json};
use crate::feed::language_key;
use crate::topics;
use anyhow::Result;
use serde_json::json;
use std::io::{self, Write};

pub(super) fn forms(words: &[String], language: &str, as_json: bool) -> Result<Outcome> {
    if !topics::languages().any(|known| known == language_key(language)) {
        let known: Vec<&str> = topics::languages().collect();
        writeln!(io::stderr(), "forms: no endings are known for \"{language}\", only for {}", known.join(", "))?;
        return Ok(Outcome::Wrong);
    }
    for word in words {
        let forms = topics::forms(word, language);
        if as_json {
            print_json(&json!({ "word": word, "language": language, "forms": forms }))?;
        } else {
            writeln!(io::stdout(), "{}", forms.join(" "))?;
        }
    }
    Ok(Outcome::Done)
}
