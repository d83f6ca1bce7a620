# needs: curl flock
# A verb that meets a folder in use does not sit the lock out while a daemon serves: it becomes a job, is watched, and says
# what it would have said itself.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
$ collection=$WEIR_HOME/collections/default; mkfifo notes; exec 7<>notes
# begin COMMAND...: in the background, until it has said its first note; the id of its job is in $job. finish: its end.
$ begin() { "$BUILD/weir" "$@" >said 2>&7 & verb=$!; read -r note <&7; job=${note##* }; }
$ finish() { wait $verb; status=$?; cat said; echo end >&7; while IFS= read -r line <&7 && [ "$line" != end ]; do echo "$line"; done; echo "exit $status"; }
$ serve_weir; hold "$collection"; begin sync --all --direction both --apply; echo "$note" | sed 's/process [^;]*/process <n>/'
| note: '<home>/weir/collections/default' is in use by process <n>; the daemon does it in its turn, as job <id>
$ weir job show $job | sed -n 1p | sed "s/$job/JOB/; s/running .*/running/; s/queued/running/"; let_go; finish
| JOB sync both of all: running
| Synced: 2 fast-forwarded · 1 up to date.
|   ↓ copy  skill:pdf  upstream 1.0.0 → 1.1.0 → collection  1 file  +1 −1
|   ↓ copy  skill:pdf  collection → atlas                   1 file  +1 −1
| Undo: weir undo
| exit 0
$ grep '^# ' atlas/.claude/skills/pdf/SKILL.md; weir log -n 1 | head -1 | cut -d' ' -f 3- | sed 's/ [^ ]*@[^ ]*/ ME/'; weir log -n 1 --json | grep -c "$job"
| # PDF files
|  fast_forward  2 artifacts, 2 files  ME  weir sync --all --direction both --apply
| 2
# As JSON: one document, which names the job.
$ hold "$collection"; begin undo --apply --json; let_go; finish >all; grep -c "\"job_id\": \"$job\"" all; sed -n '$p' all
| 1
| exit 0
$ grep '^# ' atlas/.claude/skills/pdf/SKILL.md
| # PDF
# What fails, fails as it would here.
$ hold "$collection"; begin sync nowhere --apply; let_go; finish; weir job show $job | sed -n 2p
| error: no artifact 'nowhere' in the collection
| Next: Check the name; `weir list` shows what there is.
| exit 1
|   error     NOT_FOUND: no artifact 'nowhere' in the collection
$ hold "$collection"; begin pull pdf --project atlas --apply; let_go; finish
| ✓ skill:pdf: the collection has what the project has.
| exit 0
# A lock of a person's is none to wait for, and nothing is handed over.
$ weir lock pdf --reason 'mine, for now' >made; weir sync pdf --apply 2>&1 | sed 's/by .* until [^ ]*:/by ME until THEN:/'; weir unlock pdf >made
| error: skill:pdf is locked by ME until THEN: mine, for now
| Next: weir unlock skill:pdf
# Who does not want that, or does not want to wait at all, is not made to.
$ hold "$collection"; for how in '--no-daemon --set lock_timeout_ms=50' '--set use_daemon=false --set lock_timeout_ms=50' '--set SYNC_ASYNC_ENABLED=false --set lock_timeout_ms=50' '--set lock_timeout_ms=0'; do weir sync pdf --apply $how 2>&1 | sed 's/process .*/process <n>/'; done
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
# Nor is anything handed over that the daemon would do in another way; in one line it is said why.
$ WEIR_MARKER_STYLE=diff3 weir sync pdf --apply --set lock_timeout_ms=50 2>&1 | sed 's/process .*/process <n>/'
| note: the daemon is not asked: its settings are not those of this call
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
$ told=$(cat "$WEIR_HOME/serve.lock"); tell() { echo "$told" | sed "$1" >"$WEIR_HOME/serve.lock"; weir sync pdf --apply --set lock_timeout_ms=50 2>&1 | sed 's/process .*/process <n>/'; }
$ tell 's/"version": "[^"]*"/"version": "0.0.9"/' | sed 's/this is .*/this is <any>/'
| note: the daemon is not asked: it is weir 0.0.9, this is <any>
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
$ tell 's/"user": [0-9]*/"user": 4711/'; tell 's/"runs_jobs": true/"runs_jobs": false/'; tell 's/"address": "[^"]*"/"address": "127.0.0.1:1"/'; tell d
| note: the daemon is not asked: it is another user's
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| note: the daemon is not asked: it runs no jobs
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| note: the daemon is not asked: the daemon's address refuses: ECONNREFUSED
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
| note: the daemon is not asked: it has not said yet who it is
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
$ tell p >said; weir job list -n 1 | awk '{print $2; exit}'
| success
# With choices that no job can be told, it waits here as well.
$ weir sync pdf --write-markers --apply --set lock_timeout_ms=50 2>&1 | sed 's/process .*/process <n>/'
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
$ let_go; end_weir; hold "$collection"; weir sync pdf --apply --set lock_timeout_ms=50 2>&1 | sed 's/process .*/process <n>/'; let_go
| ended: 0
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
