# --log FILE: a JSON line for each step, each fits docs/schema/log-line.json.
$ schema=$(dirname "$SETUP")/../../docs/schema/log-line.json
$ fits() { while IFS= read -r line; do printf '%s\n' "$line" | "$BUILD/check-schema" "$schema" || echo "$line"; done <"$1"; }
$ upstream up && mkdir atlas && weir init --log steps >/dev/null
$ weir add ./up --path 'skills/*' --yes --log steps >/dev/null
$ weir deploy pdf --project atlas --yes --log steps >/dev/null
$ change up/skills/pdf/SKILL.md 'Split it.' 'Split it well.' && commit up more v1.1.0
$ change $WEIR_HOME/collections/default/skills/pdf/SKILL.md 'Split it.' 'Never split it.'
$ TRACEPARENT=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 WEIR_LOG=steps weir sync pdf --apply >/dev/null
? 3
$ weir show nothing --log steps
! error: no artifact 'nothing' in the collection
! Next: Check the name; `weir list` shows what there is.
? 1
$ weir drift --check-all --log steps >/dev/null
$ fits steps && wc -l <steps
| 27
$ grep -c '"span":"artifact"' steps; stat -c %a steps
| 4
| 600
$ grep '"conflict"' steps | grep -o '"artifact_id.*"conflict_files":[^]]*]' | sed 's/"duration_ms":[0-9.]*/"duration_ms":N/'
| "artifact_id":"skill:pdf","direction":"upstream_to_collection","result":"conflict","duration_ms":N,"auto_merge":false,"conflict_files":["SKILL.md"]
$ grep 4bf92f3577b34da6a3ce929d0e0e4736 steps | grep '"span":"command"' | grep -o '"parent_id":"[0-9a-f]*"'
| "parent_id":"00f067aa0ba902b7"
$ grep '"span":"command"' steps | grep -o '"operation_type":"[a-z]*"\|"result":"[a-z]*"\|"code":"[A-Z_]*"' | tr '\n' ' '
| "operation_type":"init" "result":"ok" "operation_type":"add" "result":"ok" "operation_type":"deploy" "result":"ok" "operation_type":"sync" "result":"attention" "operation_type":"show" "result":"error" "code":"NOT_FOUND" "operation_type":"drift" "result":"ok" 
|\

# Whatever the bytes are, a line is JSON.
$ odd=$(printf 'sk\377i\033ll'); mkdir -p "odd/$odd" && put "odd/$odd/SKILL.md" x
$ weir add "./odd/$odd" --type skill --name odd --yes --log odd.log >/dev/null; fits odd.log && wc -l <odd.log
| 1
! error: './odd/sk\xFFi\x1Bll' is refused: it holds a control byte
! Next: Use https://, ssh://, git@host:path, file://, owner/repo/path or a local path.

# A log that cannot be written says so once, and the work is done.
$ weir status --log /dev/full
|   skill:pdf  ! conflict  U→C  1.0.0 → 1.1.0  @latest
|              ↓ outdated  C→P  atlas, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir resolve skill:pdf
! warning: the log is not written: cannot write: No space left on device
$ weir status --log no/such/folder/file | head -1
|   skill:pdf  ! conflict  U→C  1.0.0 → 1.1.0  @latest
! warning: the log is not written: cannot open for appending 'no/such/folder/file': No such file or directory

# No secret gets anywhere: not from an address, a variable, or a credential helper.
$ cat >helper <<'HELPER'
> #!/bin/sh
> echo username=ada
> echo password=canary-helper-55aa
> HELPER
$ chmod +x helper && git config --global credential.helper "$PWD/helper"; export MY_TOKEN=canary-env-55aa
$ mkdir served && git clone -q --bare up served/up.git && serve_http served --user ada:canary-helper-55aa
$ weir add $HTTP_URL/up.git --path skills/pdf --name two --yes --log secret.log >out 2>&1; head -1 out
| ✓ Added skill:two 1.1.0, 2 files in skills/two
$ weir add https://ada:canary-url-55aa@127.0.0.1:1/x/y.git --path a --yes --log secret.log >>out 2>&1
? 2
$ weir add "https://127.0.0.1:1/x/y.git?access_token=canary-query-55aa" --path a --yes --log secret.log >>out 2>&1
? 2
$ weir add ./canary-env-55aa --type skill --yes --log secret.log >/dev/null 2>&1
? 1
$ weir add ./ghp_canary55aa55aa55aa --type skill --yes --log secret.log >>out 2>&1
? 1
$ grep -c '"span":"command"' secret.log; fits secret.log; grep -h canary secret.log out
| 5
? 1
$ grep -rl canary $WEIR_HOME
? 1

# What took how long.
$ weir sync --all --verbose 2>&1 >/dev/null | sed 's/  *[0-9.]* ms/ N ms/' | LC_ALL=C sort
|   fetch N ms
|   merge N ms  3 times
|   other N ms
|   plan N ms
