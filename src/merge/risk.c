#include "merge/risk_internal.h"

#include <string.h>

#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "merge/diff.h"

const char *const risk_words[RISK_KINDS] = {
#define RISK(name, word, weight, about) [RISK_##name] = word,
#include "merge/risk_kinds.def"
#undef RISK
};

typedef enum { ALWAYS, UPDATE, NOTICE } Weight;
static const Weight weights[RISK_KINDS] = {
#define RISK(name, word, weight, about) [RISK_##name] = weight,
#include "merge/risk_kinds.def"
#undef RISK
};

enum { EXCERPT_BEFORE = 32, EXCERPT_BYTES = 96 };
#define SEARCH_LIMIT_BYTES ((uint64_t)256 << 20)

/* ── a finding's words ── */

static bool is_inside_point(Str text, size_t at)
{
    return at < text.len && ((uint8_t)text.data[at] & 0xC0) == 0x80;
}

static const char *excerpt_of(Arena *arena, Str text, size_t at)
{
    Str trimmed = str_trim(text);
    size_t offset = trimmed.len ? (size_t)(trimmed.data - text.data) : 0;
    at = at > offset ? at - offset : 0;
    size_t from = at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0;
    size_t to = trimmed.len - from > EXCERPT_BYTES ? from + EXCERPT_BYTES : trimmed.len;
    for (int i = 0; i < 3 && from > 0 && is_inside_point(trimmed, from); i++)
        from--;
    for (int i = 0; i < 3 && is_inside_point(trimmed, to); i++)
        to++;
    return arena_format(arena, "%s%s%s", from ? "..." : "",
                        text_safe(arena, str_slice(trimmed, from, to)),
                        to < trimmed.len ? "..." : "");
}

void risk_add(RiskFile *file, RiskKind kind, size_t line, Str excerpt, size_t at,
              const char *change)
{
    if (file->listed[kind]++ >= RISK_LISTED) {
        file->out->items[file->last[kind]].more++;
        return;
    }
    bool first = file->options->is_first;
    RiskFinding finding = {
        .kind = kind,
        .review = weights[kind] == ALWAYS || (weights[kind] == UPDATE && !first),
        .path = file->change->path,
        .line = line,
        .excerpt = excerpt_of(file->arena, excerpt, at < excerpt.len ? at : 0),
        .change = change,
    };
    file->last[kind] = file->out->count;
    ARRAY_PUSH(file->arena, file->out, finding);
}

/* ── what is new ── */

bool risk_was_there(RiskFile *file, const RiskHunk *hunk, Str what)
{
    if (hunk->was.len < what.len || file->search_bytes > SEARCH_LIMIT_BYTES)
        return false; /* past the budget everything counts as new */
    file->search_bytes += hunk->was.len;
    return str_search(hunk->was, what) != STR_NONE;
}

size_t risk_first_line(const RiskFile *file, Str *out)
{
    *out = (Str){0};
    for (size_t i = 0; i < file->hunks.count; i++) {
        Str rest = file->hunks.items[i].now;
        if (!str_next(&rest, '\n', out))
            continue;
        return file->hunks.items[i].line;
    }
    return 0;
}

typedef struct {
    Str text;
    size_t line, at; /* `at` is where `line`, from 0, begins */
} LineCursor;

static size_t seek_line(LineCursor *cursor, size_t line)
{
    for (; cursor->line < line && cursor->at < cursor->text.len; cursor->line++) {
        size_t step = str_find(str_slice(cursor->text, cursor->at, cursor->text.len), '\n');
        cursor->at = step == STR_NONE ? cursor->text.len : cursor->at + step + 1;
    }
    return cursor->at;
}

static void find_hunks(RiskFile *file)
{
    DiffChanges changes = {0};
    LineCursor old = {.text = file->old_text}, new = {.text = file->new_text};
    diff_lines(file->scratch, file->old_text, file->new_text, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        const DiffChange *change = &changes.items[i];
        size_t old_from = seek_line(&old, change->a_start);
        size_t old_to = seek_line(&old, change->a_start + change->a_count);
        size_t new_from = seek_line(&new, change->b_start);
        size_t new_to = seek_line(&new, change->b_start + change->b_count);
        RiskHunk hunk = {str_slice(file->old_text, old_from, old_to),
                         str_slice(file->new_text, new_from, new_to), change->b_start + 1,
                         new_from == 0};
        if (hunk.now.len)
            ARRAY_PUSH(file->scratch, &file->hunks, hunk);
    }
}

/* ── one file ── */

static bool has_component(Str path, const char *const *names, size_t count)
{
    Str part;
    while (str_next(&path, '/', &part))
        for (size_t i = 0; i < count; i++)
            if (str_is(part, names[i]))
                return true;
    return false;
}

static void review_hook_file(RiskFile *file)
{
    static const char *const folders[] = {"hooks", ".githooks", ".husky", "hooks.json"};
    Str line;
    bool hook = file->options->is_hook ||
                has_component(file->change->path, folders, COUNT_OF(folders)) ||
                str_is(file->name, "hooks.json");
    if (!hook || file->listed[RISK_HOOK] ||
        hash_equal(&file->change->old_hash, &file->change->new_hash))
        return;
    size_t number = risk_first_line(file, &line);
    risk_add(file, RISK_HOOK, number, line, 0,
             file->change->action == FILE_ADD ? "new file of hooks" : "changed file of hooks");
}

static void review_ignore_rules(RiskFile *file)
{
    static const char *const names[] = {".weirignore", ".gitignore", ".gitattributes", ".npmignore",
                                        ".dockerignore"};
    Str line;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!str_is(file->name, names[i]) ||
            hash_equal(&file->change->old_hash, &file->change->new_hash))
            continue;
        size_t number = risk_first_line(file, &line);
        risk_add(file, RISK_IGNORE_RULES, number, line, 0,
                 file->change->action == FILE_ADD      ? "new rules"
                 : file->change->action == FILE_DELETE ? "the rules are gone"
                                                       : "changed rules");
        return;
    }
}

static int finding_order(const RiskFinding *a, const RiskFinding *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Stable, and short: at most RISK_LISTED of a kind. */
static void sort_findings(RiskFindings *out, size_t from)
{
    for (size_t i = from + 1; i < out->count; i++) {
        RiskFinding one = out->items[i];
        size_t j = i;
        for (; j > from && finding_order(&one, &out->items[j - 1]) < 0; j--)
            out->items[j] = out->items[j - 1];
        out->items[j] = one;
    }
}

static bool reads_as_text(const RiskFile *file)
{
    bool opaque = diff_is_binary(file->new_text) || risk_is_packed(file->new_text, file->name);
    return !opaque || (risk_is_text_name(file->name) && file->new_text.len <= LIMIT_MERGE_BYTES);
}

static void review_file(RiskFile *file)
{
    bool is_text = file->change->new_mode != MODE_LINK && reads_as_text(file);
    if (is_text && file->old_text.len <= LIMIT_MERGE_BYTES)
        find_hunks(file);
    review_ignore_rules(file);
    if (file->change->action == FILE_DELETE) {
        risk_settings(file);
        return;
    }
    risk_content(file);
    if (file->change->new_mode == MODE_LINK)
        return;
    risk_hidden_text(file);
    if (is_text) {
        risk_lines(file);
        risk_settings(file);
    }
    review_hook_file(file);
}

void risk_review_file(Arena *arena, const FileChange *change, Str old_text, Str new_text,
                      const RiskOptions *options, RiskFindings *out)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    RiskFile file = {.arena = arena,
                     .scratch = scratch,
                     .change = change,
                     .options = options,
                     .name = change->path.len ? path_base(change->path) : options->file_name,
                     .old_text = old_text,
                     .new_text = new_text,
                     .out = out};
    size_t from = out->count;
    review_file(&file);
    sort_findings(out, from);
}

bool risk_review(Arena *arena, const FileChanges *changes, const BlobReader *blobs,
                 const RiskOptions *options, RiskFindings *out, Error *err)
{
    SCOPED(arena_close) Arena *texts = arena_open();
    for (size_t i = 0; i < changes->count; i++) {
        const FileChange *change = &changes->items[i];
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(texts);
        Str old = {0}, new = {0};
        if (change->old_mode != MODE_NONE &&
            !blobs->read(blobs->context, texts, &change->old_hash, &old, err))
            return false;
        if (change->new_mode != MODE_NONE &&
            !blobs->read(blobs->context, texts, &change->new_hash, &new, err))
            return false;
        risk_review_file(arena, change, old, new, options, out);
    }
    return true;
}

RiskFindings risk_findings_copy(Arena *arena, const RiskFindings *findings)
{
    RiskFindings copy = {0};
    for (size_t i = 0; i < findings->count; i++) {
        RiskFinding one = findings->items[i];
        one.path = arena_copy(arena, one.path);
        one.excerpt = arena_text(arena, str_of(one.excerpt));
        one.change = arena_text(arena, str_of(one.change));
        ARRAY_PUSH(arena, &copy, one);
    }
    return copy;
}

size_t risk_reviews(const RiskFindings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].review;
    return count;
}
