# Rows about the daemon as a whole, asked from outside by tests/bench/daemon.c on the same machine, so that the clients' own
# work is in the figures. Sourced by run. Each daemon has a home of its own under $box and runs one job at a time.

daemon_scene() {
    git init -q --bare up.git
    mkdir -p up/skills/s0
    printf -- '---\nname: s0\ndescription: small\n---\nfirst\n' >up/skills/s0/SKILL.md
    git --git-dir=up.git --work-tree=up add -A
    git --git-dir=up.git --work-tree=up commit -qm first
    "$weir" init -q
    "$weir" add "file://$PWD/up.git" --path 'skills/*' --yes -q
}

# Starts one; its port is in $port, its process in $server.
daemon_start() {
    : >serve.out
    "$weir" serve --json --listen 127.0.0.1:0 --set jobs_at_once=1 >serve.out 2>serve.errors &
    server=$!
    waited=0
    while [ ! -s serve.out ] && kill -0 "$server" 2>/dev/null && [ $waited -lt 1000 ]; do
        sleep 0.01
        waited=$((waited + 1))
    done
    port=$(sed -n 's/.*"address":"127.0.0.1:\([0-9]*\)".*/\1/p' serve.out)
    [ -n "$port" ]
}

daemon_end() {
    kill "-$1" "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}

# ask FILE ARGUMENT...: what bench_daemon measures; on failure the reason is in $why.
ask() {
    to=$1
    shift
    "$build/bench_daemon" "$@" >"$to" 2>"$to.errors" || {
        why=$(head -n 1 "$to.errors")
        return 1
    }
}

daemon_memory() {
    sleep 0.5
    mb=$(resident_mb "$server")
    row 'daemon, idle memory' "$mb" 30 limit MB 1 ''
    row 'daemon, idle memory, aim' "$mb" 12 limit MB 1 ''
}

daemon_toast() {
    if ask t toast "$port" 21; then
        row 'daemon, start to toast' "$(value t toast_ms)" 3000 limit ms 1 ''
        row 'daemon, start to toast, aim' "$(value t toast_ms)" 150 limit ms 1 ''
    else
        no_row 'daemon, start to toast' limit ms 1 "$why"
    fi
}

daemon_streams() {
    streams=${BENCH_STREAMS:-10000}
    rm -f streams-end streams.out
    mkfifo streams-end
    "$build/bench_daemon" streams "$port" "$streams" <streams-end >streams.out 2>streams.errors &
    reader=$!
    exec 9>streams-end
    waited=0
    while [ ! -s streams.out ] && [ ! -s streams.errors ] && [ $waited -lt 600 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    if [ -s streams.out ]; then
        mb=$(resident_mb "$server")
        row "daemon, $streams streams" "$mb" 300 limit MB 1 ''
        row "daemon, $streams streams, aim" "$mb" 120 limit MB 1 ''
    else
        no_row "daemon, $streams streams" limit MB 1 "not opened: $(head -n 1 streams.errors)"
    fi
    exec 9>&-
    wait "$reader" || true
}

# Time of one create against time of one flush, so that less is better, as in all rows.
daemon_creates() {
    if ask t creates "$port" 64 8 "$box"; then
        create_us=$(awk '$1 == "creates_s" { printf "%.1f", 1000000 / $2 }' t)
        sync_us=$(awk '$1 == "sync_s" { printf "%.1f", 1000000 / $2 }' t)
        row 'daemon, a durable job of 64 clients' "$create_us" "$sync_us" 'pwrite, fdatasync' us 1.43 ''
        row 'daemon, a durable job of 64 clients, aim' "$create_us" "$sync_us" 'pwrite, fdatasync' us 0.33 ''
        row 'daemon, create, p99 of 64 clients' "$(value t p99_ms)" 150 limit ms 1 ''
        row 'daemon, create, p99 of 64 clients, aim' "$(value t p99_ms)" 15 limit ms 1 ''
    else
        no_row 'daemon, a durable job of 64 clients' 'pwrite, fdatasync' us 1.43 "$why"
    fi
    if ask t status "$port" 64 4; then
        row 'daemon, status, p99 of 64 clients' "$(value t status_p99_ms)" 100 limit ms 1 ''
        row 'daemon, status, p99 of 64 clients, aim' "$(value t status_p99_ms)" 5 limit ms 1 ''
    else
        no_row 'daemon, status, p99 of 64 clients' limit ms 1 "$why"
    fi
}

daemon_restart() {
    if ask t queue "$port" "$WEIR_HOME" 10000; then
        daemon_end KILL
        since=$(date +%s%3N)
        daemon_start
        if ask t first "$WEIR_HOME" "$since"; then
            row 'daemon, killed with 10000 jobs, to the first' "$(value t first_ms)" 1000 limit ms 1 ''
            row 'daemon, killed with 10000 jobs, to the first, aim' "$(value t first_ms)" 300 limit ms 1 ''
            return 0
        fi
    fi
    no_row 'daemon, killed with 10000 jobs, to the first' limit ms 1 "$why"
}

bench_daemon() {
    is_wanted 'daemon' || return 0
    mkdir daemon
    (
        cd daemon
        export WEIR_HOME="$PWD/home" WEIR_TOKEN=bench-0123456789abcdefghijklmnopqrstuvwxyz
        if try daemon_scene && daemon_start; then
            daemon_memory
            daemon_toast
            daemon_streams
            daemon_creates
            daemon_restart
        else
            no_row 'daemon, idle memory' limit MB 1 "the daemon did not start: $why $(head -n 1 serve.errors)"
        fi
        daemon_end KILL
    )
}
