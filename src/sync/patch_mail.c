#include "sync/patch_mail.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "merge/patch.h"

enum {
    WORD_BYTES = 75, /* of an encoded word, RFC 2047 */
    STAT_SIGNS = 40, /* of the longest bar of the diffstat */
};

/* ── head ── */

#define PRINTABLE "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* `more`: what may stand plain beside letters, digits and blanks. */
static bool is_plain(Str text, const char *more)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_letter_or_digit(text.data[i]) && text.data[i] != ' ' &&
            (!text.data[i] || !strchr(more, text.data[i])))
            return false;
    return str_search(text, STR("=?")) == STR_NONE;
}

static void add_encoded(Buf *buf, Str text)
{
    const Str open = STR("=?UTF-8?q?");
    size_t used = 0;
    while (text.len) {
        size_t bytes = str_utf8_next(text);
        Str part = str_slice(text, 0, bytes ? bytes : 1);
        bool plain = part.len == 1 && is_letter_or_digit(part.data[0]);
        size_t room = plain ? 1 : 3 * part.len;
        if (used == 0 || used + room + 2 > WORD_BYTES) {
            buf_add_text(buf, used ? "?=\n " : "");
            buf_add(buf, open);
            used = open.len;
        }
        for (size_t i = 0; i < part.len; i++)
            buf_format(buf, plain ? "%c" : "=%02X", (unsigned char)part.data[i]);
        used += room;
        text = str_slice(text, part.len, text.len);
    }
    buf_add_text(buf, "?=");
}

static void add_text(Buf *buf, Str text, const char *more)
{
    if (is_plain(text, more))
        buf_add(buf, text);
    else
        add_encoded(buf, text);
}

/* "Ada", "\"Lovelace, A.\"", or encoded. */
static void add_name(Buf *buf, Str name)
{
    if (is_plain(name, "!#$%&'*+-/=?^_`{|}~") || !is_plain(name, PRINTABLE)) {
        add_text(buf, name, PRINTABLE);
        return;
    }
    buf_add_char(buf, '"');
    for (size_t i = 0; i < name.len; i++)
        buf_format(buf, strchr("\"\\", name.data[i]) ? "\\%c" : "%c", name.data[i]);
    buf_add_char(buf, '"');
}

/* git reads a name that holds one of these as an address. */
static Str clean_name(Arena *arena, Str name)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < name.len; i++)
        buf_add_char(&buf, strchr("@<>\t\r\n", name.data[i]) ? ' ' : name.data[i]);
    return str_of(text_safe(arena, str_trim(buf_str(&buf))));
}

static Str clean_email(Arena *arena, Str email)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < email.len; i++)
        if (!strchr("<> \t\r\n", email.data[i]))
            buf_add_char(&buf, email.data[i]);
    return str_of(text_safe(arena, buf_str(&buf)));
}

/* "Sat, 21 Nov 2026 08:00:00 +0000" */
static void add_date(Buf *buf, Arena *scratch, int64_t at_ms)
{
    static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const char *stamp = clock_format(scratch, at_ms); /* 2026-11-21T08:00:00Z */
    int month = (stamp[5] - '0') * 10 + (stamp[6] - '0');
    const int64_t day_ms = 86400000;
    buf_format(buf, "Date: %s, %.2s %s %.4s %.8s +0000\n", days[at_ms / day_ms % 7], stamp + 8,
               months[(month + 11) % 12], stamp, stamp + 11);
}

static void add_head(Buf *buf, Arena *scratch, const PatchMail *mail)
{
    Str email = clean_email(scratch, mail->email), author = clean_name(scratch, mail->author);
    const char *subject = arena_format(scratch, "weir: changes of %.*s", STR_ARG(mail->artifact));
    /* git format-patch has the commit and this one date here; there is no commit. */
    buf_add_text(buf, "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n");
    buf_add_text(buf, "From: ");
    add_name(buf, author.len ? author : email);
    buf_format(buf, " <%.*s>\n", STR_ARG(email));
    add_date(buf, scratch, mail->at_ms);
    buf_add_text(buf, "Subject: [PATCH] ");
    add_text(buf, str_of(subject), PRINTABLE);
    buf_add_text(buf, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
                      "Content-Transfer-Encoding: 8bit\n\n");
}

/* ── message ── */

static bool starts_with_any(Str line, const char *const *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (line.len >= strlen(starts[i]) &&
            strncasecmp(line.data, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool is_misread(Str line, bool first)
{
    static const char *const anywhere[] = {"From ", "---", "diff -", "Index: "};
    /* heads in the body, which would replace the mail's own */
    static const char *const heads[] = {">From", "From:", "Subject:", "Date:", "[PATCH]"};
    return starts_with_any(line, anywhere, COUNT_OF(anywhere)) ||
           (first && starts_with_any(line, heads, COUNT_OF(heads)));
}

static void add_message(Buf *buf, Str message)
{
    Str line = {0};
    bool first = true;
    message = str_trim(message);
    if (!message.len)
        return;
    for (; str_next(&message, '\n', &line); first = false) {
        line = str_trim(line).len ? line : (Str){0};
        if (line.len && line.data[line.len - 1] == '\r')
            line.len--;
        buf_add_text(buf, is_misread(line, first) ? " " : "");
        text_add_safe(buf, line);
        buf_add_char(buf, '\n');
    }
    buf_add_char(buf, '\n');
}

static void add_summary(Buf *buf, Arena *scratch, const PatchMail *mail)
{
    FileTotals totals = file_changes_totals(mail->changes);
    buf_format(buf, "%s of %.*s changed: %s added, %zu removed.\n\n",
               text_count(scratch, totals.files, "file", "files"), STR_ARG(mail->artifact),
               text_count(scratch, totals.added, "line", "lines"), totals.removed);
}

static void add_trailers(Buf *buf, const PatchMail *mail)
{
    HashHex base = hash_hex(&mail->base), result = hash_hex(&mail->result);
    buf_format(buf, "Weir-Base-Sha: %.*s\n", STR_ARG(mail->base_sha));
    buf_format(buf, "Weir-Base-Hash: %s\n", base.text);
    buf_format(buf, "Weir-Result-Hash: %s\n", result.text);
}

/* ── diffstat ── */

static void add_signs(Buf *buf, char sign, size_t count, size_t most)
{
    size_t shown = most <= STAT_SIGNS ? count : count * STAT_SIGNS / most;
    for (size_t i = 0; i < shown || (count && i == 0); i++)
        buf_add_char(buf, sign);
}

static void add_stat_line(Buf *buf, Arena *scratch, const FileChange *change, size_t most)
{
    buf_add_char(buf, ' ');
    if (change->action == FILE_RENAME) {
        buf_add(buf, patch_quote(scratch, change->from_path));
        buf_add_text(buf, " => ");
    }
    buf_add(buf, patch_quote(scratch, change->path));
    if (change->binary) {
        buf_add_text(buf, " | Bin\n");
        return;
    }
    buf_format(buf, " | %zu ", change->added + change->removed);
    add_signs(buf, '+', change->added, most);
    add_signs(buf, '-', change->removed, most);
    buf_add_char(buf, '\n');
}

static void add_stat(Buf *buf, Arena *scratch, const FileChanges *changes)
{
    size_t most = 0;
    FileTotals totals = file_changes_totals(changes);
    for (size_t i = 0; i < changes->count; i++) {
        size_t lines = changes->items[i].added + changes->items[i].removed;
        most = lines > most ? lines : most;
    }
    for (size_t i = 0; i < changes->count; i++)
        add_stat_line(buf, scratch, &changes->items[i], most);
    buf_format(buf, " %s changed", text_count(scratch, totals.files, "file", "files"));
    if (totals.added)
        buf_format(buf, ", %s", text_count(scratch, totals.added, "insertion(+)", "insertions(+)"));
    if (totals.removed)
        buf_format(buf, ", %s", text_count(scratch, totals.removed, "deletion(-)", "deletions(-)"));
    buf_add_text(buf, "\n\n");
}

Str patch_mail(Arena *arena, const PatchMail *mail)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf buf = buf_new(arena);
    add_head(&buf, scratch, mail);
    add_message(&buf, mail->message);
    add_summary(&buf, scratch, mail);
    add_trailers(&buf, mail);
    buf_add_text(&buf, "---\n");
    add_stat(&buf, scratch, mail->changes);
    buf_add(&buf, mail->patch);
    buf_add_text(&buf, "-- \nweir " WEIR_VERSION "\n\n");
    return buf_str(&buf);
}
