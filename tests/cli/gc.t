# Content that nothing names any more is freed; what can still be needed stays.
$ freeze 2026-01-01T08:00:00Z
$ upstream up && mkdir atlas && weir init >/dev/null && weir add ./up@^1 --path 'skills/*' --yes >/dev/null
$ weir deploy pdf --project atlas --yes >/dev/null
$ weir gc
| ✓ Nothing to free.
|   9 objects stay: all that records, waiting merges, and versions and operations since 2025-10-03 name.
$ freeze 2026-01-02T08:00:00Z
$ put atlas/.claude/skills/pdf/mine.md 'mine' && weir rollback pdf --to 5e71b8cb --project atlas --yes
| ✓ Rolled back skill:pdf in atlas, 1 file in .claude/skills/pdf
| Undo: weir undo
$ weir show pdf --versions
| skill:pdf has 5 versions, newest first; lanes: upstream, collection, projects.
|       *  5e71b8cb  2026-01-02 08:00  atlas rollback     ← c30b416e  [upstream, collection, base of collection, atlas, base of atlas]
|       *  c30b416e  2026-01-02 08:00  atlas project      ← 5e71b8cb  as it was found
|       *  5e71b8cb  2026-01-01 08:00  atlas collection
|     *    5e71b8cb  2026-01-01 08:00  collection upstream
|   *      5e71b8cb  2026-01-01 08:00  upstream upstream  v1.0.0
| Next: weir rollback skill:pdf --to HASH
$ freeze 2026-02-10T08:00:00Z
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.' && commit up 'pages' v1.1.0
$ weir sync pdf --direction both --apply
| Synced: 2 fast-forwarded.
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   ↓ copy  skill:pdf  collection → atlas                   1 file  +1 −1
| Undo: weir undo
$ weir gc
| ✓ Nothing to free.
|   15 objects stay: all that records, waiting merges, and versions and operations since 2025-11-12 name.
$ weir gc --older-than soon
! error: --older-than takes a span of time: 90d, 12w
! usage: weir gc [--older-than AGE] [--apply]
! Next: weir help gc
? 2
$ weir gc --older-than 30d
| Would free 297 B.
|   3 objects of the store, 297 B
|   12 objects stay: all that records, waiting merges, and versions and operations since 2026-01-11 name.
| Nothing was written.
| Next: weir gc --older-than 30d --apply
$ weir gc --older-than 30d --json | "$BUILD/check-schema" "$(dirname "$SETUP")/../../docs/schema/gc.json"
$ weir gc --older-than 30d --apply
| ✓ Freed 297 B.
|   3 objects of the store, 297 B
|   12 objects stay: all that records, waiting merges, and versions and operations since 2026-01-11 name.
$ weir gc --older-than 30d --apply
| ✓ Nothing to free.
|   12 objects stay: all that records, waiting merges, and versions and operations since 2026-01-11 name.
$ weir verify
| ✓ All is sound.
|   records: 2 folders · bases: 3 records · lineage: 10 versions · trees: 3 artifacts · store: 12 objects · databases: 2 files · applies: 0 unfinished
$ weir show pdf --versions
| skill:pdf has 8 versions, newest first; lanes: upstream, collection, projects.
|       *  e3b759fd  2026-02-10 08:00  atlas collection     ← 5e71b8cb  [upstream, collection, base of collection, atlas, base of atlas]
|     * │  e3b759fd  2026-02-10 08:00  collection upstream  ← 5e71b8cb
|   * │ │  e3b759fd  2026-02-10 08:00  upstream upstream    ← 5e71b8cb  v1.1.0
|   │ │ *  5e71b8cb  2026-01-02 08:00  atlas rollback       ← c30b416e
|   │ │ *  c30b416e  2026-01-02 08:00  atlas project        ← 5e71b8cb  as it was found  (content is gone)
|   │ │ *  5e71b8cb  2026-01-01 08:00  atlas collection
|   │ *    5e71b8cb  2026-01-01 08:00  collection upstream
|   *      5e71b8cb  2026-01-01 08:00  upstream upstream    v1.0.0
| Next: weir rollback skill:pdf --to HASH
# What went says so; the rest works.
$ mine=$(weir show pdf --json | grep -B 9 'as it was found' | sed -n 's/.*"hash": "\(.\{8\}\).*/\1/p')
$ weir rollback pdf --to "$mine" --project atlas
! error: the content of version c30b416e3d2f of skill:pdf is no longer kept
! Next: `weir show skill:pdf --versions` marks those that are gone.
? 1
$ weir rollback pdf --to 5e71b8cb --project atlas --yes
| ✓ Rolled back skill:pdf in atlas, 1 file in .claude/skills/pdf
| Undo: weir undo
$ weir undo --apply
| ✓ Took back "weir rollback pdf --to 5e71b8cb --project atlas --yes" of 2026-02-10 08:00, 1 artifact.
| ✓ Restored skill:pdf, 1 file in .claude/skills/pdf
| Next: weir status
$ weir undo --apply
| ✓ Took back "weir sync pdf --direction both --apply" of 2026-02-10 08:00, 1 artifact.
| Restored 2 artifacts, 2 files.
|   ↓ copy  skill:pdf  atlas       1 file  +1 −1
|   ↓ copy  skill:pdf  collection  1 file  +1 −1
| Next: weir status
$ weir undo --apply
! error: what "weir rollback pdf --to 5e71b8cb --project atlas --yes" replaced is no longer kept
! Next: `weir gc` frees what is older than it is told to keep; `weir show TYPE:NAME --versions` marks what is gone.
? 1
$ weir log
| 2026-02-10 08:00  undo          1 artifact, 2 files   root@vm  weir undo --apply
| 2026-02-10 08:00  undo          1 artifact, 1 file    root@vm  weir undo --apply
| 2026-02-10 08:00  taken back    1 artifact, 1 file    root@vm  weir rollback pdf --to 5e71b8cb --project atlas --yes
| 2026-02-10 08:00  taken back    1 artifact, 2 files   root@vm  weir sync pdf --direction both --apply
| 2026-01-02 08:00  fast_forward  1 artifact, 1 file    root@vm  weir rollback pdf --to 5e71b8cb --project atlas --yes
| 2026-01-01 08:00  fast_forward  1 artifact, 2 files   root@vm  weir deploy pdf --project atlas --yes
| 2026-01-01 08:00  fast_forward  2 artifacts, 3 files  root@vm  weir add ./up@^1 --path 'skills/*' --yes
| Next: weir undo

# SYNC_FORCE_DRY_RUN: nothing is freed, and nobody is asked.
$ freeze 2027-03-01T08:00:00Z && export SYNC_FORCE_DRY_RUN=true
$ weir gc --older-than 7d --apply
| Would free 1.3 KiB.
|   3 objects of the store, 1.3 KiB
|   10 objects stay: all that records, waiting merges, and versions and operations since 2027-02-22 name.
| Nothing was written.
| Next: weir config SYNC_FORCE_DRY_RUN false
! note: SYNC_FORCE_DRY_RUN is on: this is a dry run
$ "$BUILD/pty" --size 120x30 weir gc --older-than 7d </dev/null
| Would free 1.3 KiB.
|   3 objects of the store, 1.3 KiB
|   10 objects stay: all that records, waiting merges, and versions and operations since 2027-02-22 name.
| Nothing was written.
| Next: weir gc --older-than 7d --apply
