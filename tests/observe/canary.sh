# Canaries: a token that is known is looked for in everything that weir writes, says, stores or starts.
# shellcheck shell=sh disable=SC2154,SC2034

# A git that notes what it is started with, and waits while $scene/hold is there, so that its worker can be looked at.
watched_git() {
    mkdir "$scene/bin"
    real=$(command -v git)
    cat >"$scene/bin/git" <<END
#!/bin/sh
{ tr '\\0' '\\n' </proc/\$\$/environ; tr '\\0' '\\n' </proc/\$\$/cmdline; } >>"$scene/git-started"
n=0
while [ -e "$scene/hold" ] && [ \$n -lt 100 ]; do n=\$((n + 1)); sleep 0.05; done
exec "$real" "\$@"
END
    chmod +x "$scene/bin/git"
}

# look: what every process below the daemon, and itself, was started with.
look() {
    for process in /proc/[0-9]*; do
        pid=${process#/proc/}
        parent=$(awk '$1 == "PPid:" {print $2}' "$process/status" 2>/dev/null) || continue
        [ "$pid" = "$daemon" ] || [ "$parent" = "$daemon" ] || continue
        [ "$parent" != "$daemon" ] || echo "$pid" >>"$scene/workers"
        cat "$process/environ" >>"$scene/environments" 2>/dev/null || echo "$pid" >>"$scene/unreadable"
        cat "$process/cmdline" >>"$scene/arguments" 2>/dev/null || :
    done
}

# held BODY: a job whose worker is looked at while it is at work.
held() {
    : >"$scene/hold"
    : >"$scene/git-started"
    ask POST /api/v1/sync/jobs "$1" >"$scene/made"
    waited=0
    until [ -s "$scene/git-started" ]; do
        waited=$((waited + 1))
        [ $waited -lt 200 ] || return 1
        sleep 0.05
    done
    look
    rm "$scene/hold"
    waited=0
    until ask GET "/api/v1/sync/jobs/$(jq -r .id "$scene/made")" | jq -e '.state | IN("queued", "running") | not'; do
        waited=$((waited + 1))
        [ $waited -lt 300 ] || return 1
        sleep 0.05
    done
}

# A day of a daemon: jobs that write, that plan, that fail; mistakes of callers; strangers; events; metrics; a reload.
a_day() {
    curl -sSN --max-time 60 -H @"$scene/bearer" "$url/api/v1/events?after=0" >"$scene/events" &
    listener=$!
    sed -i 's/# PDF/# PDF files/' "$scene/up/skills/pdf/SKILL.md"
    commit second
    held '{"direction":"both","dry_run":false}'
    job "{\"direction\":\"both\",\"project_path\":\"$scene/atlas\"}"
    job '{"direction":"upstream_to_collection","artifacts":["skill:none"]}'
    mv "$scene/up" "$scene/gone"
    job '{"direction":"both"}'
    mv "$scene/gone" "$scene/up"
    ask POST /api/v1/sync/jobs '{"direction":"sideways"}'
    ask POST /api/v1/sync/jobs '{"nonsense":'
    ask GET /api/v1/nowhere
    ask DELETE /api/v1/sync/jobs
    for path in /readyz /openapi.json /metrics /api/v1/artifacts /api/v1/artifacts/pdf /api/v1/drift /api/v1/projects \
        /api/v1/operations '/api/v1/sync/jobs?limit=3' "/api/v1/artifacts/pdf/diff?lhs=upstream&rhs=collection"; do
        ask GET "$path" >"$scene/shown"
    done
    cp "$scene/bearer" "$scene/right"
    for wrong in "Bearer $stranger" "Bearer $(echo "$stranger" | cut -c 2-)" "Basic $stranger" "bearer  $stranger"; do
        printf 'Authorization: %s\n' "$wrong" >"$scene/bearer"
        ask GET /readyz
        ask POST /api/v1/sync/jobs '{"direction":"both"}'
    done
    cp "$scene/right" "$scene/bearer"
    kill -HUP "$daemon"
    ask GET /metrics >"$scene/metrics"
    kill "$listener"
    wait "$listener" || :
}

# found: the places where a canary lies, one a line.
found() {
    for place in log errors said events arguments environments git-started; do
        ! grep -qaFf "$scene/canaries" "$scene/$place" || echo "$place"
    done
    ! cat "$scene/replies"/* | grep -qaFf "$scene/canaries" || echo replies
    find "$WEIR_HOME" -name '*.db' | while read -r base; do
        ! sqlite3 "$base" .dump | grep -qaFf "$scene/canaries" || echo "rows of ${base##*/}"
    done
    # The scene's own notes are not weir's; its token file may hold it.
    find "$WEIR_HOME" "$scene/atlas" "$scene/tmp" -type f ! -path "$WEIR_HOME/token" -exec grep -laFf "$scene/canaries" {} + |
        sed 's,.*/,file ,' || :
}

canaries() {
    token=canary-7c1e09b2$1-f3a85d64 stranger=stranger-51d0c7$1-9ab3e2f8
    printf '%s\n' "$token" "$(echo "$stranger" | cut -c 2-)" >"$scene/canaries"
    bearer "$token"
}

# token_stays_hidden environment|file
token_stays_hidden() {
    scene "hidden-$1"
    canaries "$1"
    watched_git
    if [ "$1" = environment ]; then
        serve PATH="$scene/bin:$PATH" WEIR_TOKEN="$token"
        [ ! -e "$WEIR_HOME/token" ]
    else
        (umask 077 && echo "$token" >"$WEIR_HOME/token")
        serve PATH="$scene/bin:$PATH"
    fi
    a_day
    look
    end_daemon
    # All of it was there to be looked at.
    [ "$(find "$scene/replies" -name '*.body' | wc -l)" -gt 25 ]
    [ -s "$scene/workers" ] && [ -s "$scene/environments" ] && [ -s "$scene/arguments" ] && [ -s "$scene/log" ]
    grep -q '^event: job.success' "$scene/events"
    grep -q 'weir_http_refused_total{why="token"} 8' "$scene/metrics"
    grep -q UNAUTHORIZED "$scene/log"
    [ "$(sqlite3 "$WEIR_HOME/weir.db" 'select count(*) from jobs')" -ge 4 ]
    leaks=$(found)
    [ -z "$leaks" ] || {
        echo "found in: $leaks"
        return 1
    }
}

# The same search finds it in each place where it is put on purpose: through weir where weir would pass it on.
leaks_are_found() {
    scene leaks
    canaries leaks
    watched_git
    (umask 077 && echo "$token" >"$WEIR_HOME/token")
    serve PATH="$scene/bin:$PATH" LEAKED="$token" GH_CONFIG_DIR="$scene/$token" WEIR_OPTION="--set=default_host=$token"
    curl -sSN --max-time 60 -H @"$scene/bearer" "$url/api/v1/events?after=0" >"$scene/events" &
    listener=$!
    job "{\"direction\":\"both\",\"artifacts\":[\"skill:$token\"]}"
    held '{"direction":"both"}'
    kill "$listener"
    wait "$listener" || :
    end_daemon
    found >"$scene/leaks"
    for place in log events arguments environments git-started replies 'rows of weir.db' 'file weir.db'; do
        grep -qxF "$place" "$scene/leaks" || {
            echo "not found: $place"
            cat "$scene/leaks"
            return 1
        }
    done
}
