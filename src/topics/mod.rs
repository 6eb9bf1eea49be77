//! What an entry is about: folding, word forms, rules, the one-pass matcher and the explanation.
//! Pure, and blind to where rules come from and where tags go.

mod rules;

pub use rules::{Field, Place, RuleError, Topic, WordList};
