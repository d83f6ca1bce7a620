# needs: curl
# docs/curl-tour.md: its blocks as one script, each command as it is printed, against a daemon of its own.
$ awk '/^```/ {inside = /^```sh$/; next} inside' "${SETUP%/tests/*}/docs/curl-tour.md" >tour && grep -c . tour >lines && [ "$(cat lines)" -gt 60 ] && echo a tour
| a tour
$ PATH=$BUILD:$PATH timeout 90 sh -eu tour >said 2>&1 || tail -n 20 said
# How each job ended, and what its waits and checks have shown.
$ grep -xE '\{"status".*|queued|running|success|conflict|error|canceled|[0-9]{3}|event: .*|.*: OK|"finished":.*|weir: .*' said
| {"status":"ok"}
| success
| 200
| success
| success
| success
| event: job.success
| event: job.success
| event: job.success
| event: job.success
| conflict
| "finished":true
| success
| success
| patch.tar.gz: OK
| weir: changes of skill:pdf
| success
| success
# What the project's file was after the choices, and what came back later.
$ sed '1,/^"finished"/d' said
| success
| # PDF
|
| Read it twice.
|
| Split it by chapter.
|
| ## Then
|
| - Look at it.
| - Name it.
|
| Say what is where.
| success
| patch.tar.gz: OK
| weir: changes of skill:pdf
| success
| Read it.
| success
| Read it twice.
