#!/bin/sh
# packages.sh GROUP MAKEFILE - makes sure that what GROUP needs is installed, then writes the
# libraries' flags to MAKEFILE (DEPS_CFLAGS, DEPS_LIBS).
#
# GROUP is build, test (build and the test programs) or check (everything). What is there is
# found out with the compiler, so this works where packages have other names. What is missing
# is named by its Debian package and installed with apt-get: at once for root or with YES=1,
# after a question on a terminal. Where neither is possible the command is printed; exit 2.
set -u

# The list of packages: group, Debian package, what proves that it is there.
#   tool NAME   NAME is on the PATH
#   pkg NAME    pkg-config knows NAME
#   lib H L     header H compiles and library L links
needs() {
    cat <<'END'
build build-essential lib stdio.h m
build pkg-config      tool pkg-config
build libdnnl-dev     lib oneapi/dnnl/dnnl.h dnnl
build libjansson-dev  pkg jansson
build libavformat-dev pkg libavformat
build libavcodec-dev  pkg libavcodec
build libswscale-dev  pkg libswscale
build libavutil-dev   pkg libavutil
build libpcre2-dev    pkg libpcre2-8
build libutf8proc-dev pkg libutf8proc
build zlib1g-dev      pkg zlib
test  libcmocka-dev   pkg cmocka
check libhdf5-dev     pkg hdf5
check libcurl4-openssl-dev pkg libcurl
check clang           tool clang
check clang-format    tool clang-format
check libclang-rt-14-dev fuzzer clang
END
}

# The group's rows, those of the groups it contains included.
rows() {
    case $1 in
    build) needs | grep '^build ' ;;
    test) needs | grep -E '^(build|test) ' ;;
    check) needs ;;
    *)
        echo "packages.sh: $1 is no group of packages; use build, test or check" >&2
        exit 2
        ;;
    esac
}

links() { # links COMPILER FLAGS... : the program on stdin compiles and links
    "$@" -x c - -o /dev/null >/dev/null 2>&1
}

present() { # present KIND ARGS...
    case $1 in
    tool) command -v "$2" >/dev/null ;;
    pkg) pkg-config --exists "$2" >/dev/null 2>&1 ;;
    lib) printf '#include <%s>\nint main(void) { return 0; }\n' "$2" |
        links ${CC:-gcc} -Wl,--no-as-needed "-Wl,-l$3" ;; # CC may be several words
    fuzzer) printf '#include <stddef.h>\n%s\n%s\n' \
        'int LLVMFuzzerTestOneInput(const char *p, size_t n);' \
        'int LLVMFuzzerTestOneInput(const char *p, size_t n) { return p && n > 9; }' |
        links "$2" -fsanitize=fuzzer,address,undefined ;;
    esac
}

missing() { # the packages of GROUP that are not there, each once
    rows "$1" | while read -r _ package probe; do
        # shellcheck disable=SC2086 # a probe is several words
        present $probe || echo "$package"
    done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

agreed() { # may we install?
    [ "${YES:-}" = 1 ] && return 0
    [ "$(id -u)" = 0 ] && return 0
    [ -t 0 ] && [ -t 2 ] || return 1
    printf 'Install them with sudo apt-get? [y/N] ' >&2
    read -r answer && case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

install_packages() {
    sudo=
    if [ "$(id -u)" != 0 ]; then
        sudo=sudo
        command -v sudo >/dev/null || return 1
        # Without a terminal sudo may not ask for a password.
        [ -t 0 ] || sudo='sudo -n'
    fi
    command -v apt-get >/dev/null || return 1
    # A fresh machine has no package lists yet.
    if ! ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1; then
        $sudo apt-get update >&2 || return 1
    fi
    # shellcheck disable=SC2086 # the packages are several words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        $packages >&2
}

group=$1
makefile=$2
packages=$(missing "$group") || exit
if [ -n "$packages" ]; then
    echo "Debian packages missing: $packages" >&2
    if agreed && install_packages; then
        packages=$(missing "$group")
    fi
    if [ -n "$packages" ]; then
        echo "askance: install what is missing, then run make again:" >&2
        echo "    sudo apt-get install $packages" >&2
        exit 2
    fi
fi

libraries=$(rows build | awk '$3 == "pkg" { print $4 }')
others=$(rows build | awk '$3 == "lib" && $5 != "m" { printf " -l%s", $5 }')
# shellcheck disable=SC2086 # pkg-config takes several names
{
    echo "DEPS_CFLAGS := $(pkg-config --cflags $libraries)"
    echo "DEPS_LIBS := $(pkg-config --libs $libraries)$others -lm"
} >"$makefile"
