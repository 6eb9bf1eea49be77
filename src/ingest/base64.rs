//! Base64 in both alphabets (RFC 4648 §4 and §5), as Atom feeds wrap texts in it and addresses carry
//! others. The last bits may be of any value: publishers' programs leave them so.

/// The bytes, or `None` where a letter is none of base64. What may stand between and after the
/// letters is the caller's to leave out.
pub(super) fn decode(letters: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(letters.size_hint().1.unwrap_or(0) / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0);
    for letter in letters {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// The text that is wrapped in another's lines, or `None` where that is no base64 or gives no UTF-8.
pub(super) fn text(wrapped: &str) -> Option<String> {
    let letters = wrapped.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
    String::from_utf8(decode(letters)?).ok()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn decodes_and_refuses() {
        assert_eq!(text("xb5h\n YmE=").as_deref(), Some("žaba"));
        assert_eq!(text("<b>no</b>"), None);
        assert_eq!(text("//8="), None);
    }
}
