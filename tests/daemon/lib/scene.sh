# A home with artifacts of a local upstream, deployed into projects. Sourced; `weir` and `work` are set.

artifacts=8 projects=3

scene() {
    export HOME="$work" WEIR_HOME="$work/weir" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8 TZ=UTC
    export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
    unset WEIR_TOKEN XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME
    git init -q --bare -b main "$work/up.git"
    i=0
    while [ $i -lt $artifacts ]; do
        mkdir -p "$work/up/skills/s$i"
        printf -- '---\nname: s%s\ndescription: of a storm\n---\nfirst\n' $i >"$work/up/skills/s$i/SKILL.md"
        i=$((i + 1))
    done
    upstream add -A
    upstream commit -qm first
    "$weir" init -q
    "$weir" add "file://$work/up.git" --path 'skills/*' --yes -q
    i=0
    while [ $i -lt $projects ]; do
        mkdir -p "$work/p$i"
        "$weir" deploy --all --project "$work/p$i" --yes -q
        i=$((i + 1))
    done
}

upstream() {
    git --git-dir="$work/up.git" --work-tree="$work/up" "$@"
}

# Each second one artifact more has something new; until the file is there.
go_on_upstream() {
    number=0
    while [ ! -e "$work/end" ]; do
        number=$((number + 1))
        printf 'line %s\n' $number >>"$work/up/skills/s$((number % artifacts))/SKILL.md"
        upstream commit -qam "change $number"
        sleep 0.7
    done
}

# What each project's record says of its trees, beside the trees.
dump_trees() {
    for record in "$work"/p*/.weir/deployed.toml; do
        project=${record%/.weir/*}
        awk -F'"' '/^path = /{ path = $2 } /^content_hash = /{ print path, $2 }' "$record" |
            while read -r path row; do
                found=$("$weir" hash "$project/$path")
                printf '{"do":"tree","place":"%s/%s","row":"%s","found":"%s"}\n' "$(basename "$project")" "$path" \
                    "$row" "$found"
            done
    done
}

# The last word of all: what `weir verify` says; empty: it is sound.
dump_verify() {
    if "$weir" verify >"$work/verify" 2>&1; then
        echo '{"do":"verify","text":""}'
    else
        printf '{"do":"verify","text":"%s"}\n' "$(tr '\n"\\' "  ''" <"$work/verify" | tr -d '\000-\037')"
    fi
}
