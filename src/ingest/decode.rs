//! Bytes to clean UTF-8: the charset settled, a gzip file opened, characters that XML forbids gone.
//! Knows nothing of feeds; what the text says is `repair`'s business.

use super::repair::Tally;
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;
use tracing::instrument;

/// Larger than any honest feed that was seen (7 MB), and small enough to be held a few times over.
pub(super) const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An XML declaration or a `<meta charset>` stands within the first bytes or is of no use.
const DECLARATION_BYTES_MAX: usize = 1024;

/// The document out of its gzip file, if it is in one: once, and at most a byte more than
/// [`DOCUMENT_BYTES_MAX`]. What a damaged file gives before the damage is kept, as of any other document.
pub(super) fn opened<'a>(bytes: &'a [u8], tally: &Tally) -> Cow<'a, [u8]> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Cow::Borrowed(bytes);
    }
    tally.add("gzip file", 1);
    let mut opened = Vec::new();
    // An error ends the file early; the bytes before it are in `opened`.
    let _ = MultiGzDecoder::new(bytes).take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_end(&mut opened);
    Cow::Owned(opened)
}

/// The document as text. Borrowed where the bytes were clean UTF-8 already.
///
/// Trust is given in this order: a byte order mark, the shape of UTF-16 and UTF-32, multi-byte
/// UTF-8 that holds from end to end (no other text looks like it by accident), the charset of the
/// Content-Type, that of the XML declaration, and then Windows-1252, which reads anything.
#[instrument(level = "trace", name = "decode", skip_all)]
pub(super) fn text<'a>(bytes: &'a [u8], content_type: Option<&str>, tally: &Tally) -> Cow<'a, str> {
    if let Some(text) = wide(bytes) {
        return Cow::Owned(clean(Cow::Owned(text), tally).into_owned());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let labels =
        [content_type.and_then(charset_of), declared(bytes)].map(|label| label.filter(|label| !is_ascii(label)));
    let encodings = labels.map(|label| label.and_then(|label| Encoding::for_label(label.trim().as_bytes())));
    let escapes = encodings.into_iter().flatten().any(|encoding| encoding == ISO_2022_JP);
    if !escapes && let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        let is_lie =
            |encoding: &'static Encoding| encoding != UTF_8 && !(text.is_ascii() && encoding.is_ascii_compatible());
        if encodings.into_iter().flatten().any(is_lie) {
            tally.add("wrong charset", 1);
        }
        return clean(Cow::Borrowed(text), tally);
    }
    for encoding in encodings.into_iter().flatten() {
        let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
        if is_wide {
            continue; // The bytes would have shown it: this label is a lie.
        }
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return clean(text, tally);
        }
    }
    tally.add("wrong charset", 1);
    if is_nearly_utf_8(bytes) {
        return clean(UTF_8.decode_without_bom_handling(bytes).0, tally);
    }
    clean(WINDOWS_1252.decode_without_bom_handling(bytes).0, tally)
}

/// UTF-16 and UTF-32, which show themselves by a mark or by the zero bytes around the first `<`.
fn wide(bytes: &[u8]) -> Option<String> {
    let utf_32 = |units: &[u8], read: fn([u8; 4]) -> u32| {
        let characters = units.chunks_exact(4).map(|unit| {
            let number = read([unit[0], unit[1], unit[2], unit[3]]);
            char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
        });
        Some(characters.collect())
    };
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => utf_32(rest, u32::from_be_bytes),
        [0xff, 0xfe, 0, 0, rest @ ..] => utf_32(rest, u32::from_le_bytes),
        [0, 0, 0, b'<', ..] => utf_32(bytes, u32::from_be_bytes),
        [b'<', 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [0xff, 0xfe, ..] | [b'<' | b'{', 0, ..] => Some(UTF_16LE.decode_with_bom_removal(bytes).0.into_owned()),
        [0xfe, 0xff, ..] | [0, b'<' | b'{', ..] => Some(UTF_16BE.decode_with_bom_removal(bytes).0.into_owned()),
        _ => None,
    }
}

/// A label that says nothing: pure ASCII needs none, and of anything else it is not true.
fn is_ascii(label: &str) -> bool {
    let label = label.trim();
    label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii")
}

/// The charset of `text/xml; charset="utf-8"`.
fn charset_of(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1);
    parameters.filter_map(|parameter| parameter.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The charset of `<?xml version="1.0" encoding="iso-8859-1"?>`.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let start = find(head, b"<?xml")?;
    let head = &head[start..];
    let head = &head[..find(head, b"?>").unwrap_or(head.len())];
    let at = find(head, b"encoding")? + b"encoding".len();
    let value = std::str::from_utf8(&head[at..]).ok()?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Whether the bytes were meant as UTF-8: more whole characters beyond ASCII than broken ones.
fn is_nearly_utf_8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// So much is looked at without an early end, which lets the machine look at many bytes at once.
const BLOCK_BYTES: usize = 512;

/// Drops what is no character of XML 1.0 (§2.2): it would make every document that we write from
/// this one unreadable.
fn clean<'a>(text: Cow<'a, str>, tally: &Tally) -> Cow<'a, str> {
    let is_suspect = |byte: u8| (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xef);
    let has_suspect = |block: &[u8]| block.iter().fold(false, |found, byte| found | is_suspect(*byte));
    let blocks = text.as_bytes().chunks(BLOCK_BYTES).enumerate().filter(|(_, block)| has_suspect(block));
    let suspects = blocks.flat_map(|(number, block)| {
        block.iter().enumerate().filter(|(_, byte)| is_suspect(**byte)).map(move |(at, _)| number * BLOCK_BYTES + at)
    });
    // A suspect is a character of ASCII or the first byte of one beyond: a boundary.
    let bad = suspects.filter(|at| text[*at..].chars().next().is_some_and(|character| !is_xml(character))).count();
    if bad == 0 {
        return text;
    }
    tally.add("illegal character", bad);
    Cow::Owned(text.chars().filter(|character| is_xml(*character)).collect())
}

/// XML 1.0 §2.2 `Char`. Surrogates are no `char`.
pub(super) fn is_xml(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => character >= ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(text(bytes, content_type, &Tally::default()), expected);
    }

    #[test]
    fn clean_utf_8_is_not_copied() {
        assert!(matches!(text("<a>ž</a>".as_bytes(), None, &Tally::default()), Cow::Borrowed(_)));
    }

    #[test]
    fn a_mark_and_the_zero_bytes_tell_the_wide_encodings() {
        let utf_16 = |read: fn(u16) -> [u8; 2]| "<a>ž</a>".encode_utf16().flat_map(read).collect::<Vec<u8>>();
        let utf_32 = |read: fn(u32) -> [u8; 4]| "<a>ž</a>".chars().flat_map(|c| read(c.into())).collect::<Vec<u8>>();
        check(&utf_16(u16::to_le_bytes), None, "<a>ž</a>");
        check(&utf_16(u16::to_be_bytes), None, "<a>ž</a>");
        check(&[b"\xff\xfe", utf_16(u16::to_le_bytes).as_slice()].concat(), None, "<a>ž</a>");
        check(&[b"\xfe\xff", utf_16(u16::to_be_bytes).as_slice()].concat(), None, "<a>ž</a>");
        check(&utf_32(u32::to_le_bytes), None, "<a>ž</a>");
        check(&[b"\0\0\xfe\xff", utf_32(u32::to_be_bytes).as_slice()].concat(), None, "<a>ž</a>");
    }

    #[test]
    fn the_header_is_believed_before_the_declaration() {
        let koi = b"<?xml version='1.0' encoding='koi8-r'?>\xd0";
        check(koi, Some("text/xml; charset=windows-1251"), "<?xml version='1.0' encoding='koi8-r'?>Р");
        check(koi, Some("text/xml"), "<?xml version='1.0' encoding='koi8-r'?>п");
    }

    #[test]
    fn a_label_of_ascii_says_nothing() {
        let koi = b"<?xml version='1.0' encoding='koi8-r'?>\xd0";
        check(koi, Some("text/xml; charset=us-ascii"), "<?xml version='1.0' encoding='koi8-r'?>п");
    }

    #[test]
    fn utf_8_that_holds_is_believed_before_any_label() {
        check("<?xml encoding='iso-8859-1'?>žaba".as_bytes(), None, "<?xml encoding='iso-8859-1'?>žaba");
        check("žaba".as_bytes(), Some("text/xml; charset=us-ascii"), "žaba");
    }

    #[test]
    fn a_label_of_utf_16_over_plain_bytes_is_a_lie() {
        check(b"<?xml encoding='utf-16'?>\xe9", None, "<?xml encoding='utf-16'?>\u{e9}");
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf_8_into_mojibake() {
        check(b"\xc5\xbeaba i \xc5\xbe\xff", None, "žaba i ž\u{fffd}");
        check(b"caf\xe9", None, "café");
    }

    #[test]
    fn forbidden_characters_go_and_are_counted() {
        let tally = Tally::default();
        assert_eq!(text("a\u{0}b\u{b}c\u{ffff}\u{feff}".as_bytes(), None, &tally), "abc\u{feff}");
        assert_eq!(tally.repairs()[0].count, 3);
    }

    #[test]
    fn opens_a_gzip_file_and_keeps_what_a_damaged_one_gives() {
        let mut packed = Vec::new();
        let feed = "<rss>".repeat(1000);
        let mut encoder = flate2::read::GzEncoder::new(feed.as_bytes(), flate2::Compression::none());
        encoder.read_to_end(&mut packed).expect("memory does not fail");
        let opened = |packed: &[u8]| String::from_utf8(opened(packed, &Tally::default()).into_owned());
        assert_eq!(opened(&packed).as_deref(), Ok(feed.as_str()));
        assert!(opened(&packed[..packed.len() / 2]).is_ok_and(|half| half.starts_with("<rss>")));
    }
}
