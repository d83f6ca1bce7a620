# Parts of the suite beside the storm. Sourced; `weir`, `build` and `work`, a folder of its own for each part, are set.

WEIR_TOKEN_HERE=parts-0123456789abcdefghijklmnopqrstuvwxyz

# begin_daemon [OPTION...]: the daemon of $work; its process is in $daemon, its port in $port.
begin_daemon() {
    rm -f "$work/serve.out"
    (
        ulimit -Sn 1024 # the usual one: what it needs beyond that it must see to itself
        WEIR_TOKEN=$WEIR_TOKEN_HERE exec "$weir" serve --json --listen 127.0.0.1:0 --socket "$work/sock" "$@"
    ) >"$work/serve.out" 2>"$work/serve.log" &
    daemon=$!
    waited=0
    while [ ! -s "$work/serve.out" ] && [ $waited -lt 300 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    port=$(sed -n 's/.*"address":"127.0.0.1:\([0-9]*\)".*/\1/p' "$work/serve.out")
    [ -n "$port" ]
}

# What a part leaves behind when it ends, whichever way.
leave_part() {
    touch "$work/end" "$work/enough" "$work/unlock"
    [ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || true
    [ ! -e "$work/disks" ] || while read -r disk; do umount -l "$disk"; done <"$work/disks"
}

# skip REASON: the part cannot be done here.
skip() {
    echo "$1"
    exit 77
}

end_daemon() {
    kill "$daemon"
    wait "$daemon"
}

ask() {
    WEIR_TOKEN=$WEIR_TOKEN_HERE "$build/daemon_ask" "$work/sock" "$@"
}

# soon TEXT COMMAND...: within half a minute it says TEXT.
soon() {
    text=$1
    shift
    waited=0
    until "$@" 2>&1 | grep -q -e "$text"; do
        waited=$((waited + 1))
        [ $waited -lt 150 ] || {
            echo "never said '$text': $*"
            "$@"
            return 1
        }
        sleep 0.2
    done
}

says() {
    text=$1
    shift
    "$@" >"$work/said" 2>&1
    grep -q -e "$text" "$work/said" || {
        echo "did not say '$text': $*"
        cat "$work/said"
        return 1
    }
}

id_of() {
    sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p' "$1"
}

# ---- the database is damaged under a running daemon, and mended again

loses_its_database() {
    scene
    begin_daemon
    body='{"direction":"upstream_to_collection","artifacts":["skill:s0"],"dry_run":true}'
    says '^202 ' ask POST /api/v1/sync/jobs "$body" before
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    cp "$WEIR_HOME/weir.db" "$work/good"
    head -c "$(wc -c <"$work/good")" /dev/urandom >"$work/garbage"
    cat "$work/garbage" >"$WEIR_HOME/weir.db"
    # What changes the tables makes everybody read them anew.
    says '^202 ' ask POST /api/v1/sync/jobs "$body" zero
    id_of "$work/said" >"$work/id-zero"
    soon '"degraded"' ask GET /readyz
    says '^weir_job_store_fallback 1$' ask GET /metrics
    says 'kept in jobs.jsonl' cat "$work/serve.log"
    for key in one two three; do
        says '^202 ' ask POST /api/v1/sync/jobs "$body" $key
        id_of "$work/said" >"$work/id-$key"
    done
    says "$(cat "$work/id-two")" ask POST /api/v1/sync/jobs "$body" two
    cat "$work/good" >"$WEIR_HOME/weir.db"
    soon '"ready"' ask GET /readyz
    says 'in use again, with [34] jobs' cat "$work/serve.log"
    says '^weir_job_store_fallback 0$' ask GET /metrics
    for key in zero one two three; do
        says "^200 .*$(cat "$work/id-$key")" ask POST /api/v1/sync/jobs "$body" $key
    done
    end_daemon
    [ ! -e "$WEIR_HOME/jobs.jsonl" ]
    "$build/jobs_dump" "$WEIR_HOME" >"$work/dump.jsonl"
    for key in zero one two three; do
        [ "$(grep -c "\"do\":\"job\".*$(cat "$work/id-$key")" "$work/dump.jsonl")" = 1 ]
    done
    says '"do":"integrity","text":""' cat "$work/dump.jsonl"
    "$weir" verify
}

# ---- thousands of streams and of slow connections beside those who make jobs

# The machine may be busy with other things: one good round of three shows that it can.
bears_a_crowd() {
    scene
    begin_daemon
    for round in 1 2 3; do
        WEIR_TOKEN=$WEIR_TOKEN_HERE "$build/daemon_crowd" "$port" 4900 100 1000 100 "$1" >"$work/crowd"
        says '^streams 5000$' cat "$work/crowd"
        awk '$1 == "p99_ms" { bad = $2 >= 150 } END { exit bad }' "$work/crowd" && break
        [ "$round" != 3 ]
    done
    cat "$work/crowd"
    end_daemon
}

# ---- the command line and the daemon at one artifact, and people who edit meanwhile

# Each project has a file that only its people write: a line more, with a number that never was before.
people() {
    number=0
    while [ ! -e "$work/end" ]; do
        number=$((number + 1))
        place=$work/p$((number % projects))
        file=$place/.claude/skills/s0/from-p$((number % projects)).md
        { cat "$file" 2>/dev/null || true; } >"$work/edit"
        echo "edit $number" >>"$work/edit"
        mv "$work/edit" "$file"
        echo "$number" >>"$work/said-p$((number % projects))"
        sleep 0.05
    done
}

# What is in its way it says, and tries again.
command_line() {
    turn=0
    while [ ! -e "$work/end" ]; do
        turn=$((turn + 1))
        project=$work/p$((turn % projects))
        "$weir" pull skill:s0 --project "$project" --yes -q || echo "pull: $?"
        "$weir" sync skill:s0 --yes -q || echo "sync: $?"
        "$weir" deploy skill:s0 --project "$project" --yes -q || echo "deploy: $?"
    done
}

clients() {
    turn=0
    while [ ! -e "$work/end" ]; do
        turn=$((turn + 1))
        for direction in project_to_collection collection_to_project; do
            ask POST /api/v1/sync/jobs "{\"direction\":\"$direction\",\"artifacts\":[\"skill:s0\"],
                \"project_path\":\"$work/p$((turn % projects))\",\"dry_run\":false}" || true
        done
        ask POST /api/v1/sync/jobs '{"direction":"upstream_to_collection","artifacts":["skill:s0"],"dry_run":false}' || true
        sleep 0.1
    done
}

shares_an_artifact() {
    scene
    begin_daemon
    people >"$work/people.log" 2>&1 &
    people=$!
    command_line >"$work/line.log" 2>&1 &
    line=$!
    clients >"$work/clients.log" 2>&1 &
    clients=$!
    go_on_upstream >"$work/upstream.log" 2>&1 &
    upstream=$!
    sleep "$1"
    touch "$work/end"
    wait $people $line $clients $upstream || true
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    end_daemon
    for project in "$work"/p?; do
        "$weir" pull skill:s0 --project "$project" --yes -q
    done
    for project in "$work"/p?; do
        "$weir" deploy skill:s0 --project "$project" --yes -q
        for i in 0 1 2; do
            sed -n 's/^edit //p' "$project/.claude/skills/s0/from-p$i.md" | cmp - "$work/said-p$i"
        done
    done
    "$weir" verify
    echo "$(cat "$work"/said-p? | wc -l) edits, $("$weir" log --json | grep -c '"id"') operations"
}
