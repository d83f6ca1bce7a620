# A plan, a status, a diff change no byte, no time stamp and no record.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ change atlas/.claude/skills/pdf/SKILL.md 'Say what it holds.' 'Say it.'
$ change up/skills/pdf/SKILL.md 'Read the file.' 'Read it all.' && commit up second v1.1.0
$ seen() { stamps atlas; tree atlas; stamps $WEIR_HOME/collections; tree $WEIR_HOME/collections; weir log; }
$ seen >before
$ for words in 'sync --all --direction both' 'pull pdf --project atlas' 'undo' 'status --check-all' 'drift --check-all' 'why pdf' 'diff pdf' 'show pdf' 'remove changelog' 'undeploy pdf --project atlas --overwrite' 'deploy changelog --project atlas' 'add ./up --path commands/review.md' 'list' 'log' 'project list' 'resolve'; do weir $words >out 2>&1 </dev/null || echo "$words: $?"; seen | diff before - || echo "$words wrote"; done
| undo: 3
