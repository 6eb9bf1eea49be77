//! Same news: which items are one entry seen again, which entries are copies of one text, and which
//! tell one story. Pure: the same items in the same order give the same answers, byte for byte.
//!
//! [`Reading`] is all that is remembered of an item, a few hundred bytes. [`identity`] compares the
//! readings of one document with what is known of its feed; [`Copies`] finds a text among the
//! newest of all feeds; [`Known`] keeps both in memory for those who have no store.
//!
//! For copies and stories there is one door: [`Article::of`] is what is remembered of an entry,
//! [`Groups::add`] places it, [`Groups::regroup`] says now and then what moved, and
//! [`Groups::restore`] brings a window back after a start. [`training`] learns what decides.

mod address;
mod article;
mod candidates;
mod copies;
mod groups;
#[cfg(test)]
mod groups_tests;
mod hash;
pub mod identity;
mod index;
mod keys;
mod known;
mod language;
mod linking;
mod model;
mod numbers;
mod profile;
mod rarity;
mod reading;
mod regroup;
mod sketch;
mod sounds;
mod spoken;
mod terms;
#[cfg(test)]
mod tests;
mod title;
pub mod training;
mod weights;

pub use article::Article;
pub use copies::Copies;
pub use groups::{Groups, Moved, Placed};
pub use known::{Known, Seen};
pub use linking::{Link, Links, Shared, Telling};
pub use reading::{Item, Kind, Reading};
pub use sketch::Sketch;
