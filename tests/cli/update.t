# What is new upstream, into the collection and no further.
$ upstream up && mkdir atlas && weir init >made
$ weir add ./up --path 'skills/*' --yes >made && weir add ./up --path commands/review.md --yes >made
$ weir deploy --all --project atlas --yes >made && tree atlas >before
$ weir update --all
| ✓ Nothing to do: all 3 are up to date.
$ weir update pdf
| ✓ skill:pdf: upstream has nothing new.
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.'
$ change up/skills/changelog/SKILL.md 'One line' 'Two lines'
$ change up/commands/review.md 'twice' 'three times'
$ commit up 'second version' v1.1.0
$ change $WEIR_HOME/collections/default/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.'
$ change $WEIR_HOME/collections/default/skills/changelog/SKILL.md '# Changelog' '# The changelog'
$ tree $WEIR_HOME/collections >collection && stamps $WEIR_HOME/collections >times
$ weir update --all
| Would update: 1 to copy · 1 to merge · 1 conflict.
|   ↓ copy  command:review  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  review.md  +1 −1
|   ✓ merge  skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
|   ! conflict  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
|       ! conflict  SKILL.md    1 place
| Nothing was written.
| Next: weir update --all --apply
? 3
$ tree $WEIR_HOME/collections | diff collection - && stamps $WEIR_HOME/collections | diff times -
$ weir update --all --json | sed -n '/"items"/,$p'
|   "items": [
|     {
|       "artifact": "command:review",
|       "edge": "upstream_to_collection",
|       "project": null,
|       "result": "fast_forward",
|       "error": null,
|       "risks": []
|     },
|     {
|       "artifact": "skill:changelog",
|       "edge": "upstream_to_collection",
|       "project": null,
|       "result": "merged",
|       "error": null,
|       "risks": []
|     },
|     {
|       "artifact": "skill:pdf",
|       "edge": "upstream_to_collection",
|       "project": null,
|       "result": "conflict",
|       "error": null,
|       "risks": []
|     }
|   ],
|   "summary": {
|     "fast_forward": 1,
|     "merged": 1,
|     "conflict": 1,
|     "error": 0,
|     "up_to_date": 0
|   },
|   "trace_id": "<hex>"
| }
$ weir update --all --apply
| Updated: 1 fast-forwarded · 1 auto-merged · 1 conflict.
|   ↓ copy      command:review   upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   ✓ merge     skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   ! conflict  skill:pdf        upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
| Next: weir resolve skill:pdf
? 3
$ tree atlas | diff before -
$ weir status
|   command:review   ↓ outdated  C→P  atlas, 1 file
|   skill:changelog  ~ modified  U→C  1.1.0          @latest
|                    ↓ outdated  C→P  atlas, 1 file
|   skill:pdf        ! conflict  U→C  1.0.0 → 1.1.0  @latest
|                    ↓ outdated  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir resolve skill:pdf
$ weir update --all --apply
| Updated: 1 conflict · 2 up to date.
|   ! conflict  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
| Next: weir resolve skill:pdf
? 3
$ weir undo --apply
| ✓ Took back "weir update --all --apply" of <any>, 3 artifacts.
| Restored 2 artifacts, 2 files.
|   ↓ copy  skill:changelog  collection  1 file  +1 −1
|   ↓ copy  command:review   collection  1 file  +1 −1
| Next: weir status
$ tree $WEIR_HOME/collections | diff collection -

# The source as it stands: what is lost is named, and undo brings it back.
$ weir update --all --strategy overwrite
| Would update 3 artifacts, 3 files.
|   ↓ copy  command:review  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  review.md  +1 −1
|   ↓ copy  skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +2 −2
|       ↓ update  SKILL.md  +2 −2
|       x loses   SKILL.md  +1 −1  your edit
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
|       x loses   SKILL.md  +1 −1  your edit
| Nothing was written.
| Next: weir update --all --strategy overwrite --apply
$ weir update --all --strategy overwrite --json | sed -n '/"lost"/,/]/p'
|       "lost": [
|         {
|           "path": "SKILL.md",
|           "action": "modify",
|           "added": 1,
|           "removed": 1
|         }
|       ],
|       "lost": [
|         {
|           "path": "SKILL.md",
|           "action": "modify",
|           "added": 1,
|           "removed": 1
|         }
|       ],
$ weir update --all --strategy overwrite --apply
| Updated 3 artifacts, 3 files.
|   ↓ copy  skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +2 −2
|       ↓ update  SKILL.md  +2 −2
|       x loses   SKILL.md  +1 −1  your edit
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
|       x loses   SKILL.md  +1 −1  your edit
|   ↓ copy  command:review  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
| Undo: weir undo
$ diff -r up/skills $WEIR_HOME/collections/default/skills
$ weir update --all --strategy overwrite
| ✓ Nothing to do: all 3 are up to date.
$ weir undo --apply
| ✓ Took back "weir update --all --strategy overwrite --apply" of <any>, 3 artifacts.
| Restored 3 artifacts, 3 files.
|   ↓ copy  skill:pdf        collection  1 file  +1 −1
|   ↓ copy  skill:changelog  collection  1 file  +2 −2
|   ↓ copy  command:review   collection  1 file  +1 −1
| Next: weir status
$ tree $WEIR_HOME/collections | diff collection -

# A pin is respected, a conflict beside an error is a conflict.
$ weir pin changelog @v1.0.0
| Pinned skill:changelog to @v1.0.0.
| Next: weir sync skill:changelog
$ weir status changelog
|   skill:changelog  ~ modified  U→C  1.0.0  @v1.0.0
|                    ↓ outdated  C→P  atlas, 1 file
|   Not all upstreams were ever checked.
| Next: weir sync skill:changelog --direction project --project <dir>/atlas
$ mv up away
$ weir update --all --apply
| Updated: 3 errors.
|   x error  command:review   REPOSITORY_NOT_FOUND  '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
|   x error  skill:changelog  REPOSITORY_NOT_FOUND  '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
|   x error  skill:pdf        REPOSITORY_NOT_FOUND  '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
| Next: Check the address, and whether you may read it.
? 1
$ mv away up
$ weir update --all --apply
| Updated: 1 fast-forwarded · 1 conflict · 1 up to date.
|   ↓ copy      command:review  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   ! conflict  skill:pdf       upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
| Next: weir resolve skill:pdf
? 3

# On a terminal each artifact that both sides changed is asked about.
$ weir undo --yes >made; tree $WEIR_HOME/collections >collection
$ person() { TERM=xterm "$BUILD/pty" --size 100x40 weir "$@" --ascii --no-color; }
$ person update --all <<'END'
> wait ater?
> type l
> wait [y/N]
> type n
> END
| Would update: 1 to copy, 1 conflict, 1 up to date.
|   v copy  command:review  upstream 1.0.0 -> 1.1.0 -> collection  1 file  +1 -1
|       v update  review.md  +1 -1
|   ! conflict  skill:pdf  upstream 1.0.0 -> 1.1.0 -> collection  1 place in SKILL.md
|       ! conflict  SKILL.md    1 place
| skill:pdf: [m]erge and leave the clash to weir resolve, [t]ake upstream's, [k]eep mine, [l]ater? l
| Would update: 1 to copy, 1 up to date.
|   v copy  command:review  upstream 1.0.0 -> 1.1.0 -> collection  1 file  +1 -1
|       v update  review.md  +1 -1
| Apply 1 file? [y/N] n
| Nothing was written.
$ person update pdf <<'END'
> wait ater?
> type what
> wait ater?
> type t
> wait [y/N]
> type y
> wait Sure?
> type y
> END
| skill:pdf  upstream 1.0.0 -> 1.1.0 -> collection, base 5e71b8cb
|   ! conflict  SKILL.md    1 place
| skill:pdf: [m]erge and leave the clash to weir resolve, [t]ake upstream's, [k]eep mine, [l]ater? what
| Type m, t, k or l.
| skill:pdf: [m]erge and leave the clash to weir resolve, [t]ake upstream's, [k]eep mine, [l]ater? t
| Would update skill:pdf 1.0.0 -> 1.1.0, 1 file in skills/pdf
|   v update  SKILL.md  +1 -1
|   x loses   SKILL.md  +1 -1  your edit
| Apply 1 file? [y/N] y
| This drops edits that were never pulled. Sure? [y/N] y
| = Updated skill:pdf 1.0.0 -> 1.1.0, 1 file in skills/pdf
|   v update  SKILL.md  +1 -1
|   x loses   SKILL.md  +1 -1  your edit
| Undo: weir undo
$ weir undo --apply
| ✓ Took back "weir update pdf --ascii --no-color" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status
$ person update pdf --apply <<'END'
> wait ater?
> type k
> END
| skill:pdf  upstream 1.0.0 -> 1.1.0 -> collection, base 5e71b8cb
|   ! conflict  SKILL.md    1 place
| skill:pdf: [m]erge and leave the clash to weir resolve, [t]ake upstream's, [k]eep mine, [l]ater? k
| Would update skill:pdf 1.0.0 -> 1.1.0, its record only
| = Updated skill:pdf 1.0.0 -> 1.1.0, its record only
| Undo: weir undo
$ weir status pdf
|   skill:pdf  ~ modified  U→C  1.1.0  @latest
|              ↓ outdated  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/atlas
$ weir undo --apply
| ✓ Took back "weir update pdf --apply --ascii --no-color" of <any>, 1 artifact.
| Next: weir status
$ person update pdf --strategy auto <<'END'
> wait [y/N]
> type n
> END
| skill:pdf  upstream 1.0.0 -> 1.1.0 -> collection, base 5e71b8cb
|   ! conflict  SKILL.md    1 place
| Apply, leave 1 conflict? [y/N] n
| Nothing was written.
? 3
$ tree $WEIR_HOME/collections | diff collection -

# Words that are wrong.
$ weir update
! error: 'weir update' needs an artifact, TYPE:NAME
! usage: weir update TYPE:NAME...|--all [--strategy auto|prompt|overwrite] [--write-markers] [--apply] [--json]
! Next: weir help update
? 2
$ weir update pdf --all
! error: name artifacts or say --all, not both
! usage: weir update TYPE:NAME...|--all [--strategy auto|prompt|overwrite] [--write-markers] [--apply] [--json]
! Next: weir help update
? 2
$ weir update pdf --strategy theirs
! error: --strategy is auto, prompt or overwrite, not 'theirs'
! usage: weir update TYPE:NAME...|--all [--strategy auto|prompt|overwrite] [--write-markers] [--apply] [--json]
! Next: weir help update
? 2
$ weir update nothing
! error: no artifact 'nothing' in the collection
! Next: Check the name; `weir list` shows what there is.
? 1
