# needs: fish
$ upstream up && mkdir atlas && weir init >made && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made
$ tab() { fish --no-config -c 'weir completion fish | source; complete -C "$argv"' "$1"; }
$ tab 'weir vers'
| version	print the version of weir
$ tab 'weir show skill:p'
| skill:pdf	<dir>/up
$ tab 'weir sync skill:pdf --direction '
| both
| project
| upstream
$ tab 'weir sync skill:pdf --direction=pr'
| --direction=project
$ tab 'weir hash atl'
| atlas/
$ tab 'weir deploy pdf --project atl'
| atlas/
