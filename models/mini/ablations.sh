#!/bin/sh
# ablations.sh OUT - train what `ablations` lists, with the cells that are in OUT, and print what
# came of it as a table. What is done is passed over, as by train.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
sed 's/"memory_layers": 2/"memory_layers": 7/' "$here/network.json" >"$out/network-unremembered.json"
sed 's/"num_frames": 24/"num_frames": 12/' "$here/network.json" >"$out/network-frames.json"
RECIPE=$here/ablations "$here/train.sh" "$out" --max_steps 10000 --learning_rate 5e-4 \
    --warmup_steps 100 --per_device_train_batch_size 4 --questions 12 \
    --eval_steps 0 --eval_split test --eval_clips 300 \
    --save_steps 500 --save_total_limit 1 --logging_steps 50 >&2

echo "| training | four choices | open |"
echo "| --- | --- | --- |"
sed '/^#/d; s/ .*//' "$here/ablations" | while read -r name; do
    scores=$(tail -n 1 "$out/$name/log.jsonl" |
        sed -n 's/.*"eval_accuracy":\([0-9.]*\).*"eval_open":\([0-9.]*\).*/\1 \2/p')
    [ "$scores" ] || { echo "ablations.sh: $name was not measured" >&2; exit 1; }
    echo "$name $scores" | awk '{ printf "| %s | %.3f | %.3f |\n", $1, $2, $3 }'
done
