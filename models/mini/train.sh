#!/bin/sh
# train.sh OUT [OPTION...] - train the model as `recipe` says.
#
# Makes OUT/words, the tokenizer, and a folder for each stage. One that is done is passed
# over, one that was interrupted goes on from its last checkpoint, with the same bits as if
# nothing had happened. The options are added to those of every stage. ASKANCE names the
# command, RECIPE another list of stages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
askance=${ASKANCE:-$here/../../build/askance}
case $askance in # from here; a name alone is found as any command
    */*) askance=$(cd "$(dirname "$askance")" && pwd)/${askance##*/} ;;
esac
recipe=${RECIPE:-$here/recipe}
case $recipe in /*) ;; *) recipe=$PWD/$recipe ;; esac
[ -r "$recipe" ] || { echo "train.sh: there is no $recipe" >&2; exit 2; }
out=$1
shift

has_checkpoint() { # has_checkpoint STAGE
    for folder in "$1"/checkpoint-*; do
        [ ! -d "$folder" ] || return 0
    done
    return 1
}

# What a stage begins with is named from OUT.
mkdir -p "$out"
cd "$out"
cp "$here/network.json" "$here/preprocessor_config.json" .
if [ ! -e words/tokenizer.json ]; then
    "$askance" train bpe "$here/words.txt" --out words --tokens 4000 --min-frequency 1
fi

grep -v '^#' "$recipe" | while read -r stage options; do
    # The last file of a folder that is done.
    [ ! -e "$stage/config.json" ] || continue
    resume=
    if has_checkpoint "$stage"; then resume=--resume_from_checkpoint=last; fi
    echo "stage $stage"
    # The options are a list of words, and there may be nothing to resume.
    # shellcheck disable=SC2086
    "$askance" train timeline --output_dir "$stage" $options "$@" $resume </dev/null
done
