#!/bin/sh
# ablations.sh OUT - train what is listed below, from scratch, with the cells that are in OUT, and
# print what came of it as tables. What is done is passed over, as by train.sh.
#
# In every training each part makes 6000 steps of 4 clips, and is measured on the test split, from
# pictures. Trainings of one number differ in one thing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
rate=--learning_rate
seeds="1 2 3"
mkdir -p "$out"

# The recipe in short: focus and glance apart, from what is imagined of the same clips, then both
# from what is seen.
taught() { # taught NAME CONFIG NUMBER
    from="--config $2 --tokenizer words"
    echo "$1-focus --stage focus $from --noise 0.25 $rate 5e-4 --max_steps 4000 --eval_clips 100 --seed 31$3"
    echo "$1-glance --stage glance $from $rate 1e-3 --max_steps 4000 --eval_clips 100 --seed 31$3"
    echo "$1 --stage glance-focus-seen --init $1-focus --glance $1-glance --cells cells $rate 5e-4 --max_steps 2000 --eval_clips 300 --seed 33$3"
}

# All steps are of both, from what is seen.
at_once() { # at_once NAME CONFIG NUMBER [OPTION...]
    from="--config $2 --tokenizer words --cells cells"
    echo "$1 --stage glance-focus-seen $from $rate 5e-4 --max_steps 6000 --eval_clips 300 --seed 33$3 ${4-}"
}

# Without the memory the focus is told every sight, and as many layers as the glance has, and one
# more, so that it has no fewer parameters, relate them there; there is nothing to teach it alone.
# Without being told what happens when, answers alone have to teach the memory.
list() {
    for seed in $seeds; do
        taught "memory-$seed" network.json "$seed"
        at_once "no-memory-$seed" network-unremembered.json "$seed" --no_memory
    done
    at_once untold-1 network.json 1 --answers_only
    taught frames-1 network-frames.json 1
}

sed 's/"memory_layers": 2/"memory_layers": 7/' "$here/network.json" >"$out/network-unremembered.json"
sed 's/"num_frames": 24/"num_frames": 12/' "$here/network.json" >"$out/network-frames.json"
list >"$out/ablations"
RECIPE=$out/ablations "$here/train.sh" "$out" --warmup_steps 100 \
    --per_device_train_batch_size 4 --questions 12 --eval_steps 0 --eval_split test \
    --save_steps 500 --save_total_limit 1 --logging_steps 50 >&2

# The last line of a log is its measurement; "-" for what a network without a memory does not have.
measured() { # measured NAME
    line=$(tail -n 1 "$out/$1/log.jsonl")
    for key in eval_accuracy eval_open eval_map; do
        value=$(echo "$line" | sed -n 's/.*"'$key'":\([0-9.]*\).*/\1/p')
        [ "$value" ] || [ $key = eval_map ] || { echo "ablations.sh: $1 was not measured" >&2; exit 1; }
        printf ' %s' "${value:--}"
    done
}

row() { # row NAME
    scores=$(measured "$1")
    echo "$1$scores" | awk '
        function shown(x) { return x == "-" ? "" : sprintf("%.3f", x) }
        { printf "| %s | %s | %s | %s |\n", $1, shown($2), shown($3), shown($4) }'
}

echo "| training | four choices | open | span mAP@0.5 |"
echo "| --- | --- | --- | --- |"
for seed in $seeds; do
    row "memory-$seed"
    row "no-memory-$seed"
done
row untold-1
row frames-1

# What the memory adds: the mean over seeds, and Student's interval of it, of two degrees of freedom.
echo
echo "| with the memory, more by | mean | 95 % interval |"
echo "| --- | --- | --- |"
for seed in $seeds; do
    echo "$(measured "memory-$seed")$(measured "no-memory-$seed")"
done | awk '
    function told(name, sum, squares) {
        mean = sum / NR
        spread = (squares - sum * mean) / (NR - 1)
        half = spread > 0 ? 4.303 * sqrt(spread / NR) : 0
        printf "| %s | %.3f | %.3f to %.3f |\n", name, mean, mean - half, mean + half
    }
    { choices = $1 - $4; open = $2 - $5
      c += choices; cc += choices ^ 2; o += open; oo += open ^ 2 }
    END { told("four choices", c, cc); told("open", o, oo) }'
