//! JSON with the faults of a hand, mended so that a strict reader takes it.

/// Takes out what hand-made JSON gets wrong: line breaks in strings, commas before a closing bracket,
/// halves of surrogate pairs.
pub(super) fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut is_in_string = false;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', ',', '\n', '\r', '\t']) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = rest.as_bytes()[0];
        let mut length = 1;
        match found {
            b'\\' if is_in_string => {
                length = escape_length(rest);
                let is_half = length == 6 && unit(rest.as_bytes()).is_some_and(|unit| (0xd800..0xe000).contains(&unit));
                mended.push_str(if is_half { "\\ufffd" } else { &rest[..length] });
            }
            b'\n' | b'\r' | b'\t' if is_in_string => mended.push(' '),
            b',' if !is_in_string && rest[1..].trim_ascii_start().starts_with(['}', ']']) => {}
            _ => {
                is_in_string ^= found == b'"';
                mended.push(char::from(found));
            }
        }
        rest = &rest[length..];
    }
    mended.push_str(rest);
    mended
}

/// How long the escape at the start of `text` is: two halves of a pair are one.
fn escape_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_low = |unit: u16| (0xdc00..0xe000).contains(&unit);
    match unit(bytes) {
        Some(high) if (0xd800..0xdc00).contains(&high) && unit(&bytes[6..]).is_some_and(is_low) => 12,
        Some(_) => 6,
        None => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
    }
}

/// The number of `\u1234` at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_what_hands_get_wrong() {
        for (broken, mended) in [
            ("{\"a\":\"b\nc\",}", "{\"a\":\"b c\"}"),
            ("[1, 2,\n]", "[1, 2\n]"),
            (r#"["a, ]", "\",]"]"#, r#"["a, ]", "\",]"]"#),
            (r#"["\ud83d\ude00 \ud83d x \ude00"]"#, r#"["\ud83d\ude00 \ufffd x \ufffd"]"#),
            (r#"["\"#, r#"["\"#),
            ("[\"\\n</pë\",]", "[\"\\n</pë\"]"),
            ("[\"\\é\\u12é\"]", "[\"\\é\\u12é\"]"),
        ] {
            assert_eq!(mend(broken), mended, "{broken}");
        }
    }
}
