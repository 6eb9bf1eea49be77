#!/bin/sh
# newsboat: reloads every feed, with as many threads as it likes to have, and keeps all in its cache.
set -eu
urls=$1 folder=$2
export HOME="$folder"
cat > "$folder/config" <<END
reload-threads 16
suppress-first-reload yes
max-items 0
END
newsboat -q -C "$folder/config" -u "$urls" -c "$folder/cache.db" -x reload print-unread | sed -n 's/^\([0-9]*\) .*/\1/p'
