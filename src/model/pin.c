#include "model/pin.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"

enum { SHA_DIGITS = 40, SHORT_SHA_DIGITS = 7, NEAR_EDITS = 3, NEAR_SHOWN = 3 };

static bool is_hex(Str text, size_t at_least)
{
    return text.len >= at_least && text.len <= SHA_DIGITS && str_is_hex(text);
}

/* What git allows as the name of a ref. */
static bool is_ref_name(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == 0x7F || strchr("~^:?*[\\", c))
            return false;
    }
    return text.len > 0 && text.len <= LIMIT_REF_BYTES && text.data[0] != '-' &&
           text.data[0] != '/' && !str_ends(text, STR("/")) && !str_ends(text, STR(".")) &&
           !str_ends(text, STR(".lock")) && str_search(text, STR("..")) == STR_NONE &&
           str_search(text, STR("@{")) == STR_NONE && str_search(text, STR("//")) == STR_NONE;
}

bool pin_parse(Arena *arena, Str text, Pin *out, Error *err)
{
    Pin pin = {.text = str_starts(text, STR("@")) ? str_slice(text, 1, text.len) : text};
    if (pin.text.len > LIMIT_REF_BYTES)
        return fail(err, ERR_TOO_LARGE, "the pin is longer than %d bytes", LIMIT_REF_BYTES);
    if (pin.text.len == 0 || str_is(pin.text, "latest")) {
        pin.kind = PIN_LATEST;
        pin.text = STR("latest");
    } else if (pin.text.len == SHA_DIGITS && is_hex(pin.text, SHA_DIGITS)) {
        pin.kind = PIN_SHA;
    } else if (semver_range_parse(arena, pin.text, &pin.range)) {
        pin.kind = PIN_RANGE;
    } else if (is_ref_name(pin.text)) {
        pin.kind = PIN_REF;
    } else {
        fail(err, ERR_INVALID, "'%.200s' is neither a ref nor a version range",
             text_safe(arena, pin.text));
        return fail_hint(err, "Use latest, a tag, a branch, a sha, or a range such as ^1.2.");
    }
    *out = pin;
    return true;
}

static bool choose(const PinRef *ref, PinChoice *out)
{
    SemVer version;
    Str prefix;
    *out = (PinChoice){.ref = ref->name, .sha = ref->sha, .kind = ref->kind};
    if (ref->kind == REF_TAG && semver_of_tag(ref->name, &version, &prefix)) {
        Str rest = str_slice(ref->name, prefix.len, ref->name.len);
        bool has_v = rest.data[0] == 'v' || rest.data[0] == 'V';
        out->version = str_slice(rest, has_v, rest.len);
    }
    return true;
}

static const PinRef *find_ref(const PinRef *refs, size_t count, RefKind kind, Str name)
{
    for (size_t i = 0; i < count; i++) {
        if (refs[i].kind == kind && str_equal(refs[i].name, name))
            return &refs[i];
    }
    return NULL;
}

static const PinRef *find_head(const PinRef *refs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (refs[i].kind == REF_HEAD)
            return &refs[i];
    }
    return NULL;
}

/* A tag before a branch; refs/tags/x and refs/heads/x say which. */
static const PinRef *find_named(const PinRef *refs, size_t count, Str text)
{
    static const Str tags = {"refs/tags/", 10};
    static const Str heads = {"refs/heads/", 11};
    if (str_is(text, "HEAD"))
        return find_head(refs, count);
    if (str_starts(text, tags))
        return find_ref(refs, count, REF_TAG, str_slice(text, tags.len, text.len));
    if (str_starts(text, heads))
        return find_ref(refs, count, REF_BRANCH, str_slice(text, heads.len, text.len));
    const PinRef *tag = find_ref(refs, count, REF_TAG, text);
    const PinRef *branch = tag ? tag : find_ref(refs, count, REF_BRANCH, text);
    const PinRef *head = find_head(refs, count);
    return branch ? branch : head && str_equal(head->name, text) ? head : NULL;
}

typedef struct {
    const PinRef *ref;
    SemVer version;
    Str prefix;
    bool mixed; /* tags of several prefixes fit */
} Best;

/* The fuller text wins among equals: v1.0.0 before v1. */
static bool is_better(const PinRef *ref, const SemVer *version, const Best *best)
{
    int order = best->ref ? semver_compare(version, &best->version) : 1;
    if (order != 0)
        return order > 0;
    if (ref->name.len != best->ref->name.len)
        return ref->name.len > best->ref->name.len;
    return str_compare(ref->name, best->ref->name) < 0;
}

static bool is_wanted(const Pin *pin, const SemVer *version)
{
    return pin->kind == PIN_RANGE ? semver_in_range(&pin->range, version) : version->pre.len == 0;
}

/* The highest version that fits, among plain tags or among those with a prefix. */
static Best find_best(const Pin *pin, const PinRef *refs, size_t count, bool plain)
{
    Best best = {0};
    for (size_t i = 0; i < count; i++) {
        SemVer version;
        Str prefix;
        if (refs[i].kind != REF_TAG || !semver_of_tag(refs[i].name, &version, &prefix) ||
            (prefix.len == 0) != plain || !is_wanted(pin, &version))
            continue;
        best.mixed = best.mixed || (best.ref && !str_equal(prefix, best.prefix));
        if (is_better(&refs[i], &version, &best))
            best = (Best){&refs[i], version, prefix, best.mixed};
    }
    return best;
}

static Best find_version(const Pin *pin, const PinRef *refs, size_t count)
{
    Best plain = find_best(pin, refs, count, true);
    return plain.ref ? plain : find_best(pin, refs, count, false);
}

/* A sha cut short, when only one commit among the refs starts with it. */
static const PinRef *find_short_sha(const PinRef *refs, size_t count, Str text)
{
    const PinRef *found = NULL;
    for (size_t i = 0; i < count && is_hex(text, SHORT_SHA_DIGITS); i++) {
        if (!str_starts(refs[i].sha, text))
            continue;
        if (found && !str_equal(found->sha, refs[i].sha))
            return NULL;
        found = &refs[i];
    }
    return found;
}

/* Lengths first: an upstream may have a million refs. */
static bool is_near(Str name, Str text)
{
    size_t longer = name.len > text.len ? name.len - text.len : text.len - name.len;
    size_t allowed = text.len / 3 < NEAR_EDITS ? text.len / 3 : NEAR_EDITS;
    return longer <= allowed && text_distance(name, text) <= allowed;
}

static bool refuse(const Pin *pin, const PinRef *refs, size_t count, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Buf near = buf_new(scratch);
    size_t shown = 0;
    for (size_t i = 0; i < count && shown < NEAR_SHOWN; i++) {
        if (!is_near(refs[i].name, pin->text))
            continue;
        buf_add_text(&near, shown++ ? ", " : "");
        buf_format(&near, "'%.80s'", text_safe(scratch, refs[i].name));
    }
    const PinRef *newest = find_version(&(Pin){.kind = PIN_LATEST}, refs, count).ref;
    fail(err, ERR_REF_NOT_FOUND, "no tag, branch or version fits '%.200s'",
         text_safe(scratch, pin->text));
    if (shown > 0)
        return fail_hint(err, "Did you mean %s?", buf_text(&near));
    if (newest)
        return fail_hint(err, "The newest release is '%.80s'.", text_safe(scratch, newest->name));
    return false;
}

static bool refuse_mixed(const Pin *pin, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    fail(err, ERR_INVALID, "'%.200s' fits tags of several packages", text_safe(scratch, pin->text));
    return fail_hint(err, "Pin one tag by its whole name.");
}

bool pin_choose(const Pin *pin, const PinRef *refs, size_t count, PinChoice *out, Error *err)
{
    if (pin->kind == PIN_SHA) {
        *out = (PinChoice){.ref = pin->text, .sha = pin->text, .kind = REF_HEAD};
        return true;
    }
    const PinRef *named = pin->kind == PIN_LATEST ? NULL : find_named(refs, count, pin->text);
    if (named)
        return choose(named, out);
    if (pin->kind != PIN_REF) {
        Best best = find_version(pin, refs, count);
        if (best.ref && !best.mixed)
            return choose(best.ref, out);
        if (best.ref && pin->kind == PIN_RANGE)
            return refuse_mixed(pin, err);
    }
    const PinRef *other =
        pin->kind == PIN_LATEST ? find_head(refs, count) : find_short_sha(refs, count, pin->text);
    return other ? choose(other, out) : refuse(pin, refs, count, err);
}
