#!/bin/bash
# Two criteria of equal weight: the files have their new names and old content, and the list is right.
files=1
[ "$(ls -A scans | wc -l)" -eq 6 ] || files=0
[ "$(cat scans/map.png 2>/dev/null)" = "content of map.png" ] || files=0
while IFS=$'\t' read -r old new; do
    [ "$(cat "scans/$new" 2>/dev/null)" = "content of $old" ] || { echo "scans/$new is not $old"; files=0; }
done < /tests/expected.tsv
list=0
cmp -s renamed.tsv /tests/expected.tsv && list=1
printf '{"files": %d, "list": %d}\n' "$files" "$list" > /logs/verifier/reward.json
