# Two jobs on a transcript (see README.md), with fits.awk:
#   -v job=split -v box=DIR   writes each command to DIR/command.N
#   -v job=merge -v box=DIR   prints the transcript as it really went, from DIR/out.N err.N status.N; expected lines
#                             that match what came are kept as they are, wildcards and all

/^\$ / {
    finish()
    number++
    echo_line($0)
    command = substr($0, 3)
    in_command = 1
    next
}
/^> ?/ && in_command {
    echo_line($0)
    command = command "\n" substr($0, 3)
    next
}
/^[|!?]/ {
    in_command = 0
    if (/^\?/)
        next
    kind = substr($0, 1, 1)
    expected[kind, ++expected_count[kind]] = substr($0, 2)
    next
}
{
    finish()
    echo_line($0)
}
END {
    finish()
}

function echo_line(text)
{
    if (job == "merge")
        print text
}

# A command ends where the next one, a comment or an empty line begins.
function finish()
{
    if (command != "") {
        if (job == "split") {
            printf "%s\n", command >(box "/command." number)
            close(box "/command." number)
        } else
            show_result()
    }
    command = ""
    in_command = 0
    split("", expected)
    split("", expected_count)
}

function show_result(    status)
{
    show_stream("|", box "/out." number)
    show_stream("!", box "/err." number)
    if ((getline status <(box "/status." number)) <= 0)
        status = "the shell ended here"
    if (status != "0")
        print "? " status
}

function show_stream(kind, file,    count, line, i, last)
{
    split("", actual)
    while ((getline line <file) > 0)
        actual[++count] = line == "\\ no line feed" ? "\\" : line == "" ? "" : " " line
    close(file)
    if (all_match(kind, 1, 1, count + 0)) {
        for (i = 1; i <= expected_count[kind]; i++)
            print kind expected[kind, i]
        return
    }
    last = 1
    for (i = 1; i <= count; i++)
        last = show_changed(kind, actual[i], last)
}

# Prints the next expected line that fits, from `from` on, or the line itself with wildcards; gives where to go on.
function show_changed(kind, line, from,    i)
{
    for (i = from; i <= expected_count[kind]; i++)
        if (expected[kind, i] != " <lines>" && fits(expected[kind, i], line)) {
            print kind expected[kind, i]
            return i + 1
        }
    print kind generalised(line)
    return from
}

function all_match(kind, i, j, count)
{
    for (; i <= expected_count[kind]; i++) {
        if (expected[kind, i] == " <lines>") {
            for (; j <= count + 1; j++)
                if (all_match(kind, i + 1, j, count))
                    return 1
            return 0
        }
        if (j > count || !fits(expected[kind, i], actual[j]))
            return 0
        j++
    }
    return j == count + 1
}

function generalised(text,    hex, digit, i)
{
    gsub(/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z/, "<time>", text)
    for (i = 1; i <= 32; i++)
        hex = hex "[0-9a-f]"
    gsub(hex "[0-9a-f]*", "<hex>", text)
    for (i = 1; i <= 26; i++)
        digit = digit "[0-9A-HJKMNP-TV-Z]"
    gsub(digit, "<id>", text)
    gsub(/[0-9.]+ ms/, "<ms>", text)
    return text
}
