#include "sync/job_cut.h"

#include "base/array.h"
#include "format/json_write.h"

/* Whatever is shorter is kept: counts, states, ids, sentences. */
enum { SHORT_BYTES = 4096 };

/* Behind the value that begins at `from`: its JSON is well-formed. */
static size_t value_end(Str text, size_t from)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = from; i < text.len; i++) {
        char c = text.data[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return i;
            depth--;
        }
        bool ends = depth == 0 && !quoted && i + 1 < text.len;
        if (ends && (text.data[i + 1] == ',' || text.data[i + 1] == ':'))
            return i + 1;
    }
    return text.len;
}

/* The next item of an array, the next key or value of an object. */
static bool next_value(Str text, size_t *at, Str *out)
{
    while (*at < text.len && (text.data[*at] == ',' || text.data[*at] == ':'))
        ++*at;
    if (*at >= text.len || text.data[*at] == ']' || text.data[*at] == '}')
        return false;
    size_t end = value_end(text, *at);
    *out = str_slice(text, *at, end);
    *at = end;
    return true;
}

static size_t add_items(Buf *buf, Str array, uint64_t most_bytes)
{
    size_t at = 1, count = 0, from = buf->len;
    Str item;
    bool full = false;
    buf_add_char(buf, '[');
    for (; next_value(array, &at, &item); count++) {
        full = full || buf->len - from + item.len + 2 > most_bytes;
        if (full)
            continue;
        if (count)
            buf_add_char(buf, ',');
        buf_add(buf, item);
    }
    buf_add_char(buf, ']');
    return count;
}

typedef struct {
    Str key; /* with its quotes */
    Str value;
} Member;
typedef ARRAY(Member) Members;

static Members members_of(Arena *arena, Str object)
{
    Members members = {0};
    Member member;
    size_t at = 1;
    while (next_value(object, &at, &member.key) && next_value(object, &at, &member.value))
        ARRAY_PUSH(arena, &members, member);
    return members;
}

static void add_note(Buf *notes, Str key, size_t count)
{
    if (notes->len)
        buf_add_char(notes, ',');
    buf_add(notes, key);
    buf_format(notes, ":%zu", count);
}

static void add_member(Buf *buf, Buf *notes, const Member *member, uint64_t share_bytes)
{
    buf_add(buf, member->key);
    buf_add_char(buf, ':');
    if (member->value.len <= SHORT_BYTES || member->value.len <= share_bytes) {
        buf_add(buf, member->value);
    } else if (member->value.data[0] == '[') {
        add_note(notes, member->key, add_items(buf, member->value, share_bytes));
    } else {
        add_note(notes, member->key, 1);
        buf_add_text(buf, "null");
    }
    buf_add_char(buf, ',');
}

Str job_result_cut(Arena *arena, Str object, uint64_t most_bytes)
{
    Buf buf = buf_new(arena), notes = buf_new(arena);
    size_t large = 0;
    if (object.len <= most_bytes)
        return object;
    Members members = members_of(arena, object);
    for (size_t i = 0; i < members.count; i++)
        large += members.items[i].value.len > SHORT_BYTES;
    buf_add_char(&buf, '{');
    for (size_t i = 0; i < members.count; i++)
        add_member(&buf, &notes, &members.items[i], most_bytes / (large + 1));
    buf_add_text(&buf, "\"truncated\":{");
    buf_add(&buf, buf_str(&notes));
    buf_add_text(&buf, "}}");
    return buf_str(&buf);
}

Str job_list_cut(Arena *arena, Str array, uint64_t most_bytes)
{
    Buf buf = buf_new(arena);
    if (array.len <= most_bytes)
        return array;
    (void)add_items(&buf, array, most_bytes);
    return buf_str(&buf);
}
