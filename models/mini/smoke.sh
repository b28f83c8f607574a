#!/bin/sh
# smoke.sh OUT - the stages of the recipe, 20 small steps each; prints their losses, a line of
# JSON a step.
set -eu

here=$(dirname "$0")
out=$1
rm -rf "$out"
"$here/train.sh" "$out" --steps 20 --warmup 1 --lr 1e-4 --batch 2 --frames 4 --texts 48 --save-every 0 \
    --log-every 1 >&2
for dir in "$out"/[0-9]*-*; do
    stage=${dir##*/*-}
    sed "s/^{\(\"step\":[0-9]*,\"loss\":[-0-9.e+]*\),.*/{\"stage\":\"$stage\",\1}/" \
        "$dir/log.jsonl"
done
