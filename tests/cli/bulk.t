# Many at once: what fails is told, the rest goes on, and the summary counts.
$ upstream up && upstream other && mkdir atlas beacon cedar && weir init >made
$ put other/skills/notes/SKILL.md '# Notes' '' 'One.' && git -C other rm -rq skills/pdf skills/changelog commands && commit other 'notes' v1.0.1
$ weir add ./up --path 'skills/*' --yes >made && weir add ./other --path skills/notes --yes >made
$ weir deploy --all --project atlas --yes >made && weir deploy --all --project beacon --yes >made && weir deploy pdf --project cedar --yes >made
$ mv cedar gone; weir drift; mv gone cedar
| 10 edges: 9 synced · 1 not readable  (<ms>)
|     x error  C→P  project '<dir>/cedar' is not there: cannot find '<dir>/cedar': No such file or directory
| Next: Bring the folder back, or `weir project forget <dir>/cedar`.
$ summary() { sed -n '/"summary"/,/}/p' | tr -d ' \n'; echo; }
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it by page.' && change up/skills/changelog/SKILL.md 'One line' 'Two lines' && commit up 'second version' v1.1.0
$ change $WEIR_HOME/collections/default/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.'
$ mv other away
$ weir update --all
| Would update: 1 to copy · 1 conflict · 1 error.
|   ↓ copy  skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|       ↓ update  SKILL.md  +1 −1
|   x error  skill:notes  REPOSITORY_NOT_FOUND  '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   ! conflict  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
|       ! conflict  SKILL.md    1 place
| Nothing was written.
| Next: weir update --all --apply
? 3
$ weir update --all --json | summary
| "summary":{"fast_forward":1,"merged":0,"conflict":1,"error":1,"up_to_date":0},
$ weir update --all --apply
| Updated: 1 fast-forwarded · 1 conflict · 1 error.
|   ↓ copy      skill:changelog  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   x error     skill:notes      REPOSITORY_NOT_FOUND                 '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   ! conflict  skill:pdf        upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
| Next: weir resolve skill:pdf
? 3
$ weir update --all --apply --json | summary
| "summary":{"fast_forward":0,"merged":0,"conflict":1,"error":1,"up_to_date":1},
$ weir status --check
|   skill:changelog  ↓ outdated  C→P  atlas, 1 file
|                    ↓ outdated  C→P  beacon, 1 file
|   skill:pdf        ! conflict  U→C  1.0.0 → 1.1.0  @latest
|                    ↓ outdated  C→P  atlas, 1 file
|                    ↓ outdated  C→P  beacon, 1 file
|                    ↓ outdated  C→P  cedar, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir resolve skill:pdf
? 4

# A project that is gone, and one whose folder another weir holds.
$ mv cedar gone
$ weir drift --check-all
| 10 edges: 4 synced · 4 outdated · 1 conflict · 1 not readable  (<ms>)
|                    x error     C→P  project '<dir>/cedar' is not there: cannot find '<dir>/cedar': No such file or directory
|   skill:changelog  ↓ outdated  C→P  atlas, 1 file
|   skill:changelog  ↓ outdated  C→P  beacon, 1 file
|   skill:notes      ✓ synced    U→C  1.0.1, 0 files, checked just now: '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   skill:pdf        ! conflict  U→C  1.0.0 → 1.1.0, 1 file
|   skill:pdf        ↓ outdated  C→P  atlas, 1 file
|   skill:pdf        ↓ outdated  C→P  beacon, 1 file
| 1 upstream status is from the last check, not from now (the upstream did not answer; the oldest was checked just now).
| Next: weir why skill:pdf
? 1
$ export WEIR_LOCK_TIMEOUT_MS=50
$ sh -c 'exec 9<beacon; flock 9; exec weir sync --all --direction both --apply' | sed 's/process [0-9]*/process <n>/'
| Synced: 2 fast-forwarded · 1 conflict · 3 errors · 2 up to date.
|   x error     skill:notes      REPOSITORY_NOT_FOUND                 '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   ! conflict  skill:pdf        upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
|   ↓ copy      skill:changelog  collection → atlas                   1 file  +1 −1
|   ↓ copy      skill:pdf        collection → atlas                   1 file  +1 −1
|   x error                      LOCKED                               '<dir>/beacon' is in use by process <n>
|   x error                      NOT_FOUND                            project '<dir>/cedar' is not there: cannot find '<dir>/cedar': No such file or directory
| Next: weir resolve skill:pdf
$ sh -c 'exec 9<beacon; flock 9; exec weir sync --all --direction both --apply --json' | summary
| "summary":{"fast_forward":0,"merged":0,"conflict":1,"error":3,"up_to_date":4},
$ sh -c 'exec 9<atlas; flock 9; exec weir drift --check-all' | sed 's/process [0-9]*/process <n>/'
| 8 edges: 3 synced · 2 outdated · 1 conflict · 2 not readable  (<ms>)
|                    x error     C→P  '<dir>/atlas' is in use by process <n>
|                    x error     C→P  project '<dir>/cedar' is not there: cannot find '<dir>/cedar': No such file or directory
|   skill:changelog  ↓ outdated  C→P  beacon, 1 file
|   skill:notes      ✓ synced    U→C  1.0.1, 0 files, checked just now: '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   skill:pdf        ! conflict  U→C  1.0.0 → 1.1.0, 1 file
|   skill:pdf        ↓ outdated  C→P  beacon, 1 file
| 1 upstream status is from the last check, not from now (the upstream did not answer; the oldest was checked just now).
| Next: weir why skill:pdf
$ sh -c 'exec 9<atlas; flock 9; exec weir sync --all --direction project --project atlas --apply' 2>&1 | sed 's/process [0-9]*/process <n>/'
| error: '<dir>/atlas' is in use by process <n>
| Next: Wait until the other one is done, then try again.
$ weir sync --all --direction both --apply
| Synced: 2 fast-forwarded · 1 conflict · 2 errors · 5 up to date.
|   x error     skill:notes      REPOSITORY_NOT_FOUND                 '<dir>/other': fatal: '<dir>/other' does not appear to be a git repository
|   ! conflict  skill:pdf        upstream 1.0.0 → 1.1.0 → collection  1 place in SKILL.md
|   ↓ copy      skill:changelog  collection → beacon                  1 file  +1 −1
|   ↓ copy      skill:pdf        collection → beacon                  1 file  +1 −1
|   x error                      NOT_FOUND                            project '<dir>/cedar' is not there: cannot find '<dir>/cedar': No such file or directory
| Next: weir resolve skill:pdf
? 3

# Deploying what one project has edited: that artifact alone stands still.
$ mv gone cedar && mv away other
$ weir deploy --all --project cedar --yes
| Deployed 3 artifacts, 3 files.
|   + add   skill:changelog  collection → cedar  1 file  +6
|   + add   skill:notes      collection → cedar  1 file  +3
|   ↓ copy  skill:pdf        collection → cedar  1 file  +1 −1
| Undo: weir undo
$ change beacon/.claude/skills/changelog/SKILL.md 'Two lines' 'Three lines' && change beacon/.claude/skills/notes/SKILL.md 'One.' 'Four.'
$ change $WEIR_HOME/collections/default/skills/changelog/SKILL.md 'Two lines' 'No lines'
$ change $WEIR_HOME/collections/default/skills/notes/SKILL.md '# Notes' '# The notes'
$ weir deploy --all --project beacon --apply
| Deployed: 2 errors · 1 up to date.
|   x error  skill:changelog  EXISTS  '.claude/skills/changelog' was edited in beacon, and the edits are not in the collection
|   x error  skill:notes      EXISTS  '.claude/skills/notes' was edited in beacon, and the edits are not in the collection
| Next: Pull them with `weir pull`, merge with `weir sync --direction project`, or drop them with --overwrite (undo brings them back).
? 1
$ weir deploy --all --project beacon --apply --json | summary
| "summary":{"fast_forward":0,"merged":0,"conflict":0,"error":2,"up_to_date":1},
$ weir drift --check-all --check
| 12 edges: 3 synced · 2 modified · 4 outdated · 2 diverged · 1 conflict  (<ms>)
|   skill:changelog  ~ modified  U→C  1.1.0, 1 file
|   skill:changelog  ↓ outdated  C→P  atlas, 1 file
|   skill:changelog  Y diverged  C→P  beacon, 1 file
|   skill:changelog  ↓ outdated  C→P  cedar, 1 file
|   skill:notes      ~ modified  U→C  1.0.1, 1 file
|   skill:notes      ↓ outdated  C→P  atlas, 1 file
|   skill:notes      Y diverged  C→P  beacon, 1 file
|   skill:notes      ↓ outdated  C→P  cedar, 1 file
|   skill:pdf        ! conflict  U→C  1.0.0 → 1.1.0, 1 file
| Next: weir why skill:pdf
? 4
