# Rows about many artifacts, many operations, many repositories. Sourced by run, whose functions and variables it uses.
# BENCH_SCALE artifacts with 5 files each (10000), BENCH_OPERATIONS operations (100000).

scale=${BENCH_SCALE:-10000}
operations=${BENCH_OPERATIONS:-100000}

memory_row() {
    row "memory, $1, $scale artifacts" "$(awk -v kb="$2" 'BEGIN { print kb / 1024 }')" 150 limit MB 1 ''
}

# Each command once, in the order of a life; what writes is measured as it writes.
bench_memory() {
    is_wanted memory || return 0
    [ -d "up-$scale" ] || many_artifacts "up-$scale" "$scale"
    WEIR_HOME=$box/home-memory
    mkdir -p project-memory
    try "$weir" init || {
        no_row "memory, add, $scale artifacts" limit MB 1 "$why"
        return 0
    }
    for command in "add $box/up-$scale.git --path skills/* --type skill --yes" 'deploy --all --project project-memory --yes' \
        'drift --project project-memory' 'status' 'list' 'update --all' 'sync --all --direction both' 'undo --yes'; do
        set -f
        # shellcheck disable=SC2086  # words of a command
        if "$timer" --rounds 1 --warm-up 0 -- "$weir" $command >t.peak 2>t.errors; then
            memory_row "${command%% *}" "$(value t.peak a_peak_kb)"
        else
            no_row "memory, ${command%% *}, $scale artifacts" limit MB 1 "$(head -n 1 t.errors)"
        fi
        set +f
    done
}

# A tenth of the artifacts edited in the project, since the last commit.
bench_drift_many() {
    is_wanted 'drift of many' || return 0
    if ! arrange "$scale"; then
        no_row "drift of many, $scale artifacts, warm" 'git status, both' ms 2 "$why"
        return 0
    fi
    project=$box/project-$scale
    collection=$(dirname "$(find "$WEIR_HOME/collections" -name collection.toml | head -n 1)")
    for folder in "$project" "$collection"; do
        [ -d "$folder/.git" ] || { git init -q "$folder" && git -C "$folder" add -A && git -C "$folder" commit -qm all; }
    done
    find "$project/.claude/skills" -name NOTES.md | LC_ALL=C sort | awk 'NR % 10 == 0' | while read -r file; do
        echo 'an edit' >>"$file"
    done
    # Files and index apart in time, so that neither side has to doubt its cache.
    sleep 1
    "$weir" drift --project "$project" >/dev/null 2>&1 || :
    git -C "$project" status >/dev/null && git -C "$collection" status >/dev/null
    # shellcheck disable=SC2016
    if time_to t --rounds 9 -- "$weir" drift --project "$project" \
        -- sh -c 'git -C "$1" status --porcelain; git -C "$2" status --porcelain' sh "$project" "$collection"; then
        row "drift of many, $scale artifacts, warm" "$(value t a_wall_ms)" "$(value t b_wall_ms)" 'git status, both' ms 2 ''
        row "drift of many, $scale artifacts, warm, aim" "$(value t a_wall_ms)" "$(value t b_wall_ms)" 'git status, both' ms 1 ''
    else
        no_row "drift of many, $scale artifacts, warm" 'git status, both' ms 2 "$why"
    fi
}

# 10 repositories with 10 artifacts each; each round 3 of each change. The peer fetches the same commits into bare clones.
bench_update() {
    is_wanted update || return 0
    WEIR_HOME=$box/home-update
    try "$weir" init || return 0
    for r in 0 1 2 3 4 5 6 7 8 9; do
        mkdir -p "many-$r"
        for a in 0 1 2 3 4 5 6 7 8 9; do
            mkdir -p "many-$r/skills/s$r-$a"
            text 20 "$r$a" >"many-$r/skills/s$r-$a/SKILL.md"
            text 40 "$a$r" >"many-$r/skills/s$r-$a/NOTES.md"
        done
        git init -q "many-$r" && git -C "many-$r" add -A && git -C "many-$r" commit -qm all
        git clone -q --bare "many-$r" "peer-$r.git"
        git -C "peer-$r.git" config remote.origin.fetch '+refs/heads/*:refs/heads/*'
        try "$weir" add "file://$box/many-$r" --path 'skills/*' --type skill --yes || break
    done
    cat >move.sh <<'END_OF_MOVE'
round=$(date +%s%N)
for r in 0 1 2 3 4 5 6 7 8 9; do
    for a in 1 4 7; do
        echo "changed in $round" >>"$1/many-$r/skills/s$r-$a/SKILL.md"
    done
    git -C "$1/many-$r" commit -qam "$round"
done
END_OF_MOVE
    # shellcheck disable=SC2016
    if time_to t --rounds 7 --before-a "sh '$box/move.sh' '$box'" -- "$weir" update --all --yes \
        -- sh -c 'for r in 0 1 2 3 4 5 6 7 8 9; do git -C "$1/peer-$r.git" fetch -q origin; done' sh "$box" &&
        why='the last round did not arrive' &&
        grep -q "$(git -C many-9 log -1 --format=%s)" "$(find "$WEIR_HOME/collections" -path '*s9-7/SKILL.md')"; then
        row 'update --all, 100 artifacts of 10 repositories' "$(value t a_wall_ms)" 5000 limit ms 1 ''
        row 'update --all, 100 artifacts, aim' "$(value t a_wall_ms)" "$(value t b_wall_ms)" '10 git fetches' ms 1.5 ''
    else
        no_row 'update --all, 100 artifacts of 10 repositories' limit ms 1 "$why"
    fi
}

bench_log() {
    is_wanted 'list and log' || return 0
    if ! arrange 10; then
        no_row "list and log, $operations operations" limit ms 1 "$why"
        return 0
    fi
    cp -R "$WEIR_HOME" home-log
    WEIR_HOME=$box/home-log
    command -v sqlite3 >/dev/null || {
        no_row "list and log, $operations operations" limit ms 1 'sqlite3 is not installed'
        return 0
    }
    sqlite3 "$WEIR_HOME/weir.db" "
        CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $operations) SELECT i FROM c;
        INSERT INTO operations (id, seq, verb, command, actor, trace_id, at_ms, result, undoes, undone_by)
            SELECT printf('bench-%08d', i), (SELECT max(seq) FROM operations) + i, 'sync', 'weir sync', 'ada@host', printf('%032x', i),
                1700000000000 + i, 'merged', NULL, NULL FROM n;
        INSERT INTO operation_transactions (id, operation, at_ms) SELECT printf('bench-t-%08d', i), printf('bench-%08d', i), 1700000000000 + i FROM n;
        INSERT INTO operation_artifacts (transaction_id, artifact) SELECT printf('bench-t-%08d', i), printf('skill:skill-%04d', 1 + i % 10) FROM n;
    " 2>t.errors || {
        no_row "list and log, $operations operations" limit ms 1 "$(head -n 1 t.errors)"
        return 0
    }
    for command in list log 'log skill:skill-0003'; do
        # shellcheck disable=SC2086
        if time_to t --rounds 21 -- "$weir" $command; then
            row "list and log, $command, $operations operations" "$(value t a_wall_ms)" 100 limit ms 1 ''
            row "list and log, $command, $operations operations, aim" "$(value t a_wall_ms)" 20 limit ms 1 ''
        else
            no_row "list and log, $command, $operations operations" limit ms 1 "$why"
        fi
    done
}
