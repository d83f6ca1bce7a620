# Ctrl-Z and fg in a real shell, and a window of another size, while weir asks and while it works.
$ text() { printf '%s\n' "$1" k1 k2 k3 k4 "$2" end; }
$ shell() { TERM=xterm PS1='sh> ' "$BUILD/pty" --size "$1" sh -i; }
$ upstream up && text one two >up/skills/pdf/SKILL.md && commit up plain v1.0.1 && weir init >made && weir add ./up --path skills/pdf --yes >made
$ skill=$WEIR_HOME/collections/default/skills/pdf/SKILL.md && text one-c two-c >"$skill" && text one-u two-u >up/skills/pdf/SKILL.md && commit up second v1.1.0
$ weir sync pdf --apply >made; tree "$WEIR_HOME/collections/default" >before

# Stopped at a question, the terminal is as a shell wants it; fg shows the place and the question again, at the new width.
$ shell 120x30 >shown <<'END'
> prompt
> type weir resolve pdf --no-color
> wait place 1 of 2
> prompt
> ctrl z
> wait Stopped
> prompt
> type stty -a | grep -o 'icanon iexten echo '
> wait 'icanon
> wait icanon iexten echo
> prompt
> resize 50x30
> type fg
> wait place 1 of 2
> prompt
> type u
> wait place 2 of 2
> prompt
> type q
> wait 1 of 2 places chosen
> prompt
> type exit
> END
? 3
$ sed 's/^\[1\][ +]*//; s/Stopped .*/Stopped/; s/ *$//' shown
| sh> weir resolve pdf --no-color
| SKILL.md:1, place 1 of 2
|   collection | one-c
|   base       | one
|   upstream   | one-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > ^Z[1] + Stopped
| sh> stty -a | grep -o 'icanon iexten echo '
| icanon iexten echo
| sh> fg
| weir resolve pdf --no-color
| SKILL.md:1, place 1 of 2
|   collection | one-c
|   base       | one
|   upstream   | one-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with
| the upstream first [e]dit [l]ater [z] undo [q]uit
| [?]
| > u
| SKILL.md:6, place 2 of 2
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with
| the upstream first [e]dit [l]ater [z] undo [q]uit
| [?]
| > q
| 1 of 2 places chosen, and kept. Live files are
| untouched.
| Next: weir resolve pdf --no-color
| sh> exit
$ tree "$WEIR_HOME/collections/default" | diff before -

# At work: the progress line is erased before weir stops, and fg draws it again at once, at the new width.
$ mkdir srv && git clone -q --bare up srv/up.git && touch go && serve_http srv --hold go && weir add $HTTP_URL/up.git --path skills/changelog --yes >made && rm go
$ shell 120x30 >shown <<'END'
> prompt
> type weir update changelog --no-color
> wait [0/1] fetch
> ctrl z
> wait Stopped
> prompt
> resize 20x30
> type touch go; fg
> wait [0/1] fetch
> wait nothing new
> prompt
> type exit
> END
$ esc=$(printf '\033'); sed "s/$esc\[K/<erased>/g; s/^.*\^Z/<line>^Z/; s/Stopped .*/Stopped/; s/ *$//" shown | sed 's,^<erased>\[0/1\] fetch  http:/\(<erased>\[[^<]\{1\,19\}\)*<erased>,<drawn><erased>,'
| sh> weir update changelog --no-color
| <line>^Z<erased>[1] + Stopped
| sh> touch go; fg
| weir update changelog --no-color
| <drawn><erased>✓ skill:changelog: upstream has nothing new.
| sh> exit
