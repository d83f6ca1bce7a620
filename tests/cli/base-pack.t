# A base pack: what merges start from travels with the project's own repository.
$ upstream up && mkdir atlas && git init -q atlas && weir init >made
$ weir add ./up --path 'skills/*' --yes >made
$ weir deploy --all --project atlas --base-pack
| Would deploy 2 artifacts, 3 files.
|   + add  skill:changelog  collection → atlas  1 file  +6
|       + add  SKILL.md  +6
|   + add  skill:pdf  collection → atlas  2 files  +10
|       + add  SKILL.md            +8
|       + add  scripts/extract.sh  +2  becomes executable
| Nothing was written.
| Next: weir deploy --all --project atlas --base-pack --apply
$ find atlas -path atlas/.git -prune -o -type f -print
$ weir deploy --all --project atlas --base-pack --yes
| Deployed 2 artifacts, 3 files.
|   + add  skill:changelog  collection → atlas  1 file  +6
|   + add  skill:pdf        collection → atlas  2 files  +10
| Undo: weir undo
$ find atlas/.weir -type f | sed 's/[0-9a-f]\{16,\}/<hex>/g' | sort | uniq -c
|       1 atlas/.weir/base/.gitattributes
|       3 atlas/.weir/base/blobs/<hex>
|       2 atlas/.weir/base/trees/<hex>
|       1 atlas/.weir/deployed.toml
$ commit atlas 'skills with their bases' && git clone -q atlas boat
$ change boat/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by page.'

# Another machine, which never saw the base: it merges all the same.
$ export WEIR_HOME=$HOME/second && weir init >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
$ weir add ./up --path 'skills/*' --yes >made
$ weir project add boat
| <dir>/boat is a known project now.
| Next: weir project list
$ weir sync --all --direction project --project boat
| Would sync: 1 to merge · 1 up to date.
|   ✓ merge  skill:pdf  collection → boat  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir sync --all --direction project --project boat --apply
$ weir sync --all --direction project --project boat --apply
| Synced: 1 auto-merged · 1 up to date.
|   ✓ merge  skill:pdf  collection → boat  1 file  +1 −1
| Undo: weir undo
$ grep -e '#' -e Split boat/.claude/skills/pdf/SKILL.md
| # PDF files
| Split it by page.
$ git -C boat status --short | sed 's/[0-9a-f]\{16,\}/<hex>/g'
|  M .claude/skills/pdf/SKILL.md
|  M .weir/deployed.toml
| ?? .weir/base/blobs/<hex>
| ?? .weir/base/trees/<hex>

# Out of it again; the deployments stay.
$ weir deploy --all --project boat --no-base-pack --yes
| Deployed: 1 error · 1 up to date.
|   x error  skill:pdf  EXISTS  '.claude/skills/pdf' was edited in boat, and the edits are not in the collection
| Next: Pull them with `weir pull`, merge with `weir sync --direction project`, or drop them with --overwrite (undo brings them back).
? 1
$ find boat/.weir -path '*base*'
$ weir status
|   skill:pdf  ~ modified  C→P  boat, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir pull skill:pdf --project <dir>/boat
$ weir deploy pdf --project boat --base-pack --no-base-pack
! error: --base-pack and --no-base-pack are one or the other
! usage: weir deploy TYPE:NAME...|--all [--project DIR] [--to PATH] [--yes]
! Next: weir help deploy
? 2
