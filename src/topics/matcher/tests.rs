use super::*;
use crate::feed::Match;
use crate::topics::rules::Field;

/// Rules in the notation of feeds.toml, less its punctuation: `words LIST LANGUAGE = a, b` and
/// `topic ID KEY = …` (`|` parts the alternatives within an element of `together`).
fn rules(text: &str) -> (Vec<WordList>, Vec<Topic>) {
    let (mut words, mut topics): (Vec<WordList>, Vec<Topic>) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (left, right) = line.split_once(" = ").expect("a rule has a value");
        let values: Vec<String> = right.split(',').map(|value| value.trim().to_owned()).collect();
        let [what, name, key] = left.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{left}");
        };
        if what == "words" {
            if words.last().is_none_or(|list| list.name != name) {
                words.push(WordList { name: name.into(), ..WordList::default() });
            }
            let list = words.last_mut().expect("just added");
            match key {
                "except" => list.except = values,
                _ => list.languages.push((key.into(), values)),
            }
            continue;
        }
        if topics.last().is_none_or(|topic| topic.id != name) {
            topics.push(Topic { id: name.into(), title: name.into(), ..Topic::default() });
        }
        let topic = topics.last_mut().expect("just added");
        match key {
            "enough" => topic.enough = values,
            "together" => {
                let either = |value: &String| value.split('|').map(|value| value.trim().to_owned()).collect();
                topic.together = values.iter().map(either).collect();
            }
            "unless" => topic.unless = values,
            "never" => topic.never = values,
            "points" => {
                let worth = |value: &String| {
                    let (element, points) = value.rsplit_once(": ").expect("a term has its points");
                    (element.to_owned(), points.parse().expect("a number"))
                };
                topic.points = values.iter().map(worth).collect();
            }
            "threshold" => topic.threshold = right.parse().ok(),
            "title_times" => topic.title_times = right.parse().ok(),
            "near" => topic.near = right.parse().ok(),
            "in" => topic.parent = Some(right.into()),
            "languages" => topic.languages = values,
            "feeds" => topic.feeds = Some(values),
            "fields" => {
                let fields = [Field::Title, Field::Summary, Field::Content, Field::Categories];
                topic.fields = fields.into_iter().filter(|field| values.contains(&field.name().to_owned())).collect();
            }
            _ => panic!("{key}"),
        }
    }
    (words, topics)
}

fn matcher(text: &str) -> Matcher {
    let (words, topics) = rules(text);
    Matcher::new(&words, &topics).expect("the rules are right")
}

fn title(title: &str) -> Item<'_> {
    Item { title, ..Item::default() }
}

fn ids(matcher: &Matcher, item: &Item<'_>) -> String {
    matcher.tag(item).iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>().join(" ")
}

/// Which of the texts a topic with one list of these terms is given to.
fn check(language: &str, terms: &str, found: &[&str], not_found: &[&str]) {
    let matcher = matcher(&format!("words w {language} = {terms}\ntopic t enough = @w"));
    for text in found {
        assert_eq!(ids(&matcher, &title(text)), "t", "{terms} in {text}");
    }
    for text in not_found {
        assert_eq!(ids(&matcher, &title(text)), "", "{terms} in {text}");
    }
}

/// What is found in a text, as `term>found(field,language)`.
fn check_matched(rules: &str, item: &Item<'_>, expected: &str) {
    let shown: Vec<String> = matcher(rules)
        .tag(item)
        .iter()
        .map(|tag| {
            let word = |word: &Match| format!("{}>{}({},{})", word.term, word.found, word.field, word.language);
            format!("{} {}: {}", tag.topic, tag.score, tag.matched.iter().map(word).collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(shown.join("\n"), expected);
}

#[test]
fn a_word_is_found_in_all_its_forms_scripts_and_cases() {
    let forms = ["vojska", "Vojsku", "VOJSKOM", "војске", "ВОЈСЦИ"];
    check("hbs", "vojska", &forms, &["vojni", "vojskovođa", "Vojislav"]);
    check("hbs", "војска", &forms, &["vojni"]);
    check("hbs", "Đoković", &["Djokovic", "Đokovića", "Ђоковићу", "Dokovic"], &["Đorđević"]);
    check("sq", "Kosovë", &["Kosova", "Kosovës", "Kosove", "KOSOVËS"], &["Kosovel"]);
}

#[test]
fn an_ending_behind_a_hyphen_or_an_apostrophe_belongs_to_the_word() {
    check("any", "KFOR", &["KFOR-it", "KFOR-a", "KFOR'a", "Kfor\u{2019}un", "КФОР-у", "Kfor"], &["KFORD"]);
    check("tr", "Kosova", &["Kosova'da", "Kosova\u{2019}daki"], &[]);
    check("en", "Belgrade", &["Belgrade-Pristina", "Belgrade's"], &[]);
    check("en", "NATO mission", &["NATO-led mission", "NATO's mission"], &["NATO and mission"]);
}

#[test]
fn a_phrase_is_found_with_each_word_in_all_its_forms() {
    check("hbs", "Crna Gora", &["u Crnoj Gori", "ЦРНУ ГОРУ", "crne\u{a0}gore"], &["Crna i Gora", "Gora Crna", "crn"]);
}

#[test]
fn the_article_of_an_albanian_phrase_changes_with_it() {
    check("sq", "Mali i Zi", &["Malit të Zi", "Malin e Zi"], &["Mali Zi"]);
    check("sq", "forcat e armatosura", &["forcave të armatosura"], &[]);
}

#[test]
fn a_star_finds_whatever_begins_so() {
    check("en", "separatis*", &["separatist", "Separatists", "separatis"], &["separate"]);
    check("hbs", "teror*", &["терористима", "Teror"], &["ter"]);
}

#[test]
fn the_sign_of_equality_finds_what_is_written() {
    check("any", "=NIS", &["NIS", "the NIS-owned"], &["nis", "Nis", "НИС"]);
    check("any", "=Crna Gora", &["Crna Gora"], &["crna Gora", "Crne Gore"]);
}

#[test]
fn short_capitals_are_found_in_capitals_only() {
    check("any", "EU", &["the EU today", "EU-u", "у ЕУ данас"], &["eu vi", "Eu", "Eus"]);
    check("hbs", "BiH", &["u BiH danas", "BIH danas", "BiH-a u"], &["ja bih rekao", "bih"]);
}

#[test]
fn in_a_text_of_capitals_short_ones_need_their_language() {
    let matcher = matcher("words w sq = BE\nwords x any = EU\ntopic t enough = @w\ntopic u enough = @x");
    let capitals = |language| Item { language, ..title("TO BE IN THE EU") };
    assert_eq!(ids(&matcher, &capitals(Some("en"))), "u");
    assert_eq!(ids(&matcher, &capitals(Some("sq"))), "t u");
    assert_eq!(ids(&matcher, &capitals(None)), "t u");
}

#[test]
fn a_tilde_finds_both_within_so_many_words_in_either_order() {
    let near = "Belgrade ~3 Pristina";
    let found =
        ["Belgrade-Pristina", "Pristina and Belgrade", "Pristina, says new Belgrade", "Belgrade Belgrade x y Pristina"];
    check("en", near, &found, &["Belgrade one two three Pristina", "Belgrade", "Pristina"]);
    check("en", "a ~2 b c ~3 d*", &["b c x a, d", "b c a dd"], &["b x c a d", "a b c x x x d", "a d b"]);
    check("en", "war ~1 war", &["war war"], &["war", "war and war"]);
}

#[test]
fn together_needs_each_and_unless_cancels_it_but_not_enough() {
    let rules = "words place en = Kosovo, Serbia\nwords army en = soldier\nwords sport en = football\n\
        words mission any = KFOR\n\
        topic t enough = @mission\ntopic t together = @place, @army\ntopic t unless = @sport\ntopic t never = horoscope";
    let matcher = matcher(rules);
    let check = |text, expected| assert_eq!(ids(&matcher, &title(text)), expected, "{text}");
    check("Soldiers in Kosovo", "t");
    check("Soldiers", "");
    check("Kosovo", "");
    check("Soldiers in Kosovo play football", "");
    check("KFOR plays football", "t");
    check("KFOR horoscope", "");
}

#[test]
fn a_list_in_the_list_means_either() {
    let matcher = matcher("words a en = one\nwords b en = two\ntopic t together = @a | @b, three");
    let check = |text, expected| assert_eq!(ids(&matcher, &title(text)), expected, "{text}");
    check("one three", "t");
    check("two three", "t");
    check("one two", "");
}

#[test]
fn near_binds_together() {
    let matcher = matcher("topic t together = Kosovo, army, talks\ntopic t near = 3");
    let check = |text, expected| assert_eq!(ids(&matcher, &title(text)), expected, "{text}");
    check("talks x army Kosovo", "t");
    check("Kosovo x army x talks", "");
    check("Kosovo x x x army x x talks army Kosovo", "t");
    let split = Item { title: "Kosovo army", summary: "talks", ..Item::default() };
    assert_eq!(ids(&matcher, &split), "");
}

#[test]
fn points_add_up_over_different_words_to_the_threshold() {
    let rules = "words sanctions en = sanctions, embargo, asset freeze\nwords missions any = KFOR\nwords sport en = football\n\
        topic t enough = coup\ntopic t points = @sanctions: 2, @missions: 5, Dodik ~8 secession: 3\n\
        topic t threshold = 5\ntopic t title_times = 1\ntopic t unless = @sport";
    let matcher = matcher(rules);
    let check = |text, expected| assert_eq!(ids(&matcher, &title(text)), expected, "{text}");
    check("Sanctions and an embargo", "");
    check("Sanctions, sanctions, more sanctions", "");
    check("Sanctions, an embargo, asset freezes", "t");
    check("Dodik speaks of secession, sanctions follow", "t");
    check("Dodik speaks of secession", "");
    check("KFOR", "t");
    check("KFOR football", "");
    check("Coup at the football association", "t");
}

#[test]
fn a_title_counts_as_often_as_it_is_told() {
    let rules = "topic t points = gas: 2\ntopic t threshold = 6\ntopic t title_times = 3";
    check_matched(rules, &title("gas"), "t 6: gas>gas(title,any)");
    check_matched(rules, &Item { summary: "gas", ..Item::default() }, "");
    check_matched("topic t points = gas: 1", &title("gas"), "t 2: gas>gas(title,any)");
}

#[test]
fn what_is_enough_counts_as_the_threshold_and_a_word_counts_at_its_most() {
    let rules = "topic t enough = coup\ntopic t together = Kosovo, army\ntopic t points = army: 3, gas: 2\n\
        topic t threshold = 5\ntopic t title_times = 1";
    check_matched(rules, &title("coup"), "t 5: coup>coup(title,any)");
    check_matched(rules, &title("army in Kosovo"), "t 4: Kosovo>Kosovo(title,any) army>army(title,any)");
    check_matched(rules, &title("coup gas"), "t 7: coup>coup(title,any) gas>gas(title,any)");
    check_matched(rules, &title("gas army"), "t 5: army>army(title,any) gas>gas(title,any)");
}

#[test]
fn an_exception_takes_what_lies_within_it() {
    let rules = "words w en = Montenegro, gas, Montenegro bar\nwords w except = Amaro Montenegro, gas stove\ntopic t enough = @w";
    let matcher = matcher(rules);
    let check = |text, expected| assert_eq!(ids(&matcher, &title(text)), expected, "{text}");
    check("Amaro Montenegro", "");
    check("Gas stoves", "");
    check("Amaro Montenegro in Montenegro", "t");
    check("Amaro Montenegro bars", "t");
    check("Montenegro", "t");
}

#[test]
fn an_exception_holds_for_lists_within_the_list() {
    let matcher = matcher(
        "words inner en = gas\nwords outer en = @inner, oil\nwords outer except = tear gas\n\
         topic t enough = @outer\ntopic u enough = @inner",
    );
    assert_eq!(ids(&matcher, &title("tear gas")), "u");
    assert_eq!(ids(&matcher, &title("gas")), "t u");
}

#[test]
fn fields_languages_and_feeds_limit_a_topic() {
    let matcher = matcher(
        "topic by-default enough = gas\ntopic content enough = gas\ntopic content fields = content\n\
         topic german enough = gas\ntopic german languages = de\ntopic one enough = gas\ntopic one feeds = a",
    );
    let check = |item: Item<'_>, expected| assert_eq!(ids(&matcher, &item), expected, "{item:?}");
    check(Item { content: "<p>gas</p>", ..Item::default() }, "content");
    check(
        Item { categories: vec!["x", "gas"], language: Some("en"), feed: Some("b"), ..Item::default() },
        "by-default",
    );
    check(
        Item { summary: "gas", language: Some("de-AT"), feed: Some("a"), ..Item::default() },
        "by-default german one",
    );
}

#[test]
fn serbian_and_croatian_are_one_language_to_a_topic() {
    let matcher = matcher("topic t enough = gas\ntopic t languages = sr");
    assert_eq!(ids(&matcher, &Item { language: Some("hr"), ..title("gas") }), "t");
    assert_eq!(ids(&matcher, &Item { language: Some("sl"), ..title("gas") }), "");
}

#[test]
fn a_child_tags_its_parents() {
    let rules = "topic top enough = coal\ntopic middle in = top\ntopic child enough = gas\ntopic child in = middle";
    check_matched(
        rules,
        &title("gas"),
        "top 4: gas>gas(title,any)\nmiddle 4: gas>gas(title,any)\nchild 4: gas>gas(title,any)",
    );
    check_matched(rules, &title("coal"), "top 4: coal>coal(title,any)");
}

#[test]
fn says_what_was_found_where() {
    let rules = "words place en = Kosovo\nwords place hbs = Kosovo, sever Kosova\nwords army hbs = vojnik\n\
        topic t together = @place, @army";
    let item = Item {
        title: "Војници на северу Косова",
        summary: "<p>Vojnik na Kosovu &amp; vojnik</p>",
        language: Some("sr"),
        ..Item::default()
    };
    check_matched(
        rules,
        &item,
        "t 5: sever Kosova>северу Косова(title,hbs) Kosovo>Kosovu(summary,hbs) \
         vojnik>Војници(title,hbs) vojnik>Vojnik(summary,hbs) vojnik>vojnik(summary,hbs)",
    );
}

#[test]
fn what_is_found_includes_the_ending_behind_a_hyphen() {
    check_matched("words w any = KFOR\ntopic t enough = @w", &title("x KFOR-it y"), "t 4: KFOR>KFOR-it(title,any)");
}

#[test]
fn an_empty_item_and_empty_rules_give_nothing() {
    assert_eq!(ids(&matcher("topic t enough = gas"), &Item::default()), "");
    assert_eq!(ids(&matcher(""), &title("gas")), "");
}

#[test]
fn a_text_of_one_word_a_hundred_thousand_times_is_read() {
    let matcher = matcher(
        "words w en = gas ~3 oil, gas gas gas, gas\nwords w except = gas gas\ntopic t together = @w, gas\ntopic t near = 5",
    );
    let tags = matcher.tag(&title(&"gas oil ".repeat(100_000)));
    assert_eq!(tags[0].matched.len(), 2);
}

#[test]
fn rules_that_were_known_to_be_right_tag_as_ever_and_others_are_checked() {
    let text = "words w en = gas\ntopic t together = @w, oil\ntopic u enough = rain";
    let (words, topics) = rules(text);
    let at_once = matcher(text);
    let later = Matcher::of_known(&words, &topics, Some(at_once.hash())).expect("known");
    assert_eq!(later.hash(), at_once.hash());
    let item = title("Gas and oil in the rain");
    assert_eq!(later.tag(&item), at_once.tag(&item));
    assert_eq!(later.tag(&item).len(), 2);

    let (words, topics) = rules("topic t enough = @nowhere");
    for known in [None, Some(at_once.hash())] {
        assert!(Matcher::of_known(&words, &topics, known).is_err());
    }
}

fn check_errors(text: &str, expected: &[&str]) {
    let (words, topics) = rules(text);
    let errors = Matcher::new(&words, &topics).map(|_| ()).expect_err("the rules are wrong");
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(shown, expected);
}

#[test]
fn every_error_is_said_at_once_with_its_place() {
    check_errors(
        "words places en = Kosovo, se*is\nwords places except = @x\ntopic t enough = @plases, ~\ntopic t in = tt\ntopic ttt in = ttt\ntopic tttt points = gas: 1, @place: 2",
        &[
            "words.places.en: \"se*is\": \"*\" can only stand at the end of a word",
            "words.places.except: \"@x\": \"except\" takes terms, not lists",
            "topic t: in: unknown topic \"tt\", did you mean \"ttt\"?",
            "topic t: enough: unknown list \"@plases\", did you mean \"@places\"?",
            "topic t: enough: \"~\": \"~\" stands between two terms, as in \"Belgrade ~3 Pristina\"",
            "topic tttt: points: unknown list \"@place\", did you mean \"@places\"?",
            "topic ttt: in: \"ttt\" would be within itself",
        ],
    );
}

#[test]
fn a_list_may_not_be_within_itself() {
    check_errors("words a en = @a\ntopic t enough = @a", &["words.a.en: the list \"@a\" would be within itself"]);
    check_errors(
        "words a en = @b\nwords b en = @d, @c\nwords c en = @a\nwords d en = x\ntopic t enough = @a",
        &["words.a.en: the list \"@a\" would be within itself"],
    );
}

#[test]
fn warns_of_what_is_hardly_meant() {
    let matcher = matcher("words a en = ter*\nwords b en = x\ntopic t enough = @a");
    let shown: Vec<String> = matcher.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "words.a.en: \"ter*\" finds every word that begins so; give \"*\" at least 4 letters",
            "words.b.en: no topic uses the list \"@b\"",
        ]
    );
}

fn check_warnings(text: &str, expected: &[&str]) {
    let shown: Vec<String> = matcher(text).warnings().iter().map(ToString::to_string).collect();
    assert_eq!(shown, expected);
}

#[test]
fn warns_of_a_word_that_another_language_uses_every_day() {
    check_warnings(
        "words goals fr = but, gardien de but\ntopic t enough = @goals",
        &["words.goals.fr: \"but\" is found in \"but\" as well, an everyday word of en; list a phrase or \"=…\""],
    );
    check_warnings("words goals fr = =but\ntopic t enough = @goals", &[]);
}

#[test]
fn warns_of_a_word_that_is_wanted_and_unwanted() {
    let rules = "words strikes en = match\nwords sport en = matches\ntopic t enough = @strikes\ntopic t never = @sport";
    check_warnings(
        rules,
        &["words.strikes.en: \"match\" is wanted and \"matches\" (en) is not, but both are found in \"matches\""],
    );
}

#[test]
fn warns_of_a_word_that_is_both_halves_of_a_topic() {
    let topic = "topic t together = @places, @army|@police";
    check_warnings(
        &format!("words places hbs = Bar\nwords army hbs = bara\nwords police hbs = policija\n{topic}"),
        &[
            "words.places.hbs: \"Bar\" and \"bara\" (words.army.hbs) are both found in \"bara\", so this word alone is both \
           @places and @army for topic t",
        ],
    );
    check_warnings(
        &format!("words places en = Krivolak\nwords army en = Krivolak\nwords police en = police\n{topic}"),
        &[
            "words.places.en: \"Krivolak\" is in @places and in @army, so this word alone is both @places and @army for \
           topic t",
        ],
    );
}

#[test]
fn warns_of_a_word_that_two_topics_take_for_two_words() {
    let topics = "topic food enough = @food\ntopic war together = @war, x";
    check_warnings(
        &format!("words food hbs = bara\nwords war hbs = Bar\n{topics}"),
        &[
            "words.food.hbs: \"bara\" and \"Bar\" (words.war.hbs) are both found in \"bara\", so it counts for topic food and \
           for topic war",
        ],
    );
    let across = "words food sq = gaz\nwords war en = Gaza";
    check_warnings(
        &format!("{across}\n{topics}"),
        &[
            "words.food.sq: \"gaz\" and \"Gaza\" (words.war.en) are both found in \"gaza\", so it counts for topic food and \
           for topic war",
        ],
    );
}

#[test]
fn does_not_warn_of_a_form_that_is_shared_to_no_harm() {
    for rules in [
        "words a hbs = Bar\nwords b hbs = bara\ntopic t enough = @a, @b",
        "words a hbs = Bar\nwords b hbs = bara\ntopic t together = @a|@b, x",
        "words a hbs = Bar\nwords b hbs = bara\ntopic t enough = @a\ntopic t together = @a, @b",
        "words a hbs = Bar\nwords b hbs = bara\ntopic t enough = @a, @b\ntopic u together = @a, x",
        "words a hbs = Bar\nwords b hbs = =bara\ntopic t together = @a, @b",
        "words a hbs = Bar grad\nwords b hbs = bara\ntopic t together = @a, @b",
        "words a hbs = Bar\nwords b hbs = Bar\ntopic t enough = @a\ntopic u enough = @b",
        "words a hbs = energija\nwords b sl = energija\ntopic t enough = @a\ntopic u enough = @b",
    ] {
        check_warnings(rules, &[]);
    }
}

#[test]
fn warns_of_three_words_of_two_lists_and_counts_the_rest() {
    let words = "mina, tank, top, raketa, dron";
    let rules = matcher(&format!("words a xx = {words}\nwords b xx = {words}\ntopic t together = @a, @b"));
    let shown: Vec<&str> = rules.warnings().iter().map(|warning| warning.message.as_str()).collect();
    let alike = |word| format!("\"{word}\" is in @a and in @b, so this word alone is both @a and @b for topic t");
    assert_eq!(shown, [alike("mina"), alike("tank"), format!("{} (2 more are alike)", alike("top"))]);
}
