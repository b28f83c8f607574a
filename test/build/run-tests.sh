#!/bin/sh
# tools/run-tests.sh counts what it runs and cannot be fooled by a test that dies.
set -u
. test/support/tap.sh

dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT

fake() { # fake NAME SCRIPT : a test program
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1"
    chmod +x "$dir/$1"
}
run() { # run NAME... : the runner's words and exit status
    (cd "$dir" && LIMIT_S=1 "$runner" "$@" 2>&1)
    echo "exit $?"
}
runner=$PWD/tools/run-tests.sh

fake good 'echo "1..2"; echo "ok 1 - a"; echo "ok 2 - b"'
fake skips 'echo "1..2"; echo "ok 1 - a"; echo "no clips"; echo "not ok 2 # SKIP b"'
fake bad 'echo "1..2"; echo "ok 1 - a"; echo "not ok 2 - b"; echo "1 is not 2"; exit 1'
fake silent 'exit 0'
fake dies 'echo "1..2"; echo "ok 1 - a"; kill -SEGV $$'
fake stops 'echo "1..2"; echo "ok 1 - a"'
fake hangs 'echo "1..1"; echo "ok 1 - a"; sleep 30'
fake lies 'echo "1..1"; echo "ok 1 - a"; exit 3'

case_is "passed cases are summed" holds "$(run ./good ./good)" "4 passed, 0 failed, 0 skipped
exit 0"
case_is "skipped cases are counted apart, with the reason" \
    holds "$(run ./skips)" "no clips" "1 passed, 0 failed, 1 skipped
exit 0"
case_is "a failed case shows the output" \
    holds "$(run ./bad)" "1 is not 2" "1 passed, 1 failed, 0 skipped
exit 1"
case_is "a test without cases fails" holds "$(run ./silent)" "reported no cases" "0 passed, 1 failed"
case_is "a test killed by a signal fails" holds "$(run ./dies)" "signal 11" "1 passed, 1 failed"
case_is "a test that stops early fails" holds "$(run ./stops)" "planned 2" "1 passed, 1 failed"
case_is "a test that hangs fails" holds "$(run ./hangs)" "stopped after 1 s" "1 passed, 1 failed"
case_is "a failure status without a failed case fails" \
    holds "$(run ./lies)" "exit status 3" "1 passed, 1 failed"
tap_end
