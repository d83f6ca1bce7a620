# Each switch does what it says, from environment, file and --set; a value that is none names where it came from.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ skill=$WEIR_HOME/collections/default/skills/pdf/SKILL.md
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
$ change "$skill" 'Say what it holds.' 'Say it.'
$ for key in ENABLE_SYNC_PREVIEW ENABLE_AUTO_MERGE ENABLE_UPSTREAM_CHECK MERGE_STRATEGY_DEFAULT SYNC_FORCE_DRY_RUN SYNC_DIFF_PREVIEW_MAX SYNC_PATCH_EXPORT; do env $key=nonsense weir list 2>&1 | head -1; weir list --set $key=nonsense 2>&1 | head -1; done
| error: environment ENABLE_SYNC_PREVIEW: ENABLE_SYNC_PREVIEW is 'nonsense', which is not true or false
| error: --set: ENABLE_SYNC_PREVIEW is 'nonsense', which is not true or false
| error: environment ENABLE_AUTO_MERGE: ENABLE_AUTO_MERGE is 'nonsense', which is not true or false
| error: --set: ENABLE_AUTO_MERGE is 'nonsense', which is not true or false
| error: environment ENABLE_UPSTREAM_CHECK: ENABLE_UPSTREAM_CHECK is 'nonsense', which is not true or false
| error: --set: ENABLE_UPSTREAM_CHECK is 'nonsense', which is not true or false
| error: environment MERGE_STRATEGY_DEFAULT: MERGE_STRATEGY_DEFAULT is 'nonsense', which is not one of auto, prompt, overwrite
| error: --set: MERGE_STRATEGY_DEFAULT is 'nonsense', which is not one of auto, prompt, overwrite
| error: environment SYNC_FORCE_DRY_RUN: SYNC_FORCE_DRY_RUN is 'nonsense', which is not true or false
| error: --set: SYNC_FORCE_DRY_RUN is 'nonsense', which is not true or false
| error: environment SYNC_DIFF_PREVIEW_MAX: SYNC_DIFF_PREVIEW_MAX is 'nonsense', which is not a size such as 500kB or 1MB
| error: --set: SYNC_DIFF_PREVIEW_MAX is 'nonsense', which is not a size such as 500kB or 1MB
| error: environment SYNC_PATCH_EXPORT: SYNC_PATCH_EXPORT is 'nonsense', which is not one of tar.gz, zip, patch
| error: --set: SYNC_PATCH_EXPORT is 'nonsense', which is not one of tar.gz, zip, patch

# ENABLE_UPSTREAM_CHECK: only a sync asks.
$ ENABLE_UPSTREAM_CHECK=false weir drift --check-all | head -1
| 3 edges: 1 synced · 1 modified · 1 outdated  (<ms>)
! note: ENABLE_UPSTREAM_CHECK is off: upstreams are as they were last seen
$ weir drift --check-all pdf | head -1
| 2 edges: 1 outdated · 1 diverged  (<ms>)

# ENABLE_AUTO_MERGE: what both sides changed is a place, though its lines do not clash.
$ weir update pdf | head -1
| Would update skill:pdf 1.0.0 → 1.1.0, 1 file in skills/pdf
$ ENABLE_AUTO_MERGE=false weir update pdf
| skill:pdf  upstream 1.0.0 → 1.1.0 → collection, base 5e71b8cb
|   ! conflict  SKILL.md    changed on both sides, taken as a whole
| Nothing was written.
| Next: weir update pdf --apply
? 3
$ weir update pdf --set ENABLE_AUTO_MERGE=no --apply >said
? 3
$ weir resolve pdf --file SKILL.md --take upstream --apply && weir undo --yes >said && weir undo --yes >said
| ✓ Resolved skill:pdf, 1 file.
| Undo: weir undo

# MERGE_STRATEGY_DEFAULT: from the file.
$ weir config MERGE_STRATEGY_DEFAULT overwrite && weir config MERGE_STRATEGY_DEFAULT --show-origin
| Set MERGE_STRATEGY_DEFAULT to overwrite in <home>/weir/config.toml.
| overwrite	<home>/weir/config.toml:1
$ weir update pdf
| Would update skill:pdf 1.0.0 → 1.1.0, 1 file in skills/pdf
|   ↓ update  SKILL.md  +2 −2
|   x loses   SKILL.md  +1 −1  your edit
| Nothing was written.
| Next: weir update pdf --apply
$ weir update pdf --strategy auto | head -1
| Would update skill:pdf 1.0.0 → 1.1.0, 1 file in skills/pdf
$ weir config MERGE_STRATEGY_DEFAULT auto >said

# ENABLE_SYNC_PREVIEW: the question alone.
$ person() { TERM=xterm "$BUILD/pty" --size 100x40 weir "$@" --ascii --no-color; }
$ printf 'wait [y/N]\ntype n\n' | person update pdf
| Would update skill:pdf 1.0.0 -> 1.1.0, 1 file in skills/pdf
|   v update  SKILL.md  +1 -1
| Apply 1 file? [y/N] n
| Nothing was written.
$ printf 'wait [y/N]\ntype n\n' | ENABLE_SYNC_PREVIEW=false person update pdf
| Apply 1 file? [y/N] n
| Nothing was written.

# SYNC_FORCE_DRY_RUN: nothing is written, by no verb.
$ tree $WEIR_HOME/collections >before; tree atlas >>before
$ export SYNC_FORCE_DRY_RUN=true
$ for verb in "update pdf --apply" "sync --all --direction both --apply" "undo --apply" "undeploy pdf --project atlas --yes" "remove pdf --yes"; do weir $verb >said 2>&1; echo "$verb: $?"; done
| update pdf --apply: 0
| sync --all --direction both --apply: 0
| undo --apply: 0
| undeploy pdf --project atlas --yes: 0
| remove pdf --yes: 1
$ for verb in "pin pdf @v1.0.0" "lock pdf" "project add up" "project forget atlas"; do weir $verb; done
! error: SYNC_FORCE_DRY_RUN is on: nothing was written
! Next: Switch it off with `weir config SYNC_FORCE_DRY_RUN false`, or in the environment.
! error: SYNC_FORCE_DRY_RUN is on: nothing was written
! Next: Switch it off with `weir config SYNC_FORCE_DRY_RUN false`, or in the environment.
! error: SYNC_FORCE_DRY_RUN is on: nothing was written
! Next: Switch it off with `weir config SYNC_FORCE_DRY_RUN false`, or in the environment.
! error: SYNC_FORCE_DRY_RUN is on: nothing was written
! Next: Switch it off with `weir config SYNC_FORCE_DRY_RUN false`, or in the environment.
? 1
$ WEIR_HOME=$HOME/other weir init; ls "$HOME/other"
! error: SYNC_FORCE_DRY_RUN is on: nothing was written
! Next: Switch it off with `weir config SYNC_FORCE_DRY_RUN false`, or in the environment.
! ls: cannot access '<home>/other': No such file or directory
? 2
$ unset SYNC_FORCE_DRY_RUN; tree $WEIR_HOME/collections >after; tree atlas >>after; diff before after && weir lock && weir project list | wc -l
| Nothing is locked.
| 3

# SYNC_DIFF_PREVIEW_MAX: a summary on a terminal, all of it in a pipe.
$ weir diff pdf | wc -l
| 15
$ SYNC_DIFF_PREVIEW_MAX=10 weir diff pdf | wc -l
| 15
$ SYNC_DIFF_PREVIEW_MAX=10 person diff pdf --no-pager </dev/null
| 1 file changed +2 -2
|   modify  SKILL.md  +2 -2
| The patch has 274 B, more than SYNC_DIFF_PREVIEW_MAX.
| Next: weir diff pdf --no-pager --ascii --no-color --set SYNC_DIFF_PREVIEW_MAX=1GB

# SYNC_PATCH_EXPORT: where the file's name does not tell.
$ weir patch pdf --out one >said && gzip -t <one && SYNC_PATCH_EXPORT=patch weir patch pdf --out two >said && head -c 5 two && echo && SYNC_PATCH_EXPORT=zip weir patch pdf --out three >said && head -c 2 three && echo && weir patch pdf --out four.patch >said && head -c 5 four.patch
| From 
| PK
| From 
|\

# SYNC_FORCE_DRY_RUN: a person at a terminal is not asked what a yes could not do.
$ SYNC_FORCE_DRY_RUN=true "$BUILD/pty" --size 100x30 weir add ./up --path commands/review.md </dev/null
| Would add command:review 1.1.0, 1 file in commands/review.md
|   + add  review.md  +3
| Nothing was written.
| Next: weir add ./up --path commands/review.md --apply
$ weir list | head -1
| 2 artifacts in collection default.
