#!/bin/sh
# train.sh OUT [OPTION...] - train the model as `recipe` says.
#
# Makes OUT/tokenizer and, for each stage, OUT/<n>-<stage>; one that was interrupted goes on,
# one that is done is passed over. The last folder is the model. The options are added to
# those of every stage. ASKANCE names the command.
set -eu

here=$(dirname "$0")
askance=${ASKANCE:-$here/../../build/askance}
out=$1
shift

mkdir -p "$out"
if [ ! -e "$out/tokenizer/tokenizer.json" ]; then
    "$askance" train bpe "$here/words.txt" --out "$out/tokenizer" --tokens 4000 \
        --min-frequency 1
fi

n=0
last=
grep -v '^#' "$here/recipe" | while read -r stage options; do
    n=$((n + 1))
    dir=$out/$n-$stage
    if [ -e "$dir/checkpoint.safetensors" ]; then
        begin=--resume
    elif [ -z "$last" ]; then
        begin="--config $here/config.json --tokenizer $out/tokenizer"
    else
        begin="--init $last"
    fi
    echo "stage $stage: $dir"
    # Both are lists of words.
    # shellcheck disable=SC2086
    "$askance" train clip --stage "$stage" --out "$dir" $begin $options "$@" </dev/null
    last=$dir
done
