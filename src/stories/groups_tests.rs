//! What holds of copies and stories, whatever was learned.

use super::article::Article;
use super::reading::Item;
use super::{Groups, Moved, Placed};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;
const BEGIN: i64 = 1_770_000_000;

/// A flood as three outlets tell it, and what else is in the news.
const FLOOD: [&str; 3] = [
    "Flood in Zenica: 12 dead, hundreds evacuated as river Bosna bursts its banks",
    "River Bosna floods Zenica, at least 12 dead and hundreds evacuated",
    "Twelve dead in Zenica flood as the Bosna bursts its banks, hundreds evacuated",
];
const OTHERS: [&str; 6] = [
    "Parliament passes budget after long night of votes",
    "Striker scores twice as Partizan beat rivals in derby",
    "Central bank keeps interest rate unchanged at 6.5 percent",
    "Film festival opens with premiere of war drama",
    "New bridge over Danube to open next spring",
    "Teachers begin strike over pay in all schools",
];

fn article(title: &str, published: Option<i64>) -> Article {
    Article::of(&Item { title, published, ..Item::default() }, None)
}

fn add(groups: &mut Groups, number: i64, title: &str) -> Placed {
    groups.add(number, number as u64, BEGIN + number, article(title, Some(BEGIN + number * 60)))
}

/// Six stories of their own, and the flood.
fn flooded() -> Groups {
    let mut groups = Groups::new(1_000);
    for (number, title) in OTHERS.iter().chain(&FLOOD).enumerate() {
        add(&mut groups, number as i64 + 1, title);
    }
    groups
}

fn stories(groups: &Groups, numbers: std::ops::RangeInclusive<i64>) -> Vec<Option<i64>> {
    numbers.map(|number| groups.story(number)).collect()
}

#[test]
fn articles_on_one_event_are_one_story_and_others_are_not() {
    let groups = flooded();
    let own = (1..=6).map(Some);
    assert_eq!(stories(&groups, 1..=9), own.chain([Some(7); 3]).collect::<Vec<_>>());
}

#[test]
fn the_other_script_joins_the_same_story() {
    let (latin, cyrillic) = (
        "Poplava u Zenici: 12 mrtvih, reka Bosna izlila se iz korita, stotine evakuisanih",
        "Поплава у Зеници: 12 мртвих, река Босна излила се из корита, стотине евакуисаних",
    );
    let again = "Bosna se izlila u Zenici, u poplavi 12 mrtvih i stotine evakuisanih ljudi";
    let again_cyrillic = "Босна се излила у Зеници, у поплави 12 мртвих и стотине евакуисаних људи";
    let told = |first: &str, second: &str| {
        let mut groups = Groups::new(1_000);
        OTHERS.iter().enumerate().for_each(|(number, title)| {
            add(&mut groups, number as i64 + 1, title);
        });
        [add(&mut groups, 10, first), add(&mut groups, 11, second)].map(|placed| (placed.story, placed.score))
    };
    let expected = told(latin, again);
    assert_eq!(expected[1].0, 10);
    for (first, second) in [(latin, again_cyrillic), (cyrillic, again), (cyrillic, again_cyrillic)] {
        assert_eq!(told(first, second), expected, "{first} {second}");
    }
}

#[test]
fn another_language_is_another_story() {
    let mut groups = Groups::new(10);
    let told = [
        ("en", FLOOD[0]),
        ("de", FLOOD[1]),
        ("sr-Latn", FLOOD[2]),
        ("hr", "12 dead and hundreds evacuated in Zenica flood: Bosna bursts its banks"),
        ("en-GB", "Hundreds evacuated, 12 dead: flood in Zenica after river Bosna bursts its banks"),
    ];
    let mut of = |(number, (language, title)): (usize, &(&str, &str))| {
        let number = number as i64 + 1;
        groups.add(number, number as u64, BEGIN, Article::of(&Item { title, ..Item::default() }, Some(language))).story
    };
    assert_eq!(told.iter().enumerate().map(&mut of).collect::<Vec<_>>(), [1, 2, 3, 3, 1]);
}

#[test]
fn a_copy_belongs_to_its_originals_story() {
    let mut groups = flooded();
    let placed = add(&mut groups, 10, FLOOD[1]);
    assert_eq!((placed.original, placed.story), (Some((8, 1.0)), 7));
    let own_feed = groups.add(11, 8, BEGIN, article(FLOOD[1], None));
    assert_eq!(own_feed.original.map(|(original, _)| original), Some(8), "of another feed's");
}

#[test]
fn a_story_is_over_after_four_quiet_days() {
    let mut groups = flooded();
    let mut later = |number: i64, days: i64| {
        let at = BEGIN + days * DAY_S;
        groups.add(number, number as u64, at, article("Zenica flood: 12 dead as Bosna bursts banks", Some(at))).story
    };
    assert_eq!(later(20, 5), 20);
}

#[test]
fn articles_leave_after_a_week_or_when_the_window_is_full() {
    let mut groups = flooded();
    groups.add(30, 1, BEGIN + 8 * DAY_S, article("Something else", None));
    assert_eq!((groups.len(), groups.story(7)), (1, None));
    let mut groups = Groups::new(3);
    (1..=5).for_each(|number| {
        add(&mut groups, number, OTHERS[number as usize]);
    });
    assert_eq!(stories(&groups, 1..=5), [None, None, Some(3), Some(4), Some(5)]);
}

#[test]
fn what_the_operator_says_stays() {
    let mut groups = flooded();
    assert_eq!(groups.keep_apart(7, 8), [Moved { number: 8, from: 7, to: 8 }]);
    assert_eq!(groups.keep_together(1, 2), [Moved { number: 2, from: 2, to: 1 }]);
    groups.regroup_all();
    let (one, other) = (groups.story(7), groups.story(8));
    assert_ne!(one, other);
    assert_eq!(stories(&groups, 1..=2), [Some(1), Some(1)]);
    let mut groups = Groups::new(10);
    groups.keep_apart(7, 8);
    groups.keep_together(9, 1);
    add(&mut groups, 1, OTHERS[0]);
    add(&mut groups, 7, FLOOD[0]);
    assert_eq!((add(&mut groups, 8, FLOOD[0]).story, add(&mut groups, 9, FLOOD[2]).story), (8, 1));
}

/// The window of `groups` brought back from bytes, as the store keeps them.
fn restored(groups: &Groups, told: &[(&str, Placed)]) -> Groups {
    let mut restored = Groups::new(1_000);
    for (number, (title, placed)) in told.iter().enumerate() {
        let number = number as i64 + 1;
        let kept = article(title, Some(BEGIN + number * 60));
        let kept = Article::from_bytes(&kept.to_bytes()).expect("written above");
        let story = groups.story(number).expect("in the window");
        let original = placed.original.map(|(original, _)| original);
        restored.restore(number, number as u64, BEGIN + number, kept, story, original);
    }
    restored
}

#[test]
fn a_window_comes_back_as_it_was_and_answers_the_same() {
    let mut groups = Groups::new(1_000);
    let titles: Vec<&str> = OTHERS.iter().chain(&FLOOD).chain(&FLOOD[1..]).copied().collect();
    let told: Vec<(&str, Placed)> =
        titles.iter().enumerate().map(|(at, title)| (*title, add(&mut groups, at as i64 + 1, title))).collect();
    assert_eq!(told[9].1.original, Some((8, 1.0)), "some are copies");
    let mut restored = restored(&groups, &told);
    assert_eq!(stories(&restored, 1..=11), stories(&groups, 1..=11));
    let later = ["Zenica flood: army helps the evacuated", OTHERS[2], "Film festival: war drama wins", FLOOD[0]];
    for (number, title) in (20..).zip(later) {
        let (again, before) = (add(&mut restored, number, title), add(&mut groups, number, title));
        assert_eq!((again.story, again.original), (before.story, before.original), "{title}");
        assert_eq!(restored.near(number, 3), groups.near(number, 3), "{title}");
    }
    assert_eq!(restored.regroup_all(), groups.regroup_all());
}

#[test]
fn an_article_whose_story_is_known_joins_it_whatever_it_says() {
    let mut groups = flooded();
    groups.add_to(10, 10, BEGIN + 10, article(OTHERS[0], None), 7);
    assert_eq!(groups.story(10), Some(7));
    let copy = add(&mut groups, 11, OTHERS[0]);
    assert_eq!(copy.original.map(|(original, _)| original), Some(1), "it has the text of the first");
}

#[test]
fn related_articles_are_the_nearest_first() {
    let groups = flooded();
    let near: Vec<i64> = groups.near(7, 2).into_iter().map(|(number, _)| number).collect();
    assert_eq!((near.len(), near.contains(&8), near.contains(&9)), (2, true, true));
    assert_eq!(groups.near(99, 2), []);
}

#[test]
fn the_same_order_gives_the_same_stories() {
    let run = || {
        let mut groups = Groups::new(60);
        let placed: Vec<Placed> = (1..200)
            .map(|number: i64| {
                let one = OTHERS.iter().chain(&FLOOD).nth(number as usize % 9).expect("nine");
                add(&mut groups, number, &format!("{one} {}", number % 7))
            })
            .collect();
        (placed, groups.regroup(BEGIN), stories(&groups, 1..=200))
    };
    assert_eq!(run(), run());
}

#[test]
fn numbers_only_grow() {
    let mut groups = flooded();
    let alone = Placed { original: None, story: 3, score: None, merged: Vec::new() };
    assert_eq!((add(&mut groups, 3, FLOOD[0]), groups.len()), (alone, 9));
}

#[test]
fn an_article_comes_back_from_its_bytes_and_damaged_bytes_do_not() {
    let kept = Article::of(&Item { title: FLOOD[0], summary: &FLOOD.join(". "), ..Item::default() }, Some("sr"));
    let bytes = kept.to_bytes();
    assert!(bytes.len() < 700, "{}", bytes.len());
    assert_eq!(Article::from_bytes(&bytes), Some(kept));
    for length in 0..bytes.len() {
        assert_eq!(Article::from_bytes(&bytes[..length]), None, "{length} bytes");
    }
    assert_eq!(Article::from_bytes(&[&bytes[..], &[0]].concat()), None);
}

#[test]
fn an_article_whose_words_were_kept_in_another_order_is_the_same() {
    let kept = Article::of(&Item { title: FLOOD[0], ..Item::default() }, Some("sr"));
    let mut bytes = kept.to_bytes();
    let terms = bytes.len() - kept.terms.len() * 4;
    bytes[terms..].as_chunks_mut::<4>().0.reverse();
    assert_eq!(Article::from_bytes(&bytes), Some(kept));
}

#[test]
fn any_text_has_its_story() {
    let mut groups = Groups::new(10);
    for (number, text) in
        ["", "\u{0}", "👍", "ﷺ", "12", &"日本語の記事".repeat(400), &"a ".repeat(50_000)].iter().enumerate()
    {
        let number = number as i64 * 2;
        assert_eq!(add(&mut groups, number, text).story, number);
        add(&mut groups, number + 1, text);
        groups.regroup(BEGIN);
    }
}
