# The servers of setup.sh serve what git clones; upstreams have the same hash on each machine.
$ upstream up && git -C up log --oneline
| e1372c5 first version
$ serve_git . && git clone -q $GIT_URL/up by-git && ls by-git
| commands
| skills

# HTTP with a password, and a first request that is refused as by a tired server.
$ serve_http . --user ada:secret --fail 1
$ address=http://ada:secret@127.0.0.1:$port/up
$ git clone -q $address by-http
! fatal: unable to access 'http://127.0.0.1:<port>/up/': The requested URL returned error: 503
? 128
$ git clone -q $address by-http && tree by-http/skills
| 644 5d68ec373fcccc75 ./changelog/SKILL.md
| 644 d98b49d10ce785af ./pdf/SKILL.md
| 755 4be615b128eea9d0 ./pdf/scripts/extract.sh
$ GIT_TERMINAL_PROMPT=0 git clone -q http://ada:wrong@127.0.0.1:$port/up refused
! fatal: Authentication failed for 'http://127.0.0.1:<port>/up/'
? 128

# A fetch after a change asks for what is missing only.
$ change up/commands/review.md twice thrice && commit up 'read more often' v1.1.0
$ git -C by-http pull -q && git -C by-http log --oneline
| f95a3b2 read more often
| e1372c5 first version
