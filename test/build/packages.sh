#!/bin/sh
# tools/packages.sh says what is missing and never hangs or half-installs.
#
# The machine is imitated: a PATH of its own holds a compiler that finds no header, and an
# apt-get, sudo and id that only write down what they are asked.
set -u
. test/support/tap.sh

dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"
for tool in sh env grep awk sed sort tr ls cat mktemp rm; do
    ln -s "$(command -v $tool)" "$dir/bin/$tool"
done

imitate() { # imitate NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"
    chmod +x "$dir/bin/$1"
}
asked=$dir/asked
note="echo \"\$(basename \"\$0\") \$*\" >>$asked"
ln -s "$(command -v basename)" "$dir/bin/basename"

machine() { # machine USER-ID : nothing is installed; apt-get installs
    rm -f "$asked" "$dir/installed" "$dir/bin/sudo"
    imitate id "echo $1"
    imitate gcc "[ -e $dir/installed ]"
    imitate pkg-config "[ -e $dir/installed ] && echo -lx"
    imitate apt-get "$note; case \$* in *install*) >$dir/installed ;; esac"
    : >"$asked"
}
packages() { # packages [NAME=VALUE...] : the script's words and exit status, without a terminal
    env -i PATH="$dir/bin" "$@" tools/packages.sh build "$dir/out.mk" </dev/null 2>&1
    echo "exit $?"
}

machine 1000
case_is "without sudo and terminal the exact line is printed" holds "$(packages)" \
    "Debian packages missing:" "sudo apt-get install" "libdnnl-dev" "exit 2"
case_is "and nothing was asked of apt-get" same "$(cat "$asked")" ""
case_is "and no makefile was written" test ! -e "$dir/out.mk"

machine 1000
case_is "YES=1 without sudo prints the exact line" holds "$(packages YES=1)" \
    "sudo apt-get install" "exit 2"

machine 1000
imitate sudo "$note; [ \"\$1\" = -n ] && shift; exec \"\$@\""
case_is "YES=1 with sudo installs" holds "$(packages YES=1)" "exit 0"
case_is "with a sudo that may not ask for a password" holds "$(cat "$asked")" \
    "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y" "libjansson-dev"

machine 1000
imitate sudo "$note; echo 'sudo: a password is required' >&2; exit 1"
case_is "a sudo that refuses leads to the exact line" holds "$(packages YES=1)" \
    "a password is required" "sudo apt-get install" "exit 2"

machine 0
case_is "root installs without a question" holds "$(packages)" "exit 0"
case_is "without sudo" holds "$(cat "$asked")" "apt-get install -y --no-install-recommends"
case_is "and the makefile has the libraries" \
    holds "$(cat "$dir/out.mk")" "DEPS_CFLAGS :=" "DEPS_LIBS := -lx -ldnnl -lm"

machine 0
imitate apt-get 'echo "E: unable to fetch" >&2; exit 100'
case_is "an apt-get that fails leads to the exact line" holds "$(packages)" \
    "unable to fetch" "sudo apt-get install" "exit 2"

machine 0
: >"$dir/installed"
case_is "a machine that has everything is left alone" same "$(packages)" "exit 0"
case_is "without apt-get" same "$(cat "$asked")" ""

if command -v script >/dev/null; then
    on_terminal() { # on_terminal ANSWER
        echo "$1" | script -qec "env -i PATH=$dir/bin tools/packages.sh build $dir/out.mk" \
            /dev/null
        echo "exit $?"
    }
    machine 1000
    imitate sudo "$note; exec \"\$@\""
    case_is "a terminal is asked, and no means no" holds "$(on_terminal n)" \
        "Install them with sudo apt-get?" "sudo apt-get install"
    case_is "then apt-get is not called" same "$(cat "$asked")" ""
    case_is "a terminal is asked, and yes installs" holds "$(on_terminal y)" \
        "Install them with sudo apt-get?" "exit 0"
else
    case_skip "a terminal is asked" "the program script is not installed"
fi
tap_end
