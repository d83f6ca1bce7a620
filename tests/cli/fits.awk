# fits(PATTERN, TEXT): whether a line of a transcript, with its wildcards (see README.md), is like TEXT.
function fits(pattern, text)
{
    if (pattern == text)
        return 1
    if (!index(pattern, "<"))
        return 0
    gsub(/[][\\.^$*+?(){}|\/]/, "\\\\&", pattern)
    gsub(/<any>/, ".*", pattern)
    gsub(/<hex>/, "[0-9a-f]+", pattern)
    gsub(/<id>/, "[0-9A-Z]+", pattern)
    gsub(/<n>/, "[0-9]+", pattern)
    gsub(/<ms>/, "[0-9.]+ (us|ms|s)", pattern)
    gsub(/<time>/, "([0-9-]+T)?[0-9][0-9]:[0-9][0-9](:[0-9.]+Z?)?", pattern)
    return text ~ ("^" pattern "$")
}
