# needs: mount curl
# A job on a disk that fills up half-way: it tells what it has written until then, and how to take that back.
$ git init -q up && for i in $(seq 600); do put up/skills/s$i/SKILL.md "# S$i"; done && commit up one v1.0.0
$ weir init >made && weir add ./up --path 'skills/*' --yes >made && mkdir full
$ cat >try <<'END'
> mount -t tmpfs -o size=3m none full
> mkfifo ready
> weir serve --listen 127.0.0.1:0 --json >ready 2>log &
> daemon=$!
> read -r line <ready
> API=http://$(echo "$line" | sed 's/.*"address":"\([^"]*\)".*/\1/')
> id=$(curl -sS -H "Authorization: Bearer $(cat "$WEIR_HOME/token")" --json "{\"project_path\":\"$PWD/full\",\"dry_run\":false}" $API/api/v1/artifacts/batch-deploy | sed 's/.*"job_id":"\([^"]*\)".*/\1/')
> weir job watch $id >said; echo "exit $?"
> grep -E 'deploy|written|DISK|Next' said | sed "s/$id/JOB/g; s/[0-9][0-9]* fast_forward/<n> fast_forward/; s/after [0-9]* items/after <n> items/"
> weir job show $id --json | grep -oE '"partial":true,"next":"[a-z ]*"'
> weir undo --apply >made && find full -type f
> kill $daemon && wait $daemon
> END
$ unshare -rm sh try
| exit 1
| JOB deploy collection_to_project of all: error
|   written before  <n> fast_forward
|   error           DISK_FULL: after <n> items were written: the file system of '<dir>/full' is nearly full
| Next: weir undo, which takes back what was written; or ask for the rest again
| "partial":true,"next":"weir undo"
