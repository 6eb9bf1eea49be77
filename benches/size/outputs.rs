//! The newest hundred of every kind of output and search, each as a reader of the store has it. In time
//! that our threads ran: what else the machine does is left out, and nothing of this waits.

use crate::figures::median;
use crate::fill::{LANGUAGES, TOPICS, WORDS, World};
use crate::process::running_s;
use glasnik::feed::{Collapse, Output};
use glasnik::search::{self, Names};
use glasnik::searching;
use std::error::Error;

/// Each is asked so often between two looks at the clock, which takes a while itself.
const AT_ONCE: usize = 10;

/// What a reader asks for.
enum Ask {
    Newest(Output),
    Search(String),
}

/// One kind of output, and what it took so far.
pub struct Kind {
    pub name: String,
    ask: Ask,
    milliseconds: Vec<f64>,
    /// How many entries came.
    pub found: usize,
}

impl Kind {
    pub fn all(world: &World) -> Vec<Self> {
        let kind = |name, ask| Self { name, ask, milliseconds: Vec::new(), found: 0 };
        let outputs = kinds(world).into_iter().map(|(name, output)| kind(name, Ask::Newest(output)));
        outputs.chain(queries().into_iter().map(|query| kind(query.clone(), Ask::Search(query)))).collect()
    }

    pub fn is_search(&self) -> bool {
        matches!(self.ask, Ask::Search(_))
    }

    pub fn median_ms(&self) -> f64 {
        median(self.milliseconds.clone())
    }

    async fn measure(&mut self, world: &World, names: &Names) -> Result<(), Box<dyn Error>> {
        if self.milliseconds.is_empty() {
            // The first time fills caches and does not count.
            self.ask.answer(world, names).await?;
        }
        let start = running_s()?;
        for _ in 0..AT_ONCE {
            self.found = self.ask.answer(world, names).await?;
        }
        self.milliseconds.push((running_s()? - start) * 1e3 / AT_ONCE as f64);
        Ok(())
    }
}

impl Ask {
    async fn answer(&self, world: &World, names: &Names) -> Result<usize, Box<dyn Error>> {
        match self {
            Self::Newest(output) => Ok(world.store.entries(output).await?.len()),
            Self::Search(query) => {
                let query = search::read(query, names).map_err(|error| error.to_string())?;
                match world.store.search(query, world.now, Output::ITEMS).await {
                    Ok(entries) => Ok(entries.len()),
                    // Told by its time.
                    Err(glasnik::store::Error::TooLong) => Ok(0),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

/// Asks for each kind once more.
pub async fn measure(kinds: &mut [Kind], world: &World) -> Result<(), Box<dyn Error>> {
    let names = searching::names(&world.config);
    for kind in kinds {
        kind.measure(world, &names).await?;
    }
    Ok(())
}

fn kinds(world: &World) -> Vec<(String, Output)> {
    let feeds = world.config.subscriptions.len();
    let named = |from: usize, count: usize, step: usize| -> Option<Vec<String>> {
        Some((from..).step_by(step).take(count).map(|feed| format!("feed-{}", feed % feeds)).collect())
    };
    let topics = |topic: usize| vec![TOPICS[topic].to_owned()];
    let languages = |language: usize| vec![LANGUAGES[language].to_owned()];
    let all = || Output { collapse: Collapse::None, ..Output::new("all", "") };
    let mut kinds = vec![
        ("all", all()),
        ("a frequent topic", Output { topics: topics(0), ..all() }),
        ("a rare topic", Output { topics: topics(2), ..all() }),
        ("two topics", Output { topics: TOPICS[..2].iter().map(|topic| (*topic).to_owned()).collect(), ..all() }),
        ("a language", Output { languages: languages(0), ..all() }),
        ("a small language", Output { languages: languages(1), ..all() }),
        ("a language of one silent feed", Output { languages: languages(4), ..all() }),
        ("a language of nobody", Output { languages: vec!["xh".to_owned()], ..all() }),
        ("one feed", Output { feeds: named(17, 1, 1), ..all() }),
        ("5 feeds", Output { feeds: named(17, 5, 7), ..all() }),
        ("50 feeds", Output { feeds: named(17, 50, 7), ..all() }),
        ("500 feeds", Output { feeds: named(3, 500, 17), ..all() }),
        ("500 silent feeds", Output { feeds: named(1, 500, 10), ..all() }),
        ("feeds of a tag, one half", Output { feeds: named(0, feeds / 2, 2), ..all() }),
        ("topic and language", Output { topics: topics(0), languages: languages(0), ..all() }),
        ("topic and small language", Output { topics: topics(0), languages: languages(1), ..all() }),
        ("topic and silent language", Output { topics: topics(0), languages: languages(4), ..all() }),
        ("topic and one feed", Output { topics: topics(0), feeds: named(17, 1, 1), ..all() }),
        ("topic and 50 feeds", Output { topics: topics(0), feeds: named(17, 50, 7), ..all() }),
        ("topic and 500 feeds", Output { topics: topics(0), feeds: named(3, 500, 17), ..all() }),
        ("topic and 500 silent feeds", Output { topics: topics(1), feeds: named(1, 500, 10), ..all() }),
        ("rare topic and 500 feeds", Output { topics: topics(2), feeds: named(3, 500, 17), ..all() }),
        ("language and 50 feeds", Output { languages: languages(0), feeds: named(17, 50, 7), ..all() }),
        ("language and 500 feeds of none", Output { languages: languages(1), feeds: named(0, 500, 4), ..all() }),
        (
            "topic, language, 500 feeds",
            Output { topics: topics(0), languages: languages(2), feeds: named(3, 500, 17), ..all() },
        ),
    ];
    let joined = [("duplicates", Collapse::Duplicates), ("stories", Collapse::Stories)];
    let plain: Vec<_> = kinds
        .iter()
        .filter(|(name, _)| ["all", "a frequent topic", "a small language", "500 feeds", "50 feeds"].contains(name))
        .cloned()
        .collect();
    let mut named_kinds: Vec<(String, Output)> =
        kinds.drain(..).map(|(name, output)| (name.to_owned(), output)).collect();
    for (join, collapse) in joined {
        named_kinds.extend(
            plain.iter().map(|(name, output)| (format!("{name}, {join}"), Output { collapse, ..output.clone() })),
        );
    }
    named_kinds
}

fn queries() -> Vec<String> {
    let [often, sometimes, seldom] = WORDS;
    let [frequent, _, rare] = TOPICS;
    vec![
        often.to_owned(),
        sometimes.to_owned(),
        seldom.to_owned(),
        "nikadinigde".to_owned(),
        format!("{often} {sometimes}"),
        format!("{often} -{sometimes}"),
        format!("{often} nikadinigde"),
        format!("feed:feed-17 {often}"),
        format!("feed:feed-4001 {often}"),
        format!("tag:half {often}"),
        format!("topic:{frequent} {often}"),
        format!("topic:{rare} {often}"),
        format!("lang:{} {often}", LANGUAGES[0]),
        format!("lang:{} {often}", LANGUAGES[1]),
        format!("lang:{} {often}", LANGUAGES[4]),
        format!("before:2020-01-01 {often}"),
        format!("topic:{rare} -{often}"),
    ]
}
