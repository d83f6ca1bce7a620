# Going back to an older version, on the collection and in a project, as a new version.
$ freeze 2026-11-21T08:00:00Z
$ upstream up && mkdir atlas && weir init >/dev/null && weir add ./up@^1 --path 'skills/*' --yes >/dev/null
$ weir deploy pdf --project atlas --yes >/dev/null
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.' && commit up 'pages' v1.1.0
$ weir sync pdf --direction both --apply >/dev/null && weir status
| All 2 artifacts are synced. Upstreams checked just now.
$ weir rollback pdf
! error: say which version: --to HASH
! usage: weir rollback TYPE:NAME --to HASH [--project DIR] [--apply]
! Next: `weir show pdf --versions` lists them.
? 2
$ weir rollback pdf --to 5e7
! error: '5e7' is no version: say 4 to 64 digits of its hash
! usage: weir rollback TYPE:NAME --to HASH [--project DIR] [--apply]
! Next: weir help rollback
? 2
$ weir rollback pdf --to ffff
! error: no version of skill:pdf starts with 'ffff'
! Next: `weir show skill:pdf --versions` lists its versions.
? 1
$ weir rollback changelog --to 5e71b8cb
! error: 5e71b8cb is a version of skill:pdf, not of skill:changelog
! Next: `weir show skill:changelog --versions` lists its versions.
? 1
$ weir rollback skill:pdf --to 5e71b8cb
| Would roll back skill:pdf in the collection, 1 file in skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir rollback skill:pdf --to 5e71b8cb --apply
$ weir rollback skill:pdf --to 5e71b8cb --apply
| ✓ Rolled back skill:pdf in the collection, 1 file in skills/pdf
| Undo: weir undo
$ weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @^1
|              ↓ outdated  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/atlas
# The next sync does not bring the newer one back.
$ weir sync pdf --apply
| ✓ skill:pdf: nothing new to bring in.
$ grep Split "$WEIR_HOME/collections/default/skills/pdf/SKILL.md"
| Split it.
$ weir undo --apply
| ✓ Took back "weir rollback skill:pdf --to 5e71b8cb --apply" of 2026-11-21 08:00, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status
$ weir status
| All 2 artifacts are synced. Upstreams checked just now.
# A project goes back; the edit nobody pulled is a version that can be had again.
$ change atlas/.claude/skills/pdf/SKILL.md 'Read the file.' 'Read the whole file.'
$ echo mine >atlas/.claude/skills/pdf/notes.tmp~
$ tree atlas/.claude
| 644 5eca2d5390d9735a ./skills/pdf/SKILL.md
| 644 fcbc800db3f18670 ./skills/pdf/notes.tmp~
| 755 4be615b128eea9d0 ./skills/pdf/scripts/extract.sh
$ weir rollback pdf --to 5e71 --project atlas --yes
| ✓ Rolled back skill:pdf in atlas, 1 file in .claude/skills/pdf
| Undo: weir undo
$ weir status
|   skill:pdf  ~ modified  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir pull skill:pdf --project <dir>/atlas
$ tree atlas/.claude
| 644 d98b49d10ce785af ./skills/pdf/SKILL.md
| 644 fcbc800db3f18670 ./skills/pdf/notes.tmp~
| 755 4be615b128eea9d0 ./skills/pdf/scripts/extract.sh
$ weir show pdf | tr -s ' '
| skill:pdf: atlas edited 1 file. Pull it into the collection, or deploy again to drop it.
|  upstream <dir>/up skills/pdf 1.1.0 @^1
|  collection skills/pdf e3b759fd
|  project atlas .claude/skills/pdf ~ modified
| Versions, newest first:
|  5e71b8cb 2026-11-21 08:00 project rollback
|  c03f6cf2 2026-11-21 08:00 project project as it was found
|  e3b759fd 2026-11-21 08:00 collection rollback undo of rollback <id>
|  5e71b8cb 2026-11-21 08:00 collection rollback
|  e3b759fd 2026-11-21 08:00 project collection
|  e3b759fd 2026-11-21 08:00 collection upstream
|  e3b759fd 2026-11-21 08:00 upstream upstream v1.1.0
|  5e71b8cb 2026-11-21 08:00 project collection
|  and 2 older: --versions
| Next: weir pull skill:pdf --project <dir>/atlas
$ weir rollback pdf --to 5e71 --project atlas --json
| {
|   "dry_run": true,
|   "result": "up_to_date",
|   "operation": null,
|   "files": [],
|   "conflicts": [],
|   "items": [
|     {
|       "artifact": "skill:pdf",
|       "edge": "collection_to_project",
|       "project": "<dir>/atlas",
|       "result": "up_to_date",
|       "error": null,
|       "risks": []
|     }
|   ],
|   "summary": {
|     "fast_forward": 0,
|     "merged": 0,
|     "conflict": 0,
|     "error": 0,
|     "up_to_date": 1
|   },
|   "trace_id": "<hex>"
| }
$ weir show pdf --versions
| skill:pdf has 10 versions, newest first; lanes: upstream, collection, projects.
|       *  5e71b8cb  2026-11-21 08:00  atlas rollback       ← c03f6cf2  [atlas]
|       *  c03f6cf2  2026-11-21 08:00  atlas project        ← e3b759fd  as it was found
|     * │  e3b759fd  2026-11-21 08:00  collection rollback  ← 5e71b8cb  undo of rollback <id>  [upstream, collection, base of collection, base of atlas]
|     * │  5e71b8cb  2026-11-21 08:00  collection rollback  ← e3b759fd
|     │ *  e3b759fd  2026-11-21 08:00  atlas collection     ← 5e71b8cb
|     * │  e3b759fd  2026-11-21 08:00  collection upstream  ← 5e71b8cb
|   * │ │  e3b759fd  2026-11-21 08:00  upstream upstream    ← 5e71b8cb  v1.1.0
|   │ │ *  5e71b8cb  2026-11-21 08:00  atlas collection
|   │ *    5e71b8cb  2026-11-21 08:00  collection upstream
|   *      5e71b8cb  2026-11-21 08:00  upstream upstream    v1.0.0
| Next: weir rollback skill:pdf --to HASH
$ weir show pdf --versions -n 2 --ascii --verbose
| skill:pdf has 10 versions, newest first; lanes: upstream, collection, projects.
|       *  5e71b8cb  2026-11-21 08:00  atlas rollback  root@vm  <- c03f6cf2  [atlas]
|       *  c03f6cf2  2026-11-21 08:00  atlas project   root@vm  <- e3b759fd  as it was found
|   and 8 older: --limit 0 shows all
| Next: weir rollback skill:pdf --to HASH
!   check     <ms>
!   plan      <ms>
!   other     <ms>
$ weir log --verb rollback
| 2026-11-21 08:00  fast_forward  1 artifact, 1 file  root@vm  weir rollback pdf --to 5e71 --project atlas --yes
| 2026-11-21 08:00  taken back    1 artifact, 1 file  root@vm  weir rollback skill:pdf --to 5e71b8cb --apply
| Next: weir undo
$ weir log pdf -n 1 --since 2026-11-20
| 2026-11-21 08:00  fast_forward  1 artifact, 1 file  root@vm  weir rollback pdf --to 5e71 --project atlas --yes
| Older ones: weir log pdf --limit 1 --since 2026-11-20 --before <id>
| Next: weir undo
$ weir log pdf -n 1 --before "$(weir log -n 2 --verb rollback --json | sed -n 's/.*"id": "\(.*\)",/\1/p' | tail -n 1)"
| 2026-11-21 08:00  fast_forward  1 artifact, 2 files  root@vm  weir sync pdf --direction both --apply
| Older ones: weir log pdf --limit 1 --before <id>
| Next: weir undo
$ weir log --since yesterday
! error: --since takes a day, 2026-11-21, or how long ago, 7d
! usage: weir log [TYPE:NAME] [--since WHEN] [--verb VERB] [--limit N] [--before ID] [--json]
! Next: weir help log
? 2
$ weir log --since 2026-11-22
| No operation is like that.
$ weir log --before nothing
! error: no operation has the id 'nothing'
! Next: `weir log --verbose` shows the ids.
? 1
