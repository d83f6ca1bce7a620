# needs: zsh
$ weir completion zsh | zsh -n
$ head='autoload -Uz compinit; compinit -u -D; compdef() { echo compdef "$@"; }'
$ zsh -f -c "$head; eval \"\$(weir completion zsh)\"; echo \$+functions[_weir]"
| compdef _weir weir
| 1

# Its function, with zsh's own words replaced by ones that print.
$ cat >press <<'END'
> compdef() { :; }
> _describe() { print -rl -- "${(@P)4}"; }
> _files() { print -r -- files "$@"; }
> eval "$(weir completion zsh)"
> words=(weir "$@") CURRENT=$(($# + 1))
> _weir
> END
$ zsh -f press vers
| version:print the version of weir
$ zsh -f press sync --direction ''
| upstream
| project
| both
$ zsh -f press hash ''; zsh -f press deploy --project ''
| files
| files -/
$ upstream up && weir init >made && weir add ./up --path 'skills/*' --yes >made && zsh -f press show skill:
| skill\:changelog:<dir>/up
| skill\:pdf:<dir>/up
