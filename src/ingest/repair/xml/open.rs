//! What the start of an element does, and what the element is to its children.

use super::{Place, Reader};
use crate::ingest::repair::parts::{
    AddressPart, CategoryPart, GeneratorPart, LinkPart, Parts, PersonPart, offer_address,
};
use crate::ingest::repair::tokens::Attributes;
use crate::ingest::repair::vocabulary::{DateField, Meaning, Namespace, TextField};
use std::borrow::Cow;

impl<'a> Reader<'a, '_> {
    /// Acts on the start of an element and says what it is to its children.
    pub(super) fn open(
        &mut self,
        meaning: Meaning,
        rank: u8,
        namespace: Namespace,
        attributes: Attributes<'a>,
        language: Option<Cow<'a, str>>,
    ) -> Place {
        if meaning == Meaning::Entry {
            self.open_entry(attributes, language);
            return Place::Entry;
        }
        if self.is_mute() {
            return Place::Mute;
        }
        if let Some(language) = language {
            self.take_language(meaning, language);
        }
        match (self.parent(), meaning) {
            (Place::Image, Meaning::Uri) => self.begin(meaning, rank, namespace, attributes),
            (Place::Person(_), Meaning::Name | Meaning::Email | Meaning::Uri) => {
                self.begin(meaning, rank, namespace, attributes)
            }
            (Place::Image | Place::Person(_), _) => self.mute(),
            (_, Meaning::Feed) if self.entry_at.is_none() => {
                self.open_feed(attributes);
                Place::Open
            }
            (_, Meaning::Wrapper) => Place::Open,
            (_, Meaning::MediaContent) => {
                self.media_content(attributes);
                Place::Open
            }
            (_, Meaning::Source) if self.entry_at.is_some() && self.source_at.is_none() => {
                self.source = Parts::default();
                self.source_at = Some(self.stack.len());
                if let Some(href) = self.address_of(attributes) {
                    self.source.add_link(LinkPart { href, base: self.base, ..LinkPart::default() });
                }
                Place::Source
            }
            (_, Meaning::Image) => {
                self.image = self.address_of(attributes).unwrap_or_default();
                Place::Image
            }
            (_, Meaning::Person(role)) => {
                self.person = PersonPart { rank, base: self.base, ..PersonPart::default() };
                Place::Person(role)
            }
            (_, Meaning::Link) => {
                let Some(href) = self.address_of(attributes) else {
                    return self.begin(meaning, rank, namespace, attributes);
                };
                let link = self.link(href, attributes);
                self.parts().add_link(link);
                self.mute()
            }
            (_, Meaning::Enclosure) => {
                if let Some(href) = self.address_of(attributes) {
                    let link = self.link(href, attributes);
                    self.parts().add_link(LinkPart { rel: Cow::Borrowed("enclosure"), ..link });
                }
                self.mute()
            }
            (_, Meaning::License) => match self.address_of(attributes) {
                Some(href) => {
                    let link = LinkPart { href, base: self.base, rel: Cow::Borrowed("license"), ..LinkPart::default() };
                    self.parts().add_link(link);
                    self.mute()
                }
                None => self.begin(meaning, rank, namespace, attributes),
            },
            (_, Meaning::ImageLink | Meaning::Thumbnail) => match self.address_of(attributes) {
                Some(text) => {
                    self.offer_picture(rank, text);
                    self.mute()
                }
                None => self.begin(meaning, rank, namespace, attributes),
            },
            (_, Meaning::GeneratorAgent) => {
                let name = self.attribute(attributes, "resource");
                let is_welcome = self.feed.generator.is_none();
                if let Some(name) = name.filter(|_| is_welcome) {
                    let (uri, base) = (name.clone(), self.base);
                    self.feed.generator = Some(GeneratorPart { name, uri, base, version: Cow::Borrowed("") });
                }
                self.mute()
            }
            (_, Meaning::Category) => {
                if self.category(namespace, attributes) {
                    return Place::Open; // iTunes nests them.
                }
                self.begin(meaning, rank, namespace, attributes)
            }
            (_, Meaning::Text(field)) => self.begin_text(field, rank, namespace, attributes),
            (_, Meaning::TextInput | Meaning::Unknown | Meaning::Name | Meaning::Email | Meaning::Uri) => self.mute(),
            (_, Meaning::Feed | Meaning::Entry | Meaning::Source) => self.mute(),
            _ => self.begin(meaning, rank, namespace, attributes),
        }
    }

    fn open_feed(&mut self, attributes: Attributes<'a>) {
        if let Some(id) = self.attribute(attributes, "about") {
            self.feed.offer_id(1, id, self.base);
        }
        self.take_cdf(attributes);
    }

    fn open_entry(&mut self, attributes: Attributes<'a>, language: Option<Cow<'a, str>>) {
        self.entry = Parts::default();
        self.entry_at = Some(self.stack.len());
        self.source_at = None;
        self.mute_around = self.mute_at.take();
        if let Some(id) = self.attribute(attributes, "about") {
            self.entry.offer_id(1, id, self.base);
        }
        if let Some(language) = language {
            self.entry.offer_language(0, language);
        }
        self.take_cdf(attributes);
    }

    /// CDF has the date and the address as attributes.
    fn take_cdf(&mut self, attributes: Attributes<'a>) {
        if let Some(date) = self.attribute(attributes, "lastmod") {
            self.parts().offer_date(DateField::Updated, 1, date);
        }
        if let Some(href) = self.attribute(attributes, "href") {
            let base = self.base;
            self.parts().add_link(LinkPart { href, base, ..LinkPart::default() });
        }
    }

    fn take_language(&mut self, meaning: Meaning, language: Cow<'a, str>) {
        match meaning {
            Meaning::Feed if self.entry_at.is_none() => self.feed.offer_language(1, language),
            Meaning::Text(TextField::Content) => self.parts().offer_language(2, language),
            Meaning::Text(_) if self.entry_at.is_some() => self.parts().offer_language(3, language),
            _ => {}
        }
    }

    pub(super) fn link(&self, href: Cow<'a, str>, attributes: Attributes<'a>) -> LinkPart<'a> {
        let value = |name| self.attribute(attributes, name).unwrap_or_default();
        LinkPart {
            href,
            base: self.base,
            rel: value("rel"),
            media_type: value("type"),
            title: value("title"),
            hreflang: value("hreflang"),
            length: value("length"),
        }
    }

    /// Sound and film are attached; a picture is what lists show.
    fn media_content(&mut self, attributes: Attributes<'a>) {
        let Some(href) = self.attribute(attributes, "url") else { return };
        let value = |name| self.attribute(attributes, name).unwrap_or_default();
        let (medium, media_type, length) = (value("medium"), value("type"), value("fileSize"));
        let base = self.base;
        if medium == "image" || media_type.starts_with("image/") {
            return self.offer_picture(2, href);
        }
        let is_media = matches!(&*medium, "audio" | "video")
            || media_type.starts_with("audio/")
            || media_type.starts_with("video/");
        let is_known = self.parts().links.iter().any(|link| link.href == href);
        if is_media && !is_known {
            let rel = Cow::Borrowed("enclosure");
            self.parts().add_link(LinkPart { href, base, rel, media_type, length, ..LinkPart::default() });
        }
    }

    /// Takes an entry's thumbnail or a feed's logo: of a feed, its own picture is better than one of
    /// Media RSS, whose ranks are 0 and 2.
    pub(super) fn offer_picture(&mut self, rank: u8, text: Cow<'a, str>) {
        let is_media_of_feed = self.entry_at.is_none() && matches!(rank, 0 | 2);
        let rank = if is_media_of_feed { rank + 4 } else { rank };
        let base = self.base;
        offer_address(&mut self.parts().picture, AddressPart { rank, text, base });
    }

    /// Adds a category that is in attributes, and says whether it was.
    fn category(&mut self, namespace: Namespace, attributes: Attributes<'a>) -> bool {
        let value = |name| self.attribute(attributes, name);
        let Some(term) = value("term").or_else(|| value("text")) else { return false };
        let (scheme, label) = (self.scheme(namespace, attributes), value("label").unwrap_or_default());
        self.parts().add_category(CategoryPart { term, scheme, label });
        true
    }

    /// The vocabulary of a category: as said, or that of the module.
    pub(super) fn scheme(&self, namespace: Namespace, attributes: Attributes<'a>) -> Cow<'a, str> {
        let said = self.attribute(attributes, "scheme").or_else(|| self.attribute(attributes, "domain"));
        said.unwrap_or(Cow::Borrowed(default_scheme(namespace)))
    }
}

/// The vocabulary of a module's categories.
pub(super) fn default_scheme(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Itunes => "http://www.itunes.com/",
        Namespace::Media => "http://search.yahoo.com/mrss/category_schema",
        _ => "",
    }
}
