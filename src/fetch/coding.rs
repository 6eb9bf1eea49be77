//! Content codings (RFC 9110 §8.4.1): which one a body has, and what was coded. Several in a row,
//! or one that we did not offer, is refused rather than guessed.

use super::error::Problem;
use bytes::Bytes;
use flate2::bufread::GzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use std::io::{self, Read};

/// What RFC 9659 lets a zstd body ask for: 8 MiB of window.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Up to here decoding takes a millisecond, and is not worth another thread.
const INLINE_BYTES_MAX: usize = 32 * 1024;

/// Enough to recognize what a server meant.
const SHOWN_CHARS_MAX: usize = 60;

/// How a body was coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

/// The one coding that the headers name.
pub(super) fn of(headers: &HeaderMap) -> Result<Coding, Problem> {
    let lines: Vec<_> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
        .collect();
    let said = lines.join(", ");
    let codings: Vec<&str> =
        said.split(',').map(str::trim).filter(|coding| !matches!(*coding, "" | "identity")).collect();
    match codings.as_slice() {
        [] => Ok(Coding::Identity),
        ["gzip" | "x-gzip"] => Ok(Coding::Gzip),
        ["br"] => Ok(Coding::Brotli),
        ["zstd"] => Ok(Coding::Zstd),
        _ => Err(Problem::Coding(said.chars().take(SHOWN_CHARS_MAX).collect())),
    }
}

/// What was coded, up to `bytes_max`.
pub(super) async fn decode(wire: Bytes, coding: Coding, bytes_max: usize) -> Result<Bytes, Problem> {
    // Servers that compress nothing still say that they did.
    if coding == Coding::Identity || wire.is_empty() {
        return Ok(wire);
    }
    if wire.len() <= INLINE_BYTES_MAX {
        return decode_now(&wire, coding, bytes_max);
    }
    match tokio::task::spawn_blocking(move || decode_now(&wire, coding, bytes_max)).await {
        Ok(result) => result,
        Err(error) => Err(Problem::Undecodable(error.to_string())),
    }
}

fn decode_now(wire: &[u8], coding: Coding, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut body = Vec::new();
    // One byte more than may be shows that there is more.
    let limit = bytes_max as u64 + 1;
    let result = match coding {
        Coding::Identity => wire.take(limit).read_to_end(&mut body),
        Coding::Gzip => gunzip(wire, limit, &mut body),
        Coding::Brotli => brotli_decompressor::Decompressor::new(wire, 4096).take(limit).read_to_end(&mut body),
        Coding::Zstd => unzstd(wire, limit, &mut body),
    };
    if body.len() > bytes_max {
        return Err(Problem::TooLarge { bytes_max });
    }
    result.map_err(|error| Problem::Undecodable(error.to_string()))?;
    Ok(body.into())
}

/// All members (RFC 1952 §2.2). What follows the last and is none is noise that some servers add,
/// and that every browser overlooks.
fn gunzip(wire: &[u8], limit: u64, body: &mut Vec<u8>) -> io::Result<usize> {
    let mut rest = wire;
    loop {
        let mut member = GzDecoder::new(rest).take(limit - body.len() as u64);
        member.read_to_end(body)?;
        rest = member.into_inner().into_inner();
        let is_over = !rest.starts_with(&[0x1f, 0x8b]) || body.len() as u64 >= limit;
        if is_over {
            return Ok(body.len());
        }
    }
}

fn unzstd(wire: &[u8], limit: u64, body: &mut Vec<u8>) -> io::Result<usize> {
    let mut decoder = zstd::Decoder::with_buffer(wire)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
    decoder.take(limit).read_to_end(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const TEXT: &str = "<rss version=\"2.0\"><channel><title>Vijesti</title></channel></rss>";

    /// `TEXT` as a brotli encoder writes it.
    const TEXT_IN_BROTLI: &[u8] = &[
        0x1b, 0x41, 0x00, 0x00, 0x8c, 0xd4, 0x5a, 0xad, 0x36, 0xaf, 0xd2, 0xc9, 0x21, 0xbe, 0xc5, 0xdf, 0x05, 0x03,
        0x0b, 0x0a, 0x7b, 0x25, 0xe2, 0x02, 0x0e, 0x39, 0x70, 0x7e, 0x5b, 0x1c, 0x60, 0x40, 0x59, 0x2d, 0x58, 0x58,
        0xa9, 0x3c, 0xfb, 0xfc, 0x4c, 0x0e, 0x62, 0xc3, 0x72, 0xbf, 0x66, 0xdb, 0x3f, 0x04, 0x21, 0x1c, 0x10, 0x90,
        0x00,
    ];

    /// Forty million times `a`.
    const BOMB_IN_BROTLI: &[u8] = &[
        0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0xc2, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x8f, 0xff, 0xff, 0x7f, 0xf0,
        0x4b, 0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff, 0xe0, 0x97, 0x00, 0x88, 0xc3, 0x02,
        0x00, 0xdd, 0xfb, 0x3f, 0xfe, 0xff, 0xff, 0xc1, 0x2f, 0x01, 0x10, 0x87, 0x05, 0x00, 0xba, 0xf7, 0x7f, 0xf9,
        0x9f, 0x25, 0x86, 0x5f, 0x02, 0x20, 0x0e, 0x0b, 0x00, 0x74, 0xa3, 0xc4, 0x00,
    ];

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
    }

    fn named(lines: &[&str]) -> Result<Coding, String> {
        let value = |line: &&str| (CONTENT_ENCODING, line.parse().expect("a value"));
        of(&lines.iter().map(value).collect()).map_err(|problem| problem.to_string())
    }

    fn check(wire: &[u8], coding: Coding, want: &[u8]) {
        assert_eq!(decode_now(wire, coding, 1 << 20).expect("decoded"), want);
    }

    #[test]
    fn names_the_one_coding() {
        assert_eq!(named(&[]), Ok(Coding::Identity));
        assert_eq!(named(&["identity"]), Ok(Coding::Identity));
        assert_eq!(named(&["GZip"]), Ok(Coding::Gzip));
        assert_eq!(named(&["x-gzip"]), Ok(Coding::Gzip));
        assert_eq!(named(&["identity, br"]), Ok(Coding::Brotli));
        assert_eq!(named(&["zstd"]), Ok(Coding::Zstd));
    }

    #[test]
    fn b30_refuses_several_codings_and_unknown_ones() {
        for lines in [&["gzip, gzip"][..], &["gzip", "br"], &["x-foo"], &["deflate"], &["gzip;q=1"]] {
            let said = named(lines).expect_err("a refusal");
            assert!(said.starts_with("unsupported content-encoding"), "{said}");
        }
    }

    #[test]
    fn decodes_what_it_offers() {
        check(TEXT.as_bytes(), Coding::Identity, TEXT.as_bytes());
        check(&gzip(TEXT.as_bytes()), Coding::Gzip, TEXT.as_bytes());
        check(&zstd::encode_all(TEXT.as_bytes(), 3).expect("memory takes all"), Coding::Zstd, TEXT.as_bytes());
        check(TEXT_IN_BROTLI, Coding::Brotli, TEXT.as_bytes());
    }

    #[test]
    fn gzip_may_have_several_members_and_noise_at_its_end() {
        let (one, two) = (gzip(b"one "), gzip(b"two"));
        check(&[one.as_slice(), &two].concat(), Coding::Gzip, b"one two");
        check(&[one.as_slice(), b"\r\n\0"].concat(), Coding::Gzip, b"one ");
    }

    #[test]
    fn a_coded_body_that_ends_early_or_is_not_coded_is_an_error() {
        let zstd = zstd::encode_all(TEXT.as_bytes(), 3).expect("memory takes all");
        let whole =
            [(gzip(TEXT.as_bytes()), Coding::Gzip), (zstd, Coding::Zstd), (TEXT_IN_BROTLI.to_vec(), Coding::Brotli)];
        for (wire, coding) in whole {
            for wire in [&wire[..wire.len() - 4], &wire[..1], TEXT.as_bytes()] {
                assert!(matches!(decode_now(wire, coding, 1 << 20), Err(Problem::Undecodable(_))), "{coding:?}");
            }
        }
    }

    #[test]
    fn b29_a_bomb_is_cut_at_the_limit_in_every_coding() {
        let plain = vec![b'a'; 4_000_000];
        let zstd = zstd::encode_all(plain.as_slice(), 3).expect("memory takes all");
        let bombs = [(gzip(&plain), Coding::Gzip), (zstd, Coding::Zstd), (BOMB_IN_BROTLI.to_vec(), Coding::Brotli)];
        for (bomb, coding) in bombs {
            assert!(bomb.len() * 900 < plain.len(), "{coding:?}: {} bytes", bomb.len());
            let problem = decode_now(&bomb, coding, 1 << 20).expect_err("a refusal");
            assert!(matches!(problem, Problem::TooLarge { .. }), "{coding:?}: {problem}");
        }
    }

    #[test]
    fn what_fills_the_limit_exactly_is_taken() {
        let plain = vec![b'a'; 1 << 16];
        assert_eq!(decode_now(&gzip(&plain), Coding::Gzip, plain.len()).expect("decoded"), plain);
        assert!(decode_now(&gzip(&plain), Coding::Gzip, plain.len() - 1).is_err());
    }
}
