#!/bin/sh
# The example programs do what they say.
set -u
. test/support/tap.sh

last=$("$BUILD/examples/learn" | tail -n 1)
told() { # told EXPRESSION : awk's judgement of the last line's numbers
    echo "$last" | awk "{ exit !($1) }"
}

case_is "learn ends with its result" holds "$last" "learn: loss " "unseen points told right"
case_is "its loss goes to nothing" told '$3 > 0.3 && $5 < 0.01'
case_is "it tells at least 98 of 100 unseen points right" told '$9 >= 0.98 * $11'
tap_end
