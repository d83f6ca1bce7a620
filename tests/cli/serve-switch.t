# needs: curl flock pgrep
# Jobs can be switched off; SIGHUP reads settings and token anew. A token in the environment goes nowhere else.
$ upstream up && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir config SYNC_ASYNC_ENABLED false >made
$ WEIR_TOKEN=canary-0123456789abcdef; export WEIR_TOKEN; serve_weir; ls "$WEIR_HOME/token" 2>/dev/null; cat "$ready.log"
| note: SYNC_ASYNC_ENABLED is off: no job is run
$ api POST /api/v1/sync/jobs '{"direction":"upstream_to_collection"}' | sed 's/,"request_id.*//'
| {"error":{"code":"JOBS_OFF","message":"the daemon runs no jobs: SYNC_ASYNC_ENABLED is off","hint":"Switch them on with `weir config SYNC_ASYNC_ENABLED true`, and send the daemon SIGHUP; `weir sync` needs no daemon.","details":{}}
$ weir config SYNC_ASYNC_ENABLED true >made; kill -HUP $daemon
$ id=; while [ -z "$id" ]; do id=$(new_job '{"direction":"upstream_to_collection"}'); done; weir job watch $id | head -1 | cut -d' ' -f 2-
| sync upstream_to_collection, dry run of all: success
# A worker at work, held by a lock: neither it nor the daemon has the token in its environment, or in its words.
$ mkfifo hold held; (flock 9; echo held >held; cat hold) 9<"$WEIR_HOME/collections/default" & read -r line <held
| go
$ id=$(new_job '{"direction":"upstream_to_collection","dry_run":false}'); weir events --follow --after 0 --kind job.running | grep -m 1 "$id" >made
$ worker=$(pgrep -P $daemon); for one in $daemon $worker; do tr '\0' '\n' <"/proc/$one/environ" | grep -c 'canary'; tr '\0' ' ' <"/proc/$one/cmdline" | sed 's/ --listen.*//; s,^/.*/,,; s/ *$//'; echo; done
| 0
| weir serve
| 0
| weir worker
# Canceled while it waits: it ends at once and has written nothing.
$ weir job cancel $id >made; weir job watch $id >said; echo "exit $?"; head -1 said | cut -d' ' -f 2-; echo go >hold
| exit 130
| sync upstream_to_collection of all: canceled
$ end_weir; unset WEIR_TOKEN; grep -rl canary "$WEIR_HOME" "$BOX"/daemon.*.log; echo none
| ended: 0
| none
