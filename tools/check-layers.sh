#!/bin/sh
# check-layers.sh [SRC] - the arrows between the folders of SRC (src) run one way.
#
# SRC/LAYERS has one line per folder: "name:", the folders it may include, and what it is, each
# in its column; the last begins where it begins in the first line. Checked here:
#   - LAYERS and the folders are the same set, and a line names only folders above it
#   - "folder/file.h" is included only from that folder and those whose line names it
#   - *_priv.h is included only from its own folder
#   - a library's headers are included only behind that library's one door
set -u
cd "${1:-src}" || exit

{
    sed 's/^/layer /' LAYERS
    for folder in */; do echo "folder ${folder%/}"; done
    grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' --include='*.cu' . |
        sed -nE 's/^\.\/([^:]*:[0-9]+):[^"<]*["<]([^">]*)[">].*/include \1 \2/p'
} | awk '
    # The doors: the headers of a library, and the files that may include them.
    BEGIN {
        door["jansson\\.h"] = "base/json.*"
        door["zlib\\.h"] = "base/zip.*"
        door["curl/.*"] = "hub/http.*"
        door["hdf5.*\\.h"] = "base/hdf5.*"
        door["(oneapi/dnnl/)?dnnl.*\\.h"] = "tensor/cpu/onednn.*"
        door["lib(avformat|avcodec|avutil|swscale)/.*"] = "media/.*"
        door["(pcre2|utf8proc)\\.h"] = "text/.*"
    }

    function fault(message) { print message; n_faults++ }
    function top(path) { sub(/\/.*/, "", path); return path }

    $1 == "layer" {
        name = $2
        if (!sub(/:$/, "", name)) fault("LAYERS: a line begins with \"folder:\", not with " $2)
        if (name in line) fault("LAYERS: " name " has two lines")
        sub(/^[^:]*: ?/, "")
        if (!n_lines++) { # the lowest layer includes nothing: the rest is what it is
            match($0, /[^ ]/)
            what = length("layer " name ": ") + RSTART
        }
        n = split(substr("layer " name ": " $0, 1, what - 1), word, " ")
        for (i = 3; i <= n; i++) {
            if (!(word[i] in line)) fault("LAYERS: " name " names " word[i] ", which is not above it")
            may[name, word[i]] = 1
        }
        line[name] = 1
    }

    $1 == "folder" {
        exists[$2] = 1
        if (!($2 in line)) fault("LAYERS: the folder " $2 " has no line")
    }

    $1 == "include" {
        from = top($2)
        to = top($3)
        if (to in line && to != from) {
            if (!((from, to) in may)) fault($2 ": " from " may not include " $3)
            if ($3 ~ /_priv\.h$/) fault($2 ": " $3 " is private to " to)
        }
        for (d in door)
            if ($3 ~ "^" d "$" && $2 !~ "^" door[d]) fault($2 ": only " door[d] " may include " $3)
    }

    END {
        for (name in line)
            if (!(name in exists)) fault("LAYERS: there is no folder " name)
        exit n_faults > 0
    }
'
