#include "merge/patch.h"

#include "merge/binary_patch_internal.h"
#include "merge/diff.h"
#include "merge/hunks.h"

enum { CONTEXT_LINES = 3 };

/* One file of the patch: a side that is absent has mode MODE_NONE. */
typedef struct {
    Str old_path, new_path;
    Mode old_mode, new_mode;
    Str before, after;
    bool renamed;
    int similarity;
} FilePatch;

static void add_hunks(Buf *buf, Str before, Str after, size_t context_lines)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Hunks hunks = {0};
    hunks_of(scratch, before, after, context_lines, &hunks);
    hunks_write(buf, &hunks);
}

static const char *git_mode(Mode mode)
{
    static const char *const modes[] = {"000000", "100644", "100755", "120000"};
    return modes[mode];
}

static bool needs_quotes(Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
            return true;
    }
    return false;
}

static void add_escaped(Buf *buf, char c)
{
    static const char letters[] = "abtnvfr"; /* from BEL on */
    if (c >= '\a' && c <= '\r')
        buf_format(buf, "\\%c", letters[c - '\a']);
    else if (c == '"' || c == '\\')
        buf_format(buf, "\\%c", c);
    else if (c < ' ' || c == 0x7f)
        buf_format(buf, "\\%03o", (unsigned)(unsigned char)c);
    else
        buf_add_char(buf, c);
}

Str patch_quote(Arena *arena, Str name)
{
    if (!needs_quotes(name))
        return name;
    Buf buf = buf_new(arena);
    buf_add_char(&buf, '"');
    for (size_t i = 0; i < name.len; i++)
        add_escaped(&buf, name.data[i]);
    buf_add_char(&buf, '"');
    return buf_str(&buf);
}

static Str path_with(Arena *arena, const char *head, Str path)
{
    Buf buf = buf_new(arena);
    buf_add_text(&buf, head);
    buf_add(&buf, path);
    return patch_quote(arena, buf_str(&buf));
}

/* "--- a/name"; a tab ends a name that has a blank, or the blank would seem to end it. */
static void add_name_line(Buf *buf, Arena *scratch, const char *sign, const char *head, Str path,
                          Mode mode)
{
    buf_add_text(buf, sign);
    if (mode == MODE_NONE) {
        buf_add_text(buf, "/dev/null\n");
        return;
    }
    buf_add(buf, path_with(scratch, head, path));
    buf_add_text(buf, str_find(path, ' ') == STR_NONE ? "\n" : "\t\n");
}

static void add_mode_lines(Buf *buf, const FilePatch *file)
{
    if (file->old_mode == MODE_NONE)
        buf_format(buf, "new file mode %s\n", git_mode(file->new_mode));
    else if (file->new_mode == MODE_NONE)
        buf_format(buf, "deleted file mode %s\n", git_mode(file->old_mode));
    else if (file->old_mode != file->new_mode)
        buf_format(buf, "old mode %s\nnew mode %s\n", git_mode(file->old_mode),
                   git_mode(file->new_mode));
}

static void add_index_line(Buf *buf, const FilePatch *file)
{
    static const GitHex none = {"0000000000000000000000000000000000000000"};
    GitHex before = file->old_mode == MODE_NONE ? none : hash_git_blob(file->before);
    GitHex after = file->new_mode == MODE_NONE ? none : hash_git_blob(file->after);
    buf_format(buf, "index %s..%s", before.text, after.text);
    if (file->old_mode == file->new_mode)
        buf_format(buf, " %s", git_mode(file->old_mode));
    buf_add_char(buf, '\n');
}

static void add_head(Buf *buf, Arena *scratch, const FilePatch *file)
{
    buf_add_text(buf, "diff --git ");
    buf_add(buf, path_with(scratch, "a/", file->old_path));
    buf_add_char(buf, ' ');
    buf_add(buf, path_with(scratch, "b/", file->new_path));
    buf_add_char(buf, '\n');
    add_mode_lines(buf, file);
    if (!file->renamed)
        return;
    buf_format(buf, "similarity index %d%%\nrename from ", file->similarity);
    buf_add(buf, path_with(scratch, "", file->old_path));
    buf_add_text(buf, "\nrename to ");
    buf_add(buf, path_with(scratch, "", file->new_path));
    buf_add_char(buf, '\n');
}

static void add_names(Buf *buf, Arena *scratch, const FilePatch *file)
{
    add_name_line(buf, scratch, "--- ", "a/", file->old_path, file->old_mode);
    add_name_line(buf, scratch, "+++ ", "b/", file->new_path, file->new_mode);
}

static void add_binary(Buf *buf, Arena *scratch, const FilePatch *file, bool with_data)
{
    if (with_data) {
        binary_patch_add(buf, file->before, file->after);
        return;
    }
    Str before =
        file->old_mode == MODE_NONE ? STR("/dev/null") : path_with(scratch, "a/", file->old_path);
    Str after =
        file->new_mode == MODE_NONE ? STR("/dev/null") : path_with(scratch, "b/", file->new_path);
    buf_add_text(buf, "Binary files ");
    buf_add(buf, before);
    buf_add_text(buf, " and ");
    buf_add(buf, after);
    buf_add_text(buf, " differ\n");
}

static size_t context_of(int context_lines)
{
    return context_lines < 0 ? 0 : context_lines == 0 ? CONTEXT_LINES : (size_t)context_lines;
}

static void add_file(Buf *buf, Arena *scratch, const FilePatch *file, const PatchOptions *options)
{
    add_head(buf, scratch, file);
    bool both = file->old_mode != MODE_NONE && file->new_mode != MODE_NONE;
    if (both && str_equal(file->before, file->after))
        return;
    add_index_line(buf, file);
    if (diff_is_binary(file->before) || diff_is_binary(file->after)) {
        add_binary(buf, scratch, file, !options->no_binary);
    } else if (!str_equal(file->before, file->after)) {
        size_t start = buf->len;
        add_names(buf, scratch, file);
        add_hunks(buf, file->before, file->after, context_of(options->context_lines));
        Str text = str_slice(buf_str(buf), start, buf->len);
        if (options->for_mail && str_search(text, STR("\r\n")) != STR_NONE) {
            buf->len = start;
            add_binary(buf, scratch, file, true);
        }
    }
}

static Str full_path(Arena *arena, Str path, const PatchOptions *options)
{
    Buf buf = buf_new(arena);
    buf_add(&buf, options->prefix);
    buf_add(&buf, path.len ? path : options->file_name);
    return buf_str(&buf);
}

static bool read_side(Arena *arena, const BlobReader *blobs, Mode mode, const Hash *hash, Str *out,
                      Error *err)
{
    *out = (Str){0};
    return mode == MODE_NONE || blobs->read(blobs->context, arena, hash, out, err);
}

static bool add_change(Buf *buf, const FileChange *change, const BlobReader *blobs,
                       const PatchOptions *options, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    bool renamed = change->action == FILE_RENAME;
    FilePatch file = {
        .old_path = full_path(scratch, renamed ? change->from_path : change->path, options),
        .new_path = full_path(scratch, change->path, options),
        .old_mode = change->old_mode,
        .new_mode = change->new_mode,
        .renamed = renamed,
        .similarity = change->similarity,
    };
    if (!read_side(scratch, blobs, change->old_mode, &change->old_hash, &file.before, err) ||
        !read_side(scratch, blobs, change->new_mode, &change->new_hash, &file.after, err))
        return false;
    bool both = file.old_mode != MODE_NONE && file.new_mode != MODE_NONE;
    if (!both || (file.old_mode == MODE_LINK) == (file.new_mode == MODE_LINK)) {
        add_file(buf, scratch, &file, options);
        return true;
    }
    /* Another type: git deletes the one and creates the other. */
    FilePatch gone = file, made = file;
    gone.new_mode = MODE_NONE;
    gone.after = (Str){0};
    made.old_mode = MODE_NONE;
    made.before = (Str){0};
    add_file(buf, scratch, &gone, options);
    add_file(buf, scratch, &made, options);
    return true;
}

bool patch_write(Arena *arena, const FileChanges *changes, const BlobReader *blobs,
                 const PatchOptions *options, Str *out, Error *err)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < changes->count; i++)
        if (!add_change(&buf, &changes->items[i], blobs, options, err))
            return false;
    *out = buf_str(&buf);
    return true;
}

Str patch_of_texts(Arena *arena, Str before_name, Str before, Str after_name, Str after,
                   int context_lines)
{
    Buf buf = buf_new(arena);
    if (str_equal(before, after))
        return buf_str(&buf);
    SCOPED(arena_close) Arena *scratch = arena_open();
    add_name_line(&buf, scratch, "--- ", "a/", before_name, MODE_FILE);
    add_name_line(&buf, scratch, "+++ ", "b/", after_name, MODE_FILE);
    if (diff_is_binary(before) || diff_is_binary(after))
        buf_add_text(&buf, "Binary files differ\n");
    else
        add_hunks(&buf, before, after, context_of(context_lines));
    return buf_str(&buf);
}
