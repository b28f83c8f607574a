#!/bin/sh
# run-fuzz.sh SECONDS TARGET... - runs each fuzz target over its seeds in fuzz/corpus/NAME/.
#
# Prints one line per target; the log of a failing one is shown. New inputs and crashes stay
# beside the target, so that the next run goes on from there. Exit status 1 when one failed.
set -u
seconds=$1
shift
status=0
for target; do
    name=$(basename "$target")
    found=$target.corpus
    seeds=fuzz/corpus/$name
    mkdir -p "$found"
    [ -d "$seeds" ] || seeds=
    if "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -verbosity=1 \
        -print_final_stats=1 -artifact_prefix="$target." "$found" $seeds >"$target.log" 2>&1
    then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log")
        echo "ok   fuzz/$name: $runs runs in $seconds s"
    else
        echo "FAIL fuzz/$name"
        tail -n 60 "$target.log" | sed 's/^/    /'
        status=1
    fi
done
exit $status
