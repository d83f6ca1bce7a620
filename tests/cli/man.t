# needs: groff
# A page for weir and for each command, with the same sections and nothing that the formatter warns of.
$ pages() { weir help --json | sed -n 's/.*"name": "\(.*\)".*/\1/p'; }
$ pages | wc -l >count; [ "$(cat count)" -ge 26 ] || cat count
$ lint() { groff -ww -man -K utf8 -T utf8 -P -c "$1" 2>&1 >shown | sed "s,^,$1: ,"; grep -c . shown >/dev/null || echo "$1: empty"; }
$ weir help --man >weir.1; lint weir.1
$ for page in $(pages); do weir help "$page" --man >weir-$page.1; lint weir-$page.1; done
$ for page in weir-*.1; do grep -q '^.SH NAME' $page && grep -q '^.SH SYNOPSIS' $page && grep -q '^.SH EXAMPLES' $page || echo $page; done
$ for page in $(pages); do grep -q "weir.-$(echo $page | sed 's/-/.-/g').fR(1)" weir.1 || echo "$page is not in weir.1"; done
$ sed -n '/^.SH EXIT/,/^.SH ENV/p' weir.1 | grep -c '^.TP'
| 11
$ head -5 weir-merge-file.1; grep -c 'EXIT STATUS' weir-merge-file.1
| .TH WEIR\-MERGE\-FILE 1 "" "weir 0.1.0" "weir manual"
| .nh
| .ad l
| .SH NAME
| weir\-merge\-file \- merge three files as \(gagit merge\-file\(ga does
| 0
? 1
$ weir help pin --man | sed -n '/^.SH SYN/,/^.SH OPTIONS/p'
| .SH SYNOPSIS
| .HP
| \fBweir pin\fR TYPE:NAME... @REF
| .HP
| \fBweir pin\fR \-\-all @REF
| .SH DESCRIPTION
| REF is latest, a tag, a branch, a sha, or a range such as \(ha1.2. Acts at once; files change with the next sync.
| .SH OPTIONS
$ weir help nothing --man
! error: there is no command 'nothing'
! usage: weir help [COMMAND] [--man]
! Next: weir help
? 2
