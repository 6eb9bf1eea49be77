//! The languages that pages are read in. What a page says is looked up by its English words in
//! `words.txt`, which anyone can read and correct; a test says that nothing is missing there.

use super::super::Site;
use super::cyrillic::in_cyrillic;
use chrono::{DateTime, Datelike, Timelike, Utc};
use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("words.txt");

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageLanguage {
    /// What everything is written in first.
    #[default]
    English,
    /// Bosnian, Croatian, Montenegrin and Serbian, in words that all four share as far as they can.
    Latin,
    /// The same in the other script.
    Cyrillic,
    /// Albanian.
    Albanian,
    /// Macedonian.
    Macedonian,
}

impl PageLanguage {
    /// All of them; their places are those of the words in the table.
    pub const ALL: [Self; 5] = [Self::English, Self::Latin, Self::Cyrillic, Self::Albanian, Self::Macedonian];

    /// As BCP 47 and `lang` write it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Latin => "sr-Latn",
            Self::Cyrillic => "sr-Cyrl",
            Self::Albanian => "sq",
            Self::Macedonian => "mk",
        }
    }

    /// The pages for a reader of the language with this tag, as Accept-Language has it.
    pub fn for_reader(tag: &str) -> Option<Self> {
        let mut parts = tag.split('-');
        match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "sq" => Some(Self::Albanian),
            "mk" => Some(Self::Macedonian),
            // Whoever says nothing of the script reads both; whoever says Cyrillic means it.
            "sr" | "sh" | "bs" | "hr" | "cnr" | "hbs" => {
                let is_cyrillic = parts.any(|part| part.eq_ignore_ascii_case("cyrl"));
                Some(if is_cyrillic { Self::Cyrillic } else { Self::Latin })
            }
            _ => None,
        }
    }

    /// The page language with this very tag; English where there is none.
    pub fn tagged(tag: &str) -> Self {
        Self::ALL.into_iter().find(|language| language.tag() == tag).unwrap_or_default()
    }

    /// Which of a table's plural forms goes with a number (CLDR's cardinal rules).
    fn plural(self, count: u64) -> usize {
        let (ones, tens) = (count % 10, count % 100);
        match self {
            Self::English | Self::Albanian => usize::from(count != 1),
            Self::Macedonian => usize::from(ones != 1 || tens == 11),
            Self::Latin | Self::Cyrillic => match (ones, tens) {
                (1, tens) if tens != 11 => 0,
                (2..=4, tens) if !(12..=14).contains(&tens) => 1,
                _ => 2,
            },
        }
    }

    /// English words in this language.
    fn say(self, english: &'static str) -> &'static str {
        let place = Self::ALL.iter().position(|language| *language == self).unwrap_or(0);
        table().get(english).map_or(english, |row| &row[place])
    }
}

impl Site {
    /// English words, in the page's language.
    pub(super) fn say(&self, english: &'static str) -> &'static str {
        self.language.say(english)
    }

    /// The same with something put in the place of `{}`.
    pub(super) fn fill(&self, english: &'static str, value: &str) -> String {
        self.say(english).replacen("{}", value, 1)
    }

    /// `{} entry|{} entries`, in the form that goes with the number.
    pub(super) fn count(&self, english: &'static str, count: usize) -> String {
        let forms: Vec<&str> = self.say(english).split('|').collect();
        let form = forms.get(self.language.plural(count as u64)).or(forms.last()).copied().unwrap_or_default();
        form.replacen("{}", &count.to_string(), 1)
    }

    /// A moment as `form` has it: `{day} {month} {year}, {time}`.
    pub(super) fn date(&self, form: &'static str, at: DateTime<Utc>) -> String {
        let name = |names: &'static str, place: u32| self.say(names).split(' ').nth(place as usize).unwrap_or_default();
        let mut text = self.say(form).to_owned();
        for (place, value) in [
            ("{weekday}", name(WEEKDAYS, at.weekday().num_days_from_monday())),
            ("{day}", &at.day().to_string()),
            ("{month}", name(MONTHS, at.month0())),
            ("{mon}", name(SHORT_MONTHS, at.month0())),
            ("{year}", &at.year().to_string()),
            ("{time}", &format!("{:02}:{:02}", at.hour(), at.minute())),
        ] {
            text = text.replace(place, value);
        }
        text
    }
}

const WEEKDAYS: &str = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
const MONTHS: &str = "January February March April May June July August September October November December";
const SHORT_MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";

/// The four languages of the table, in the order in which each row has them.
const COLUMNS: [&str; 4] = ["en", "sh", "sq", "mk"];

type Table = HashMap<&'static str, [String; 5]>;

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let row = |[english, latin, albanian, macedonian]: [&'static str; 4]| {
            let owned = str::to_owned;
            (english, [owned(english), owned(latin), in_cyrillic(latin), owned(albanian), owned(macedonian)])
        };
        rows().map(row).collect()
    })
}

/// The rows of the table; one that is not whole is none, and the tests say so.
fn rows() -> impl Iterator<Item = [&'static str; 4]> {
    TABLE.split("\n\n").filter_map(|block| {
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        let texts =
            COLUMNS.iter().zip(&lines).filter_map(|(column, line)| line.strip_prefix(column)?.strip_prefix(' '));
        let texts: Vec<&'static str> = texts.collect();
        texts.try_into().ok().filter(|_| lines.len() == COLUMNS.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::{at, site};
    use std::collections::BTreeSet;
    use std::fs;

    /// The English words that the pages ask for, read from the templates themselves.
    fn asked_for() -> BTreeSet<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/render/html");
        let mut asked: BTreeSet<String> = [WEEKDAYS, MONTHS, SHORT_MONTHS].map(str::to_owned).into();
        for file in fs::read_dir(folder).expect("the templates").map(|file| file.expect("a file").path()) {
            let is_template = file.extension().is_some_and(|kind| kind == "rs") && !file.ends_with("language.rs");
            let text = if is_template { fs::read_to_string(&file).expect("a text") } else { String::new() };
            for call in [".say(", ".fill(", ".count(", ".date("] {
                for rest in text.split(call).skip(1) {
                    let literal = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    if let Some(literal) = literal {
                        asked.insert(literal.to_owned());
                    }
                }
            }
            // Forms of dates are constants.
            let forms = text.lines().filter(|line| line.contains("const ") && line.contains("{day}"));
            asked.extend(forms.filter_map(|line| Some(line.split('"').nth(1)?.to_owned())));
        }
        asked
    }

    #[test]
    fn every_table_has_every_word_that_the_pages_ask_for_and_no_other() {
        let known: BTreeSet<String> = rows().map(|row| row[0].to_owned()).collect();
        let asked = asked_for();
        let missing: Vec<&String> = asked.difference(&known).collect();
        let unused: Vec<&String> = known.difference(&asked).collect();
        assert!(missing.is_empty(), "not in words.txt: {missing:#?}");
        assert!(unused.is_empty(), "in words.txt, and asked for by no page: {unused:#?}");
        assert!(known.len() > 40);
    }

    #[test]
    fn every_row_is_whole_and_keeps_its_places() {
        let blocks = TABLE.split("\n\n").filter(|block| block.lines().any(|line| line.starts_with("en ")));
        assert_eq!(rows().count(), blocks.count(), "a row lacks a language, or has them in another order");
        let places = |text: &str| {
            let mut places: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split('}').next()?.to_owned())).collect();
            places.sort();
            places.dedup();
            places
        };
        for row in rows() {
            for text in row {
                assert!(!text.trim().is_empty() && text.trim() == text, "{row:?}");
                assert_eq!(places(text), places(row[0]), "{row:?}");
            }
            let forms = row.map(|text| text.split('|').count());
            assert!(forms == [1, 1, 1, 1] || forms == [2, 3, 2, 2], "{row:?}");
        }
    }

    #[test]
    fn counts_and_dates_as_each_language_does() {
        let said = |language: PageLanguage| {
            let site = Site { language, ..site() };
            let counts = [1, 2, 5, 11, 21].map(|count| site.count("{} source|{} sources", count));
            let date = site.date("{weekday}, {day} {month} {year}", at("2026-11-28T11:00:00Z"));
            (counts.join("; "), date)
        };
        for (language, counts, date) in [
            (
                PageLanguage::English,
                "1 source; 2 sources; 5 sources; 11 sources; 21 sources",
                "Saturday, 28 November 2026",
            ),
            (PageLanguage::Latin, "1 izvor; 2 izvora; 5 izvora; 11 izvora; 21 izvor", "subota, 28. novembar 2026."),
            (PageLanguage::Cyrillic, "1 извор; 2 извора; 5 извора; 11 извора; 21 извор", "субота, 28. новембар 2026."),
            (
                PageLanguage::Albanian,
                "1 burim; 2 burime; 5 burime; 11 burime; 21 burime",
                "e\u{a0}shtunë, 28 nëntor 2026",
            ),
            (PageLanguage::Macedonian, "1 извор; 2 извори; 5 извори; 11 извори; 21 извор", "сабота, 28 ноември 2026"),
        ] {
            assert_eq!(said(language), (counts.to_owned(), date.to_owned()), "{language:?}");
        }
    }

    #[test]
    fn a_reader_gets_the_nearest_pages() {
        let check = |tag, expected| assert_eq!(PageLanguage::for_reader(tag), expected, "{tag}");
        check("en-GB", Some(PageLanguage::English));
        check("hr", Some(PageLanguage::Latin));
        check("bs-Latn-BA", Some(PageLanguage::Latin));
        check("sr", Some(PageLanguage::Latin));
        check("sr-Cyrl-RS", Some(PageLanguage::Cyrillic));
        check("sq-XK", Some(PageLanguage::Albanian));
        check("MK", Some(PageLanguage::Macedonian));
        check("de", None);
        check("", None);
        for language in PageLanguage::ALL {
            assert_eq!(PageLanguage::tagged(language.tag()), language);
        }
    }
}
