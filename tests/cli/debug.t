# needs: strace
# Hidden: what the store and an interrupted apply hold, for tests.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path skills/pdf --yes >made
$ version=$(weir hash up/skills/pdf) && weir debug tree $version; file=$(sha256sum <up/skills/pdf/SKILL.md | cut -c 1-64) && weir debug object $file | cmp - up/skills/pdf/SKILL.md
| weir tree 1
| f <hex> 69 8 SKILL.md
| x <hex> 23 18 scripts/extract.sh
$ schemas=$(dirname "$SETUP")/../../docs/schema; weir debug object $file --json | "$BUILD/check-schema" "$schemas/debug.json"
$ weir help | grep -c debug; weir help --json | grep -c debug; weir completion bash | grep -c debug; weir debg x y
| 0
| 0
| 0
! error: there is no command 'debg'. Did you mean 'demo'?
! Next: weir help
? 2

# Killed between the journal and its end: the journal says what was to happen, and the next command ends it.
$ strace -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=1 weir deploy pdf --project atlas --yes 2>/dev/null
? 137
$ weir debug journal "$WEIR_HOME"/txn/*/journal; weir status; find "$WEIR_HOME/txn" -name journal
| transaction <id>, home <home>/weir, payload <n> bytes
| root <dir>/atlas, staging .weir
|   absent -> file d98b49d10ce7  .claude/skills/pdf/SKILL.md  unit 0
|   absent -> exec 4be615b128ee  .claude/skills/pdf/scripts/extract.sh  unit 0
|   absent -> file <hex>  .weir/deployed.toml  record
| The one artifact here is synced. Upstreams checked just now.
! Finished an interrupted apply in <dir>/atlas.
$ weir debug journal $0; weir debug object abc; weir debug tree $file; weir debug x y
! error: an apply's journal is torn or was changed
! Next: Restore the file from a backup or from git.
! error: a hash is 64 lower-case hex digits
! usage: weir debug object HASH [--json]
! Next: weir help debug
! error: stored content <hex>: is not in the store
! Next: Check the name; `weir list` shows what there is.
! error: it is object, tree or journal that can be shown
! usage: weir debug object HASH [--json]
! Next: weir help debug
? 2
