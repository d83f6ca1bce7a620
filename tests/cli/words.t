# What is to be typed can be typed: folders with blanks and quotes stand in a next step as a shell takes them.
$ upstream up && mkdir "Ada's atlas" && weir init >made && weir add ./up --path 'skills/*' --yes >made
$ weir deploy pdf --project "Ada's atlas" --yes >made
$ next() { sed -n 's/^Next: //p' next; }
$ change "Ada's atlas/.claude/skills/pdf/SKILL.md" 'Split it.' 'Split it by page.'
$ weir status >next; next; eval "$(next)" | head -1
| weir pull skill:pdf --project '<dir>/Ada'\''s atlas'
| Would pull skill:pdf into the collection, 1 file in skills/pdf
$ change $WEIR_HOME/collections/default/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.'
$ weir sync pdf --direction project --apply >next; next; eval "$(next)" | head -1
| weir resolve skill:pdf --project '<dir>/Ada'\''s atlas'
| ! skill:pdf waits for you: 1 place in SKILL.md. Live files are untouched.
$ weir status >next; next
| weir resolve skill:pdf --project '<dir>/Ada'\''s atlas'
$ mv "Ada's atlas" away; weir drift | tail -1
| Next: Bring the folder back, or `weir project forget '<dir>/Ada'\''s atlas'`.
