#include "sync/missing.h"

#include "sync/upstream.h"
#include "sync/upstream_gather.h"

static Str key_of(Arena *arena, const BaseWanted *wanted)
{
    return str_of(arena_format(arena, "%.*s\n%.*s\n%.*s\n%.*s\n%s", STR_ARG(wanted->url),
                               STR_ARG(wanted->sha), STR_ARG(wanted->path),
                               STR_ARG(wanted->collection_path), hash_hex(&wanted->hash).text));
}

static BaseWanted keep(Arena *arena, const BaseWanted *wanted)
{
    return (BaseWanted){.artifact = arena_copy(arena, wanted->artifact),
                        .hash = wanted->hash,
                        .url = arena_copy(arena, wanted->url),
                        .sha = arena_copy(arena, wanted->sha),
                        .path = arena_copy(arena, wanted->path),
                        .collection_path = arena_copy(arena, wanted->collection_path)};
}

bool missing_note(Draft *draft, const BaseWanted *wanted, Error *err)
{
    Missing *missing = draft->missing;
    Str key = key_of(missing->arena, wanted);
    const ErrorNote *answer = missing->asked ? map_find(missing->asked, key) : NULL;
    if (answer && answer->code)
        return fail_noted(err, answer);
    if (!answer)
        ARRAY_PUSH(missing->arena, &missing->noted, keep(missing->arena, wanted));
    return hash_is_zero(&wanted->hash)
               ? fail(err, ERR_BASE_NOT_FOUND, "the upstream's commit is not on this machine")
               : fail(err, ERR_BASE_NOT_FOUND,
                      "the content of version %.12s is not on this machine",
                      hash_hex(&wanted->hash).text);
}

/* Repositories side by side; what comes of it is met again one by one. */
static bool gather(Workspace *ws, const Missing *missing, Error *err)
{
    UpstreamWant *wants = ARENA_ARRAY(missing->arena, UpstreamWant, missing->noted.count);
    size_t count = 0;
    for (size_t i = 0; i < missing->noted.count; i++) {
        const BaseWanted *wanted = &missing->noted.items[i];
        if (wanted->url.len && wanted->sha.len)
            wants[count++] = (UpstreamWant){.url = wanted->url, .pin = wanted->sha};
    }
    return upstream_gather(ws, wants, count, err);
}

static bool ask(Workspace *ws, const BaseWanted *wanted, Error *err)
{
    UpstreamChoice choice;
    return hash_is_zero(&wanted->hash) ? upstream_choose(ws, wanted->url, wanted->sha, &choice, err)
                                       : base_fetch(ws, wanted, err);
}

bool missing_ask(Workspace *ws, Missing *missing, Error *err)
{
    Arena *arena = missing->arena;
    if (!gather(ws, missing, err))
        return false;
    if (!missing->asked)
        missing->asked = map_new(arena, missing->noted.count);
    for (size_t i = 0; i < missing->noted.count; i++) {
        const BaseWanted *wanted = &missing->noted.items[i];
        ErrorNote *answer = ARENA_NEW(arena, ErrorNote);
        Error failed = {0};
        if (!ask(ws, wanted, &failed)) {
            if (failed.code == ERR_INTERRUPTED)
                return fail(err, ERR_INTERRUPTED, "interrupted");
            *answer = error_note(arena, &failed);
        }
        map_put(missing->asked, key_of(arena, wanted), answer);
    }
    missing->noted.count = 0;
    return true;
}
