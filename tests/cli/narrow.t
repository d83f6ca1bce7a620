# Forty columns: prose breaks between words, rows go on in lines of their own, cells that no line holds end in "…".
# What is pasted or what a file holds is left to the terminal: questions, "Next:", patches.
$ freeze 2026-11-21T08:00:00Z; upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files with quite a long heading that goes on' && commit up second v1.1.0
$ printf 'own\n' >>$WEIR_HOME/collections/default/skills/pdf/SKILL.md
$ screen() { NO_COLOR=1 TERM=xterm PAGER=cat "$BUILD/pty" --size 40x24 weir "$@"; }; at() { screen "$@" </dev/null; }
$ for c in list status drift 'diff pdf' log 'log --verbose'; do at $c; done
| 2 artifacts in collection default.
|   skill:changelog  1.0.0  @latest
|     <dir>/up
|     skills/changelog
|   skill:pdf        1.0.0  @latest
|     <dir>/up
|     skills/pdf
| Next: weir status
|   skill:pdf  ~ modified  U→C  1.0.0
|     @latest
|              ↓ outdated  C→P
|     atlas, 1 file
|   1 more is synced. Upstreams checked
|     just now.
| Next: weir sync skill:pdf --direction project --project <dir>/atlas
| 3 edges: 1 synced · 1 modified · 1
| outdated  (<ms>)
|   skill:pdf  ~ modified  U→C
|     1.0.0, 1 file
|   skill:pdf  ↓ outdated  C→P
|     atlas, 1 file
| Next: weir why skill:pdf
| diff --git a/SKILL.md b/SKILL.md
| index <hex>..<hex> 100644
| --- a/SKILL.md
| +++ b/SKILL.md
| @@ -6,3 +6,4 @@
|  Read the file.
|  Split it.
|  Say what it holds.
| +own
| 2026-11-21 08:00  fast_forward
|     1 artifact, 2 files   root@vm
|     weir deploy pdf --project atlas --y…
| 2026-11-21 08:00  fast_forward
|     2 artifacts, 3 files  root@vm
|     weir add ./up --path 'skills/*' --y…
| Next: weir undo
|   other     <ms>
| 2026-11-21 08:00  fast_forward
|     1 artifact, 2 files   root@vm
|     weir deploy pdf --project atlas --y…
|     <id>
| 2026-11-21 08:00  fast_forward
|     2 artifacts, 3 files  root@vm
|     weir add ./up --path 'skills/*' --y…
|     <id>
| Next: weir undo
$ screen sync pdf <<'END'
> wait [y/N]
> type n
> END
| Would sync skill:pdf 1.0.0 → 1.1.0 into
| the collection, 1 file in skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Apply 1 file? [y/N] n
| Nothing was written.
$ screen update --all <<'END'
> wait [l]ater?
> type k
> wait Apply?
> type n
> END
| Would update: 1 to merge · 1 up to date.
|   ✓ merge  skill:pdf
|     upstream 1.0.0 → 1.1.0 → collection
|     1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
| skill:pdf: [m]erge, [t]ake upstream's, [k]eep mine, [l]ater? k
| Would update: 1 to merge · 1 up to date.
|   ✓ merge  skill:pdf
|     upstream 1.0.0 → 1.1.0 → collection
|     record only
| Apply? [y/N] n
| Nothing was written.
$ at pull pdf; at status nothing
| error: no project is around the current
| folder; name one with --project DIR
| usage: weir pull TYPE:NAME...|--all
| [--project DIR] [--write-markers]
| [--apply] [--json]
| Next: weir help pull
| error: no artifact 'nothing' in the
| collection
| Next: Check the name; `weir list` shows what there is.
? 1
$ at help | head -12; at help sync | head -24; at config | sed -n '3,12p'
| weir keeps reusable files in step across
| upstream, collection and project; no
| edit is lost.
|
| usage: weir COMMAND [OPTIONS]
|
|   init
|     make the collection, in weir's home
|   add
|     bring artifacts from an upstream
|     into the collection
|   deploy
| weir sync: bring what is new upstream
| into the collection, and on into
| projects
|
| usage: weir sync TYPE:NAME...|--all
|             [--direction
|             upstream|project|both]
|             [--project DIR]
|             [--write-markers] [--apply]
|             [--json]
|
| upstream: upstream to collection.
| project: collection to projects. both:
| one after the other.
| Edits on both sides are merged; what
| clashes waits for `weir resolve`, and
| the live files stay as they were.
| Without --project every known project
| that holds it.
|
| Examples
|   weir sync pdf
|   weir sync pdf --apply
|   weir sync --all --direction both --apply
|   collection               default
|     the collection that commands work on
|   marker_style             merge
|     how conflict markers are written
|   ascii                    false
|     show no glyphs beyond ASCII, as
|     --ascii does
|   merge_tool               none
|     what resolve hands a file to: none,
|     vimdiff, meld, kdiff3 ..., or a

# No line of any command is wider, but for what is left to the terminal.
$ wide() { awk -v name="$*" '{ gsub(/→|↓|✓|−|·|…|✗/, "x") } length($0) > 40 && !/^Next: |^  weir / { print name ": " $0 }'; }
$ for c in list status drift 'drift --check-all' 'why pdf' 'show pdf' 'show pdf --versions' log 'project list' help 'help sync' 'help resolve' 'help merge-file' 'help add' verify 'rollback pdf --to 00' resolve gc lock migrate version 'nothing at all' 'status --nothing'; do at $c | wide $c; done
