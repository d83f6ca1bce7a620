# --write-markers: the places go into the live files; every other verb still sees the files without them.
$ text() { printf '%s\n' "$1" k1 k2 k3 k4 "$2" end; }
$ upstream up && text one two >up/skills/pdf/SKILL.md && printf '\000base' >up/skills/pdf/logo.bin && commit up plain v1.0.1
$ weir init >made && mkdir atlas beacon && weir add ./up --path skills/pdf --yes >made && weir deploy pdf --project atlas --yes >made
$ live=$WEIR_HOME/collections/default/skills/pdf
$ text one-c two >"$live/SKILL.md" && weir sync pdf --direction project --apply >made
$ text one-u two-u >up/skills/pdf/SKILL.md && put up/skills/pdf/new.md new && commit up second v1.1.0
$ tree "$live" >before; weir status
|   skill:pdf  ~ modified  U→C  1.0.1  @latest
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
$ weir sync pdf --write-markers
| skill:pdf  upstream 1.0.1 → 1.1.0 → collection, base e9fefe17
|   ! conflict  SKILL.md    1 place
|   + add       new.md    +1
| Nothing was written.
| Next: weir sync pdf --write-markers --apply
? 3
$ tree "$live" | diff before -
$ weir sync pdf --write-markers --apply
| ! skill:pdf needs you: 1 place in SKILL.md. Markers stand in 1 file.  trace <hex>
|   ! conflict  SKILL.md    1 place
|   + add       new.md    +1
| Next: weir resolve skill:pdf --from-live
? 3
$ cat "$live/SKILL.md"; tree "$live" | diff before - | cut -c 1-8
| <<<<<<< collection 795ed651
| one-c
| =======
| one-u
| >>>>>>> upstream 1.1.0
| k1
| k2
| k3
| k4
| two-u
| end
| 1c1
| < 644 c9
| ---
| > 644 ef
$ weir status; weir drift; weir diff pdf --project atlas | head -1; weir why pdf | head -3
|   skill:pdf  ! conflict  U→C  1.0.1 → 1.1.0  @latest
|   Upstreams checked just now.
| Next: weir resolve skill:pdf --from-live
| 2 edges: 1 synced · 1 conflict  (<ms>)
|   skill:pdf  ! conflict  U→C  1.0.1 → 1.1.0, 2 files
| Next: weir why skill:pdf
| skill:pdf: A merge of upstream and the collection waits for you: places were changed on both sides. Its markers stand in the live files.
|
| U→C  ! conflict

# What other verbs do goes by the files as they were: nothing with markers travels.
$ weir sync pdf --direction project --apply; weir deploy pdf --project beacon --apply; cat beacon/.claude/skills/pdf/SKILL.md | head -2
| ✓ skill:pdf: nothing new to bring in.
| ✓ Deployed skill:pdf to beacon, 3 files in .claude/skills/pdf
| Undo: weir undo
| one-c
| k1
$ echo tail >>atlas/.claude/skills/pdf/SKILL.md && weir pull pdf --project atlas --apply
! error: the markers of a waiting merge stand in the files of skill:pdf
! Next: weir resolve skill:pdf --from-live, or --abort.
? 3
$ grep -c '^<<<<<<<' "$live/SKILL.md"
| 1
$ weir sync pdf --write-markers --apply; weir resolve pdf --write-markers --apply
| ! skill:pdf needs you: 1 place in SKILL.md. Live files are untouched.  trace <hex>
|   ! conflict  SKILL.md    1 place
|   + add       new.md    +1
| Next: weir resolve skill:pdf
! note: the markers stand in the files of skill:pdf already
! error: the markers stand in the files of skill:pdf already
! Next: weir resolve skill:pdf --from-live, or --abort.
? 1
$ weir patch pdf --out p.patch && grep -c '<<<<<<<' p.patch
| ✓ Wrote p.patch: 1 file of skill:pdf from the collection, +1 −1
|   size    886 B
|   sha256  <hex>
|   for     <dir>/up at fd3b6ae7f140
| Next: git am p.patch
| 0
? 1

# It comes back only without markers.
$ weir resolve pdf --from-live --apply
! error: SKILL.md: the resolution still has a conflict marker in line 1
! Next: Edit the file until no marker is left, then run the command again.
? 1
$ text by-hand two-u >"$live/SKILL.md" && echo more >>"$live/SKILL.md"
$ weir resolve pdf --from-live
| Would resolve skill:pdf, 2 files.
|   ↓ update  SKILL.md  +3 −2
|   + add     new.md    +1
| Nothing was written.
| Next: weir resolve pdf --from-live --apply
$ weir resolve pdf --from-live --apply; cat "$live/SKILL.md" "$live/new.md"; weir status
| ✓ Resolved skill:pdf, 2 files.
| Undo: weir undo
| by-hand
| k1
| k2
| k3
| k4
| two-u
| end
| more
| new
|   skill:pdf  ~ modified  U→C  1.1.0  @latest
|              Y diverged  C→P  atlas, 2 files
|              ↓ outdated  C→P  beacon, 2 files
|   Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/atlas
$ weir verify | head -1
| ✓ All is sound.

# Undone, the edited files wait again; undone once more, all is as before the sync.
$ weir undo --apply; cat "$live/SKILL.md"; ls "$live"; weir status
| ✓ Took back "weir resolve pdf --from-live --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status
| by-hand
| k1
| k2
| k3
| k4
| two-u
| end
| more
| SKILL.md
| logo.bin
| scripts
|   skill:pdf  ! conflict  U→C  1.0.1 → 1.1.0  @latest
|              ~ modified  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir resolve skill:pdf --from-live
$ weir undo --apply; tree "$live" | diff before -; weir status; weir verify | head -1
| ✓ Took back "weir deploy pdf --project beacon --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 3 files in .claude/skills/pdf
| Next: weir status
| 1c1
| < 644 c9274a8706ca76f8 ./SKILL.md
| ---
| > 644 346779166f67c7ab ./SKILL.md
|   skill:pdf  ! conflict  U→C  1.0.1 → 1.1.0  @latest
|              ~ modified  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir resolve skill:pdf --from-live
| ✓ All is sound.

# Another choice replaces what was begun in the files, and says so; an abort takes the markers away.
$ weir sync pdf --apply >made; weir resolve pdf --write-markers --apply; echo edit >>"$live/SKILL.md"
! error: the markers stand in the files of skill:pdf already
! Next: weir resolve skill:pdf --from-live, or --abort.
$ weir resolve pdf --take upstream; weir resolve pdf --abort; weir resolve pdf --abort --apply
| Would resolve skill:pdf, 2 files.
|   files with markers were edited since; what was chosen replaces them
|   ↓ update  SKILL.md  +2 −2
|   + add     new.md    +1
| Nothing was written.
| Next: weir resolve pdf --take upstream --apply
| Would drop the waiting merge of skill:pdf; its markers go from 1 file.
| Nothing was written.
| Next: weir resolve pdf --abort --apply
| Dropped the waiting merge of skill:pdf; its markers go from 1 file.
| Undo: weir undo
$ tree "$live" | diff before -; weir status; weir resolve pdf --from-live
|   skill:pdf  Y diverged  U→C  1.0.1 → 1.1.0  @latest
|              ~ modified  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir sync skill:pdf
! error: no merge of 'pdf' waits
! Next: `weir status` lists what waits.
? 1
$ weir undo --apply; tail -2 "$live/SKILL.md"; weir resolve pdf --take upstream --apply; weir status
| ✓ Took back "weir resolve pdf --abort --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status
| more
| edit
| ✓ Resolved skill:pdf, 2 files.
|   files with markers were edited since; what was chosen replaces them
| Undo: weir undo
|   skill:pdf  Y diverged  C→P  atlas, 2 files
|   Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/atlas

# In a project, and with a file that takes no markers.
$ text one-p two-p >atlas/.claude/skills/pdf/SKILL.md && printf '\000p' >atlas/.claude/skills/pdf/logo.bin && printf '\000c' >"$live/logo.bin"
$ weir sync pdf --direction project --project atlas --write-markers --apply --json | grep -E '"(result|kind)"'
|   "result": "conflict",
|       "kind": "content",
|       "kind": "binary",
|       "result": "conflict",
$ grep -c '^<<<<<<<\|^>>>>>>>' atlas/.claude/skills/pdf/SKILL.md
| 4
$ weir pull pdf --project atlas --apply
! error: a merge the other way waits for skill:pdf
! Next: Resolve it with `weir resolve`, or drop it with `weir resolve --abort`.
? 3
$ text x y >atlas/.claude/skills/pdf/SKILL.md; weir resolve pdf --project atlas --from-live --apply
| Settled 1 file of skill:pdf; 1 place in logo.bin left.
| Next: weir resolve skill:pdf --project <dir>/atlas
? 3
$ weir resolve pdf --project atlas --write-markers
! error: the markers stand in the files of skill:pdf already
! Next: weir resolve skill:pdf --from-live, or --abort.
? 1
$ weir resolve pdf --project atlas --take project --apply; weir status --project atlas
| ✓ Resolved skill:pdf, 2 files.
| Undo: weir undo
|   skill:pdf  ~ modified  U→C  1.1.0  @latest
|              ~ modified  C→P  atlas, 2 files
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
