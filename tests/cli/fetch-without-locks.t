# needs: sqlite3
# While an upstream is slow, others work: git stands still in each call over the network until other commands of weir have
# locked the collection and the project for writing, without waiting for anybody, and have finished.
$ upstream up >/dev/null && mkdir bin atlas && export -p >env && git=$(command -v git)
$ put bin/git '#!/bin/sh' 'meet() (' "    cd '$PWD' && . ./env" \
>     '    export WEIR_LOCK_TIMEOUT_MS=0' '    echo "$1: $(timeout 60 ./other 2>&1 </dev/null)" >>calls' ')' \
>     'for word in "$@"; do' '    case $word in ls-remote | fetch) meet "$word" ;; esac' 'done' "exec '$git' \"\$@\""
$ put other '#!/bin/sh' 'weir lock changelog >/dev/null && weir unlock changelog >/dev/null && ' \
>     'weir deploy changelog --project atlas --apply --quiet >/dev/null && echo met nobody'
$ chmod +x bin/git other
$ slow() { PATH=$PWD/bin:$PATH weir "$@" >said; sort calls | uniq -c | sed 's/^ *//'; rm -f calls; }
$ collection=$WEIR_HOME/collections/default
$ weir init >/dev/null && weir add ./up --path 'skills/*' --apply >/dev/null && weir deploy --all --project atlas --apply >/dev/null
$ change up/skills/pdf/SKILL.md 'Split it.' 'Take it apart.' && commit up 'take apart' v1.1.0
$ slow drift --check-all
| 1 fetch: met nobody
| 1 ls-remote: met nobody
$ change up/skills/pdf/SKILL.md 'Take it apart.' 'Cut it.' && commit up 'cut' v1.2.0
$ slow add ./up --path 'commands/*' --apply
| 1 fetch: met nobody
| 1 ls-remote: met nobody
$ change up/skills/pdf/SKILL.md 'Cut it.' 'Saw it.' && commit up 'saw' v1.3.0
$ slow update --all --apply
| 1 fetch: met nobody
| 1 ls-remote: met nobody
$ change up/skills/pdf/SKILL.md 'Saw it.' 'Tear it.' && commit up 'tear' v1.4.0
$ slow sync --all --direction both --apply
| 1 fetch: met nobody
| 1 ls-remote: met nobody
$ slow doctor --all
| 1 ls-remote: met nobody
$ grep 'it.$' atlas/.claude/skills/pdf/SKILL.md
| Tear it.

# A base whose content only the upstream still has.
$ put atlas/.claude/skills/pdf/mine.txt 'my own'
$ change up/skills/pdf/SKILL.md 'Tear it.' 'Rip it.' && commit up 'rip' v1.5.0 && weir update --all --apply >/dev/null
$ mv $WEIR_HOME/objects.db gone.db; rm -rf $WEIR_HOME/cache/git $WEIR_HOME/objects.db-*
$ slow sync pdf --direction project --apply
| 1 fetch: met nobody
| 1 ls-remote: met nobody
$ grep 'it.$' atlas/.claude/skills/pdf/SKILL.md; cat atlas/.claude/skills/pdf/mine.txt
| Rip it.
| my own

# A base that an old record names by its hash alone, of a commit that must be fetched again.
$ old() { (cd "$1" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort | while read -r f; do printf %s "$f"; cat "$f"; done) | sha256sum | cut -c 1-64; }
$ sed -i "/skill:pdf/,\$ s/^base_hash = .*/legacy_hash = \"$(old up/skills/pdf)\"/" $collection/collection.lock.toml
$ put $collection/skills/pdf/mine.txt 'my own'
$ git -C up checkout -q --orphan other && change up/skills/pdf/SKILL.md 'Rip it.' 'Part it.' && commit up 'part' v2.0.0
$ weir pin pdf @v2.0.0 >/dev/null; mv $WEIR_HOME/objects.db gone.db; rm -rf $WEIR_HOME/cache/git $WEIR_HOME/objects.db-*
$ slow sync pdf --apply
| 2 fetch: met nobody
| 1 ls-remote: met nobody
$ grep 'it.$' $collection/skills/pdf/SKILL.md; cat $collection/skills/pdf/mine.txt
| Part it.
| my own

# Objects that are gone, and that no tier has.
$ put $collection/skills/pdf/SKILL.md 'quite another'; rm -rf atlas/.claude/skills/pdf
$ weir verify --repair --apply >/dev/null
? 1
$ sqlite3 $WEIR_HOME/objects.db 'DELETE FROM object WHERE kind = 1'; rm -rf $WEIR_HOME/cache/git
$ slow verify --repair --apply; grep -c STORE_INCOMPLETE said
| 2 fetch: met nobody
| 1 ls-remote: met nobody
| 6
