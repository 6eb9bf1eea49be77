#!/bin/sh
# sfeed_update: a shell, curl and a small parser for each feed, 16 at once; ETags as its page advises.
set -eu
urls=$1 folder=$2
mkdir -p "$folder/etags"
{
  echo "sfeedpath=$folder/feeds maxjobs=16"
  # shellcheck disable=SC2016 # it is the other script that expands these
  echo 'fetch() { curl -L --max-redirs 0 --compressed -f -s -m 15 --etag-save "'"$folder"'/etags/$1" --etag-compare "'"$folder"'/etags/$1" "$2"; }'
  echo "feeds() {"
  awk '{ print "feed feed-" NR " " $0 }' "$urls"
  echo "}"
} > "$folder/sfeedrc"
sfeed_update "$folder/sfeedrc" > /dev/null
cat "$folder"/feeds/* | wc -l
