"""reader: subscribes to every feed and updates, 16 at once, into its own SQLite."""

import sys

import reader

urls, folder = sys.argv[1:]
library = reader.make_reader(f"{folder}/reader.sqlite")
for url in open(urls).read().split():
    library.add_feed(url, exist_ok=True)
for _ in library.update_feeds_iter(scheduled=False, workers=16):
    pass
print(library.get_entry_counts().total)
