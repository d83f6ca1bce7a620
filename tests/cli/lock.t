# A lock: nobody writes the artifact on any tier, whoever set it.
$ freeze 2026-11-21T08:00:00Z
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && change up/skills/changelog/SKILL.md 'One line' 'Two lines' && commit up second v1.1.0
$ weir lock
| Nothing is locked.
$ weir lock pdf --reason 'release on Friday' --for 2h | sed 's/  [^ ]*@[^ ]*  /  someone  /'
| 1 artifact is locked.
|   skill:pdf  until 2026-11-21 10:00 UTC  someone  release on Friday
| Next: weir unlock skill:pdf
$ weir update pdf --apply 2>&1 | sed 's/by [^ ]*@[^ ]*/by someone/'; weir update pdf --apply >/dev/null 2>&1
| error: skill:pdf is locked by someone until <time>: release on Friday
| Next: weir unlock skill:pdf
? 5
$ weir update pdf >/dev/null 2>&1
? 5
$ weir update --all --apply | sed 's/by [^ ]*@[^ ]*/by someone/'
| Updated: 1 fast-forwarded · 1 error.
|   ↓ copy   skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   x error  skill:pdf        LOCKED                               skill:pdf is locked by someone until <time>: release on Friday
| Undo: weir undo
$ for verb in "pin pdf @v1.0.0" "remove pdf --yes" "sync pdf --direction both --apply" "rollback pdf --to 5e71 --apply" "undeploy pdf --project atlas --yes" "pull pdf --project atlas --yes"; do weir $verb >said 2>&1; echo "$verb: $?"; done
| pin pdf @v1.0.0: 5
| remove pdf --yes: 5
| sync pdf --direction both --apply: 5
| rollback pdf --to 5e71 --apply: 0
| undeploy pdf --project atlas --yes: 5
| pull pdf --project atlas --yes: 0
$ echo 'Mine.' >>atlas/.claude/skills/pdf/SKILL.md; weir pull pdf --project atlas --yes >said 2>&1
? 5
$ weir status | sed 's/by [^ ]*@[^ ]*/by someone/'
|   skill:pdf  ↓ outdated  U→C  1.0.0 → 1.1.0  @latest
|              ~ modified  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
|   skill:pdf is locked by someone until 2026-11-21 10:00 UTC: release on Friday
| Next: weir sync skill:pdf
$ weir why pdf | grep locked | sed 's/by [^ ]*@[^ ]*/by someone/'
|   skill:pdf is locked by someone until 2026-11-21 10:00 UTC: release on Friday
$ weir show pdf | grep locked | sed 's/by [^ ]*@[^ ]*/by someone/'
|   skill:pdf is locked by someone until 2026-11-21 10:00 UTC: release on Friday
$ weir drift --json | sed -n '/"lock": {/,/}/p' | grep -v owner
|       "lock": {
|         "reason": "release on Friday",
|         "until": "<time>"
|       }
|       "lock": {
|         "reason": "release on Friday",
|         "until": "<time>"
|       }
$ weir lock --json | grep -v owner
| {
|   "locks": [
|     {
|       "artifact": "skill:pdf",
|       "reason": "release on Friday",
|       "until": "<time>"
|     }
|   ],
|   "trace_id": "<hex>"
| }

# An undo of what touched it is refused too; unlocked, it goes.
$ weir unlock pdf | sed 's/which .* had/which someone had/' && weir update pdf --apply && weir lock pdf >said
| Unlocked skill:pdf, which someone had locked.
| ✓ Updated skill:pdf 1.0.0 → 1.1.0, 1 file in skills/pdf
| Undo: weir undo
$ weir undo --yes >said 2>&1
? 5
$ weir unlock pdf >said && weir undo --yes >said
$ weir unlock pdf
! error: skill:pdf is not locked
! Next: `weir lock` lists what is.
? 1

# Its time goes by.
$ weir lock pdf changelog --for 30m | head -1; freeze 2026-11-21T08:29:59Z; weir lock | head -1; freeze 2026-11-21T08:30:01Z; weir lock
| 2 artifacts are locked.
| 2 artifacts are locked.
| Nothing is locked.
$ weir update pdf --apply
| ✓ Updated skill:pdf 1.0.0 → 1.1.0, 1 file in skills/pdf
| Undo: weir undo

# Failures in a row, of one artifact, in bulk: the third locks it. A network that is away locks nothing.
$ rm -r $WEIR_HOME/collections/default/skills/changelog
$ weir update --all --apply
| Updated: 1 error · 1 up to date.
|   x error  skill:changelog  MISSING_DEPLOYMENT  skill:changelog is on record but not there: the collection has no 'skills/changelog'
| Next: `weir undo` brings it back if weir removed it; `weir remove skill:changelog` forgets it.
? 1
$ weir update --all --apply >said
? 1
$ mv up away; for i in 1 2 3 4; do weir sync --all --apply >said; done; weir lock; mv away up
| Nothing is locked.
$ weir sync --all --apply
| Synced: 1 error · 1 up to date.
|   x error  skill:changelog  MISSING_DEPLOYMENT  skill:changelog is on record but not there: the collection has no 'skills/changelog'
| Next: `weir undo` brings it back if weir removed it; `weir remove skill:changelog` forgets it.
! note: skill:changelog is locked for an hour: it failed 3 times in a row, last with MISSING_DEPLOYMENT: skill:changelog is on record but not there: the collection has no 'skills/changelog'
? 1
$ weir sync --all --apply
| Synced: 1 error · 1 up to date.
|   x error  skill:changelog  MISSING_DEPLOYMENT  skill:changelog is on record but not there: the collection has no 'skills/changelog'
| Next: `weir undo` brings it back if weir removed it; `weir remove skill:changelog` forgets it.
? 1
$ weir unlock changelog && weir deploy pdf --project atlas --overwrite --yes >said && weir lock
| Unlocked skill:changelog, which weir had locked.
| Nothing is locked.

# Words that are wrong.
$ weir lock nothing
! error: no artifact 'nothing' in the collection
! Next: Check the name; `weir list` shows what there is.
? 1
$ weir lock pdf --for 5
! error: --for takes a time such as 90s, 30m, 1h or 2d, not '5'
! usage: weir lock [TYPE:NAME...] [--reason TEXT] [--for TIME] [--json]
! Next: weir help lock
? 2
$ weir lock pdf --for 400d
! error: --for takes a time such as 90s, 30m, 1h or 2d, not '400d'
! usage: weir lock [TYPE:NAME...] [--reason TEXT] [--for TIME] [--json]
! Next: weir help lock
? 2
$ weir lock --for 1h
! error: 'weir lock' needs an artifact, TYPE:NAME, to lock
! usage: weir lock [TYPE:NAME...] [--reason TEXT] [--for TIME] [--json]
! Next: weir help lock
? 2
$ weir unlock
! error: 'weir unlock' needs an artifact, TYPE:NAME
! usage: weir unlock TYPE:NAME... [--json]
! Next: weir help unlock
? 2
