#!/bin/sh
# smoke.sh OUT - the stages of the recipe, a few small steps each; prints their losses, a line
# of JSON a step.
set -eu

here=$(dirname "$0")
out=$1
rm -rf "$out"
"$here/train.sh" "$out" --max_steps 10 --warmup_steps 1 --learning_rate 1e-4 \
    --per_device_train_batch_size 2 --frames 4 --questions 4 --eval_clips 1 --logging_steps 1 >&2
sed '/^#/d; s/ .*//' "$here/recipe" | while read -r stage; do
    sed -n "s/^{\(\"step\":[0-9]*,\"loss\":[-0-9.e+]*\),.*/{\"stage\":\"$stage\",\1}/p" \
        "$out/$stage/log.jsonl"
done
