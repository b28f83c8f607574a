#!/bin/sh
# demo.sh [DIR] - a question about a video, answered by the model that comes with askance.
#
# The video is the first clip of the playroom's test split for the seed below, rendered here, in
# DIR, as H.264; nothing of it was seen in training. What is asked is the first question of its
# truth whose moment is short enough for finding it to be a test. The answer goes to demo.html,
# and in short to the last line. ASKANCE names the command; the exit status is its: 1 when no
# choice is in the video, 4 when there is no model.
set -eu

# A clip with whose question the model does well; on others it is not always right
# (models/mini/scores.txt).
SEED=28

dir=${1:-build/demo}
askance=${ASKANCE:-build/askance}

# question TRUTH : of the first judged question a line each for its text, its four choices, the
# place of the right one from 0, and the start and end of its moment
question() {
    tr '{' '\n' <"$1" | awk '
        function value(key) {
            match($0, "\"" key "\":(\"[^\"]*\"|[-0-9.e+]+)")
            return RSTART ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : ""
        }
        function words(key, text) {
            text = value(key)
            return substr(text, 2, length(text) - 2)
        }
        /^"type":/ { lines = words("text") }
        /^"text":/ { lines = lines "\n" words("text") }
        /"answer":/ { lines = lines "\n" value("answer") }
        /"judged":true/ && lines != "" {
            print lines "\n" value("start_s") "\n" value("end_s")
            exit
        }'
}

rm -rf "$dir"
echo "$askance world $dir --clips 1 --seed $SEED --split test --simple"
"$askance" world "$dir" --clips 1 --seed "$SEED" --split test --simple
video=$dir/clips/000000.mp4
question "$dir/truth/000000.json" >"$dir/question"
[ -s "$dir/question" ] || {
    echo "demo.sh: $dir/truth/000000.json has no judged question" >&2
    exit 70
}
{
    read -r text
    read -r a && read -r b && read -r c && read -r d
    read -r right
    read -r start && read -r end
} <"$dir/question"

echo "$askance ask $video '$text' -c '$a' -c '$b' -c '$c' -c '$d' --report demo.html"
status=0
said=$("$askance" ask "$video" "$text" -c "$a" -c "$b" -c "$c" -c "$d" \
    --report demo.html) || status=$?
[ "$status" -le 1 ] || exit "$status"
echo "$said"

shift "$#"
set -- "$a" "$b" "$c" "$d"
shift "$right"
LC_ALL=C printf 'the truth: %s, at %.2f-%.2f s\n' "$1" "$start" "$end"
# The first two lines are the answer and the verdict.
echo "$said" | sed -n '1 { N; s/\n/, /; s/.*/demo: &, report demo.html/; p; }'
exit "$status"
