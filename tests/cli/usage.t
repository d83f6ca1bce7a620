# What cannot be understood ends with 2, says why, and names what was likely meant.
$ weir version
| weir 0.1.0
$ weir --version
| weir 0.1.0
$ weir vresion
! error: there is no command 'vresion'. Did you mean 'version'?
! Next: weir help
? 2
$ weir version --jsn
! error: unknown option '--jsn'. Did you mean '--json'?
! usage: weir version
! Next: weir help version
? 2
$ weir version more
! error: 'weir version' does not know what to do with 'more'
! usage: weir version
! Next: weir help version
? 2
$ weir pin pdf; weir log --limit x; weir project add; weir resolve --take both
! error: 'weir pin' needs an artifact and a version: TYPE:NAME @REF
! usage: weir pin TYPE:NAME... @REF
! Next: weir help pin
! error: --limit takes a number; 0 is all
! usage: weir log [TYPE:NAME] [--since WHEN] [--verb VERB] [--limit N] [--before ID] [--json]
! Next: weir help log
! error: 'weir project add' needs a folder
! usage: weir project list [--json]
! Next: weir help project
! error: 'weir resolve' needs an artifact, TYPE:NAME
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2
$ weir sync
! error: 'weir sync' needs an artifact, TYPE:NAME
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help sync
? 2
$ weir sync --all pdf
! error: name artifacts or say --all, not both
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help sync
? 2
$ weir sync pdf --direction sideways
! error: --direction is upstream, project or both, not 'sideways'
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help sync
? 2
$ weir sync pdf --direction project_to_collection
! error: 'weir sync' goes downward; 'weir pull' goes up
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help pull
? 2
$ weir sync pdf --set
! error: option '--set' needs a value: NAME=VALUE
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help sync
? 2
$ weir sync pdf --project a --project b
! error: option '--project' is given twice
! usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
! Next: weir help sync
? 2
$ weir nothing --json
| {
|   "error": {
|     "code": "USAGE",
|     "message": "there is no command 'nothing'",
|     "hint": "weir help",
|     "details": {}
|   },
|   "trace_id": "<hex>"
| }
? 2
$ weir help sync
| weir sync: bring what is new upstream into the collection, and on into projects
|
| usage: weir sync TYPE:NAME...|--all [--direction upstream|project|both] [--project DIR] [--write-markers] [--apply] [--json]
|
| upstream: upstream to collection. project: collection to projects. both: one after the other.
| Edits on both sides are merged; what clashes waits for `weir resolve`, and the live files stay as they were.
| Without --project every known project that holds it.
|
| Examples
|   weir sync pdf
|   weir sync pdf --apply
|   weir sync --all --direction both --apply
|
| Options
|       --all              every artifact of the collection
|       --direction WHICH  upstream (the default), project or both
|       --project DIR      the project's folder
|       --two-way          where no base can be found, decide place by place
|       --write-markers    places in conflict go into the live files too, with markers
|       --apply            write what the plan says; without it nothing changes
|   -y, --yes              the same as --apply
|       --accept-risk      take what the review flags, too
|
| Options of every command
|   -h, --help            this page
|       --json            the result as JSON (docs/schema)
|   -q, --quiet           no notes, no questions
|   -v, --verbose         more detail
|       --ascii           no glyphs beyond ASCII
|       --no-color        no colour
|       --no-pager        a long result is not shown page by page
|       --offline         ask no upstream: use what was last seen
|       --no-daemon       wait for a folder that is in use; hand nothing to the daemon
|       --log FILE        append a JSON line for each step to this file
|       --set NAME=VALUE  a setting, for this call only (see weir config)
$ weir help nothing
! error: there is no command 'nothing'
! usage: weir help [COMMAND] [--man]
! Next: weir help
? 2
$ weir help | head -3
| weir keeps reusable files in step across upstream, collection and project; no edit is lost.
|
| usage: weir COMMAND [OPTIONS]
$ weir merge-tree --help | head -3
| weir merge-tree: merge three folders into a new one
|
| usage: weir merge-tree BASE OURS THEIRS --out DIR [--json]

# Nothing is asked, and nothing hangs, without a terminal; writing fails where it should.
$ weir init >made && mkdir s && put s/a.md a && weir add ./s --type skill
| Would add skill:s, 1 file in skills/s
|   + add  a.md  +1
| Nothing was written.
| Next: weir add ./s --type skill --apply
$ weir help >/dev/full
! error: cannot write the result: No space left on device
! Next: Mend where it goes; `weir log` says whether the command did its work.
? 1
$ weir help | true
$ weir status --ascii; LC_ALL=C weir status
| Nothing is here to compare: no artifact has an upstream or is deployed.
| Next: weir list
| Nothing is here to compare: no artifact has an upstream or is deployed.
| Next: weir list
$ weir list --quiet
| 0 artifacts in collection default.
$ weir hash s
| <hex>
$ weir hash s/a.md
| <hex>
$ weir hash nothing
! error: cannot find 'nothing': No such file or directory
! Next: Check the path.
? 1
