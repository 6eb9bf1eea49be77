//! What every format says of an output.

use super::Site;
use super::item::Item;
use super::text::{language, line, name};
use crate::feed::Output;
use chrono::{DateTime, Utc};

/// When the document last changed, as far as its entries say; `None` without entries.
pub(super) fn updated(items: &[Item]) -> Option<DateTime<Utc>> {
    items.iter().map(|item| item.updated).max()
}

/// What an output's document says of itself.
pub(super) fn description(site: &Site, output: &Output) -> String {
    let (title, site_title) = (title(output), site_title(site));
    match title == site_title {
        true => format!("The newest of all feeds that {site_title} reads"),
        false => format!("{title}, collected by {site_title}"),
    }
}

/// The output's title; its id where the title is blank.
pub(super) fn title(output: &Output) -> String {
    line(&output.title).unwrap_or_else(|| output.id.clone())
}

/// The site's title; ours where it is blank.
pub(super) fn site_title(site: &Site) -> String {
    name(&site.title).unwrap_or_else(|| "glasnik".to_owned())
}

/// The one language of all entries, if the operator asked for one.
pub(super) fn language_of(output: &Output) -> Option<String> {
    match output.languages.as_slice() {
        [only] => language(only),
        _ => None,
    }
}
