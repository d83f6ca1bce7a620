# Words for transcripts, in their shell. Git identity and dates are fixed, so that commits have the same hash each time.
# shellcheck disable=SC2034  # transcripts use what is set here
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
export GIT_AUTHOR_DATE='1790000000 +0000' GIT_COMMITTER_DATE='1790000000 +0000'
git config --global init.defaultBranch main
git config --global advice.detachedHead false
servers=

# put FILE LINE...: writes a file with these lines, and its folders.
put() {
    mkdir -p "$(dirname "$1")"
    put_file=$1
    shift
    printf '%s\n' "$@" >"$put_file"
}

# upstream NAME: a git repository with two skills and a command, tagged v1.0.0.
upstream() {
    git init -q "$1"
    put "$1/skills/pdf/SKILL.md" '---' 'name: pdf' '---' '# PDF' '' 'Read the file.' 'Split it.' 'Say what it holds.'
    put "$1/skills/pdf/scripts/extract.sh" '#!/bin/sh' 'echo extract'
    chmod +x "$1/skills/pdf/scripts/extract.sh"
    put "$1/skills/changelog/SKILL.md" '---' 'name: changelog' '---' '# Changelog' '' 'One line per change.'
    put "$1/commands/review.md" '# Review' '' 'Read it twice.'
    commit "$1" 'first version' v1.0.0
}

# commit REPOSITORY MESSAGE [TAG]: everything there is; a minute passes.
commit() {
    git -C "$1" add -A
    git -C "$1" commit -q -m "$2"
    [ -z "${3-}" ] || git -C "$1" tag "$3"
    minute=$((${GIT_AUTHOR_DATE% *} + 60))
    GIT_AUTHOR_DATE="$minute +0000" GIT_COMMITTER_DATE="$minute +0000"
}

# change FILE OLD NEW: replaces text in a file, which must be there.
change() {
    grep -qF "$2" "$1" || {
        echo "change: '$2' is not in $1" >&2
        return 1
    }
    sed "s/$2/$3/" "$1" >"$1.changed" && cat "$1.changed" >"$1" && rm "$1.changed"
}

# tree FOLDER: each file with mode and SHA-256, each link with its target, sorted; to see that nothing changed.
tree() {
    (
        cd "$1" || return
        find . \( -type f -o -type l \) | LC_ALL=C sort | while read -r file; do
            if [ -L "$file" ]; then
                printf 'link %s %s\n' "$file" "$(readlink "$file")"
            else
                printf '%s %s %s\n' "$(stat -c %a "$file")" "$(sha256sum <"$file" | cut -c 1-16)" "$file"
            fi
        done
    )
}

# stamps FOLDER: the modification time of each entry, to see that nothing was touched.
stamps() {
    (cd "$1" && find . -printf '%P %T@ %C@\n' | LC_ALL=C sort)
}

# freeze TIME: weir's clock stands still at 2026-11-21T08:00:00Z, say.
freeze() {
    WEIR_TEST_CLOCK_MS=$(date -d "$1" +%s)000
    export WEIR_TEST_CLOCK_MS
}

# serve_git FOLDER: the repositories in FOLDER at $GIT_URL, by git daemon on a free port.
serve_git() {
    start_server git "$@"
    GIT_URL=git://127.0.0.1:$port
}

# serve_http FOLDER [--user NAME:PASSWORD] [--fail N] [--hold FILE]: likewise at $HTTP_URL, by git http-backend; the
# first N requests are answered 503, and none before FILE is there.
serve_http() {
    start_server http "$@"
    HTTP_URL=http://127.0.0.1:$port
}

# serve_ssh [LINE...]: a real sshd, of this user, with these lines in its configuration; $SSH_URL/PATH is a repository.
# $BOX/ssh has the key that is let in, one that is not, and known_hosts. sshd and ssh see no file of this machine's.
serve_ssh() {
    mkdir -p "$BOX/ssh"
    [ -f "$BOX/ssh/host" ] || for key in host mine stranger; do
        ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$BOX/ssh/$key"
    done
    cp "$BOX/ssh/mine.pub" "$BOX/ssh/authorized"
    put "$BOX/ssh/server" "HostKey $BOX/ssh/host" "AuthorizedKeysFile $BOX/ssh/authorized" 'StrictModes no' 'UsePAM no' \
        'PermitRootLogin yes' 'KbdInteractiveAuthentication no' 'PidFile none' 'LogLevel ERROR' "$@"
    start_server ssh "$BOX/ssh/server"
    SSH_URL=ssh://$(id -un)@127.0.0.1:$port
    echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$BOX/ssh/host.pub")" >"$BOX/ssh/known_hosts"
    ssh_as mine
}

# ssh_as KEY: who git comes as from now on.
ssh_as() {
    put "$BOX/ssh/client" "IdentityFile $BOX/ssh/$1" 'IdentitiesOnly yes' "UserKnownHostsFile $BOX/ssh/known_hosts" \
        'GlobalKnownHostsFile /dev/null' 'LogLevel ERROR'
    export GIT_SSH_COMMAND="ssh -F $BOX/ssh/client"
}

start_server() {
    ready=$BOX/server.$(echo "$servers" | wc -w)
    mkfifo "$ready"
    "$BUILD/git_server" "$@" >"$ready" 2>"$ready.log" &
    servers="$servers $!"
    server=$!
    read -r port <"$ready"
}

# stop_server: the newest one.
stop_server() {
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    return 0
}

stop_servers() {
    for one in $servers; do
        kill "$one" 2>/dev/null
    done
    return 0
}

# serve_weir [OPTION...]: weir serve on a free port of its own, at $API, with $TOKEN; its process is $daemon.
serve_weir() {
    ready=$BOX/daemon.$(echo "$servers" | wc -w)
    mkfifo "$ready"
    "$BUILD/weir" serve --listen 127.0.0.1:0 --set upstream_check_minutes=0 --json "$@" >"$ready" 2>"$ready.log" &
    daemon=$!
    servers="$servers $daemon"
    read -r line <"$ready"
    API=http://$(echo "$line" | sed 's/.*"address":"\([^"]*\)".*/\1/')
    [ -n "${WEIR_TOKEN-}" ] || TOKEN=$(cat "$WEIR_HOME/token")
}

# api METHOD PATH [BODY]: one request to it; the reply's body.
api() {
    curl -sS -X "$1" -H "Authorization: Bearer ${TOKEN-$WEIR_TOKEN}" ${3+-H 'Content-Type: application/json' --data "$3"} "$API$2"
    echo
}

# new_job BODY: makes a sync job and says its id.
new_job() {
    api POST /api/v1/sync/jobs "$1" | sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p'
}

# hold FOLDER: another process has it, as a weir at work would; let_go ends that.
hold() {
    [ -p "$BOX/hold" ] || mkfifo "$BOX/hold" "$BOX/held"
    (
        flock 9
        echo held >"$BOX/held"
        read -r line <"$BOX/hold"
    ) 9<"$1" &
    holder=$!
    read -r line <"$BOX/held"
}

let_go() {
    echo go >"$BOX/hold"
    wait "$holder"
}

# end_weir [SIGNAL]: ends the daemon and waits for it; says its exit code.
end_weir() {
    kill -"${1-TERM}" "$daemon"
    wait "$daemon" 2>/dev/null
    echo "ended: $?"
}
