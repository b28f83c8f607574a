#!/bin/sh
# run-tests.sh TEST... - runs test programs and scripts, one line each, and sums their cases.
#
# A test speaks TAP: "ok 1 - name", "not ok 2 - name", "ok 3 # SKIP", and the plan "1..N".
# Programs get it from cmocka, scripts from test/support/tap.sh. Of a failing test the output is
# shown, without the cases that passed. A test that ends by a signal, by the time limit, with a failure status but no
# failed case, or before all cases of its plan counts as one more failure.
# The last line is "N passed, N failed, N skipped"; the exit status is 1 when one failed.
set -u
LIMIT_S=${LIMIT_S:-300}
CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT

log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 skipped=0

count() { # count PATTERN : lines of the log that match
    grep -cE "$1" "$log"
}

for t; do
    started=$(date +%s.%N)
    timeout -k 5 "$LIMIT_S" "$t" >"$log" 2>&1
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
    printf '%-4s %-44s %4d passed' "$verdict" "${t#"${BUILD:-build}"/}" "$ok"
    [ "$not_ok" -gt 0 ] && printf ', %d failed' "$not_ok"
    [ "$skip" -gt 0 ] && printf ', %d skipped' "$skip"
    printf '  (%s s)%s\n' "$seconds" "${why:+  $why}"
    if [ "$not_ok" -gt 0 ]; then
        grep -vE '^ok ' "$log" | sed 's/^/    /'
    elif [ "$skip" -gt 0 ]; then
        grep -B1 '# SKIP' "$log" | grep -vE '^(ok|--)' | sed 's/^/    /'
    fi
    passed=$((passed + ok)) failed=$((failed + not_ok)) skipped=$((skipped + skip))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $# -gt 0 ]
