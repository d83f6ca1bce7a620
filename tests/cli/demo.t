# The tour leaves a playground that works.
$ weir demo play >tour && tail -5 tour
|
| The playground stays. To go on:
|   cd <dir>/play && export WEIR_HOME=$PWD/weir-home PATH=$PWD/bin:$PATH
|   weir status, weir show pdf, weir diff pdf --project atlas
| Next: rm -r <dir>/play when you have seen enough
$ grep -c '^\$ weir' tour
| 15
$ cd play && export WEIR_HOME=$PWD/weir-home && weir status
|   skill:pdf  ~ modified  U→C  1.1.0  @^1
|              ! conflict  C→P  beacon, 1 file
|   1 more is synced. Upstreams checked just now.
| Next: weir resolve skill:pdf --project <dir>/play/beacon
$ cd .. && weir demo play
! error: '<dir>/play' is not empty
! Next: Give a folder that is empty or not there yet.
? 1
