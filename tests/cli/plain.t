# Plain ASCII on demand, no colour but on a terminal, and nothing from outside reaches a terminal unescaped.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ evil=$(printf 'a\342\200\256b \342\200\213 \302\233 \033[31mred')
$ printf '%s\n' "$evil" >>"$WEIR_HOME/collections/default/skills/pdf/SKILL.md"; printf '%s w\n' "$evil" >>up/skills/pdf/SKILL.md && commit up "subject $evil" v1.1.0 && weir sync pdf --apply --accept-risk >made
? 3
$ all() { for c in status drift 'why pdf' 'show pdf' 'show pdf --versions' list log 'sync pdf' 'sync pdf --direction project' 'deploy pdf --project atlas' 'resolve' 'resolve pdf' 'update --all' undo 'project list' doctor config verify help 'help resolve' 'demo tour' "show $evil" "sync $evil" "$evil" "--$evil" "pin pdf @$evil" "add ./$evil"; do weir $c "$@" 2>&1 </dev/null; done; }
$ all --ascii >shown; LC_ALL=C grep -n '[^ -~]' shown
? 1
$ LC_ALL=C all >shown; LC_ALL=C grep -n '[^ -~]' shown
? 1
$ weir config ascii true >set && all >shown; weir config ascii false >set; LC_ALL=C grep -n '[^ -~]' shown
? 1
$ all >shown; LC_ALL=C grep -n "$(printf '[\001-\010\013-\037]')" shown; grep -n "$(printf '\342\200\256\|\342\200\213\|\302\233')" shown; grep -c 'u{202E}' shown
| 10
$ all --json >shown; LC_ALL=C grep -c "$(printf '[\001-\010\013-\037]')" shown
| 0
? 1
$ colour() { TERM=xterm "$BUILD/pty" "$@" </dev/null | grep -c "$(printf '\033')"; }
$ colour weir status; NO_COLOR=1 colour weir status; colour weir status --no-color; TERM=dumb; TERM=dumb "$BUILD/pty" weir status </dev/null | grep -c "$(printf '\033')"
| 3
| 0
| 0
| 0
? 1
$ TERM=xterm PAGER=cat "$BUILD/pty" --size 80x24 weir diff pdf --no-color </dev/null >shown; LC_ALL=C grep -n "$(printf '\033')" shown; grep -c 'u{202E}' shown
| 2

# Every command that is listed has a schema of its --json, an example, and a page; -h is the help.
$ schemas=$(dirname "$SETUP")/../../docs/schema
$ names=$(weir help --json | sed -n 's/.*"name": "\(.*\)",/\1/p'); for n in $names; do [ -f "$schemas/$n.json" ] || echo "no schema: $n"; weir $n --help | grep -q '^Examples' || echo "no example: $n"; weir help $n --man | grep -q '^.SH' || echo "no page: $n"; done
$ weir --help >a; weir -h | cmp - a; weir help | cmp - a; weir sync -h >a; weir help sync | cmp - a

# A reader that goes away ends weir quietly.
$ mkfifo go; for c in log help 'help sync --man' 'list --json'; do { read x <go; weir $c; echo "$c: $?" >&2; } | { exec <&-; echo x >go; }; done
! log: 141
! help: 141
! help sync --man: 141
! list --json: 141
