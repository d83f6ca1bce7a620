# What README.md shows: tests/tools/run compares its transcript with the weir commands and comments below the dashes.
# Other commands set the scene.
$ git config --global url."file://$PWD/".insteadOf https://github.com/acme/
$ mkdir atlas && upstream kit && weir init >made
# ----
$ weir add acme/kit/skills/pdf@^1 --yes
| ✓ Added skill:pdf 1.0.0, 2 files in skills/pdf
|   Brings: executable
| Next: weir deploy skill:pdf --project .
$ weir deploy skill:pdf --project atlas --yes
| ✓ Deployed skill:pdf to atlas, 2 files in .claude/skills/pdf
| Undo: weir undo

# Somebody improves the copy in atlas. Meanwhile upstream releases 1.1.0.
$ change atlas/.claude/skills/pdf/SKILL.md 'Read the file.' 'Read the whole file.'
$ change kit/skills/pdf/SKILL.md 'Say what it holds.' 'Say what it holds, page by page.'
$ put kit/skills/pdf/forms.md '# Forms' && commit kit 'pages and forms' v1.1.0
$ weir status --check-all
|   skill:pdf  ↓ outdated  U→C  1.0.0 → 1.1.0  @^1
|              ~ modified  C→P  atlas, 1 file
|   Upstreams checked just now.
| Next: weir sync skill:pdf
$ weir sync skill:pdf --direction both --apply
| Synced: 1 fast-forwarded · 1 auto-merged.
|   ↓ copy   skill:pdf  upstream 1.0.0 → 1.1.0 → collection  2 files  +2 −1
|   ✓ merge  skill:pdf  collection → atlas                   2 files  +2 −1
| Undo: weir undo

# The improvement goes up into the collection, for every other project.
$ weir pull skill:pdf --project atlas --apply
| ✓ Pulled skill:pdf into the collection, 1 file in skills/pdf
| Undo: weir undo
