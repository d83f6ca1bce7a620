# The bytes and exit codes of git merge-file.
$ put base.txt one two three four five six seven && put ours.txt one 2 three four five six seven && put theirs.txt one two three four five 6 seven
$ weir merge-file -p ours.txt base.txt theirs.txt
| one
| 2
| three
| four
| five
| 6
| seven
$ put theirs.txt one zwei three four five 6 seven
$ weir merge-file -p ours.txt base.txt theirs.txt
| one
| <<<<<<< ours.txt
| 2
| =======
| zwei
| >>>>>>> theirs.txt
| three
| four
| five
| 6
| seven
? 1
$ both() { weir merge-file "$@" >w.out 2>/dev/null; w=$?; git merge-file "$@" >g.out 2>/dev/null; g=$?; cmp w.out g.out && echo "$w $g"; }
$ both -p ours.txt base.txt theirs.txt
| 1 1
$ both -p --diff3 -L mine -L old -L new ours.txt base.txt theirs.txt
| 1 1
$ both -p --zdiff3 --marker-size=9 ours.txt base.txt theirs.txt
| 1 1
$ both -p --union ours.txt base.txt theirs.txt; both -p --ours ours.txt base.txt theirs.txt; both -pq --theirs ours.txt base.txt theirs.txt
| 0 0
| 0 0
| 0 0
$ both -p ours.txt base.txt nothing.txt
| 255 255
$ both -p ours.txt base.txt
| 129 129
$ both -p -La -Lb -Lc -Ld ours.txt base.txt theirs.txt
| 129 129

# In place, through a link, keeping the mode.
$ cp ours.txt real.txt && chmod 750 real.txt && ln -s real.txt link.txt && weir merge-file link.txt base.txt theirs.txt
? 1
$ git merge-file -p -L link.txt ours.txt base.txt theirs.txt | cmp - real.txt
$ stat -c %a real.txt; readlink link.txt
| 750
| real.txt

# Binary, and words that are no option.
$ printf 'a\000b' >bin && weir merge-file -p bin base.txt theirs.txt
! error: Cannot merge binary files: bin
! Next: Choose one of the two files by hand.
? 255
$ weir merge-file --diff ours.txt base.txt theirs.txt
! error: unknown option '--diff'. Did you mean '--diff3'?
! usage: weir merge-file [-p] [-q] [-L NAME]... [--diff3|--zdiff3] [--ours|--theirs|--union] [--marker-size=N] OURS BASE THEIRS
! Next: weir help merge-file
? 129
$ weir merge-file -p --json ours.txt base.txt theirs.txt
| {
|   "status": "conflict",
|   "conflicts": 1,
|   "regions": [
|     {
|       "base": {
|         "start": 2,
|         "count": 1
|       },
|       "ours": {
|         "start": 2,
|         "count": 1
|       },
|       "theirs": {
|         "start": 2,
|         "count": 1
|       }
|     }
|   ],
|   "text": "one\n<<<<<<< ours.txt\n2\n=======\nzwei\n>>>>>>> theirs.txt\nthree\nfour\nfive\n6\nseven\n"
| }
? 1
