#include "cli/words.h"

#include "base/clock.h"
#include "base/text.h"

typedef struct {
    const char *word, *glyph, *plain;
    Ink ink;
} StatusLook;

static const StatusLook looks[STATUS_COUNT] = {
    [STATUS_SYNCED] = {"synced", "✓", "=", INK_GOOD},
    [STATUS_MODIFIED] = {"modified", "~", "~", INK_MODIFIED},
    [STATUS_OUTDATED] = {"outdated", "↓", "v", INK_OUTDATED},
    [STATUS_DIVERGED] = {"diverged", "Y", "Y", INK_DIVERGED},
    [STATUS_CONFLICT] = {"conflict", "!", "!", INK_BAD},
};
static const StatusLook look_missing = {"missing", "?", "?", INK_BAD};

static const StatusLook *look_of(const EdgeStatus *status)
{
    return status->missing && status->status != STATUS_CONFLICT ? &look_missing
                                                                : &looks[status->status];
}

const char *status_word(const EdgeStatus *status)
{
    return look_of(status)->word;
}

Ink status_ink(const EdgeStatus *status)
{
    return look_of(status)->ink;
}

const char *status_mark(const Output *output, const EdgeStatus *status)
{
    const StatusLook *look = look_of(status);
    return arena_format(output->arena, "%s %s", glyph(output, look->glyph, look->plain),
                        look->word);
}

const char *arrow(const Output *output)
{
    return glyph(output, "→", "->");
}

const char *edge_mark(const Output *output, Edge edge)
{
    return arena_format(output->arena, edge == EDGE_UPSTREAM ? "U%sC" : "C%sP", arrow(output));
}

const char *hash_brief(Arena *arena, const Hash *hash)
{
    HashHex hex = hash_hex(hash);
    return hash_is_zero(hash) ? "none" : arena_format(arena, "%.8s", hex.text);
}

const char *time_short(Arena *arena, int64_t wall_ms)
{
    Str full = str_of(clock_format(arena, wall_ms));
    return arena_format(arena, "%.*s %.*s", STR_ARG(str_slice(full, 0, 10)),
                        STR_ARG(str_slice(full, 11, 16)));
}

const char *time_ago(Arena *arena, int64_t wall_ms)
{
    int64_t minutes = (clock_ms() - wall_ms) / 60000;
    if (minutes < 1)
        return "just now";
    if (minutes < 60)
        return arena_format(arena, "%lld min ago", (long long)minutes);
    if (minutes < 48 * 60)
        return arena_format(arena, "%lld h ago", (long long)(minutes / 60));
    return arena_format(arena, "%lld days ago", (long long)(minutes / (24 * 60)));
}

const char *count_files(Arena *arena, size_t count)
{
    return text_count(arena, count, "file", "files");
}

const char *count_lines(const Output *output, size_t added, size_t removed)
{
    const char *minus = glyph(output, "−", "-");
    if (added && removed)
        return arena_format(output->arena, "+%zu %s%zu", added, minus, removed);
    if (removed)
        return arena_format(output->arena, "%s%zu", minus, removed);
    return added ? arena_format(output->arena, "+%zu", added) : "";
}

const char *version_step(const Output *output, Str from, Str to)
{
    return edge_version_step(output->arena, from, to, arrow(output));
}

const char *edge_sentence(const Output *output, const DriftItem *item)
{
    return edge_says(output->arena, item, arrow(output));
}
