#!/bin/sh
# demo.sh [DIR] - an open question about a video, answered by the model that comes with askance.
#
# The video is the first clip of the playroom's test split for the seed below, rendered here, in
# DIR, as H.264; nothing of it was seen in training. What is asked is the first question of its
# truth about the order of events whose moment is known; no choices are given. The answer goes to
# demo.html, and in short to the last line; what is true is told beside. ASKANCE names the
# command; the exit status is its: 1 when the answer is that it is not in the video, 4 when
# there is no model.
set -eu

# A clip with whose question the model does well; on others it is not always right
# (models/mini/MODEL.md).
SEED=17

dir=${1:-build/demo}
askance=${ASKANCE:-build/askance}

# What awk reads a line of truth with, in which every object begins one.
# shellcheck disable=SC2016 # $0 is awk's
VALUES='
    function value(key) {
        match($0, "\"" key "\":(\"[^\"]*\"|[-0-9.e+]+)")
        return RSTART ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : ""
    }
    function words(key, text) {
        text = value(key)
        return substr(text, 2, length(text) - 2)
    }'

# question TRUTH : of the question a line each for its text, its answer, and the start and end
# of its moment
question() {
    tr '{' '\n' <"$1" | awk "$VALUES"'
        /^"type":/ { text = words("type") == "order" ? words("text") : "" }
        /^"type":/ { answer = "" }
        /"open_answer":/ { answer = words("open_answer") }
        /"judged":true/ && text != "" && answer != "" {
            print text "\n" answer "\n" value("start_s") "\n" value("end_s")
            exit
        }'
}

# events TRUTH : a line for each event
events() {
    tr '{' '\n' <"$1" | LC_ALL=C awk "$VALUES"'
        /^"kind":.*"caption":/ {
            printf "%.2f-%.2f s  %s\n", value("start_s"), value("end_s"), words("caption")
        }'
}

rm -rf "$dir"
echo "$askance world $dir --clips 1 --seed $SEED --split test"
"$askance" world "$dir" --clips 1 --seed "$SEED" --split test
video=$dir/clips/000000.mp4
truth=$dir/truth/000000.json
question "$truth" >"$dir/question"
[ -s "$dir/question" ] || {
    echo "demo.sh: $truth has no such question" >&2
    exit 70
}
{
    read -r text
    read -r answer
    read -r start && read -r end
} <"$dir/question"

echo "$askance ask $video '$text' --report demo.html"
status=0
said=$("$askance" ask "$video" "$text" --report demo.html) || status=$?
[ "$status" -le 1 ] || exit "$status"
echo "$said"

LC_ALL=C printf 'the truth: %s, at %.2f-%.2f s\n' "$answer" "$start" "$end"
echo "what truly happens:"
events "$truth"
# The first two lines are the answer and the verdict.
echo "$said" | sed -n '1 { N; s/\n/, /; s/.*/demo: &, report demo.html/; p; }'
exit "$status"
