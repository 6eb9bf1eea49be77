//! Serbian in its other script: a letter for a letter, two for `lj`, `nj` and `dž`. For our own words
//! only, in which no `nj` stands for two sounds.

/// `text` in Cyrillic, but for what stands in braces and for names of formats in capitals (RSS, UTC).
pub(super) fn in_cyrillic(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '{' => rest.find('}').map_or(rest.len(), |end| end + 1),
            _ if first.is_alphabetic() => rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (part, after) = rest.split_at(end);
        match is_name(part) {
            true => written.push_str(part),
            false => push_word(&mut written, part),
        }
        rest = after;
    }
    written
}

fn is_name(part: &str) -> bool {
    part.starts_with('{') || (part.chars().count() > 1 && part.chars().all(char::is_uppercase))
}

fn push_word(written: &mut String, word: &str) {
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let lower = rest.to_lowercase();
        let known = LETTERS.iter().find(|(latin, _)| lower.starts_with(latin));
        match known {
            Some((_, cyrillic)) if letter.is_uppercase() => written.extend(cyrillic.to_uppercase()),
            Some((_, cyrillic)) => written.push(*cyrillic),
            None => written.push(letter),
        }
        let letters = known.map_or(1, |(latin, _)| latin.chars().count());
        rest = rest.char_indices().nth(letters).map_or("", |(at, _)| &rest[at..]);
    }
}

/// The pairs before the letters that they begin with.
const LETTERS: [(&str, char); 30] = [
    ("lj", 'љ'),
    ("nj", 'њ'),
    ("dž", 'џ'),
    ("a", 'а'),
    ("b", 'б'),
    ("v", 'в'),
    ("g", 'г'),
    ("d", 'д'),
    ("đ", 'ђ'),
    ("e", 'е'),
    ("ž", 'ж'),
    ("z", 'з'),
    ("i", 'и'),
    ("j", 'ј'),
    ("k", 'к'),
    ("l", 'л'),
    ("m", 'м'),
    ("n", 'н'),
    ("o", 'о'),
    ("p", 'п'),
    ("r", 'р'),
    ("s", 'с'),
    ("t", 'т'),
    ("ć", 'ћ'),
    ("u", 'у'),
    ("f", 'ф'),
    ("h", 'х'),
    ("c", 'ц'),
    ("č", 'ч'),
    ("š", 'ш'),
];

#[cfg(test)]
mod tests {
    use super::in_cyrillic;

    #[test]
    fn writes_words_anew_and_leaves_names_and_places() {
        for (latin, cyrillic) in [
            ("Pretplatite se na {}", "Претплатите се на {}"),
            ("Njegoš, Ljubljana i džep", "Његош, Љубљана и џеп"),
            ("Šta čitamo (OPML)", "Шта читамо (OPML)"),
            ("{day}. {month} u {time} UTC", "{day}. {month} у {time} UTC"),
            ("O nama", "О нама"),
            ("{open", "{open"),
            ("", ""),
        ] {
            assert_eq!(in_cyrillic(latin), cyrillic);
        }
    }
}
