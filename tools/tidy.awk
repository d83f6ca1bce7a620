# The rules of tools/tidy for C files; the first file is docs/libraries.txt.
BEGIN {
    banned = "strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|gets|localtime|gmtime|ctime|asctime" \
        "|system|popen|rand|srand|tmpnam|tempnam|mktemp|alloca|signal|vfork|setenv|putenv|strerror"
    by_path = "open|openat|openat2|creat|fopen|freopen|opendir|scandir|stat|lstat|fstatat|statx|rename|renameat" \
        "|renameat2|unlink|unlinkat|remove|mkdir|mkdirat|rmdir|chmod|fchmodat|chown|lchown|fchownat|link|linkat" \
        "|symlink|symlinkat|readlink|readlinkat|realpath|access|faccessat|truncate|utimensat|utimes|chdir|mkdtemp" \
        "|mkstemp|mkostemp|mknod|mkfifo|nftw|ftw"
    banned = "(^|[^A-Za-z0-9_.>])(" banned ")[ ]*\\("
    by_path = "(^|[^A-Za-z0-9_.>])(" by_path ")[ ]*\\("
    sql = "\"[^\"]*(SELECT .* FROM |INSERT INTO |UPDATE [a-z_]+ SET |DELETE FROM |CREATE (TABLE|INDEX))"
}

FILENAME == "docs/libraries.txt" {
    if (!/^#/ && NF == 2)
        home_of[$1] = home_of[$1] " " $2 " "
    next
}

FNR == 1 {
    finish_file()
    in_comment = 0
    start = 0
    test = FILENAME ~ /_test\.[ch]$/ || FILENAME ~ /^tests\// || FILENAME ~ /^src\/testing\//
    may_sql = test || FILENAME ~ /_store\.c$/ || FILENAME ~ /^src\/db\//
    may_path = test || FILENAME ~ /^src\/base\/fs/
}

{
    last = FNR
    file = FILENAME
    if (index($0, "\t"))
        complain("a tab")
    if (/[ \r]$/)
        complain("blank at the end of the line")
    if (length($0) > 110 && FILENAME !~ /\.def$/)
        complain("longer than 110 columns")
    if (!may_sql && $0 ~ sql)
        complain("SQL belongs into a *_store.c")
    if (/^[ ]*#[ ]*include[ ]*</ && !test)
        check_library()

    line = code_of($0)
    if (index(line, "//"))
        complain("// comment; write /* */")
    if (line ~ /(^|[^A-Za-z0-9_])goto /)
        complain("goto")
    if (!test && match(line, banned))
        complain("banned call: " called(line))
    if (!may_path && match(line, by_path))
        complain("a path goes to the kernel only in src/base/fs.c: " called(line))

    if (/^\{/)
        start = FNR
    if (/^\}/ && start) {
        size = FNR - start - 1
        if (size > 80)
            complain("function of " size " lines, at most 80")
        else if (size > 60)
            print "warning: " FILENAME ":" start ": function of " size " lines, aim at 60"
        start = 0
    }
}

END {
    finish_file()
    exit bad
}

function finish_file()
{
    if (last > 500)
        complain_at(file, last, last " lines, at most 500")
    last = 0
}

function called(text)
{
    text = substr(text, RSTART, RLENGTH)
    sub(/^[^A-Za-z0-9_]/, "", text)
    return text ")"
}

function check_library(    name, prefix)
{
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    for (prefix in home_of)
        if (index(name, prefix) == 1 && !index(home_of[prefix], " " FILENAME " "))
            complain(name " is included only by" home_of[prefix])
}

# The line without strings, character constants and comments.
function code_of(text,    end)
{
    gsub(/\\\\/, "", text)
    gsub(/\\"/, "", text)
    gsub(/'\\''/, "", text)
    gsub(/"[^"]*"/, "\"\"", text)
    gsub(/'[^']'/, "", text)
    if (in_comment) {
        end = index(text, "*/")
        if (!end)
            return ""
        text = substr(text, end + 2)
        in_comment = 0
    }
    while (end = index(text, "/*")) {
        rest = substr(text, end + 2)
        text = substr(text, 1, end - 1)
        end = index(rest, "*/")
        if (!end) {
            in_comment = 1
            return text
        }
        text = text substr(rest, end + 2)
    }
    return text
}

function complain(text)
{
    complain_at(FILENAME, FNR, text)
}

function complain_at(name, number, text)
{
    print name ":" number ": " text
    bad = 1
}
