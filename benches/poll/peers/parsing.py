"""feedparser: fetches and parses every feed, 16 at once, and remembers ETags and ids."""

import json
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

import feedparser

urls, folder = sys.argv[1:]
state = pathlib.Path(folder, "state.json")
known = json.loads(state.read_text()) if state.exists() else {}


def read(url):
    etag, ids = known.get(url, (None, []))
    feed = feedparser.parse(url, etag=etag)
    if feed.get("status") == 304:
        return url, (etag, ids)
    return url, (feed.get("etag"), sorted({*ids, *(entry.id for entry in feed.entries)}))


with ThreadPoolExecutor(16) as pool:
    known = dict(pool.map(read, open(urls).read().split()))
state.write_text(json.dumps(known))
print(sum(len(ids) for _, ids in known.values()))
