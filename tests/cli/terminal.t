# What a terminal changes: a pager for what does not fit, widths from 20 to 10,000 columns.
$ upstream up && weir init >made && weir add ./up --path 'skills/*' --yes >made
$ at() { TERM=xterm "$BUILD/pty" --size "$@" </dev/null; }
$ skill=$WEIR_HOME/collections/default/skills/pdf/SKILL.md && seq 1 40 >>"$skill"
$ PAGER='sed s/^/paged:/' at 80x24 weir diff pdf --no-color | head -3
| paged:diff --git a/SKILL.md b/SKILL.md
| paged:index <hex>..<hex> 100644
| paged:--- a/SKILL.md
$ PAGER='sed s/^/paged:/' at 80x24 weir diff pdf --no-color | grep -vc ^paged
| 0
? 1
$ PAGER='sed s/^/paged:/' at 80x24 weir diff pdf --no-color --no-pager | grep -c ^paged
| 0
? 1
$ PAGER='sed s/^/paged:/' at 80x200 weir diff pdf | grep -c ^paged
| 0
? 1
$ PAGER=cat at 80x24 weir diff pdf --no-color | wc -l; PAGER= at 80x24 weir diff pdf --no-color | wc -l
| 48
| 48
$ PAGER='sed s/^/paged:/' weir diff pdf | grep -c ^paged
| 0
? 1
$ PAGER='head -n 1' at 80x24 weir diff pdf --no-color
| diff --git a/SKILL.md b/SKILL.md

# A pager that is not there: the result all the same.
$ PAGER=no-such-pager at 80x24 weir diff pdf --no-color | sed 's/^sh: .*: /sh: /' | head -2
| sh: not found
| diff --git a/SKILL.md b/SKILL.md

# Any width from 20 to 10,000, told by the terminal or by COLUMNS; only the last cell of a row is cut.
$ for n in 20 40 10000; do at ${n}x24 weir list --no-color >list.$n; COLUMNS=$n at 80x24 weir list --no-color | cmp - list.$n; done; cat list.10000
| 2 artifacts in collection default.
|   skill:changelog  1.0.0  @latest  <dir>/up  skills/changelog
|   skill:pdf        1.0.0  @latest  <dir>/up  skills/pdf
| Next: weir status
$ at 20x24 weir status --no-color | head -3
|   skill:pdf
|     ~ modified  U→C
|     1.0.0  @latest

# less itself: q leaves it, and that is no failure.
$ TERM=xterm "$BUILD/pty" --size 80x10 weir diff pdf --no-color >shown <<'END'
> wait diff --git
> key q
> END

# Twenty columns: rows go on in lines of their own, help is wrapped between words.
$ TERM=xterm at 30x24 weir status --no-color; TERM=xterm at 20x24 weir drift --no-color
|   skill:pdf  ~ modified  U→C
|     1.0.0  @latest
|   1 more is synced. Upstreams
|     checked just now.
| Next: weir diff skill:pdf --from upstream --to collection
| 2 edges: 1 synced ·
| 1 modified  (<ms>)
|   skill:pdf
|     ~ modified  U→C
|     1.0.0, 1 file
| Next: weir why skill:pdf
$ PAGER=cat at 40x24 weir help --no-color | sed -n '5,12p'; PAGER=cat at 20x24 weir help list --no-color | sed -n '/^Options of/,$p' | head -6
| usage: weir COMMAND [OPTIONS]
|
|   init
|     make the collection, in weir's home
|   add
|     bring artifacts from an upstream
|     into the collection
|   deploy
| Options of every
| command
|   -h, --help
|     this page
|       --json
|     the result as
$ name=日本語のとても長い名前; mkdir -p s/$name && put s/$name/SKILL.md x && weir add ./s/$name --type skill --yes >made; at 24x24 weir list --no-color | sed -n '/日/,/Next/p'
|   skill:日本語のとても…
|     no upstream
| Next: weir status
