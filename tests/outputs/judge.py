"""Prints what the W3C feed validator says at level AA of the Atom and RSS files in a folder.

Some warnings are not for us but for the publisher, whose ids we may not change (RFC 4287 4.2.6): an
id that is not written canonically, a scheme that is not registered, and letters that an IRI may have
and a URI may not.
"""

import os
import sys

import feedvalidator
from feedvalidator import compatibility, logging

TYPES = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8"}
THEIRS = {"NonCanonicalURI", "SchemeNotIANARegistered", "UriNotIri"}

for name in sorted(os.listdir(sys.argv[1])):
    media_type = TYPES.get(name.rsplit(".", 1)[-1])
    if not media_type:
        continue
    with open(os.path.join(sys.argv[1], name), "rb") as document:
        try:
            base = "https://feeds.example.org/feeds/" + name
            events = feedvalidator.validateStream(document, contentType=media_type, base=base)["loggedEvents"]
        except logging.ValidationFailure as failure:
            events = [failure.event]
    for event in compatibility.AA(events):
        kind, where = type(event).__name__, event.params
        if kind in THEIRS and where.get("parent") in ("entry", "source") and where.get("element") == "id":
            continue
        print(name, kind, {key: str(value)[:200] for key, value in where.items() if not key.startswith("backup")})
