# The main job: from upstream into the collection, into two projects, edits on each tier, both ways, and back.
$ upstream up && mkdir atlas beacon
$ weir list
! error: there is no weir home at '<home>/weir' yet
! Next: Run `weir init` first.
? 1
$ weir init
| Made collection default in <home>/weir/collections/default.
| Next: weir add owner/repo/path
$ weir init
| Collection default is there already, in <home>/weir/collections/default.
| Next: weir add owner/repo/path
$ weir add ./up@^1 --path 'skills/*'
| Would add 2 artifacts, 3 files.
|   + add  skill:changelog  upstream 1.0.0 → collection  1 file  +6
|       + add  SKILL.md  +6
|   + add  skill:pdf  upstream 1.0.0 → collection  2 files  +10
|       + add  SKILL.md            +8
|       + add  scripts/extract.sh  +2  becomes executable
|       Brings: executable
| Nothing was written.
| Next: weir add ./up@^1 --path 'skills/*' --apply
$ weir add ./up@^1 --path 'skills/*' --yes
| Added 2 artifacts, 3 files.
|   + add  skill:changelog  upstream 1.0.0 → collection  1 file  +6
|   + add  skill:pdf        upstream 1.0.0 → collection  2 files  +10
|   Brings: executable
| Next: weir deploy TYPE:NAME --project ., or --all
$ weir add ./up --ref v1.0.0 --path commands/review.md --yes
| ✓ Added command:review 1.0.0, 1 file in commands/review.md
| Next: weir deploy command:review --project .
$ weir list
| 3 artifacts in collection default.
|   command:review   1.0.0  @v1.0.0  <dir>/up  commands/review.md
|   skill:changelog  1.0.0  @^1      <dir>/up  skills/changelog
|   skill:pdf        1.0.0  @^1      <dir>/up  skills/pdf
| Next: weir status
$ weir deploy pdf changelog --project atlas
| Would deploy 2 artifacts, 3 files.
|   + add  skill:pdf  collection → atlas  2 files  +10
|       + add  SKILL.md            +8
|       + add  scripts/extract.sh  +2  becomes executable
|   + add  skill:changelog  collection → atlas  1 file  +6
|       + add  SKILL.md  +6
| Nothing was written.
| Next: weir deploy pdf changelog --project atlas --apply
$ weir deploy pdf changelog --project atlas --yes
| Deployed 2 artifacts, 3 files.
|   + add  skill:pdf        collection → atlas  2 files  +10
|   + add  skill:changelog  collection → atlas  1 file  +6
| Undo: weir undo
$ weir deploy skill:pdf command:review --project beacon --yes
| Deployed 2 artifacts, 3 files.
|   + add  skill:pdf       collection → beacon  2 files  +10
|   + add  command:review  collection → beacon  1 file  +3
| Undo: weir undo
$ tree beacon/.claude
| 644 87eadc7c4419ab39 ./commands/review.md
| 644 d98b49d10ce785af ./skills/pdf/SKILL.md
| 755 4be615b128eea9d0 ./skills/pdf/scripts/extract.sh
$ weir status
| All 3 artifacts are synced. Upstreams checked just now.

# A project edits, upstream moves on.
$ change atlas/.claude/skills/pdf/SKILL.md 'Read the file.' 'Read the whole file.'
$ change up/skills/pdf/SKILL.md 'Say what it holds.' 'Say what it holds, page by page.'
$ put up/skills/pdf/forms.md '# Forms' && commit up 'pages and forms' v1.1.0
$ weir status
|   skill:pdf  ~ modified  C→P  atlas, 1 file
|   2 more are synced. Upstreams checked just now.
| Next: weir pull skill:pdf --project <dir>/atlas
$ weir status --check-all --check
|   skill:pdf  ↓ outdated  U→C  1.0.0 → 1.1.0  @^1
|              ~ modified  C→P  atlas, 1 file
|   2 more are synced. Upstreams checked just now.
| Next: weir sync skill:pdf
? 4
$ weir drift --check-all | sed 's/([0-9]* ms)/(N ms)/'
| 7 edges: 5 synced · 1 modified · 1 outdated  (N ms)
|   skill:pdf  ↓ outdated  U→C  1.0.0 → 1.1.0, 2 files
|   skill:pdf  ~ modified  C→P  atlas, 1 file
| Next: weir why skill:pdf
$ weir why pdf --project atlas
| skill:pdf: Upstream has moved on (1.0.0 → 1.1.0). Nothing in the collection was edited, so the update is a straight copy.
|
| U→C  ↓ outdated
|   base        5e71b8cb  the last version both had in common
|   upstream    2bd41077  changed since the base
|   collection  5e71b8cb  same as the base
|     modify  SKILL.md
|     add     forms.md
|
| C→P atlas  ~ modified
|   atlas edited 1 file. Pull it into the collection, or deploy again to drop it.
|   base        5e71b8cb  the last version both had in common
|   collection  5e71b8cb  same as the base
|   project     64e814a6  changed since the base
|     modify  SKILL.md
|
| Next: weir sync skill:pdf
$ weir sync pdf
| Would sync skill:pdf 1.0.0 → 1.1.0 into the collection, 2 files in skills/pdf
|   ↓ update  SKILL.md  +1 −1
|   + add     forms.md  +1
| Nothing was written.
| Next: weir sync pdf --apply
$ weir sync --all --direction both
| Would sync: 2 to copy · 1 to merge · 4 up to date.
|   ↓ copy   skill:pdf  upstream 1.0.0 → 1.1.0 → collection  2 files  +2 −1
|   ✓ merge  skill:pdf  collection → atlas                   2 files  +2 −1
|   ↓ copy   skill:pdf  collection → beacon                  2 files  +2 −1
| Nothing was written.
| Next: weir sync --all --direction both --apply
$ weir sync --all --direction both --apply
| Synced: 2 fast-forwarded · 1 auto-merged · 4 up to date.
|   ↓ copy   skill:pdf  upstream 1.0.0 → 1.1.0 → collection  2 files  +2 −1
|   ✓ merge  skill:pdf  collection → atlas                   2 files  +2 −1
|   ↓ copy   skill:pdf  collection → beacon                  2 files  +2 −1
| Undo: weir undo
$ cat atlas/.claude/skills/pdf/SKILL.md
| ---
| name: pdf
| ---
| # PDF
|
| Read the whole file.
| Split it.
| Say what it holds, page by page.
$ weir status
|   skill:pdf  ~ modified  C→P  atlas, 1 file
|   2 more are synced. Upstreams checked just now.
| Next: weir pull skill:pdf --project <dir>/atlas
$ weir diff pdf --project atlas
| diff --git a/SKILL.md b/SKILL.md
| index <hex>..<hex> 100644
| --- a/SKILL.md
| +++ b/SKILL.md
| @@ -3,6 +3,6 @@
|  ---
|  # PDF
|  
| -Read the file.
| +Read the whole file.
|  Split it.
|  Say what it holds, page by page.
$ weir diff pdf --from upstream --to collection

# The edit goes up, and on to the other project.
$ weir pull pdf --project atlas --apply
| ✓ Pulled skill:pdf into the collection, 1 file in skills/pdf
| Undo: weir undo
$ weir sync pdf --direction project --apply
| Synced: 1 fast-forwarded · 1 up to date.
|   ↓ copy  skill:pdf  collection → beacon  1 file  +1 −1
| Undo: weir undo
$ weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @^1
|   2 more are synced. Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
$ weir show pdf | tr -s ' '
| skill:pdf: The collection changed 1 file of its own; upstream has nothing new.
|  upstream <dir>/up skills/pdf 1.1.0 @^1
|  collection skills/pdf 2deb7cb0
|  project atlas .claude/skills/pdf ✓ synced
|  project beacon .claude/skills/pdf ✓ synced
| Versions, newest first:
|  2deb7cb0 <any> project collection
|  2deb7cb0 <any> collection project
|  2bd41077 <any> project collection
|  2deb7cb0 <any> project merge
|  64e814a6 <any> project project as it was found
|  2bd41077 <any> collection upstream
|  2bd41077 <any> upstream upstream v1.1.0
|  5e71b8cb <any> project collection
|  and 3 older: --versions
| Next: weir diff skill:pdf --from upstream --to collection
$ (cd up && weir diff pdf --from upstream --to collection | git apply --directory=skills/pdf && git diff --stat)
|  skills/pdf/SKILL.md | 2 +-
|  1 file changed, 1 insertion(+), 1 deletion(-)

# Everything can be taken back, one operation at a time.
$ weir log
| <any>  fast_forward  1 artifact, 1 file    <any>  weir sync pdf --direction project --apply
| <any>  fast_forward  1 artifact, 1 file    <any>  weir pull pdf --project atlas --apply
| <any>  merged        2 artifacts, 6 files  <any>  weir sync --all --direction both --apply
| <any>  fast_forward  2 artifacts, 3 files  <any>  weir deploy skill:pdf command:review --project beacon --yes
| <any>  fast_forward  2 artifacts, 3 files  <any>  weir deploy pdf changelog --project atlas --yes
| <any>  fast_forward  1 artifact, 1 file    <any>  weir add ./up --ref v1.0.0 --path commands/review.md --yes
| <any>  fast_forward  2 artifacts, 3 files  <any>  weir add ./up@^1 --path 'skills/*' --yes
| Next: weir undo
$ weir undo
| Would take back "weir sync pdf --direction project --apply" of <any>, 1 artifact.
| Would restore skill:pdf, 1 file in .claude/skills/pdf
|   ↓ update  SKILL.md  +1 −1
| Nothing was written.
| Next: weir undo --apply
$ weir undo --apply
| ✓ Took back "weir sync pdf --direction project --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in .claude/skills/pdf
| Next: weir status
$ weir undo --apply
| ✓ Took back "weir pull pdf --project atlas --apply" of <any>, 1 artifact.
| ✓ Restored skill:pdf, 1 file in skills/pdf
| Next: weir status
$ cat beacon/.claude/skills/pdf/SKILL.md | tail -2
| Split it.
| Say what it holds, page by page.
$ weir undeploy pdf --project beacon --yes
| ✓ Undeployed skill:pdf from beacon, 3 files in .claude/skills/pdf
| Undo: weir undo
$ weir remove command:review --yes
| ✓ Removed command:review, 1 file in commands/review.md
| Undo: weir undo
$ weir status
|   command:review  ↓ outdated  C→P  beacon, 1 file
|   skill:pdf       ~ modified  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir undeploy command:review --project <dir>/beacon
$ weir project list
| 2 known projects.
|   atlas   2 deployments  <dir>/atlas
|   beacon  1 deployment   <dir>/beacon
| Next: weir drift --check-all
$ weir project forget beacon
| <dir>/beacon is forgotten. Its files stay.
| Next: weir project list
$ weir project list
| 1 known project.
|   atlas  2 deployments  <dir>/atlas
| Next: weir drift --check-all
