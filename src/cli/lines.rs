//! Lines of a file or of stdin, one at a time and none too long for memory.

use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

/// Three texts of 1 MiB, the most that is looked at of each, with every letter written as `\u0416`;
/// a line that is longer is no item, but a file that was meant for something else.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The lines of `file` with their numbers, or those of stdin for `-`; without those that are blank.
/// Errors say which line it was.
pub(super) fn of(file: &str) -> Result<impl Iterator<Item = Result<(usize, String)>>> {
    let from: Box<dyn BufRead> = match file {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(BufReader::new(File::open(path).with_context(|| path.to_owned())?)),
    };
    Ok(within(from, LINE_BYTES_MAX))
}

fn within(mut from: impl BufRead, bytes_max: usize) -> impl Iterator<Item = Result<(usize, String)>> {
    let numbered = (1..).map_while(move |number| {
        let line = next(&mut from, bytes_max).with_context(|| format!("line {number}")).transpose()?;
        Some(line.map(|line| (number, line)))
    });
    numbered.filter(|line| line.as_ref().is_err() || line.as_ref().is_ok_and(|(_, line)| !line.trim().is_empty()))
}

fn next(from: &mut impl BufRead, bytes_max: usize) -> Result<Option<String>> {
    let mut line = Vec::new();
    // One more for the end of the line, and one to see that it is too long.
    from.take(bytes_max as u64 + 2).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    ensure!(line.len() <= bytes_max, "longer than {} MiB, which no item is", bytes_max >> 20);
    Ok(Some(String::from_utf8(line).context("not UTF-8")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of lines of at most one mebibyte, the first letters of each.
    fn check(text: &[u8], expected: &[(usize, &str)], error: &str) {
        let (mut found, mut wrong) = (Vec::new(), String::new());
        for line in within(text, 1 << 20) {
            match line {
                Ok((number, line)) => found.push((number, line.chars().take(4).collect::<String>())),
                Err(error) => {
                    wrong = format!("{error:#}");
                    break;
                }
            }
        }
        let found: Vec<(usize, &str)> = found.iter().map(|(number, line)| (*number, line.as_str())).collect();
        assert_eq!((found.as_slice(), wrong.as_str()), (expected, error));
    }

    #[test]
    fn lines_keep_their_numbers_when_blank_ones_are_left_out() {
        check("a\n\n  \nč\r\nlast".as_bytes(), &[(1, "a"), (4, "č\r"), (5, "last")], "");
        check(b"", &[], "");
    }

    #[test]
    fn the_longest_line_is_read_and_one_byte_more_is_refused() {
        let longest = "x".repeat(1 << 20);
        let (lines, end) = (format!("{longest}\n{longest}"), "line 2: longer than 1 MiB, which no item is");
        check(lines.as_bytes(), &[(1, "xxxx"), (2, "xxxx")], "");
        check(format!("{lines}x").as_bytes(), &[(1, "xxxx")], end);
        check(format!("{lines}x\nand more").as_bytes(), &[(1, "xxxx")], end);
        check(format!("{lines}xx\nand more").as_bytes(), &[(1, "xxxx")], end);
    }

    #[test]
    fn a_line_that_is_no_text_is_refused_by_its_number() {
        check(b"a\n\xff\n", &[(1, "a")], "line 2: not UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
    }
}
