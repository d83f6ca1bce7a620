# needs: curl flock
# A verb that watches its job: who stops watching, who dies meanwhile, and what is told then.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ collection=$WEIR_HOME/collections/default; export collection; mkfifo notes; exec 7<>notes
# begin COMMAND...: in the background, until it has said its first note; the id of its job is in $job. finish: its end.
$ begin() { "$BUILD/weir" "$@" >said 2>&7 & verb=$!; read -r note <&7; job=${note##* }; }
$ finish() { wait $verb; status=$?; cat said; echo end >&7; while IFS= read -r line <&7 && [ "$line" != end ]; do echo "$line" | sed "s/$job/JOB/g"; done; echo "exit $status"; }
$ news() { sed -i "s/^# PDF.*/# PDF $1/" up/skills/pdf/SKILL.md && commit up "$1" "v1.$1.0"; }
# runs JOB: until it is at work.
$ runs() { weir events --follow --after 0 --kind job.running | grep -q -m 1 "$1"; }
$ crash() { kill -9 $daemon; wait $daemon 2>/dev/null; }
$ start() { serve_weir --set lock_timeout_ms=60000; }
# shown: without the line of progress.
$ shown() { sed 's/process [0-9]*\( (.*)\)*;/process <n>;/; s/.*\x1b\[K//'; }
# Ctrl-C: the job goes on.
$ start; news 1; hold "$collection"; "$BUILD/pty" --size 500x24 weir sync pdf --apply <<'SCRIPT' | shown
> wait as job
> ctrl c
> SCRIPT
| note: '<home>/weir/collections/default' is in use by process <n>; the daemon does it in its turn, as job <id>
| ^Cerror: no longer watched: job <id> goes on
| Next: weir job watch <id>, or weir job cancel <id>
$ job=$(weir job list -n 1 | awk '{print $1; exit}'); let_go; weir job watch $job >said; head -1 said | cut -d' ' -f 2-
| sync upstream_to_collection of all: success
# Behind another job, and typed again after the first one was killed: it is the same job.
$ news 2; hold "$collection"; first=$(new_job '{"direction":"upstream_to_collection","dry_run":false}'); runs $first; begin sync pdf --direction both --apply; kill -9 $verb; wait $verb 2>/dev/null; once=$job; begin sync pdf --direction both --apply; [ $once = $job ] && echo the same; let_go; finish
| the same
| Synced: 1 fast-forwarded · 1 up to date.
|   ↓ copy  skill:pdf  collection → atlas  1 file  +1 −1
| Undo: weir undo
| exit 0
# Somebody cancels it.
$ news 3; hold "$collection"; begin sync pdf --apply; weir job cancel $job >made; finish; let_go; weir status pdf | head -1
| error: job JOB was canceled
| Next: Run the command again; it starts from where things are.
| exit 130
| The one artifact here is synced. Upstreams checked just now.
# The daemon dies with the job at work: the next one goes on with it, and the verb goes on watching.
$ hold "$collection"; begin sync pdf --apply; runs $job; crash; start; let_go; finish; weir job show $job | grep attempts
| ✓ Synced skill:pdf 1.2.0 → 1.3.0 into the collection, 1 file in skills/pdf
| Undo: weir undo
| exit 0
|   attempts  2
# The same, and no daemon comes: what is known is told. The job is kept.
$ news 4; hold "$collection"; begin sync pdf --apply --set lock_timeout_ms=100; runs $job; crash; finish; let_go; weir status pdf | head -1
| error: the daemon has ended with job JOB at work
| Next: The job is kept: `weir serve` goes on with it, `weir job watch JOB` waits.
| exit 1
|   skill:pdf  ↓ outdated  C→P  atlas, 1 file
$ start; weir job watch $job >said; head -1 said | cut -d' ' -f 2-; weir status pdf | head -1
| sync upstream_to_collection of all: success
|   skill:pdf  ↓ outdated  C→P  atlas, 1 file
# It dies before it has begun the job: the verb does it here, when the folder is free.
$ news 5; hold "$collection"; first=$(new_job '{"direction":"upstream_to_collection","dry_run":false}'); runs $first; begin sync pdf --direction both --apply; crash; read -r line <&7; echo "$line"; let_go; finish; weir job show $job | head -1 | cut -d' ' -f 2-
| note: the daemon has ended; it is done here
| Synced: 2 fast-forwarded.
|   ↓ copy  skill:pdf  upstream 1.4.0 → 1.5.0 → collection  1 file  +1 −1
|   ↓ copy  skill:pdf  collection → atlas                   1 file  +1 −1
| Undo: weir undo
| exit 0
| sync both of all: canceled
$ grep '^# ' atlas/.claude/skills/pdf/SKILL.md; start; weir job watch $first >said; head -1 said | cut -d' ' -f 2-
| # PDF 5
| sync upstream_to_collection of all: success
# One that hangs is not waited for: it does not answer.
$ news 6; hold "$collection"; kill -STOP $daemon; weir sync pdf --apply --set lock_timeout_ms=50 2>&1 | sed 's/process .*/process <n>/'; kill -CONT $daemon; let_go
| note: the daemon is not asked: the daemon does not answer
| error: '<home>/weir/collections/default' is in use by process <n>
| Next: Wait until the other one is done, then try again.
# A yes on the terminal counts for what was shown, and for that alone.
$ "$BUILD/pty" --size 500x24 weir sync pdf <<'SCRIPT' | tail -3 | shown
> wait Apply
> run . "$SETUP"; hold "$collection"
> type y
> wait as job
> run echo go >"$BOX/hold"
> SCRIPT
| note: '<home>/weir/collections/default' is in use by process <n>; the daemon does it in its turn, as job <id>
| ✓ Synced skill:pdf 1.5.0 → 1.6.0 into the collection, 1 file in skills/pdf
| Undo: weir undo
$ news 7; "$BUILD/pty" --size 500x24 weir sync pdf <<'SCRIPT' >said; echo "exit $?"; tail -3 said | shown
> wait Apply
> run echo mine >>"$collection/skills/pdf/SKILL.md"; . "$SETUP"; hold "$collection"
> type y
> wait as job
> run echo go >"$BOX/hold"
> SCRIPT
| exit 1
| note: '<home>/weir/collections/default' is in use by process <n>; the daemon does it in its turn, as job <id>
| error: something changed while you were asked; nothing was written
| Next: Something changed while weir was at work; run the command again.
$ tail -1 "$collection/skills/pdf/SKILL.md"; end_weir
| mine
| ended: 0
