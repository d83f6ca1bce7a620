# What is to be typed can be pasted: a project's folder, with a space and a quote in its name, is quoted wherever it is told.
$ freeze 2026-11-21T08:00:00Z; mkdir "it's odd" && project="$PWD/it's odd" && word="'$PWD/it'\\''s odd'" && eval "[ $word = \"\$project\" ]" && echo the same
| the same
# `w` counts the places where the word is told as it must be, and shows each line that tells it otherwise.
$ w() { weir "$@" >shown 2>&1 </dev/null; grep -F -e "--project $word" -e "-C $word" -e "forget $word" shown >told; echo "$(wc -l <told): $1"; grep -F "odd" shown | grep -F -e '--project' -e 'git -C' -e forget | grep -vF "$word"; true; }
$ upstream up && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf changelog --project "$project" --yes >made; live="$project/.claude/skills/pdf/SKILL.md"
$ w rollback none --project "$project" --to 12345678; w pull none --project "$project"; w drift none --project "$project"
| 1: rollback
| 1: pull
| 0: drift
$ change "$live" 'Split it.' 'Split it by page.'; w status --check-all; w why pdf; w drift; w show pdf; w sync pdf --direction both
| 1: status
| 1: why
| 0: drift
| 1: show
| 0: sync
$ change "$WEIR_HOME/collections/default/skills/pdf/SKILL.md" 'Split it.' 'Split it by line.'; w sync pdf --direction project --apply; w status --check-all; w why pdf; w resolve pdf; w list; w rollback pdf --project "$project" --to 5e71b8cb
| 1: sync
| 1: status
| 1: why
| 0: resolve
| 0: list
| 1: rollback
$ w resolve pdf --take project --apply; w status --check-all; w undo; w undo --apply
| 0: resolve
| 0: status
| 0: undo
| 0: undo
$ mv "$project/.claude/skills/pdf" kept; w status --check-all; w rollback pdf --project "$project" --to 5e71b8cb; w sync pdf --direction project; w pull pdf --project "$project"; mv kept "$project/.claude/skills/pdf"
| 1: status
| 1: rollback
| 1: sync
| 0: pull
$ weir undo --apply >made; cp -r "$WEIR_HOME" home && weir remove changelog --yes >made; w verify; w why changelog; w status --check-all; weir undo --apply >made
| 1: verify
| 1: why
| 1: status
$ sed -i 's/^parent_hash = .*/parent_hash = ""/; s/^merge_base_snapshot = .*/merge_base_snapshot = ""/' "$project/.weir/deployed.toml"; w verify; w sync --all --direction project
| 2: verify
| 1: sync
$ mv "$project" away; w status --check-all; w drift --check-all; w verify; w undo; mv away "$project"
| 1: status
| 1: drift
| 1: verify
| 0: undo
$ weir init --set collection=two >made; w undeploy pdf --project "$project" --set collection=two
| 1: undeploy
