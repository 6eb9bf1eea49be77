//! `forms`: what a listed word finds, before it is listed.

use super::{Outcome, print_json};
use crate::topics;
use anyhow::Result;
use serde_json::json;
use std::io::{self, Write};

pub(super) fn forms(words: &[String], language: &str, as_json: bool) -> Result<Outcome> {
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
