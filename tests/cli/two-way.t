# Another machine that knows nothing of what a project was deployed from: no base, so a person decides place by place.
$ upstream up && mkdir atlas && git init -q atlas && weir init >made
$ weir add ./up --path 'skills/*' --yes >made && weir deploy --all --project atlas --yes >made && commit atlas skills
$ upstream copy && change copy/skills/pdf/SKILL.md '# PDF' '# PDF files' && rm -rf copy/.git && git init -q copy && commit copy 'begun again' v1.0.0
$ git clone -q atlas boat && change boat/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by page.'
$ mv up away && export WEIR_HOME=$HOME/second && weir init >made && weir add ./copy --path 'skills/*' --yes >made && weir project add boat >made
$ tree boat >before; tree $WEIR_HOME/collections >>before
$ weir sync --all --direction project
| Would sync: 1 error · 1 up to date.
|   x error  skill:pdf  BASE_NOT_FOUND  skill:pdf: the content of version 5e71b8cbd97f is not on this machine, and its upstream cannot be asked: '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
| Next: Decide place by place, without a base: weir sync skill:pdf --direction project --project <dir>/boat --two-way --apply
? 1
$ weir pull pdf --project boat --apply
! error: skill:pdf: the content of version 5e71b8cbd97f is not on this machine, and its upstream cannot be asked: '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
! Next: Decide place by place, without a base: weir pull skill:pdf --project <dir>/boat --two-way --apply
? 1
$ weir sync --all --direction project --two-way
| Would sync: 1 conflict · 1 up to date.
|   ! conflict  skill:pdf  collection → boat  1 place in SKILL.md
|       ! conflict  SKILL.md    added on both sides
| Nothing was written.
| Next: weir sync --all --direction project --two-way --apply
? 3
$ weir sync pdf --direction project --two-way --json >reply.json; "$BUILD/check-schema" $(dirname "$SETUP")/../../docs/schema/sync.json <reply.json && grep -c '"hashes"' reply.json
| 1
$ weir pull pdf --project boat --two-way
| skill:pdf  boat → collection, base none
|   ! conflict  SKILL.md    added on both sides
| Nothing was written.
| Next: weir pull pdf --project boat --two-way --apply
? 3
$ { tree boat; tree $WEIR_HOME/collections; } | diff before -

# Applied, what is equal gets its base again, and the rest waits with both sides as they are.
$ weir sync --all --direction project --two-way --apply
| Synced: 1 conflict · 1 up to date.
|   ! conflict  skill:pdf  collection → boat  1 place in SKILL.md
| Next: weir resolve skill:pdf --project <dir>/boat
? 3
$ { tree boat; tree $WEIR_HOME/collections; } | diff before - | grep SKILL
? 1
$ weir status
|   skill:pdf  ! conflict  C→P  boat, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir resolve skill:pdf --project <dir>/boat
$ weir resolve pdf --project boat --file SKILL.md --take project --apply
| ✓ Resolved skill:pdf, 0 files.
| Undo: weir undo
$ grep -e '#' -e Split boat/.claude/skills/pdf/SKILL.md
| # PDF
| Split it by page.
$ weir undo --apply
| ✓ Took back "weir resolve pdf --project boat --file SKILL.md --take project --apply" of <any>, 1 artifact.
| Next: weir status
$ weir pull pdf --project boat --two-way --apply
! error: a merge the other way waits for skill:pdf
! Next: Resolve it with `weir resolve`, or drop it with `weir resolve --abort`.
? 3
$ weir resolve pdf --project boat --file SKILL.md --take collection --apply
| ✓ Resolved skill:pdf, 1 file.
| Undo: weir undo
$ grep -e '#' -e Split boat/.claude/skills/pdf/SKILL.md
| # PDF files
| Split it.
$ weir status; weir verify
| All 2 artifacts are synced. Upstreams checked just now.
| ✓ All is sound.
|   records: 2 folders · bases: 4 records · lineage: 6 versions · trees: 4 artifacts · store: 13 objects · databases: 2 files · applies: 0 unfinished
