# needs: curl flock pgrep
# A daemon that is killed in the middle of a job: the next one takes the job back and finishes it, once.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
# The collection's folder is held: the job waits for it, in its worker.
$ mkfifo hold held; (flock 9; echo held >held; cat hold) 9<"$WEIR_HOME/collections/default" & read -r line <held
| go
$ serve_weir --set lock_timeout_ms=60000; id=$(new_job '{"direction":"both","dry_run":false}')
$ weir events --follow --after 0 --kind job.running | read -r line; weir job show $id | head -1 | cut -d' ' -f 2-
| sync both of all: running 0 %
$ worker=$(pgrep -P $daemon); kill -9 $daemon; wait $daemon 2>/dev/null; tail --pid=$worker -f /dev/null; grep '^# ' atlas/.claude/skills/pdf/SKILL.md
| # PDF
$ echo go >hold; serve_weir; weir job watch $id >said; sed -n '1,2p' said | cut -d' ' -f 2-; grep attempts said
| sync both of all: success
|  result    2 fast_forward, 1 up_to_date
|   attempts  2
$ grep '^# ' atlas/.claude/skills/pdf/SKILL.md; weir log -n 0 | grep -c "job $id"
| # PDF files
| 1
$ weir events --kind 'job.*' -n 100 | grep "$id" | awk '{print $4}'
| job.queued
| job.running
| job.queued
| job.running
| job.progress
| job.success
$ ls "$WEIR_HOME/jobs" "$WEIR_HOME/txn" 2>/dev/null; end_weir
| <home>/weir/jobs:
|
| <home>/weir/txn:
| ended: 0
