# needs: bash
# What fits is asked of weir itself; files and folders are the shell's to list.
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ weir completion words -- sy
| sync	bring what is new upstream into the collection, and on into projects
$ weir completion words -- ""  | cut -f 1 | head -3
| init
| add
| deploy
$ weir completion words -- sync --direction ''
| upstream
| project
| both
$ weir completion words -- sync --direction=u
| --direction=upstream
$ weir completion words -- show ''
| skill:changelog	<dir>/up
| skill:pdf	<dir>/up
$ weir completion words -- show pd
| pdf	<dir>/up
$ weir completion words -- show pdf ''
$ weir completion words -- sync pdf ''
| skill:changelog	<dir>/up
| skill:pdf	<dir>/up
$ weir completion words -- status --project ''
| <dir>/atlas	a known project
| :folders
$ weir completion words -- project ''; weir completion words -- project forget ''; weir completion words -- project add ''
| list
| add
| forget
| <dir>/atlas	a known project
| :folders
| :folders
$ weir completion words -- config marker ; weir completion words -- config marker_style ''
| marker_style	how conflict markers are written
| merge
| diff3
| zdiff3
$ weir completion words -- --set lock; weir completion words -- --quiet help ver; weir completion words -- nothing s; weir completion words -- pin pdf -- -
| lock_timeout_ms=	how long to wait for another weir in the same folder
| verify	whether all that weir keeps is sound
| version	print the version of weir
$ weir completion words -- hash ''; weir completion words -- merge-tree --out ''
| :files
| :folders
$ WEIR_HOME=none weir completion words -- show ''; WEIR_HOME=none weir completion words -- diff --st; ls none 2>&1 | wc -l
| --stat	only which files, and how much
| 1

# In bash, which cuts words at ':' and '='.
$ cat >press <<'END'
> eval "$(weir completion bash)"
> COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
> read -r -a COMP_WORDS <<<"${1//[:=]/ & }"
> case $1 in *' ') COMP_WORDS+=('') ;; esac
> COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
> _weir weir
> printf '%s\n' "${COMPREPLY[@]}"
> END
$ tab() { bash press "$1"; }
$ tab 'weir vers'
| version
$ tab 'weir show sk'
| skill:changelog
| skill:pdf
$ tab 'weir show skill:'
| changelog
| pdf
$ tab 'weir show skill:p'
| pdf
$ tab "weir why skill:pdf --project=$PWD/at" | sort -u
| <dir>/atlas
$ tab 'weir sync skill:pdf --direction '
| upstream
| project
| both
$ tab 'weir sync skill:pdf --direction=pr'
| project
$ mkdir 'two words' && tab 'weir deploy pdf --to t'
| two words
$ tab 'weir hash atl'
| atlas

# The other shells' scripts are at least well-formed; fish and zsh have transcripts of their own.
$ weir completion bash | bash -n
$ weir completion tcsh
! error: 'weir completion' knows bash, zsh and fish
! usage: weir completion bash|zsh|fish
! Next: weir help completion
? 2
$ weir completion bash zsh
! error: 'weir completion' takes one shell
! usage: weir completion bash|zsh|fish
! Next: weir help completion
? 2
