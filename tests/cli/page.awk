# Two jobs on a page of docs that shows a transcript in its ```console blocks (see README.md):
#   -v job=shown PAGE                      prints those blocks, with an empty line between two
#   -v job=played SETUP SHOWN TRANSCRIPT   prints the same from a transcript, below its line `# ----`. Commands that are
#                                          words of SETUP set the scene and are left out; `at weir ...` is a person at a
#                                          terminal, whose keys the answer shows. A line that fits what the page shows is
#                                          printed as there.

job == "shown" {
    if (/^```/) {
        inside = /^```console$/
        if (inside && blocks++)
            print ""
    } else if (inside)
        print
    next
}

FNR == 1 {
    file++
}
file == 1 {
    if (match($0, /^[a-z_]+\(\)/))
        word[substr($0, 1, RLENGTH - 2)] = 1
    next
}
file == 2 {
    shown[FNR] = $0
    next
}
/^# ----$/ {
    below = 1
    next
}
!below || /^\? / {
    next
}
/^\$ / {
    scene = ($2 in word)
    at = sub(/^\$ at /, "$ ") && sub(/ <<'END'$/, "")
}
/^(#|$)/ {
    scene = 0
}
scene || (at && /^> /) {
    next
}
{
    if (sub(/^[|!] ?/, "") && $0 == "\\")
        next
    gsub(/<dir>/, "/home/ada")
    line++
    print fits($0, shown[line]) ? shown[line] : $0
}
