# What it finds, and what to do about it.
$ weir doctor | sed -n '/home/,$p'
|   ! home            there is none at <home>/weir yet
|     warning         weir init
|   ! records         there is no weir home at '<home>/weir' yet
|     warning         weir init
$ ls "$WEIR_HOME" 2>&1 | wc -l; weir init >made; weir doctor | sed -n 's/^  [^ ] \(.\{14\}\).*/\1/p' | sed 's/ *$//'
| 1
| git
| settings
| clock
| home
| applies
| daemon
| space
| file system
| locks
| exchange
| nameless files
| time stamps
| records
| projects
$ upstream up && mkdir atlas gone && weir add ./up --path 'skills/*' --yes >made && weir deploy pdf --project atlas --yes >made && weir deploy pdf --project gone --yes >made
$ weir doctor --upstream pdf | grep upstream; weir doctor --all | grep -c 'answers'; ls -A "$WEIR_HOME" | grep -c probe
|   ✓ upstream        skill:pdf: its upstream answers
| 2
| 0
? 1

# One thing wrong at a time.
$ mv gone gone.away; weir doctor | grep -A 1 '! project '
|   ! project         <dir>/gone cannot be read
|     warning         weir project forget <dir>/gone
$ chmod 755 "$WEIR_HOME"; weir doctor | grep -A 1 '! home'; chmod 700 "$WEIR_HOME"
|   ! home            <home>/weir can be read by others (mode 755)
|     warning         chmod 700 <home>/weir
$ mkdir -p "$WEIR_HOME/txn/01" && weir doctor | grep -A 1 '! applies'
|   ! applies         1 apply in flight or interrupted
|     warning         weir status (every command first finishes or undoes what was begun)
$ mv up up.away; weir doctor --upstream pdf | grep -A 1 '^  x'; weir doctor --upstream pdf >made
|   x upstream        skill:pdf: '<dir>/up': fatal: '<dir>/up' does not appear to be a git repository
|     failure         Check the address, and whether you may read it.
? 1
$ WEIR_TEST_CLOCK_MS=1000 weir doctor | grep -A 1 'x clock'
|   x clock           <time>
|     failure         Set the clock: times of versions and waiting merges come from it.
$ mkdir bin; put bin/git '#!/bin/sh' 'echo git version 2.29.1'; chmod +x bin/git; PATH=$PWD/bin:$PATH weir doctor | grep -A 1 'x git'
|   x git             2.29.1
|     failure         Install git 2.30 or newer.
$ put "$WEIR_HOME/config.toml" 'marker_style = "none"'; weir doctor | grep -A 1 'x settings'; rm "$WEIR_HOME/config.toml"
|   x settings        <home>/weir/config.toml:1: marker_style is 'none', which is not one of merge, diff3, zdiff3
|     failure         weir config marker_style VALUE
$ put "$WEIR_HOME/collections/default/collection.toml" 'torn = ['; weir doctor | grep -A 1 'x records'
|   x records         collection 'default': collection.toml:1:8: the array does not end
|     failure         Correct line 1 of collection.toml, or restore the file from git or a backup.
$ weir doctor --upstream nothing --all
! error: --upstream names one artifact, --all means each; say one
! usage: weir doctor [--upstream TYPE:NAME | --all] [--json]
! Next: weir help doctor
? 2

# The daemon: whether one runs and answers, died, or would not start.
$ weir doctor | grep daemon; serve_weir; weir doctor | grep -E 'daemon|token' | sed "s/$daemon/PID/"
|   ✓ daemon          none runs
|   ✓ daemon          process PID answers at 127.0.0.1:<port>
|   ✓ token           there is one, for this user alone
$ kill -9 $daemon; wait $daemon 2>/dev/null; weir doctor | grep -A 1 daemon | sed "s/$daemon/PID/"
|   ! daemon          the last one, process PID, died; its jobs wait
|     warning         weir serve
$ chmod 644 "$WEIR_HOME/token"; weir doctor | grep -A 1 "x token"; weir serve --listen 127.0.0.1:0
|   x token           others can read 'token' in the home (mode 644)
|     failure         Remove it; `weir serve` makes a new one.
! error: others can read 'token' in the home (mode 644)
! Next: Remove it; `weir serve` makes a new one.
? 1
