# A hundred upstream repositories on one server.
$ upstream work >/dev/null && mkdir srv && for i in $(seq 0 99)
> do git clone -q --bare work srv/r$i
> done
$ serve_http srv
$ weir init >/dev/null && for i in $(seq 0 99)
> do weir add $HTTP_URL/r$i@main --path skills/pdf --name s$i --apply --quiet >/dev/null || echo $i
> done
$ change work/skills/pdf/SKILL.md 'Split it.' 'Take it apart.' && commit work 'take apart'
$ for i in $(seq 0 99)
> do git -C work push -q ../srv/r$i HEAD:main
> done

# Ten of them break, in different ways. Ninety are updated, ten say why not, and nothing waits for long.
$ collection=$WEIR_HOME/collections/default
$ break_upstream() {
>     sed -i "s|$HTTP_URL/r$1\"|$2\"|" "$collection/collection.toml" "$collection/collection.lock.toml"
> }
$ break_upstream 90 $HTTP_URL/status/401 && break_upstream 91 $HTTP_URL/status/403
$ break_upstream 92 $HTTP_URL/status/404 && break_upstream 93 $HTTP_URL/status/429
$ break_upstream 94 $HTTP_URL/status/500 && break_upstream 95 $HTTP_URL/garbage
$ break_upstream 96 $HTTP_URL/hang && break_upstream 97 $HTTP_URL/cut
$ break_upstream 98 http://127.0.0.1:1/dead && mv srv/r99 srv/gone
$ export WEIR_UPSTREAM_TIMEOUT_MS=4000 WEIR_UPSTREAM_RETRY_MS=10
$ began=$(date +%s)
$ (ulimit -n 90; weir sync --all --apply --json >synced.json)
? 1
$ test $(($(date +%s) - began)) -lt 60 && echo 'soon enough'
| soon enough
$ grep -c '"result": "fast_forward"' synced.json
| 91
$ codes() { sed -n '/"items"/,$s/^ *"code": "\(.*\)",*$/\1/p' "$1" | sed s/TIMEOUT/NETWORK_ERROR/ | sort | uniq -c | sed 's/^ *//'; }
$ codes synced.json
| 2 GIT_AUTH_FAILED
| 4 NETWORK_ERROR
| 1 RATE_LIMITED
| 1 REF_NOT_FOUND
| 2 REPOSITORY_NOT_FOUND
$ grep -l 'Take it apart.' $collection/skills/*/SKILL.md | wc -l
| 90

# The next run finds ninety up to date; the ten are as old as their last check.
$ weir drift --check-all --json >drift.json
? 1
$ codes drift.json
| 2 GIT_AUTH_FAILED
| 4 NETWORK_ERROR
| 1 RATE_LIMITED
| 1 REF_NOT_FOUND
| 2 REPOSITORY_NOT_FOUND
$ grep -c '"stale": true' drift.json
| 9
$ grep -c '"stale": false' drift.json
| 91

# Offline every status comes from what was last seen, with its age, and the server hears nothing.
$ stop_server
$ freeze 2036-11-21T08:00:00Z
$ weir drift --check-all --offline | sed 's/([0-9]* ms)//; /skill:s/d'
| 100 edges: 100 synced  
| 100 upstream statuses are from the last check, not from now (upstreams were not asked; the oldest was never checked).
$ weir drift --check-all --offline --json >offline.json; echo $?
| 0
$ codes offline.json
| 100 OFFLINE
$ grep -c '"checked_at": "20' offline.json
| 91
$ weir sync skill:s1 --offline
| ✓ skill:s1: nothing new to bring in.

# What the cache has can still be added; what was never asked cannot.
$ weir add $HTTP_URL/r0@v1.0.0 --path skills/changelog --offline --apply
| ✓ Added skill:changelog 1.0.0, 1 file in skills/changelog
| Next: weir deploy skill:changelog --project .
$ weir drift skill:changelog --check-all --offline | sed 's/([0-9]* ms)//'
| 1 edge: 1 synced  
| 1 upstream status is from the last check, not from now (upstreams were not asked; the oldest was checked <n> days ago).
$ weir add $HTTP_URL/other --path skills/pdf --offline
! error: 'http://127.0.0.1:<port>/other' was never asked, and weir is offline
! Next: Run it again without --offline, when the network can be reached.
? 6
