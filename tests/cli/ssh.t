# needs: /usr/sbin/sshd ssh ssh-keygen
# A real sshd on loopback: an upstream by key, then a wrong key, an unknown host and one with another key, and passwords.
$ upstream up && git clone -q --bare up up.git && serve_ssh && weir init >made
$ esc=$(printf '\033') && show() { sed "s,$(id -un)@,me@,g; s,.*$esc\[K,,"; }; w() { timeout 30 weir "$@" >out 2>&1 </dev/null; code=$?; show <out; [ $code -eq 0 ] || echo "exit $code"; }
$ w add $SSH_URL$PWD/up.git --path 'skills/*' --yes; w list
| Added 2 artifacts, 3 files.
|   + add  skill:changelog  upstream 1.0.0 → collection  1 file  +6
|   + add  skill:pdf        upstream 1.0.0 → collection  2 files  +10
|   Brings: executable
| Next: weir deploy TYPE:NAME --project ., or --all
| 2 artifacts in collection default.
|   skill:changelog  1.0.0  @latest  ssh://me@127.0.0.1:<port><dir>/up.git  skills/changelog
|   skill:pdf        1.0.0  @latest  ssh://me@127.0.0.1:<port><dir>/up.git  skills/pdf
| Next: weir status
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0 && git -C up push -q --tags ../up.git main
$ w drift --check; w sync pdf --apply; head -4 "$WEIR_HOME/collections/default/skills/pdf/SKILL.md" | tail -1
| 2 edges: 2 synced  (<ms>)
| ✓ Synced skill:pdf 1.0.0 → 1.1.0 into the collection, 1 file in skills/pdf
| Undo: weir undo
| # PDF files

# Typed errors, at once: nobody is asked where there is no terminal, with --quiet or with --json.
$ ssh_as stranger; w drift pdf; w add $SSH_URL$PWD/up.git --path commands/review.md --yes
| 1 edge: 1 synced  (<ms>)
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': me@127.0.0.1: Permission denied (publickey,password).
| Next: Check your SSH key: `ssh -T HOST`.
| exit 7
$ w add $SSH_URL$PWD/none.git --yes; ssh_as mine; w add $SSH_URL$PWD/none.git --yes
| error: 'ssh://***@127.0.0.1:<port><dir>/none.git': me@127.0.0.1: Permission denied (publickey,password).
| Next: Check your SSH key: `ssh -T HOST`.
| exit 7
| error: 'ssh://***@127.0.0.1:<port><dir>/none.git': fatal: '<dir>/none.git' does not appear to be a git repository
| Next: Check the address, and whether you may read it.
| exit 1
$ mv "$BOX/ssh/known_hosts" known && w sync pdf
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': Host key verification failed.
| Next: Connect once with `ssh HOST` and compare the host's key.
| exit 7
$ sed "s, AAAA.*, $(cut -d ' ' -f 2 "$BOX/ssh/stranger.pub")," known >"$BOX/ssh/known_hosts" && w sync pdf
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
| Next: The host's key is not the one ssh knows; ask its owner before you go on.
| exit 7
$ mv known "$BOX/ssh/known_hosts"; w sync pdf
| ✓ skill:pdf: nothing new to bring in.

# A server that wants a password: asked on a terminal alone, and Ctrl-C ends that too.
$ stop_server; serve_ssh 'PasswordAuthentication yes'; ssh_as stranger; at() { TERM=xterm NO_COLOR=1 timeout 60 "$BUILD/pty" --size 160x30 sh -c "trap : INT; weir add $SSH_URL$PWD/up.git --path commands/review.md $*; for i in \$(seq 100); do stty -a | grep -q ' echo ' && break; sleep 0.05; done; stty -a | grep -o ' echo '" | show; }
$ w add $SSH_URL$PWD/up.git --path commands/review.md --yes
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': me@127.0.0.1: Permission denied (publickey,password).
| Next: Check your SSH key: `ssh -T HOST`.
| exit 7
$ at --yes --quiet </dev/null; at --json </dev/null | grep code
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': me@127.0.0.1: Permission denied (publickey,password).
| Next: Check your SSH key: `ssh -T HOST`.
|  echo 
|     "code": "GIT_AUTH_FAILED",
# (ssh gives the terminal back while weir speaks, so their lines come in any order.)
$ at <<'END' | tr -d '\n' | grep -o 'git ls-remote: interrupted\|Next: Run the command again\| echo '
> wait password:
> ctrl c
> END
| git ls-remote: interrupted
| Next: Run the command again
|  echo 
$ at <<'END'
> wait password:
> type wrong
> wait password:
> type wrong
> wait password:
> type wrong
> END
| me@127.0.0.1's password: 
| me@127.0.0.1's password: 
| me@127.0.0.1's password: 
| error: 'ssh://***@127.0.0.1:<port><dir>/up.git': me@127.0.0.1: Permission denied (publickey,password).
| Next: Check your SSH key: `ssh -T HOST`.
|  echo 
$ ssh_as mine; at <<'END'
> wait [y/N]
> type n
> END
| Would add command:review 1.1.0, 1 file in commands/review.md
|   + add  review.md  +3
| Apply 1 file? [y/N] n
| Nothing was written.
|  echo 
