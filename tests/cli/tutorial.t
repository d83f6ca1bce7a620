# What docs/tutorial.md shows: tests/tools/run compares the page with what comes below the dashes.
$ freeze 2026-11-21T08:00:00Z
$ at() { "$BUILD/pty" --size 120x30 "$@"; }
# ----
$ mkdir tour && cd tour && export WEIR_HOME=$PWD/home
$ git init -q -b main kit && cd kit
$ git config user.name Ada && git config user.email ada@example.org
$ mkdir -p skills/pdf skills/changelog
$ printf '%s\n' '# PDF' '' 'Read the file.' 'Split it.' 'Say what it holds.' >skills/pdf/SKILL.md
$ printf '%s\n' '# Changelog' '' 'One line per change.' >skills/changelog/SKILL.md
$ git add -A && git commit -qm 'first version' && git tag v1.0.0
$ cd ..

$ weir init
| Made collection default in <dir>/tour/home/collections/default.
| Next: weir add owner/repo/path
$ weir add ./kit@^1 --path 'skills/*'
| Would add 2 artifacts, 2 files.
|   + add  skill:changelog  upstream 1.0.0 → collection  1 file  +3
|       + add  SKILL.md  +3
|   + add  skill:pdf  upstream 1.0.0 → collection  1 file  +5
|       + add  SKILL.md  +5
| Nothing was written.
| Next: weir add ./kit@^1 --path 'skills/*' --apply

$ weir add ./kit@^1 --path 'skills/*' --apply
| Added 2 artifacts, 2 files.
|   + add  skill:changelog  upstream 1.0.0 → collection  1 file  +3
|   + add  skill:pdf        upstream 1.0.0 → collection  1 file  +5
| Next: weir deploy TYPE:NAME --project ., or --all
$ weir list
| 2 artifacts in collection default.
|   skill:changelog  1.0.0  @^1  <dir>/tour/kit  skills/changelog
|   skill:pdf        1.0.0  @^1  <dir>/tour/kit  skills/pdf
| Next: weir status

$ mkdir atlas beacon
$ weir deploy skill:pdf --project atlas --yes
| ✓ Deployed skill:pdf to atlas, 1 file in .claude/skills/pdf
| Undo: weir undo
$ weir deploy skill:pdf --project beacon --yes
| ✓ Deployed skill:pdf to beacon, 1 file in .claude/skills/pdf
| Undo: weir undo
$ weir status
| All 2 artifacts are synced. Upstreams checked just now.

$ sed -i 's/Read the file/Read the whole file/' atlas/.claude/skills/pdf/SKILL.md
$ sed -i 's/what it holds/what each page holds/' kit/skills/pdf/SKILL.md
$ git -C kit commit -qam 'page by page' && git -C kit tag v1.1.0
$ weir status --check-all
|   skill:pdf  ↓ outdated  U→C  1.0.0 → 1.1.0  @^1
|              ~ modified  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir sync skill:pdf

$ weir why skill:pdf
| skill:pdf: Upstream has moved on (1.0.0 → 1.1.0). Nothing in the collection was edited, so the update is a straight copy.
|
| U→C  ↓ outdated
|   base        69c3fee9  the last version both had in common
|   upstream    2588a90d  changed since the base
|   collection  69c3fee9  same as the base
|     modify  SKILL.md
|
| C→P atlas  ~ modified
|   atlas edited 1 file. Pull it into the collection, or deploy again to drop it.
|   base        69c3fee9  the last version both had in common
|   collection  69c3fee9  same as the base
|   project     e87db7da  changed since the base
|     modify  SKILL.md
|
| C→P beacon  ✓ synced
|   The collection and beacon are identical.
|   base        69c3fee9  the last version both had in common
|   collection  69c3fee9  same as the base
|   project     69c3fee9  same as the base
|
| Next: weir sync skill:pdf
$ weir diff skill:pdf --from collection --to project --project atlas
| diff --git a/SKILL.md b/SKILL.md
| index <hex>..<hex> 100644
| --- a/SKILL.md
| +++ b/SKILL.md
| @@ -1,5 +1,5 @@
|  # PDF
|  
| -Read the file.
| +Read the whole file.
|  Split it.
|  Say what it holds.

$ weir update --all
| Would update: 1 to copy · 1 up to date.
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir update --all --apply
$ weir update --all --apply
| Updated: 1 fast-forwarded · 1 up to date.
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
| Undo: weir undo

$ weir sync skill:pdf --direction project
| Would sync: 1 to copy · 1 to merge.
|   ✓ merge  skill:pdf  collection → atlas  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
|   ↓ copy  skill:pdf  collection → beacon  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir sync skill:pdf --direction project --apply
$ weir sync skill:pdf --direction project --apply
| Synced: 1 fast-forwarded · 1 auto-merged.
|   ✓ merge  skill:pdf  collection → atlas   1 file  +1 −1
|   ↓ copy   skill:pdf  collection → beacon  1 file  +1 −1
| Undo: weir undo
$ cat atlas/.claude/skills/pdf/SKILL.md
| # PDF
|
| Read the whole file.
| Split it.
| Say what each page holds.

$ weir pull skill:pdf --project atlas --apply
| ✓ Pulled skill:pdf into the collection, 1 file in skills/pdf
| Undo: weir undo
$ weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @^1
|              ↓ outdated  C→P  beacon, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir sync skill:pdf --direction project --project <dir>/tour/beacon

$ sed -i 's/Read the file/Read the file slowly/' beacon/.claude/skills/pdf/SKILL.md
$ weir sync skill:pdf --direction project --apply
| Synced: 1 conflict · 1 up to date.
|   ! conflict  skill:pdf  collection → beacon  1 place in SKILL.md
| Next: weir resolve skill:pdf --project <dir>/tour/beacon
? 3

$ at weir resolve skill:pdf --project beacon <<'END'
> wait place 1 of 1
> prompt
> type p
> wait [y/N]
> type y
> END
| SKILL.md:3, place 1 of 1
|   project    | Read the file slowly.
|   base       | Read the file.
|   collection | Read the whole file.
| [c]ollection [p]roject b[a]se [b]oth, [B]oth with the collection first [e]dit [l]ater [z] undo [q]uit [?]
| > p
| Would resolve skill:pdf, 0 files.
| Apply? [y/N] y
| ✓ Resolved skill:pdf, 0 files.
| Undo: weir undo

$ weir undo
| Would take back "weir resolve skill:pdf --project beacon" of 2026-11-21 08:00, 1 artifact.
| Nothing was written.
| Next: weir undo --apply
$ weir undo --apply
| ✓ Took back "weir resolve skill:pdf --project beacon" of 2026-11-21 08:00, 1 artifact.
| Next: weir status
$ weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @^1
|              ! conflict  C→P  beacon, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir resolve skill:pdf --project <dir>/tour/beacon

$ weir resolve skill:pdf --project beacon --file SKILL.md --take both --apply
| ✓ Resolved skill:pdf, 1 file.
| Undo: weir undo
$ cat beacon/.claude/skills/pdf/SKILL.md
| # PDF
|
| Read the file slowly.
| Read the whole file.
| Split it.
| Say what each page holds.

$ weir log --limit 3
| 2026-11-21 08:00  merged      1 artifact, 1 file   <any>  weir resolve skill:pdf --project beacon --file SKILL.md --take both --apply
| 2026-11-21 08:00  undo        1 artifact, 0 files  <any>  weir undo --apply
| 2026-11-21 08:00  taken back  1 artifact, 0 files  <any>  weir resolve skill:pdf --project beacon
| Older ones: weir log --limit 3 --before <id>
| Next: weir undo

$ weir show skill:pdf --versions --limit 4
| skill:pdf has 12 versions, newest first; lanes: upstream, collection, projects.
|       *  8b535a04  2026-11-21 08:00  beacon resolve      ← d90c10d2 + eaa2667f  [beacon]
|       *  d90c10d2  2026-11-21 08:00  beacon project      ← 2588a90d  as it was found
|     * │  eaa2667f  2026-11-21 08:00  collection project  ← 2588a90d  [collection, atlas, base of atlas, base of beacon]
|       *  2588a90d  2026-11-21 08:00  beacon collection   ← 69c3fee9  [upstream, base of collection]
|   and 8 older: --limit 0 shows all
| Next: weir rollback skill:pdf --to HASH
$ weir rollback skill:pdf --to 2588
| Would roll back skill:pdf in the collection, 1 file in skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir rollback skill:pdf --to 2588 --apply
$ weir rollback skill:pdf --to 2588 --apply
| ✓ Rolled back skill:pdf in the collection, 1 file in skills/pdf
| Undo: weir undo
$ weir undo --apply
| ✓ Took back "weir rollback skill:pdf --to 2588 --apply" of 2026-11-21 08:00, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status

$ weir lock skill:pdf --reason 'release on Friday' --for 2h
| 1 artifact is locked.
|   skill:pdf  until 2026-11-21 10:00 UTC  <any>  release on Friday
| Next: weir unlock skill:pdf
$ weir pull skill:pdf --project beacon --apply
! error: skill:pdf is locked by <any> until <time>: release on Friday
! Next: weir unlock skill:pdf
? 5
$ weir unlock skill:pdf
| Unlocked skill:pdf, which <any> had locked.

$ printf '%s\n' '#!/bin/sh' 'echo extract' >kit/skills/pdf/extract.sh && chmod +x kit/skills/pdf/extract.sh
$ git -C kit add -A && git -C kit commit -qm 'a script' && git -C kit tag v1.2.0
$ weir update --all --apply
| Updated: 1 error · 1 up to date.
|   x error  skill:pdf  RISK_REVIEW  skill:pdf brings what needs a yes: executable extract.sh:1
|   1 finding needs a yes, --accept-risk; --verbose lists them.
|   Brings: executable
| Next: Look at it without --apply; to take it: weir update --all --apply --accept-risk
? 8

$ weir update --all --apply --accept-risk
| Updated: 1 auto-merged · 1 up to date.
|   ✓ merge  skill:pdf  upstream 1.1.0 → 1.2.0 → collection  1 file  +2
|   Brings: executable
| Undo: weir undo

$ weir drift --check-all
| 4 edges: 1 synced · 1 modified · 1 outdated · 1 diverged  (<ms>)
|   skill:pdf  ~ modified  U→C  1.2.0, 1 file
|   skill:pdf  ↓ outdated  C→P  atlas, 1 file
|   skill:pdf  Y diverged  C→P  beacon, 2 files
| Next: weir why skill:pdf
$ weir sync --all --direction project --apply
| Synced: 1 fast-forwarded · 1 auto-merged.
|   ↓ copy   skill:pdf  collection → atlas   1 file  +2
|   ✓ merge  skill:pdf  collection → beacon  1 file  +2
| Undo: weir undo

$ weir patch skill:pdf --out pdf.patch --message 'Skimming misses tables.'
| ✓ Wrote pdf.patch: 1 file of skill:pdf from the collection, +1 −1
|   size    <n> B
|   sha256  <hex>
|   for     <dir>/tour/kit at a49328a53cf3
| Next: git am pdf.patch
$ git -C kit am -q ../pdf.patch && git -C kit tag v1.3.0
$ weir update --all --apply
| ✓ Nothing to do: all 2 are up to date.
$ weir status
|   skill:pdf  ~ modified  C→P  beacon, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir pull skill:pdf --project <dir>/tour/beacon

$ cd home/collections/default && git init -q -b main && git add -A && git ls-files && cd ../../..
| collection.lock.toml
| collection.toml
| skills/changelog/SKILL.md
| skills/pdf/SKILL.md
| skills/pdf/extract.sh

$ weir verify
| ✓ All is sound.
|   records: 3 folders · bases: 4 records · lineage: 21 versions · trees: 4 artifacts · store: 35 objects · databases: 2 files · applies: 0 unfinished
$ weir gc
| ✓ Nothing to free.
|   35 objects stay: all that records, waiting merges, and versions and operations since 2026-08-23 name.
