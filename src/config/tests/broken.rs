//! What a broken file is told, fault by fault.

use super::Desk;

/// Each broken file and what is said of it, less the leading `feeds.toml:`.
const BROKEN: &[(&str, &str)] = &[
    // TOML itself.
    ("title = \"x", "1:11: not TOML: invalid basic string, expected `\"`"),
    ("title = x", "1:9: not TOML: string values must be quoted, expected literal string"),
    ("[server", "1:8: not TOML: unclosed table, expected `]`"),
    ("title = \"a\"\ntitle = \"b\"", "2:1: not TOML: duplicate key \"title\""),
    (
        "feeds = [\"https://a.example/\"\ntitle = \"x\"",
        "2:1: not TOML: missing comma between array elements, expected `,`",
    ),
    ("= 1", "1:1: not TOML: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"),
    ("[[feed]]\nurl = \"https://a.example/\"\n[feed]\n", "3:2: not TOML: duplicate key \"feed\""),
    // Keys.
    ("titel = \"x\"", "1:1: unknown key \"titel\", did you mean \"title\"?"),
    (
        "zzz = 1",
        "1:1: unknown key \"zzz\", the top of the file knows title, base_url, contact, include, server, store, defaults, feeds, feed, host, words, topic, output",
    ),
    ("[server]\nport = 1", "2:1: unknown key \"port\", [server] knows listen"),
    ("[[feed]]\nurl = \"https://a.example/\"\ntag = [\"x\"]", "3:1: unknown key \"tag\", did you mean \"tags\"?"),
    (
        "[[topic]]\nid = \"x\"\nenuogh = [\"a\"]\nenough = [\"b\"]",
        "3:1: unknown key \"enuogh\", did you mean \"enough\"?",
    ),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"b\"]\nweights = 3",
        "4:1: unknown key \"weights\", [[topic]] knows id, title, enough, unless, never, together, points, threshold, title_times, near, fields, languages, in, feeds, example",
    ),
    (
        "[defaults]\nurl = \"https://a.example/\"",
        "2:1: unknown key \"url\", [defaults] knows title, lang, enabled, every, keep, allow_private, headers, priority, tags",
    ),
    // Kinds.
    ("title = 1", "1:9: title: expected text in quotes, found a number"),
    ("title = \"\"", "1:9: title: must not be empty"),
    ("feeds = \"https://a.example/\"", "1:9: feeds: expected a list, write [\"https://a.example/\"]"),
    (
        "feeds = [1, true, [\"x\"]]",
        "1:10: feeds: expected text in quotes, found a number\n\
         1:13: feeds: expected text in quotes, found true or false\n\
         1:19: feeds: expected text in quotes, found a list",
    ),
    ("server = 1", "1:10: server: expected a table, found a number"),
    ("[[server]]\nlisten = \"127.0.0.1:1\"", "1:3: server: write [server] with one bracket on each side"),
    ("[[title]]\nx = 1", "1:1: title: expected text in quotes, found a list of tables"),
    (
        "[[feeds]]\nurl = \"https://a.example/\"",
        "1:3: feeds: write [[feed]], or a list: feeds = [\"https://example.org/feed.xml\"]",
    ),
    ("[feed]\nurl = \"https://a.example/\"", "1:2: feed: write [[feed]] with two brackets on each side"),
    ("[[feed]]\nurl = \"https://a.example/\"\nenabled = \"yes\"", "3:11: enabled: expected true or false, found text"),
    ("[words]\nplaces = [\"x\"]", "2:10: places: expected a table, found a list"),
    // Addresses.
    ("feeds = [\"balkaninsight.com/feed\"]", "1:10: url: must begin with https:// or http://"),
    ("feeds = [\"ftp://a.example/\"]", "1:10: url: only http and https are polled, not ftp"),
    (
        "feeds = [\"https://me:pw@a.example/\"]",
        "1:10: url: a name or password does not belong in a url, write headers = { Authorization = { env = \"NAME\" } }",
    ),
    ("feeds = [\"https://\"]", "1:10: url: not an address: empty host"),
    ("feeds = [\"https://a.example/x\", \"https://A.example:443/x#y\"]", "1:33: this url is already at 1:10"),
    ("base_url = \"feeds.example.org\"", "1:12: base_url: write it as \"https://feeds.example.org/\""),
    ("base_url = \"https://me:pw@a.example/\"", "1:12: base_url: write it as \"https://feeds.example.org/\""),
    (
        "contact = \"desk@example.org\"",
        "1:11: contact: write \"mailto:you@example.org\" or \"https://example.org/about\"",
    ),
    ("[server]\nlisten = \"8080\"", "2:10: listen: \"8080\" is not an address and a port, write \"127.0.0.1:8080\""),
    (
        "[[host]]\nmatch = \"https://a.example/\"",
        "2:9: match: \"https://a.example/\" is not a host like \"example.org\" or \"*.example.org\"",
    ),
    (
        "[[host]]\nmatch = \"a.example:8080\"",
        "2:9: match: \"a.example:8080\" is not a host like \"example.org\" or \"*.example.org\"",
    ),
    ("[[host]]\nmatch = \"*\"", "2:9: match: \"*\" is not a host like \"example.org\" or \"*.example.org\""),
    ("[[host]]\nspacing = \"1s\"", "1:1: [[host]] needs the key \"match\""),
    // Durations.
    ("[defaults]\nevery = 30", "2:9: every: 30 needs a unit, write \"30m\""),
    ("[defaults]\nkeep = 90", "2:8: keep: 90 needs a unit, write \"90d\""),
    ("[defaults]\nevery = \"30\"", "2:9: every: 30 needs a unit, write \"30m\""),
    (
        "[defaults]\nevery = \"half an hour\"",
        "2:9: every: \"half an hour\" is not a duration, write a number and s, m, h, d or w, as in \"1m\"",
    ),
    ("[defaults]\nevery = \"30s\"", "2:9: every: 30s is too short, the least is 1m"),
    ("[defaults]\nevery = true", "2:9: every: expected text in quotes, found true or false"),
    ("[[host]]\nmatch = \"a.example\"\nspacing = 2", "3:11: spacing: 2 needs a unit, write \"2s\""),
    // Ids, tags, languages, headers.
    ("[[feed]]\nid = \"a\"", "1:1: [[feed]] needs the key \"url\""),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nid = \"Balkan Insight\"",
        "3:6: id: \"Balkan Insight\" may hold only a-z, 0-9 and single -, write \"balkan-insight\"",
    ),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nid = \"vijesti-č\"",
        "3:6: id: \"vijesti-č\" may hold only a-z, 0-9 and single -",
    ),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nid = \"a\"\n[[feed]]\nurl = \"https://b.example/\"\nid = \"a\"",
        "6:6: id: \"a\" is already taken at 3:6",
    ),
    (
        "[[feed]]\nurl = \"https://a.example/\"\ntags = [\"two words\"]",
        "3:9: tags: \"two words\" may hold only a-z, 0-9 and single -, write \"two-words\"",
    ),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nlang = \"english\"",
        "3:8: lang: \"english\" is not a language tag like \"en\" or \"sr-Latn\"",
    ),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nheaders = { \"a b\" = \"x\", Host = \"x\", X = \"a\\nb\" }",
        "3:13: headers: \"a b\" is no header name\n\
         3:26: headers: Host is set by glasnik itself\n\
         3:42: X: a header holds one line of plain ASCII",
    ),
    // Secrets.
    ("[[feed]]\nurl = { env = \"NOT_SET\" }", "2:7: url: the environment variable NOT_SET is not set"),
    ("[[feed]]\nurl = { env = \"EMPTY\" }", "2:7: url: the environment variable EMPTY is empty"),
    ("[[feed]]\nurl = { file = \"gone\" }", "2:7: url: gone: no such file"),
    (
        "[[feed]]\nurl = { enw = \"TOKEN\" }",
        "2:7: url: expected text in quotes, { env = \"NAME\" } or { file = \"path\" }",
    ),
    ("[[feed]]\nurl = { env = \"TOKEN\" }", "2:7: url: must begin with https:// or http://"),
    (
        "[[feed]]\nurl = \"https://a.example/\"\nid = { env = \"TOKEN\" }\nlang = { env = \"TOKEN\" }",
        "4:8: lang: this secret is not a language tag like \"en\" or \"sr-Latn\"",
    ),
    // Not supported yet.
    (
        "[store]\nurl = { env = \"DATABASE_URL\" }",
        "2:1: url: PostgreSQL is not supported yet, write path = \"glasnik.db\"",
    ),
    (
        "[[opml]]\nurl = \"https://example.org/blogroll.opml\"",
        "1:3: opml: reading lists are not supported yet, use `glasnik import FILE.opml`",
    ),
    (
        "[[output]]\nid = \"o\"\ncollapse = \"events\"",
        "3:12: collapse: \"events\" is none of none, duplicates, stories",
    ),
    // Rules.
    (
        "[words.w]\nexcept = [\"a\"]\nexept = [\"b\"]\nEnglish = [\"c\"]",
        "3:1: exept: not a language like \"en\" or \"hbs\", did you mean \"except\"?\n\
         4:1: English: not a language like \"en\" or \"hbs\"",
    ),
    (
        "[words.w]\nen = [\"a\", 2, \"\"]",
        "2:12: en: expected text in quotes, found a number\n\
         2:15: en: must not be empty",
    ),
    ("[[topic]]\nenough = [\"a\"]", "1:1: [[topic]] needs the key \"id\""),
    ("[[topic]]\nid = \"x\"", "1:1: the topic \"x\" can never match, give it \"enough\", \"together\" or \"points\""),
    ("[[topic]]\nid = \"x\"\nenough = \"a\"", "3:10: enough: expected a list, write [\"a\"]"),
    (
        "[[topic]]\nid = \"x\"\ntogether = [\"a\", [], [1], 2]",
        "3:18: together: an empty list can never be found\n\
         3:23: together: expected text in quotes, found a number\n\
         3:27: together: expected text in quotes, found a number",
    ),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"a\"]\nfields = [\"titel\"]",
        "4:11: fields: \"titel\" is none of title, summary, content, categories",
    ),
    (
        "[[topic]]\nid = \"x\"\npoints = { \"@a\" = 0, b = \"2\" }\nthreshold = 1001\ntitle_time = 2",
        "3:19: @a: 0 is not between 1 and 1000\n\
         3:26: b: expected a whole number, found text\n\
         4:13: threshold: 1001 is not between 1 and 1000\n\
         5:1: unknown key \"title_time\", did you mean \"title_times\"?",
    ),
    ("[[topic]]\nid = \"x\"\npoints = { a = 1 }", "3:1: points: say how many of them tag, as in threshold = 5"),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"a\"]\nthreshold = 5",
        "4:1: threshold: there are no points to count, as in points = { \"@name\" = 2 }",
    ),
    ("[[topic]]\nid = \"x\"\npoints = [\"a\"]\nthreshold = 5", "3:10: points: expected a table, found a list"),
    ("[[topic]]\nid = \"x\"\nenough = [\"a\"]\nnear = 0", "4:8: near: 0 is not between 1 and 1000"),
    ("[[topic]]\nid = \"x\"\nenough = [\"a\"]\nin = \"y\"", "4:6: in: unknown topic \"y\""),
    ("[[topic]]\nid = \"one\"\nenough = [\"a\"]\nin = \"onne\"", "4:6: in: unknown topic \"onne\""),
    (
        "[[topic]]\nid = \"x\"\nin = \"y\"\nenough = [\"a\"]\n[[topic]]\nid = \"y\"\nin = \"x\"",
        "3:6: in: \"x\" would be within itself\n\
         7:6: in: \"y\" would be within itself",
    ),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"a\"]\n[[topic.example]]\nwant = true",
        "4:1: [[topic.example]] needs the key \"text\"",
    ),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"a\"]\nlanguages = [\"serbian\"]",
        "4:14: languages: \"serbian\" is not a language tag like \"en\" or \"sr-Latn\"",
    ),
    // Names.
    (
        "[[feed]]\nurl = \"https://a.example/\"\nid = \"balkan-insight\"\ntags = [\"regional\"]\n[[output]]\nid = \"o\"\nfeeds = [\"balkan-insigt\", \"tag:regonal\", \"regional\", \"!other\"]",
        "7:10: feeds: unknown feed \"balkan-insigt\", did you mean \"balkan-insight\"?\n\
         7:27: feeds: no feed has the tag \"regonal\", did you mean \"regional\"?\n\
         7:42: feeds: unknown feed \"regional\", did you mean \"tag:regional\"?\n\
         7:54: feeds: unknown feed \"other\"",
    ),
    (
        "feeds = [\"https://a.example/\"]\n[[output]]\nid = \"o\"\nfeeds = [\"a-example\", \"!a-example\"]",
        "4:10: feeds: this leaves no feed",
    ),
    (
        "[[topic]]\nid = \"energy\"\nenough = [\"a\"]\n[[output]]\nid = \"o\"\ntopics = [\"enery\"]",
        "6:11: topics: unknown topic \"enery\", did you mean \"energy\"?",
    ),
    ("[[output]]\nid = \"o\"\ntopics = []", "3:1: topics: an empty list, leave the key out for all of them"),
    ("[[output]]\nid = \"o\"\ntopics = [1]", "3:11: topics: expected text in quotes, found a number"),
    ("[[output]]\nid = \"o\"\nlanguages = []", "3:1: languages: an empty list, leave the key out for all of them"),
    (
        "[[topic]]\nid = \"x\"\nenough = [\"a\"]\nfeeds = []\nfields = []",
        "4:1: feeds: an empty list, leave the key out for all of them\n\
         5:1: fields: an empty list, leave the key out for title, summary and categories",
    ),
    ("[[output]]\nid = \"o\"\n[[output]]\nid = \"o\"", "4:6: id: the output \"o\" is already at 2:6"),
    (
        "[[topic]]\nid = \"health\"\nenough = [\"a\"]\n[[topic]]\nid = \"all\"\nenough = [\"a\"]",
        "2:6: id: \"health\" is taken by a page of glasnik's own: take another id, or write an [[output]] for the topic\n\
         5:6: id: \"all\" is taken by the output of all entries: take another id, or write an [[output]] for the topic",
    ),
    ("[[output]]\nid = \"health\"", "2:6: id: \"health\" is taken by a page of glasnik's own"),
    ("[[output]]\nid = \"o\"\nitems = 0", "3:9: items: 0 is not between 1 and 1000"),
    ("[[output]]\nid = \"o\"\nat_least = 24", "3:12: at_least: 24 needs a unit, write \"24h\""),
    (
        "[[output]]\nid = \"o\"\naliases = [\"O o\", \"all\", \"o\", \"health\", \"p\", \"p\"]",
        "3:12: aliases: \"O o\" may hold only a-z, 0-9 and single -, write \"o-o\"\n\
         3:19: aliases: \"all\" is the id of an output, which keeps its address\n\
         3:26: aliases: \"o\" is the id of an output, which keeps its address\n\
         3:31: aliases: \"health\" is taken by a page of glasnik's own\n\
         3:46: aliases: \"p\" is already an alias at 3:41",
    ),
    ("[[output]]\nid = \"o\"\nitems = \"ten\"", "3:9: items: expected a whole number, found text"),
    ("[[output]]\nid = \"o\"\ncontent = \"fulll\"", "3:11: content: \"fulll\" is none of full, summary, title"),
];

#[test]
fn a_broken_file_is_explained() {
    for (text, expected) in BROKEN {
        let complaints = Desk::new(&[("feeds.toml", text)]).complaints();
        let complaints = complaints.replace("feeds.toml:", "");
        assert_eq!(complaints, *expected, "{text}");
    }
}
