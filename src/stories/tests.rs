use super::identity::Verdict::{self, New, Same, Updated};
use super::*;

const TEXT: &str = "The city council voted 7 to 2 on Tuesday night to close Harbour Street to cars from June, \
    ending a long dispute between shop owners and residents over noise and delivery access.";
const OTHER_TEXT: &str = "Police closed two lanes of the bridge after a lorry with timber overturned shortly before 7 in \
    the morning; nobody was hurt, and traffic was flowing again by noon.";

const DAY_S: i64 = 24 * 3600;
/// Not midnight: a day's entries do not share it.
const MOMENT: i64 = 1_740_824_243;

fn item<'a>(id: &'a str, link: &'a str, title: &'a str, summary: &'a str) -> Item<'a> {
    let some = |text: &'a str| (!text.is_empty()).then_some(text);
    Item { feed: "f", id: some(id), link: some(link), title, summary, published: Some(MOMENT), ..Item::default() }
}

fn at(item: Item<'_>, seconds: i64) -> Item<'_> {
    Item { published: Some(MOMENT + seconds), ..item }
}

/// What a feed's second document is taken for after its first.
fn second<'a>(first: &[Item<'a>], second: &[Item<'a>]) -> Vec<(usize, Verdict)> {
    let mut known = Known::new(1_000);
    known.see("f", first);
    known.see("f", second).iter().map(|seen| (seen.entry, seen.verdict)).collect()
}

#[track_caller]
fn check(one: Item<'_>, other: Item<'_>, want: Verdict) {
    let found = second(&[one], &[other]);
    assert_eq!(found, [(usize::from(want == New), want)], "{one:?}\n{other:?}");
}

#[test]
fn an_id_is_an_entry_whatever_becomes_of_its_words() {
    let stub = item("1", "https://n.example/quake", "Quake hits coast", "More to follow.");
    check(stub, stub, Same);
    check(stub, Item { title: "Quake of 6.8 hits coast", summary: TEXT, ..at(stub, 9_000) }, Updated);
    check(stub, Item { link: Some("https://n.example/quake-kills-four"), ..stub }, Same);
}

#[test]
fn an_id_that_was_given_to_another_article_is_no_identity() {
    let one = item("5", "https://n.example/a", "Road closed", TEXT);
    let other = item("5", "https://n.example/b", "Roses in winter", OTHER_TEXT);
    check(one, at(other, 40 * DAY_S), New);
}

#[test]
fn ids_that_change_with_every_reading_are_seen_through() {
    let one = item("r-1", "https://n.example/a", "Road closed", TEXT);
    check(one, Item { id: Some("r-2"), ..one }, Same);
    check(one, Item { id: Some("r-2"), title: "Road closed for a week", ..one }, Updated);
    check(one, Item { id: Some("r-2"), ..at(one, 300 * DAY_S) }, Same);
}

#[test]
fn one_page_that_is_written_anew_is_several_entries() {
    let page = "https://n.example/forecast";
    let one = item("1", page, "Forecast: rain", "Rain at 9 degrees.");
    check(one, at(item("2", page, "Forecast: sun", "Sun at 20 degrees."), DAY_S), New);
    check(one, at(item("2", page, "Forecast: rain", "Rain at 4 degrees."), 3 * DAY_S), New);
    let found =
        second(&[one, at(item("2", page, "Forecast: sun", ""), DAY_S)], &[item("3", page, "Forecast: sun", "")]);
    assert_eq!(found, [(2, New)], "a link that two entries have is nobody's");
}

#[test]
fn a_slug_that_follows_the_title_is_seen_through() {
    let one = item(
        "https://n.example/roses-in-winter",
        "https://n.example/roses-in-winter",
        "How to grow roses in winter",
        "",
    );
    let link = "https://n.example/roses-in-cold-winters";
    check(one, Item { title: "How to grow roses in cold winters", ..item(link, link, "", "") }, Updated);
    check(one, Item { title: "How to grow tomatoes in cold summers", ..item(link, link, "", "") }, New);
}

#[test]
fn a_new_title_over_the_same_text_of_the_same_second_is_an_edit() {
    let one = item("1", "https://n.example/new-car-revealed", "New RS5 revealed at motor show", TEXT);
    check(one, item("2", "https://n.example/geneva/rs5-price", "2017 RS5: coupe costs 62,900", TEXT), Updated);
}

#[test]
fn an_articles_number_is_its_identity_at_its_site() {
    let one =
        item("a", "https://n.example/sport/article-9902713/nets-winner.html", "Town 1-2 City: striker nets winner", "");
    let link = "https://n.example/sport/article-9902713/two-on-target.html";
    check(one, at(item("b", link, "Town 1-2 City: two strikers on target", ""), 9_000), Updated);
    check(one, at(item("b", link, "Weather for the weekend", ""), 9_000), New);
}

#[test]
fn two_articles_under_two_numbers_are_two_even_at_the_same_second() {
    let one =
        item("p/51109071658", "https://p.example/c/51109071658", "A joint commitment to healing", "posted a photo");
    check(
        one,
        item("p/51109170376", "https://p.example/c/51109170376", "A joint commitment to healing", "posted a photo"),
        New,
    );
}

#[test]
fn numbers_in_titles_make_two_entries_of_one_text() {
    for (one, other) in [("v1.4.1", "v1.4.2"), ("Rust from scratch, part 1", "Rust from scratch, part 2")] {
        check(item("1", "https://n.example/a", one, TEXT), item("2", "https://n.example/b", other, TEXT), New);
    }
}

#[test]
fn what_comes_every_day_or_week_is_new_each_time() {
    let thread = item("t3_1abc01", "https://r.example/1abc01/daily_talk_here", "Daily talk here for all of you", TEXT);
    check(
        thread,
        at(Item { id: Some("t3_1abd77"), link: Some("https://r.example/1abd77/daily_talk_here"), ..thread }, DAY_S),
        New,
    );
    let briefing = item("1", "https://n.example/2025/03/01/briefing", "Your morning briefing", TEXT);
    check(
        briefing,
        at(Item { id: Some("2"), link: Some("https://n.example/2025/03/02/briefing"), ..briefing }, DAY_S),
        New,
    );
    check(briefing, at(Item { id: Some("2"), link: Some("https://n.example/next"), ..briefing }, 7 * DAY_S), New);
}

#[test]
fn a_template_with_another_name_is_another_entry() {
    let text = |name: &str| {
        format!(
            "{name} said it raised its prime lending rate to 7.5 pct from 7.25 pct, effective today, \
        in line with the other large banks in the country."
        )
    };
    let (one, other) = (text("Alpha"), text("Beta"));
    check(
        item("1", "https://n.example/a", "Alpha raises prime rate", &one),
        item("2", "https://n.example/b", "Beta raises prime rate", &other),
        New,
    );
}

#[test]
fn items_of_one_document_are_two_unless_they_say_one_thing_at_one_address() {
    let one = item("597", "https://n.example/game", "Hatetris", TEXT);
    let sticky = Item { id: Some("630"), ..one };
    let sibling = Item { id: Some("631"), link: Some("https://n.example/other"), ..one };
    let mut known = Known::new(1_000);
    let entries: Vec<usize> = known.see("f", &[one, sticky, sibling]).iter().map(|seen| seen.entry).collect();
    assert_eq!(entries, [0, 0, 1]);
    let again: Vec<_> = known.see("f", &[sibling, sticky]).iter().map(|seen| (seen.entry, seen.verdict)).collect();
    assert_eq!(again, [(1, Same), (0, Same)]);
}

#[test]
fn an_entry_that_is_still_in_the_document_is_not_another_item_of_it() {
    let one = item("1", "https://n.example/a", "Statement of the ministry", TEXT);
    let other = item("2", "https://n.example/b", "Statement of the ministry", TEXT);
    assert_eq!(second(&[one], &[other, one]), [(1, New), (0, Same)]);
}

#[test]
fn a_site_that_moves_brings_no_news() {
    let titles: Vec<String> =
        (0..10).map(|number| format!("Story of {}", ["roses", "bridges", "a road"][number % 3])).collect();
    let texts = |host: &str| -> Vec<(String, String)> {
        (0..10).map(|number| (format!("{host}/?p={number}"), format!("https://{host}/{number}"))).collect()
    };
    let (old, new) = (texts("old.example"), texts("new.example/blog"));
    let day = |number: usize| number as i64 * DAY_S;
    let document = |of: &'static str, addresses: &'_ [(String, String)]| -> Vec<(String, String, String)> {
        let named = addresses.iter().enumerate();
        named
            .map(|(at, (id, link))| (id.clone(), link.clone(), format!("{} {}{of}", titles[at], "x".repeat(at))))
            .collect()
    };
    let (old, mut new) = (document("", &old), document("", &new));
    new.push(("new.example/?p=99".into(), "https://new.example/blog/99".into(), "We have moved".into()));
    let items = |rows: &'_ [(String, String, String)], later: i64| -> Vec<Item<'static>> {
        let leak = |text: &str| -> &'static str { String::leak(text.to_owned()) };
        rows.iter()
            .enumerate()
            .map(|(place, (id, link, title))| at(item(leak(id), leak(link), leak(title), ""), day(place) + later))
            .collect()
    };
    let found = second(&items(&old, 0), &items(&new, 99 * DAY_S));
    let want: Vec<_> = (0..10).map(|entry| (entry, Same)).chain([(10, New)]).collect();
    assert_eq!(found, want);
}

#[test]
fn one_number_is_a_correction_and_many_are_counters() {
    let of = |votes: [u32; 4]| -> Vec<String> {
        votes.iter().map(|votes| format!("Passed with {votes} votes in the end")).collect()
    };
    let (before, one, all) = (of([1, 2, 3, 4]), of([1, 2, 3, 5]), of([6, 7, 8, 9]));
    let items = |texts: &'_ [String]| -> Vec<Item<'static>> {
        let names = ["a", "b", "c", "d"];
        names.iter().zip(texts).map(|(name, text)| item(name, "", name, String::leak(text.clone()))).collect()
    };
    let verdicts = |found: Vec<(usize, Verdict)>| found.into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(second(&items(&before), &items(&one))), [Same, Same, Same, Updated]);
    assert_eq!(verdicts(second(&items(&before), &items(&all))), [Same; 4]);
}

#[test]
fn noise_is_no_edit() {
    let one = item("1", "https://n.example/a", "“Road closed”, says mayor (12)", TEXT);
    check(one, Item { title: "\"Road closed\", says mayor (345)", ..at(one, DAY_S) }, Same);
    let counted = format!("{TEXT} Updated 1 March 2026, 10:17. 12 comments");
    let later = format!("{TEXT} Updated 2 March 2026, 11:30. 40 comments");
    check(Item { summary: &counted, ..one }, Item { summary: &later, ..one }, Same);
    let corrected = TEXT.replace("7 to 2", "8 to 1");
    check(one, Item { summary: &corrected, ..one }, Updated);
}

/// What an item of another feed is taken for after one of `f`.
fn elsewhere(one: Item<'_>, other: Item<'_>) -> (usize, Verdict, Option<usize>) {
    let mut known = Known::new(1_000);
    known.see("f", &[one]);
    let seen = known.see("g", &[Item { feed: "g", ..other }])[0];
    (seen.entry, seen.verdict, seen.duplicate_of)
}

#[test]
fn an_article_in_two_feeds_of_its_publisher_is_one() {
    let one = item("1", "https://n.example/a", "Road closed", TEXT);
    assert_eq!(elsewhere(one, Item { id: Some("x"), title: "Dave: road closed", ..one }), (0, Same, None));
    let latin = item("", "https://r.example/lat/5500123/x", "Skupština zatvorila Lučku ulicu", "");
    let cyrillic = item("", "https://r.example/vesti/5500123/x", "Скупштина затворила Лучку улицу", "");
    assert_eq!(elsewhere(latin, cyrillic), (0, Same, None));
}

#[test]
fn a_link_blog_is_not_the_article() {
    let one =
        item("1", "https://v.example/ruling", "Chose not to comply", "Scathing. I have rarely read anything like it.");
    let other = item(
        "2",
        "https://v.example/ruling",
        "Judge finds company in contempt",
        "How unnecessary all this was for us.",
    );
    assert_eq!(elsewhere(one, other), (1, New, None));
}

#[test]
fn an_agencys_text_in_another_outlet_is_a_copy_in_either_script() {
    let one = item("1", "https://n.example/a", "Road closed", TEXT);
    let credited =
        format!("CITY (Agency) - {TEXT} (Reporting by our staff) Continue reading the other stories of the day");
    let other = item("2", "https://o.example/b", "Council closes Harbour Street", &credited);
    assert_eq!(elsewhere(one, other), (1, New, Some(0)));
    let latin = "Skupština grada glasala je u utorak uveče sa sedam prema dva glasa da se Lučka ulica zatvori za \
        automobile od juna, čime je okončan spor između vlasnika radnji i stanara oko buke.";
    let cyrillic = "Скупштина града гласала је у уторак увече са седам према два гласа да се Лучка улица затвори за \
        аутомобиле од јуна, чиме је окончан спор између власника радњи и станара око буке.";
    let one = item("1", "https://n.example/a", "Zatvara se ulica", latin);
    assert_eq!(elsewhere(one, item("2", "https://o.example/b", "Улица се затвара", cyrillic)), (1, New, Some(0)));
}

#[test]
fn a_template_with_other_numbers_is_no_copy() {
    let of = |profit: &str| {
        format!(
            "The bank made a profit of {profit} million euros in the second quarter, it said on Tuesday, \
        and expects the year to end as it had forecast in the spring of this year."
        )
    };
    let (one, other) = (of("120 of 481"), of("97 of 356"));
    let (one, other) = (
        item("1", "https://n.example/a", "Bank reports", &one),
        item("2", "https://o.example/b", "Bank reports", &other),
    );
    assert_eq!(elsewhere(one, other).2, None);
}

#[test]
fn one_headline_without_a_text_is_a_copy_if_it_is_no_phrase() {
    let one = item("1", "https://n.example/a", "Council closes Harbour Street to all cars", "");
    assert_eq!(elsewhere(one, Item { id: Some("2"), link: Some("https://o.example/b"), ..one }).2, Some(0));
    let phrase = item("1", "https://n.example/a", "Morning briefing", "");
    assert_eq!(elsewhere(phrase, Item { id: Some("2"), link: Some("https://o.example/b"), ..phrase }).2, None);
}

#[test]
fn the_same_items_in_the_same_order_give_the_same_answers() {
    let texts: Vec<String> =
        (0..300).map(|number| format!("{} {}", &TEXT[number % 20..], OTHER_TEXT.repeat(number % 3))).collect();
    let run = || {
        let mut known = Known::new(100);
        let see = |(number, text): (usize, &String)| {
            let feed = ["f", "g", "h"][number % 3];
            let id = (number / 2).to_string();
            known.see(feed, &[Item { feed, ..item(&id, "", &text[..12], text) }])[0]
        };
        texts.iter().enumerate().map(see).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_sketch_comes_back_from_its_bytes_and_damaged_bytes_do_not() {
    let reading = Reading::of(&item("1", "https://n.example/a", "Road 7 closed", &TEXT.repeat(40)));
    let bytes = reading.sketch.to_bytes();
    assert_eq!(Sketch::from_bytes(&bytes), Some(reading.sketch));
    for length in 0..bytes.len() {
        assert_eq!(Sketch::from_bytes(&bytes[..length]), None, "{length} bytes");
    }
    assert_eq!(Sketch::from_bytes(&[&bytes[..], &[0]].concat()), None);
    assert_eq!(Sketch::from_bytes(&[0; 400]), None);
}

#[test]
fn what_had_to_be_read_is_handed_on() {
    let mut known = Known::new(10);
    let (one, other) = (item("1", "https://n.example/a", "Road 7 closed", TEXT), item("2", "", "Road 8 open", ""));
    let mut read = Vec::new();
    let one = Item { fingerprint: 7, ..one };
    known.see("f", &[one]);
    known.see_reading("f", &[one, other], |at, reading| read.push((at, Article::of_reading(reading, None))));
    assert_eq!(read, [(1, Article::of(&other, None))], "the first is beyond doubt");
}

#[test]
fn any_text_can_be_read() {
    for text in ["", "\u{0}", "<", "👍", "ﷺ", "(((", "12", &"日本語の記事".repeat(400), &"a ".repeat(50_000)]
    {
        let mut known = Known::new(10);
        let one = item(text, text, text, text);
        assert_eq!(known.see("f", &[one, one]).len(), 2);
    }
}
