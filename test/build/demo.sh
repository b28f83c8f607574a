#!/bin/sh
# make demo ends with an answer in one line, or says that there is no model to answer.
set -u
. test/support/tap.sh

# The program tells its place without symbolic links.
dir=$(cd "$(mktemp -d)" && pwd -P) || exit
trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME="$dir/cache"
unset ASKANCE_MODEL
script=$PWD/examples/demo.sh
command=$(cd "$(dirname "$BUILD/askance")" && pwd)/askance

demo() { # demo COMMAND : stdout, the last line of stderr, then "exit N"
    (cd "$dir" && ASKANCE=$1 "$script" world 2>err
        status=$?
        tail -n 1 err
        echo "exit $status")
}
matches() { # matches TEXT EXPRESSION
    echo "$1" | grep -qE "$2" && return
    printf '# expected: %s\n# got: %s\n' "$2" "$1"
    return 1
}

mkdir "$dir/bin"
cp "$command" "$dir/bin"
case_is "without a model it says so" holds "$(demo "$dir/bin/askance")" \
    "no model: " "$dir/share/askance/models/mini" "exit 4"

model=$dir/share/askance/models/mini
"$command" train bpe models/mini/words.txt --out "$dir/tokenizer" --tokens 4000 \
    --min-frequency 1 >/dev/null &&
    "$command" train timeline --stage glance --max_steps 1 --eval_clips 1 \
        --per_device_train_batch_size 1 --config models/mini/network.json \
        --tokenizer "$dir/tokenizer" --out "$model" >/dev/null || exit
said=$(demo "$dir/bin/askance")
last=$(echo "$said" | tail -n 2 | head -n 1)
case_is "it shows what it runs" holds "$said" "askance world world --clips 1" \
    "askance ask world/clips/000000.mp4 '" "' --report demo.html"
case_is "no choices are given" same "$(echo "$said" | grep -e ' -c ' -e '--choice')" ""
case_is "it tells the truth" matches "$said" \
    "^the truth: [a-z ]+, at [0-9.]+-[0-9.]+ s$"
case_is "and every event" same "$(echo "$said" | sed '1,/^what truly happens:/d' |
    grep -cE '^[0-9.]+-[0-9.]+ s  [a-z ]+$')" \
    "$(grep -o '"caption":' "$dir/world/truth/000000.json" | tail -n +2 | wc -l)"
case_is "a model that was not calibrated gives an answer without a verdict" matches "$last" \
    "^demo: ([a-z0-9 ]+ \(p=|not in this video).*, no verdict: .*, report demo.html$"
case_is "the report is there" holds "$(head -c 40 "$dir/demo.html")" "<!DOCTYPE html>"

if [ -f models/mini/model.safetensors ]; then
    rm "$dir/demo.html"
    said=$(demo "$command")
    last=$(echo "$said" | tail -n 2 | head -n 1)
    case_is "with the model that is shipped the verdict is told" matches "$last" \
        "^demo: [a-z ]+ \(p=[01]\.[0-9]+\) at [0-9.]+-[0-9.]+ s, verdict [a-z_]+.*, report demo.html$"
    case_is "and the answer is right" holds "$said" "the truth: $(
        echo "$last" | sed 's/^demo: \(.*\) (p=.*/\1/')," "exit 0"
    case_is "what it remembers is listed" matches "$said" \
        "^[0-9.]+-[0-9.]+ s  the [a-z ]+ \([0-9.]+\)$"
else
    for name in "with the model that is shipped the verdict is told" "and the answer is right" \
        "what it remembers is listed"; do
        case_skip "$name" "models/mini has no weights"
    done
fi
tap_end
