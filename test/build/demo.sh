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
    "$command" model init models/mini/config.json "$model" --tokenizer "$dir/tokenizer" \
        >/dev/null &&
    cp models/mini/preprocessor_config.json "$model" || exit
said=$(demo "$dir/bin/askance")
last=$(echo "$said" | tail -n 2 | head -n 1)
case_is "it shows what it runs" holds "$said" "askance world world --clips 1" \
    "askance ask world/clips/000000.mp4" "--report demo.html"
case_is "it tells the truth" matches "$said" "^the truth: an? [a-z ]+, at [0-9.]+-[0-9.]+ s$"
case_is "a model that was not calibrated gives an answer without a verdict" matches "$last" \
    "^demo: (an? [a-z ]+ \(p=|not in this video).* [0-9.]+-[0-9.]+ s.*, no verdict: .*, report demo.html$"
case_is "the report is there" holds "$(head -c 40 "$dir/demo.html")" "<!DOCTYPE html>"

if [ -f models/mini/model.safetensors ]; then
    rm "$dir/demo.html"
    said=$(demo "$command")
    last=$(echo "$said" | tail -n 2 | head -n 1)
    case_is "with the model that is shipped the verdict is told" matches "$last" \
        "^demo: an? [a-z ]+ \(p=0\.[0-9]+\) at [0-9.]+-[0-9.]+ s, verdict [a-z_]+.*, report demo.html$"
    case_is "and the answer is right" holds "$said" "the truth: $(
        echo "$last" | sed 's/^demo: \(.*\) (p=.*/\1/')," "exit 0"
else
    case_skip "with the model that is shipped the verdict is told" "models/mini has no weights"
    case_skip "and the answer is right" "models/mini has no weights"
fi
tap_end
