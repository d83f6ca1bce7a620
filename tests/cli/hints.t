# The next step that an error names is one that helps.
$ upstream up && mkdir atlas beacon && weir init >made && weir add ./up --path 'skills/*' --yes >made

# A place that cannot be.
$ for to in ../x /abs .git/hooks .weir ''; do weir deploy pdf --project atlas --to "$to"; done
! error: --to: refused the name '../x': it has a '.' or '..' part
! Next: --to takes a path inside the project, .claude/skills/NAME for one.
! error: --to: refused the name '/abs': it is absolute
! Next: --to takes a path inside the project, .claude/skills/NAME for one.
! error: --to: refused the name '.git/hooks': it would stand for git's own folder
! Next: --to takes a path inside the project, .claude/skills/NAME for one.
! error: '.weir' is a place of weir's own records
! Next: Choose another path, .weir/skills/NAME for one.
! error: --to: refused the name '': it is empty
! Next: --to takes a path inside the project, .claude/skills/NAME for one.
? 1

# A link stands where the deployed folder was.
$ weir deploy pdf --project atlas --yes >made
$ mv atlas/.claude/skills/pdf elsewhere && ln -s ../../../elsewhere atlas/.claude/skills/pdf
$ weir pull pdf --project atlas; weir undeploy pdf --project atlas
! error: atlas: '.claude/skills/pdf' is a link; an artifact is a file or a folder
! Next: Remove the link and put the folder or file itself in its place.
! error: atlas: '.claude/skills/pdf' is a link; an artifact is a file or a folder
! Next: Remove the link and put the folder or file itself in its place.
? 1
$ rm atlas/.claude/skills/pdf && mv elsewhere atlas/.claude/skills/pdf

# Edited in the project, and gone from the collection.
$ echo x >>atlas/.claude/skills/pdf/SKILL.md; weir remove pdf --yes >made; weir undeploy pdf --project atlas --apply
! error: '.claude/skills/pdf' was edited in atlas, and the collection no longer has it
! Next: Copy it elsewhere, or `weir add` it again; --overwrite drops the edits (undo brings them back).
? 1
$ weir undo --apply >made; weir undeploy pdf --project atlas
! error: '.claude/skills/pdf' was edited in atlas, and the edits are not in the collection
! Next: Pull them with `weir pull`, merge with `weir sync --direction project`, or drop them with --overwrite (undo brings them back).
? 1

# A project by a link to it; a project that has no name.
$ ln -s atlas link; weir project forget nothing; weir project forget link; weir project list
| <dir>/atlas is forgotten. Its files stay.
| Next: weir project list
| 0 known projects.
| Next: weir project add .
! error: no project is known at '<dir>/nothing'
! Next: weir project list
$ weir project add / >made; weir project list; weir deploy changelog --project /; weir project forget / >made
| 1 known project.
|   /  0 deployments  /
| Next: weir drift --check-all
| Would deploy skill:changelog to /, 1 file in .claude/skills/changelog
|   + add  SKILL.md  +6
| Nothing was written.
| Next: weir deploy changelog --project / --apply

# Whole files have no two sides to take.
$ printf '\000a' >up/skills/changelog/logo.bin && commit up binary v1.0.1 && weir sync changelog --apply >made
$ printf '\000b' >up/skills/changelog/logo.bin && commit up again v1.0.2 && printf '\000c' >"$WEIR_HOME/collections/default/skills/changelog/logo.bin"
$ weir sync changelog --apply >made; weir resolve changelog; weir resolve changelog --take both
| ! skill:changelog waits for you: 1 place in logo.bin. Live files are untouched.
| logo.bin: a whole file
|   both changed it, and it is not text that merges by lines (binary)
|   collection | 2 B, 597fcb31
|   base       | 2 B, 022a6979
|   upstream   | 2 B, 57eb3561
| Next: weir resolve changelog --file PATH --take collection|upstream|base --apply
! error: logo.bin: 'both' is for text: this one is a whole file (binary)
! usage: weir resolve TYPE:NAME [--project DIR] --file PATH --take SIDE|--with FILE [--apply]
! Next: weir help resolve
? 2

# A merge that has waited for a week is named behind other commands, on stderr, and never dropped.
$ created=$(date +%s) && freeze "@$((created + 6 * 86400))" && weir list >made && freeze "@$((created + 8 * 86400 + 3600))" && weir list >made; weir status
|   skill:changelog  ! conflict  U→C  1.0.1 → 1.0.2  @latest
|   1 more is synced. Upstreams checked 8 days ago.
| Next: weir resolve skill:changelog
! note: a merge of skill:changelog has waited for 8 days: weir resolve skill:changelog
! note: a merge of skill:changelog has waited for 8 days: weir resolve skill:changelog
$ weir list --quiet >made; weir list --json >made; weir resolve >made; weir version; unset WEIR_TEST_CLOCK_MS
| weir 0.1.0

# The store is gone: undo does not send anybody to look for folders.
$ weir deploy changelog --project beacon --yes >made; weir undeploy changelog --project beacon --yes >made
$ rm "$WEIR_HOME"/objects.db*; weir undo
! error: what "weir undeploy changelog --project beacon --yes" replaced is no longer kept
! Next: `weir gc` frees what is older than it is told to keep; `weir show TYPE:NAME --versions` marks what is gone.
? 1

# A home that cannot be looked into is not a missing one.
$ mv "$WEIR_HOME/collections/default" aside && ln -s default "$WEIR_HOME/collections/default"; weir status
! error: cannot look at '<home>/weir/collections/default': Too many levels of symbolic links
! Next: Use a path inside the folder; links on the way are not followed.
? 1
$ rm "$WEIR_HOME/collections/default"; weir status
! error: there is no collection 'default' in '<home>/weir' yet
! Next: Run `weir init` first.
? 1
