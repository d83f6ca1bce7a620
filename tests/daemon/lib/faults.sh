# Parts where the ground gives way under the daemon: a full disk, a database that is locked, moved or damaged, a clock that
# jumps. Sourced after parts.sh.

look='{"direction":"upstream_to_collection","artifacts":["skill:s0"],"dry_run":true}'

# told KEY: asks for a job until there is an answer, and notes it when it is one: a promise.
told() {
    ask POST /api/v1/sync/jobs "$look" "$1" >"$work/told"
    id=$(id_of "$work/told")
    [ -z "$id" ] || echo "$1 $id" >>"$work/promised"
    cut -d' ' -f1 "$work/told" >>"$work/statuses"
}

# Each job that was promised is there, once, under its key, and has ended well; or in an error, when that is what its
# worker met.
keeps_its_word() {
    well=${1-success}
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    while read -r key id; do
        says "^200 .*$id" ask POST /api/v1/sync/jobs "$look" "$key"
        says "\"state\":\"\($well\)\"" ask GET "/api/v1/sync/jobs/$id"
    done <"$work/promised"
    end_daemon
    [ ! -e "$WEIR_HOME/jobs.jsonl" ]
    "$build/jobs_dump" "$WEIR_HOME" >"$work/dump.jsonl"
    while read -r key id; do
        [ "$(grep -c "\"do\":\"job\",\"job\":\"$id\"" "$work/dump.jsonl")" = 1 ]
    done <"$work/promised"
    says '"do":"integrity","text":""' cat "$work/dump.jsonl"
    "$weir" verify
    echo "$(wc -l <"$work/promised") jobs promised and kept; answers: $(sort "$work/statuses" | uniq -c | tr '\n' ' ')"
}

# ---- a disk of its own that becomes full

# small_disk FOLDER SIZE: where the part ends it is taken away.
small_disk() {
    mkdir -p "$1"
    mount -t tmpfs -o "size=$2,mode=700" weir-test "$1" 2>/dev/null || skip 'no file system can be mounted here'
    echo "$1" >>"$work/disks"
}

fill() {
    dd if=/dev/zero of="$1/filler" bs=4k status=none 2>/dev/null || true
}

fills_its_home() {
    small_disk "$work/weir" 8m
    scene >"$work/scene.log" 2>&1
    begin_daemon
    told before
    (
        number=0
        while [ ! -e "$work/enough" ]; do
            number=$((number + 1))
            told "while-$number"
        done
    ) &
    making=$!
    fill "$work/weir"
    soon '"not_ready"' ask GET /readyz
    says '^weir_job_store_stuck 1$' ask GET /metrics
    says '^507 .*DISK_FULL' ask POST /api/v1/sync/jobs "$look" refused
    says "^200 .*$(sed -n 's/^before //p' "$work/promised")" ask POST /api/v1/sync/jobs "$look" before
    says '^200 ' ask GET /api/v1/sync/jobs
    kill -0 "$daemon"
    rm "$work/weir/filler"
    soon '"ready"' ask GET /readyz
    says '^weir_job_store_stuck 0$' ask GET /metrics
    touch "$work/enough"
    wait $making
    told after
    says '^after ' tail -n 1 "$work/promised"
    [ "$(grep -c 'jobs are refused' "$work/serve.log")" = 1 ]
    keeps_its_word 'success\|error",.*"code":"DISK_FULL'
}

# What a project has no room for is refused before anything changes; the daemon has nothing to do with it.
fills_a_project() {
    small_disk "$work/p0" 3m
    scene >"$work/scene.log" 2>&1
    begin_daemon
    body="{\"direction\":\"collection_to_project\",\"artifacts\":[\"skill:s0\"],\"project_path\":\"$work/p0\",\"dry_run\":false}"
    echo more >>"$work/up/skills/s0/SKILL.md"
    upstream commit -qam more
    "$weir" sync skill:s0 --yes -q
    before=$(find "$work/p0" -type f -exec sha256sum {} +)
    fill "$work/p0"
    says '^202 ' ask POST /api/v1/sync/jobs "$body" full
    id=$(id_of "$work/said")
    soon '"state":"error".*"DISK_FULL"' ask GET "/api/v1/sync/jobs/$id"
    says '"ready"' ask GET /readyz
    rm "$work/p0/filler"
    [ "$before" = "$(find "$work/p0" -type f -exec sha256sum {} +)" ]
    says '^202 ' ask POST /api/v1/sync/jobs "$body" freed
    soon '"state":"success"' ask GET "/api/v1/sync/jobs/$(id_of "$work/said")"
    cmp "$work/up/skills/s0/SKILL.md" "$work/p0/.claude/skills/s0/SKILL.md"
    end_daemon
    "$weir" verify
}

# ---- another process that holds the lock

hold_lock() {
    {
        echo 'BEGIN IMMEDIATE; SELECT 1;'
        while [ ! -e "$work/unlock" ]; do sleep 0.1; done
        echo 'ROLLBACK;'
    } | sqlite3 "$WEIR_HOME/weir.db" >"$work/locked"
}

# Each answer within two seconds, the lock notwithstanding.
answers_at_once() {
    says '"ok"' timeout 2 "$build/daemon_ask" "$work/sock" GET /healthz
    says '^200 ' timeout 2 "$build/daemon_ask" "$work/sock" GET "/api/v1/sync/jobs/$(sed -n 's/^before //p' "$work/promised")"
    says '^200 ' timeout 2 "$build/daemon_ask" "$work/sock" GET /api/v1/artifacts
    says '"degraded"' timeout 2 "$build/daemon_ask" "$work/sock" GET /readyz
}

is_locked_out() {
    scene >"$work/scene.log" 2>&1
    begin_daemon
    told before
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    hold_lock &
    locking=$!
    soon 1 cat "$work/locked"
    told first # waits as long as a lock may be held
    says '^first ' tail -n 1 "$work/promised"
    export WEIR_TOKEN=$WEIR_TOKEN_HERE
    turn=0
    while [ $turn -lt 30 ]; do
        turn=$((turn + 1))
        answers_at_once
        told "locked-$turn"
        sleep 0.2
    done
    unset WEIR_TOKEN
    says "^200 .*$(sed -n 's/^before //p' "$work/promised")" ask POST /api/v1/sync/jobs "$look" before
    touch "$work/unlock"
    wait $locking
    soon '"ready"' ask GET /readyz
    [ "$(grep -c 'kept in jobs.jsonl' "$work/serve.log")" = 1 ]
    [ "$(grep -c 'in use again' "$work/serve.log")" = 1 ]
    keeps_its_word
}

# ---- files that are taken away under it

# loses_files WHAT: a shell's words, in the home. What was promised after that outlives a kill.
loses_files() {
    scene >"$work/scene.log" 2>&1
    begin_daemon
    told before
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    (cd "$WEIR_HOME" && sh -eu -c "$1")
    : >"$work/promised" # what is in another file is not there any more, whoever promised it
    for key in one two three; do told "$key"; done
    [ "$(wc -l <"$work/promised")" = 3 ]
    says 'was moved, removed or replaced' cat "$work/serve.log"
    kill -9 "$daemon"
    wait "$daemon" || true
    begin_daemon
    soon '"ready"' ask GET /readyz
    told four
    keeps_its_word
}

# The same, and nobody ends it: it finds back by itself, and who listens hears of what comes then.
finds_back() {
    scene >"$work/scene.log" 2>&1
    begin_daemon
    told before
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    (cd "$WEIR_HOME" && sh -eu -c "$1")
    : >"$work/promised"
    told one
    soon '"ready"' ask GET /readyz
    told two
    says '^200 ' ask GET /api/v1/artifacts
    keeps_its_word 'success\|error'
}

# ---- pages that are not what they were

# spoil NAME: the first page of that table, with random bytes.
spoil() {
    sqlite3 "$WEIR_HOME/weir.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    page=$(sqlite3 "$WEIR_HOME/weir.db" "SELECT rootpage - 1 FROM sqlite_schema WHERE name = '$1'")
    dd if=/dev/urandom of="$WEIR_HOME/weir.db" bs=4096 seek="$page" count=1 conv=notrunc status=none
}

# has_bad_pages TABLE running|before
has_bad_pages() {
    scene >"$work/scene.log" 2>&1
    begin_daemon
    told before
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    end_daemon
    cp "$WEIR_HOME/weir.db" "$work/good"
    if [ "$2" = running ]; then
        begin_daemon
        spoil "$1"
    else
        spoil "$1"
        begin_daemon
    fi
    for key in one two three; do told "$key"; done
    [ "$(wc -l <"$work/promised")" = 4 ]
    soon '"degraded"' ask GET /readyz
    cat "$work/good" >"$WEIR_HOME/weir.db"
    soon '"ready"' ask GET /readyz
    keeps_its_word
}

# ---- a clock that jumps

faketime_library() {
    for library in /usr/lib/*/faketime/libfaketime.so.1 /usr/lib/faketime/libfaketime.so.1; do
        [ ! -e "$library" ] || echo "$library"
    done | head -n 1
}

# The wall clock of the daemon and its workers is that of $work/time, a distance; the other clocks are the machine's.
begin_daemon_in_time() {
    library=$(faketime_library)
    [ -n "$library" ] || skip 'needs libfaketime'
    echo +0 >"$work/time"
    real=$weir
    slow_git
    cat >"$work/in-time" <<END
#!/bin/sh
exec env LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$work/time FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 \
    FAKETIME_DONT_FAKE_MONOTONIC=1 PATH="$work/bin:\$PATH" $weir "\$@"
END
    chmod +x "$work/in-time"
    weir=$work/in-time
    begin_daemon
    weir=$real
}

# A git that waits as long as there is a file $work/hang; for a daemon that is begun with the folder in its PATH.
slow_git() {
    mkdir -p "$work/bin"
    cat >"$work/bin/git" <<END
#!/bin/sh
while [ -e "$work/hang" ]; do sleep 0.1; done
exec $(command -v git) "\$@"
END
    chmod +x "$work/bin/git"
}

# A job that is at work until $work/hang goes; its id is in $work/held.
hold_a_job() {
    touch "$work/hang"
    says '^202 ' ask POST /api/v1/sync/jobs "$look" held
    id_of "$work/said" >"$work/held"
    soon '"state":"running"' ask GET "/api/v1/sync/jobs/$(cat "$work/held")"
}

clock_jumps() {
    scene >"$work/scene.log" 2>&1
    begin_daemon_in_time
    other="{\"direction\":\"collection_to_project\",\"artifacts\":[\"skill:s1\"],\"project_path\":\"$work/p0\",\"dry_run\":true}"
    told before
    soon '"state":"success"' ask GET "/api/v1/sync/jobs/$(id_of "$work/told")"
    hold_a_job
    for jump in -3600 +86400 -86400 +3456000 +0; do
        echo "$jump" >"$work/time"
        says '^202 ' ask POST /api/v1/sync/jobs "$other" "at$jump"
        soon '"state":"success"' ask GET "/api/v1/sync/jobs/$(id_of "$work/said")"
        echo "at$jump $(id_of "$work/said")" >>"$work/others"
        says "^200 .*$(sed -n 's/^before //p' "$work/promised")" ask POST /api/v1/sync/jobs "$look" before
        says '"state":"running"' ask GET "/api/v1/sync/jobs/$(cat "$work/held")"
        says '"ready"' ask GET /readyz
    done
    rm "$work/hang"
    soon '"state":"success".*"attempts":1' ask GET "/api/v1/sync/jobs/$(cat "$work/held")"
    # Newest first, whatever the clock said when they were made.
    ask GET '/api/v1/sync/jobs?artifact=skill:s1' | grep -o '"job_id":"[^"]*"' | cut -d'"' -f4 >"$work/order"
    sed 's/.* //' "$work/others" | tac | cmp - "$work/order"
    keeps_its_word
}

# ---- kills while jobs.jsonl is taken back

# A home with a file of jobs that nobody has taken back: some have ended, some wait.
leave_a_file() {
    scene >"$work/scene.log" 2>&1
    begin_daemon --set SYNC_JOB_STORE=jsonl
    for key in a b c; do told $key; done
    soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
    for key in d e f g; do told $key; done # not all of these have been run when it is killed
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    [ -s "$WEIR_HOME/jobs.jsonl" ]
    mv "$WEIR_HOME" "$work/left"
}

# kill_while_taken_back N: true when the start was over before its N-th call.
kill_while_taken_back() {
    rm -rf "$WEIR_HOME" "$work/serve.out"
    cp -a "$work/left" "$WEIR_HOME"
    LD_PRELOAD=$build/libcrash_inject.so WEIR_INJECT=$kind:$1 WEIR_TOKEN=$WEIR_TOKEN_HERE "$weir" serve --json \
        --listen 127.0.0.1:0 --socket "$work/sock" >"$work/serve.out" 2>"$work/serve.log" &
    daemon=$!
    while kill -0 "$daemon" 2>/dev/null && [ ! -s "$work/serve.out" ]; do sleep 0.02; done
    over=
    [ ! -s "$work/serve.out" ] || over=yes
    kill -9 "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    [ -n "$over" ]
}

# is_killed_while_it_takes_back STEP
is_killed_while_it_takes_back() {
    leave_a_file
    points=0
    for kind in kill torn; do
        n=1
        until kill_while_taken_back $n; do
            begin_daemon
            while read -r key id; do
                says "^200 .*$id" ask POST /api/v1/sync/jobs "$look" "$key"
            done <"$work/promised"
            soon '"jobs_queued":0,"jobs_running":0' ask GET /readyz
            end_daemon
            [ ! -e "$WEIR_HOME/jobs.jsonl" ]
            "$build/jobs_dump" "$WEIR_HOME" >"$work/dump.jsonl"
            [ "$(grep -c '"do":"job"' "$work/dump.jsonl")" = "$(wc -l <"$work/promised")" ]
            [ "$(grep -c '"do":"job".*"state":"success"' "$work/dump.jsonl")" = "$(wc -l <"$work/promised")" ]
            echo '{"do":"drained","t":1}' >>"$work/dump.jsonl"
            "$build/jobs_check" "$work/dump.jsonl"
            points=$((points + 1))
            n=$((n + $1))
        done
    done
    [ $points -gt 10 ]
    echo "$points points, $(wc -l <"$work/promised") jobs promised and kept"
}

# ---- workers that are killed at a certain call

# does_once TARGET BODY: a job whose worker is killed at its $n-th call that writes ends well, in a second attempt, and
# has done its work once. False when a worker has fewer calls.
does_once() {
    echo "$kind:$n" >"$work/order"
    says '^202 ' ask POST "$1" "$2"
    id=$(id_of "$work/said")
    soon '"state":"\(success\|error\|conflict\|canceled\)"' ask GET "/api/v1/sync/jobs/$id"
    ask GET "/api/v1/sync/jobs/$id" >"$work/job"
    says '"state":"success"' cat "$work/job"
    points=$((points + 1))
    ! grep -q '"attempts":1,' "$work/job"
}

news() {
    echo "for $1 $n $kind" >>"$work/up/skills/s0/SKILL.md"
    upstream commit -qam "news for $1"
}

# is_done_once STEP KIND...
is_done_once() {
    step=$1
    shift
    scene >"$work/scene.log" 2>&1
    export LD_PRELOAD="$build/libcrash_inject.so" WEIR_INJECT_WORKER="$work/order"
    begin_daemon
    unset LD_PRELOAD WEIR_INJECT_WORKER
    up='{"direction":"upstream_to_collection","artifacts":["skill:s0"],"dry_run":false}'
    down="{\"direction\":\"collection_to_project\",\"artifacts\":[\"skill:s0\"],\"project_path\":\"$work/p0\",\"dry_run\":false}"
    points=0
    for kind in "$@"; do
        n=1
        while news up && does_once /api/v1/sync/jobs "$up"; do n=$((n + step)); done
        cmp "$work/up/skills/s0/SKILL.md" "$WEIR_HOME/collections/default/skills/s0/SKILL.md"
        n=1
        while news down && "$weir" sync skill:s0 --yes -q && does_once /api/v1/sync/jobs "$down"; do n=$((n + step)); done
        cmp "$work/up/skills/s0/SKILL.md" "$work/p0/.claude/skills/s0/SKILL.md"
        n=1
        while news undo && "$weir" sync skill:s0 --yes -q && cp "$work/p0/.claude/skills/s0/SKILL.md" "$work/old" &&
            "$weir" deploy skill:s0 --project "$work/p0" --yes -q && does_once /api/v1/undo '{"dry_run":false}'; do
            cmp "$work/old" "$work/p0/.claude/skills/s0/SKILL.md"
            n=$((n + step))
        done
    done
    end_daemon
    "$build/jobs_dump" --daemon "$WEIR_HOME" >"$work/dump.jsonl"
    dump_trees >"$work/trees.jsonl"
    dump_verify >>"$work/trees.jsonl"
    echo '{"do":"drained","t":1}' >>"$work/trees.jsonl"
    "$build/jobs_check" "$work/dump.jsonl" "$work/trees.jsonl"
    [ $points -gt 10 ]
    echo "$points points, $(grep -c '"do":"job"' "$work/dump.jsonl") jobs promised and kept"
}

# ---- a start where there is no room, or another holds the lock

# begins_badly full|locked: jobs wait and one was at work when the last daemon died.
begins_badly() {
    [ "$1" = locked ] || small_disk "$work/weir" 8m
    scene >"$work/scene.log" 2>&1
    slow_git
    PATH="$work/bin:$PATH" begin_daemon
    told before
    soon '"state":"success"' ask GET "/api/v1/sync/jobs/$(id_of "$work/told")"
    hold_a_job
    told waits
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    rm "$work/hang"
    if [ "$1" = locked ]; then
        hold_lock &
        locking=$!
        soon 1 cat "$work/locked"
    else
        fill "$work/weir"
    fi
    begin_daemon
    says 'what ran when the last daemon died waits' cat "$work/serve.log"
    told beside
    if [ "$1" = locked ]; then
        touch "$work/unlock"
        wait $locking
    else
        rm "$work/weir/filler"
    fi
    soon '"ready"' ask GET /readyz
    echo "held $(cat "$work/held")" >>"$work/promised"
    keeps_its_word
}
