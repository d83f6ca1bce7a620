# needs: data
# A real upstream with history: fourteen skills at one release, edited in two projects, moved to a much later one.
$ repo=$WEIR_SHARED_DATA/upstreams/superpowers.bundle; git clone -q --bare "$repo" plain
$ weir init >/dev/null; weir add "$repo" --path 'skills/*' --ref v4.0.0 --yes | head -1
| Added 14 artifacts, 35 files.
$ mkdir one two; weir deploy --all --project one --yes | head -1; weir deploy --all --project two --yes | head -1
| Deployed 14 artifacts, 35 files.
| Deployed 14 artifacts, 35 files.
$ for p in one two
> do for s in brainstorming writing-skills test-driven-development writing-plans
> do printf '\na note of project %s\n' $p >>$p/.claude/skills/$s/SKILL.md
> done
> done
$ sed -i '3s/.*/description: mine/' one/.claude/skills/executing-plans/SKILL.md
$ sed -i '5a a line of my own' one/.claude/skills/systematic-debugging/SKILL.md
$ sed -i '4s/.*/changed in the collection/' $WEIR_HOME/collections/default/skills/using-superpowers/SKILL.md
$ weir pin --all @v6.2.0 | head -1
| Pinned 14 artifacts to @v6.2.0.
$ mkdir before; cp -a one two $WEIR_HOME/collections before/

# A dry run changes nothing.
$ weir sync --all --direction both >dry; echo $?
| 3
$ head -1 dry
| Would sync: 31 to copy · 4 to merge · 7 conflicts.
$ diff -r before/one one && diff -r before/two two && diff -r before/collections $WEIR_HOME/collections && echo unchanged
| unchanged

$ weir sync --all --direction both --apply --accept-risk --json >reply.json; echo $?
| 3
$ $BUILD/check-schema $(dirname "$SETUP")/../../docs/schema/sync.json <reply.json && echo valid
| valid
$ weir status --project one
|   skill:brainstorming            ! conflict  C→P  one, 8 files
|   skill:executing-plans          ~ modified  C→P  one, 1 file
|   skill:systematic-debugging     ~ modified  C→P  one, 1 file
|   skill:test-driven-development  ~ modified  C→P  one, 1 file
|   skill:using-superpowers        ! conflict  U→C  4.0.0 → 6.2.0  @v6.2.0
|   skill:writing-plans            ! conflict  C→P  one, 2 files
|   skill:writing-skills           ! conflict  C→P  one, 4 files
|   7 more are synced. Upstreams checked just now.
| Next: weir resolve skill:brainstorming --project <dir>/one

# Each text file of an artifact without a conflict has the bytes that git merge-file gives for the same three.
$ git_says() { # PROJECT SKILL FILE: what git makes of release 4, release 6 and the edited file
>     git -C plain show v4.0.0:skills/$2/$3 >base; git -C plain show v6.2.0:skills/$2/$3 >theirs
>     git merge-file -p before/$1/.claude/skills/$2/$3 base theirs
> }
$ same=0 other=0
$ for p in one two
> do for s in $(ls $p/.claude/skills)
> do weir drift --project $p --json | tr -d ' \n' | grep -q "skill:$s\",\"edge\":\"collection_to_project\",\"project\":\"[^\"]*\",\"status\":\"conflict\"" && continue
> [ $s = using-superpowers ] && continue
> for f in $(git -C plain ls-tree -r --name-only v6.2.0 skills/$s | sed "s,^skills/$s/,,")
> do [ -f before/$p/.claude/skills/$s/$f ] && git -C plain cat-file -e v4.0.0:skills/$s/$f 2>/dev/null || continue
> if git_says $p $s $f | cmp -s - $p/.claude/skills/$s/$f; then same=$((same + 1)); else other=$((other + 1)); echo "$p $s $f differs"; fi
> done
> done
> done
$ echo "$other other"; [ $same -gt 40 ] && echo many the same
| 0 other
| many the same

# An artifact in conflict keeps all its live files.
$ for p in one two; do for s in brainstorming writing-skills writing-plans; do diff -r before/$p/.claude/skills/$s $p/.claude/skills/$s && echo $p $s as it was; done; done
| one brainstorming as it was
| one writing-skills as it was
| one writing-plans as it was
| two brainstorming as it was
| two writing-skills as it was
| two writing-plans as it was
$ diff -r before/collections/default/skills/using-superpowers $WEIR_HOME/collections/default/skills/using-superpowers && echo as it was
| as it was

# One undo brings back the exact trees and records.
$ weir undo --apply >taken-back; head -1 taken-back
| ✓ Took back "weir sync --all --direction both --apply --accept-risk --json" of <any>, 14 artifacts.
$ diff -r before/one one && diff -r before/two two && diff -r before/collections $WEIR_HOME/collections && echo exact
| exact
$ weir drift --check-all | head -1
| 42 edges: 16 synced · 10 modified · 15 outdated · 1 diverged  (<ms>)
