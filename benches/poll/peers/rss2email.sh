#!/bin/sh
# rss2email: reads every feed and makes a mail of every new entry, but sends none.
set -eu
urls=$1 folder=$2
export HOME="$folder"
if [ ! -e "$folder/config" ]; then
  {
    printf '[DEFAULT]\nfrom = reader@example.invalid\nto = reader@example.invalid\n'
    awk '{ print "[feed.feed-" NR "]\nurl = " $0 }' "$urls"
  } > "$folder/config"
fi
r2e -c "$folder/config" -d "$folder/data" run --no-send
grep -o '"hash"' "$folder/data" | wc -l
