# shellcheck shell=sh
# Words of inside.sh: the service asked over HTTP, its unit changed, and waiting with an end.

# ask METHOD PATH [BODY]: the reply's body; fails for what is no success.
ask() {
    curl -sSf --max-time 20 -K /run/curlrc -X "$1" ${3:+--json "$3"} "http://127.0.0.1:7330$2"
}

bear_token() {
    (umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$(cat /var/lib/weir/token)" >/run/curlrc)
}

# soon COMMAND...: until it succeeds, for 15 s.
soon() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -ge 300 ]; then
            echo "not within 15 s: $*"
            return 1
        fi
        sleep 0.05
    done
}

# made BODY PATH: makes a job; its id.
made() {
    ask POST "$2" "$1" | jq -er '.job_id // .id'
}

is_in() {
    ask GET "/api/v1/sync/jobs/$1" >/run/job && jq -e --arg states "$2" '.state | IN($states | split(" ")[])' /run/job
}

# ends_as STATE JOB
ends_as() {
    soon is_in "$2" 'success conflict error canceled'
    jq -e --arg state "$1" '.state == $state' /run/job >/dev/null || {
        cat /run/job
        return 1
    }
}

main_pid() {
    systemctl show -P MainPID weir.service
}

# drop_in NAME LINE...: into the service's section; taken by the next start.
drop_in() {
    mkdir -p /etc/systemd/system/weir.service.d
    file=/etc/systemd/system/weir.service.d/$1.conf
    shift
    { echo '[Service]' && printf '%s\n' "$@"; } >"$file"
    systemctl daemon-reload
}

as_weir() {
    (cd /srv && runuser -u weir -- env WEIR_HOME=/var/lib/weir HOME=/var/lib/weir GIT_CONFIG_NOSYSTEM=1 "$@")
}

make_ada() {
    echo 'u ada 1500 "Ada" /home/ada /bin/sh' >/usr/lib/sysusers.d/ada.conf
    systemd-sysusers
    usermod -p '*' ada # no password, and yet not locked
    install -d -o ada -g ada -m 700 /home/ada
}

as_ada() {
    (cd /home/ada && runuser -u ada -- env HOME=/home/ada XDG_RUNTIME_DIR=/run/user/1500 "$@")
}

# upstream_moves: something new in it.
upstream_moves() {
    as_weir sh -c "echo 'line $(date +%N)' >>kit/skills/pdf/SKILL.md"
    as_weir git -C kit -c user.name=Ada -c user.email=ada@example.org commit -qam 'one line more'
}
