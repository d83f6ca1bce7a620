# needs: sqlite3
# Is all that weir keeps sound? A repair is planned first, and never deletes.
$ freeze 2026-11-21T08:00:00Z
$ upstream up && mkdir atlas && weir init >/dev/null && weir add ./up@^1 --path 'skills/*' --yes >/dev/null
$ weir deploy pdf --project atlas --yes >/dev/null
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.' && commit up 'pages' v1.1.0
$ weir sync pdf --direction both --apply >/dev/null
$ weir verify
| ✓ All is sound.
|   records: 2 folders · lineage: 8 versions

# A lineage with a gap.
$ sqlite3 "$WEIR_HOME/weir.db" "DELETE FROM versions WHERE hash LIKE '5e71b8cb%'"
$ weir rollback pdf --to 5e71b8cb
! error: the lineage of skill:pdf has a gap: e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
! Next: `weir verify` looks at all of it, `weir verify --repair` mends it.
? 1
$ weir verify
| x 1 problem.
|   records: 2 folders · lineage: 5 versions
|   x LINEAGE_GAP  skill:pdf: version e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
| Next: weir verify --repair
? 1
$ weir verify --repair
| x 1 problem.
|   records: 2 folders · lineage: 5 versions
|   x LINEAGE_GAP  skill:pdf: version e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
|       repair: told as a first version, before all others
| Nothing was written.
| Next: weir verify --repair --apply
? 1
$ weir verify --apply
! error: --apply belongs to --repair
! usage: weir verify [--json]
! Next: weir help verify
? 2
$ weir verify --json | "$BUILD/check-schema" "$(dirname "$SETUP")/../../docs/schema/verify.json"
$ weir verify --repair --apply
| ✓ All is sound. What was not is mended.
|   records: 2 folders · lineage: 5 versions
|   ✓ LINEAGE_GAP  skill:pdf: version e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
|       mended: told as a first version, before all others
$ weir verify
| ✓ All is sound.
|   records: 2 folders · lineage: 6 versions
$ weir rollback pdf --to 5e71b8cb
| Would roll back skill:pdf in the collection, 1 file in skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir rollback pdf --to 5e71b8cb --apply
