//! A Rust source as `tests/tidy.rs` sees it: what its code names, without comments, literals and
//! tests. Knows as much of the grammar as that takes, and no more.

/// One file.
pub struct Source {
    /// From the repository's root, with slashes: `src/ingest/parse.rs`.
    pub path: String,
    /// As written.
    pub text: String,
    /// Of the same length, with spaces for comments, literals and what is compiled for tests alone.
    code: String,
    /// Modules that are declared for tests alone and live in files of their own.
    pub test_modules: Vec<String>,
}

/// Something that the code names: `crate::feed::Entry`, `std::fs`, or a single word.
pub struct Named {
    /// Counted from 1.
    pub line: usize,
    /// The parts between the double colons.
    pub parts: Vec<String>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (code, test_modules) = without_tests(without_comments_and_literals(text));
        Self { path: path.to_owned(), text: text.to_owned(), code, test_modules }
    }

    /// Everything that is named, with `a::{b, c}` as `a::b` and `a::c`, in order.
    pub fn named(&self) -> Vec<Named> {
        let mut reader = Reader { code: self.code.as_bytes(), position: 0, found: Vec::new() };
        while reader.position < reader.code.len() {
            if reader.is_at_word() && !reader.is_within_path() {
                reader.read_path(&[]);
            } else {
                reader.skip_one();
            }
        }
        let ends: Vec<usize> = self.code.match_indices('\n').map(|(offset, _)| offset).collect();
        let line = |offset: usize| 1 + ends.partition_point(|end| *end < offset);
        reader.found.into_iter().map(|(offset, parts)| Named { line: line(offset), parts }).collect()
    }
}

struct Reader<'a> {
    code: &'a [u8],
    position: usize,
    found: Vec<(usize, Vec<String>)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.code.get(self.position).copied()
    }

    fn is_at_word(&self) -> bool {
        self.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    }

    /// After a dot or a colon pair that belongs to something before it: `x.field`, `<T as X>::name`.
    fn is_within_path(&self) -> bool {
        let before = self.code[..self.position].trim_ascii_end();
        match before.strip_suffix(b"::") {
            Some(before) => before.trim_ascii_end().last().is_some_and(|byte| is_of_word(*byte) || *byte == b'>'),
            None => before.ends_with(b".") && !before.ends_with(b".."),
        }
    }

    /// One character, or a whole word or number: a word's middle is no beginning.
    fn skip_one(&mut self) {
        let is_word = self.peek().is_some_and(is_of_word);
        self.position += 1;
        while is_word && self.peek().is_some_and(is_of_word) {
            self.position += 1;
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.position += 1;
        }
    }

    fn word(&mut self) -> String {
        let start = self.position;
        self.skip_one();
        String::from_utf8_lossy(&self.code[start..self.position]).into_owned()
    }

    fn read_path(&mut self, before: &[String]) {
        let mut parts = before.to_vec();
        let start = self.position;
        loop {
            parts.push(self.word());
            let end = self.position;
            self.skip_space();
            if !self.code[self.position..].starts_with(b"::") {
                self.position = end;
                break;
            }
            self.position += 2;
            self.skip_space();
            match self.peek() {
                Some(b'{') => return self.read_group(&parts),
                Some(b'*') => {}
                _ if self.is_at_word() => {}
                _ => break,
            }
        }
        self.found.push((start, parts));
    }

    fn read_group(&mut self, before: &[String]) {
        self.position += 1;
        loop {
            self.skip_space();
            match self.peek() {
                None => return,
                Some(b'}') => {
                    self.position += 1;
                    return;
                }
                Some(b',') => self.position += 1,
                _ if self.code[self.position..].starts_with(b"as ") => {
                    self.word();
                    self.skip_space();
                    self.word();
                }
                _ => self.read_path(before),
            }
        }
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn without_comments_and_literals(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(text.len());
    let mut position = 0;
    while position < text.len() {
        let rest = &text[position..];
        let is_in_word = position > 0 && is_of_word(bytes[position - 1]);
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment_length(rest)
        } else if let Some(length) = raw_string_length(rest).filter(|_| !is_in_word) {
            length
        } else if rest.starts_with('"') {
            quoted_length(rest, '"')
        } else if is_character(rest) {
            quoted_length(rest, '\'')
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            code.push_str(&rest[..length]);
            position += length;
            continue;
        };
        code.push_str(&blank(&rest[..length]));
        position += length;
    }
    code
}

fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

fn comment_length(rest: &str) -> usize {
    let mut depth = 0;
    let mut position = 0;
    while position < rest.len() {
        match rest.as_bytes()[position..] {
            [b'/', b'*', ..] => (depth, position) = (depth + 1, position + 2),
            [b'*', b'/', ..] => (depth, position) = (depth - 1, position + 2),
            _ => position += 1,
        }
        if depth == 0 {
            break;
        }
    }
    position
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let is_prefix = |prefix: &&str| rest.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with(['#', '"']));
    let prefix = ["r", "br", "cr"].into_iter().find(is_prefix)?;
    let fence = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let start = prefix.len() + fence + 1;
    // `r#type` is a name.
    rest[..start].ends_with('"').then_some(())?;
    let end = format!("\"{}", "#".repeat(fence));
    Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn is_character(rest: &str) -> bool {
    let mut characters = rest.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some('\''), Some('\\'), Some(_)) => true,
        (Some('\''), Some(_), Some(end)) => end == '\'',
        _ => false,
    }
}

fn without_tests(mut code: String) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut modules = Vec::new();
    while let Some(start) = code.find(MARK) {
        let item = &code[start..];
        let end = item.find(['{', ';']).map_or(item.len(), |at| match item[at..].starts_with('{') {
            true => at + braces_length(&item[at..]),
            false => at + 1,
        });
        if let Some((_, name)) = item[..end].strip_suffix(';').and_then(|item| item.rsplit_once("mod ")) {
            modules.push(name.trim().to_owned());
        }
        code.replace_range(start..start + end, &blank(&code[start..start + end]));
    }
    (code, modules)
}

fn braces_length(rest: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}
