# What a collection or a project has beyond its upstream, as a mail that git takes there.
$ upstream up && mkdir atlas && weir init >made && freeze 2026-11-21T08:00:00Z
$ weir add ./up --path skills/pdf --yes >made && weir deploy pdf --project atlas --yes >made
$ weir patch pdf --out pdf.patch
| skill:pdf has nothing that its upstream at e1372c560bc9 does not have: no file written.
$ ls pdf.patch
! ls: cannot access 'pdf.patch': No such file or directory
? 2
$ own=$WEIR_HOME/collections/default/skills/pdf
$ change "$own/SKILL.md" 'Split it.' 'Split it by page.'
$ weir patch pdf --out pdf.patch --message 'People want pages.' | grep -v ' size '
| ✓ Wrote pdf.patch: 1 file of skill:pdf from the collection, +1 −1
|   sha256  <hex>
|   for     <dir>/up at e1372c560bc9
| Next: git am pdf.patch
$ sed 's/^weir [0-9].*/weir VERSION/' pdf.patch
| From <hex> Mon Sep 17 00:00:00 2001
| From: Ada <ada@example.org>
| Date: Sat, 21 Nov 2026 08:00:00 +0000
| Subject: [PATCH] weir: changes of skill:pdf
| MIME-Version: 1.0
| Content-Type: text/plain; charset=UTF-8
| Content-Transfer-Encoding: 8bit
|
| People want pages.
|
| 1 file of skill:pdf changed: 1 line added, 1 removed.
|
| Weir-Base-Sha: <hex>
| Weir-Base-Hash: <hex>
| Weir-Result-Hash: <hex>
| ---
|  skills/pdf/SKILL.md | 2 +-
|  1 file changed, 1 insertion(+), 1 deletion(-)
|
| diff --git a/skills/pdf/SKILL.md b/skills/pdf/SKILL.md
| index <hex>..<hex> 100644
| --- a/skills/pdf/SKILL.md
| +++ b/skills/pdf/SKILL.md
| @@ -4,5 +4,5 @@
|  # PDF
|  
|  Read the file.
| -Split it.
| +Split it by page.
|  Say what it holds.
| -- 
| weir VERSION
|
$ git clone -q up clone && git -C clone am -q ../pdf.patch && git -C clone log -1 --format='%an %ae%n%B'
| Ada ada@example.org
| weir: changes of skill:pdf
|
| People want pages.
|
| 1 file of skill:pdf changed: 1 line added, 1 removed.
|
| Weir-Base-Sha: <hex>
| Weir-Base-Hash: <hex>
| Weir-Result-Hash: <hex>
|
$ [ "$(weir hash clone/skills/pdf)" = "$(weir hash "$own")" ]

# Nothing is overwritten unless told; a folder never.
$ weir patch pdf --out pdf.patch
! error: '<dir>/pdf.patch' is there already
! Next: Choose another name, or replace it with --force.
? 1
$ weir patch pdf --out pdf.patch --force --json >out.json && "$BUILD/check-schema" "$(dirname "$SETUP")/../../docs/schema/patch.json" <out.json
$ weir patch pdf --out clone --force
! error: '<dir>/clone' is there and is no plain file
! Next: Choose another name.
? 1
$ weir patch pdf --out nowhere/pdf.patch
! error: cannot open folder '<dir>/nowhere': No such file or directory
! Next: Name a file in a folder that is there.
? 1
$ weir patch pdf
! error: 'weir patch' needs --out FILE: where it goes
! usage: weir patch TYPE:NAME --out FILE [--project DIR] [--message TEXT] [--force]
! Next: weir help patch
? 2

# A project's version, with the files and their sums.
$ printf 'a\0b' >atlas/.claude/skills/pdf/data.bin && mv atlas/.claude/skills/pdf/scripts atlas/.claude/skills/pdf/bin
$ weir patch pdf --project atlas --out pdf.tar.gz | grep -v ' size '
| ✓ Wrote pdf.tar.gz: 2 files of skill:pdf from the project
|   sha256  <hex>
|   for     <dir>/up at e1372c560bc9
| Next: tar -xzOf pdf.tar.gz skill-pdf.patch | git am
$ tar -tzf pdf.tar.gz
| manifest.json
| skill-pdf.patch
| files/skills/pdf/bin/extract.sh
| files/skills/pdf/data.bin
$ tar -xzOf pdf.tar.gz manifest.json
| {
|   "schema": 1,
|   "artifact": "skill:pdf",
|   "upstream_path": "skills/pdf",
|   "base_sha": "<hex>",
|   "base_hash": "<hex>",
|   "result_hash": "<hex>",
|   "patch": "skill-pdf.patch",
|   "files": [
|     {
|       "path": "skill-pdf.patch",
|       "mode": "file",
|       "sha256": "<hex>"
|     },
|     {
|       "path": "files/skills/pdf/bin/extract.sh",
|       "mode": "exec",
|       "sha256": "<hex>"
|     },
|     {
|       "path": "files/skills/pdf/data.bin",
|       "mode": "file",
|       "sha256": "<hex>"
|     }
|   ],
|   "deleted": [
|     {
|       "path": "skills/pdf/scripts/extract.sh"
|     }
|   ]
| }
$ git clone -q up second && tar -xzOf pdf.tar.gz skill-pdf.patch | git -C second am -q && [ "$(weir hash second/skills/pdf)" = "$(weir hash atlas/.claude/skills/pdf)" ]
$ tar -xzf pdf.tar.gz && cmp files/skills/pdf/data.bin second/skills/pdf/data.bin
$ weir patch pdf --project atlas --out pdf.zip >said && tail -n 1 said
| Next: unzip -p pdf.zip skill-pdf.patch | git am

# Without an upstream there is no one to take it.
$ mkdir -p skills/own && put skills/own/SKILL.md own && weir add ./skills/own --yes >made
$ weir patch own --out own.patch
! error: skill:own has no upstream that a patch could be for
! Next: The artifact has no upstream.
? 1
$ weir help patch | sed '/^Options of every/,$d'
| weir patch: write what an artifact has and its upstream has not, for `git am`
|
| usage: weir patch TYPE:NAME --out FILE [--project DIR] [--message TEXT] [--force]
|
| The patch is a mail that `git am` applies in a clone of the upstream, at the commit on record.
| As .tar.gz or .zip it comes with the changed files and a list of their SHA-256.
|
| Examples
|   weir patch skill:pdf --out pdf.patch
|   weir patch skill:pdf --project . -m 'Split by page' --out pdf.patch
|   weir patch skill:pdf --out pdf.zip
|
| Options
|       --out FILE      the file to write: .patch, .mbox, .tar.gz or .zip
|       --project DIR   the project's version, not the collection's
|   -m, --message TEXT  why, for the upstream's people
|       --force         replace FILE if it is there
|
