#!/bin/sh
# Without --model, find and ask use the model that stands where the program is; doctor tells
# which. The program is a copy in a folder of its own, the model is random.
set -u
. test/support/tap.sh

# The program tells its place without symbolic links.
dir=$(cd "$(mktemp -d)" && pwd -P) || exit
trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME="$dir/cache"
unset ASKANCE_MODEL
mkdir -p "$dir/usr/bin" "$dir/usr/share/askance/models"
cp "$BUILD/askance" "$dir/usr/bin"
askance=$dir/usr/bin/askance
installed=$dir/usr/share/askance/models/mini
beside=$dir/usr/bin/models/mini

run() { # run ARGUMENT... : stdout, stderr, then "exit N"
    "$askance" "$@" 2>&1
    echo "exit $?"
}
plan() { # plan OPTION... : the record of a plan
    run find "$dir/world/clips/000000.mp4" "a red ball" --plan --json "$@"
}
uses() { # uses FOLDER OPTION... : the model of a plan with these options is in the folder
    folder=$1
    shift
    holds "$(plan "$@")" "\"dir\": \"$folder\"" "exit 0"
}

"$askance" world "$dir/world" --clips 1 >/dev/null || exit

missing="no model: give --model=DIR or set ASKANCE_MODEL to the folder of a CLIP model \
(config.json, weights, tokenizer files); none came with askance: it is not in \
$installed or $beside
exit 4"
case_is "find without a model tells where it looked" same \
    "$(run find "$dir/world/clips/000000.mp4" "a red ball")" "askance: find: $missing"
case_is "and so does ask" same \
    "$(run ask "$dir/world/clips/000000.mp4" "which toy is there?" -c red -c blue)" \
    "askance: ask: $missing"
case_is "doctor tells that it is missing" holds "$(run doctor)" \
    "default model       missing: not in $installed or $beside" "exit 0"
case_is "an empty name is no name" holds "$(plan --model=)" "--model is empty" "exit 2"

make_model() { # make_model DIR
    "$askance" train bpe models/dual/words.txt --out "$dir/tokenizer" --tokens 4000 \
        --min-frequency 1 >/dev/null &&
        "$askance" model init models/dual/config.json "$1" --tokenizer "$dir/tokenizer" \
            >/dev/null &&
        cp models/dual/preprocessor_config.json "$1"
}
case_is "a model is made" make_model "$installed"
case_is "an installed model is used" uses "$installed"
case_is "the record tells whose it is" holds "$(plan)" \
    "the model is the one that comes with askance: add --model=$installed"
case_is "doctor tells where it is" holds "$(run doctor)" "default model       $installed"
case_is "also as JSON" holds "$(run doctor --json)" "\"dir\": \"$installed\"" "\"$beside\""
case_is "a link to the program finds it too" holds \
    "$(ln -s "$askance" "$dir/link" && "$dir/link" doctor)" "default model       $installed"

cp -r "$installed" "$dir/other"
case_is "--model goes before it" uses "$dir/other" --model "$dir/other"
export ASKANCE_MODEL="$dir/other"
case_is "ASKANCE_MODEL goes before it" uses "$dir/other"
case_is "--model goes before both" uses "$installed" --model "$installed"
export ASKANCE_MODEL=
case_is "an empty ASKANCE_MODEL is none" uses "$installed"

mkdir "$dir/usr/bin/models"
mv "$installed" "$beside"
case_is "the model of a build is used where none is installed" uses "$beside"
tap_end
