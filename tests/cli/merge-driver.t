# git itself calls the driver, for clean merges, conflicts and binary files.
$ git init -q repo && cd repo && git config merge.weir.driver 'weir merge-driver %O %A %B --path %P --marker-size %L'
$ put .gitattributes '* merge=weir' && put a.txt one two three four five six seven && printf 'a\0b' >b.bin && git add -A && git commit -qm base
$ git checkout -q -b side && put a.txt one two three four five 6 seven && printf 'a\0side' >b.bin && git commit -qam side
$ git checkout -q main && put a.txt one 2 three four five six seven && git commit -qam main
$ git merge -q side -m clean >quiet && cat a.txt
| one
| 2
| three
| four
| five
| 6
| seven
$ git checkout -q -b left && put a.txt one zwei three four five 6 seven && printf 'a\0left' >b.bin && git commit -qam left
$ git checkout -q main && put a.txt one deux three four five 6 seven && printf 'a\0main' >b.bin && git commit -qam right
$ git merge left >merge.out 2>&1
? 1
$ sed -n '/^weir/p' merge.out; git diff --name-only --diff-filter=U; cat a.txt
| weir: b.bin is binary: OURS is kept, choose one side by hand
| a.txt
| b.bin
| one
| <<<<<<< ours
| deux
| =======
| zwei
| >>>>>>> theirs
| three
| four
| five
| 6
| seven
$ git show main:b.bin | cmp - b.bin && echo kept
| kept
# Against git's own driver, byte for byte.
$ cd .. && put o one two three four && put a one 2 three four && put b one zwei three 4 && cp a g && git merge-file -L ours -L base -L theirs g o b >git.out 2>&1
? 1
$ weir merge-driver o a b; echo "exit $?"; cmp a g && echo same
| exit 1
| same
$ weir merge-driver o a
! error: 'weir merge-driver' needs three files: BASE OURS THEIRS
! usage: weir merge-driver BASE OURS THEIRS [--path PATH] [--marker-size N] [--diff3|--zdiff3]
! Next: weir help merge-driver
? 129
$ weir merge-driver o a nothing --json
| {
|   "error": {
|     "code": "NOT_FOUND",
|     "message": "cannot open 'nothing': No such file or directory",
|     "hint": "Check the path.",
|     "details": {}
|   },
|   "trace_id": "<hex>"
| }
? 255
