# Metrics: names in alerts and dashboard, and what a daemon counts.
# shellcheck shell=sh disable=SC2154,SC2034

names_known() {
    sed -n 's/^METRIC([A-Z_]*, "\([a-z_]*\)".*/\1/p' "$here/../../src/obs/metrics.def"
}

# Histograms have three names on the wire.
names_are_known() {
    names_known >"$scratch/known"
    grep -ohE '\b(weir|process)_[a-z_]+' "$@" | sed 's/_\(bucket\|sum\|count\)$//' | sort -u >"$scratch/used"
    [ -s "$scratch/used" ]
    ! grep -vxFf "$scratch/known" "$scratch/used"
}

refuses_an_unknown_name() {
    sed 's/weir_merges_total/weir_merged_total/' "$pages/alerts.yml" >"$scratch/broken.yml"
    ! names_are_known "$scratch/broken.yml"
}

# told LINE: it is in the answer to GET /metrics, which is as Prometheus has it.
told() {
    grep -qxF -e "$1" "$scene/metrics" || {
        echo "there is no line: $1"
        grep -F -e "${1%%[\{ ]*}" "$scene/metrics"
        return 1
    }
}

metrics_tell() {
    scene metrics
    serve
    bearer "$(cat "$WEIR_HOME/token")"
    sed -i 's/# PDF/# PDF files/' "$scene/up/skills/pdf/SKILL.md"
    commit second
    job '{"direction":"both","dry_run":false}'
    job '{"direction":"both"}'
    ask GET /api/v1/nowhere
    curl -sS -o "$scene/none" -H 'Authorization: Bearer not-the-token' "$url/readyz"
    curl -sS -o "$scene/none" -H 'Host: evil.example' "$url/readyz"
    curl -sS -D "$scene/head" -H @"$scene/bearer" -o "$scene/metrics" "$url/metrics"
    end_daemon
    grep -qi '^content-type: text/plain; version=0.0.4' "$scene/head"
    told 'weir_jobs_ended_total{kind="sync",result="success"} 2'
    told 'weir_jobs{state="success"} 2'
    told 'weir_jobs{state="queued"} 0'
    told 'weir_job_duration_seconds_count{kind="sync"} 2'
    told 'weir_job_wait_seconds_count 2'
    told 'weir_merges_total{result="fast_forward"} 2'
    told 'weir_http_refused_total{why="token"} 1'
    told 'weir_http_refused_total{why="host"} 1'
    told 'weir_http_requests_total{endpoint="POST /api/v1/sync/jobs",status="202"} 2'
    told 'weir_job_store_fallback 0'
    told 'weir_upstream_check_duration_seconds_count{result="ok"} 2'
    told 'weir_phase_duration_seconds_count{phase="apply"} 1'
    grep -qE '^process_resident_memory_bytes [1-9]' "$scene/metrics"
    grep -qE '^process_open_fds [1-9]' "$scene/metrics"
    grep -qE '^weir_http_connections [1-9]' "$scene/metrics"
    if command -v promtool >/dev/null 2>&1; then
        promtool check metrics <"$scene/metrics"
    fi
}
