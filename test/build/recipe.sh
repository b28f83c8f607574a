#!/bin/sh
# models/mini/train.sh goes through the stages of its recipe: one that is done is passed over,
# one that was interrupted goes on, and where one fails it ends. A script that says what it is
# asked for stands for the command.
set -u
. test/support/tap.sh

dir=$(cd "$(mktemp -d)" && pwd -P) || exit
trap 'rm -rf "$dir"' EXIT
out=$dir/out

# Makes what the command makes, and ends as interrupted in the stage that is named in "stop".
cat >"$dir/askance" <<'END'
#!/bin/sh
echo "$PWD: $*" >>"${0%/*}/calls"
case "$2" in
    bpe) mkdir words && touch words/tokenizer.json && exit ;;
esac
mkdir -p "$4/checkpoint-10"
[ "$4" != "$(cat "${0%/*}/stop")" ] || exit 130
case "$4" in
    no-memory-2) echo '{"eval_accuracy":0.5,"eval_open":0.25}' ;;
    no-memory-*) echo '{"eval_accuracy":0.375,"eval_open":0.25}' ;;
    *) echo '{"eval_map":0.875,"eval_accuracy":0.75,"eval_open":0.5}' ;;
esac >"$4/log.jsonl"
touch "$4/model.safetensors" "$4/config.json"
END
chmod +x "$dir/askance"

stages=$(sed '/^#/d; s/ .*//' models/mini/recipe)
last=$(echo "$stages" | tail -n 1)
train() { # train STOP OPTION... : "exit N"; the calls are in the file
    echo "$1" >"$dir/stop"
    shift
    rm -f "$dir/calls"
    ASKANCE=$dir/askance models/mini/train.sh "$out" "$@" >"$dir/said" 2>&1
    echo "exit $?"
}
calls() { # calls of train timeline: the stages' folders
    sed -n 's/.*: train timeline --output_dir \([^ ]*\) .*/\1/p' "$dir/calls"
}
up_to() { # up_to STAGE : it and those before it
    echo "$stages" | sed "/^$1\$/q"
}
after() { # after STAGE : it and those that follow
    echo "$stages" | sed -n "/^$1\$/,\$p"
}
# What the stages begin with, a folder or file a line.
sources=$(sed '/^#/d' models/mini/recipe | tr ' ' '\n' | awk '
    is_source { print }
    { is_source = /^--(config|tokenizer|init|cells|glance|focus|find)$/ }' | sort -u)
missing() { # of the sources
    for name in $sources; do
        [ -e "$out/$name" ] || echo "$name"
    done
}

case_is "a stage that fails is the last" same "$(train glance-seen)" "exit 130"
case_is "those before it are made in their order" same "$(calls)" "$(up_to glance-seen)"
case_is "after the tokenizer" holds "$(head -n 1 "$dir/calls")" \
    "$out: train bpe $PWD/models/mini/words.txt --out words"
case_is "with the options of the recipe" holds "$(sed -n 2p "$dir/calls")" \
    "$out: train timeline --output_dir $(grep -v '^#' models/mini/recipe | head -n 1)"
case_is "none goes on from a checkpoint" same "$(grep -c resume "$dir/calls")" 0

case_is "the next time all are made" same "$(train none --threads=1)" "exit 0"
case_is "that were not" same "$(calls)" "$(after glance-seen)"
case_is "the one that failed goes on" same \
    "$(sed -n 's/.*output_dir \([^ ]*\) .*--resume_from_checkpoint=last$/\1/p' "$dir/calls")" \
    glance-seen
case_is "options are added to those of every stage" same \
    "$(grep -vc -e ' --threads=1$' -e ' --threads=1 --resume' "$dir/calls")" 0
case_is "the recipe names folders of stages" holds "$sources" network.json words
case_is "all of which are there" same "$(missing)" ""
case_is "and how frames are prepared" test -e "$out/preprocessor_config.json"
case_is "and then there is nothing to do" same "$(train none; cat "$dir/calls" 2>/dev/null)" "exit 0"
case_is "the Makefile takes the last stage for the model" holds \
    "$(make -s -n -C models/mini OUT=OUT ship)" "cp OUT/$last/config.json "

rm -f "$dir/calls"
ASKANCE=$dir/askance models/mini/ablations.sh "$out" >"$dir/table" 2>"$dir/said"
ablations=$(sed 's/ .*//' "$out/ablations")
case_is "ablations are trained in their order" same "$(calls)" "$ablations"
steps() { # steps PATTERN : of all trainings whose names it matches
    sed -n "/^$1 /s/.*--max_steps \([0-9]*\).*/\1/p" "$out/ablations" |
        awk '{ sum += $1 } END { print sum }'
}
for name in memory-1-focus memory-1-glance no-memory-1 untold-1 frames-1-focus; do
    together=$(echo "$name" | sed -n 's/-[fg][a-z]*$//p')
    case_is "each part makes as many steps: $name" same \
        "$(($(steps "$name") + $(steps "${together:-none}") + 0))" 6000
done
case_is "and told in a table" same "$(sed -n 3,10p "$dir/table")" \
    "| memory-1 | 0.750 | 0.500 | 0.875 |
| no-memory-1 | 0.375 | 0.250 |  |
| memory-2 | 0.750 | 0.500 | 0.875 |
| no-memory-2 | 0.500 | 0.250 |  |
| memory-3 | 0.750 | 0.500 | 0.875 |
| no-memory-3 | 0.375 | 0.250 |  |
| untold-1 | 0.750 | 0.500 | 0.875 |
| frames-1 | 0.750 | 0.500 | 0.875 |"
# Differences of 3/8, 2/8, 3/8: a mean of 1/3, plus or minus 4.3027 / 24.
case_is "with what the memory adds, and its interval" same "$(tail -n 2 "$dir/table")" \
    "| four choices | 0.333 | 0.154 to 0.513 |
| open | 0.250 | 0.250 to 0.250 |"
echo '{"step":9}' >"$out/untold-1/log.jsonl"
case_is "what was not measured is told" same \
    "$(ASKANCE=$dir/askance models/mini/ablations.sh "$out" 2>&1 >"$dir/table" | tail -n 1)" \
    "ablations.sh: untold-1 was not measured"
case_is "their networks differ from that of the recipe" same \
    "$(cat "$out"/network*.json | grep -e num_frames -e memory_layers | sort -u | tr -d ' \n')" \
    '"memory_layers":2,"memory_layers":7,"num_frames":12,"num_frames":24,'
# What it weighs: 20 MB at most, in all.
case_is "the default model is as small as it was promised" test \
    "$(cat models/mini/* | wc -c)" -le 20000000
tap_end
