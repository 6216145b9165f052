#!/bin/bash
# 1 when report.txt is exactly what is expected, else 0.
if cmp -s report.txt /tests/expected.txt; then
    echo 1 > /logs/verifier/reward.txt
else
    echo "report.txt is missing or wrong"
    echo 0 > /logs/verifier/reward.txt
fi
