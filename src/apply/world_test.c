#include "apply/world_test.h"

#include <stdio.h>

#include "base/fs.h"
#include "base/ids.h"

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    Host *host = context;
    const Str *found = map_find(host->content, hash_key(hash));
    if (!found)
        return fail(err, ERR_NOT_FOUND, "no such content");
    *out = arena_copy(arena, *found);
    return true;
}

static Hash host_put(Host *host, Str bytes)
{
    Str *kept = ARENA_NEW(host->arena, Str);
    *kept = arena_copy(host->arena, bytes);
    Hash *key = ARENA_NEW(host->arena, Hash);
    *key = hash_of(bytes);
    map_put(host->content, hash_key(key), kept);
    return *key;
}

static bool host_keep(void *context, Str bytes, const Hash *hash, Error *err)
{
    Host *host = context;
    (void)err;
    Hash actual = host_put(host, bytes);
    CHECK(hash_equal(&actual, hash));
    host->kept++;
    return true;
}

static bool host_sync(void *context, Error *err)
{
    Host *host = context;
    (void)err;
    if (host->before_commit)
        host->before_commit(host->context);
    host->before_commit = NULL;
    return true;
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    Host *host = context;
    if (host->at_finish)
        host->at_finish(host->context);
    host->at_finish = NULL;
    if (host->finish_fails)
        return fail(err, ERR_IO, "the database is away");
    host->finished++;
    host->failed = finish->failed;
    CHECK_STR(finish->payload, STR("payload"));
    return true;
}

static bool host_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err)
{
    (void)context;
    (void)err;
    *out = str_of(arena_format(arena, "amended %zu from %.*s", amend->failed.items[0],
                               STR_ARG(amend->new_bytes)));
    return true;
}

World *world_new(Test *t)
{
    World *w = ARENA_NEW(t->arena, World);
    *w = (World){.t = t, .host = {.arena = t->arena, .content = map_new(t->arena, 64)}};
    w->home = arena_format(t->arena, "%s/home", t->dir);
    w->written = -1;
    CHECK_OK(fs_make_root(w->home, 0700, &w->home_fd, &t->err));
    for (int i = 0; i < 2; i++) {
        w->path[i] = arena_format(t->arena, "%s/root%d", t->dir, i);
        CHECK_OK(fs_make_root(w->path[i], 0755, &w->fd[i], &t->err));
    }
    return w;
}

void world_close(World **w)
{
    fd_close(&(*w)->written);
    fd_close(&(*w)->home_fd);
    fd_close(&(*w)->fd[0]);
    fd_close(&(*w)->fd[1]);
}

static Mode mode_of(const char *text)
{
    if (!text)
        return MODE_NONE;
    return text[0] == '@' ? MODE_LINK : text[0] == '!' ? MODE_EXEC : MODE_FILE;
}

Hash world_hash(World *w, const char *text)
{
    if (!text)
        return (Hash){{0}};
    return host_put(&w->host, str_of(text + (text[0] == '@' || text[0] == '!')));
}

void world_change(World *w, int root, const char *path, const char *from, const char *to,
                  size_t group)
{
    ApplyEntry entry = {.path = str_of(path),
                        .old_mode = mode_of(from),
                        .old_hash = world_hash(w, from),
                        .new_mode = mode_of(to),
                        .new_hash = world_hash(w, to),
                        .group = group};
    ARRAY_PUSH(w->t->arena, &w->entries[root], entry);
}

bool world_run(World *w, Error *err)
{
    w->face = (ApplyHost){&w->host, host_read, host_keep, host_sync, host_finish, host_amend, NULL};
    ApplyRoot roots[2];
    size_t count = 0;
    for (int i = 0; i < 2; i++)
        if (w->entries[i].count)
            roots[count++] = (ApplyRoot){w->path[i], w->fd[i], ".weir", w->entries[i].items,
                                         w->entries[i].count};
    ApplySpec spec = {.home = w->home,
                      .home_fd = w->home_fd,
                      .id = id_new(w->t->arena),
                      .roots = roots,
                      .root_count = count,
                      .payload = STR("payload")};
    return apply_run(w->t->arena, &spec, &w->face, &w->result, err);
}

const char *world_all(Test *t)
{
    return test_shell(t,
                      "cd %s; find root0 root1 home ! -type d -printf '%%p %%y %%m %%l|' "
                      "\\( ! -type f -o -exec cat {} \\; \\) -printf '\\n' | LC_ALL=C sort",
                      t->dir);
}

bool world_recover(World *w, Error *err)
{
    w->face = (ApplyHost){&w->host, host_read, host_keep, host_sync, host_finish, host_amend, NULL};
    return apply_recover(w->t->arena, w->home, w->home_fd, 50, &w->face, &w->recovery, err);
}
