#!/bin/bash
export LC_ALL=C
: > renamed.tsv
declare -A taken
for path in scans/*; do
    old=${path#scans/}
    stem=${old%.*} ending=${old##*.}
    stem=$(printf %s "$stem" | tr 'A-Z' 'a-z' | tr -s ' _' '-')
    ending=${ending,,}
    new=$stem.$ending number=1
    while [ -n "${taken[$new]}" ]; do
        number=$((number + 1))
        new=$stem-$number.$ending
    done
    taken[$new]=1
    mkdir -p .new && mv "$path" ".new/$new"
    [ "$old" = "$new" ] || printf '%s\t%s\n' "$old" "$new" >> renamed.tsv
done
rmdir scans && mv .new scans
