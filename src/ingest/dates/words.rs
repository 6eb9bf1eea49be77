//! The words of dates: months, halves of the day, zones, and what only joins them.

use super::Half;

/// Lower case, no accents, ASCII digits and signs, without comments in brackets (RFC 5322 §3.2.2,
/// and Java's `[Europe/Paris]`).
pub(super) fn fold(text: &str) -> String {
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_control() && !matches!(byte, b'(' | b')' | b'[' | b']'))
    {
        return text.to_ascii_lowercase();
    }
    let mut depth = 0_u32;
    let mut is_escaped = false;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if depth > 0 => is_escaped = true,
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => {
                depth = depth.saturating_sub(1);
                out.push(' ');
            }
            _ if depth > 0 => {}
            '\u{300}'..='\u{36F}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' => out.push('-'),
            '０'..='９' => out.extend(char::from_digit(character as u32 - '０' as u32, 10)),
            _ if character.is_whitespace() || character.is_control() => out.push(' '),
            _ => out.extend(character.to_lowercase().filter(|c| !matches!(c, '\u{300}'..='\u{36F}')).map(base)),
        }
    }
    out.trim().to_owned()
}

/// A lower-case letter without its accent, for the letters that names of months have.
fn base(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'ă' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ğ' => 'g',
        'í' | 'ì' | 'î' | 'ı' => 'i',
        'ó' | 'ő' | 'ö' | 'ô' => 'o',
        'š' | 'ş' | 'ș' => 's',
        'ţ' | 'ț' => 't',
        'ú' | 'ü' | 'ű' | 'û' => 'u',
        'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'й' => 'и',
        _ => letter,
    }
}

/// The month that `word` (folded) names, whole or cut, in any case of its declension.
///
/// `listopad` is October as in Croatian, although in Polish and Czech, which are not read here, it
/// is November.
pub(super) fn month(word: &str) -> Option<u32> {
    const ENGLISH: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some(number) = ENGLISH.iter().zip(1..).find_map(|(name, number)| (*name == word).then_some(number)) {
        return Some(number);
    }
    MONTHS.iter().zip(1..).find_map(|((whole, beginnings), number)| {
        let is_it = whole.split(' ').any(|name| name == word)
            || beginnings.split(' ').any(|beginning| word.starts_with(beginning));
        is_it.then_some(number)
    })
}

/// For each month: words that name it only as a whole, because a longer one with the same beginning
/// is another month or a day (`mardi`, `subota`, `shtunë`); then beginnings that are enough. English,
/// German, French, Italian, Spanish, Portuguese, Romanian, Hungarian, Slovene, Croatian, Bosnian,
/// Montenegrin and Serbian in both scripts, Macedonian, Bulgarian, Russian, Greek, Albanian,
/// Turkish, Dutch.
const MONTHS: [(&str, &str); 12] = [
    ("gen oca ocak", "jan ene genn ian sijec sij јан јануар янв яну ιαν"),
    ("sub subat shk", "feb fev velj shkurt фев φεβ"),
    (
        "mar mars march marz marzo marco mart marta martie marec marca marc marcius maart mrt maerz mrz mars мар март марта маарт μαρ μαρτ \
         μαρτιου μαρτιοσ ozu",
        "ozuj",
    ),
    ("nis nisan pri prill tra", "apr avr abr travanj travnj апр απρ"),
    ("may mai maj mag maja maio mayo mei majus мај маја маи мая μαι μαη svi", "mayis maggio sviban svibnj μαιο"),
    ("lip juin юни", "jun giu haziran haz qer lipanj lipnj iun июн јун ιουν"),
    ("srp tem kor юли", "jul juil lug temmuz korrik srpanj srpnj iul июл јул ιουλ"),
    ("gus kol", "aug avg aou ago agu gusht kolovoz авг αυγ"),
    ("sht shta ruj set sett", "sep shtator settemb setemb eyl rujan rujn szep сен сеп σεπ"),
    ("lis out", "oct okt outub ott eki tetor tet listopad окт οκτ"),
    ("stu kas", "nov noi kasim nentor nen studen ноя ное нов νοε"),
    ("pro ara", "dec dez dic aralik dhj prosin дек δεκ"),
];

/// The half of the day that `word` (folded) names.
pub(super) fn half(word: &str) -> Option<Half> {
    match word {
        "am" | "a.m" | "πμ" | "π.μ" | "오전" | "午前" | "上午" => Some(Half::Morning),
        "pm" | "p.m" | "μμ" | "μ.μ" | "오후" | "午後" | "下午" => Some(Half::Afternoon),
        _ => None,
    }
}

/// Minutes east of Greenwich for the zone `word` (folded).
///
/// Not known on purpose: IST (India, Ireland, Israel), AST (Atlantic, Arabia), GST (Gulf, South
/// Georgia), ET and its like (winter or summer?), and names such as Europe/Belgrade, whose offset
/// takes a calendar of their summers. EST, CST and MST are American by RFC 822, whatever they are
/// in Australia, China and Malaysia; BST is British in every feed that was seen with it.
pub(super) fn zone(word: &str) -> Option<i32> {
    // RFC 5322 §4.3: the letters of the military were defined with the wrong sign, and mean UTC.
    if let [letter] = word.as_bytes() {
        return (letter.is_ascii_lowercase() && *letter != b'j').then_some(0);
    }
    let (_, offset) = ZONES.iter().find(|(name, _)| *name == word)?;
    Some(*offset)
}

const ZONES: [(&str, i32); 58] = [
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("wet", 0),
    // North America: RFC 822 §5.1, then its neighbours.
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("hadt", -540),
    ("adt", -180),
    ("nst", -210),
    ("ndt", -150),
    ("brt", -180),
    ("art", -180),
    // Europe.
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("met", 60),
    ("mez", 60),
    ("cest", 120),
    ("mest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("fet", 180),
    ("trt", 180),
    ("msk", 180),
    ("мск", 180),
    ("msd", 240),
    // Africa.
    ("wat", 60),
    ("cat", 120),
    ("sast", 120),
    ("eat", 180),
    // Asia.
    ("irst", 210),
    ("pkt", 300),
    ("npt", 345),
    ("ict", 420),
    ("wib", 420),
    ("hkt", 480),
    ("sgt", 480),
    ("pht", 480),
    ("myt", 480),
    ("jst", 540),
    ("kst", 540),
    // Australia, New Zealand.
    ("awst", 480),
    ("acst", 570),
    ("acdt", 630),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
];

/// Whether `word` (folded) only joins the parts of a date.
pub(super) fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 48] = [
        "a", "ad", "al", "alle", "am", "as", "at", "co", "d", "de", "del", "den", "do", "dr", "e", "el", "en", "g",
        "god", "godina", "godine", "h", "hrs", "i", "in", "je", "kl", "la", "le", "leta", "na", "nd", "o", "ob", "of",
        "on", "ora", "ore", "rd", "s", "sati", "st", "t", "the", "th", "u", "uhr", "um",
    ];
    const CYRILLIC: [&str; 9] = ["в", "г", "год", "года", "година", "године", "у", "ч", "часа"];
    FILLERS.contains(&word) || CYRILLIC.contains(&word)
}

/// The English weekdays, which may stand anywhere: `5 January 2026, Monday`. Others are known by
/// their place before the date.
pub(super) fn is_weekday(word: &str) -> bool {
    const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    WEEKDAYS.iter().any(|day| word.starts_with(day))
}
