# needs: sqlite3
# Is all that weir keeps sound? A repair is planned first, and never deletes.
$ freeze 2026-11-21T08:00:00Z
$ upstream up && mkdir atlas && weir init >/dev/null && weir add ./up@^1 --path 'skills/*' --yes >/dev/null
$ weir deploy pdf --project atlas --yes >/dev/null
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.' && commit up 'pages' v1.1.0
$ weir sync pdf --direction both --apply >/dev/null
$ weir verify
| ✓ All is sound.
|   records: 2 folders · bases: 3 records · lineage: 8 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished

# A lineage with a gap.
$ sqlite3 "$WEIR_HOME/weir.db" "DELETE FROM versions WHERE hash LIKE '5e71b8cb%'"
$ weir rollback pdf --to 5e71b8cb
! error: the lineage of skill:pdf has a gap: e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
! Next: `weir verify` looks at all of it, `weir verify --repair` mends it.
? 1
$ weir verify
| x 1 problem.
|   records: 2 folders · bases: 3 records · lineage: 5 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
|   x LINEAGE_GAP  skill:pdf: version e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
| Next: weir verify --repair
? 1
$ weir verify --repair
| x 1 problem.
|   records: 2 folders · bases: 3 records · lineage: 5 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
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
|   records: 2 folders · bases: 3 records · lineage: 5 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
|   ✓ LINEAGE_GAP  skill:pdf: version e3b759fd4003 goes back to 5e71b8cbd97f, which is no version of it
|       mended: told as a first version, before all others
$ weir verify
| ✓ All is sound.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
$ weir rollback pdf --to 5e71b8cb
| Would roll back skill:pdf in the collection, 1 file in skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir rollback pdf --to 5e71b8cb --apply

# Flipped bytes in the store: what a tier still has is put again, the rest is put aside.
$ flip() { sqlite3 "$WEIR_HOME/objects.db" "UPDATE object SET bytes = CAST(substr(bytes, 1, 9) || x'00' || substr(bytes, 11) AS BLOB) WHERE lower(hex(hash)) LIKE '$1%'"; }
$ flip "$(sha256sum atlas/.claude/skills/pdf/SKILL.md | cut -c 1-64)"
$ weir verify
| x 1 problem.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
|   x STORE_DAMAGED  objects.db: stored content <hex>: its bytes have changed
|       Undo, rollback and merges that need it fail until it is mended.
| Next: weir verify --repair
? 1
$ weir verify --repair --apply
| ✓ All is sound. What was not is mended.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
|   ✓ STORE_DAMAGED  objects.db: stored content <hex>: its bytes have changed
|       mended: put aside, and put again from a tier or an upstream that has it
$ weir verify
| ✓ All is sound.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
$ flip 5e71b8cb
$ weir verify --repair --apply
| x 1 problem.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
|   x STORE_DAMAGED  objects.db: stored content <hex>: a chunk cannot be unpacked
|       It could not be mended: no tier and no upstream has it; it was put aside
? 1
$ weir rollback pdf --to 5e71b8cb
! error: the content of version 5e71b8cbd97f of skill:pdf is no longer kept
! Next: `weir show skill:pdf --versions` marks those that are gone.
? 1
$ weir verify
| ✓ All is sound.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 12 objects · databases: 2 files · applies: 0 unfinished
$ sqlite3 "$WEIR_HOME/objects.db" 'SELECT COUNT(*) FROM damaged_object'
| 2
# A tree that the upstream has at the commit on record is fetched again.
$ flip "$(sqlite3 "$WEIR_HOME/weir.db" "SELECT hash FROM versions WHERE artifact = 'skill:changelog' LIMIT 1")"
$ rm -r "$WEIR_HOME/collections/default/skills/changelog"
$ weir verify --repair --apply
| x 1 problem. The rest was mended.
|   records: 2 folders · bases: 3 records · lineage: 6 versions · trees: 3 artifacts · store: 12 objects · databases: 2 files · applies: 0 unfinished
|   x FILES_MISSING  skill:changelog: the collection has no 'skills/changelog'
|       `weir undo` or git bring them back; `weir remove` forgets it.
|   ✓ STORE_DAMAGED  objects.db: stored content <hex>: a chunk cannot be unpacked
|       mended: put aside, and put again from a tier or an upstream that has it
? 1

# A record that cannot be read is told, and everything else is looked at.
$ echo broken >>atlas/.weir/deployed.toml
$ weir verify
| x 2 problems.
|   records: 2 folders · bases: 2 records · lineage: 6 versions · trees: 2 artifacts · store: 12 objects · databases: 2 files · applies: 0 unfinished
|   x RECORD_UNREADABLE  <dir>/atlas: project 'atlas': .weir/deployed.toml:22:7: expected '=' behind the key, found the end of the line
|       Correct line 22 of .weir/deployed.toml, or restore the file from git or a backup.
|   x FILES_MISSING  skill:changelog: the collection has no 'skills/changelog'
|       `weir undo` or git bring them back; `weir remove` forgets it.
? 1
