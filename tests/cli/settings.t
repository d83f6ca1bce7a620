# Where a value comes from, and how it is set.
$ weir config
| Settings; there is no <home>/weir/config.toml
|   collection               default                the collection that commands work on
|   marker_style             merge                  how conflict markers are written
|   ascii                    false                  show no glyphs beyond ASCII, as --ascii does
|   merge_tool               none                   what resolve hands a file to: none, vimdiff, meld, kdiff3 ..., or a command with $BASE $LOCAL $REMOTE $MERGED
|   lock_timeout_ms          10000                  how long to wait for another weir in the same folder
|   default_host             github.com             the host of owner/repo/path
|   read_jobs                0                      how many folders are read at the same time; 0: one for each processor, 8 at most
|   upstream_jobs            4                      how many upstream repositories are asked at the same time
|   upstream_timeout_ms      30000                  how long an upstream may send nothing before it is given up
|   upstream_retry_ms        500                    longest pause before the second try of a failed call, doubled for the third
|   upstream_delay_ms        0                      pause between two calls to one host
|   offline                  false                  ask no upstream over the network: use what was last seen
|   log                      none                   file that JSON lines about each command are appended to: a path, or none
|   ENABLE_SYNC_PREVIEW      true                   show the plan before asking whether to apply it
|   ENABLE_AUTO_MERGE        true                   merge files that both sides changed; off: every such file is a conflict
|   ENABLE_UPSTREAM_CHECK    true                   ask upstreams for news; off: only a sync does
|   MERGE_STRATEGY_DEFAULT   prompt                 what update does where both sides changed
|   SYNC_FORCE_DRY_RUN       false                  make every --apply a dry run
|   SYNC_ASYNC_ENABLED       true                   let the daemon run jobs
|   use_daemon               true                   hand a verb over to the daemon where it would wait for a folder that is in use; off: wait, as --no-daemon does
|   SYNC_JOB_STORE           sqlite-fallback-jsonl  where jobs are kept
|   SYNC_UI_TOASTS           true                   show a toast in the web interface when a job ends
|   SYNC_DIFF_PREVIEW_MAX    1MB                    largest diff that is shown inline
|   SYNC_PATCH_EXPORT        tar.gz                 the form of an exported patch
|   patch_keep_minutes       60                     how long a patch that the daemon made can be downloaded
|   listen                   127.0.0.1:<port>         where the daemon answers: a loopback address and port, or none
|   listen_socket            none                   absolute path of a unix socket where the daemon answers too, or none
|   jobs_at_once             0                      how many jobs the daemon runs at the same time; 0: one a processor, from 2 to 8
|   drain_timeout_ms         20000                  how long jobs at work may go on when the daemon is told to end; then they wait for the next one
|   upstream_check_minutes   360                    how often the daemon asks the upstreams for news; 0: never
|   api_hosts                none                   further names the daemon answers to, as a Host header has them, with commas between; none beside its own address
|   api_reads_per_minute     6000000                small reads one peer may ask of the daemon; 0: any number
|   api_work_per_minute      60000                  reads that look at files, such as a diff, of one peer; 0: any number
|   api_writes_per_minute    3000000                jobs one peer may make or cancel; 0: any number
|   api_patches_per_minute   30                     patches one peer may have made; 0: any number
|   api_streams_per_minute   600000                 streams of events one peer may open; 0: any number
|   api_refusals_per_minute  6000                   requests without the right token of one peer, before it hears 429 for a while; 0: any number
| Next: weir config NAME VALUE
$ weir config marker_style
| merge
$ weir config marker_style zdiff3
| Set marker_style to zdiff3 in <home>/weir/config.toml.
$ weir config marker_style --show-origin
| zdiff3	<home>/weir/config.toml:1
$ WEIR_MARKER_STYLE=diff3 weir config marker_style --show-origin
| diff3	environment WEIR_MARKER_STYLE
$ WEIR_MARKER_STYLE=diff3 weir config marker_style --show-origin --set marker_style=merge
| merge	--set
$ WEIR_MARKER_STYLE=diff3 weir config marker_style merge
| Set marker_style to merge in <home>/weir/config.toml.
! note: environment WEIR_MARKER_STYLE still wins over the file
$ cat $WEIR_HOME/config.toml
| marker_style = "merge"

# Comments and unknown keys stay.
$ put $WEIR_HOME/config.toml '# ours' 'colour = "blue" # kept' 'lock_timeout_ms = 500'
$ weir config lock_timeout_ms 600 && cat $WEIR_HOME/config.toml
| Set lock_timeout_ms to 600 in <home>/weir/config.toml.
| # ours
| colour = "blue" # kept
| lock_timeout_ms = 600
$ weir config --json | sed -n '/unknown/,$p'
|   "unknown": [
|     "colour"
|   ]
| }

# Bad values name their place and what is allowed, and can be mended.
$ put $WEIR_HOME/config.toml '' 'marker_style = "fancy"'
$ weir list
! error: <home>/weir/config.toml:2: marker_style is 'fancy', which is not one of merge, diff3, zdiff3
! Next: weir config marker_style VALUE
? 2
$ weir config marker_style merge && weir config marker_style
| Set marker_style to merge in <home>/weir/config.toml.
| merge
$ put $WEIR_HOME/config.toml 'marker_style = '
$ weir list
! error: <home>/weir/config.toml:1:16: expected a value, found the end of the line
! Next: Correct line 1 of <home>/weir/config.toml, or restore the file from git or a backup.
? 2
$ rm $WEIR_HOME/config.toml
$ ENABLE_AUTO_MERGE=perhaps weir list
! error: environment ENABLE_AUTO_MERGE: ENABLE_AUTO_MERGE is 'perhaps', which is not true or false
! Next: Correct the configuration; `weir config` shows where each value comes from.
? 2
$ weir list --set lock_timeout_ms=-1
! error: --set: lock_timeout_ms is '-1', which is not a number from 0-3600000
! Next: Correct the configuration; `weir config` shows where each value comes from.
? 2
$ weir config Enable_Auto_Merge off; weir config MARKER_STYLE; weir STATUS; weir list --JSON
! error: no setting is called 'Enable_Auto_Merge'. Did you mean 'ENABLE_AUTO_MERGE'?
! Next: weir config
! error: no setting is called 'MARKER_STYLE'. Did you mean 'marker_style'?
! Next: weir config
! error: there is no command 'STATUS'. Did you mean 'status'?
! Next: weir help
! error: unknown option '--JSON'. Did you mean '--json'?
! usage: weir list [--json]
! Next: weir help list
? 2
$ weir list --set markerstyle=merge
! error: no setting is called 'markerstyle'. Did you mean 'marker_style'?
! Next: weir config
? 1
$ weir config SYNC_DIFF_PREVIEW_MAX lots
! error: the command line: SYNC_DIFF_PREVIEW_MAX is 'lots', which is not a size such as 500kB or 1MB
! Next: Correct the configuration; `weir config` shows where each value comes from.
? 2

# Without WEIR_HOME the file is XDG's.
$ env -u WEIR_HOME weir config marker_style diff3; cat "$HOME/.config/weir/config.toml"
| Set marker_style to diff3 in <home>/.config/weir/config.toml.
| marker_style = "diff3"
$ env -u WEIR_HOME -u HOME weir list
! error: neither WEIR_HOME nor HOME is set to a folder
! Next: Set HOME, or WEIR_HOME to where weir may keep its data.
? 2

# The switch that makes every apply a dry run.
$ upstream up && weir init
| Made collection default in <home>/weir/collections/default.
| Next: weir add owner/repo/path
$ SYNC_FORCE_DRY_RUN=true weir add ./up --path skills/pdf --apply
| Would add skill:pdf 1.0.0, 2 files in skills/pdf
|   + add  SKILL.md            +8
|   + add  scripts/extract.sh  +2  becomes executable
|   Brings: executable
| Nothing was written.
| Next: weir config SYNC_FORCE_DRY_RUN false
! note: SYNC_FORCE_DRY_RUN is on: this is a dry run
$ weir list
| 0 artifacts in collection default.
| Next: weir add owner/repo/path
