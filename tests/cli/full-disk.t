# needs: mount
# A disk that fills up half-way: what was written before is whole, is said, and can be taken back.
$ git init -q up && for i in $(seq 600); do put up/skills/s$i/SKILL.md "# S$i"; done && commit up one v1.0.0
$ weir init >made && weir add ./up --path 'skills/*' --yes >made && mkdir full
$ cat >try <<'END'
> mount -t tmpfs -o size=3m none full
> weir deploy --all --project full --yes --json >reply; echo "exit $?"
> sed -n '/"code"/,/"hint"/p' reply | sed 's/after [0-9]* items/after <n> items/'
> weir status | tail -1
> weir verify | head -1
> weir undo --apply >made && find full -type f
> END
$ unshare -rm sh try
| exit 1
|     "code": "DISK_FULL",
|     "message": "after <n> items were written: the file system of '<dir>/full' is nearly full",
|     "hint": "Free some space and run the command again for the rest; `weir undo` takes back what was written.",
| All 600 artifacts are synced. Upstreams checked just now.
| ✓ All is sound.
