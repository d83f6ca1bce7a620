# What the team tests share: two machines (a home each), a bare git repository between them for the collection and
# for each project, an upstream. Sourced; the caller sets `weir` and `box`.
# shellcheck shell=sh

export HOME="$box/home" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8 TZ=UTC TERM=dumb
unset WEIR_HOME XDG_DATA_HOME XDG_CONFIG_HOME

git_setup() {
    mkdir -p "$HOME"
    git config --global user.name tester
    git config --global user.email tester@example.org
    git config --global init.defaultBranch main
    git config --global pull.rebase false
    git config --global advice.mergeConflict false
    git config --global protocol.file.allow always
}

# on MACHINE ARGUMENTS...: weir of that machine.
on() {
    machine=$1
    shift
    WEIR_HOME=$box/$machine/weir "$weir" "$@"
}

collection() {
    echo "$box/$1/weir/collections/default"
}

# share FOLDER NAME: FOLDER becomes a repository whose origin is the bare NAME.git.
share() {
    git init -q --bare "$box/$2.git"
    git -C "$1" init -q
    git -C "$1" add -A
    git -C "$1" commit -qm "first of $2"
    git -C "$1" push -q "$box/$2.git" main
    git -C "$1" remote add origin "$box/$2.git"
    git -C "$1" fetch -q
    git -C "$1" branch -q -u origin/main
}

save() {
    git -C "$1" add -A
    git -C "$1" diff --cached --quiet || git -C "$1" commit -qm "$2"
}

# What a person does with git's conflicts in artifact files: both sides' lines stay. The record files are weir's.
keep_both() {
    git -C "$1" diff --name-only --diff-filter=U | while read -r file; do
        case $file in
        *.toml) ;;
        *)
            sed -i -e '/^<<<<<<< /d' -e '/^=======$/d' -e '/^>>>>>>> /d' "$1/$file"
            git -C "$1" add "$file"
            ;;
        esac
    done
}

# The statuses of a machine, without what is its own: the folder's place, times, ids, and whether it has been asked to
# merge yet: what is `diverged` and cannot be merged here is a `conflict` that waits there.
statuses() {
    machine=$1
    shift
    on "$machine" drift "$@" --json |
        grep -oE '"(artifact|edge|project|status|missing|removed|code)": ?("[^"]*"|[a-z]+)' |
        sed "s,$box/$machine,,g; s,\"conflict\",\"diverged\","
}

fail() {
    echo "FAIL  $*" >&2
    exit 1
}

# all_equal NAME EXPECTED GOT
same() {
    [ "$2" = "$3" ] && return
    printf '%s\n' "$2" >"$box/expected"
    printf '%s\n' "$3" >"$box/got"
    diff -u "$box/expected" "$box/got" >&2 || :
    fail "$1"
}

# git_pull FOLDER: pulls; conflicts in artifact files keep both sides, those in records are left to weir.
git_pull() {
    git -C "$1" pull -q --no-edit >/dev/null 2>&1 || keep_both "$1"
}

# Commits what is there, takes what the others have, and pushes. weir cleans the records in between.
publish() {
    machine=$1
    for folder in "$(collection "$machine")" "$box/$machine"/*/; do
        [ -d "$folder/.git" ] || continue
        save "$folder" "work of $machine"
        git_pull "$folder"
    done
    on "$machine" sync --all --direction both --apply -q >/dev/null 2>&1 || :
    resolve_all "$machine"
    for folder in "$(collection "$machine")" "$box/$machine"/*/; do
        [ -d "$folder/.git" ] || continue
        ! grep -rqs '^<<<<<<<' "$folder/.weir/deployed.toml" "$folder"/collection*.toml || clean_records "$machine" "$folder"
        save "$folder" "merge on $machine"
        git -C "$folder" push -q || return 1
    done
}

# Nothing to sync, and still markers: verify writes the records clean.
clean_records() {
    on "$1" verify --repair --apply -q >/dev/null 2>&1 || :
}

# What waits gets both sides' lines.
resolve_all() {
    for artifact in pdf doc; do
        on "$1" resolve $artifact --take both --apply -q >/dev/null 2>&1 || :
        for project in "$box/$1"/*/; do
            on "$1" resolve $artifact --project "$project" --take both --apply -q >/dev/null 2>&1 || :
        done
    done
}

# Everything that is in the projects goes up.
pull_all() {
    for project in "$box/$1"/*/; do
        [ ! -f "$project/.weir/deployed.toml" ] ||
            on "$1" pull --all --project "$project" --apply -q >/dev/null 2>&1 || resolve_all "$1"
    done
}

exchange() {
    publish "$1" || publish "$1" || fail "$1 cannot push"
}
