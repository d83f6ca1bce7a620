# Words of tests/observe/run: a daemon in a home of its own, asked over HTTP. No secret is ever an argument here.
# shellcheck shell=sh disable=SC2154,SC2034  # scratch and build are the runner's

# scene NAME: an upstream, a home with two artifacts of it, one deployed in a project.
scene() {
    scene=$scratch/$1
    mkdir -p "$scene/up/skills/pdf" "$scene/up/skills/log" "$scene/atlas" "$scene/home" "$scene/tmp" "$scene/replies"
    export HOME="$scene/home" WEIR_HOME="$scene/home/weir" TMPDIR="$scene/tmp"
    printf '%s\n' '---' 'name: pdf' '---' '# PDF' '' 'Read the file.' >"$scene/up/skills/pdf/SKILL.md"
    printf '%s\n' '---' 'name: log' '---' '# Log' '' 'One line each.' >"$scene/up/skills/log/SKILL.md"
    git -c init.defaultBranch=main init -q "$scene/up"
    commit first
    (cd "$scene" && "$build/weir" init && "$build/weir" add ./up --path 'skills/*' --yes &&
        "$build/weir" deploy pdf --project atlas --yes) >"$scene/made" 2>&1
}

commit() {
    git -C "$scene/up" add -A
    git -C "$scene/up" -c user.name=Ada -c user.email=ada@example.org commit -q -m "$1"
}

# serve [NAME=VALUE...]: starts the daemon with these variables (WEIR_OPTION: an option), and waits for its line.
serve() {
    : >"$scene/said"
    (
        cd "$scene" || exit
        # shellcheck disable=SC2016  # for the inner shell
        exec env "$@" sh -c 'exec "$0" serve "$@" ${WEIR_OPTION+"$WEIR_OPTION"}' "$build/weir" --listen 127.0.0.1:0 --json --set upstream_check_minutes=0 --log "$scene/log" >"$scene/said" 2>"$scene/errors"
    ) &
    daemon=$!
    waited=0
    while ! [ -s "$scene/said" ]; do
        waited=$((waited + 1))
        [ $waited -lt 200 ] && kill -0 $daemon 2>/dev/null || return 1
        sleep 0.05
    done
    url=http://$(jq -r .address "$scene/said")
}

# end_daemon: by SIGTERM; its exit code.
end_daemon() {
    kill -TERM "$daemon"
    wait "$daemon"
}

# ask METHOD PATH [BODY]: with the token of $scene/bearer; head and body of the reply are kept, the body is shown.
ask() {
    set -- "$1" "$2" "${3-}" "$(mktemp "$scene/replies/XXXXXXXX")"
    curl -sS --max-time 20 -X "$1" -H @"$scene/bearer" ${3:+-H 'Content-Type: application/json' --data-binary "$3"} \
        ${traceparent:+-H "traceparent: $traceparent"} -D "$4.head" -o "$4.body" "$url$2" || return 1
    cat "$4.body"
}

# job BODY [PATH]: makes a job and waits for its end; its id.
job() {
    job_id=$(ask POST "${2-/api/v1/sync/jobs}" "$1" | jq -r .id)
    waited=0
    until ask GET "/api/v1/sync/jobs/$job_id" | jq -e '.state | IN("success", "conflict", "error", "canceled")' >"$scene/state"; do
        waited=$((waited + 1))
        [ $waited -lt 300 ] || return 1
        sleep 0.05
    done
    echo "$job_id"
}

bearer() {
    printf 'Authorization: Bearer %s\n' "$1" >"$scene/bearer"
}
