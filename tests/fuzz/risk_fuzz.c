/* The review of a change: two texts and a name in, findings out. Equal texts give none; every finding names a
 * line that is there; excerpts are safe to show; the same input gives the same findings. */
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "merge/diff.h"
#include "merge/risk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_safe(const char *text)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return strcmp(text_safe(arena, str_of(text)), text) == 0;
}

static void review(Arena *arena, Str name, Str old, Str new, Mode mode, RiskFindings *out)
{
    FileChange change = {.action = FILE_MODIFY,
                         .path = name,
                         .old_mode = MODE_FILE,
                         .new_mode = mode,
                         .old_hash = hash_of(old),
                         .new_hash = hash_of(new)};
    RiskOptions options = {0};
    risk_review_file(arena, &change, old, new, &options, out);
}

static void check(const RiskFindings *findings, Str new)
{
    for (size_t i = 0; i < findings->count; i++) {
        const RiskFinding *one = &findings->items[i];
        ASSERT(one->line <= diff_line_count(new));
        ASSERT(is_safe(one->excerpt) && is_safe(one->change) && one->change[0]);
        ASSERT(i == 0 || findings->items[i - 1].kind <= one->kind);
    }
}

/* A byte that picks the name, one for the mode, then two texts with a 0xFF between. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.md", "a.json",      "a.toml",       "a.yaml",   "a.sh",
                                        "a.js", ".weirignore", "hooks/h.json", ".mcp.json"};
    if (size < 2 || size > 1 << 14)
        return 0;
    SCOPED(arena_close) Arena *arena = arena_open();
    Str name = str_of(names[data[0] % COUNT_OF(names)]);
    Mode mode = data[1] % 3 == 0 ? MODE_EXEC : data[1] % 3 == 1 ? MODE_FILE : MODE_LINK;
    Str rest = {(const char *)data + 2, size - 2}, old = {0};
    (void)str_next(&rest, (char)0xFF, &old);
    RiskFindings findings = {0}, again = {0}, none = {0};
    review(arena, name, old, rest, mode, &findings);
    review(arena, name, old, rest, mode, &again);
    review(arena, name, rest, rest, MODE_FILE, &none);
    check(&findings, rest);
    ASSERT(none.count == 0);
    ASSERT(findings.count == again.count);
    for (size_t i = 0; i < findings.count; i++)
        ASSERT(strcmp(findings.items[i].excerpt, again.items[i].excerpt) == 0);
    return 0;
}
