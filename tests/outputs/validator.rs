//! The W3C feed validator, which is Python and not part of this project.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A checkout of it, and the Python that has what it needs.
pub struct Validator {
    checkout: PathBuf,
    python: String,
}

/// The validator that the environment names; says so where there is none.
pub fn found() -> Option<Validator> {
    let Some(checkout) = std::env::var_os("GLASNIK_FEEDVALIDATOR") else {
        eprintln!("SKIPPED: GLASNIK_FEEDVALIDATOR names no checkout of github.com/w3c/feedvalidator");
        return None;
    };
    let python = std::env::var("GLASNIK_FEEDVALIDATOR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    Some(Validator { checkout: checkout.into(), python })
}

impl Validator {
    /// Fails where a document in `folder` has an error or a warning at level AA.
    pub fn has_nothing_to_say(&self, folder: &Path) {
        let mut command = Command::new(&self.python);
        command.args(["-W", "ignore", "-c", include_str!("judge.py")]).arg(folder);
        let output = command.env("PYTHONPATH", self.checkout.join("src")).output().expect("python runs");
        let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.is_empty(), "{said}{errors}");
    }
}
