/* Modes, programs, archives, binaries and links: what is told by mode and first bytes. */
#include "merge/risk_internal.h"

#include "base/path.h"
#include "base/text.h"
#include "merge/diff.h"

typedef struct {
    Str bytes;
    size_t at;
} Magic;

static bool has_magic(Str bytes, const Magic *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes.len > table[i].at &&
            str_starts(str_slice(bytes, table[i].at, bytes.len), table[i].bytes))
            return true;
    return false;
}

bool risk_is_program(Str bytes)
{
    const Magic table[] = {
        {STR("\x7f"
             "ELF"),
         0},
        {STR("\xFE\xED\xFA\xCE"), 0},
        {STR("\xFE\xED\xFA\xCF"), 0},
        {STR("\xCE\xFA\xED\xFE"), 0},
        {STR("\xCF\xFA\xED\xFE"), 0},
        {STR("\xCA\xFE\xBA\xBE"), 0}, /* fat Mach-O, and Java */
        {STR("\0asm"), 0},
    };
    if (has_magic(bytes, table, COUNT_OF(table)))
        return true;
    return str_starts(bytes, STR("MZ")) && bytes.len >= 64 && diff_is_binary(bytes);
}

static bool has_extension(Str name, const char *const *list, size_t count)
{
    Str extension = path_extension(name);
    for (size_t i = 0; i < count; i++)
        if (str_is(extension, list[i]))
            return true;
    return false;
}

bool risk_is_packed(Str bytes, Str name)
{
    static const char *const extensions[] = {".pyc", ".pyo", ".class", ".beam", ".elc"};
    const Magic table[] = {
        {STR("PK\x03\x04"), 0},
        {STR("PK\x05\x06"), 0},
        {STR("\x1F\x8B"), 0},
        {STR("\xFD"
             "7zXZ"),
         0},
        {STR("BZh"), 0},
        {STR("7z\xBC\xAF\x27\x1C"), 0},
        {STR("\x28\xB5\x2F\xFD"), 0},
        {STR("Rar!\x1A"), 0},
        {STR("ustar"), 257},
        {STR("!<arch>\n"), 0},
    };
    if (has_extension(name, extensions, COUNT_OF(extensions)))
        return true;
    return diff_is_binary(bytes) && has_magic(bytes, table, COUNT_OF(table));
}

bool risk_is_text_name(Str name)
{
    static const char *const extensions[] = {
        ".md",   ".mdc", ".markdown", ".txt", ".rst",  ".json", ".jsonc", ".toml",
        ".yaml", ".yml", ".ini",      ".sh",  ".py",   ".js",   ".mjs",   ".cjs",
        ".ts",   ".rb",  ".pl",       ".ps1", ".html", ".css",  ".xml",   ".csv",
    };
    return has_extension(name, extensions, COUNT_OF(extensions));
}

static Str first_line(Str text)
{
    Str line = {0};
    (void)str_next(&text, '\n', &line);
    return line;
}

static bool has_shebang(Str text)
{
    return str_starts(text, STR("#!"));
}

static void review_link(RiskFile *file)
{
    bool was_link = file->change->old_mode == MODE_LINK;
    if (was_link && str_equal(file->old_text, file->new_text))
        return;
    const char *change = "new link";
    if (was_link)
        change = arena_format(file->arena, "pointed at %s", text_safe(file->arena, file->old_text));
    else if (file->change->old_mode != MODE_NONE)
        change = "a file became a link";
    risk_add(file, RISK_LINK, 0, file->new_text, 0, change);
}

/* At most one finding a file. */
static bool review_executable(RiskFile *file)
{
    const FileChange *change = file->change;
    Str line = first_line(file->new_text);
    bool was_exec = change->old_mode == MODE_EXEC, is_exec = change->new_mode == MODE_EXEC;
    bool changed = !hash_equal(&change->old_hash, &change->new_hash);
    size_t number = has_shebang(file->new_text) ? 1 : 0;
    if (changed && risk_is_program(file->new_text)) {
        risk_add(file, RISK_EXECUTABLE, 0, (Str){0}, 0,
                 change->old_mode == MODE_NONE ? "new native program" : "changed native program");
        return true;
    }
    Str shown = number ? line : (Str){0};
    if (is_exec && !was_exec) {
        risk_add(file, RISK_EXECUTABLE, number, shown, 0,
                 change->old_mode == MODE_NONE ? "new executable" : "becomes executable");
        return true;
    }
    if (number && !str_equal(first_line(file->old_text), line)) {
        risk_add(file, RISK_EXECUTABLE, 1, line, 0,
                 has_shebang(file->old_text) ? "has another interpreter" : "is a script");
        return true;
    }
    return false;
}

static void review_changed_script(RiskFile *file)
{
    Str line;
    bool was = file->change->old_mode == MODE_EXEC || has_shebang(file->old_text);
    bool is = file->change->new_mode == MODE_EXEC || has_shebang(file->new_text);
    if (!was || !is || hash_equal(&file->change->old_hash, &file->change->new_hash))
        return;
    size_t number = risk_first_line(file, &line);
    risk_add(file, RISK_CHANGED_SCRIPT, number, line, 0, "changed");
}

void risk_content(RiskFile *file)
{
    const char *change = file->change->old_mode == MODE_NONE ? "new" : "changed";
    if (file->change->new_mode == MODE_LINK) {
        review_link(file);
        return;
    }
    bool program = review_executable(file);
    if (!program)
        review_changed_script(file);
    if (hash_equal(&file->change->old_hash, &file->change->new_hash))
        return;
    if (risk_is_program(file->new_text))
        return;
    if (risk_is_packed(file->new_text, file->name))
        risk_add(file, RISK_PACKED, 0, (Str){0}, 0, change);
    else if (diff_is_binary(file->new_text))
        risk_add(file, RISK_BINARY, 0, (Str){0}, 0, change);
}
