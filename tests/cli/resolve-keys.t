# The walk's other keys: whole files, all of a file, all that is open, review, the merge tool, dropping the merge.
$ at() { "$BUILD/pty" --size 120x30 weir "$@"; }
$ upstream up && cd up/skills/pdf && printf '\000\001base' >logo.bin && put gone.md one two && put left.md one two && ln -s SKILL.md link && put mode.sh 'echo a' 'echo b' && put name.md one two three four && put kind.md k && seq 1 30 >many.txt && cd ../../.. && commit up more v1.0.1
$ weir init >made && weir add ./up --path skills/pdf --yes >made
$ live=$WEIR_HOME/collections/default/skills/pdf
$ (cd "$live" && printf '\000\001mine' >logo.bin && echo three >>gone.md && rm left.md && ln -sf mode.sh link && mv name.md ours.md && rm kind.md && mkdir kind.md && put kind.md/x x && sed -i 's/^3$/3c/; s/^15$/15c/; s/^27$/27c/' many.txt)
$ (cd up/skills/pdf && printf '\000\001new' >logo.bin && rm gone.md && echo three >>left.md && ln -sf scripts/extract.sh link && mv name.md theirs.md && echo kk >>kind.md && sed -i 's/^3$/3u/; s/^15$/15u/; s/^27$/27u/' many.txt) && commit up second v1.1.0
$ weir sync pdf --apply; tree "$live" >before
| ! skill:pdf needs you: 10 places in 8 files. Live files are untouched.  trace <hex>
|   ! conflict  gone.md      changed here, deleted there
|   ! conflict  kind.md      a file on one side, something else on the other
|   ! conflict  kind.md/x    a file on one side, something else on the other
|   ! conflict  left.md      deleted here, changed there
|   ! conflict  link         links to different places
|   ! conflict  logo.bin     changed on both sides, taken as a whole
|   ! conflict  many.txt     3 places
|   ! conflict  name.md      renamed differently
| Next: weir resolve skill:pdf

# Each kind in its own words; keys that make no sense are not offered.
$ at resolve pdf <<'END'
> wait gone.md: a whole file
> prompt
> type b
> wait please
> prompt
> type v
> prompt
> type c
> wait kind.md
> prompt
> type u
> wait left.md: a whole file
> prompt
> type c
> wait link: a whole file
> prompt
> type ?
> prompt
> type a
> wait logo.bin: a whole file
> prompt
> type e
> wait please
> prompt
> type u
> wait many.txt:3, place 1 of 3
> prompt
> type uf
> prompt
> type r
> prompt
> type z
> wait many.txt:3, place 1 of 3
> prompt
> type q
> END
| gone.md: a whole file
|   collection changed it, upstream deleted it (modify_delete)
|   collection | 14 B, b6285c57
|   base       | 8 B, c3f9c8c2
|   upstream   | deleted
| [c]ollection [u]pstream b[a]se [e]dit [l]ater [z] undo [q]uit [?]
| > b
| One of the letters in brackets, please.
| > v
| gone.md: a whole file
|   collection changed it, upstream deleted it (modify_delete)
|   collection | 14 B, b6285c57
|   base       | 8 B, c3f9c8c2
|   upstream   | deleted
|   collection | one
|   collection | two
|   collection | three
|   base       | one
|   base       | two
| > c
| kind.md: a whole file
|   a file, a link, a folder: the sides differ in what it is (type)
|   collection | kind.md/x instead
|   base       | 2 B, 19732980
|   upstream   | 5 B, 79e2229a
| [c]ollection [u]pstream b[a]se [l]ater [z] undo [q]uit [?]
| > u
| left.md: a whole file
|   collection deleted it, upstream changed it (delete_modify)
|   collection | deleted
|   base       | 8 B, c3f9c8c2
|   upstream   | 14 B, b6285c57
| [c]ollection [u]pstream b[a]se [e]dit [l]ater [z] undo [q]uit [?]
| > c
| link: a whole file
|   a link that both sides point elsewhere (symlink)
|   collection | link to mode.sh
|   base       | link to SKILL.md
|   upstream   | link to scripts/extract.sh
| [c]ollection [u]pstream b[a]se [l]ater [z] undo [q]uit [?]
| > ?
|   c u a  the side's version of this place; a is what both had in common
|   cf c*  the same for all of this file; for all that is still open
|   v      every line of each side
|   z      take the last choice back
|   r      every place and what was chosen
|   x      drop the waiting merge; files stay as they are
|   q      leave; what is chosen is kept
|   1 2 3  go to the place with this number, chosen or not
| > a
| logo.bin: a whole file
|   both changed it, and it is not text that merges by lines (binary)
|   collection | 6 B, d8bf40e9
|   base       | 6 B, 54731a00
|   upstream   | 5 B, f96ca88e
| [c]ollection [u]pstream b[a]se [l]ater [z] undo [q]uit [?]
| > e
| One of the letters in brackets, please.
| > u
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > uf
| name.md: a whole file
|   collection and upstream gave it different names (rename)
|   collection | ours.md, 19 B, c45d3a27
|   base       | 19 B, c45d3a27
|   upstream   | theirs.md, 19 B, c45d3a27
| [c]ollection [u]pstream b[a]se [l]ater [z] undo [q]uit [?]
| > r
|    1  gone.md  collection
|    2  kind.md  upstream
|    3  kind.md/x  upstream
|    4  left.md  collection
|    5  link  base
|    6  logo.bin  upstream
|    7  many.txt:3  upstream
|    8  many.txt:15  upstream
|    9  many.txt:27  upstream
|   10  name.md  open
| > z
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > q
| 6 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf
? 3
$ tree "$live" | diff before -

# The rest from one side at once, back to one place by its number, then the review.
$ at resolve pdf <<'END'
> prompt
> type c*
> wait Apply
> type n
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > c*
| Would resolve skill:pdf, 4 files.
|   + add     kind.md    +2
|   − delete  kind.md/x  −1
|   ↓ update  link       +1 −1  a link
|   ↓ update  logo.bin          binary
|   Brings: binary, link
| diff --git a/kind.md b/kind.md
| new file mode 100644
| index <hex>..<hex>
| --- /dev/null
| +++ b/kind.md
| @@ -0,0 +1,2 @@
| +k
| +kk
| diff --git a/kind.md/x b/kind.md/x
| deleted file mode 100644
| index <hex>..<hex>
| --- a/kind.md/x
| +++ /dev/null
| @@ -1 +0,0 @@
| -x
| diff --git a/link b/link
| index <hex>..<hex> 120000
| --- a/link
| +++ b/link
| @@ -1 +1 @@
| -mode.sh
| \ No newline at end of file
| +SKILL.md
| \ No newline at end of file
| diff --git a/logo.bin b/logo.bin
| index <hex>..<hex> 100644
| Binary files a/logo.bin and b/logo.bin differ
| Apply 4 files? [y/N] n
| Nothing was written.
| What was chosen is kept.
| Next: weir resolve pdf
? 3
$ at resolve pdf <<'END'
> wait All places are chosen
> prompt
> type 8
> wait chosen
> prompt
> type u
> wait Apply
> type n
> END
| All places are chosen.
|    1  gone.md  collection
|    2  kind.md  upstream
|    3  kind.md/x  upstream
|    4  left.md  collection
|    5  link  base
|    6  logo.bin  upstream
|    7  many.txt:3  collection
|    8  many.txt:15  collection
|    9  many.txt:27  collection
|   10  name.md  collection
| [r]eview and apply [z] undo [q]uit, or a place's number
| > 8
| many.txt:15, place 2 of 3, chosen
|   collection | 15c
|   base       | 15
|   upstream   | 15u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > u
| Would resolve skill:pdf, 5 files.
|   + add     kind.md    +2
|   − delete  kind.md/x  −1
|   ↓ update  link       +1 −1  a link
|   ↓ update  logo.bin          binary
|   ↓ update  many.txt   +1 −1
|   Brings: binary, link
| diff --git a/kind.md b/kind.md
| new file mode 100644
| index <hex>..<hex>
| --- /dev/null
| +++ b/kind.md
| @@ -0,0 +1,2 @@
| +k
| +kk
| diff --git a/kind.md/x b/kind.md/x
| deleted file mode 100644
| index <hex>..<hex>
| --- a/kind.md/x
| +++ /dev/null
| @@ -1 +0,0 @@
| -x
| diff --git a/link b/link
| index <hex>..<hex> 120000
| --- a/link
| +++ b/link
| @@ -1 +1 @@
| -mode.sh
| \ No newline at end of file
| +SKILL.md
| \ No newline at end of file
| diff --git a/logo.bin b/logo.bin
| index <hex>..<hex> 100644
| Binary files a/logo.bin and b/logo.bin differ
| diff --git a/many.txt b/many.txt
| index <hex>..<hex> 100644
| --- a/many.txt
| +++ b/many.txt
| @@ -12,7 +12,7 @@
|  12
|  13
|  14
| -15c
| +15u
|  16
|  17
|  18
| Apply 5 files? [y/N] n
| Nothing was written.
| What was chosen is kept.
| Next: weir resolve pdf
? 3
$ tree "$live" | diff before -

# A merge tool gets the file with $BASE $LOCAL $REMOTE $MERGED; what fails, leaves markers or changes nothing is told.
$ weir undo --apply; weir undo --apply
| ✓ Took back "weir resolve pdf" of <any>, 1 artifact.
| Next: weir status
| ✓ Took back "weir resolve pdf" of <any>, 1 artifact.
| Next: weir status
$ at resolve pdf --file many.txt --tool 'exit 4' <<'END'
> prompt
> type t
> wait ended with 4
> prompt
> type q
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > t
| error: the merge tool 'exit 4' ended with 4; its text was not taken
| Next: Name one with --tool NAME, --tool 'COMMAND "$MERGED"', or the setting merge_tool.
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > q
| 6 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf --file many.txt --tool 'exit 4'
? 3
$ weir resolve pdf --file many.txt --tool no-such-tool 2>&1 | grep -v 'not found'
| error: there is no merge tool 'no-such-tool'
| Next: Name one with --tool NAME, --tool 'COMMAND "$MERGED"', or the setting merge_tool.
| 6 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf --file many.txt --tool no-such-tool
$ weir resolve pdf --file many.txt --tool 'cat "$BASE" >/dev/null'
| 6 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf --file many.txt --tool 'cat "$BASE" >/dev/null'
! The text was left as it was: nothing is chosen.
? 3
$ weir resolve pdf --file many.txt --tool 'echo more >>"$MERGED"' 2>&1 | sed 's/[0-9a-f]\{16\}-/KEY-/'
| error: many.txt: the resolution still has a conflict marker in line 3
| Next: Edit the file until no marker is left, then run the command again.
| What you wrote is kept; edit again to go on with it:
| <home>/weir/edit/KEY-many.txt
| 6 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf --file many.txt --tool 'echo more >>"$MERGED"'
$ ls "$WEIR_HOME/edit" | sed 's/^[0-9a-f]*-//'
| many.txt
$ weir resolve pdf --file many.txt --tool 'diff "$BASE" "$LOCAL"; cp "$REMOTE" "$MERGED"'
| 3c3
| < 3
| ---
| > 3c
| 15c15
| < 15
| ---
| > 15c
| 27c27
| < 27
| ---
| > 27c
| 9 of 10 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf --file many.txt --tool 'diff "$BASE" "$LOCAL"; cp "$REMOTE" "$MERGED"'
! note: going on with the text of before
? 3
$ ls "$WEIR_HOME/edit"
$ weir resolve pdf --json | grep -c '"chosen": "text"'
| 3

# A place by number or by key, without a terminal.
$ weir resolve pdf --file many.txt --place 2 --take collection --apply
| Settled one place of skill:pdf; 4 places in 2 files left.
| Next: weir resolve skill:pdf
? 3
$ weir resolve pdf --file many.txt --place 9 --take collection --apply
! error: there is no place '9'
! Next: `weir resolve pdf` lists the places; --place takes a key of --json, or with --file a number.
? 1
$ weir resolve pdf --place 1 --apply
! error: --place needs --take SIDE or --with FILE
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2

# Dropped: no file changes, and undo brings the merge back.
$ at resolve pdf <<'END'
> prompt
> type x
> wait [y/N]
> type n
> prompt
> type x
> wait [y/N]
> type y
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > x
| Drop the waiting merge and what was chosen? [y/N] n
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > x
| Drop the waiting merge and what was chosen? [y/N] y
| Dropped the waiting merge of skill:pdf. No file changed.
$ weir resolve; tree "$live" | diff before -
| No merge waits for you.
$ weir undo --apply && weir resolve
| ✓ Took back "weir resolve pdf" of <any>, 1 artifact.
| Next: weir status
| 1 merge waits for you.
|   skill:pdf  U→C   since <any>
| Next: weir resolve skill:pdf

# Killed, or its terminal closed, in the middle: what was chosen before is kept, and what the editor held too.
$ put half.sh 'echo half a text >"$1"' 'kill -9 $PPID'
$ at resolve pdf --file many.txt <<'END'
> prompt
> type zz
> prompt
> type 8
> wait place 2 of 3
> prompt
> type B
> wait place 1 of 3
> prompt
> kill
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > zz
| One of the letters in brackets, please.
| > 8
| many.txt:15, place 2 of 3, chosen
|   collection | 15c
|   base       | 15
|   upstream   | 15u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > B
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > 
|\
? 137
$ VISUAL='exec sh half.sh' at resolve pdf <<'END'
> prompt
> type e
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > e
? 137
$ at resolve pdf <<'END'
> prompt
> type 1
> wait gone.md
> prompt
> type u
> wait place 1 of 3
> prompt
> close
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > 1
| gone.md: a whole file, chosen
|   collection changed it, upstream deleted it (modify_delete)
|   collection | 14 B, b6285c57
|   base       | 8 B, c3f9c8c2
|   upstream   | deleted
| [c]ollection [u]pstream b[a]se [e]dit [l]ater [z] undo [q]uit [?]
| > u
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > 
|\
? 129
$ ls "$WEIR_HOME/edit" | sed 's/^[0-9a-f]*-//'
| many.txt
$ weir resolve pdf --json | grep '"chosen"'
|       "chosen": "upstream",
|       "chosen": "upstream",
|       "chosen": "upstream",
|       "chosen": "collection",
|       "chosen": "base",
|       "chosen": "upstream",
|       "chosen": null,
|       "chosen": "both-reversed",
|       "chosen": null,
|       "chosen": null,
$ VISUAL=true at resolve pdf <<'END'
> prompt
> type e
> wait going on with the text of before
> wait place 3 of 3
> prompt
> type b
> wait name.md
> prompt
> type c
> wait Apply
> type y
> END
| many.txt:3, place 1 of 3
|   collection | 3c
|   base       | 3
|   upstream   | 3u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > e
| note: going on with the text of before
| many.txt:27, place 3 of 3
|   collection | 27c
|   base       | 27
|   upstream   | 27u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > b
| name.md: a whole file
|   collection and upstream gave it different names (rename)
|   collection | ours.md, 19 B, c45d3a27
|   base       | 19 B, c45d3a27
|   upstream   | theirs.md, 19 B, c45d3a27
| [c]ollection [u]pstream b[a]se [l]ater [z] undo [q]uit [?]
| > c
| Would resolve skill:pdf, 6 files.
|   − delete  gone.md    −3
|   + add     kind.md    +2
|   − delete  kind.md/x  −1
|   ↓ update  link       +1 −1  a link
|   ↓ update  logo.bin          binary
|   ↓ update  many.txt   +3 −1
|   Brings: binary, link
| diff --git a/gone.md b/gone.md
| deleted file mode 100644
| index <hex>..<hex>
| --- a/gone.md
| +++ /dev/null
| @@ -1,3 +0,0 @@
| -one
| -two
| -three
| diff --git a/kind.md b/kind.md
| new file mode 100644
| index <hex>..<hex>
| --- /dev/null
| +++ b/kind.md
| @@ -0,0 +1,2 @@
| +k
| +kk
| diff --git a/kind.md/x b/kind.md/x
| deleted file mode 100644
| index <hex>..<hex>
| --- a/kind.md/x
| +++ /dev/null
| @@ -1 +0,0 @@
| -x
| diff --git a/link b/link
| index <hex>..<hex> 120000
| --- a/link
| +++ b/link
| @@ -1 +1 @@
| -mode.sh
| \ No newline at end of file
| +SKILL.md
| \ No newline at end of file
| diff --git a/logo.bin b/logo.bin
| index <hex>..<hex> 100644
| Binary files a/logo.bin and b/logo.bin differ
| diff --git a/many.txt b/many.txt
| index <hex>..<hex> 100644
| --- a/many.txt
| +++ b/many.txt
| @@ -1,6 +1,6 @@
|  1
|  2
| -3c
| +half a text
|  4
|  5
|  6
| @@ -12,6 +12,7 @@
|  12
|  13
|  14
| +15u
|  15c
|  16
|  17
| @@ -25,6 +26,7 @@
|  25
|  26
|  27c
| +27u
|  28
|  29
|  30
| Apply 6 files? [y/N] y
| ✓ Resolved skill:pdf, 6 files.
| Undo: weir undo
$ ls "$WEIR_HOME/edit"; sed '4,14d; 18,26d' "$live/many.txt"; weir status
| 1
| 2
| half a text
| 15u
| 15c
| 16
| 26
| 27c
| 27u
| 28
| 29
| 30
|   skill:pdf  ~ modified  U→C  1.1.0  @latest
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
