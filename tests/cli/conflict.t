# Two projects change one line: the second one's files stay as they are, and a merge waits.
$ upstream up && mkdir atlas beacon && weir init >made
$ weir add ./up --path skills/pdf --yes >made && weir deploy pdf --project atlas --yes >made && weir deploy pdf --project beacon --yes >made
$ change atlas/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.'
$ change beacon/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by page.'
$ weir pull pdf --project atlas --apply
| ✓ Pulled skill:pdf into the collection, 1 file in skills/pdf
| Undo: weir undo
$ weir sync pdf --direction project --project beacon
| skill:pdf  collection → beacon, base 5e71b8cb
|   ! conflict  SKILL.md    1 place
| Nothing was written.
| Next: weir sync pdf --direction project --project beacon --apply
? 3
$ tree beacon >before
$ weir sync pdf --direction project --project beacon --apply
| ! skill:pdf needs you: 1 place in SKILL.md. Live files are untouched.  trace <hex>
|   ! conflict  SKILL.md    1 place
| Next: weir resolve skill:pdf --project <dir>/beacon
? 3
$ tree beacon | diff before -
$ weir status
|   skill:pdf  ~ modified  U→C  1.0.0  @latest
|              ! conflict  C→P  beacon, 1 file
|   Upstreams checked just now.
| Next: weir resolve skill:pdf --project <dir>/beacon
$ weir why pdf --project beacon
| skill:pdf: A merge of the collection and beacon waits for you: places were changed on both sides. The live files keep working until you choose.
|
| U→C  ~ modified
|   The collection changed 1 file of its own; upstream has nothing new.
|   base        5e71b8cb  the last version both had in common
|   upstream    5e71b8cb  same as the base
|   collection  8c2e02ae  changed since the base
|     modify  SKILL.md
|
| C→P beacon  ! conflict
|   base        5e71b8cb  the last version both had in common
|   collection  8c2e02ae  changed since the base
|   project     e3b759fd  changed since the base
|     modify  SKILL.md
|   The merge waits since <any>.
|
| Next: weir resolve skill:pdf --project <dir>/beacon
$ weir resolve
| 1 merge waits for you.
|   skill:pdf  C→P beacon  since <any>
| Next: weir resolve skill:pdf
$ weir resolve pdf
| ! skill:pdf waits for you: 1 place in SKILL.md. Live files are untouched.
| SKILL.md:7, place 1 of 1
|   project    | Split it by page.
|   base       | Split it.
|   collection | Split it by chapter.
| Next: weir resolve pdf --file PATH --take collection|project|base|both --apply
? 3

# Sides that are not on this edge, markers that were left, words that contradict.
$ weir resolve pdf --file SKILL.md --take upstream
! error: SKILL.md: that side takes no part in this merge: it is between collection and project
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2
$ put mine.md '<<<<<<< here' 'a' '=======' 'b' '>>>>>>> there'
$ weir resolve pdf --file SKILL.md --with mine.md --apply
! error: SKILL.md: the resolution still has a conflict marker in line 1
! Next: Edit the file until no marker is left, then run the command again.
? 1
$ weir resolve pdf --file nothing.md --take base --apply
! error: 'nothing.md' has no place in conflict
! Next: `weir resolve skill:pdf` lists the files that have.
? 1
$ weir resolve pdf --take base --with mine.md
! error: --take and --with are one or the other
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2
$ weir resolve pdf --with mine.md
! error: --with needs --file PATH: the file it is for
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2

$ weir resolve pdf --file SKILL.md --take both
| Would resolve skill:pdf, 1 file.
|   ↓ update  SKILL.md  +1
| Nothing was written.
| Next: weir resolve pdf --file SKILL.md --take both --apply
$ weir resolve pdf --file SKILL.md --take both --apply
| ✓ Resolved skill:pdf, 1 file.
| Undo: weir undo
$ sed -n 5,9p beacon/.claude/skills/pdf/SKILL.md
|
| Read the file.
| Split it by page.
| Split it by chapter.
| Say what it holds.
$ weir status
|   skill:pdf  ~ modified  U→C  1.0.0  @latest
|              ~ modified  C→P  beacon, 1 file
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection

# Undo brings the waiting merge back; abort drops it, and undo brings that back too.
$ weir undo --apply
| ✓ Took back "weir resolve pdf --file SKILL.md --take both --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in .claude/skills/pdf
| Next: weir status
$ weir status
|   skill:pdf  ~ modified  U→C  1.0.0  @latest
|              ! conflict  C→P  beacon, 1 file
|   Upstreams checked just now.
| Next: weir resolve skill:pdf --project <dir>/beacon
$ weir resolve pdf --abort
| Would drop the waiting merge of skill:pdf. No file changes.
| Nothing was written.
| Next: weir resolve pdf --abort --apply
$ weir resolve pdf --abort --apply
| Dropped the waiting merge of skill:pdf. No file changed.
| Undo: weir undo
$ weir status
|   skill:pdf  ~ modified  U→C  1.0.0  @latest
|              Y diverged  C→P  beacon, 1 file
|   Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/beacon
$ weir undo --apply
| ✓ Took back "weir resolve pdf --abort --apply" of <any>, 1 artifact.
| Next: weir status
$ weir resolve pdf --take ours --apply
| ✓ Resolved skill:pdf, 0 files.
| Undo: weir undo
$ sed -n 6p beacon/.claude/skills/pdf/SKILL.md
| Read the file.
$ weir status
|   skill:pdf  ~ modified  U→C  1.0.0  @latest
|              ~ modified  C→P  beacon, 1 file
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
