//! `feeds = ["tag:regional", "!some-feed"]`: names of feeds and tags become subscription ids.

use std::collections::{HashMap, HashSet};

use super::places::{Context, did_you_mean};
use super::text::Text;
use crate::feed::Subscription;

/// All feeds by id and by tag.
pub(super) struct Feeds<'s> {
    ids: Vec<&'s str>,
    by_id: HashMap<&'s str, usize>,
    by_tag: HashMap<&'s str, Vec<usize>>,
}

impl<'s> Feeds<'s> {
    pub fn new(subscriptions: &'s [Subscription]) -> Self {
        let ids: Vec<&str> = subscriptions.iter().map(|feed| feed.id.as_str()).collect();
        let by_id = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let mut by_tag: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, feed) in subscriptions.iter().enumerate() {
            for tag in &feed.tags {
                by_tag.entry(tag).or_default().push(index);
            }
        }
        Self { ids, by_id, by_tag }
    }

    /// The ids that `selectors` choose, in the order of the file: of all named ones those that no
    /// `!` takes away; where there are only `!`, all but those.
    pub fn resolve(&self, context: &Context<'_>, selectors: &[Text]) -> Vec<String> {
        let mut chosen: HashSet<usize> = HashSet::new();
        let mut excluded: HashSet<usize> = HashSet::new();
        let mut are_known = true;
        for selector in selectors {
            let (set, name) = match selector.value.strip_prefix('!') {
                Some(name) => (&mut excluded, name),
                None => (&mut chosen, selector.value.as_str()),
            };
            match self.named(name) {
                Ok(feeds) => set.extend(feeds),
                Err(reason) => {
                    are_known = false;
                    let secret = "this secret names no feed".to_owned();
                    let reason = if selector.is_secret { secret } else { reason };
                    context.refuse(selector.place, format!("feeds: {reason}"));
                }
            }
        }
        let has_only_exclusions = selectors.iter().all(|selector| selector.value.starts_with('!'));
        let is_chosen = |index: &usize| has_only_exclusions || chosen.contains(index);
        let indexes = (0..self.ids.len()).filter(|index| is_chosen(index) && !excluded.contains(index));
        let ids: Vec<String> = indexes.map(|index| self.ids[index].to_owned()).collect();
        if let (true, Some(first)) = (are_known && ids.is_empty(), selectors.first()) {
            context.refuse(first.place, "feeds: this leaves no feed");
        }
        ids
    }

    fn named(&self, name: &str) -> Result<&[usize], String> {
        if let Some(tag) = name.strip_prefix("tag:") {
            let known = self.by_tag.get(tag).map(Vec::as_slice);
            let hint = || did_you_mean(tag, self.by_tag.keys().copied());
            return known.ok_or_else(|| format!("no feed has the tag \"{tag}\"{}", hint()));
        }
        if let Some(index) = self.by_id.get(name) {
            return Ok(std::slice::from_ref(index));
        }
        let hint = match self.by_tag.contains_key(name) {
            true => format!(", did you mean \"tag:{name}\"?"),
            false => did_you_mean(name, self.ids.iter().copied()),
        };
        Err(format!("unknown feed \"{name}\"{hint}"))
    }
}
