# needs: curl unzip
# Patches by the daemon: made by a job, downloaded for a while, and git takes what came.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change atlas/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.'
$ serve_weir
$ patch() { api POST /api/v1/sync/patch '{"artifacts":["skill:pdf"],"project_path":"'"$PWD/atlas"'","format":"'"$1"'"}' | sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p'; }
$ download() { curl -sS -o "$2" -w '%{http_code}\n' -H "Authorization: Bearer $TOKEN" "$API/api/v1/patches/$1/download"; }
$ applied() { git -C up apply "$PWD"/$1/*.patch && git -C up diff --stat | sed 1q && git -C up checkout -q . && git -C up am -q "$PWD"/$1/*.patch && git -C up log -1 --format=%s && git -C up reset -q --hard HEAD~1; }
$ zip=$(patch zip); weir job watch $zip >said; tar=$(patch tar.gz); weir job watch $tar >said
$ download $zip got.zip; mkdir z; unzip -q got.zip -d z; applied z
| 200
|  skills/pdf/SKILL.md | 2 +-
| weir: changes of skill:pdf
$ download $tar got.tar.gz; mkdir t; tar xzf got.tar.gz -C t; applied t
| 200
|  skills/pdf/SKILL.md | 2 +-
| weir: changes of skill:pdf
$ weir job show $tar --json | grep -o '"sha256":"[^"]*"' | cut -d '"' -f 4 | sed 's/$/  got.tar.gz/' | sha256sum -c
| got.tar.gz: OK
# Nobody without the token; and nothing after its time, which the next daemon also clears away with what a crash left.
$ curl -sS -o reply -w '%{http_code}\n' $API/api/v1/patches/$tar/download
| 401
$ touch -d '2 hours ago' "$WEIR_HOME/exports/$tar.tar.gz"; download $tar reply; sed 's/,"details.*//' reply; echo
| 410
| {"error":{"code":"PATCH_GONE","message":"the time in which this patch could be downloaded is over","hint":"Make it again: POST /api/v1/sync/patch."
$ echo half >"$WEIR_HOME/exports/.left"; touch -d '2 hours ago' "$WEIR_HOME/exports/.left"
$ end_weir KILL; serve_weir; download $tar reply; download $zip again.zip; cmp got.zip again.zip && ls -A "$WEIR_HOME/exports" | sed "s/$zip/JOB/"
| ended: 137
| 410
| 200
| JOB.zip
$ end_weir
| ended: 0
