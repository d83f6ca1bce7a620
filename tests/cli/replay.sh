# Runs the commands $BOX/command.N of a transcript in one shell; keeps out.N, err.N and status.N.
umask 022
# shellcheck source=tests/cli/setup.sh
. "$SETUP"
trap stop_servers EXIT
replay_number=1
while [ -f "$BOX/command.$replay_number" ]; do
    replay_status=0
    eval "$(cat "$BOX/command.$replay_number")" >"$BOX/out.$replay_number" 2>"$BOX/err.$replay_number" ||
        replay_status=$?
    echo $replay_status >"$BOX/status.$replay_number"
    replay_number=$((replay_number + 1))
done
