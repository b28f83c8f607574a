# tap.sh - cases of a shell test, told as tools/run-tests.sh wants them. To be sourced.
#
#     case_is "a changed header rebuilds" test new -nt old
#     tap_end

tap_cases=0
tap_failed=0

# case_is NAME COMMAND... : the case passes when the command does.
case_is() {
    tap_cases=$((tap_cases + 1))
    tap_name=$1
    shift
    if "$@"; then
        echo "ok $tap_cases - $tap_name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_cases - $tap_name"
        echo "# failed: $*"
    fi
}

# case_skip NAME WHY
case_skip() {
    tap_cases=$((tap_cases + 1))
    echo "$2"
    echo "ok $tap_cases - # SKIP $1"
}

# same A B : two texts are equal; shows both when not.
same() {
    [ "$1" = "$2" ] && return
    printf '# expected: %s\n# got:      %s\n' "$2" "$1"
    return 1
}

# holds TEXT WORD... : the text has every word in it.
holds() {
    tap_text=$1
    shift
    for tap_word; do
        case $tap_text in
        *"$tap_word"*) ;;
        *)
            printf '# expected in the text: %s\n# got: %s\n' "$tap_word" "$tap_text"
            return 1
            ;;
        esac
    done
}

tap_end() {
    echo "1..$tap_cases"
    [ $tap_failed = 0 ]
    exit
}
