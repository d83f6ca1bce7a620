#!/bin/sh
# What is true of the units, one part after the other; each goes on where the one before it has ended.
set -eu
# shellcheck source=tests/units/lib/words.sh
. /run/input/lib/words.sh
passed=0 failed=0 skipped=0
sync_body='{"direction":"upstream_to_collection","artifacts":["skill:pdf"],"dry_run":false}'

# As docs/operations.md says it.
installs() {
    install -m 755 /run/input/weir /usr/bin/weir
    cp /run/input/systemd/sysusers.d/weir.conf /usr/lib/sysusers.d/
    cp /run/input/systemd/system/weir.service /run/input/systemd/system/weir.socket /etc/systemd/system/
    systemd-sysusers
    systemctl daemon-reload
    systemctl enable --now weir.socket
    [ "$(systemctl is-active weir.service)" = inactive ]
}

answers_the_first_request() {
    curl -sSf --max-time 20 http://127.0.0.1:7330/healthz
    [ "$(systemctl is-active weir.service)" = active ]
    [ "$(systemctl show -P StatusText weir.service)" = answers ]
    [ "$(stat -c '%U %a' /var/lib/weir)" = 'weir 700' ]
    bear_token
    ask GET /readyz | jq -e '.status == "ready"'
}

deploys_where_it_may() {
    mkdir -p /srv/projects/atlas /srv/kit/skills/pdf
    printf '%s\n' '---' 'name: pdf' '---' '# PDF' >/srv/kit/skills/pdf/SKILL.md
    git -c init.defaultBranch=main init -q /srv/kit
    chown -R weir:weir /srv/projects /srv/kit
    as_weir git -C kit add -A
    as_weir git -C kit -c user.name=Ada -c user.email=ada@example.org commit -qm first
    as_weir weir add /srv/kit --path 'skills/*' --yes
    body='{"project_path":"/srv/projects/atlas","dry_run":false}'
    ends_as error "$(made "$body" /api/v1/artifacts/pdf/deploy)"
    jq -e '.error.code == "PERMISSION"' /run/job
    [ ! -e /srv/projects/atlas/.claude ]
    drop_in projects ReadWritePaths=/srv/projects UMask=0027
    systemctl restart weir
    ends_as success "$(made "$body" /api/v1/artifacts/pdf/deploy)"
    [ "$(stat -c '%U %a' /srv/projects/atlas/.claude/skills/pdf)" = 'weir 750' ]
}

reaches_upstreams_by_ssh() {
    make_ada
    ssh-keygen -q -t ed25519 -N '' -f /run/host_key
    install -d -o weir -g weir -m 700 /var/lib/weir/.ssh
    ssh-keygen -q -t ed25519 -N '' -f /var/lib/weir/.ssh/id_ed25519
    printf '[127.0.0.1]:2222 %s\n' "$(cut -d ' ' -f 1-2 /run/host_key.pub)" >/var/lib/weir/.ssh/known_hosts
    cp /var/lib/weir/.ssh/id_ed25519.pub /run/authorized_keys
    chown -R weir:weir /var/lib/weir/.ssh
    as_weir git clone -q --bare /srv/kit /srv/projects/kit.git
    chown -R ada:ada /srv/projects/kit.git
    mkdir -p /run/sshd
    printf '%s\n' 'HostKey /run/host_key' 'AuthorizedKeysFile /run/authorized_keys' 'PidFile none' 'UsePAM no' \
        'StrictModes no' >/run/sshd_config
    /usr/sbin/sshd -p 2222 -f /run/sshd_config
    as_weir weir add ssh://ada@127.0.0.1:2222/srv/projects/kit.git --path skills/pdf --name far --yes
    ends_as success "$(made '{"direction":"upstream_to_collection","artifacts":["skill:far"],"dry_run":false}' /api/v1/sync/jobs)"
}

reloads() {
    before=$(main_pid)
    (umask 077 && head -c 24 /dev/urandom | base64 >/run/token)
    install -o weir -g weir -m 600 /run/token /var/lib/weir/token
    systemctl reload weir
    cp /run/curlrc /run/oldrc
    bear_token
    soon ask GET /api/v1/artifacts
    [ "$(curl -sS -K /run/oldrc -o /run/refused -w '%{http_code}' http://127.0.0.1:7330/api/v1/artifacts)" = 401 ]
    [ "$(main_pid)" = "$before" ]
    soon test "$(systemctl is-active weir)" = active
}

# A git that takes its time while /srv/slow is there.
slows_git_down() {
    mkdir -p /opt/slow
    printf '%s\n' '#!/bin/sh' '[ ! -e /srv/slow ] || sleep 0.2' 'exec /usr/bin/git "$@"' >/opt/slow/git
    chmod 755 /opt/slow /opt/slow/git
    drop_in slow Environment=PATH=/opt/slow:/usr/bin:/bin
    systemctl restart weir
    : >/srv/slow
}

lets_a_job_end_before_it_stops() {
    slows_git_down
    upstream_moves
    job=$(made "$sync_body" /api/v1/sync/jobs)
    soon is_in "$job" running
    systemctl stop weir.socket weir.service
    [ "$(systemctl show -P Result weir.service)" = success ]
    as_weir weir job show "$job" --json | jq -e '.job.state // .state | . == "success"'
    systemctl start weir.socket
}

parks_what_does_not_end() {
    as_weir sh -c 'echo "drain_timeout_ms = 100" >/var/lib/weir/config.toml'
    upstream_moves
    systemctl restart weir
    job=$(made "$sync_body" /api/v1/sync/jobs)
    soon is_in "$job" running
    systemctl stop weir.socket weir.service
    [ "$(systemctl show -P Result weir.service)" = success ]
    as_weir weir job show "$job" --json | jq -e '.job.state // .state | . == "queued"'
    rm /srv/slow
    systemctl start weir.socket
    ends_as success "$job"
}

comes_back_from_a_crash() {
    upstream_moves
    before=$(main_pid)
    : >/srv/slow
    job=$(made "$sync_body" /api/v1/sync/jobs)
    soon is_in "$job" running
    systemctl kill --signal=KILL --kill-whom=main weir.service
    rm /srv/slow
    ends_as success "$job"
    [ "$(main_pid)" != "$before" ]
    [ "$(systemctl show -P NRestarts weir.service)" = 1 ]
}

loses_no_request_when_it_restarts() {
    rm -f /run/asked /run/end
    (
        while [ ! -e /run/end ]; do
            code=$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:7330/healthz) || code="$code/$?"
            echo "$code" >>/run/asked
        done
    ) &
    asker=$!
    for _ in 1 2 3 4; do
        systemctl reset-failed weir # so many starts are no accident here
        systemctl restart weir
    done
    touch /run/end
    wait $asker
    sort /run/asked | uniq -c
    [ "$(sort -u /run/asked)" = 200 ]
}

is_ended_by_the_watchdog_when_it_hangs() {
    drop_in watchdog WatchdogSec=1 TimeoutAbortSec=1 RestartSec=0
    systemctl reset-failed weir
    systemctl restart weir
    before=$(main_pid)
    kill -STOP "$before"
    soon sh -c "journalctl -u weir -o cat | grep -q 'Watchdog timeout'"
    soon sh -c "kill -0 $before 2>/dev/null && exit 1 || exit 0"
    ask GET /readyz
    [ "$(main_pid)" != "$before" ]
}

serves_one_person() {
    make_ada
    install -d -o ada -g ada -m 700 /run/user/1500
    export XDG_RUNTIME_DIR=/run/user/1500
    systemd-run -q --unit=ada --uid=ada -p Type=notify -p Delegate=yes -E XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR -E HOME=/home/ada \
        /lib/systemd/systemd --user
    as_ada weir init -q
    as_ada mkdir -p .config/systemd/user
    as_ada cp /run/input/systemd/user/weir.service .config/systemd/user/
    as_ada systemctl --user daemon-reload
    systemctl stop weir.socket weir.service
    as_ada systemctl --user enable --now weir
    [ "$(as_ada systemctl --user show -P StatusText weir)" = answers ]
    as_ada curl -sSf --max-time 20 --unix-socket /run/user/1500/weir.sock http://localhost/healthz
    as_ada systemctl --user reload weir
    as_ada systemctl --user stop weir
    [ "$(as_ada systemctl --user show -P Result weir)" = success ]
}

part() {
    wanted=$(cat /run/input/part)
    if [ -n "$wanted" ] && [ "$wanted" != "$1" ] && ! expr " installs answers_the_first_request deploys_where_it_may " : ".* $1 " >/dev/null; then
        return
    fi
    began=$(date +%s%3N)
    if sh -eux /run/input/lib/inside.sh "$1" >"/run/results/$1.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok    $2 ($(($(date +%s%3N) - began)) ms)"
    else
        failed=$((failed + 1))
        echo "FAIL  $2"
        { tail -n 25 "/run/results/$1.log" && journalctl -u weir -o cat --no-pager | tail -n 25; } | sed 's/^/      /'
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "skip  $1: $2"
}

if [ $# -gt 0 ]; then # one part in a shell of its own, which ends at the first thing that fails
    "$1"
    exit 0
fi
part installs 'the user, the units and their socket are there; nothing runs yet'
part answers_the_first_request 'the first request starts the service, which is ready when it is answered'
part deploys_where_it_may 'a project is written where a drop-in names its folder, else the job says why not'
if [ -x /usr/sbin/sshd ] && command -v ssh-keygen >/dev/null; then
    part reaches_upstreams_by_ssh 'git reaches an upstream by ssh from inside the sandbox'
else
    skip 'git reaches an upstream by ssh from inside the sandbox' 'there is no sshd'
fi
part reloads 'reload takes the new token, and the process goes on'
part lets_a_job_end_before_it_stops 'stop lets a job at work end'
part parks_what_does_not_end 'what takes too long is parked, and goes on with the next start'
part comes_back_from_a_crash 'killed, it comes back and takes its job up again'
part loses_no_request_when_it_restarts 'no request is lost while it restarts'
part is_ended_by_the_watchdog_when_it_hangs 'the watchdog ends what hangs, and it comes back'
part serves_one_person 'the unit for one person runs in a manager of the user'
journalctl -o short-precise --no-pager >/run/results/journal 2>/dev/null || true
echo "$passed passed, $failed failed, $skipped skipped"
