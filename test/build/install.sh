#!/bin/sh
# What is installed is enough to build a program against, and uninstalling takes it all back.
set -u
. test/support/tap.sh

if [ -n "${CONFIG:-}" ]; then
    case_skip "what is installed works" "a library with sanitizers is not installed"
    tap_end
fi

root=$(mktemp -d) || exit
trap 'rm -rf "$root"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
cc=${CC:-gcc}
export PKG_CONFIG_LIBDIR="$root/usr/lib/pkgconfig:$(pkg-config --variable pc_path pkg-config)"
export PKG_CONFIG_SYSROOT_DIR="$root"

quietly() { # shows the output of a command only when it fails
    "$@" >"$root/log" 2>&1 || { cat "$root/log"; return 1; }
}
install() { # install VERB [VARIABLE=VALUE...]
    quietly env -u PKG_CONFIG_LIBDIR -u PKG_CONFIG_SYSROOT_DIR \
        make "$@" DESTDIR="$root" prefix=/usr CC="$cc" BUILD="$BUILD"
}
left() { # everything below the root that is no folder
    (cd "$root/usr" && find . ! -type d)
}

cat >"$root/program.c" <<'END'
#include <askance.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    ask_error err = {0};
    ask_fail(&err, ASK_ERR_USAGE, "%d of %s", 3, ASK_VERSION);
    printf("%s %s\n", ask_error_name(err.code), err.message);
    return strcmp(ask_version(), ASK_VERSION) != 0;
}
END
compile() { # compile OUTPUT LIBRARY-FLAGS...
    output=$1
    shift
    # shellcheck disable=SC2046 # flags are several words
    quietly "$cc" -std=c17 -Wall -Wextra -Werror $(pkg-config --cflags askance) \
        "$root/program.c" -o "$output" "$@"
}
version=$(sed -n 's/^#define ASK_VERSION "\([^"]*\)".*/\1/p' src/base/version.h)

# A folder in place of models/mini: what it holds is of no matter here.
files="answers.json calibration.json config.json denials.json merges.txt model.safetensors
preprocessor_config.json tokenizer.json tokenizer_config.json vocab.json"
mini=$root/mini
mkdir "$mini"
installed_model() {
    (cd "$root/usr/share/askance/models/mini" 2>/dev/null && ls)
}
log_holds() {
    holds "$(cat "$root/log")" "$@"
}
fails_for() { # fails_for TEXT COMMAND... : the command fails, and its output holds the text
    text=$1
    shift
    ! "$@" >"$root/fails" && holds "$(cat "$root/fails")" "$text"
}

case_is "a model without weights does not stand in the way" install install MINI="$mini"
case_is "but is told" log_holds "mini has no weights: askance is installed without a default model"
case_is "and none is installed" same "$(installed_model)" ""
for name in $files README; do echo "$name" >"$mini/$name"; done
case_is "a model with weights is installed" install install MINI="$mini"
case_is "whole, and nothing else" same "$(installed_model)" "$(printf '%s\n' $files)"
case_is "the installed command finds it" holds "$("$root/usr/bin/askance" doctor)" \
    "default model " "/usr/share/askance/models/mini"
rm "$mini/calibration.json"
case_is "a part of it that is missing is an error" \
    fails_for "mini/calibration.json" install install MINI="$mini"
case_is "make uninstall takes it back" install uninstall
case_is "with all else" same "$(left)" ""

case_is "make install succeeds" install install
case_is "pkg-config knows the version" same "$(pkg-config --modversion askance)" "$version"
# shellcheck disable=SC2046
case_is "a program compiles with pkg-config's flags" \
    compile "$root/shared" $(pkg-config --libs askance)
case_is "and runs with the installed library" \
    same "$(LD_LIBRARY_PATH=$root/usr/lib "$root/shared")" "usage 3 of $version"
case_is "by its soname" holds "$(objdump -p "$root/shared")" "libaskance.so.${version%%.*}"
# What Libs.private names is the system's, not below the root.
# shellcheck disable=SC2046
case_is "a program links with the static library" \
    compile "$root/static" "$root/usr/lib/libaskance.a" \
    $(sed -n 's/^Libs.private: //p' "$root/usr/lib/pkgconfig/askance.pc")
case_is "and runs alone" same "$("$root/static")" "usage 3 of $version"
case_is "every symbol of the library begins with ask_" same \
    "$(nm -D --defined-only "$root/usr/lib/libaskance.so" | awk '$2 != "A" && $3 !~ /^ask_/')" ""
case_is "private headers and the command's are not installed" same \
    "$(cd "$root" && find . -name '*_priv.h' -o -path '*askance/cli*')" ""
case_is "the installed command runs" same "$("$root/usr/bin/askance" --version)" \
    "askance $version"
case_is "the manual page names every command" same \
    "$("$root/usr/bin/askance" --help | sed -n 's/^  \([a-z ]*[a-z]\)   *.*/\1/p' | while read -r name; do
        grep -q "^\.SS askance $name " "$root/usr/share/man/man1/askance.1" || echo "$name"; done)" ""
case_is "make uninstall succeeds" install uninstall
case_is "and leaves nothing" same "$(left)" ""
tap_end
