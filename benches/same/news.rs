//! Generated news: feeds with articles of made-up words, some of them copies of one another, some
//! edited, in a fixed order. Frequent words are frequent, so that texts share runs by chance too.

/// A source of numbers that are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// Small ones are more frequent, as short words are in a language.
    fn skewed(&mut self, limit: usize) -> usize {
        let (one, other, third) = (self.below(limit), self.below(limit), self.below(limit));
        one * other / limit * third / limit
    }
}

/// An item as a feed says it.
#[derive(Clone)]
pub struct News {
    pub feed: usize,
    pub id: String,
    pub link: String,
    pub title: String,
    pub text: String,
    pub published: i64,
}

/// How news are made.
pub struct Desk {
    numbers: Numbers,
    words: Vec<String>,
    /// What was told last, to be copied.
    recent: Vec<(String, String)>,
    count: usize,
}

const FEEDS: usize = 500;
const WORDS: usize = 40_000;
/// Of so many items, one is a copy of a recent one.
const COPIED_ONE_IN: usize = 7;
const RECENT: usize = 2_000;

impl Desk {
    pub fn new() -> Self {
        let mut numbers = Numbers(7);
        let syllables = [
            "ka", "ro", "mi", "ste", "vo", "na", "li", "dar", "po", "gra", "se", "ti", "bu", "lon", "ja", "е", "ве",
            "шта", "гра",
        ];
        let words =
            (0..WORDS).map(|_| (0..2 + numbers.below(3)).map(|_| syllables[numbers.below(syllables.len())]).collect());
        let words = words.collect();
        Self { numbers, words, recent: Vec::new(), count: 0 }
    }

    /// Tells other news in the same words, copies among them from the first on.
    pub fn another() -> Self {
        let mut desk = Self { numbers: Numbers(13), ..Self::new() };
        (0..RECENT).for_each(|_| drop(desk.next()));
        desk
    }

    /// The next item.
    pub fn next(&mut self) -> News {
        let feed = self.numbers.below(FEEDS);
        let (title, text) = if self.recent.len() == RECENT && self.numbers.below(COPIED_ONE_IN) == 0 {
            self.copy()
        } else {
            let length = 60 + self.numbers.below(120);
            (self.sentence(9), self.sentence(length))
        };
        let at = self.count % RECENT;
        match self.recent.get_mut(at) {
            Some(place) => *place = (title.clone(), text.clone()),
            None => self.recent.push((title.clone(), text.clone())),
        }
        self.count += 1;
        let address = format!("https://n{feed}.example/news/{}-{}", title.replace(' ', "-"), 1_000_000 + self.count);
        News {
            feed,
            id: format!("//n{feed}.example/?p={}", self.count),
            link: address,
            title,
            text,
            published: 1_700_000_000 + self.count as i64,
        }
    }

    fn sentence(&mut self, length: usize) -> String {
        let mut text = String::new();
        for at in 0..length {
            if at > 0 {
                text.push_str(if at % 17 == 0 { ". " } else { " " });
            }
            match self.numbers.below(25) {
                0 => text.push_str(&self.numbers.below(3_000).to_string()),
                _ => text.push_str(&self.words[self.numbers.skewed(WORDS)]),
            }
        }
        text
    }

    /// A recent text with a credit line, cut off or with other words.
    fn copy(&mut self) -> (String, String) {
        let (title, text) = self.recent[self.numbers.below(RECENT)].clone();
        let words: Vec<&str> = text.split(' ').collect();
        match self.numbers.below(3) {
            0 => (title, format!("CITY (Agency) - {text}")),
            1 => (self.sentence(9), format!("{}…", words[..words.len() / 2].join(" "))),
            _ => {
                let other = self.words[self.numbers.below(WORDS)].clone();
                let edited = words.iter().enumerate().map(|(at, word)| if at % 31 == 5 { &other } else { *word });
                (title, edited.collect::<Vec<_>>().join(" "))
            }
        }
    }
}
