//! Makes feeds that look like a newsroom's: several languages and scripts, RSS and Atom, HTML in
//! CDATA and HTML escaped, some articles shared by several feeds. The same feed every time.

use chrono::{DateTime, TimeDelta, Utc};
use std::fmt::Write;

/// About what the feeds of news sites weigh.
const FEED_BYTES: usize = 100_000;

/// One article in so many is an agency's, which other feeds of the language carry too.
const AGENCY_EVERY: u64 = 20;

/// How far one feed's numbering lies behind the next one's: agency articles stay in the window of
/// about four feeds of a language.
const NUMBERS_APART: u64 = 2;

/// How many items a feed has: 30 to 50, always the same for one feed.
pub fn items_in(feed: usize) -> u64 {
    30 + (feed as u64 * 5) % 21
}

/// The number of the newest item when the world begins.
pub fn first_newest(feed: usize) -> u64 {
    1_000 + feed as u64 * NUMBERS_APART
}

/// The document of one feed, whose newest item has the number `newest`.
pub fn document(feed: usize, newest: u64) -> String {
    let numbers = (newest + 1 - items_in(feed)..=newest).rev();
    let items: Vec<Item> = numbers.map(|number| item(feed, number)).collect();
    // Every language comes in both formats.
    let is_rss = (feed / TONGUES.len()).is_multiple_of(2);
    if is_rss { rss(feed, &items) } else { atom(feed, &items) }
}

struct Item {
    id: String,
    link: String,
    title: String,
    summary: String,
    content: String,
    author: &'static str,
    category: &'static str,
    published: DateTime<Utc>,
}

fn item(feed: usize, number: u64) -> Item {
    let tongue = tongue(feed);
    let of_agency = Random::new(&[tongue.seed(), number]);
    let (mut random, link) = if of_agency.clone().below(AGENCY_EVERY) == 0 {
        (of_agency, format!("https://agency.example/{}/{number}?utm_source=site{feed}", tongue.code))
    } else {
        (Random::new(&[feed as u64, number]), format!("https://site{feed}.example/{}/{number}/article", tongue.code))
    };
    let title = sentence(tongue, &mut random, 6..12);
    let summary = (0..3).map(|_| sentence(tongue, &mut random, 8..18) + ". ").collect::<String>();
    let budget = FEED_BYTES / items_in(feed) as usize;
    Item {
        id: format!("site{feed}-{number}"),
        link,
        title,
        content: content(tongue, &mut random, budget.saturating_sub(summary.len() + 700)),
        summary: summary.trim_end().to_owned(),
        author: random.pick(tongue.people),
        category: random.pick(tongue.words),
        published: beginning() + TimeDelta::minutes(number as i64 * 17),
    }
}

/// Fixed, so that the figures of two days compare the same documents.
fn beginning() -> DateTime<Utc> {
    "2025-10-01T00:00:00Z".parse().expect("a date")
}

/// HTML as editors' systems write it: paragraphs, a picture, links, a pixel that counts readers.
fn content(tongue: &Tongue, random: &mut Random, bytes: usize) -> String {
    let mut html = String::with_capacity(bytes + 512);
    let picture = random.next() % 100_000;
    let _ = writeln!(html, "<p><img src=\"/media/{picture}.jpg\" alt=\"\" width=\"800\" height=\"450\" /></p>");
    while html.len() < bytes {
        html += "<p>";
        for _ in 0..3 + random.below(3) {
            let sentence = sentence(tongue, random, 8..22);
            match random.below(6) {
                0 => _ = write!(html, "<a href=\"../{}\">{sentence}</a>. ", random.below(9_000)),
                1 => _ = write!(html, "<strong>{sentence}</strong>. "),
                _ => _ = write!(html, "{sentence}. "),
            }
        }
        html += "</p>\n";
    }
    html + "<img src=\"https://pixel.example/count.gif\" width=\"1\" height=\"1\" />"
}

fn sentence(tongue: &Tongue, random: &mut Random, length: std::ops::Range<u64>) -> String {
    let words = length.start + random.below(length.end - length.start);
    let mut text = String::new();
    for n in 0..words {
        let word = match random.below(14) {
            0 => random.pick(tongue.people),
            1 => random.pick(tongue.places),
            _ => random.pick(tongue.words),
        };
        match n {
            0 => text.extend(word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))),
            _ => _ = write!(text, " {word}"),
        }
        if n + 1 < words && random.below(9) == 0 {
            text.push(',');
        }
    }
    text
}

fn rss(feed: usize, items: &[Item]) -> String {
    let tongue = tongue(feed);
    let mut xml = String::with_capacity(FEED_BYTES + FEED_BYTES / 4);
    let _ = write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n<title>Site {feed}</title>\n\
         <link>https://site{feed}.example/</link>\n<description>{}</description>\n<language>{}</language>\n\
         <atom:link href=\"https://site{feed}.example/feed\" rel=\"self\" type=\"application/rss+xml\"/>\n",
        tongue.places.join(", "),
        tongue.code
    );
    // One feed in three of these escapes its HTML instead of putting it into CDATA.
    let escapes = (feed / TONGUES.len() / 2).is_multiple_of(3);
    for item in items {
        let _ = write!(
            xml,
            "<item>\n<title>{}</title>\n<link>{}</link>\n<guid isPermaLink=\"false\">{}</guid>\n\
             <pubDate>{}</pubDate>\n<dc:creator>{}</dc:creator>\n<category>{}</category>\n",
            item.title,
            escape(&item.link),
            item.id,
            item.published.to_rfc2822(),
            item.author,
            item.category
        );
        let _ = match escapes {
            true => writeln!(
                xml,
                "<description>{}</description>",
                escape(&format!("<p>{}</p>{}", item.summary, item.content))
            ),
            false => writeln!(
                xml,
                "<description>{}</description>\n<content:encoded><![CDATA[{}]]></content:encoded>",
                item.summary, item.content
            ),
        };
        xml += "</item>\n";
    }
    xml + "</channel>\n</rss>\n"
}

fn atom(feed: usize, items: &[Item]) -> String {
    let mut xml = String::with_capacity(FEED_BYTES + FEED_BYTES / 4);
    let updated = items.first().map_or_else(beginning, |item| item.published).to_rfc3339();
    let _ = write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <id>urn:example:site{feed}</id>\n<title>Site {feed}</title>\n<updated>{updated}</updated>\n\
         <link href=\"https://site{feed}.example/\"/>\n\
         <link rel=\"self\" href=\"https://site{feed}.example/feed\"/>\n",
        tongue(feed).code
    );
    for item in items {
        let _ = write!(
            xml,
            "<entry>\n<id>urn:example:{}</id>\n<title>{}</title>\n<link href=\"{}\"/>\n<published>{published}</published>\n\
             <updated>{published}</updated>\n<author><name>{}</name></author>\n<category term=\"{}\"/>\n\
             <summary>{}</summary>\n<content type=\"html\">{}</content>\n</entry>\n",
            item.id,
            item.title,
            escape(&item.link),
            item.author,
            item.category,
            item.summary,
            escape(&item.content),
            published = item.published.to_rfc3339(),
        );
    }
    xml + "</feed>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, even, and the same on every machine.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn new(seeds: &[u64]) -> Self {
        Self(seeds.iter().fold(0, |state, seed| Self(state ^ seed.wrapping_mul(0x2545_f491_4f6c_dd1d)).next()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len() as u64) as usize]
    }
}

/// What a feed is written in. The sentences say nothing, but their letters, lengths and proper
/// names are like those of news.
struct Tongue {
    code: &'static str,
    words: &'static [&'static str],
    people: &'static [&'static str],
    places: &'static [&'static str],
}

impl Tongue {
    fn seed(&self) -> u64 {
        self.code.bytes().fold(0, |seed, byte| seed << 8 | u64::from(byte))
    }
}

fn tongue(feed: usize) -> &'static Tongue {
    &TONGUES[feed % TONGUES.len()]
}

#[rustfmt::skip]
const TONGUES: &[Tongue] = &[
    Tongue {
        code: "sr",
        words: &[
            "и", "у", "на", "да", "је", "су", "се", "за", "од", "са", "који", "која", "што", "није", "али", "после", "пре",
            "данас", "јуче", "сутра", "влада", "владе", "министар", "министарство", "скупштина", "посланици", "закон",
            "закона", "предлог", "грађани", "грађана", "улица", "улице", "мост", "река", "вода", "школа", "ученици",
            "лекари", "болница", "тржиште", "цене", "цена", "плата", "плате", "привреда", "инфлација", "банка", "кредит",
            "полиција", "суд", "пресуда", "избори", "изборни", "странка", "листа", "војска", "вежба", "граница", "споразум",
            "разговори", "преговори", "извештај", "саопштење", "изјавио", "рекла", "најавио", "потврдила", "отворена",
            "затворена", "нова", "нови", "стара", "велики", "мали", "први", "друга", "утакмица", "тим", "победа", "време",
            "киша", "снег", "сунчано", "степени", "пут", "аутопут", "воз", "аутобус", "изложба", "књига", "филм", "концерт",
        ],
        people: &["Јована Петровић", "Милан Илић", "Весна Радић", "Драган Стојановић", "Ана Марковић", "Немања Лукић"],
        places: &["Београд", "Нови Сад", "Ниш", "Крагујевац", "Косово", "Србија", "Приштина", "Суботица", "Брисел"],
    },
    Tongue {
        code: "sq",
        words: &[
            "dhe", "në", "për", "me", "që", "nga", "një", "të", "është", "janë", "kanë", "por", "pas", "para", "sot", "dje",
            "nesër", "qeveria", "qeverisë", "ministri", "ministria", "kuvendi", "deputetët", "ligji", "ligjit", "propozimi",
            "qytetarët", "qytetarëve", "rruga", "rrugës", "ura", "lumi", "uji", "shkolla", "nxënësit", "mjekët", "spitali",
            "tregu", "çmimet", "çmimi", "paga", "pagat", "ekonomia", "inflacioni", "banka", "kredia", "policia", "gjykata",
            "vendimi", "zgjedhjet", "partia", "lista", "ushtria", "stërvitja", "kufiri", "marrëveshja", "bisedimet",
            "raporti", "deklarata", "tha", "njoftoi", "konfirmoi", "hapur", "mbyllur", "re", "ri", "vjetër", "madhe",
            "vogël", "parë", "dytë", "ndeshja", "ekipi", "fitorja", "moti", "shiu", "bora", "diell", "gradë", "autostrada",
            "treni", "autobusi", "ekspozita", "libri", "filmi", "koncerti", "fëmijët", "gratë", "punëtorët", "fshati",
        ],
        people: &["Arta Krasniqi", "Besnik Hoxha", "Drita Gashi", "Ilir Berisha", "Teuta Shala", "Gëzim Dervishi"],
        places: &["Tiranë", "Prishtinë", "Kosovë", "Shqipëri", "Shkup", "Prizren", "Durrës", "Gjakovë", "Bruksel"],
    },
    Tongue {
        code: "el",
        words: &[
            "και", "το", "της", "του", "για", "με", "από", "στην", "στον", "είναι", "ήταν", "δεν", "που", "θα", "αλλά", "μετά",
            "πριν", "σήμερα", "χθες", "αύριο", "κυβέρνηση", "υπουργός", "υπουργείο", "βουλή", "βουλευτές", "νόμος", "νόμου",
            "πρόταση", "πολίτες", "πολιτών", "δρόμος", "γέφυρα", "ποτάμι", "νερό", "σχολείο", "μαθητές", "γιατροί",
            "νοσοκομείο", "αγορά", "τιμές", "μισθός", "οικονομία", "πληθωρισμός", "τράπεζα", "δάνειο", "αστυνομία",
            "δικαστήριο", "απόφαση", "εκλογές", "κόμμα", "στρατός", "άσκηση", "σύνορα", "συμφωνία", "συνομιλίες", "έκθεση",
            "ανακοίνωση", "δήλωσε", "είπε", "ανακοίνωσε", "επιβεβαίωσε", "ανοιχτή", "κλειστή", "νέα", "νέος", "παλιά",
            "μεγάλη", "μικρός", "πρώτη", "δεύτερος", "αγώνας", "ομάδα", "νίκη", "καιρός", "βροχή", "χιόνι", "ήλιος",
            "βαθμοί", "αυτοκινητόδρομος", "τρένο", "λεωφορείο", "βιβλίο", "ταινία", "συναυλία", "παιδιά", "χωριό",
        ],
        people: &["Ελένη Παππά", "Νίκος Αλεξίου", "Μαρία Γεωργίου", "Κώστας Δήμου", "Σοφία Λάμπρου"],
        places: &["Αθήνα", "Θεσσαλονίκη", "Ελλάδα", "Βαλκάνια", "Σκόπια", "Κοζάνη", "Λάρισα", "Βρυξέλλες"],
    },
    Tongue {
        code: "de",
        words: &[
            "und", "der", "die", "das", "in", "mit", "von", "für", "nicht", "ist", "sind", "wurde", "wird", "aber", "nach",
            "vor", "heute", "gestern", "morgen", "Regierung", "Minister", "Ministerium", "Parlament", "Abgeordnete",
            "Gesetz", "Entwurf", "Bürger", "Straße", "Brücke", "Fluss", "Wasser", "Schule", "Schüler", "Ärzte",
            "Krankenhaus", "Markt", "Preise", "Löhne", "Wirtschaft", "Inflation", "Bank", "Kredit", "Polizei", "Gericht",
            "Urteil", "Wahlen", "Partei", "Armee", "Übung", "Grenze", "Abkommen", "Gespräche", "Verhandlungen", "Bericht",
            "Erklärung", "sagte", "erklärte", "kündigte", "bestätigte", "offen", "geschlossen", "neue", "neuer", "alte",
            "große", "kleiner", "erste", "zweiter", "Spiel", "Mannschaft", "Sieg", "Wetter", "Regen", "Schnee", "sonnig",
            "Grad", "Autobahn", "Zug", "Bus", "Ausstellung", "Buch", "Film", "Konzert", "Kinder", "Dorf", "während",
            "Verkehrsministerium", "Haushaltsausschuss", "Wirtschaftswachstum", "Landesregierung", "Umweltschützer",
        ],
        people: &["Anna Brandt", "Jürgen Köhler", "Petra Vogt", "Thomas Lindner", "Ursula Schäfer", "Max Weiß"],
        places: &["Berlin", "Wien", "Graz", "Westbalkan", "Serbien", "Kosovo", "Brüssel", "München", "Zagreb"],
    },
    Tongue {
        code: "bs",
        words: &[
            "i", "u", "na", "da", "je", "su", "se", "za", "od", "sa", "koji", "koja", "što", "nije", "ali", "poslije", "prije",
            "danas", "jučer", "sutra", "vlada", "vlade", "ministar", "ministarstvo", "skupština", "zastupnici", "zakon",
            "zakona", "prijedlog", "građani", "građana", "ulica", "ulice", "most", "rijeka", "voda", "škola", "učenici",
            "ljekari", "bolnica", "tržište", "cijene", "plata", "plate", "privreda", "inflacija", "banka", "kredit",
            "policija", "sud", "presuda", "izbori", "stranka", "lista", "vojska", "vježba", "granica", "sporazum",
            "razgovori", "pregovori", "izvještaj", "saopćenje", "izjavio", "rekla", "najavio", "potvrdila", "otvorena",
            "zatvorena", "nova", "novi", "stara", "veliki", "mali", "prvi", "druga", "utakmica", "tim", "pobjeda", "vrijeme",
            "kiša", "snijeg", "sunčano", "stepeni", "autoput", "voz", "autobus", "izložba", "knjiga", "film", "koncert",
        ],
        people: &["Amra Hadžić", "Emir Kovačević", "Lejla Begić", "Ivan Tomić", "Selma Mujić", "Goran Babić"],
        places: &["Sarajevo", "Mostar", "Tuzla", "Banja Luka", "Bosna", "Hercegovina", "Zenica", "Bihać", "Brisel"],
    },
    Tongue {
        code: "en",
        words: &[
            "the", "and", "of", "to", "in", "for", "with", "that", "is", "was", "were", "has", "but", "after", "before",
            "today", "yesterday", "tomorrow", "government", "minister", "ministry", "parliament", "lawmakers", "law",
            "proposal", "citizens", "street", "bridge", "river", "water", "school", "pupils", "doctors", "hospital",
            "market", "prices", "wages", "economy", "inflation", "bank", "loan", "police", "court", "ruling", "elections",
            "party", "army", "exercise", "border", "agreement", "talks", "report", "statement", "said", "announced",
            "confirmed", "open", "closed", "new", "old", "large", "small", "first", "second", "match", "team", "victory",
            "weather", "rain", "snow", "sunny", "degrees", "motorway", "train", "bus", "exhibition", "book", "film",
            "concert", "children", "village", "workers", "while", "region", "council", "budget", "investors", "customs",
        ],
        people: &["Helen Marsh", "David Cole", "Sarah Whitfield", "James Okoro", "Emily Grant", "Peter Novak"],
        places: &["London", "Brussels", "Western Balkans", "Serbia", "Kosovo", "Vienna", "Skopje", "Podgorica"],
    },
];
