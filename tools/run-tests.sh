#!/bin/sh
# run-tests.sh TEST... - runs test programs and scripts, one line each, and sums their cases.
#
# A test speaks TAP: "ok 1 - name", "not ok 2 - name", "ok 3 # SKIP", and the plan "1..N".
# Programs get it from cmocka, scripts from test/support/tap.sh. Of a failing test the output is
# shown, without the cases that passed. A test that ends by a signal, by the time limit, with a failure status but no
# failed case, or before all cases of its plan counts as one more failure.
# JOBS tests run at a time: by default as many as there are processors.
# The last line is "N passed, N failed, N skipped"; the exit status is 1 when one failed.
set -u
LIMIT_S=${LIMIT_S:-300}
JOBS=${JOBS:-$(nproc)}
CMOCKA_MESSAGE_OUTPUT=TAP
export LIMIT_S CMOCKA_MESSAGE_OUTPUT

# count PATTERN : lines of the log that match
count() {
    grep -cE "$1" "$log"
}

# one TEST : runs it; the last line is "passed failed skipped"
one() {
    started=$(date +%s.%N)
    timeout -k 5 "$LIMIT_S" "$1" >"$log" 2>&1
    status=$?
    seconds=$(echo "$started $(date +%s.%N)" | awk '{ printf "%.1f", $2 - $1 }')

    # cmocka 1.1 writes a skipped case as "not ok 3 # SKIP name".
    skip=$(count '^(not )?ok [0-9]* *(- .*)?# SKIP')
    ok=$(grep -E '^ok ' "$log" | grep -cv '# SKIP')
    not_ok=$(grep -E '^not ok ' "$log" | grep -cv '# SKIP')
    planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')

    why=
    if [ $status = 124 ] || [ $status = 137 ]; then
        why="stopped after $LIMIT_S s"
    elif [ $status -gt 128 ]; then
        why="died of signal $((status - 128))"
    elif [ $((ok + not_ok + skip)) = 0 ]; then
        why="reported no cases (exit $status)"
    elif [ $((ok + not_ok + skip)) -ne "$planned" ]; then
        why="planned $planned cases, reported $((ok + not_ok + skip))"
    elif [ $status != 0 ] && [ "$not_ok" = 0 ]; then
        why="ended with exit status $status"
    fi
    [ -n "$why" ] && not_ok=$((not_ok + 1))

    verdict=ok
    [ "$not_ok" -gt 0 ] && verdict=FAIL
    printf '%-4s %-44s %4d passed' "$verdict" "${1#"${BUILD:-build}"/}" "$ok"
    [ "$not_ok" -gt 0 ] && printf ', %d failed' "$not_ok"
    [ "$skip" -gt 0 ] && printf ', %d skipped' "$skip"
    printf '  (%s s)%s\n' "$seconds" "${why:+  $why}"
    if [ "$not_ok" -gt 0 ]; then
        grep -vE '^ok ' "$log" | sed 's/^/    /'
    elif [ "$skip" -gt 0 ]; then
        grep -B1 '# SKIP' "$log" | grep -vE '^(ok|--)' | sed 's/^/    /'
    fi
    echo "$ok $not_ok $skip"
}

# --one SUMS TEST, as one of several: its lines come together, its counts go to the file SUMS.
if [ "${1:-}" = --one ]; then
    log=$(mktemp) || exit
    told=$(mktemp) || exit
    trap 'rm -f "$log" "$told"' EXIT
    one "$3" >"$told"
    sed '$d' "$told"
    tail -n 1 "$told" >>"$2"
    exit
fi

sums=$(mktemp) || exit
trap 'rm -f "$sums"' EXIT
trap 'exit 130' INT TERM
[ $# -gt 0 ] && printf '%s\0' "$@" | xargs -0 -n 1 -P "$JOBS" "$0" --one "$sums"
# A test that was not counted has failed: its runner died.
awk -v n=$# '{ p += $1; f += $2; s += $3 }
    END { f += n - NR; printf "%d passed, %d failed, %d skipped\n", p, f, s; exit !(f == 0 && n > 0) }' "$sums"
