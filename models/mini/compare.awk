# compare.awk EXPECTED ACTUAL - losses of two smoke runs, line by line. The first of all must
# agree within 1e-3 of its size, later ones within 5 %: bits differ between instruction sets,
# and differences grow.
function loss(line)
{
    sub(/.*"loss":/, "", line)
    return line + 0
}

function name(line)
{
    sub(/,"loss".*/, "", line)
    return line
}

function differs(a, b, tolerance)
{
    return (a > b ? a - b : b - a) > tolerance * b || !(a == a) || !(b > 0)
}

FNR == NR { expected[FNR] = $0; n = FNR; next }

{
    seen = FNR
    if (name($0) != name(expected[FNR])) {
        print "line " FNR ": " $0 ", expected " expected[FNR]
        bad++
    } else if (differs(loss($0), loss(expected[FNR]), FNR == 1 ? 1e-3 : 0.05)) {
        print "line " FNR ": a loss of " loss($0) ", expected " loss(expected[FNR])
        bad++
    }
}

END {
    if (seen != n) { print seen + 0 " lines, expected " n; bad++ }
    print bad ? "smoke: not as expected" : "smoke: " n " losses as expected"
    exit bad ? 1 : 0
}
