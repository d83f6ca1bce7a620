# Traces: from a caller's span through the request and the job to what its worker did, all of one trace.
# shellcheck shell=sh disable=SC2154,SC2034

# collect: a collector at $collector, which keeps spans in $scene/spans.
collect() {
    mkfifo "$scene/address" "$scene/lifeline"
    "$build/observe_collector" "$scene/spans" <"$scene/lifeline" >"$scene/address" &
    exec 9>"$scene/lifeline"
    read -r collector <"$scene/address"
}

# spans NAME: those of the trace; their ids, parents and the rest.
spans() {
    awk -v trace="$trace" -v name="$1" '$1 == trace && $5 == name' "$scene/spans"
}

# child NAME PARENT-ID: there is such a span below that one; its id.
child() {
    spans "$1" | awk -v parent="$2" '$3 == parent {print $2; found = 1; exit} END {exit !found}' || {
        echo "no span '$1' below $2:" >&2
        cat "$scene/spans" >&2
        return 1
    }
}

traces_are_whole() {
    trace=0123456789abcdef0123456789abcdef
    scene traces
    collect
    serve OTEL_EXPORTER_OTLP_ENDPOINT="$collector/" OTEL_EXPORTER_OTLP_HEADERS='x-tenant=spans%20%26%20logs,x-more=1'
    bearer "$(cat "$WEIR_HOME/token")"
    sed -i 's/# PDF/# PDF files/' "$scene/up/skills/pdf/SKILL.md"
    commit second
    id=$(traceparent=00-$trace-00f067aa0ba902b7-01 job '{"direction":"both","dry_run":false}')
    traceparent=00-$trace-00f067aa0ba902b8-01 ask GET /api/v1/drift >"$scene/shown"
    curl -sS -H @"$scene/bearer" -o "$scene/metrics" "$url/metrics"
    end_daemon
    exec 9>&-
    wait
    request=$(spans request | awk '$3 == "00f067aa0ba902b7" && $4 == 2 {print $2; exit}')
    job=$(child job "$request")
    command=$(child command "$job")
    fetch=$(child fetch "$command")
    child upstream "$fetch"
    child apply "$command" || child apply "$(child plan "$command")"
    child check "$(child plan "$(child request 00f067aa0ba902b8)")"
    # The job's own spans say which job; times are times; no span has the id of another.
    [ "$(spans job | awk -v id="$id" '$7 == id && $6 == 1' | wc -l)" -eq 1 ]
    [ "$(spans command | awk -v id="$id" '$7 == id' | wc -l)" -eq 1 ]
    ! awk '$8 + 0 <= 0 || $9 + 0 < $8 + 0' "$scene/spans" | grep .
    [ -z "$(cut -d' ' -f2 "$scene/spans" | sort | uniq -d)" ]
    told 'weir_spans_dropped_total 0'
    # The log speaks of the same.
    jq -es --arg trace $trace --arg id "$id" 'map(select(.job_id == $id and .span == "job")) |
        length == 1 and .[0].trace_id == $trace and .[0].result == "ok" and .[0].operation_type == "sync"' "$scene/log"
    jq -es --arg trace $trace --arg id "$id" \
        'map(select(.job_id == $id and .span == "artifact" and .trace_id == $trace)) | length == 2' "$scene/log"
    jq -es --arg trace $trace 'map(select(.message == "POST /api/v1/sync/jobs: 202")) |
        length == 1 and .[0].trace_id == $trace and (.[0].request_id | length == 26)' "$scene/log"
    while read -r line; do
        echo "$line" | "$build/check-schema" "$here/../../docs/schema/log-line.json"
    done <"$scene/log"
}

# A collector that takes connections and never answers: requests and jobs do not wait for it, nor for long the end.
a_hanging_collector_holds_nobody_up() {
    scene hanging
    collect
    hanging=$!
    serve OTEL_EXPORTER_OTLP_ENDPOINT="$collector"
    bearer "$(cat "$WEIR_HOME/token")"
    kill -STOP "$hanging"
    ask GET /readyz >"$scene/shown"
    sleep 1.5
    job '{"direction":"both"}'
    began=$(date +%s)
    n=0
    while [ $n -lt 50 ]; do
        n=$((n + 1))
        ask GET /healthz >"$scene/shown"
    done
    [ $(($(date +%s) - began)) -lt 5 ]
    end_daemon
    [ $(($(date +%s) - began)) -lt 20 ]
    kill -CONT "$hanging"
    exec 9>&-
    wait "$hanging" || : # the shell may tell of its stop
}

# A collector that is not there: the daemon works as fast, says so once, and counts what it could not send.
a_lost_collector_does_no_harm() {
    scene lost
    serve OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1
    bearer "$(cat "$WEIR_HOME/token")"
    job '{"direction":"both"}'
    sleep 2
    ask GET /readyz
    sleep 2
    curl -sS -H @"$scene/bearer" -o "$scene/metrics" "$url/metrics"
    end_daemon
    [ "$(grep -c 'traces are not exported' "$scene/errors")" -eq 1 ]
    [ "$(sed -n 's/^weir_spans_dropped_total //p' "$scene/metrics")" -gt 3 ]
}
