# Three folders merged into a fourth; nothing is ignored.
$ mkdir base && put base/a.txt 1 2 3 4 5 6 7 && put base/gone.txt gone && put base/x.log log && printf 'a\000b' >base/bin
$ cp -r base ours && cp -r base theirs
$ change ours/a.txt 2 two && change theirs/a.txt 6 six && rm theirs/gone.txt && put theirs/new/deep.txt new && put theirs/y.pyc code && chmod +x theirs/x.log
$ weir merge-tree base ours theirs --out clean
| Merged cleanly into clean; 5 files differ from OURS.
|   ↓ update  a.txt         +1 −1
|   − delete  gone.txt      −1
|   + add     new/deep.txt  +1
|   ~ mode    x.log           becomes executable
|   + add     y.pyc         +1
$ tree clean; cat clean/a.txt
| 644 6f659a615d97a1df ./a.txt
| 644 59b271ae1bbcb1d3 ./bin
| 644 7aa7a5359173d05b ./new/deep.txt
| 755 9b75290f6a6359a2 ./x.log
| 644 b57b236c9bcd2a61 ./y.pyc
| 1
| two
| 3
| 4
| 5
| six
| 7
$ change theirs/a.txt 2 zwei && printf 'a\000c' >theirs/bin && printf 'a\000d' >ours/bin && change ours/gone.txt gone stays
$ weir merge-tree base ours theirs --out marked
| ! Merged into marked with 3 places in 3 files; 3 files differ from OURS.
|   ! conflict  a.txt           1 place
|   ! conflict  bin             changed on both sides, taken as a whole
|   ! conflict  gone.txt        changed here, deleted there
|   + add       new/deep.txt  +1
|   ~ mode      x.log           becomes executable
|   + add       y.pyc         +1
? 3
$ ls marked; cat marked/a.txt
| a.txt
| new
| x.log
| y.pyc
| 1
| <<<<<<< ours
| two
| =======
| zwei
| >>>>>>> theirs
| 3
| 4
| 5
| six
| 7
$ weir merge-tree base ours theirs --out json --json
| {
|   "status": "conflict",
|   "files": [
|     {
|       "path": "new/deep.txt",
|       "action": "add",
|       "added": 1,
|       "removed": 0
|     },
|     {
|       "path": "x.log",
|       "action": "mode",
|       "added": 0,
|       "removed": 0
|     },
|     {
|       "path": "y.pyc",
|       "action": "add",
|       "added": 1,
|       "removed": 0
|     }
|   ],
|   "conflicts": [
|     {
|       "path": "a.txt",
|       "kind": "content",
|       "regions": [
|         {
|           "base": {
|             "start": 2,
|             "count": 1
|           },
|           "ours": {
|             "start": 2,
|             "count": 1
|           },
|           "theirs": {
|             "start": 2,
|             "count": 1
|           }
|         }
|       ],
|       "hashes": {
|         "base": "<hex>",
|         "ours": "<hex>",
|         "theirs": "<hex>"
|       }
|     },
|     {
|       "path": "bin",
|       "kind": "binary",
|       "regions": [],
|       "hashes": {
|         "base": "<hex>",
|         "ours": "<hex>",
|         "theirs": "<hex>"
|       }
|     },
|     {
|       "path": "gone.txt",
|       "kind": "modify_delete",
|       "regions": [],
|       "hashes": {
|         "base": "<hex>",
|         "ours": "<hex>",
|         "theirs": null
|       }
|     }
|   ]
| }
? 3
$ weir merge-tree base ours theirs --out marked
! error: 'marked' is not empty
! Next: Give --out a folder that is empty or not there yet.
? 1
$ weir merge-tree base ours theirs
! error: 'weir merge-tree' needs --out DIR, where the result goes
! usage: weir merge-tree BASE OURS THEIRS --out DIR [--json]
! Next: weir help merge-tree
? 2
$ weir merge-tree base ours theirs/a.txt --out other
! error: 'theirs/a.txt' is not a folder
! usage: weir merge-tree BASE OURS THEIRS --out DIR [--json]
! Next: weir merge-file merges single files.
? 2
$ weir merge-tree base ours nowhere --out other
! error: cannot look at 'nowhere': No such file or directory
! Next: Check the path.
? 1
$ ls other
! ls: cannot access 'other': No such file or directory
? 2
