# needs: curl
# The daemon: one line when it answers, jobs that change files, events, and an orderly end.
$ weir serve
! error: there is no collection 'default' in '<home>/weir' yet
! Next: Run `weir init` first.
? 1
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
$ serve_weir && stat -c '%a %n' "$WEIR_HOME/token" "$WEIR_HOME/serve.lock" | sed "s,$WEIR_HOME/,,"
| 600 token
| 600 serve.lock
$ curl -sS $API/healthz; echo; curl -sS -o reply -w '%{http_code}\n' $API/api/v1/sync/jobs
| {"status":"ok"}
| 401
# A second one is refused, and names the first.
$ weir serve --listen 127.0.0.1:0 2>&1 | sed "s/$daemon/PID/g"
| error: a daemon serves this home already: process PID at 127.0.0.1:<port>
| Next: Use that one, or end it: kill PID
# A dry run unless it is said otherwise.
$ weir job watch $(new_job '{"direction":"both"}') >said; head -3 said | sed 's/^[0-9A-Z]* //'; grep '^# ' atlas/.claude/skills/pdf/SKILL.md
| sync both, dry run of all: success
|  result    2 fast_forward, 1 up_to_date
|  asked by  api
| # PDF
$ id=$(new_job '{"direction":"both","dry_run":false}'); weir job watch $id >said; sed -n '1,2p' said | sed 's/^[0-9A-Z]* //'; grep '^# ' atlas/.claude/skills/pdf/SKILL.md
| sync both of all: success
|  result    2 fast_forward, 1 up_to_date
| # PDF files
# What it wrote is one operation, in the log like any other, and undone like any other.
$ weir log -n 1 | head -1 | cut -d' ' -f 3- | sed "s/$id/JOB/"
|  fast_forward  2 artifacts, 2 files  api  job JOB: sync both
$ weir events --kind 'job.*' --kind operation.applied | sed "s/$id/JOB/" | awk '$NF == "JOB" && $4 != "job.progress" {print $4, $NF}'
| job.queued JOB
| job.running JOB
| operation.applied JOB
| job.success JOB
# The new version of the upstream was told once, though a dry run had seen it before.
$ weir events --kind upstream.changed | awk '/upstream/ {print $4, $5}'; weir events --kind upstream.changed --json | grep -oE '"(old|new)_version":"[^"]*"'
| upstream.changed skill:pdf
| "old_version":"1.0.0"
| "new_version":"1.1.0"
$ weir undo --apply | sed -n '1p' | sed "s/$id/JOB/; s/ of [-0-9]* [0-9:]*,/,/"; grep '^# ' atlas/.claude/skills/pdf/SKILL.md
| ✓ Took back "job JOB: sync both", 2 artifacts.
| # PDF
# An unknown field, and a direction that needs a project.
$ api POST /api/v1/sync/jobs '{"direction":"sideways"}' | sed 's/,"request_id.*//'
| {"error":{"code":"INVALID","message":"field 'direction': 'upstream_to_collection', 'collection_to_project', 'project_to_collection', 'project_to_upstream' or 'both' is expected, not 'sideways'","hint":"Correct the value and try again.","details":{"field":"direction"}}
$ api POST /api/v1/sync/jobs '{"direction":"project_to_collection"}' | sed 's/,"request_id.*//'
| {"error":{"code":"INVALID","message":"field 'project_path' is missing: pulled from which project?","hint":"Correct the value and try again.","details":{"field":"project_path"}}
$ weir job list | awk '{print $2, $3, $4}'
| success sync both
| success sync both,
| weir job show
$ end_weir; weir job list -n 1 >said && cat "$WEIR_HOME/serve.lock"
| ended: 0
# The next one goes on where this one ended; its token is the same.
$ old=$TOKEN; serve_weir; [ "$TOKEN" = "$old" ] && echo same token
| same token
$ end_weir INT
| ended: 0
