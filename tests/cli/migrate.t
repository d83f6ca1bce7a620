# A SkillMeat home with one collection, and a project that it deployed to. Hashes by the rule it had.
$ old() { (cd "$1" && find . -type f | sed 's,^\./,,' | tr / '\001' | LC_ALL=C sort | tr '\001' / | while read -r f; do printf %s "$f"; cat "$f"; done) | sha256sum | cut -c 1-64; }
$ deployed() { for l in '[[deployed]]' "artifact_name = \"$1\"" "artifact_type = \"$2\"" "from_collection = \"${5-default}\"" 'deployed_at = "2026-11-20T20:32:11.703788"' "artifact_path = \"$3\"" "content_hash = \"$4\"" 'local_modifications = false' 'profile_root_dir = ".claude"' ''; do echo "$l"; done; }
$ artifact() { for l in '[[artifacts]]' "name = \"$1\"" "type = \"$2\"" "path = \"$3\"" "origin = \"${4-local}\"" 'added = "2026-11-20T20:31:49.963226"' "${5-}"; do echo "$l"; done; }
$ c=$HOME/.skillmeat/collections/default
$ put $c/skills/pdf/SKILL.md '# PDF' 'Read it.'; put $c/skills/pdf/refs/a.md a; put $c/skills/pdf/refs.md b; put $c/commands/fix.md 'Fix it.'; put $c/skills/lost/SKILL.md '# Lost'
$ for p in atlas beta; do mkdir -p $p/.claude && cp -r $c/skills $c/commands $p/.claude; done
$ pdf=$(old $c/skills/pdf) fix=$(sha256sum <$c/commands/fix.md | cut -c 1-64)
$ sha=0123456789abcdef0123456789abcdef01234567
$ { echo '[collection]'; echo 'name = "default"'; artifact pdf skill skills/pdf github "upstream = \"https://github.com/owner/repo/tree/$sha/skills/pdf\""; artifact fix command commands/fix.md; artifact lost skill skills/gone; artifact 'my skill' skill skills/my; artifact up skill ../../config.toml; } >$c/collection.toml
$ { echo '[lock.entries."pdf::skill"]'; echo "content_hash = \"$pdf\""; } >$c/collection.lock
$ { deployed pdf skill skills/pdf $pdf; deployed fix command commands/fix.md $fix; deployed out skill ../../out $pdf; deployed other skill skills/lost $pdf team; } >atlas/.claude/.skillmeat-deployed.toml
$ { deployed pdf skill skills/pdf $pdf; printf 'artifact_name = "cut'; } >beta/.claude/.skillmeat-deployed.toml
$ change atlas/.claude/commands/fix.md Fix Mend

# Without a home of weir's there is nothing to migrate into.
$ weir migrate
! error: there is no weir home at '<home>/weir' yet
! Next: Run `weir init` first.
? 1

# Before: what SkillMeat recorded can be looked at, and nothing is written.
$ weir init
| Made collection default in <home>/weir/collections/default.
| Next: weir add owner/repo/path
$ tree atlas >was; cd atlas && weir status; weir drift --json | sed -n '/"artifact": "command:fix"/,/legacy/p'; weir why fix; cd ..; tree atlas | diff was -
|                x error     C→P  refused the name '.claude/../../out': it has a '.' or '..' part
|   command:fix  ~ modified  C→P  atlas, 1 file
|   1 more is synced.
| Next: Rename the file where it comes from; weir does not write such names.
|       "artifact": "command:fix",
|       "edge": "collection_to_project",
|       "project": "<dir>/atlas",
|       "status": "modified",
|       "missing": false,
|       "removed": false,
|       "mergeable": null,
|       "files": [
|         {
|           "path": "fix.md",
|           "change": "add"
|         }
|       ],
|       "hashes": {
|         "base": "<hex>",
|         "upper": "<hex>",
|         "lower": "<hex>"
|       },
|       "lock": null,
|       "legacy": true
| command:fix: atlas edited it since SkillMeat deployed it.
|
| C→P atlas  ~ modified
|   base        ffe17414  the last version both had in common
|   collection  ffe17414  same as the base
|   project     99e69bbd  changed since the base
|     add     fix.md
|
| Next: weir migrate ~/.skillmeat <dir>/atlas

# The plan; nothing is written by it.
# Caches may come: they are no state.
$ seen() { stamps atlas; tree atlas; stamps $HOME/.skillmeat; tree $HOME/.skillmeat; tree $WEIR_HOME/collections; ls -a $WEIR_HOME | grep -v "^cache$"; }
$ weir list >before; seen >before
$ weir migrate $HOME atlas beta
| Would migrate: 4 to take over · 6 errors.
|   x error  skill:other                       atlas       NOT_FOUND     it came from the collection 'team', which is not here
|   x error  .claude/.skillmeat-deployed.toml  beta        CORRUPT       .skillmeat-deployed.toml:11:1: 'artifact_name' is defined already, on line 2
|   + add    skill:pdf                         collection  3 files
|   + add    command:fix                       collection  1 file
|   x error  skill:lost                        collection  NOT_FOUND     collection.toml:17: 'skills/gone' is not there, or holds no file that counts
|   x error  skill:my skill                    collection  NAME_REFUSED  refused the name 'my skill': it is not an artifact's name: letters, digits and '._-+@', a letter or digit first, at most 100 bytes
|   x error  skill:up                          collection  NAME_REFUSED  refused the name '../../config.toml': it has a '.' or '..' part
|   + add    skill:pdf                         atlas       record only   synced
|   + add    command:fix                       atlas       record only   modified
|   x error  skill:out                         atlas       NAME_REFUSED  refused the name '.claude/../../out': it has a '.' or '..' part
| Not taken over, for weir has no place for it: artifacts.added (5), deployed.deployed_at (4), deployed.local_modifications (4).
| Nothing was written.
| Next: weir migrate <home> atlas beta --apply
? 1
$ seen | diff before -

# Carried out: each broken thing is an error of its own.
$ tree $HOME/.skillmeat >old; tree atlas >was
$ weir migrate $HOME atlas beta --apply
| Migrated: 4 taken over · 6 errors.
|   x error  skill:other                       atlas       NOT_FOUND     it came from the collection 'team', which is not here
|   x error  .claude/.skillmeat-deployed.toml  beta        CORRUPT       .skillmeat-deployed.toml:11:1: 'artifact_name' is defined already, on line 2
|   + add    skill:pdf                         collection  3 files
|   + add    command:fix                       collection  1 file
|   x error  skill:lost                        collection  NOT_FOUND     collection.toml:17: 'skills/gone' is not there, or holds no file that counts
|   x error  skill:my skill                    collection  NAME_REFUSED  refused the name 'my skill': it is not an artifact's name: letters, digits and '._-+@', a letter or digit first, at most 100 bytes
|   x error  skill:up                          collection  NAME_REFUSED  refused the name '../../config.toml': it has a '.' or '..' part
|   + add    skill:pdf                         atlas       record only   synced
|   + add    command:fix                       atlas       record only   modified
|   x error  skill:out                         atlas       NAME_REFUSED  refused the name '.claude/../../out': it has a '.' or '..' part
| Not taken over, for weir has no place for it: artifacts.added (5), deployed.deployed_at (4), deployed.local_modifications (4).
| Backup: <home>/weir/backups/<any>
| Next: weir drift --check-all
? 1
$ tree $HOME/.skillmeat | diff old -
$ tree atlas | diff was - | grep '^[<>]'
| > 644 9223558598aef602 ./.weir/deployed.toml
$ weir drift
| 3 edges: 2 synced · 1 modified  (<ms>)
|   command:fix  ~ modified  C→P  atlas, 1 file
| Next: weir why command:fix
$ cat $WEIR_HOME/collections/default/collection.toml
| # The artifacts of this collection: edit freely, weir keeps what it does not know.
| schema = 1
|
| [[artifact]]
| id = "command:fix"
| path = "commands/fix.md"
|
| [[artifact]]
| id = "skill:pdf"
| path = "skills/pdf"
| source = "https://github.com/owner/repo"
| source_path = "skills/pdf"
| pin = "latest"
$ cat atlas/.weir/deployed.toml
| # Written by weir. Commit it: it says what is deployed here, and from which version.
| schema = 1
|
| [[deployed]]
| artifact = "command:fix"
| path = ".claude/commands/fix.md"
| collection = "default"
| content_hash = "<hex>"
| parent_hash = "<hex>"
| version_lineage = ["<hex>"]
| sync_status = "modified"
| pending_conflicts = []
|
| [[deployed]]
| artifact = "skill:pdf"
| path = ".claude/skills/pdf"
| collection = "default"
| content_hash = "<hex>"
| parent_hash = "<hex>"
| version_lineage = ["<hex>"]
| upstream_url = "https://github.com/owner/repo"
| upstream_path = "skills/pdf"
| upstream_ref = "latest"
| upstream_sha = "<hex>"
| sync_status = "synced"
| pending_conflicts = []
$ weir log
| <any>  fast_forward  2 artifacts, 4 files  <any>  weir migrate <home> atlas beta --apply
| Next: weir undo
$ (cd $WEIR_HOME/backups/* && find . -type f | LC_ALL=C sort)
| ./FILES
| ./collections/default/collection.lock
| ./collections/default/collection.toml
| ./projects/1-atlas/.claude/.skillmeat-deployed.toml
| ./projects/2-beta/.claude/.skillmeat-deployed.toml
| ./weir/collections/default/collection.toml

# A second run finds nothing more to do.
$ weir migrate $HOME atlas beta
| Would migrate: 6 errors · 4 here already.
|   x error  skill:other                       atlas       NOT_FOUND     it came from the collection 'team', which is not here
|   x error  .claude/.skillmeat-deployed.toml  beta        CORRUPT       .skillmeat-deployed.toml:11:1: 'artifact_name' is defined already, on line 2
|   x error  skill:lost                        collection  NOT_FOUND     collection.toml:17: 'skills/gone' is not there, or holds no file that counts
|   x error  skill:my skill                    collection  NAME_REFUSED  refused the name 'my skill': it is not an artifact's name: letters, digits and '._-+@', a letter or digit first, at most 100 bytes
|   x error  skill:up                          collection  NAME_REFUSED  refused the name '../../config.toml': it has a '.' or '..' part
|   x error  skill:out                         atlas       NAME_REFUSED  refused the name '.claude/../../out': it has a '.' or '..' part
| Next: Name SkillMeat's home or that collection's folder too: weir migrate ~/.skillmeat FOLDER.
? 1
$ cd atlas && weir migrate --apply; cd ..
| Migrated: 5 errors · 4 here already.
|   x error  skill:other     atlas       NOT_FOUND     it came from the collection 'team', which is not here
|   x error  skill:lost      collection  NOT_FOUND     collection.toml:17: 'skills/gone' is not there, or holds no file that counts
|   x error  skill:my skill  collection  NAME_REFUSED  refused the name 'my skill': it is not an artifact's name: letters, digits and '._-+@', a letter or digit first, at most 100 bytes
|   x error  skill:up        collection  NAME_REFUSED  refused the name '../../config.toml': it has a '.' or '..' part
|   x error  skill:out       atlas       NAME_REFUSED  refused the name '.claude/../../out': it has a '.' or '..' part
| Next: Name SkillMeat's home or that collection's folder too: weir migrate ~/.skillmeat FOLDER.

# All of it is one operation, and goes as one.
$ weir undo --apply
| ✓ Took back "weir migrate <home> atlas beta --apply" of <any>, 2 artifacts.
| Restored 2 artifacts, 4 files.
|   ↓ copy  command:fix  collection  1 file  −1
|   ↓ copy  skill:pdf    collection  3 files  −4
| Next: weir status
$ tree atlas | diff was -
$ weir list
| 0 artifacts in collection default.
| Next: weir add owner/repo/path

# A folder that holds nothing old.
$ mkdir empty && weir migrate empty
! error: '<dir>/empty' holds nothing of SkillMeat
! Next: Name its home (~/.skillmeat), one of its collections, or a project with a .skillmeat-deployed.toml.
? 1
$ cd empty && HOME=$PWD weir migrate
| Would migrate: 2 to take over · 2 errors.
|   x error  skill:other  atlas  NOT_FOUND     it came from the collection 'team', which is not here
|   + add    skill:pdf    atlas  record only   gone from the collection
|   + add    command:fix  atlas  record only   gone from the collection
|   x error  skill:out    atlas  NAME_REFUSED  refused the name '.claude/../../out': it has a '.' or '..' part
| Not taken over, for weir has no place for it: deployed.deployed_at (4), deployed.local_modifications (4).
| Nothing was written.
| Next: weir migrate --apply
? 1
$ cd .. && weir migrate $HOME/.skillmeat --apply --json >reply.json; $BUILD/check-schema $(dirname "$SETUP")/../../docs/schema/migrate.json <reply.json && echo valid
| valid
