#!/bin/sh
# The command's own words: help, faults, versions, exit statuses.
set -u
. test/support/tap.sh

askance=$BUILD/askance
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT

# run ARGUMENT... : stdout, then stderr, then "exit N"
run() {
    "$askance" "$@" >"$dir/out" 2>"$dir/err"
    status=$?
    cat "$dir/out" "$dir/err"
    echo "exit $status"
}
only_stderr() { # the last run said nothing on stdout, and one line on stderr
    [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ]
}
version=$(sed -n 's/^#define ASK_VERSION "\(.*\)".*/\1/p' src/base/version.h)

for words in --help -h help; do
    case_is "askance $words lists the commands" \
        holds "$(run "$words")" "Usage: askance" "doctor" "version" "exit 0"
done
for command in chat inspect doctor version; do
    case_is "askance $command --help tells about it" \
        holds "$(run $command --help)" "Usage: askance $command" "--json" "exit 0"
    case_is "askance help $command tells the same" \
        same "$(run help $command)" "$(run $command --help)"
done

case_is "no command is a usage error" same "$(run)" "askance: no command; see askance --help
exit 2"
run >/dev/null
case_is "an error is one line on stderr and nothing on stdout" only_stderr
case_is "a mistyped command is guessed" same "$(run versoin)" \
    "askance: unknown command versoin; did you mean version?
exit 2"
case_is "a mistyped option is guessed" same "$(run version --jsno)" \
    "askance: version: unknown option --jsno; did you mean --json?
exit 2"
case_is "an argument too many is told" same "$(run version now)" \
    "askance: version: takes no arguments, got 1
exit 2"
case_is "an odd byte in an argument does not reach the terminal" \
    holds "$(run "$(printf 'a\033[31mb')")" "unknown command a?[31mb" "exit 2"
case_is "under --json an error is a document" holds "$(run versoin --json)" \
    '"error": {' '"code": "usage"' '"message": "unknown command versoin; did you mean version?"' \
    "exit 2"

case_is "standard input that is closed is empty" \
    holds "$(run train bpe - --out="$dir/words" <&-)" "the texts have no words" "exit 3"

case_is "the version is told" holds "$(run version)" "askance $version
built with" "exit 0"
case_is "also by --version" same "$(run --version)" "askance $version
exit 0"
case_is "the version as JSON" holds "$(run version --json)" '"schema": "askance.version/1"' \
    '"name": "askance"' "\"version\": \"$version\"" '"openmp": ' "exit 0"
doctor=$(run doctor)
case_is "doctor tells the processor" \
    holds "$doctor" "processor " "instruction sets " "cores " "exit 0"
case_is "doctor tells measured speeds" \
    holds "$doctor" "speed  " " GFLOP/s with 1 thread" "memory  " " GB/s with 1 thread"
case_is "doctor tells the libraries" \
    holds "$doctor" "libraries           libavformat " ", PCRE2 " ", oneDNN " ", jansson "
case_is "doctor tells whether HDF5 files are read" \
    sh -c 'echo "$1" | grep -qE "^libraries .*, HDF5 1\.|^missing +HDF5"' sh "$doctor"
case_is "--json may stand before the command" holds "$(run --json version)" \
    '"schema": "askance.version/1"' "exit 0"
case_is "doctor as JSON" holds "$(run doctor --json)" '"schema": "askance.doctor/1"' '"isa": ' \
    '"cores": ' '"format": "h264"' '"libavcodec": "' '"PCRE2": "' "exit 0"
case_is "doctor tells what videos it reads" holds "$doctor" "reads  " "h264"

case_is "a reader that goes away is no error" \
    same "$({ "$askance" --help 2>"$dir/err"; echo $? >"$dir/status"; } | true; cat "$dir/status" "$dir/err")" "0"
if [ -w /dev/full ]; then
    case_is "a full disk is an error" \
        same "$("$askance" version 2>&1 >/dev/full; echo "exit $?")" \
        "askance: version: standard output: No space left on device
exit 5"
else
    case_skip "a full disk is an error" "there is no /dev/full"
fi
tap_end
