#include "git/repo.h"

enum { SHOWN_DIGITS = 12 };

static Str cut_digits(Str *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->data[end] >= '0' && rest->data[end] <= '9')
        end++;
    Str digits = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->len);
    while (digits.len > 1 && digits.data[0] == '0')
        digits = str_slice(digits, 1, digits.len);
    return digits;
}

static int compare_numbers(Str a, Str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return str_compare(a, b);
}

/* What is longer is greater, but a pre-release is less than its release. */
static int compare_rests(Str a, Str b)
{
    if (a.len == 0 && b.len == 0)
        return 0;
    if (a.len > 0)
        return a.data[0] == '-' ? -1 : 1;
    return b.data[0] == '-' ? 1 : -1;
}

/* Numbers by value, so that v1.10 is greater than v1.9. */
static int compare_versions(Str a, Str b)
{
    while (a.len > 0 && b.len > 0) {
        Str left = cut_digits(&a), right = cut_digits(&b);
        int order = left.len && right.len ? compare_numbers(left, right) : 0;
        if (order != 0)
            return order;
        if ((left.len == 0) != (right.len == 0))
            return left.len ? -1 : 1;
        if (left.len)
            continue;
        if (a.data[0] != b.data[0])
            return (unsigned char)a.data[0] < (unsigned char)b.data[0] ? -1 : 1;
        a = str_slice(a, 1, a.len);
        b = str_slice(b, 1, b.len);
    }
    return compare_rests(a, b);
}

Str git_version_name(Arena *arena, const GitRefs *refs, const GitSha *commit)
{
    Str best = {0};
    for (size_t i = 0; i < refs->all.count; i++) {
        const GitRef *ref = &refs->all.items[i];
        if (!git_ref_is_tag(ref->name) || !git_sha_equal(&ref->commit, commit))
            continue;
        Str name = git_ref_short(ref->name);
        if (best.len == 0 || compare_versions(name, best) > 0)
            best = name;
    }
    Str sha = str_slice(str_of(commit->text), 0, SHOWN_DIGITS);
    return arena_copy(arena, best.len ? best : sha);
}
