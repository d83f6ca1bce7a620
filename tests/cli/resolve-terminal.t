# A conflict with three places, settled on a terminal by keys, interrupted in the middle and continued later.
$ at() { pty="$BUILD/pty"; "$pty" --size 120x30 weir "$@"; }
$ text() { printf '%s\n' "$1" k1 k2 k3 k4 "$2" m1 m2 m3 m4 "$3" end; }
$ upstream up && mkdir -p up/skills/pdf && text one two three >up/skills/pdf/SKILL.md && commit up plain v1.0.1
$ weir init >made && weir add ./up --path skills/pdf --yes >made
$ skill=$WEIR_HOME/collections/default/skills/pdf/SKILL.md
$ text one-c two-c three-c >"$skill" && text one-u two-u three-u >up/skills/pdf/SKILL.md && commit up second v1.1.0
$ weir sync pdf --apply >made; tree "$WEIR_HOME/collections/default" >before

# The first place gets the upstream's side; Ctrl-C at the second.
$ at resolve pdf <<'END'
> wait place 1 of 3
> prompt
> type u
> wait place 2 of 3
> prompt
> ctrl c
> END
| SKILL.md:1, place 1 of 3
|   collection | one-c
|   base       | one
|   upstream   | one-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > u
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > ^C
| error: interrupted
| Next: What was chosen is kept; the same command goes on from there.
? 130
$ tree "$WEIR_HOME/collections/default" | diff before -

# It goes on there. An editor that fails, and one that leaves the markers, are told; a choice is taken back.
$ put fails.sh 'exit 3' && put leaves.sh 'echo more >>"$1"' && put mends.sh 'grep -c "<<<<<<<\||||||||" "$1"; echo by hand >"$1"'
$ VISUAL='sh fails.sh' at resolve pdf <<'END'
> wait place 2 of 3
> prompt
> type e
> wait ended with 3
> prompt
> type q
> END
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > e
| error: the editor 'sh fails.sh' ended with 3; its text was not taken
| Next: Set VISUAL or EDITOR to an editor that is there.
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > q
| 1 of 3 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf
? 3
$ VISUAL='sh leaves.sh' at resolve pdf <<'END'
> wait place 2 of 3
> prompt
> type edit
> wait still has a conflict marker
> prompt
> type q
> END
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > edit
| error: SKILL.md: the resolution still has a conflict marker in line 1
| Next: Edit the file until no marker is left, then run the command again.
| What you wrote is kept; edit again to go on with it:
| <home>/weir/edit/e6d712f4fa610269-SKILL.md
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > q
| 1 of 3 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf
? 3
$ VISUAL='sh mends.sh' at resolve pdf <<'END'
> wait place 2 of 3
> prompt
> type e
> wait place 3 of 3
> prompt
> type w
> wait please
> prompt
> type B
> wait Apply 1 file? [y/N]
> type n
> END
| SKILL.md:6, place 2 of 3
|   collection | two-c
|   base       | two
|   upstream   | two-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > e
| note: going on with the text of before
| 2
| SKILL.md:11, place 3 of 3
|   collection | three-c
|   base       | three
|   upstream   | three-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > w
| One of the letters in brackets, please.
| > B
| Would resolve skill:pdf, 1 file.
|   ↓ update  SKILL.md  +3 −2
| diff --git a/SKILL.md b/SKILL.md
| index <hex>..<hex> 100644
| --- a/SKILL.md
| +++ b/SKILL.md
| @@ -1,12 +1,13 @@
| -one-c
| +one-u
|  k1
|  k2
|  k3
|  k4
| -two-c
| +by hand
|  m1
|  m2
|  m3
|  m4
| +three-u
|  three-c
|  end
| Apply 1 file? [y/N] n
| Nothing was written.
| What was chosen is kept.
| Next: weir resolve pdf
? 3
$ weir resolve pdf
| skill:pdf: 3 places, all chosen. Nothing is written yet.
| Next: weir resolve pdf --apply
? 3
$ at resolve pdf <<'END'
> wait All places are chosen
> prompt
> type z
> wait place 3 of 3
> prompt
> type l
> END
| All places are chosen.
|    1  SKILL.md:1  upstream
|    2  SKILL.md:6  text
|    3  SKILL.md:11  both-reversed
| [r]eview and apply [z] undo [q]uit, or a place's number
| > z
| SKILL.md:11, place 3 of 3
|   collection | three-c
|   base       | three
|   upstream   | three-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > l
| 2 of 3 places chosen, and kept. Live files are untouched.
| Next: weir resolve pdf
? 3
$ tree "$WEIR_HOME/collections/default" | diff before -
$ at resolve pdf <<'END'
> wait place 3 of 3
> prompt
> type b
> wait Apply 1 file? [y/N]
> type y
> END
| SKILL.md:11, place 3 of 3
|   collection | three-c
|   base       | three
|   upstream   | three-u
| [c]ollection [u]pstream b[a]se [b]oth, [B]oth with the upstream first [e]dit [l]ater [z] undo [q]uit [?]
| > b
| Would resolve skill:pdf, 1 file.
|   ↓ update  SKILL.md  +3 −2
| diff --git a/SKILL.md b/SKILL.md
| index <hex>..<hex> 100644
| --- a/SKILL.md
| +++ b/SKILL.md
| @@ -1,12 +1,13 @@
| -one-c
| +one-u
|  k1
|  k2
|  k3
|  k4
| -two-c
| +by hand
|  m1
|  m2
|  m3
|  m4
|  three-c
| +three-u
|  end
| Apply 1 file? [y/N] y
| ✓ Resolved skill:pdf, 1 file.
| Undo: weir undo
$ cat "$skill"
| one-u
| k1
| k2
| k3
| k4
| by hand
| m1
| m2
| m3
| m4
| three-c
| three-u
| end
$ ls "$WEIR_HOME/edit"; weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @latest
|   Upstreams checked just now.
| Next: weir diff skill:pdf --from upstream --to collection

# On a pipe nobody is asked.
$ weir undo --apply >made; weir undo --apply >made; weir undo --apply >made; weir resolve pdf </dev/null | head -2
| ! skill:pdf waits for you: 3 places in SKILL.md. Live files are untouched.
| SKILL.md:1, place 1 of 3, chosen
