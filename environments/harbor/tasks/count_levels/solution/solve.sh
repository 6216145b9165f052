#!/bin/bash
cat logs/*.log | grep -v '^ ' | awk '{ count[$3]++ } END { for (level in count) print level, count[level] }' \
    | LC_ALL=C sort -k 2,2nr -k 1,1 > report.txt
