#!/bin/sh
# tools/check-layers.sh accepts this tree and finds each way to break the rules.
set -u
. test/support/tap.sh

src=$(mktemp -d) || exit
trap 'rm -rf "$src"' EXIT

fresh() { # a tree that keeps the rules
    rm -rf "$src"
    mkdir -p "$src/base" "$src/tensor/cpu" "$src/cli"
    cat >"$src/LAYERS" <<'END'
base:                errors
tensor: base         the engine
cli:    base tensor  the command
END
    echo '#include "base/error.h"' >"$src/tensor/graph.h"
    echo '#include "tensor/graph_priv.h"' >"$src/tensor/cpu/norm.c"
    echo '#include <oneapi/dnnl/dnnl.h>' >"$src/tensor/cpu/onednn.c"
    echo '#include "tensor/graph.h"' >"$src/cli/main.c"
}
verdict() {
    tools/check-layers.sh "$src" 2>&1
    echo "exit $?"
}

case_is "this tree keeps the rules" tools/check-layers.sh
fresh
case_is "a tree that keeps the rules is accepted" same "$(verdict)" "exit 0"

fresh
echo '#include "cli/main.h"' >"$src/tensor/graph.c"
case_is "an arrow upwards is found" \
    holds "$(verdict)" "tensor/graph.c:1: tensor may not include cli/main.h" "exit 1"
fresh
echo '#include "tensor/graph_priv.h"' >"$src/cli/peek.c"
case_is "a private header elsewhere is found" \
    holds "$(verdict)" "cli/peek.c:1: tensor/graph_priv.h is private to tensor" "exit 1"
fresh
echo '#include <jansson.h>' >"$src/cli/print.c"
case_is "a library included beside its door is found" \
    holds "$(verdict)" "cli/print.c:1:" "jansson.h" "exit 1"
fresh
mkdir "$src/media"
case_is "a folder without a line is found" holds "$(verdict)" "folder media has no line" "exit 1"
fresh
rm -r "$src/cli"
case_is "a line without a folder is found" holds "$(verdict)" "no folder cli" "exit 1"
fresh
sed -i 's/^tensor: base  /tensor: cli   /' "$src/LAYERS"
case_is "a line that names a folder below it is found" \
    holds "$(verdict)" "tensor names cli, which is not above it" "exit 1"
tap_end
