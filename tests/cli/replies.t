# Every --json reply fits its schema in docs/schema.
$ schemas=$(dirname "$SETUP")/../../docs/schema
$ fits() { weir "$@" --json >reply </dev/null; code=$?; "$BUILD/check-schema" "$schemas/${schema:-$1}.json" <reply || echo "$*"; [ $code -eq 0 ] || echo "$*: exit $code"; }
$ schema=error fits status
| status: exit 1
$ schema=error fits nothing
| nothing: exit 2
$ schema=error fits sync
| sync: exit 2
$ upstream up && mkdir atlas beacon
$ fits init && fits add ./up@^1 --path 'skills/*' && fits add ./up@^1 --path 'skills/*' --yes && fits list
$ fits deploy pdf changelog --project atlas && fits deploy pdf changelog --project atlas --yes && fits deploy pdf --project beacon --yes
$ fits project list; fits status; fits drift; fits why pdf; fits show pdf; fits log; fits diff pdf --project atlas
$ change atlas/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by chapter.' && change beacon/.claude/skills/pdf/SKILL.md 'Split it.' 'Split it by page.'
$ change up/skills/pdf/SKILL.md '# PDF' '# PDF files' && commit up second v1.1.0
$ fits drift --check-all --check; fits status --check; fits why pdf; fits diff pdf
| drift --check-all --check: exit 4
| status --check: exit 4
$ fits sync pdf; fits sync --all --direction both --apply
$ fits update pdf; fits update --all --strategy overwrite --yes
$ fits pull pdf --project atlas; fits pull pdf --project atlas --apply
$ fits sync pdf --direction project --apply
| sync pdf --direction project --apply: exit 3
$ fits resolve; fits resolve pdf; fits status; fits drift; fits why pdf
| resolve pdf: exit 3
$ fits resolve pdf --take both; fits resolve pdf --take both --apply
$ fits undo; fits undo --apply; fits resolve pdf --abort --apply
$ fits gc; fits gc --apply; fits verify; fits rollback pdf --to 5e71b8cb
$ fits pin --all @v1.0.0; fits undeploy pdf --project beacon --overwrite --yes; fits remove changelog --yes
$ fits demo tour; fits config; fits config marker_style; fits config marker_style diff3; fits version; fits completion bash; fits doctor; fits doctor --all; fits help; fits hash up
$ mkdir b o t && put b/x 1 && put o/x 2 && put t/x 3 && fits merge-tree b o t --out out; fits merge-file -p o/x b/x t/x; fits merge-driver b/x o/x t/x
| merge-tree b o t --out out: exit 3
| merge-file -p o/x b/x t/x: exit 1
| merge-driver b/x o/x t/x: exit 1

$ fits job list; fits events; fits events --after 0 --limit 2
$ serve_weir; echo "$line" | "$BUILD/check-schema" "$schemas/serve.json" && echo serve >>"$BOX/validated"; end_weir
| ended: 0
# A command that is listed, or added one day, without a reply here that was seen to fit is named.
$ fits lock pdf --reason why; fits lock; fits unlock pdf; fits migrate; printf 'mine\n' >>"$WEIR_HOME/collections/default/skills/pdf/SKILL.md"; fits patch pdf --out own.patch
$ weir serve --listen none --socket "$BOX/s" --json >reply 2>log & server=$!; for i in $(seq 400); do [ -s reply ] && break; sleep 0.05; done; kill $server; wait $server; "$BUILD/check-schema" "$schemas/serve.json" <reply && echo serve >>"$BOX/validated"
$ weir help --json | sed -n 's/.*"name": "\(.*\)",/\1/p' | sort >listed; sort -u "$BOX/validated" | comm -23 listed -

# Names that are not UTF-8 come as text and as bytes.
$ name=$(printf 'odd\377name') && put "t/$name" odd && weir merge-tree b o t --out out2 --json | sed -n '/odd/,/added/p'
|       "path": "odd\\xFFname",
|       "path_bytes": "b2Rk/25hbWU=",
|       "action": "add",
|       "added": 1,
